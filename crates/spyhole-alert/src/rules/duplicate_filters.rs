use spyhole_protocol::Severity;

use super::{dead_filters, not_finite, stuck_at_start};
use crate::{Hint, Rule, statistic};

/// The share is an engineering choice, not a published one. Random filters do not reach |cos| > .95
/// from three taps on, so what it counts is real. Channels that a gate opens alike waste nothing: layers of single numbers
/// are left out.
pub(super) fn rule() -> Rule {
    Rule::at_least("duplicate-filters", statistic::DUPLICATE_FILTERS)
        .title("filters repeat each other")
        .sentence("{value} of {layer}'s filters are nearly the same as another one, up to sign")
        .warning(0.25)
        .clear(0.20)
        .patience(3, 2)
        .after_early_epochs()
        .layers_of_planes()
        .unless(not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .unless(stuck_at_start::ID)
        .meaning(
            "Several filters compute the same thing. The network is smaller than it looks: the layer's \
             capacity is wasted, and so is the time to compute it.",
        )
        .cause("The layer is wider than the task needs.")
        .cause("Filters were initialised alike, and nothing has driven them apart.")
        .cause("Strong weight decay, or a dominating direction in images that are not normalised, pulls filters to the same pattern.")
        .advice("Make the layer narrower: by the share of duplicates, to begin with.")
        .advice("Check that the initialisation is random per filter.")
        .advice("Normalise the images per channel; use more varied augmentation or dropout.")
        .hint(
            Hint::new("Many feature maps look like the grey input: these filters pass the image on.")
                .when_at_least(statistic::INPUT_COPIES, 0.25),
        )
        .hint(
            Hint::new("Few basic patterns are left among the layer's kernels.")
                .when_at_most(statistic::VARIANCE_ENTROPY, 0.2),
        )
}
