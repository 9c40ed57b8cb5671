use rand::Rng;
use rand_distr::StandardNormal;
use rustfft::{FftPlanner, num_complex::Complex};

/// Draws Gaussian noise whose amplitude falls as 1/f, as that of photographs does: broad light and dark
/// patches with finer ones in them. It wraps around at the edges.
pub(crate) struct PinkNoise {
    height: usize,
    width: usize,
    planner: FftPlanner<f32>,
}

impl PinkNoise {
    pub(crate) fn new(height: usize, width: usize) -> Self {
        PinkNoise { height, width, planner: FftPlanner::new() }
    }

    /// Two independent fields `[height, width]` of mean 0 and standard deviation 1: the real and the
    /// imaginary part of the inverse transform of complex white noise divided by its frequency.
    pub(crate) fn pair(&mut self, random: &mut impl Rng) -> [Vec<f32>; 2] {
        let (height, width) = (self.height, self.width);
        let mut spectrum: Vec<Complex<f32>> = (0..height * width)
            .map(|i| {
                let white =
                    Complex::new(random.sample(StandardNormal), random.sample(StandardNormal));
                white * amplitude(cycles(i / width, height), cycles(i % width, width))
            })
            .collect();
        self.planner.plan_fft_inverse(width).process(&mut spectrum);
        let mut turned = transposed(&spectrum, height, width);
        self.planner.plan_fft_inverse(height).process(&mut turned);
        let field = transposed(&turned, width, height);
        [standardised(field.iter().map(|z| z.re)), standardised(field.iter().map(|z| z.im))]
    }
}

/// Frequency of a transform's bin, in cycles per pixel.
fn cycles(bin: usize, length: usize) -> f32 {
    bin.min(length - bin) as f32 / length as f32
}

/// 1/f; the constant term is left out.
fn amplitude(vertical: f32, horizontal: f32) -> f32 {
    let frequency = vertical.hypot(horizontal);
    if frequency == 0.0 { 0.0 } else { 1.0 / frequency }
}

fn transposed(rows: &[Complex<f32>], height: usize, width: usize) -> Vec<Complex<f32>> {
    (0..height * width).map(|i| rows[i % height * width + i / height]).collect()
}

/// The mean is 0 already, for there is no constant term.
fn standardised(values: impl ExactSizeIterator<Item = f32> + Clone) -> Vec<f32> {
    let power = values.clone().map(|x| x * x).sum::<f32>() / values.len() as f32;
    let deviation = if power > 0.0 { power.sqrt() } else { 1.0 };
    values.map(|x| x / deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Power by frequency, read back with a slow literal cosine and sine sum, falls as 1/f².
    #[test]
    fn amplitude_falls_with_frequency() {
        let (height, width, fields) = (12, 16, 200);
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut noise = PinkNoise::new(height, width);
        let mut powers = [0.0; 2];
        for _ in 0..fields / 2 {
            for field in noise.pair(&mut random) {
                let mean = field.iter().sum::<f32>() / field.len() as f32;
                assert!(mean.abs() < 1e-4);
                for (power, bin) in powers.iter_mut().zip([1, 4]) {
                    let terms = field.iter().enumerate().map(|(i, x)| {
                        let angle =
                            std::f32::consts::TAU * (bin * (i % width)) as f32 / width as f32;
                        Complex::new(angle.cos(), angle.sin()) * x
                    });
                    *power += terms.sum::<Complex<f32>>().norm_sqr();
                }
            }
        }
        // The ratio is F(400, 400) distributed about 4² (somewhat less exact by the standardising).
        let ratio = powers[0] / powers[1];
        assert!((12.0..21.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_single_pixel_is_no_trouble() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        assert_eq!(PinkNoise::new(1, 1).pair(&mut random), [[0.0], [0.0]]);
    }
}
