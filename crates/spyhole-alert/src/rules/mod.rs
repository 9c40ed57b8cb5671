//! The default rules, one per file.

mod copies_of_input;
mod dead_filters;
mod dead_maps;
mod dominant_filter;
mod duplicate_filters;
mod growing_weights;
mod loss_not_finite;
mod noisy_filters;
mod noisy_layer;
mod not_finite;
mod saturated_maps;
mod stuck_at_start;

use crate::rule::{Rule, WarmUp};

/// The default rules. Those that explain others come first: the first that applies has the word.
#[must_use]
pub fn defaults() -> Vec<Rule> {
    vec![
        not_finite::rule(),
        loss_not_finite::rule(),
        dead_filters::rule(),
        stuck_at_start::rule(),
        dominant_filter::rule(),
        growing_weights::rule(),
        duplicate_filters::rule(),
        noisy_filters::rule(),
        noisy_layer::rule(),
        dead_maps::rule(),
        saturated_maps::rule(),
        copies_of_input::rule(),
    ]
}

/// Before this, healthy layers too look as they were initialised.
const EARLY: WarmUp = WarmUp { epochs: 5, share: 0.1 };

impl Rule {
    fn after_early_epochs(self) -> Self {
        self.warm_up(EARLY.epochs, EARLY.share)
    }
}
