//! How alike a layer's filters are.

use burn::tensor::{DataError, Device, Tensor, TensorData};

/// Rows of the product that are computed at once. Smaller wastes less on pairs that are known by symmetry,
/// larger multiplies faster.
const BLOCK: usize = 128;

/// The cosines between a layer's filters of the same group: filters of other groups look at other channels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cosines {
    /// For each filter the other one with the largest |cos|, and that.
    pub(crate) nearest: Vec<Option<(usize, f64)>>,
    /// Σ |cos| over the pairs.
    pub(crate) sum: f64,
    /// Pairs of filters.
    pub(crate) pairs: usize,
}

impl Cosines {
    /// Of filters of these norms, row by row in `weights`. Filters without a finite positive norm are left out.
    pub(crate) fn of(weights: &[f32], norms: &[f64], groups: usize) -> Result<Self, DataError> {
        let count = norms.len();
        let taps = weights.len() / count.max(1);
        let mut cosines = Self { nearest: vec![None; count], sum: 0.0, pairs: 0 };
        let usable = |i: usize| norms[i].is_finite() && norms[i] > 0.0;
        for group in 0..groups.max(1) {
            let size = count / groups.max(1);
            let members: Vec<usize> =
                (group * size..(group + 1) * size).filter(|&i| usable(i)).collect();
            if members.len() < 2 || taps == 0 {
                continue;
            }
            let mut rows = Vec::with_capacity(members.len() * taps);
            for &i in &members {
                let scale = 1.0 / norms[i];
                let filter = &weights[i * taps..(i + 1) * taps];
                rows.extend(filter.iter().map(|&w| (f64::from(w) * scale) as f32));
            }
            let data = TensorData::new(rows, [members.len(), taps]);
            let rows = Tensor::<2>::from_data(data, &Device::flex());
            for first in (0..members.len()).step_by(BLOCK) {
                let (block, rest) = (BLOCK.min(members.len() - first), members.len() - first);
                let product = rows.clone().narrow(0, first, block);
                let product = product.matmul(rows.clone().narrow(0, first, rest).transpose());
                let product: Vec<f32> = product.into_data().try_to_vec()?;
                for (i, row) in product.chunks_exact(rest).enumerate() {
                    for (j, &cosine) in row.iter().enumerate().skip(i + 1) {
                        cosines.add(members[first + i], members[first + j], cosine);
                    }
                }
            }
        }
        Ok(cosines)
    }

    fn add(&mut self, a: usize, b: usize, cosine: f32) {
        let cosine = f64::from(cosine.abs()).min(1.0);
        self.sum += cosine;
        self.pairs += 1;
        for (this, other) in [(a, b), (b, a)] {
            if self.nearest[this].is_none_or(|(_, nearest)| cosine > nearest) {
                self.nearest[this] = Some((other, cosine));
            }
        }
    }

    /// The largest |cos| of all pairs.
    pub(crate) fn largest(&self) -> Option<f64> {
        self.nearest.iter().flatten().map(|&(_, cosine)| cosine).reduce(f64::max)
    }

    /// 1 − mean |cos|: 1 if all are at right angles, 0 if all are the same.
    pub(crate) fn orthogonality(&self) -> Option<f64> {
        (self.pairs > 0).then(|| 1.0 - self.sum / self.pairs as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pair by pair.
    fn reference(weights: &[f32], norms: &[f64], groups: usize) -> Cosines {
        let (count, taps) = (norms.len(), weights.len() / norms.len());
        let mut cosines = Cosines { nearest: vec![None; count], sum: 0.0, pairs: 0 };
        for i in 0..count {
            for j in i + 1..count {
                if i * groups / count == j * groups / count && norms[i] > 0.0 && norms[j] > 0.0 {
                    let dot: f64 = (0..taps)
                        .map(|k| {
                            f64::from(weights[i * taps + k]) * f64::from(weights[j * taps + k])
                        })
                        .sum();
                    cosines.add(i, j, (dot / norms[i] / norms[j]) as f32);
                }
            }
        }
        cosines
    }

    fn norms(weights: &[f32], taps: usize) -> Vec<f64> {
        let norm =
            |filter: &[f32]| filter.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>().sqrt();
        weights.chunks_exact(taps).map(norm).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn blocks_give_what_pairs_give(
            (groups, taps, weights) in (1..4_usize, 1..7_usize, 1..100_usize).prop_flat_map(|(g, taps, n)| {
                (Just(g), Just(taps), prop::collection::vec(-1.0..1.0_f32, g * taps * n))
            }),
            zero in any::<prop::sample::Index>(),
        ) {
            let mut weights = weights;
            let count = weights.len() / taps;
            let zero = zero.index(count);
            weights[zero * taps..(zero + 1) * taps].fill(0.0);
            let norms = norms(&weights, taps);
            let found = Cosines::of(&weights, &norms, groups).unwrap();
            let expected = reference(&weights, &norms, groups);
            prop_assert_eq!(found.pairs, expected.pairs);
            prop_assert!((found.sum - expected.sum).abs() < 1e-5 * (1.0 + expected.sum));
            for (found, expected) in found.nearest.iter().zip(&expected.nearest) {
                // Which of two equally near ones it is, rounding decides.
                let cosine = |nearest: &Option<(usize, f64)>| nearest.map_or(-1.0, |(_, cosine)| cosine);
                prop_assert!((cosine(found) - cosine(expected)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn filters_of_other_groups_are_no_duplicates() {
        let weights = [1.0, 2.0, 1.0, 2.0];
        let norms = norms(&weights, 2);
        let one = Cosines::of(&weights, &norms, 1).unwrap();
        assert!((one.largest().unwrap() - 1.0).abs() < 1e-6);
        assert!(one.orthogonality().unwrap().abs() < 1e-6);
        let two = Cosines::of(&weights, &norms, 2).unwrap();
        assert_eq!((two.largest(), two.orthogonality()), (None, None));
    }
}
