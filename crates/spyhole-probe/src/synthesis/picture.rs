//! What is done to a picture `[C, H, W]` between two steps.

/// Moves a picture down and to the right, all around.
pub(super) fn rolled(
    picture: &[f32],
    [channels, height, width]: [usize; 3],
    [down, right]: [i64; 2],
) -> Vec<f32> {
    let from = |i: usize, shift: i64, extent: usize| {
        (i as i64 - shift).rem_euclid(extent.max(1) as i64) as usize
    };
    let mut rolled = Vec::with_capacity(picture.len());
    for channel in 0..channels {
        for row in 0..height {
            let start = (channel * height + from(row, down, height)) * width;
            let row = &picture[start..start + width];
            rolled.extend((0..width).map(|column| row[from(column, right, width)]));
        }
    }
    rolled
}

/// Brings every pixel into its channel's range, where there is one.
pub(super) fn clamp(picture: &mut [f32], channels: usize, range: &[[f32; 2]]) {
    let plane = picture.len() / channels.max(1);
    for (plane, [low, high]) in picture.chunks_exact_mut(plane.max(1)).zip(range) {
        // Not `clamp`, which panics when the bounds are in the wrong order.
        plane.iter_mut().for_each(|x| *x = x.min(*high).max(*low));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::blurred;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rolling_there_and_back_changes_nothing(
            (shape, picture) in (1..3_usize, 1..6_usize, 1..6_usize).prop_flat_map(|(c, h, w)| {
                (Just([c, h, w]), prop::collection::vec(-1.0..1.0_f32, c * h * w))
            }),
            down in -4..5_i64, right in -4..5_i64, sigma in 0.1..2.0_f32
        ) {
            let [channels, height, width] = shape;
            let moved = rolled(&picture, shape, [down, right]);
            prop_assert_eq!(&rolled(&moved, shape, [-down, -right]), &picture);
            let at = |p: &[f32], c: usize, y: usize, x: usize| p[(c * height + y) * width + x];
            let to = |i: usize, by: i64, n: usize| (i as i64 + by).rem_euclid(n as i64) as usize;
            let soft = blurred(&picture, shape, [f64::from(sigma); 2]);
            for c in 0..channels {
                for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                    let there = at(&moved, c, to(y, down, height), to(x, right, width));
                    prop_assert_eq!(there, at(&picture, c, y, x));
                    // All pairs of pixels, no further than three widths along each axis.
                    let (mut sum, mut total) = (0.0, 0.0);
                    for (v, u) in (0..height).flat_map(|v| (0..width).map(move |u| (v, u))) {
                        let (dy, dx) = (v.abs_diff(y) as f32, u.abs_diff(x) as f32);
                        if dy.max(dx) <= (3.0 * sigma).ceil() {
                            let weight = (-(dy * dy + dx * dx) / (2.0 * sigma * sigma)).exp();
                            sum += weight * at(&picture, c, v, u);
                            total += weight;
                        }
                    }
                    prop_assert!((at(&soft, c, y, x) - sum / total).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn pixels_stay_in_the_range_of_their_channel() {
        let mut picture = [-3.0, 0.5, 3.0, -3.0, 0.5, 3.0];
        clamp(&mut picture, 2, &[[-1.0, 1.0], [0.0, 2.0]]);
        assert_eq!(picture, [-1.0, 0.5, 1.0, 0.0, 0.5, 2.0]);
    }
}
