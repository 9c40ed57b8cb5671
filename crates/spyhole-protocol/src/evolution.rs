use serde::{Deserialize, Serialize};

use crate::LayerState;

/// How much a layer has changed since the snapshot before, and how like it is to what it was in earlier
/// epochs. All on the same probe images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerEvolution {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The layer's name, as in [`Layer::name`](crate::Layer::name).
    pub layer: String,
    /// How the layer stands after this epoch, as in [`Settling`], or why that cannot be told. Left out while there is
    /// nothing to compare with, and by writers that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub state: Option<LayerState>,
    /// The epoch of the snapshot before, which the changes are measured from; `None` in the first.
    pub previous: Option<u32>,
    /// v = 1 − CKA(this epoch, the one before), per epoch between the two: how much the layer's
    /// representation of the probe images changes. 0: not at all, 1: nothing in common. `None` in the first
    /// snapshot, and where there is nothing to compare: the state says why.
    pub change: Option<f64>,
    /// How exact `change` is: half the difference between the two halves of the probe images.
    pub floor: Option<f64>,
    /// ‖W_t − W_{t−1}‖/‖W_{t−1}‖ of the layer's weights. `None` in the first snapshot and for a layer
    /// without filters.
    pub weight_change: Option<f64>,
    /// Mean over the live maps of the Jaccard index of a map's nine strongest images now and before: 1:
    /// the same, 0: all others.
    pub top_overlap: Option<f64>,
    /// The same as rank-biased overlap (p = .8), which counts the first places most.
    pub top_rank_overlap: Option<f64>,
    /// Share of the live maps whose strongest image is another one than before.
    pub jumps: Option<f64>,
    /// Mean over the followed maps of the cosine between the projections of a fixed image now and before,
    /// less the cosine for mismatched images. An unchanged map reads 1 less what any two of its pictures
    /// have in common; 0: no more alike than any two.
    pub projection_similarity: Option<f64>,
    /// CKA of this epoch with earlier ones that are remembered, oldest first; at most 33. It says, looking
    /// back, how far the layer was from what it is now.
    pub to_earlier: Vec<EpochSimilarity>,
    /// The earliest epoch from which on the layer has stayed close to what it is now: 1 − CKA ≤ .2 of
    /// what it was at the start, looking back over the remembered epochs. `None` if not known.
    pub close_since: Option<u32>,
    /// The same by the maps' strongest images: the median, over the live maps, of the earliest remembered
    /// epoch from which on at least half of a map's nine strongest images (by the Jaccard index) were what
    /// they are now. `None` if that holds for less than half of the maps.
    pub top_close_since: Option<u32>,
}

/// Likeness to an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EpochSimilarity {
    /// The epoch.
    pub epoch: u32,
    /// Unbiased linear CKA: 1 for the same representation up to rotation and scale, about 0 for unrelated
    /// ones (it may be slightly below).
    pub similarity: f64,
}

/// Which layers have settled, after an epoch. Recorded when something has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Settling {
    /// The epoch after which this holds.
    pub epoch: u32,
    /// The layers, in the order in which the model computes them.
    pub layers: Vec<LayerSettling>,
    /// Rank correlation (Kendall's τ-b) of settling epoch and depth; positive: lower layers settled first.
    /// Of the layers with a verdict: those that are moving, have settled or have moved again; one that has not settled
    /// counts as later than all that have. `None` with fewer than three of them, or when all are level.
    pub order: Option<RankCorrelation>,
    /// All of it in a sentence: `lower layers settled first: conv1 at 4, conv2 at 9, conv3 not yet`.
    pub statement: String,
}

/// A rank correlation with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RankCorrelation {
    /// −1 to 1.
    pub value: f64,
    /// Lower end of the 95 % interval, by bootstrap over the feature maps.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Whether a layer has settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerSettling {
    /// The layer's name.
    pub layer: String,
    /// How it stands, or why that cannot be told.
    pub state: LayerState,
    /// The epoch in which it settled, for a layer that has.
    pub since: Option<u32>,
    /// How often it had settled and moved again.
    pub moved_again: u32,
}
