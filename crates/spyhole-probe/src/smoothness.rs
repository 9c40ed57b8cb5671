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
//! distributed nearly as χ² with that many degrees of freedom (our simulation at the 5 % level: .049–.055
//! for three channels; .071 at worst, for one channel of 3×3). Q is large for any spatial structure; the
//! sign of r1 tells smooth (+) from oscillating (−).
//!
//! Ljung and Box, *On a measure of lack of fit in time series models*, Biometrika 65 (1978), carried over
//! to two dimensions. Unlike total variation, Fourier ratios and Moran's I, Q does not take a clean fine
//! grating for noise.
//!
//! **A smooth layer is not a healthy one**: a dead network, or one trained on random labels, can have
//! smooth filters. And where neighbouring pixels of the input are unrelated (after taking away the mean
//! image, autocorrelation below .3) noise-like filters are right, and the test does not apply.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::fmt;

/// Significance level of the test: the share of pure noise filters that are called structured. Raising
/// it finds fainter structure and calls more noise structured.
pub const LEVEL: f64 = 0.05;

/// A filter of this many taps or fewer gets no verdict: the test exceeds its level and finds little.
/// One channel of 3×3.
pub const TOO_FEW_TAPS: usize = 9;

/// A filter of this many taps or fewer is judged with [`Caution::LowPower`]. Of blobs, Gabors and edges
/// under as much noise as signal, our simulation found .42 with 3 channels of 3×3 and .70 with one of
/// 5×5; above the limit .55 and .73 with 4 and 6 of 3×3, .97 with 16, and .98 with one of 7×7. Raising it
/// warns of more layers.
pub const LOW_POWER_TAPS: usize = 27;

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

/// What pure noise of a layer's filter shape would read, and how far the test can be trusted there.
#[derive(Clone, Debug, PartialEq)]
pub struct NullModel {
    /// Lags with pairs inside the kernel: 4, or 1 for a kernel of one row or column, or 0 for 1×1. Also
    /// the mean of Q under noise.
    pub degrees_of_freedom: u32,
    /// Q from here up is significant (9.49 for four lags). `None` without lags.
    pub q_critical: Option<f64>,
    /// The significance level, [`LEVEL`].
    pub level: f64,
    /// Standard deviation of r1 about its mean 0, √(N / (C·P·(N+2))), exact for Gaussian noise. For a
    /// k×k kernel the variance is k / (2(k−1)(Ck²+2)). `None` without lags.
    pub r1_deviation: Option<f64>,
    /// What this shape of kernel cannot tell. `None`: nothing to beware of.
    pub caution: Option<Caution>,
}

/// What a small kernel cannot tell; its `Display` says it in plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caution {
    /// 1×1: there are no neighbouring taps. No filter has a verdict.
    NoNeighbours,
    /// At most [`TOO_FEW_TAPS`] taps. Q and r1 are given, verdicts are not.
    TooFewTaps {
        /// Taps of one filter.
        taps: usize,
    },
    /// At most [`LOW_POWER_TAPS`] taps. Verdicts are given, and count only all together.
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
    /// All weights are 0: the filter passes nothing on.
    Dead,
    /// A weight is NaN or infinite: training has broken down.
    NotFinite,
    /// This shape of kernel cannot be judged, see [`NullModel::caution`].
    NotApplicable,
}

/// One filter's reading. What cannot be computed is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The test statistic, ≥ 0, without unit; about [`NullModel::degrees_of_freedom`] for noise, larger
    /// with structure.
    pub q: Option<f64>,
    /// Probability that pure noise gives such a Q or a larger one. Above [`LEVEL`]: noise-like.
    pub p_value: Option<f64>,
    /// Mean product of horizontal and vertical neighbours over the mean square, signed: 0 for noise,
    /// positive for smooth, negative for oscillating filters. Within ±kh·kw/P · (cos(π/(kh+1)) +
    /// cos(π/(kw+1))), for a k×k kernel ±k/(k−1)·cos(π/(k+1)).
    pub r1: Option<f64>,
    /// Root of the mean squared weight, in units of the weights. Q and r1 do not depend on it.
    pub rms: Option<f64>,
    /// The verdict in a word.
    pub verdict: Verdict,
}

/// A layer's filters, each read against the same null model.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReading {
    /// What noise would read.
    pub null: NullModel,
    /// One reading per filter.
    pub filters: Vec<Reading>,
    /// φ: the share of live filters (neither dead nor with NaN) that look like noise, 0 to 1. Near 1 in a
    /// fresh layer, near 0 in a trained one; ½ or more after warm-up is bad. `None` without live filters
    /// or where filters cannot be judged.
    pub noise_share: Option<f64>,
}

