//! What spyhole measures.
//!
//! Every analysis is a function of a recorded graph, weights, probe images and earlier results. None
//! touches files, sockets, threads or the clock, and none draws a random number without a seed: the
//! same input gives the same result.
//!
//! | what | where |
//! |---|---|
//! | a convolution's filters over the epochs: state, statistics, pictures | [`FilterWatch`] |
//! | is a filter more than noise? | [`smoothness`] |
//! | the strongest units, projected back to the pixels | [`FeatureSearch`] |
//! | a layer's feature maps: dead, saturated, copies of the image | [`ActivityReader`] |
//! | how much a layer changes, and when it has settled | [`evolution`] |
//! | what a square over the image hides | [`occlusion`] |
//! | the sweep over the probe images that these share | [`Pass`] |

pub mod activity;
mod crop;
mod error;
pub mod evolution;
mod features;
pub mod filters;
mod input;
pub mod occlusion;
mod pass;
mod random;
pub mod smoothness;
mod vector;

pub use activity::{ActivityReader, LayerActivity, Likeness};
pub use crop::{Crop, tile_window};
pub use error::ProbeError;
pub use evolution::{
    EvolutionReader, EvolutionWatch, Impression, LayerEvolution, RankCorrelation, Reading,
    Representation, SettlingState, SettlingWatch, Standing, order, statement,
};
pub use features::{
    FeatureSearch, FeatureSettings, LayerFeatures, Peak, Request, UnitFeature, peaks,
    read_features, spread,
};
pub use filters::{
    FilterPicture, FilterReading, FilterState, FilterWatch, LayerFilters, LayerStatistics, NullBand,
};
pub use input::input_correlation;
pub use occlusion::{
    Agreement, ClassOcclusion, Fill, LayerOcclusion, Occlusion, OcclusionCurve, OcclusionGrid,
    OcclusionRequest, agreement, fills_agree, map_projections, read_occlusion,
};
pub use pass::Pass;
