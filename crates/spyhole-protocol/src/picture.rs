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
