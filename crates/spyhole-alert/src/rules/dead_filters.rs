use super::not_finite;
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "dead-filters";

/// Says what was measured, for what it comes from is not: no gradient, no step of the optimizer, and a learning rate of
/// zero leave the weights alike. The warm-up is short, because a filter counts only after two epochs without a change.
/// Behind a global mean about half of the rectified units of a random start answer no image, never change, and do no
/// harm: such layers are left out.
pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::DEAD_FILTERS)
        .title("filters stand still")
        .sentence("{value} of {layer}'s filters have stood still for two epochs or longer: unchanged, only shrunk as by weight decay, or all zeros")
        .warning(0.10)
        .critical(0.50)
        .clear(0.05)
        .patience(2, 2)
        .warm_up(2, 0.0)
        .layers_of_planes()
        .unless(not_finite::ID)
        .meaning(
            "These filters do not learn at present: epoch after epoch their weights stay as they are. What they \
             compute may be of use none the less; but if it is not, it stays so.",
        )
        .cause("The learning rate is zero, or so small that no weight changes (a schedule that has come to its end).")
        .cause("The optimizer does not have these parameters, or they were frozen after the training had begun.")
        .cause("The layer is not connected to the loss.")
        .cause("The ReLU behind these filters is zero for every training image, so that no gradient passes: after a step that was too large, or with biases far below zero.")
        .cause("The weights are all zeros: initialised so, or removed by strong weight decay.")
        .advice("Print the learning rate of this epoch, and check that the optimizer has the layer's parameters.")
        .advice("If only some filters of a layer stand still: lower the learning rate or warm it up over the first epochs, and train anew; filters behind a ReLU that is always zero seldom come back.")
        .advice("Put a batch normalisation before the ReLU, or use a leaky ReLU.")
        .advice("Initialise with He's (Kaiming's) rule and biases of zero.")
        .advice("If the layer is to stay as it is, freeze it before the training (`freeze()`), or leave it out: `layers = [...]` in this rule.")
        .hint(
            Hint::new(
                "None of the layer's weights has changed since the training began: look at the learning rate, at what the optimizer has, and at whether the layer is connected to the loss.",
            )
            .when_at_most(statistic::DISTANCE_FROM_START, 0.0),
        )
        .hint(
            Hint::new("Many of the layer's feature maps are silent on all probe images as well.")
                .when_at_least(statistic::DEAD_MAPS, 0.1),
        )
}
