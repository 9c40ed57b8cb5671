use super::eigen::Symmetric;
use crate::crop::Crop;
use crate::smoothness::FilterShape;

/// What the pictures of a layer's filters show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterPicture {
    /// The filter itself: one or three channels, and it looks at the image.
    Weights,
    /// The pattern `[kh, kw]` that explains most of its C kernels: of the matrix `[C, kh·kw]`, the first right
    /// singular vector times σ₁/√C, with the sign that makes the sum of the kernels' loadings positive.
    DominantPattern,
}

impl FilterPicture {
    pub(crate) fn of(shape: FilterShape, first: bool) -> Self {
        if first && matches!(shape.channels, 1 | 3) { Self::Weights } else { Self::DominantPattern }
    }

    pub(crate) fn draw(self, filter: &[f32], shape: FilterShape) -> Crop {
        let FilterShape { channels, height, width } = shape;
        match self {
            Self::Weights => Crop { channels, height, width, pixels: filter.to_vec() },
            Self::DominantPattern => {
                Crop { channels: 1, height, width, pixels: dominant_pattern(filter, shape) }
            }
        }
    }
}

/// NaN for a filter with a weight that is not finite, zeros for one of zeros.
fn dominant_pattern(filter: &[f32], shape: FilterShape) -> Vec<f32> {
    let kernel = shape.height * shape.width;
    if !filter.iter().all(|w| w.is_finite()) {
        return vec![f32::NAN; kernel];
    }
    let mut gram = Symmetric::zeros(kernel);
    let mut sum = vec![0.0; kernel];
    for weights in filter.chunks_exact(kernel.max(1)) {
        gram.add_outer(weights);
        sum.iter_mut().zip(weights).for_each(|(sum, &w)| *sum += f64::from(w));
    }
    gram.mirror();
    let Some((variance, pattern)) = gram.leading() else { return vec![0.0; kernel] };
    let loadings: f64 = sum.iter().zip(&pattern).map(|(sum, v)| sum * v).sum();
    let scale = (variance / shape.channels as f64).sqrt().copysign(loadings);
    pattern.iter().map(|v| (v * scale) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(channels: usize, height: usize, width: usize) -> FilterShape {
        FilterShape { channels, height, width }
    }

    #[test]
    fn multiples_of_a_pattern_show_it() {
        let pattern = [1.0, -2.0, 0.5, 0.0, 3.0, 1.0_f32];
        // Loadings 2, −1, 2: their sum is positive, their mean square 3.
        let filter: Vec<f32> =
            [2.0, -1.0, 2.0].iter().flat_map(|l| pattern.map(|w| w * l)).collect();
        let shown = FilterPicture::DominantPattern.draw(&filter, shape(3, 2, 3));
        assert_eq!((shown.channels, shown.height, shown.width), (1, 2, 3));
        for (shown, w) in shown.pixels.iter().zip(pattern) {
            assert!((shown - w * 3.0_f32.sqrt()).abs() < 1e-5);
        }
    }

    #[test]
    fn one_channel_shows_itself_and_a_point_its_rms() {
        let kernel = [0.5, -1.0, 0.25, 2.0_f32];
        let shown = dominant_pattern(&kernel, shape(1, 2, 2));
        assert!(shown.iter().zip(kernel).all(|(a, b)| (a - b).abs() < 1e-6));
        let point = dominant_pattern(&[-3.0, -4.0, 1.0], shape(3, 1, 1));
        assert!((f64::from(point[0]) + (26.0_f64 / 3.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_drawn_is_nan_and_zeros_are_zero() {
        assert!(
            dominant_pattern(&[1.0, f32::NAN, 1.0, 1.0], shape(1, 2, 2)).iter().all(|w| w.is_nan())
        );
        assert_eq!(dominant_pattern(&[0.0; 8], shape(2, 2, 2)), [0.0; 4]);
        assert_eq!(FilterPicture::of(shape(3, 3, 3), true), FilterPicture::Weights);
        assert_eq!(FilterPicture::of(shape(2, 3, 3), true), FilterPicture::DominantPattern);
        assert_eq!(FilterPicture::of(shape(3, 3, 3), false), FilterPicture::DominantPattern);
    }

    proptest! {
        /// The pattern explains no less than any kernel of the filter does, and no more than there is.
        #[test]
        fn no_kernel_explains_more(
            filter in (1..6_usize).prop_flat_map(|c| prop::collection::vec(-1.0..1.0_f32, c * 6))
        ) {
            let channels = filter.len() / 6;
            let pattern = dominant_pattern(&filter, shape(channels, 2, 3));
            let square = |x: &[f32]| x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
            let explains = |x: &[f32]| {
                let along = |k: &[f32]| k.iter().zip(x).map(|(&k, &x)| f64::from(k) * f64::from(x)).sum::<f64>();
                filter.chunks_exact(6).map(|k| along(k).powi(2)).sum::<f64>() / square(x).max(1e-30)
            };
            let best = explains(&pattern);
            for kernel in filter.chunks_exact(6) {
                prop_assert!(explains(kernel) <= best * 1.02 + 1e-9);
            }
            // Its square is the variance that it explains, over C.
            prop_assert!((square(&pattern) * channels as f64 - best).abs() < 1e-3 * best + 1e-6);
            prop_assert!(best <= square(&filter) * (1.0 + 1e-6));
        }
    }
}
