use crate::error::ProbeError;

/// Where the squares lie: `(⌊(H − h)/s⌋ + 1)` rows of them, and columns alike. Pixels behind the last square
/// are never hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcclusionGrid {
    /// `[height, width]` of the image.
    pub image: [usize; 2],
    /// `[height, width]` of the square.
    pub size: [usize; 2],
    /// How far squares lie apart, down and across.
    pub stride: [usize; 2],
    /// Their top rows.
    pub rows: Vec<usize>,
    /// Their left columns. The places are all pairs of a row and a column, row by row.
    pub columns: Vec<usize>,
}

impl OcclusionGrid {
    /// Of squares of `size` that lie `stride` apart in an image, from its top left corner on.
    ///
    /// # Errors
    /// When the square is empty or larger than the image, or the stride is 0.
    pub fn new(
        image: [usize; 2],
        size: [usize; 2],
        stride: [usize; 2],
    ) -> Result<Self, ProbeError> {
        let fits = (0..2).all(|i| (1..=image[i]).contains(&size[i]) && stride[i] > 0);
        if !fits {
            return Err(ProbeError::Square { size, stride, image });
        }
        let [rows, columns] = [0, 1].map(|i| (0..=image[i] - size[i]).step_by(stride[i]).collect());
        Ok(Self { image, size, stride, rows, columns })
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Per place, the mean over the square of a picture summed over its channels as absolute values: `Σ_c|x_c|`
    /// box-blurred by the square's size and sampled at the squares' centres.
    pub(super) fn means(&self, picture: &[f32]) -> Vec<f64> {
        let [height, width] = self.image;
        // Sums over everything above and left of a corner.
        let mut corner = vec![0.0; (height + 1) * (width + 1)];
        for y in 0..height {
            let mut row = 0.0;
            for x in 0..width {
                let channels = picture[y * width + x..].iter().step_by(height * width);
                row += channels.map(|&pixel| f64::from(pixel).abs()).sum::<f64>();
                corner[(y + 1) * (width + 1) + x + 1] = corner[y * (width + 1) + x + 1] + row;
            }
        }
        let at = |y: usize, x: usize| corner[y * (width + 1) + x];
        let area = (self.size[0] * self.size[1]) as f64;
        let mean = |y: usize, x: usize| {
            let [below, right] = [y + self.size[0], x + self.size[1]];
            (at(below, right) - at(y, right) - at(below, x) + at(y, x)) / area
        };
        self.rows.iter().flat_map(|&y| self.columns.iter().map(move |&x| mean(y, x))).collect()
    }

    /// One number per pixel, `[H, W]`, from one per place: the mean over the squares that cover the pixel, as
    /// captum shows it. `None` for a pixel that is never hidden.
    pub fn per_pixel(&self, drops: &[f64]) -> Vec<Option<f64>> {
        let [height, width] = self.image;
        let mut sums = vec![(0.0, 0usize); height * width];
        let places = self.rows.iter().flat_map(|y| self.columns.iter().map(move |x| (*y, *x)));
        for ((top, left), drop) in places.zip(drops) {
            for y in top..top + self.size[0] {
                for (sum, count) in &mut sums[y * width + left..][..self.size[1]] {
                    *sum += drop;
                    *count += 1;
                }
            }
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_stay_inside_the_image() {
        for (image, size, stride, rows, columns) in [
            ([8, 8], [2, 2], [1, 1], (0..7).collect(), (0..7).collect()),
            ([4, 4], [2, 3], [2, 1], vec![0, 2], vec![0, 1]),
            ([7, 5], [3, 5], [3, 9], vec![0, 3], vec![0]),
            ([1, 3], [1, 1], [1, 2], vec![0], vec![0, 2]),
        ] {
            let grid = OcclusionGrid::new(image, size, stride).unwrap();
            assert_eq!((&grid.rows, &grid.columns), (&rows, &columns), "{image:?} {size:?}");
            assert_eq!(grid.places(), rows.len() * columns.len());
        }
        for (size, stride) in
            [([9, 2], [1, 1]), ([2, 9], [1, 1]), ([0, 2], [1, 1]), ([2, 2], [0, 1])]
        {
            let error = OcclusionGrid::new([8, 8], size, stride).unwrap_err();
            assert!(matches!(error, ProbeError::Square { .. }), "{size:?} {stride:?}");
        }
    }

    #[test]
    fn means_are_the_slow_sums() {
        let grid = OcclusionGrid::new([5, 7], [2, 3], [1, 2]).unwrap();
        let picture: Vec<f32> = (0..70).map(|i| ((i * 29) % 11) as f32 - 5.0).collect();
        let mut means = grid.means(&picture).into_iter();
        for &top in &grid.rows {
            for &left in &grid.columns {
                let mut sum = 0.0;
                for (y, x) in (top..top + 2).flat_map(|y| (left..left + 3).map(move |x| (y, x))) {
                    sum += picture[y * 7 + x].abs() + picture[35 + y * 7 + x].abs();
                }
                assert!((means.next().unwrap() - f64::from(sum) / 6.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_pixel_has_the_mean_of_its_squares() {
        let grid = OcclusionGrid::new([1, 4], [1, 2], [1, 1]).unwrap();
        let pixels = grid.per_pixel(&[1.0, 2.0, 6.0]);
        assert_eq!(pixels, [Some(1.0), Some(1.5), Some(4.0), Some(6.0)]);
        let sparse = OcclusionGrid::new([1, 4], [1, 1], [1, 2]).unwrap();
        assert_eq!(sparse.per_pixel(&[1.0, 2.0]), [Some(1.0), None, Some(2.0), None]);
    }
}
