//! What the images themselves are like.

use burn::tensor::Tensor;

use crate::error::ProbeError;
use crate::vector::{dot, ratio};

/// How much neighbouring pixels of the probe images `[N, C, H, W]` correlate, −1 to 1, about the mean image x̄:
///
/// ```text
/// (Σ d(p)·d(p+τ) / number of pairs) / (Σ d(p)² / number of pixels),   d = x − x̄,
/// ```
///
/// over images, channels, and horizontal and vertical neighbours. Photographs read .9 and more, noise 0. Below
/// [`LEAST_INPUT_CORRELATION`](crate::smoothness::LEAST_INPUT_CORRELATION) the first layer's filters need not be
/// smooth. `None` for one image, for images that are all the same or not finite, and for single pixels.
///
/// # Errors
/// When the images cannot be read back from their device.
pub fn input_correlation(images: &Tensor<4>) -> Result<Option<f64>, ProbeError> {
    let [count, channels, height, width] = images.dims();
    let size = channels * height * width;
    let pairs = channels * (height * width.saturating_sub(1) + height.saturating_sub(1) * width);
    if count < 2 || pairs == 0 {
        return Ok(None);
    }
    let mut pixels = images.clone().into_data().convert::<f32>().try_to_vec::<f32>()?;
    let mut mean = vec![0.0; size];
    for image in pixels.chunks_exact(size) {
        mean.iter_mut().zip(image).for_each(|(mean, &x)| *mean += f64::from(x) / count as f64);
    }
    let (mut energy, mut products) = (0.0, 0.0);
    for image in pixels.chunks_exact_mut(size) {
        image.iter_mut().zip(&mean).for_each(|(x, mean)| *x = (f64::from(*x) - mean) as f32);
        energy += dot(image, image);
        for plane in image.chunks_exact(height * width) {
            products += dot(&plane[width..], &plane[..(height - 1) * width]);
            products += plane.chunks_exact(width).map(|row| dot(&row[1..], row)).sum::<f64>();
        }
    }
    // What is left of equal images is rounding.
    let brightness: f64 = mean.iter().map(|mean| mean * mean).sum::<f64>() * count as f64;
    let varied = energy > 1e-10 * brightness;
    Ok(ratio(products / pairs as f64, energy / size as f64).filter(|_| varied))
}
