//! The health of a convolution's filters over the epochs.

mod bands;
mod cosines;
mod diversity;
pub(crate) mod eigen;
mod picture;
mod reading;
mod watch;

pub use bands::NullBand;
pub use picture::FilterPicture;
pub use watch::FilterWatch;

use crate::crop::Crop;
use crate::smoothness::NullModel;

/// A filter that is more like another one than this, up to sign, is a duplicate. Where so few taps make
/// larger cosines by chance, the limit is the 99 % quantile of the largest |cos| of random filters instead.
pub const DUPLICATE_COSINE: f64 = 0.95;

/// A filter that has moved by less than this share of its initial norm is stuck.
pub const STUCK_DISTANCE: f64 = 1e-3;

/// No filter is called stuck before this epoch: the first may be all warm-up of the learning rate.
pub const STUCK_FROM_EPOCH: u32 = 2;

/// A filter with more than this many times the RMS of the layer's median filter is exploding.
pub const DOMINANT: f64 = 5.0;

/// A filter with more than this many times the layer's initial RMS is exploding.
pub const GROWN: f64 = 10.0;

/// A step that is this much in the direction of the weights, backwards, is weight decay and nothing else.
pub const DECAY_COSINE: f64 = -0.99;

/// So many snapshots running without a change, or with a step that weight decay alone explains, and a filter stands
/// still.
pub const IDLE_SNAPSHOTS: u32 = 2;

/// What is to be said of a filter: the first that applies, in this order. Smooth is not healthy (dead
/// networks and random labels give smooth filters), so the other states come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilterState {
    /// A weight is NaN or infinite.
    NotFinite,
    /// All weights are zero.
    Zero,
    /// In [`IDLE_SNAPSHOTS`] snapshots running it has not moved at all, or only shrunk without turning, as weight decay
    /// alone makes it (the cosine between its step and itself is below [`DECAY_COSINE`]). Not said of weights that are
    /// frozen.
    Still,
    /// ‖W − W₀‖ < [`STUCK_DISTANCE`]·‖W₀‖, from epoch [`STUCK_FROM_EPOCH`] on, in trained weights.
    Stuck,
    /// Its RMS is more than [`DOMINANT`] times the layer's median, or [`GROWN`] times the layer's initial one.
    Exploding,
    /// |cos| with another filter of its group is above [`DUPLICATE_COSINE`].
    Duplicate,
    /// Not distinguishable from independent random weights.
    NoiseLike,
    /// Significant structure that alternates from tap to tap.
    Oscillating,
    /// Significant structure, and neighbouring taps agree.
    Smooth,
    /// The smoothness test does not apply, and nothing else is the matter.
    NotJudged,
}

impl FilterState {
    /// Whether the filter is counted as dead: zero, or standing still.
    pub(crate) fn is_dead(self) -> bool {
        matches!(self, Self::Zero | Self::Still)
    }
}

/// One filter's reading. `None`: it cannot be computed, or is not known yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterReading {
    /// The first that applies.
    pub state: FilterState,
    /// Q, the smoothness statistic; see [`smoothness`](crate::smoothness).
    pub q: Option<f64>,
    /// Probability that noise reaches this Q.
    pub p_value: Option<f64>,
    /// Signed correlation of neighbouring taps.
    pub r1: Option<f64>,
    /// Root mean square of the weights, in their units.
    pub rms: Option<f64>,
    /// ‖W_t − W_{t−1}‖/‖W_{t−1}‖ since the snapshot before. `None` in the first snapshot.
    pub change: Option<f64>,
    /// ‖W_t − W₀‖/‖W₀‖. `None` without W₀.
    pub distance: Option<f64>,
    /// The filter that it is a duplicate of: the one most like it.
    pub duplicate_of: Option<usize>,
}

