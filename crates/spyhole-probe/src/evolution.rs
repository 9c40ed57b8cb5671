//! How a layer changes over the epochs, and when it has settled.
//!
//! After every epoch an [`EvolutionReader`] takes an [`Impression`] of every layer: its [`Representation`] of the
//! probe images, the images that excite every map most, and some projections. An [`EvolutionWatch`] compares it
//! with earlier ones; a [`SettlingWatch`] says whether the layer has settled; [`order`] and [`statement`] say
//! whether lower layers settle before upper ones, which Zeiler & Fergus (2013, section 4.1) saw by eye.

mod bytes;
mod memory;
mod order;
mod plane;
mod projection;
mod reader;
mod representation;
mod settling;
mod statement;
#[cfg(test)]
mod tests;
mod tops;
mod watch;

pub use memory::REMEMBERED;
pub use order::{RESAMPLES, RankCorrelation, order};
pub(crate) use plane::largest;
pub use projection::{Pair, Picture, Projection};
pub use reader::{EvolutionReader, Impression};
pub use representation::Representation;
pub use settling::{
    LOUD_READINGS, QUIET_CHANGE, QUIET_READINGS, QUIET_SHARE, RESOLUTION, Reading, STILL,
    SettlingWatch, Standing,
};
pub use statement::statement;
pub(crate) use tops::jaccard;
pub use tops::{PERSISTENCE, TOP, TopImages, TopOverlap};
pub use watch::EvolutionWatch;

use crate::states::LayerState;

/// So many probe images are used, the first ones: with n images the cost grows as n². Fewer are allowed, and
/// make every reading less exact; [`LayerEvolution::floor`] says by how much.
pub const IMAGES: usize = 256;

/// With fewer images there is no unbiased CKA: every change is `None`. The floor needs twice as many, and a verdict
/// [`FEWEST_IMAGES`](crate::states::FEWEST_IMAGES).
pub const LEAST_IMAGES: usize = 4;

/// τ: a layer is close to what it is now when 1 − CKA is at most this share of what it was at the start. An
/// engineering choice.
pub const CLOSE: f64 = 0.2;

/// 1 − CKA with a remembered epoch may be off by so much, because that is kept in 8 bits: less is close anyhow.
pub const UNSURE: f64 = 1e-3;

/// A map is close to what it is now when the Jaccard index of its strongest images is at least this. An
/// engineering choice.
pub const SAME_IMAGES: f64 = 0.5;

/// How much a layer has changed, and how like it is to what it was in earlier epochs; all on the same probe
/// images. `None`: does not apply, or is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerEvolution {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The epoch of the impression before, which changes are measured from. `None` in the first.
    pub previous: Option<u32>,
    /// Why the layer's changes cannot be judged, [`Impression::state`]. `None`: by the probe images, they can.
    pub state: Option<LayerState>,
    /// v = 1 − CKA(now, before), divided by the number of epochs between: 0 not at all, 1 nothing in common. With
    /// a previous impression it is `None` for a layer that is or was dead, constant or not finite, and where the probe
    /// images are fewer than four, or alike.
    pub change: Option<f64>,
    /// How exact the change is: |v_even − v_odd|/2, from the probe images with even and with odd numbers. `None`
    /// with fewer than 8 images. A change that is not above it may be none at all.
    pub floor: Option<f64>,
    /// Mean over the maps of the Jaccard index of their strongest images, [`TopOverlap::jaccard`].
    pub top_overlap: Option<f64>,
    /// The same by ranks, [`TopOverlap::ranked`].
    pub top_rank_overlap: Option<f64>,
    /// Share of the maps whose strongest image is another one.
    pub jumps: Option<f64>,
    /// Mean over the followed maps of the cosine between projections of the same image now and before, less that
    /// for mismatched images: 0 is no more alike than any two, an unchanged map has 1 less the cosine of its two
    /// pictures.
    pub projection_similarity: Option<f64>,
    /// CKA with the remembered earlier epochs, oldest first; without those in which the layer was dead.
    pub to_earlier: Vec<(u32, f64)>,
    /// E(τ) = min{E : 1 − CKA(t, now) ≤ τ·(1 − CKA(0, now)) for all remembered t ≥ E}, τ = [`CLOSE`]; this very
    /// epoch if not even the last remembered one is close. `None` for a dead layer, and unless epoch 0 is
    /// remembered.
    pub close_since: Option<u32>,
    /// For every map that is live now the earliest remembered epoch from which on its strongest images have a
    /// Jaccard index of at least [`SAME_IMAGES`] with those now. `None`: there is none, it still changes.
    pub maps_close_since: Vec<Option<u32>>,
}
