use serde::{Deserialize, Serialize};

/// Content address of a PNG picture: the first 32 hexadecimal digits of the SHA-256 of its bytes. The
/// same picture always has the same address, so it may be cached for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct ImageId(pub String);

/// Equal tiles in one PNG picture, row by row: tile `i` is at column `i % columns`, row
/// `i / columns`. One picture per layer and epoch keeps the number of files and requests small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Atlas {
    /// The picture.
    pub image: ImageId,
    /// Height of a tile in pixels of the picture.
    pub tile_height: u32,
    /// Width of a tile in pixels of the picture.
    pub tile_width: u32,
    /// Tiles side by side in a row.
    pub columns: u32,
    /// Number of tiles.
    pub count: u32,
    /// What a tile was before it was made smaller, or its channels laid side by side. `None`: it is as it was, pixel by
    /// pixel, or was written before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub original: Option<Original>,
}

/// A picture as it was before it became a tile. One or three channels are a single plane, grey or in colours. Of any
/// other number each channel is a grey plane of its own; they lie in rows, one empty pixel between neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Original {
    /// Height of a plane, in pixels.
    pub height: u32,
    /// Width of a plane, in pixels.
    pub width: u32,
    /// Number of planes.
    pub planes: u32,
    /// Planes in a row.
    pub columns: u32,
}

impl Original {
    /// How a picture of shape `[channels, height, width]` is laid out: near to a square of planes.
    pub fn laid_out([channels, height, width]: [u32; 3]) -> Self {
        let planes = Self::planes_of(channels);
        let columns = (1..planes).find(|side| side * side >= planes).unwrap_or(planes);
        Self { height, width, planes, columns }
    }

    /// How the images of a run lie in an atlas of them; one that was written before this was recorded has all planes
    /// in one row.
    pub fn of(atlas: &Atlas, [channels, height, width]: [u32; 3]) -> Self {
        let planes = Self::planes_of(channels);
        atlas.original.unwrap_or(Self { height, width, planes, columns: planes })
    }

    fn planes_of(channels: u32) -> u32 {
        if channels == 3 { 1 } else { channels.max(1) }
    }

    /// `[height, width]` of all planes together, in pixels.
    pub fn size(&self) -> [u32; 2] {
        let columns = self.columns.max(1);
        let rows = self.planes.div_ceil(columns).max(1);
        let along = |count: u32, side: u32| count.saturating_mul(side.saturating_add(1)) - 1;
        [along(rows, self.height), along(columns, self.width)]
    }

    /// Top and left of a plane, in pixels.
    pub fn corner(&self, plane: u32) -> [u32; 2] {
        let columns = self.columns.max(1);
        let at = |place: u32, side: u32| place.saturating_mul(side.saturating_add(1));
        [at(plane / columns, self.height), at(plane % columns, self.width)]
    }
}

/// A box of input pixels. It may reach beyond the image by the network's padding: those pixels do not
/// exist and are drawn as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Region {
    /// First row; negative above the image.
    pub top: i32,
    /// First column; negative left of the image.
    pub left: i32,
    /// Number of rows.
    pub height: u32,
    /// Number of columns.
    pub width: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_are_no_colours_lie_near_to_a_square() {
        let cases = [
            // (shape, planes, columns, [height, width])
            ([1, 5, 7], 1, 1, [5, 7]),
            ([3, 5, 7], 1, 1, [5, 7]),
            ([2, 16, 16], 2, 2, [16, 33]),
            ([6, 16, 16], 6, 3, [33, 50]),
            ([13, 16, 16], 13, 4, [67, 67]),
            ([119, 8, 8], 119, 11, [98, 98]),
        ];
        for (shape, planes, columns, size) in cases {
            let found = Original::laid_out(shape);
            assert_eq!((found.planes, found.columns, found.size()), (planes, columns, size));
            let [top, left] = found.corner(planes - 1);
            assert!(top + shape[1] <= size[0] && left + shape[2] <= size[1], "{shape:?}");
        }
        assert_eq!(Original::laid_out([13, 16, 16]).corner(6), [17, 34]);
        let most = Original { height: u32::MAX, width: 0, planes: u32::MAX, columns: 0 };
        assert_eq!((most.size(), most.corner(2)), ([u32::MAX - 1, 0], [u32::MAX, 0]));
    }
}
