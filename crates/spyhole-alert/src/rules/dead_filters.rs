use super::weights_not_finite;
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "dead-filters";

/// The warm-up is short, because a filter counts as dead only after two epochs without a gradient.
pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::DEAD_FILTERS)
        .title("filters are dead")
        .sentence("{value} of {layer}'s filters no longer learn: their weights are zero, or no gradient reaches them")
        .warning(0.10)
        .critical(0.50)
        .clear(0.05)
        .patience(2, 2)
        .warm_up(2, 0.0)
        .unless(weights_not_finite::ID)
        .meaning(
            "These filters get no gradient, so they will stay as they are: at best weight decay shrinks \
             them. The layer works with the rest; if most are dead, little of the image gets past it.",
        )
        .cause("The learning rate is or was too high: one large step moved biases so far that the ReLU never fires.")
        .cause("The layer is frozen, or not connected to the loss.")
        .cause("The weights were initialised with zeros, or biases far below zero.")
        .cause("Weight decay is so strong that it has removed the filters.")
        .advice("Lower the learning rate or warm it up over the first epochs, and train anew: dead filters seldom come back.")
        .advice("Put a batch normalisation before the ReLU, or use a leaky ReLU.")
        .advice("Initialise with He's (Kaiming's) rule and biases of zero.")
        .advice("If the layer is frozen on purpose, leave it out: `layers = [...]` in this rule.")
        .hint(
            Hint::new(
                "None of the layer's weights has ever changed: it is frozen, or not connected to the loss.",
            )
            .when_at_most(statistic::DISTANCE_FROM_START, 0.0),
        )
        .hint(
            Hint::new("Many of the layer's feature maps are silent on all probe images as well.")
                .when_at_least(statistic::DEAD_MAPS, 0.1),
        )
}
