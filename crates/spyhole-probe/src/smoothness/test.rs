use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Caution, FilterShape, LEVEL, Reading, Verdict};
use crate::random::Random;
use crate::vector::ratio;

/// Filters of up to this many taps are compared with simulated noise, larger ones with χ².
pub const SIMULATED_TAPS: usize = 256;

/// Filters of noise that are drawn for a layer: at least the first number, and more where they are small, as long
/// as they have no more taps in all than the second says. An error of the drawn distribution counts for all
/// filters of a layer in the same direction, so the layer test needs more of them than one filter's does.
const DRAWS: usize = 20_000;
const DRAWN_TAPS: usize = 5_000_000;

/// Beyond the largest of this many draws the χ² tail goes on: fewer would say too little of where it
/// begins.
const TAIL: usize = 100;

/// Fewer different magnitudes than this are no sample of a distribution.
const FEWEST_MAGNITUDES: usize = 32;

/// The smoothness test of one layer: what pure noise of its filter shape would read, and how far the test
/// can be trusted there.
///
/// The null distribution of Q is simulated: filters whose taps are drawn independently from the layer's
/// initial weights, with random signs; from a Gaussian if those are not known or have too few different
/// values. The draws are seeded: the same weights give the same test. Above [`SIMULATED_TAPS`] taps it is χ².
#[derive(Clone, Debug, PartialEq)]
pub struct SmoothnessTest {
    shape: FilterShape,
    null: NullModel,
    /// Q of the simulated filters, ascending; empty above [`SIMULATED_TAPS`] and without lags.
    draws: Vec<f64>,
}

/// What pure noise of a layer's filter shape would read, and how far the test can be trusted there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NullModel {
    /// Lags with pairs inside the kernel: 4, or 1 for a kernel of one row or column, or 0 for 1×1. Also
    /// the mean of Q under noise.
    pub degrees_of_freedom: u32,
    /// Q above this is significant: the 95 % quantile of noise, about 9.49 for four lags. `None` without
    /// lags.
    pub q_critical: Option<f64>,
    /// The significance level, [`LEVEL`].
    pub level: f64,
    /// Standard deviation of r1 about its mean 0, √(N / (C·P·(N+2))), exact for Gaussian noise. For a
    /// k×k kernel the variance is k / (2(k−1)(Ck²+2)). `None` without lags.
    pub r1_deviation: Option<f64>,
    /// What this shape of kernel, or this input, cannot tell. `None`: nothing to beware of.
    pub caution: Option<Caution>,
}

impl SmoothnessTest {
    /// The test for filters of a shape, given the layer's initial weights, if they are known, and, for a
    /// first layer, how much neighbouring pixels of the input correlate.
    pub fn new(shape: FilterShape, start: Option<&[f32]>, input_correlation: Option<f64>) -> Self {
        let simulate = shape.lags() > 0 && shape.taps() <= SIMULATED_TAPS;
        let draws = if simulate { simulate_q(shape, start.and_then(pool)) } else { vec![] };
        Self::with(shape, draws, input_correlation)
    }

    /// With these draws, ascending; with none, by χ².
    pub(super) fn with(
        shape: FilterShape,
        draws: Vec<f64>,
        input_correlation: Option<f64>,
    ) -> Self {
        let degrees_of_freedom = shape.lags() as u32;
        let taps = shape.taps() as f64;
        let variance = taps / (shape.neighbour_pairs() as f64 * (taps + 2.0));
        let null = NullModel {
            degrees_of_freedom,
            q_critical: None,
            level: LEVEL,
            r1_deviation: (degrees_of_freedom > 0).then(|| variance.sqrt()),
            caution: Caution::of(shape, input_correlation),
        };
        let mut test = Self { shape, null, draws };
        test.null.q_critical = test.q_critical();
        test
    }

    /// The shape of the filters.
    pub fn shape(&self) -> FilterShape {
        self.shape
    }

    /// What noise reads.
    pub fn null(&self) -> &NullModel {
        &self.null
    }

    fn q_critical(&self) -> Option<f64> {
        if self.draws.is_empty() {
            return Some(self.chi_squared()?.inverse_cdf(1.0 - LEVEL));
        }
        // As many draws as this may be larger for the p-value to stay at the level.
        let larger = (LEVEL * (self.draws.len() + 1) as f64) as usize;
        self.draws.len().checked_sub(larger).map(|index| self.draws[index])
    }

    /// Probability that noise gives this Q or more. With R draws (1 + #{draws ≥ q})/(R + 1), never 0;
    /// beyond the hundredth largest the tail of χ², scaled to meet it there, so that it keeps falling.
    /// `None` without lags.
    pub fn p_value(&self, q: f64) -> Option<f64> {
        let chi_squared = self.chi_squared()?;
        let count = self.draws.len();
        let share = |larger: usize| (larger + 1) as f64 / (count + 1) as f64;
        Some(match count.checked_sub(TAIL).map(|index| self.draws[index]) {
            None => chi_squared.sf(q),
            Some(last) if q > last => share(TAIL) * chi_squared.sf(q) / chi_squared.sf(last),
            Some(_) => share(count - self.draws.partition_point(|&draw| draw < q)),
        })
    }

