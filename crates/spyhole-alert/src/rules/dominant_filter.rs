use super::not_finite;
use crate::{Hint, Rule, statistic};

/// The filters of a gate are not to be compared with each other: each is for a channel of its own, and those that stand still
/// keep the size that they began with. Layers of single numbers are left out.
pub(super) fn rule() -> Rule {
    Rule::at_least("dominant-filter", statistic::DOMINANCE)
        .title("one filter dominates")
        .sentence("The largest filter of {layer} is {value} times as large as the median one")
        .warning(5.0)
        .clear(4.0)
        .patience(2, 2)
        .warm_up(2, 0.0)
        .layers_of_planes()
        .unless(not_finite::ID)
        .meaning(
            "One filter's weights are so much larger than those of the others that its map can drown theirs \
             out, unless a normalisation follows. What leans on a single feature changes with every small \
             change of it.",
        )
        .cause("The learning rate is too high for this layer: one filter has run away.")
        .cause("The inputs are not normalised, so that one direction of the pixels outweighs all others.")
        .cause("Most of the other filters have been shrunk to almost nothing by weight decay.")
        .advice("Subtract the mean of the images and divide by their deviation.")
        .advice("Limit the size of each filter: renormalise filters whose root mean square exceeds a fixed radius (Zeiler & Fergus 2013), or use weight decay.")
        .advice("Lower the learning rate or clip the gradients.")
        .hint(
            Hint::new("The filter is also far larger than the initial weights were: it has grown, the others are not merely small.")
                .when_at_least(statistic::GROWTH, 5.0),
        )
        .hint(
            Hint::new("It is not much larger than the initial weights were: the other filters are smaller, as strong weight decay makes them.")
                .when_at_most(statistic::GROWTH, 1.5),
        )
}
