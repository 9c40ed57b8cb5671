use crate::{Rule, statistic};

pub(super) const ID: &str = "weights-not-finite";

/// At once, in the untrained model too: nothing after it means anything.
pub(super) fn rule() -> Rule {
    Rule::at_least(ID, statistic::NOT_FINITE)
        .title("weights are not finite")
        .sentence("{value} of {layer}'s filters hold a weight that is NaN or infinite")
        .critical(f64::MIN_POSITIVE)
        .meaning(
            "Some weights have become NaN or infinite. Whatever is computed from them is NaN too, and no \
             further step repairs them: from here on the training is lost.",
        )
        .cause("The learning rate is too high and the weights have overflowed.")
        .cause("A division by zero, or a logarithm or root of zero, in the loss or in a layer.")
        .cause("NaN or infinite values in the images or labels.")
        .cause("Half-precision numbers without scaling of the loss.")
        .advice("Stop, go back to a checkpoint from before this epoch, and lower the learning rate, by 3 to 10 times.")
        .advice("Clip the gradients (to a norm of 1, for example) or warm the learning rate up over the first epochs.")
        .advice("Check one batch of inputs and labels for values that are not finite.")
}
