use crate::windows::Unit;

/// Where a projection starts: everything else in the layer is set to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seed {
    /// One unit.
    Unit {
        /// Position of the image in the batch.
        image: usize,
        /// Feature map.
        map: usize,
        /// Row in the map.
        row: usize,
        /// Column in the map.
        column: usize,
    },
    /// A whole feature map.
    Map {
        /// Position of the image in the batch.
        image: usize,
        /// Feature map.
        map: usize,
    },
}

impl Seed {
    pub(crate) fn image(self) -> usize {
        match self {
            Self::Unit { image, .. } | Self::Map { image, .. } => image,
        }
    }

    pub(crate) fn map(self) -> usize {
        match self {
            Self::Unit { map, .. } | Self::Map { map, .. } => map,
        }
    }

    /// The unit, if it is a single one.
    pub(crate) fn unit(self) -> Option<Unit> {
        match self {
            Self::Unit { image, row, column, .. } => Some(Unit { image, position: [row, column] }),
            Self::Map { .. } => None,
        }
    }
}

/// The value with which a projection starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SeedValue {
    /// The activation itself (Zeiler & Fergus 2013). A unit that is silent has an empty picture.
    #[default]
    Own,
    /// One, as for a derivative.
    One,
}

/// A direction in the space of a layer's channels: the linear combination `a · v` of its feature maps
/// (Szegedy et al. 2013 compare random ones with single maps). The k-th unit vector is map k.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// Position of the image in the batch.
    pub image: usize,
    /// `v`, one number per feature map. It is used as it is, not normalised.
    pub weights: Vec<f32>,
    /// `[row, column]`; `None` for every position.
    pub at: Option<[usize; 2]>,
}
