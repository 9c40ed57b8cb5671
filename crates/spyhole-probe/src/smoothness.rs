//! Is a filter more than noise? A two-dimensional Ljung–Box test of neighbouring weights.
//!
//! Trained on pictures, filters become smooth: taps side by side have like weights. Fresh from
//! initialisation, or spoilt by a bad learning rate, they are white noise. For one filter w
//! `[C, kh, kw]` of N = C·kh·kw taps, raw (no mean removed), and a lag τ = (rows, columns):
//!
//! ```text
//! ρ_τ = Σ_c Σ_p w_c(p)·w_c(p+τ) / Σ w²            pairs inside the kernel only, M_τ per channel
//! Q   = N(N+2)/C · Σ_τ ρ_τ² / M_τ                 τ = (0,1), (1,0), (1,1), (1,−1), those with M_τ > 0
//! r1  = kh·kw/P · (ρ_(0,1) + ρ_(1,0))             P = M_(0,1) + M_(1,0)
//! ```
//!
//! For independent Gaussian weights of any variance E\[Q\] is the number of lags exactly, and Q is
//! distributed nearly as χ² with that many degrees of freedom. Nearly is not enough for small kernels of
//! other distributions (uniform 1×3×3: 7 % instead of 5 %; Laplace: 3 %), so [`SmoothnessTest`] simulates
//! the distribution from the layer's own initial weights. Q is large for any spatial structure; the sign
//! of r1 tells smooth (+) from oscillating (−).
//!
//! Ljung and Box, *On a measure of lack of fit in time series models*, Biometrika 65 (1978), carried over
//! to two dimensions. Unlike total variation, Fourier ratios and Moran's I, Q does not take a clean fine
//! grating for noise.
//!
//! **A layer**: [`SmoothnessTest::layer_p_value`] combines the p-values of its filters (Fisher 1925). It
//! finds faint structure that no single filter shows, and keeps its false-alarm rate whatever the kernel.
//!
//! **A smooth layer is not a healthy one**: a dead network, or one trained on random labels, can have
//! smooth filters. And where neighbouring pixels of the input are unrelated
//! ([`input_correlation`](crate::input_correlation) below .3) noise-like filters are right, and the test
//! does not apply.

mod test;

pub use test::{NullModel, SIMULATED_TAPS, SmoothnessTest};

use std::fmt;

use crate::vector::dot;

/// Significance level of the test: the share of pure noise filters that are called structured. Raising
/// it finds fainter structure and calls more noise structured.
pub const LEVEL: f64 = 0.05;

/// A filter of this many taps or fewer gets no verdict: the test finds little. One channel of 3×3.
pub const TOO_FEW_TAPS: usize = 9;

/// A filter of this many taps or fewer is judged with [`Caution::LowPower`]. Of blobs, Gabors and edges
/// under as much noise as signal, our simulation found .42 with 3 channels of 3×3 and .70 with one of
/// 5×5; above the limit .55 and .73 with 4 and 6 of 3×3, .97 with 16, and .98 with one of 7×7. Raising it
/// warns of more layers.
pub const LOW_POWER_TAPS: usize = 27;

/// Images whose neighbouring pixels correlate less than this are no pictures, and a filter that looks at
/// them need not be smooth.
pub const LEAST_INPUT_CORRELATION: f64 = 0.3;

/// The neighbours compared, as (rows down, columns right). The first two make r1.
const LAGS: [(usize, isize); 4] = [(0, 1), (1, 0), (1, 1), (1, -1)];

/// Size of one filter, `[channels, height, width]`. A depthwise filter has one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterShape {
    /// Input channels seen by one filter, C.
    pub channels: usize,
    /// Rows of the kernel, kh.
    pub height: usize,
    /// Columns of the kernel, kw.
    pub width: usize,
}

/// What cannot be told of a layer; its `Display` says it in plain words.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Caution {
    /// 1×1: there are no neighbouring taps. No filter has a verdict.
    NoNeighbours,
    /// A first layer whose input images are no pictures: mean-subtracted, their neighbouring pixels
    /// correlate less than [`LEAST_INPUT_CORRELATION`]. Q and r1 are given, verdicts are not.
    UncorrelatedInput {
        /// The correlation of neighbouring pixels.
        correlation: f64,
    },
    /// A kernel of one row or one column: it has one lag and no structure in two dimensions. Q, its p-value against the
    /// null of that lag, and r1 are given; verdicts are not, and the layer test is not.
    OneLine,
    /// At most [`TOO_FEW_TAPS`] taps. Q and r1 are given, verdicts are not; the layer test is.
    TooFewTaps {
        /// Taps of one filter.
        taps: usize,
    },
    /// At most [`LOW_POWER_TAPS`] taps. Verdicts are given, but only the layer test counts.
    LowPower {
        /// Taps of one filter.
        taps: usize,
    },
}

/// What the test says of one filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Q is significant and r1 > 0: neighbours are alike. What training on pictures makes.
    Smooth,
    /// Q is significant and r1 ≤ 0: a real fine grating, or aliasing by the stride.
    Oscillating,
    /// Not distinguishable from noise. Bad in many filters of a layer after warm-up.
    NoiseLike,
    /// A filter of this shape (1×1, one row or column, too few taps), or with this input, cannot be judged; or it is all
    /// zeros or not finite.
    NotApplicable,
}