/// A convolution's weights in numbers. Sums over a layer take filters with finite weights only. A *live*
/// filter is neither zero, nor does it stand still, nor is it not finite. `None`: does not apply to the layer, or is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerStatistics {
    /// Share of filters with a weight that is NaN or infinite, 0 to 1.
    pub not_finite: Option<f64>,
    /// Share of filters that are [zero](FilterState::Zero) or stand [still](FilterState::Still), 0 to 1.
    pub dead_filters: Option<f64>,
    /// ‖W − W₀‖/‖W₀‖. Near 0 after many epochs: the layer does not learn.
    pub distance_from_start: Option<f64>,
    /// The largest filter's RMS over the median one's (zeros apart), ≥ 1. Above [`DOMINANT`] one filter drowns
    /// the others.
    pub dominance: Option<f64>,
    /// The largest filter's RMS over the layer's initial RMS. Above [`GROWN`]: exploding.
    pub growth: Option<f64>,
    /// Share of live filters with a duplicate, 0 to 1: what the layer could do without.
    pub duplicate_filters: Option<f64>,
    /// The largest |cos| between two filters of a group, 0 to 1.
    pub max_cosine: Option<f64>,
    /// φ: share of live filters that look like noise, 0 to 1; ½ or more after warm-up is bad. `None` with any
    /// [`Caution`](crate::smoothness::Caution).
    pub noise_share: Option<f64>,
    /// Probability that a layer of noise looks as structured as the live filters do.
    pub structure_p_value: Option<f64>,
    /// ‖W_t − W_{t−1}‖/‖W_{t−1}‖ between snapshots.
    pub update_ratio: Option<f64>,
    /// cos(ΔW_t, ΔW_{t−1}), −1 to 1. Below 0: the steps of an epoch undo those of the one before.
    pub step_cosine: Option<f64>,
    /// c²: mean over filters of cos²(w_t, w₀), 0 to 1; 1/N for weights that have nothing to do with the
    /// initial ones.
    pub start_alignment: Option<f64>,
    /// φ of what training has added: of w_t without its component along w₀.
    pub residual_noise_share: Option<f64>,
    /// Root mean square of the weights, in their units.
    pub rms: Option<f64>,
    /// Share of kernels with all |w| ≤ max|w|/100, 0 to 1 (Gavrikov & Keuper 2022).
    pub sparsity: Option<f64>,
    /// −Σ p·log₁₀ p over the shares of variance of the kernels' principal components: 0 for one pattern,
    /// log₁₀(kh·kw) for noise (Gavrikov & Keuper 2022).
    pub variance_entropy: Option<f64>,
    /// 1 − mean |cos| between filters of a group, 0 to 1 (Gavrikov & Keuper 2022).
    pub orthogonality: Option<f64>,
}

impl LayerStatistics {
    /// All, by the names under which they are recorded.
    pub fn named(&self) -> [(&'static str, Option<f64>); 17] {
        [
            ("not_finite", self.not_finite),
            ("dead_filters", self.dead_filters),
            ("distance_from_start", self.distance_from_start),
            ("dominance", self.dominance),
            ("growth", self.growth),
            ("duplicate_filters", self.duplicate_filters),
            ("max_cosine", self.max_cosine),
            ("noise_share", self.noise_share),
            ("structure_p_value", self.structure_p_value),
            ("update_ratio", self.update_ratio),
            ("step_cosine", self.step_cosine),
            ("start_alignment", self.start_alignment),
            ("residual_noise_share", self.residual_noise_share),
            ("rms", self.rms),
            ("sparsity", self.sparsity),
            ("variance_entropy", self.variance_entropy),
            ("orthogonality", self.orthogonality),
        ]
    }
}

/// A convolution's filters in a snapshot.
#[derive(Clone, Debug)]
pub struct LayerFilters {
    /// Path of the parameter.
    pub parameter: String,
    /// What the pictures show.
    pub picture: FilterPicture,
    /// One picture per filter, in units of the weights.
    pub pictures: Vec<Crop>,
    /// One reading per filter.
    pub readings: Vec<FilterReading>,
    /// The layer in numbers.
    pub statistics: LayerStatistics,
    /// What the smoothness readings are compared with.
    pub null: NullModel,
}

impl LayerFilters {
    /// By statistic, the filters that it found; those that found none are left out.
    pub fn units(&self) -> Vec<(&'static str, Vec<usize>)> {
        let with = |wanted: &dyn Fn(&FilterReading) -> bool| -> Vec<usize> {
            let numbered = self.readings.iter().enumerate();
            numbered.filter(|(_, reading)| wanted(reading)).map(|(filter, _)| filter).collect()
        };
        let in_state = |state| with(&move |reading| reading.state == state);
        let mut units = vec![
            ("not_finite", in_state(FilterState::NotFinite)),
            ("dead_filters", with(&|reading| reading.state.is_dead())),
            ("distance_from_start", in_state(FilterState::Stuck)),
            ("dominance", in_state(FilterState::Exploding)),
            ("duplicate_filters", with(&|reading| reading.duplicate_of.is_some())),
            ("noise_share", in_state(FilterState::NoiseLike)),
        ];
        units.retain(|(_, filters)| !filters.is_empty());
        units
    }
}
