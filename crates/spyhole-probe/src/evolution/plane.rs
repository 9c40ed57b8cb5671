//! One map in one image.

/// How many positions of a plane represent it.
const POSITIONS: usize = 4;

const LANES: usize = 8;

/// The positions `row · width + column` that represent a plane: the centres of its quadrants; of a line, of its
/// quarters; all, if there are no more than four.
pub(super) fn positions([height, width]: [usize; 2]) -> Vec<usize> {
    if height * width <= POSITIONS {
        return (0..height * width).collect();
    }
    let centres = |extent: usize, parts: usize| {
        (0..parts).map(move |part| (2 * part + 1) * extent / (2 * parts))
    };
    let [rows, columns] = match [height, width] {
        [1, _] => [1, POSITIONS],
        [_, 1] => [POSITIONS, 1],
        _ => [2, 2],
    };
    let row = |row: usize| centres(width, columns).map(move |column| row * width + column);
    centres(height, rows).flat_map(row).collect()
}

/// The largest value; NaN if one is not finite. Several side by side, so that the processor need not wait.
pub(crate) fn largest(plane: &[f32]) -> f32 {
    let (mut lanes, mut broken) = ([f32::NEG_INFINITY; LANES], [0.0; LANES]);
    let chunks = plane.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks.chain([rest]) {
        for ((lane, broken), &value) in lanes.iter_mut().zip(&mut broken).zip(chunk) {
            *lane = if value > *lane { value } else { *lane };
            // NaN for what is not finite, and NaN stays.
            *broken += value * 0.0;
        }
    }
    let broken: f32 = broken.iter().sum();
    lanes.into_iter().fold(f32::NEG_INFINITY, f32::max) + broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quadrants_have_centres() {
        let cases: [([usize; 2], &[usize]); 8] = [
            ([1, 1], &[0]),
            ([2, 2], &[0, 1, 2, 3]),
            ([1, 3], &[0, 1, 2]),
            ([14, 14], &[3 * 14 + 3, 3 * 14 + 10, 10 * 14 + 3, 10 * 14 + 10]),
            ([2, 3], &[0, 2, 3, 5]),
            ([3, 3], &[0, 2, 6, 8]),
            ([1, 8], &[1, 3, 5, 7]),
            ([16, 1], &[2, 6, 10, 14]),
        ];
        for (size, expected) in cases {
            assert_eq!(positions(size), expected, "{size:?}");
        }
    }

    proptest! {
        #[test]
        fn the_largest_is_that_of_a_plain_search(
            mut plane in prop::collection::vec(-1e3..1e3_f32, 1..40),
            place in 0..40_usize,
            broken in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]),
        ) {
            let expected = plane.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert_eq!(largest(&plane), expected);
            let place = place % plane.len();
            plane[place] = broken;
            prop_assert!(largest(&plane).is_nan());
        }
    }
}