/// Reads every filter of a layer. `weights` is `[filters, C, kh, kw]`, row-major; if it is shorter than
/// its shape says, only the whole filters are read.
pub fn read_filters(weights: &[f32], filters: usize, shape: FilterShape) -> LayerReading {
    let null = NullModel::new(shape);
    let each = weights.chunks_exact(shape.taps().max(1)).take(filters);
    let readings: Vec<Reading> = each.map(|filter| read_filter(filter, shape, &null)).collect();
    let count = |verdict| readings.iter().filter(|r| r.verdict == verdict).count();
    let noisy = count(Verdict::NoiseLike);
    let judged = noisy + count(Verdict::Smooth) + count(Verdict::Oscillating);
    let noise_share = (judged > 0).then(|| noisy as f64 / judged as f64);
    LayerReading { null, filters: readings, noise_share }
}

fn read_filter(filter: &[f32], shape: FilterShape, null: &NullModel) -> Reading {
    let nothing = |verdict| Reading { q: None, p_value: None, r1: None, rms: None, verdict };
    if !filter.iter().all(|w| w.is_finite()) {
        return nothing(Verdict::NotFinite);
    }
    let energy: f64 = filter.iter().map(|&w| f64::from(w).powi(2)).sum();
    let taps = filter.len() as f64;
    let rms = Some((energy / taps).sqrt());
    if energy == 0.0 {
        return Reading { rms, ..nothing(Verdict::Dead) };
    }
    let Some(chi_squared) = null.chi_squared() else {
        return Reading { rms, ..nothing(Verdict::NotApplicable) };
    };
    let rho = LAGS.map(|lag| shape.lagged_products(filter, lag) / energy);
    let terms = LAGS.iter().zip(rho).filter_map(|(&lag, rho)| match shape.pairs(lag) {
        0 => None,
        pairs => Some(rho.powi(2) / pairs as f64),
    });
    let q = taps * (taps + 2.0) / shape.channels as f64 * terms.sum::<f64>();
    let p_value = chi_squared.sf(q);
    let r1 = taps / shape.neighbour_pairs() as f64 * (rho[0] + rho[1]);
    let verdict = match null.caution {
        Some(Caution::NoNeighbours | Caution::TooFewTaps { .. }) => Verdict::NotApplicable,
        _ if p_value > null.level => Verdict::NoiseLike,
        _ if r1 > 0.0 => Verdict::Smooth,
        _ => Verdict::Oscillating,
    };
    Reading { q: Some(q), p_value: Some(p_value), r1: Some(r1), rms, verdict }
}

impl NullModel {
    /// The null model of filters of this shape.
    pub fn new(shape: FilterShape) -> Self {
        let lags = LAGS.iter().filter(|&&lag| shape.channels > 0 && shape.pairs(lag) > 0).count();
        let taps = shape.taps() as f64;
        let mut null = NullModel {
            degrees_of_freedom: lags as u32,
            q_critical: None,
            level: LEVEL,
            r1_deviation: None,
            caution: Caution::of(shape),
        };
        null.q_critical =
            null.chi_squared().map(|chi_squared| chi_squared.inverse_cdf(1.0 - LEVEL));
        let variance = taps / (shape.neighbour_pairs() as f64 * (taps + 2.0));
        null.r1_deviation = (lags > 0).then(|| variance.sqrt());
        null
    }

    /// The distribution of Q; none without lags.
    fn chi_squared(&self) -> Option<ChiSquared> {
        ChiSquared::new(f64::from(self.degrees_of_freedom)).ok()
    }
}

impl FilterShape {
    /// N, the weights of one filter.
    fn taps(self) -> usize {
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

    /// Σ_c Σ_p w_c(p)·w_c(p+τ) over the pairs inside the kernel.
    fn lagged_products(self, filter: &[f32], (down, right): (usize, isize)) -> f64 {
        let overlap = self.width.saturating_sub(right.unsigned_abs());
        // Where the overlap begins in the upper and in the lower row of a pair.
        let (upper, lower) = if right < 0 { (1, 0) } else { (0, right.unsigned_abs()) };
        let mut sum = 0.0;
        for channel in filter.chunks_exact(self.height * self.width) {
            let rows = channel.chunks_exact(self.width);
            for (a, b) in rows.clone().zip(rows.skip(down)) {
                let pairs = a[upper..].iter().zip(&b[lower..]).take(overlap);
                sum += pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
            }
        }
        sum
    }
}

impl Caution {
    fn of(shape: FilterShape) -> Option<Self> {
        match shape.taps() {
            _ if shape.neighbour_pairs() == 0 => Some(Caution::NoNeighbours),
            taps if taps <= TOO_FEW_TAPS => Some(Caution::TooFewTaps { taps }),
            taps if taps <= LOW_POWER_TAPS => Some(Caution::LowPower { taps }),
            _ => None,
        }
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caution::NoNeighbours => f.write_str(
                "smoothness is undefined for 1×1 kernels: look at norms, duplicates and the distance \
                 from initialisation",
            ),
            Caution::TooFewTaps { taps } => {
                write!(f, "too few taps to judge: {taps} weights per filter")
            }
            Caution::LowPower { taps } => write!(
                f,
                "low power: with {taps} weights per filter a structured one is often missed; judge the \
                 layer, not a filter",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
