use spyhole_protocol::Severity;

use super::{dead_filters, not_finite};
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "dead-maps";

/// Behind a global mean, a rectified unit of a random start is zero on all images about every other time, for the means
/// of images hardly differ; a gate works with the other half. So layers of single numbers are left out.
pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::DEAD_MAPS)
        .title("feature maps are zero on all probe images")
        .sentence("{value} of {layer}'s feature maps are zero at every position of every probe image")
        .warning(0.10)
        .critical(0.50)
        .clear(0.05)
        .patience(2, 2)
        .after_early_epochs()
        .layers_of_planes()
        .unless(not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .meaning(
            "No probe image excites these maps anywhere. If the training images do not either, the maps pass \
             nothing on and behind a ReLU get no gradient: the layer is narrower than it looks. With n probe \
             images, a map that is zero on all of them may still answer up to 3/n of all images.",
        )
        .cause("The learning rate is or was too high: a large step pushed biases below zero.")
        .cause("Biases or the shift of a batch normalisation that are far below zero.")
        .cause("The probe images are too few or too alike to show what these maps respond to.")
        .advice("Lower the learning rate or warm it up over the first epochs.")
        .advice("Use a leaky ReLU or GELU, or put a batch normalisation before the ReLU.")
        .advice("Give more varied probe images, 64 or more with every class among them, before you believe in single dead maps.")
        .advice("If accuracy is fine, the layer can be made narrower.")
        .hint(
            Hint::new("Filters of this layer stand still, too, as they do where no training image excites their maps.")
                .when_at_least(statistic::DEAD_FILTERS, 0.1),
        )
}
