//! How much of what a layer's kernels could express they do: shown, never alarmed. After Gavrikov and
//! Keuper, *CNN Filter DB*, CVPR 2022.

use super::eigen::Symmetric;
use crate::vector::share;

/// Share of the kernels `[kh, kw]` whose weights are all at most a hundredth of the layer's largest. Zeros: 1.
pub(crate) fn sparsity(weights: &[f32], kernel: usize) -> Option<f64> {
    let largest = |weights: &[f32]| weights.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
    let limit = largest(weights) / 100.0;
    let kernels = weights.chunks_exact(kernel.max(1));
    let count = kernels.len();
    share(kernels.filter(|kernel| largest(kernel) <= limit).count(), count)
}

/// −Σ p·log₁₀ p over the shares p of variance that the principal components of a layer's kernels, as vectors
/// of kh·kw numbers, explain. 0: all kernels are multiples of one pattern, or all the same. log₁₀(kh·kw):
/// noise.
pub(crate) fn variance_entropy(weights: &[f32], kernel: usize) -> Option<f64> {
    let mut gram = Symmetric::zeros(kernel);
    let mut sum = vec![0.0_f64; kernel];
    let kernels = weights.chunks_exact(kernel.max(1));
    let count = kernels.len();
    if kernel < 2 || count == 0 {
        return None;
    }
    for kernel in kernels {
        gram.add_outer(kernel);
        sum.iter_mut().zip(kernel).for_each(|(sum, &w)| *sum += f64::from(w));
    }
    gram.mirror();
    let energy: f64 = (0..kernel).map(|i| gram.entries[i * kernel + i]).sum();
    for (row, a) in gram.entries.chunks_exact_mut(kernel).zip(&sum) {
        row.iter_mut().zip(&sum).for_each(|(entry, b)| *entry -= a * b / count as f64);
    }
    let variances = gram.eigenvalues();
    // Below this, what the subtraction leaves is rounding.
    let variances: Vec<f64> = variances.into_iter().filter(|v| *v > 1e-12 * energy).collect();
    let total: f64 = variances.iter().sum();
    let entropy: f64 = variances.iter().map(|v| v / total).map(|p| -p * p.log10()).sum();
    entropy.is_finite().then_some(entropy.max(0.0))
}

/// T(n): what `count` kernels of 3×3 noise exceed, `1.2618/(1+exp(−.8877(log₂ n − 2.3044))) − .3105`, fitted by
/// Gavrikov and Keuper.
pub(crate) fn entropy_of_noise(count: usize) -> f64 {
    let n = (count as f64).log2();
    (1.2618 / (1.0 + (-0.8877 * (n - 2.3044)).exp()) - 0.3105).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// ORACLES W1: torchconvquality, `tests/test_main.py`.
    #[test]
    fn torchconvquality_agrees() {
        let half: Vec<f32> = (0..64 * 9).map(|i| if i < 32 * 9 { 0.0 } else { 1.0 }).collect();
        for (weights, expected) in [(vec![0.0; 64 * 9], 1.0), (vec![1.0; 64 * 9], 0.0), (half, 0.5)]
        {
            assert_eq!(sparsity(&weights, 9), Some(expected));
        }
        assert_eq!(variance_entropy(&[1.0; 64 * 9], 9), Some(0.0));
    }

    #[test]
    fn one_pattern_has_no_entropy_and_noise_nearly_all() {
        let pattern = [0.1, 0.9, -0.3, 0.0, 0.4, 0.2, 0.7, -0.8, 0.5_f32];
        let multiples: Vec<f32> =
            (0..40).flat_map(|i| pattern.map(|w| w * (i as f32 - 11.5))).collect();
        assert!(variance_entropy(&multiples, 9).unwrap() < 1e-9);
        let mut random = Random(5);
        for count in [16, 64, 512, 4096] {
            let noise: Vec<f32> = (0..count * 9).map(|_| random.normal() as f32).collect();
            let entropy = variance_entropy(&noise, 9).unwrap();
            assert!(entropy > entropy_of_noise(count), "{count}: {entropy}");
            assert!(entropy <= 9.0_f64.log10());
        }
        // Two components of equal variance.
        let two: Vec<f32> =
            (0..4).flat_map(|i| [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]][i]).collect();
        assert!((variance_entropy(&two, 2).unwrap() - 2.0_f64.log10()).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_diversity() {
        assert_eq!(sparsity(&[], 9), None);
        assert_eq!(variance_entropy(&[], 9), None);
        assert_eq!(variance_entropy(&[1.0, 2.0], 1), None);
        assert_eq!(variance_entropy(&[0.0; 18], 9), Some(0.0));
    }
}
