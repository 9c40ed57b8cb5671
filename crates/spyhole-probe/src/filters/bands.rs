//! What a layer of independent random weights would read.

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF, Gamma};

use super::diversity::entropy_of_noise;
use crate::smoothness::{Caution, LEVEL};

/// A statistic of a layer of independent random weights is in this band with 95 % probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NullBand {
    /// The statistic's name, as in [`LayerStatistics::named`](super::LayerStatistics::named).
    pub statistic: &'static str,
    /// 2.5 % of such layers read less.
    pub low: f64,
    /// 2.5 % read more.
    pub high: f64,
}

const TAIL: f64 = 0.025;

/// The smallest count that is reached with probability `p`. (statrs searches for it by halving, and finds nothing for
/// a layer of one filter.)
fn quantile(counts: &Binomial, p: f64) -> u64 {
    (0..counts.n()).find(|&count| counts.cdf(count) >= p).unwrap_or(counts.n())
}

/// The bands of a layer with weights `[filters, C, kh, kw]` in so many groups, as far as they are known:
/// of the share of noise-like filters, the layer test, the largest cosine, the alignment with the initial
/// weights (for weights that have nothing to do with them), and, for 3×3 kernels, the variance entropy.
pub(crate) fn null_bands(
    [filters, channels, height, width]: [usize; 4],
    groups: usize,
    caution: Option<Caution>,
) -> Vec<NullBand> {
    let taps = channels * height * width;
    let mut bands = vec![];
    let mut band = |statistic, ends: Option<[f64; 2]>| {
        bands.extend(ends.map(|[low, high]| NullBand { statistic, low, high }));
    };
    let noisy = Binomial::new(1.0 - LEVEL, filters as u64);
    let noisy = noisy.ok().filter(|_| caution.is_none() && filters > 0);
    band(
        "noise_share",
        noisy.map(|noisy| [TAIL, 1.0 - TAIL].map(|p| quantile(&noisy, p) as f64 / filters as f64)),
    );
    let tested = !matches!(
        caution,
        Some(Caution::NoNeighbours | Caution::OneLine | Caution::UncorrelatedInput { .. })
    );
    band("structure_p_value", (tested && filters > 0).then_some([TAIL, 1.0 - TAIL]));
    let pairs = pairs(filters, groups);
    band(
        "max_cosine",
        chance_cosine(pairs, taps, TAIL)
            .zip(chance_cosine(pairs, taps, 1.0 - TAIL))
            .map(Into::into),
    );
    // The mean of n squared cosines, each Beta(½, (N−1)/2): mean 1/N, variance 2(N−1)/(N²(N+2)n).
    let (n, mean) = (filters as f64, 1.0 / taps as f64);
    let shape = n * (taps as f64 + 2.0) / (2.0 * (taps as f64 - 1.0));
    let aligned = Gamma::new(shape, shape / mean).ok().filter(|_| taps > 1 && filters > 0);
    band("start_alignment", aligned.map(|d| [TAIL, 1.0 - TAIL].map(|p| d.inverse_cdf(p).min(1.0))));
    let kernels = filters * channels;
    let entropy = [height, width] == [3, 3] && kernels > 0;
    band("variance_entropy", entropy.then(|| [entropy_of_noise(kernels), 9.0_f64.log10()]));
    bands
}

/// Pairs of filters of the same group.
pub(crate) fn pairs(filters: usize, groups: usize) -> usize {
    let size = filters / groups.max(1);
    groups * (size * size.saturating_sub(1) / 2)
}

