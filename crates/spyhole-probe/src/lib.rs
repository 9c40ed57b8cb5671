//! What spyhole measures.
//!
//! Every analysis is a function of a recorded graph, weights, probe images and earlier results. None
//! touches files, sockets, threads or the clock, and none draws a random number without a seed: the
//! same input gives the same result.

mod crop;
mod error;
mod features;
mod filters;
pub mod smoothness;

pub use crop::{Crop, tile_window};
pub use error::ProbeError;
pub use features::{
    FeatureSettings, LayerFeatures, Peak, Request, UnitFeature, peaks, read_features, spread,
};
pub use filters::{LayerFilters, read_filters};
