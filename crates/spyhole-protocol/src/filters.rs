use serde::{Deserialize, Serialize};

use crate::Atlas;

/// A convolution's filters after an epoch, with their noise statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerFilters {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
    /// continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
    /// the epoch's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub step: Option<u64>,
    /// The layer's name, as in [`Layer::name`](crate::Layer::name).
    pub layer: String,
    /// The convolution's parameter path, `stem.conv.weight` for example.
    pub parameter: String,
    /// What the tiles show.
    pub picture: FilterPicture,
    /// Tile `i` shows filter `i`; mid-grey is zero.
    pub atlas: Atlas,
    /// Every tile's white and black stand for plus and minus this weight (the largest absolute finite
    /// value of any tile), so that filters can be compared with each other.
    pub scale: f32,
    /// The readings of the filters, in order.
    pub readings: FilterReadings,
    /// What the smoothness readings are compared with, the same for all filters of the layer.
    pub test: SmoothnessTest,
}

/// How a filter `[C, kh, kw]` is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FilterPicture {
    /// As it is: one grey or three colour channels, because it looks at the image itself.
    Weights,
    /// The pattern `[kh, kw]` that explains most of its `C` kernels: the first right singular vector of
    /// the matrix `[C, kh·kw]`, times its singular value over √C, with the sign that makes the
    /// kernels' weights on it sum to a positive number.
    DominantPattern,
}

/// The readings of a layer's filters: one entry per filter in every list. `None` is what could not be
/// computed. Numbers carry four significant digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FilterReadings {
    /// The verdict in a word, the first that applies in the order of [`FilterState`].
    pub state: Vec<FilterState>,
    /// Q: the two-dimensional Ljung–Box statistic of the filter's weights. Independent weights read
    /// about 4 (the number of lags); larger is more structured.
    pub q: Vec<Option<f32>>,
    /// Probability that independent random weights reach this Q or more.
    pub p_value: Vec<Option<f32>>,
    /// r1: correlation of neighbouring weights. 0 for noise, positive for smooth filters, negative for
    /// filters that alternate from pixel to pixel.
    pub r1: Vec<Option<f32>>,
    /// Root mean square of the weights. `None` if a weight is not finite.
    pub rms: Vec<Option<f32>>,
    /// Relative change since the snapshot before, ‖ΔW‖/‖W‖. `None` in the first snapshot.
    pub change: Vec<Option<f32>>,
    /// Distance from the initial weights, ‖W − W₀‖/‖W₀‖. `None` if those are not known.
    pub distance: Vec<Option<f32>>,
    /// The other filter that this one is most like, up to sign, if |cos| is above .95.
    pub duplicate_of: Vec<Option<u32>>,
}

/// What is to be said of a filter. In the order in which they are looked for: the first that applies
/// is the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FilterState {
    /// A weight is NaN or infinite.
    NotFinite,
    /// Written by earlier versions for what is [`Zero`](Self::Zero) or [`Still`](Self::Still) now.
    Dead,
    /// All weights are zero.
    Zero,
    /// In two epochs running its weights have not changed at all, or only shrunk without turning, as weight decay
    /// alone makes them.
    Still,
    /// It has moved by less than a thousandth from its initial weights.
    Stuck,
    /// Its weights are more than five times the layer's median filter's, or ten times the layer's
    /// initial ones.
    Exploding,
    /// It is, up to sign, nearly the same as another filter.
    Duplicate,
    /// Not distinguishable from independent random weights.
    NoiseLike,
    /// Significant structure that alternates from pixel to pixel: a real high-frequency filter, or
    /// aliasing by the stride.
    Oscillating,
    /// Neighbouring weights agree significantly more often than chance.
    Smooth,
    /// The test does not apply (too few weights, a single row or column, input pixels that are unrelated), and nothing
    /// else is the matter.
    NotJudged,
}

/// The null model that the readings of a layer are compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SmoothnessTest {
    /// Degrees of freedom of Q's chi-squared distribution: the lags that fit into the kernel.
    pub degrees_of_freedom: u32,
    /// Q above this is significant structure.
    pub q_critical: Option<f64>,
    /// Significance level of one filter's test.
    pub level: f64,
    /// Standard deviation of r1 for independent random weights.
    pub r1_null_deviation: Option<f64>,
    /// What a kernel of this size, or the kind of input, cannot tell, in words; `None` if there is
    /// nothing to warn about.
    pub caution: Option<String>,
}
