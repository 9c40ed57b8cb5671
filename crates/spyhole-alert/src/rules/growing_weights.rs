use super::not_finite;
use crate::{Hint, Rule, statistic};

/// Critical: healthy trainings stay well below, and ten times the initial size is where overflow begins.
pub(super) fn rule() -> Rule {
    Rule::at_least("growing-weights", statistic::GROWTH)
        .title("weights have grown large")
        .sentence("The largest filter of {layer} is {value} times as large as the layer's initial weights")
        .critical(10.0)
        .clear(8.0)
        .patience(2, 2)
        .unless(not_finite::ID)
        .meaning(
            "A filter's weights have grown to many times the size that the layer started with. If they grow on, \
             outputs saturate or overflow.",
        )
        .cause("The learning rate is too high, or was not lowered as it should have been.")
        .cause("There is no weight decay, or (before a batch normalisation, where the size has no effect) nothing else that holds the weights.")
        .cause("The initial weights were much too small.")
        .advice("Lower the learning rate, by 3 to 10 times, and go back to a checkpoint from before the growth.")
        .advice("Clip the gradients; add weight decay (1e-4 to 5e-4 with SGD).")
        .advice("Check the initialisation: if it was tiny on purpose, raise this rule's threshold.")
        .hint(
            Hint::new("The weights change by more than half of their size per epoch, as with steps that are far too large.")
                .when_at_least(statistic::UPDATE_RATIO, 0.5),
        )
        .hint(
            Hint::new("Only single filters have grown: the largest is many times the size of the median one.")
                .when_at_least(statistic::DOMINANCE, 5.0),
        )
}
