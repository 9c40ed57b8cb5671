use spyhole_protocol::Severity;

use super::{dead_filters, weights_not_finite};
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "dead-maps";

pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::DEAD_MAPS)
        .title("feature maps are dead")
        .sentence("{value} of {layer}'s feature maps are zero on every probe image")
        .warning(0.10)
        .critical(0.50)
        .clear(0.05)
        .patience(2, 2)
        .after_early_epochs()
        .unless(weights_not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .meaning(
            "No probe image excites these maps anywhere. They pass nothing on, and behind a ReLU they get \
             no gradient, so they are unlikely to recover: the layer is narrower than it looks.",
        )
        .cause("The learning rate is or was too high: a large step pushed biases below zero.")
        .cause("Biases or the shift of a batch normalisation that are far below zero.")
        .cause("The probe images are too few or too alike to show what these maps respond to.")
        .advice("Lower the learning rate or warm it up over the first epochs.")
        .advice("Use a leaky ReLU or GELU, or put a batch normalisation before the ReLU.")
        .advice("Give more varied probe images, 64 or more with every class among them, before you believe in single dead maps.")
        .advice("If accuracy is fine, the layer can be made narrower.")
        .hint(
            Hint::new("Filters of this layer no longer get a gradient, too: the maps will not come back by themselves.")
                .when_at_least(statistic::DEAD_FILTERS, 0.1),
        )
}