/// One filter's reading. What cannot be computed is `None`: everything for a filter of zeros or with a
/// weight that is not finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The test statistic, ≥ 0, without unit; about the number of lags (4) for noise, larger with
    /// structure.
    pub q: Option<f64>,
    /// Probability that pure noise gives such a Q or a larger one. Above [`LEVEL`]: noise-like.
    pub p_value: Option<f64>,
    /// Mean product of horizontal and vertical neighbours over the mean square, signed: 0 for noise,
    /// positive for smooth, negative for oscillating filters. Within ±kh·kw/P · (cos(π/(kh+1)) +
    /// cos(π/(kw+1))), for a k×k kernel ±k/(k−1)·cos(π/(k+1)).
    pub r1: Option<f64>,
    /// The verdict in a word.
    pub verdict: Verdict,
}

impl Reading {
    const NONE: Self = Self { q: None, p_value: None, r1: None, verdict: Verdict::NotApplicable };
}

impl FilterShape {
    /// N, the weights of one filter.
    pub fn taps(self) -> usize {
        self.channels * self.height * self.width
    }

    /// M, the pairs of taps at this lag in one channel.
    fn pairs(self, (down, right): (usize, isize)) -> usize {
        self.height.saturating_sub(down) * self.width.saturating_sub(right.unsigned_abs())
    }

    /// C·P, the horizontal and vertical neighbours in all channels.
    fn neighbour_pairs(self) -> usize {
        self.channels * (self.pairs(LAGS[0]) + self.pairs(LAGS[1]))
    }

    /// Lags with pairs inside the kernel: 4, or 1 for a kernel of one row or column, or 0 for 1×1.
    fn lags(self) -> usize {
        LAGS.iter().filter(|&&lag| self.channels * self.pairs(lag) > 0).count()
    }

    /// Q and r1 of a filter; `None` without neighbours, for zeros, and where a weight is not finite.
    fn statistics(self, filter: &[f32]) -> Option<(f64, f64)> {
        if self.lags() == 0 {
            return None;
        }
        // With a column of zeros right of each kernel and a row of zeros below, a lag is one distance between
        // numbers, and a pair that leaves the kernel has no product.
        let width = self.width + 1;
        let size = width * (self.height + 1);
        let mut padded = vec![0.0; self.channels * size];
        for (kernel, weights) in
            padded.chunks_exact_mut(size).zip(filter.chunks_exact(self.height * self.width))
        {
            let rows = kernel.chunks_exact_mut(width).zip(weights.chunks_exact(self.width));
            for (padded, &weight) in rows.flat_map(|(padded, row)| padded.iter_mut().zip(row)) {
                *padded = f64::from(weight);
            }
        }
        let energy = dot(&padded, &padded);
        if energy == 0.0 || !energy.is_finite() {
            return None;
        }
        let rho = LAGS.map(|(down, right)| {
            let distance = (down * width).wrapping_add_signed(right);
            dot(&padded[distance..], &padded) / energy
        });
        let taps = self.taps() as f64;
        let terms = LAGS.iter().zip(rho).filter_map(|(&lag, rho)| match self.pairs(lag) {
            0 => None,
            pairs => Some(rho.powi(2) / pairs as f64),
        });
        let q = taps * (taps + 2.0) / self.channels as f64 * terms.sum::<f64>();
        let r1 = taps / self.neighbour_pairs() as f64 * (rho[0] + rho[1]);
        Some((q, r1))
    }
}

impl Caution {
    pub(crate) fn of(shape: FilterShape, input_correlation: Option<f64>) -> Option<Self> {
        let uncorrelated = input_correlation.filter(|&r| r < LEAST_INPUT_CORRELATION);
        match (shape.taps(), uncorrelated) {
            _ if shape.neighbour_pairs() == 0 => Some(Self::NoNeighbours),
            (_, Some(correlation)) => Some(Self::UncorrelatedInput { correlation }),
            _ if shape.lags() == 1 => Some(Self::OneLine),
            (taps, _) if taps <= TOO_FEW_TAPS => Some(Self::TooFewTaps { taps }),
            (taps, _) if taps <= LOW_POWER_TAPS => Some(Self::LowPower { taps }),
            _ => None,
        }
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNeighbours => f.write_str(
                "smoothness is undefined for 1×1 kernels: look at norms, duplicates and the distance \
                 from initialisation",
            ),
            Self::UncorrelatedInput { correlation } => write!(
                f,
                "the input is not spatially correlated ({correlation:.2} between neighbouring pixels), \
                 so filters need not be smooth: the test does not apply",
            ),
            Self::OneLine => f.write_str(
                "a kernel of one row or column has one kind of neighbour only: Q compares that one with chance, \
                 and there is no verdict in two dimensions",
            ),
            Self::TooFewTaps { taps } => {
                write!(f, "too few taps to judge: {taps} weights per filter")
            }
            Self::LowPower { taps } => write!(
                f,
                "low power: with {taps} weights per filter a structured one is often missed; judge the \
                 layer, not a filter",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
