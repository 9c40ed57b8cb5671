//! Watching a training of burn-train.

mod launch;
mod metrics;
mod tee;
mod watched;

pub use launch::LaunchWatched;
pub use watched::Watched;
