/// Rows or columns from `first` to `last`, both included. They may lie outside the image: where a
/// network pads, units at the border see positions that do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First position.
    pub first: i64,
    /// Last position.
    pub last: i64,
}

impl Span {
    /// A single position.
    pub fn at(position: usize) -> Self {
        Self { first: position as i64, last: position as i64 }
    }

    /// All positions of an axis.
    pub fn all(extent: usize) -> Self {
        Self { first: 0, last: extent as i64 - 1 }
    }

    /// Number of positions.
    pub fn len(self) -> usize {
        (self.last - self.first + 1).max(0) as usize
    }

    /// Whether there is no position in it.
    pub fn is_empty(self) -> bool {
        self.last < self.first
    }

    /// The smallest span that contains both.
    pub fn union(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// The part that lies in an axis of that length.
    pub fn clip(self, extent: usize) -> Self {
        Self { first: self.first.max(0), last: self.last.min(extent as i64 - 1) }
    }
}

/// A box of positions in the plane of a feature map or image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Rows.
    pub rows: Span,
    /// Columns.
    pub columns: Span,
}

impl Window {
    /// A single position.
    pub fn at(row: usize, column: usize) -> Self {
        Self { rows: Span::at(row), columns: Span::at(column) }
    }

    /// The whole plane `[height, width]`.
    pub fn all([height, width]: [usize; 2]) -> Self {
        Self { rows: Span::all(height), columns: Span::all(width) }
    }

    /// The smallest box that contains both.
    pub fn union(self, other: Self) -> Self {
        Self { rows: self.rows.union(other.rows), columns: self.columns.union(other.columns) }
    }

    /// The part that lies in a plane of that size.
    pub fn clip(self, [height, width]: [usize; 2]) -> Self {
        Self { rows: self.rows.clip(height), columns: self.columns.clip(width) }
    }

    /// `[height, width]`.
    pub fn size(self) -> [usize; 2] {
        [self.rows.len(), self.columns.len()]
    }
}
