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
//! | the patches of many images that every feature map answers most | [`units`] |
//! | how much a layer changes, and when it has settled | [`evolution`] |
//! | how a layer stands, or why that cannot be told | [`LayerState`] |
//! | what a square over the image hides | [`occlusion`] |
//! | do a layer's units mean more than random directions? | [`read_directions`] |
//! | pictures made from nothing that excite a map or a class | [`synthesise`] |
//! | the probe images as points in the plane, by a layer's features | [`embed`] |
//! | the sweep over the probe images that these share | [`Pass`] |

pub mod activity;
mod blur;
mod crop;
pub mod directions;
pub mod embedding;
mod error;
pub mod evolution;
mod features;
pub mod filters;
mod finite;
mod input;
pub mod occlusion;
mod pass;
mod progress;
mod random;
pub mod smoothness;
pub mod states;
pub mod synthesis;
pub mod units;
mod vector;

pub use activity::{
    ActivityReader, LayerActivity, LayerMaps, Likeness, MapPeak, MapPicture, MapReading,
    PlaneStatistics, read_maps,
};
pub use crop::{Crop, tile_window};
pub use directions::{DirectionSettings, LayerDirections, read_directions};
pub use embedding::{EmbeddingSettings, LayerEmbedding, embed};
pub use error::ProbeError;
pub use evolution::{
    EvolutionReader, EvolutionWatch, Impression, LayerEvolution, RankCorrelation, Reading,
    Representation, SettlingWatch, Standing, order, statement,
};
pub use features::{
    FeatureSearch, FeatureSettings, LayerFeatures, Peak, Request, UnitFeature, peaks,
    read_features, spread,
};
pub use filters::{
    FilterPicture, FilterReading, FilterState, FilterWatch, LayerFilters, LayerStatistics, NullBand,
};
pub use finite::{FiniteReader, Finiteness};
pub use input::input_correlation;
pub use occlusion::{
    Agreement, Fill, LayerOcclusion, Occlusion, OcclusionCurve, OcclusionGrid, OcclusionRequest,
    OutputMeaning, OutputOcclusion, agreement, fills_agree, map_projections, read_occlusion,
};
pub use pass::{Pass, groups};
pub use progress::Progress;
pub use states::{LayerState, Variety};
pub use synthesis::{SynthesisSettings, Synthetic, Target, strongest_natural, synthesise};
pub use units::{
    Hit, ImageId, ImageKey, LayerTops, MapTops, MapUnits, TopSearch, TopUnit, UnitPictures,
    UnitRequest, Verdict, churn, find_tops,
};
