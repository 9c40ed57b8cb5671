use serde::{Deserialize, Serialize};

use crate::Atlas;

/// A convolution's filters after an epoch, with their noise statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerFilters {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The layer's name, as in [`Layer::name`](crate::Layer::name).
    pub layer: String,
    /// The convolution's parameter path, `stem.conv.weight` for example.
    pub parameter: String,
    /// Tile `i` shows filter `i`; mid-grey is zero.
    pub atlas: Atlas,
    /// Every tile's white and black stand for plus and minus this weight (the layer's largest
    /// absolute finite weight), so that filters can be compared with each other.
    pub scale: f32,
    /// One reading per filter, in order.
    pub filters: Vec<FilterReading>,
    /// What the readings are compared with, the same for all filters of the layer.
    pub test: SmoothnessTest,
    /// φ: share of the live filters that cannot be told from noise. `None` if the test does not
    /// apply. Independent random weights read .95, a well-trained layer close to 0.
    pub noise_share: Option<f64>,
}

/// Smoothness of one filter against the null model of independent random weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FilterReading {
    /// Q: the two-dimensional Ljung–Box statistic of the filter's weights. Independent weights read
    /// about 4 (the number of lags); larger is more structured. `None` where it is undefined.
    pub q: Option<f64>,
    /// Probability that independent random weights reach this Q or more.
    pub p_value: Option<f64>,
    /// r1: correlation of neighbouring weights. 0 for noise, positive for smooth filters, negative for
    /// filters that alternate from pixel to pixel.
    pub r1: Option<f64>,
    /// Root mean square of the weights. `None` if a weight is not finite.
    pub rms: Option<f64>,
    /// The verdict that Q and r1 give together.
    pub verdict: SmoothnessVerdict,
}

/// What a filter's smoothness says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SmoothnessVerdict {
    /// Neighbouring weights agree significantly more often than chance.
    Smooth,
    /// Significant structure that alternates from pixel to pixel: a real high-frequency filter, or
    /// aliasing by the stride.
    Oscillating,
    /// Not distinguishable from independent random weights.
    NoiseLike,
    /// All weights are zero: there is nothing to judge.
    Dead,
    /// A weight is NaN or infinite.
    NotFinite,
    /// The kernel has too few weights to judge.
    NotApplicable,
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
    /// What a kernel of this size cannot tell, in words; `None` if there is nothing to warn about.
    pub caution: Option<String>,
}
