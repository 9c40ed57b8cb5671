//! Gaussian blur of pictures.

/// Blurs a picture `[C, H, W]`, each channel by itself, with a Gaussian of these widths (σ) down and across, cut off
/// at 3σ. At the border the weights of the pixels that exist are scaled to a sum of 1.
pub(crate) fn blurred(
    picture: &[f32],
    [_, height, width]: [usize; 3],
    deviations: [f64; 2],
) -> Vec<f32> {
    let [down, across] = deviations.map(gauss);
    let planes = picture.chunks_exact((height * width).max(1));
    let blur = |plane| {
        let rows = along(plane, width, &across);
        let columns = along(&turned(&rows, [height, width]), height, &down);
        turned(&columns, [width, height])
    };
    planes.flat_map(blur).collect()
}

/// `exp(−i² / 2σ²)` for `i` from 0 to 3σ.
fn gauss(deviation: f64) -> Vec<f64> {
    let reach = (3.0 * deviation).ceil() as usize;
    (0..=reach).map(|i| (-(i as f64 / deviation).powi(2) / 2.0).exp()).collect()
}

/// Every row folded with the weights, which sum to 1 over what lies in the image.
fn along(plane: &[f32], width: usize, weights: &[f64]) -> Vec<f32> {
    let fold = |row: &[f32], at: usize| {
        let (mut sum, mut total) = (0.0, 0.0);
        let first = at.saturating_sub(weights.len() - 1);
        let last = (at + weights.len()).min(width);
        for (i, &pixel) in row.iter().enumerate().take(last).skip(first) {
            let weight = weights[i.abs_diff(at)];
            sum += weight * f64::from(pixel);
            total += weight;
        }
        (sum / total) as f32
    };
    plane
        .chunks_exact(width.max(1))
        .flat_map(|row| (0..width).map(move |at| fold(row, at)))
        .collect()
}

/// Rows as columns.
fn turned(plane: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    let column = |x: usize| (0..height).map(move |y| plane[y * width + x]);
    (0..width).flat_map(column).collect()
}
