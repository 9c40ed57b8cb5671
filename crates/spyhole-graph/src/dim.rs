/// A dimension as a function of the batch size: `fixed + per_image · batch`.
///
/// A recorded graph has static shapes. Two recordings with different batch sizes tell which of its
/// dimensions grow with the batch, so one graph serves any number of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dim {
    fixed: isize,
    per_image: isize,
}

impl Dim {
    /// The dimension that is `a` for batch size `n`, and `b` for batch size `n + 1`.
    pub(crate) fn from_two(n: usize, a: usize, b: usize) -> Self {
        let per_image = b as isize - a as isize;
        Self { fixed: a as isize - per_image * n as isize, per_image }
    }

    pub(crate) fn at(self, batch: usize) -> usize {
        (self.fixed + self.per_image * batch as isize).max(0) as usize
    }

    /// Whether it is the same for every batch size.
    pub(crate) fn is_fixed(self) -> bool {
        self.per_image == 0
    }

    /// Rows of this dimension that belong to one image, if it is the batch dimension (perhaps merged
    /// with others, as in `[batch · groups, …]`).
    pub(crate) fn rows_per_image(self) -> Option<usize> {
        (self.fixed == 0 && self.per_image > 0).then_some(self.per_image as usize)
    }
}

/// The axis along which the images lie, with its rows per image. `None` if there is no such axis, if
/// there are several, or if another axis changes with the batch size too.
pub(crate) fn batch_axis(dims: &[Dim]) -> Option<(usize, usize)> {
    let mut changing = dims.iter().enumerate().filter(|(_, dim)| dim.per_image != 0);
    let (axis, dim) = changing.next()?;
    changing.next().is_none().then_some((axis, dim.rows_per_image()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_recordings_fix_a_dimension() {
        for (a, b, at_5, rows) in
            [(2, 3, 5, Some(1)), (8, 12, 20, Some(4)), (7, 7, 7, None), (3, 4, 6, None)]
        {
            let dim = Dim::from_two(2, a, b);
            assert_eq!((dim.at(2), dim.at(3)), (a, b));
            assert_eq!(dim.at(5), at_5);
            assert_eq!(dim.rows_per_image(), rows);
        }
    }
}
