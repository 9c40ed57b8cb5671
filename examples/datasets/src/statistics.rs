use crate::Picture;

/// Mean and standard deviation of every channel over all pixels of all pictures, in f64:
/// μ = Σx/n, σ = √(Σ(x−μ)²/n). A channel that never changes gets σ = 1, so that dividing by it is safe.
pub(crate) fn per_channel(pictures: &[Picture], shape: [usize; 3]) -> (Vec<f32>, Vec<f32>) {
    let area = shape[1] * shape[2];
    let average = |channel: usize, of: &dyn Fn(f64) -> f64| {
        let planes = pictures.iter().map(|p| &p.pixels[channel * area..(channel + 1) * area]);
        let sum: f64 = planes.flatten().map(|&x| of(f64::from(x))).sum();
        sum / (pictures.len() * area).max(1) as f64
    };
    (0..shape[0])
        .map(|channel| {
            let mean = average(channel, &|x| x);
            let deviation = average(channel, &|x| (x - mean).powi(2)).sqrt();
            (mean as f32, if deviation < 1e-6 { 1.0 } else { deviation as f32 })
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_kept_apart() {
        let picture = |pixels: [f32; 4]| Picture { pixels: pixels.to_vec(), label: 0 };
        let pictures = [picture([0.0, 1.0, 5.0, 5.0]), picture([2.0, 3.0, 5.0, 5.0])];
        let (mean, deviation) = per_channel(&pictures, [2, 1, 2]);
        assert_eq!(mean, [1.5, 5.0]);
        assert_eq!(deviation, [1.25_f32.sqrt(), 1.0]);
    }
}
