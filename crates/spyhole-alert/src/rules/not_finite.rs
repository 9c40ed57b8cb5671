use crate::{Rule, statistic};

pub(super) const ID: &str = "not-finite";

/// At once, in the untrained model too, and about the whole network: what is behind the first place means nothing.
pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::NOT_FINITE_PLACES)
        .title("not finite from here on")
        .sentence("Numbers that are NaN or infinite begin at {place}; such places in all: {value}")
        .critical(1.0)
        .meaning(
            "A parameter of the network, or what it computes from a probe image, is NaN or infinite. What is \
             computed from it is not finite either, or zero where a rectifier or a maximum swallows a NaN, and looks \
             dead then. A gradient step does not make NaN finite again.",
        )
        .cause("The learning rate is too high and the weights have overflowed.")
        .cause("A division by zero, or a logarithm or root of zero or less, in the loss or in a layer.")
        .cause("NaN or infinite values in the training's images or labels.")
        .cause("Images that are not normalised, or weights so large that products of both overflow.")
        .cause("Half-precision numbers without scaling of the loss.")
        .advice("Look at the place that is named first: what is behind it follows from it.")
        .advice("Stop, go back to a checkpoint from before this epoch, and lower the learning rate, by 3 to 10 times.")
        .advice("Clip the gradients (to a norm of 1, for example) or warm the learning rate up over the first epochs.")
        .advice("Check one batch of inputs and labels for values that are not finite.")
}