    /// Reads a filter of the test's shape.
    pub fn read(&self, filter: &[f32]) -> Reading {
        let Some((q, r1)) = self.shape.statistics(filter) else { return Reading::NONE };
        let p_value = self.p_value(q);
        let verdict = match self.null.caution {
            Some(
                Caution::NoNeighbours
                | Caution::OneLine
                | Caution::TooFewTaps { .. }
                | Caution::UncorrelatedInput { .. },
            ) => Verdict::NotApplicable,
            _ if p_value.is_none_or(|p| p > LEVEL) => Verdict::NoiseLike,
            _ if r1 > 0.0 => Verdict::Smooth,
            _ => Verdict::Oscillating,
        };
        Reading { q: Some(q), p_value, r1: Some(r1), verdict }
    }

    /// The probability that a layer of noise looks at least as structured as these filters do: Fisher's
    /// combination, −2 Σ ln p distributed as χ² with 2n degrees of freedom. Near 0: there is structure,
    /// though perhaps in no filter that could be named. Anything up to 1: noise.
    ///
    /// It keeps its false-alarm rate for every shape with neighbours in two dimensions, also where one filter has too few
    /// taps for a verdict. `None` for 1×1, for kernels of one row or column, where the input is not spatially correlated,
    /// and without filters.
    pub fn layer_p_value<'a>(
        &self,
        readings: impl IntoIterator<Item = &'a Reading>,
    ) -> Option<f64> {
        if matches!(self.null.caution, Some(Caution::UncorrelatedInput { .. } | Caution::OneLine)) {
            return None;
        }
        // A p-value too small for an f64 is as good as the smallest one.
        let log = |p: f64| p.max(f64::MIN_POSITIVE).ln();
        let logs = readings.into_iter().filter_map(|reading| reading.p_value.map(log));
        let (count, sum) = logs.fold((0, 0.0), |(count, sum), log| (count + 1, sum - 2.0 * log));
        Some(ChiSquared::new(2.0 * f64::from(count)).ok()?.sf(sum))
    }

    /// φ: the share of the judged filters that look like noise, 0 to 1. Near 1 in a fresh layer, near 0
    /// in a trained one; ½ or more after warm-up is bad. `None` without filters, and with any caution: where
    /// a filter cannot be judged, the layer test speaks.
    pub fn noise_share<'a>(&self, readings: impl IntoIterator<Item = &'a Reading>) -> Option<f64> {
        if self.null.caution.is_some() {
            return None;
        }
        let (mut noisy, mut judged) = (0, 0);
        for reading in readings.into_iter().filter(|r| r.verdict != Verdict::NotApplicable) {
            judged += 1;
            noisy += usize::from(reading.verdict == Verdict::NoiseLike);
        }
        (judged > 0).then(|| noisy as f64 / judged as f64)
    }

    fn chi_squared(&self) -> Option<ChiSquared> {
        ChiSquared::new(f64::from(self.null.degrees_of_freedom)).ok()
    }
}

/// Initial weights to draw from, if there are enough of them.
fn pool(start: &[f32]) -> Option<&[f32]> {
    if !start.iter().all(|w| w.is_finite()) {
        return None;
    }
    let mut magnitudes: Vec<u32> =
        start.iter().filter(|w| **w != 0.0).map(|w| w.abs().to_bits()).collect();
    magnitudes.sort_unstable();
    magnitudes.dedup();
    (magnitudes.len() >= FEWEST_MAGNITUDES).then_some(start)
}

/// Q of filters of noise, ascending.
///
/// The mean of Q under noise is known, and the draws are scaled to have it: their own mean, with its error of
/// sampling, would count for every filter of a layer in the same direction. With random signs
///
/// ```text
/// E[Q] = lags · (N+2)/(N−1) · (1 − E[Σw⁴/(Σw²)²]),
/// ```
///
/// which is the number of lags for Gaussian weights.
fn simulate_q(shape: FilterShape, pool: Option<&[f32]>) -> Vec<f64> {
    let mut random = Random(1);
    let mut filter = vec![0.0; shape.taps()];
    let count = DRAWS.max(DRAWN_TAPS / shape.taps());
    let (mut draws, mut peaked) = (Vec::with_capacity(count), 0.0);
    for _ in 0..count {
        filter.fill_with(|| match pool {
            Some(pool) => random.signed_pick(pool),
            None => random.normal() as f32,
        });
        if let Some((q, _)) = shape.statistics(&filter) {
            let squares = || filter.iter().map(|&w| f64::from(w).powi(2));
            peaked += squares().map(|square| square * square).sum::<f64>()
                / squares().sum::<f64>().powi(2);
            draws.push(q);
        }
    }
    let (count, taps) = (draws.len() as f64, shape.taps() as f64);
    let expected = shape.lags() as f64 * (taps + 2.0) / (taps - 1.0) * (1.0 - peaked / count);
    let scale = ratio(expected, draws.iter().sum::<f64>() / count).unwrap_or(1.0);
    draws.iter_mut().for_each(|q| *q *= scale);
    draws.sort_unstable_by(f64::total_cmp);
    draws
}