/// The value that the largest |cos| of so many pairs of random filters of N taps stays below with a
/// probability: cos² of a pair is Beta(½, (N−1)/2), and pairs are nearly independent. `None` without pairs,
/// and for N = 1, where all filters are the same up to a factor.
pub(crate) fn chance_cosine(pairs: usize, taps: usize, probability: f64) -> Option<f64> {
    if pairs == 0 || taps < 2 {
        return None;
    }
    let square = Beta::new(0.5, (taps as f64 - 1.0) / 2.0).ok()?;
    // The chance of one pair to be above.
    let above = -(probability.ln() / pairs as f64).exp_m1();
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if square.sf(middle) > above { low = middle } else { high = middle }
    }
    Some(f64::sqrt(0.5 * (low + high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filters::cosines::Cosines;
    use crate::random::Random;
    use crate::vector::dot;

    #[test]
    fn the_largest_cosine_by_chance() {
        // 50, 95 and 99 % quantiles of the maximum at 64 filters, from 2,500 layers of Gaussian weights in numpy.
        // (METRICS, order of alerts, has .72, .48 and .36 for the last: the first two are nearer the 96 %.)
        for (taps, expected) in
            [(27, [0.629, 0.708, 0.751]), (75, [0.401, 0.464, 0.500]), (147, [0.290, 0.336, 0.362])]
        {
            for (probability, expected) in [0.5, 0.95, 0.99].into_iter().zip(expected) {
                let found = chance_cosine(pairs(64, 1), taps, probability).unwrap();
                assert!((found - expected).abs() < 0.012, "{taps}, {probability}: {found}");
            }
        }
        assert_eq!(chance_cosine(0, 27, 0.99), None);
        assert_eq!(chance_cosine(10, 1, 0.99), None);
        assert_eq!(pairs(64, 1), 2016);
        assert_eq!(pairs(64, 64), 0);
        assert_eq!(pairs(64, 2), 992);
    }

    /// 95 % of random layers are in the band; the tolerance is 4 standard errors of 400.
    #[test]
    fn random_layers_are_in_their_bands() {
        let (filters, taps, layers) = (16, 27, 400);
        let bands = null_bands([filters, 3, 3, 3], 1, None);
        let band = |name| *bands.iter().find(|band| band.statistic == name).unwrap();
        let (cosine, aligned) = (band("max_cosine"), band("start_alignment"));
        let mut random = Random(3);
        let mut layer =
            || -> Vec<f32> { (0..filters * taps).map(|_| random.normal() as f32).collect() };
        let (mut outside_cosine, mut outside_aligned) = (0, 0);
        for _ in 0..layers {
            let (a, b) = (layer(), layer());
            let norms: Vec<f64> = a.chunks_exact(taps).map(|w| dot(w, w).sqrt()).collect();
            let largest = Cosines::of(&a, &norms, 1).unwrap().largest().unwrap();
            outside_cosine += usize::from(largest < cosine.low || largest > cosine.high);
            let pairs = a.chunks_exact(taps).zip(b.chunks_exact(taps));
            let c2: f64 = pairs.map(|(a, b)| dot(a, b).powi(2) / dot(a, a) / dot(b, b)).sum();
            let mean = c2 / filters as f64;
            outside_aligned += usize::from(mean < aligned.low || mean > aligned.high);
        }
        for outside in [outside_cosine, outside_aligned] {
            assert!((3..=38).contains(&outside), "{outside_cosine} {outside_aligned} of {layers}");
        }
    }

    #[test]
    fn bands_are_those_that_apply() {
        let names = |shape, groups, caution| -> Vec<&str> {
            null_bands(shape, groups, caution).iter().map(|band| band.statistic).collect()
        };
        assert_eq!(
            names([32, 16, 3, 3], 1, None),
            [
                "noise_share",
                "structure_p_value",
                "max_cosine",
                "start_alignment",
                "variance_entropy"
            ]
        );
        assert_eq!(
            names([32, 3, 5, 5], 1, None),
            ["noise_share", "structure_p_value", "max_cosine", "start_alignment"]
        );
        assert_eq!(
            names([32, 16, 1, 1], 1, Some(Caution::NoNeighbours)),
            ["max_cosine", "start_alignment"]
        );
        assert_eq!(
            names([32, 1, 3, 3], 32, Some(Caution::TooFewTaps { taps: 9 })),
            ["structure_p_value", "start_alignment", "variance_entropy"]
        );
        let uncorrelated = Caution::UncorrelatedInput { correlation: 0.1 };
        assert_eq!(names([8, 3, 5, 5], 1, Some(uncorrelated)), ["max_cosine", "start_alignment"]);
        assert!(names([0, 3, 3, 3], 1, None).is_empty());
        // 19 of 20 is what one expects of 20.
        let share = null_bands([20, 16, 3, 3], 1, None)[0];
        assert_eq!((share.low, share.high), (0.85, 1.0));
    }
}
