use super::noisy_filters::{self, why_noisy};
use crate::{Rule, statistic};

/// A layer in which no filter has learned anything that can be told from noise: for every layer, also where
/// the kernels are too small to judge single filters.
pub(super) fn rule() -> Rule {
    let rule = Rule::at_least("noisy-layer", statistic::STRUCTURE_P_VALUE)
        .title("looks like noise as a whole")
        .sentence("{layer} as a whole cannot be told from noise: random filters look as structured with probability {value}")
        .warning(0.01)
        .clear(0.005)
        .unless(noisy_filters::ID);
    why_noisy(rule)
        .meaning(
            "Taken together, the layer's filters show no more structure than random ones do: what it has \
             learned, if anything, does not show in how neighbouring weights agree.",
        )
}
