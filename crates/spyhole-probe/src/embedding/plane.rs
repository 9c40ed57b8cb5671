//! Points in the plane.

/// The points about their mean, with a root mean square distance from it of 1. `None` if they are all the same, or
/// not finite.
pub(super) fn normalised(points: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
    let count = points.len() as f64;
    let mean = [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / count);
    let centred = || points.iter().map(|point| [point[0] - mean[0], point[1] - mean[1]]);
    let size = (centred().map(|[x, y]| x * x + y * y).sum::<f64>() / count).sqrt();
    let far = mean[0].abs().max(mean[1].abs());
    (size.is_finite() && size > 1e-9 * far)
        .then(|| centred().map(|point| point.map(|x| x / size)).collect())
}

/// The points after the rotation, perhaps with a reflection, that brings them nearest to `target`, by the sum of
/// squared distances; both about 0.
pub(super) fn turned(points: &[[f64; 2]], target: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let fit = |mirror: f64| {
        let (mut cos, mut sin) = (0.0, 0.0);
        for ([x, y], [u, v]) in points.iter().zip(target) {
            cos += mirror * x * u + y * v;
            sin += mirror * x * v - y * u;
        }
        (f64::hypot(cos, sin), sin.atan2(cos), mirror)
    };
    let (plain, mirrored) = (fit(1.0), fit(-1.0));
    let (_, angle, mirror) = if mirrored.0 > plain.0 { mirrored } else { plain };
    let (sin, cos) = angle.sin_cos();
    points.iter().map(|[x, y]| [cos * mirror * x - sin * y, sin * mirror * x + cos * y]).collect()
}

pub(super) fn doubles(points: &[[f32; 2]]) -> Vec<[f64; 2]> {
    points.iter().map(|point| point.map(f64::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn turned_points_are_nearest(
            (points, target) in (2..9_usize).prop_flat_map(|count| {
                let points = || prop::collection::vec([-1.0..1.0_f64, -1.0..1.0], count);
                (points(), points())
            })
        ) {
            let (Some(points), Some(target)) = (normalised(&points), normalised(&target)) else {
                return Ok(());
            };
            let distance = |points: &[[f64; 2]]| -> f64 {
                let pairs = points.iter().zip(&target);
                pairs.map(|(a, b)| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sum()
            };
            let found = distance(&turned(&points, &target));
            // All angles, in steps.
            let least = (0..720).map(|step| {
                let (sin, cos) = (f64::from(step) * std::f64::consts::PI / 180.0).sin_cos();
                let mirror = if step < 360 { 1.0 } else { -1.0 };
                let turn = |[x, y]: &[f64; 2]| {
                    [cos * mirror * x - sin * y, sin * mirror * x + cos * y]
                };
                distance(&points.iter().map(turn).collect::<Vec<_>>())
            }).fold(f64::INFINITY, f64::min);
            prop_assert!(found <= least + 1e-9 && found > least - 0.02, "{found} {least}");
        }
    }

    #[test]
    fn points_that_are_one_have_no_size() {
        assert_eq!(normalised(&[[0.3, 0.1]; 5]), None);
        assert_eq!(normalised(&[[f64::NAN, 0.0], [1.0, 0.0]]), None);
        assert_eq!(normalised(&[]), None);
        let found = normalised(&[[1.0, 5.0], [3.0, 5.0]]).unwrap();
        assert_eq!(found, [[-1.0, 0.0], [1.0, 0.0]]);
    }
}
