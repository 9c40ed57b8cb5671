use spyhole_protocol::Severity;

use super::{dead_filters, dead_maps, not_finite};
use crate::{Hint, Rule, statistic};

/// A gate that is open for every image is no trouble: layers of single numbers are left out.
pub(super) fn rule() -> Rule {
    Rule::at_least("saturated-maps", statistic::SATURATED_MAPS)
        .title("feature maps are saturated")
        .sentence("{value} of {layer}'s feature maps stand at their limit on nearly all probe images")
        .warning(0.10)
        .critical(0.50)
        .clear(0.05)
        .patience(2, 2)
        .after_early_epochs()
        .layers_of_planes()
        .unless(not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .unless_at(dead_maps::ID, Severity::Critical)
        .meaning(
            "These maps say nearly the same whatever the image. What the layers behind them see hardly \
             depends on these maps, and little gradient gets back through them.",
        )
        .cause("The layer's inputs or weights are too large for its activation function (tanh, sigmoid, a clipped ReLU).")
        .cause("The inputs are not normalised.")
        .cause("The learning rate is too high, or the initial weights were too large.")
        .advice("Normalise the images, and put a batch normalisation before the activation.")
        .advice("Replace tanh or sigmoid inside the network by ReLU.")
        .advice("Lower the learning rate, or initialise with smaller weights.")
        .hint(
            Hint::new("The layer's weights have grown to several times their initial size.")
                .when_at_least(statistic::GROWTH, 3.0),
        )
}
