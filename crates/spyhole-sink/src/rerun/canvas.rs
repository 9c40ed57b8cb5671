//! Pictures made out of the run's atlases.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, RgbaImage, imageops};
use spyhole_protocol::Atlas;

/// An atlas, decoded.
#[derive(Clone, Debug)]
pub(super) struct Tiles {
    image: RgbaImage,
    atlas: Atlas,
}

impl Tiles {
    pub(super) fn decode(atlas: &Atlas, png: &[u8]) -> image::ImageResult<Self> {
        let reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
        Ok(Self { image: reader.decode()?.to_rgba8(), atlas: atlas.clone() })
    }

    /// Width and height of a tile.
    pub(super) fn size(&self) -> [u32; 2] {
        [self.atlas.tile_width, self.atlas.tile_height]
    }

    /// A tile; `None` if there are not so many.
    pub(super) fn tile(&self, number: u32) -> Option<RgbaImage> {
        let [x, y] = corner(&self.atlas, number)?;
        let [width, height] = self.size();
        let inside = x + width <= self.image.width() && y + height <= self.image.height();
        inside.then(|| imageops::crop_imm(&self.image, x, y, width, height).to_image())
    }
}

/// The upper left corner of a tile in the atlas' picture; `None` if there are not so many.
pub(super) fn corner(atlas: &Atlas, number: u32) -> Option<[u32; 2]> {
    let columns = atlas.columns.max(1);
    (number < atlas.count)
        .then_some([number % columns * atlas.tile_width, number / columns * atlas.tile_height])
}

/// Cells in rows, near to a square as a whole, with equal gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) cell: [u32; 2],
    pub(super) gap: u32,
    pub(super) columns: u32,
    pub(super) count: u32,
}

impl Grid {
    pub(super) fn new(cell: [u32; 2], gap: u32, count: u32) -> Self {
        let [width, height] = cell.map(|side| f64::from(side + gap));
        let columns = (f64::from(count) * height / width).sqrt().round() as u32;
        Self { cell, gap, columns: columns.clamp(1, count.max(1)), count }
    }

    /// The upper left corner of a cell.
    pub(super) fn corner(&self, number: u32) -> [u32; 2] {
        let (column, row) = (number % self.columns, number / self.columns);
        [column * (self.cell[0] + self.gap), row * (self.cell[1] + self.gap)]
    }

    /// A canvas that it fits on, transparent.
    pub(super) fn canvas(&self) -> RgbaImage {
        let rows = self.count.div_ceil(self.columns).max(1);
        let side =
            |count: u32, side: u32| (count * (side + self.gap)).saturating_sub(self.gap).max(1);
        RgbaImage::new(side(self.columns, self.cell[0]), side(rows, self.cell[1]))
    }
}

/// Longer sides are not drawn: a store can claim any.
const LONGEST: u32 = 16_384;

/// A picture of another size, as far as that can be drawn.
pub(super) fn resized(picture: RgbaImage, [width, height]: [u32; 2]) -> RgbaImage {
    let drawable = (1..=LONGEST).contains(&width) && (1..=LONGEST).contains(&height);
    if !drawable || [width, height] == [picture.width(), picture.height()] {
        return picture;
    }
    imageops::resize(&picture, width, height, imageops::FilterType::Triangle)
}

/// Puts a picture onto a canvas.
pub(super) fn put(canvas: &mut RgbaImage, picture: &RgbaImage, [x, y]: [u32; 2]) {
    imageops::replace(canvas, picture, i64::from(x), i64::from(y));
}

/// As a PNG file.
pub(super) fn png(image: &RgbaImage) -> image::ImageResult<Vec<u8>> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(image, image.width(), image.height(), ExtendedColorType::Rgba8)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;
    use spyhole_protocol::ImageId;

    #[test]
    fn tiles_are_where_the_atlas_says() {
        let atlas = Atlas {
            image: ImageId("x".into()),
            tile_height: 2,
            tile_width: 3,
            columns: 2,
            count: 3,
            original: None,
        };
        let image = RgbaImage::from_fn(6, 4, |x, y| Rgba([(x / 3 + y / 2 * 2) as u8, 0, 0, 255]));
        let tiles = Tiles::decode(&atlas, &png(&image).unwrap()).unwrap();
        for number in 0..3 {
            let tile = tiles.tile(number).unwrap();
            assert_eq!((tile.width(), tile.height()), (3, 2));
            assert!(tile.pixels().all(|pixel| u32::from(pixel.0[0]) == number));
        }
        assert_eq!(tiles.tile(3), None);
        let larger = Atlas { count: 9, ..atlas };
        assert_eq!(Tiles::decode(&larger, &png(&image).unwrap()).unwrap().tile(8), None);
    }

    #[test]
    fn pictures_take_the_size_of_what_they_show() {
        let picture = RgbaImage::from_pixel(128, 76, Rgba([9, 8, 7, 255]));
        let shown = resized(picture.clone(), [160, 96]);
        assert_eq!((shown.dimensions(), shown.get_pixel(159, 95).0), ((160, 96), [9, 8, 7, 255]));
        for undrawable in [[0, 5], [u32::MAX, 5]] {
            assert_eq!(resized(picture.clone(), undrawable), picture);
        }
    }

    #[test]
    fn grids_are_near_to_a_square() {
        for (cell, gap, count, columns, size) in [
            ([10, 10], 2, 9, 3, (34, 34)),
            ([21, 10], 2, 9, 2, (44, 58)),
            ([5, 5], 1, 1, 1, (5, 5)),
            ([5, 5], 1, 0, 1, (5, 5)),
        ] {
            let grid = Grid::new(cell, gap, count);
            assert_eq!(grid.columns, columns, "{cell:?}");
            assert_eq!(grid.canvas().dimensions(), size, "{cell:?}");
        }
        assert_eq!(Grid::new([10, 8], 2, 4).corner(3), [12, 10]);
    }
}
