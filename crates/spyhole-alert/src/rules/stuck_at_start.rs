use super::{dead_filters, not_finite};
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "stuck-at-start";

/// A warning and never critical, for the reading of a layer that was frozen on purpose is the same where the model does
/// not say so (left out of the optimizer, say), and fine-tuning must not be stopped for it.
pub(super) fn rule() -> Rule {
    Rule::at_most(ID, statistic::DISTANCE_FROM_START)
        .title("hardly moved from its start")
        .sentence("{layer}'s weights are {value} of their size away from where they began")
        .warning(1e-3)
        .clear(2e-3)
        .patience(2, 1)
        .after_early_epochs()
        .trained_layers()
        .unless(not_finite::ID)
        .unless(dead_filters::ID)
        .meaning(
            "The layer's filters are still what they were before the training, up to a thousandth. What the \
             layers behind it learn, they learn on top of these initial filters.",
        )
        .cause("The learning rate is zero or far too low, for the whole network or for this group of parameters.")
        .cause("The optimizer does not have its parameters, or they were frozen after the training had begun.")
        .cause("The layer is not connected to the loss.")
        .cause("The gradient vanishes on its way down: many layers without normalisation or skip connections, or saturated activations.")
        .advice("Print the learning rate, and check that the layer requires gradients and that the optimizer has its parameters.")
        .advice("Raise the learning rate, ten times at first, and watch the update ratio: about a thousandth per step is usual.")
        .advice("Add batch normalisation or skip connections, or replace sigmoid and tanh by ReLU.")
        .advice("If it is to stay as it is, freeze it before the training (`freeze()`), which this rule knows; or leave it out: `layers = [...]`.")
        .hint(
            Hint::new("It has not moved at all.")
                .when_at_most(statistic::DISTANCE_FROM_START, 0.0),
        )
        .hint(
            Hint::new("It moves in the same direction every epoch, only slowly: a higher learning rate may be all that it needs.")
                .when_at_least(statistic::STEP_COSINE, 0.5)
                .when_at_least(statistic::DISTANCE_FROM_START, f64::MIN_POSITIVE),
        )
}
