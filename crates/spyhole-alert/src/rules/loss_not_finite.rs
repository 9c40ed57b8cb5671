use spyhole_protocol::Severity;

use super::not_finite;
use crate::Rule;

pub(super) fn rule() -> Rule {
    Rule::not_finite("loss-not-finite", "train:*", Severity::Critical)
        .title("no longer a number")
        .sentence("{metric} of the whole epoch is NaN or infinite")
        .unless(not_finite::ID)
        .meaning(
            "A value that the training reports, the loss for example, is NaN or infinite. Gradients of such a \
             loss are NaN, and so are the weights after a step with them.",
        )
        .cause("The learning rate is too high, and the training has diverged.")
        .cause("A division by zero, or a logarithm of zero, in the loss.")
        .cause("NaN or infinite values in the images or labels.")
        .advice("Lower the learning rate, by 3 to 10 times, or warm it up over the first epochs.")
        .advice("Clip the gradients.")
        .advice("Compute the loss from logits instead of probabilities, or add a small constant inside logarithms.")
        .advice("If only this metric is undefined (a class without examples, for example) and the loss is fine: silence this rule or narrow it to `metric = \"train:Loss\"`.")
}
