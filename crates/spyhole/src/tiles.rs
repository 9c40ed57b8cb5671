//! Pieces of pictures, drawn side by side into one PNG.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage, imageops};
use spyhole_probe::Crop;
use spyhole_protocol::{Atlas, Original};
use spyhole_sink::Picture;

use crate::error::SpyholeError;

/// Larger tiles are scaled down to this many pixels on their longer side: what is sent and kept every
/// epoch stays small. Raising it shows finer detail of large images.
const LARGEST_TILE: u32 = 128;

/// How a value becomes a shade.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shade {
    /// 0 is black, 1 is white.
    Light,
    /// −scale is black, 0 is mid-grey, +scale is white.
    Signed { scale: f32 },
}

impl Shade {
    fn of(self, value: f32) -> u8 {
        let light = match self {
            Self::Light => value,
            Self::Signed { scale } if scale > 0.0 => 0.5 + 0.5 * value / scale,
            Self::Signed { .. } => 0.5,
        };
        (light.clamp(0.0, 1.0) * 255.0).round() as u8
    }
}

/// A picture that grows tile by tile.
#[derive(Debug)]
pub(crate) struct Tiles {
    tiles: Vec<RgbaImage>,
    /// What the first tile was, if it does not show that pixel by pixel. All tiles of an atlas are of one kind.
    original: Option<Original>,
    largest: u32,
}

impl Default for Tiles {
    fn default() -> Self {
        Self::up_to(LARGEST_TILE)
    }
}

impl Tiles {
    /// With tiles of at most so many pixels on their longer side.
    pub(crate) fn up_to(largest: u32) -> Self {
        Self { tiles: vec![], original: None, largest }
    }

    /// Adds a tile and returns its number. One channel is grey, three are red, green and blue; any
    /// other number is laid side by side in grey ([`Original`]). What is not a number is transparent.
    pub(crate) fn add(&mut self, crop: &Crop, shade: Shade) -> u32 {
        let original =
            Original::laid_out([crop.channels, crop.height, crop.width].map(|n| n as u32));
        let tile = draw(crop, shade, original);
        let longest = tile.width().max(tile.height());
        if self.tiles.is_empty() && (longest > self.largest || original.planes > 1) {
            self.original = Some(original);
        }
        let tile = if longest > self.largest {
            let scaled = |side: u32| (side * self.largest / longest).max(1);
            let (width, height) = (scaled(tile.width()), scaled(tile.height()));
            imageops::resize(&tile, width, height, imageops::FilterType::Triangle)
        } else {
            tile
        };
        self.tiles.push(tile);
        (self.tiles.len() - 1) as u32
    }

    /// Draws all tiles into one picture. Smaller tiles than the largest leave the rest transparent.
    pub(crate) fn finish(self) -> Result<(Atlas, Picture), SpyholeError> {
        let tile_width = self.tiles.iter().map(RgbaImage::width).max().unwrap_or(1);
        let tile_height = self.tiles.iter().map(RgbaImage::height).max().unwrap_or(1);
        let count = self.tiles.len() as u32;
        // Close to a square, so that neither side of a large atlas runs into a browser's limits.
        let aspect = f64::from(tile_height) / f64::from(tile_width);
        let columns = ((f64::from(count) * aspect).sqrt().ceil() as u32).clamp(1, count.max(1));
        let rows = count.div_ceil(columns).max(1);
        let mut canvas = RgbaImage::new(columns * tile_width, rows * tile_height);
        for (i, tile) in self.tiles.iter().enumerate() {
            let (column, row) = (i as u32 % columns, i as u32 / columns);
            imageops::replace(
                &mut canvas,
                tile,
                i64::from(column * tile_width),
                i64::from(row * tile_height),
            );
        }
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
            .write_image(&canvas, canvas.width(), canvas.height(), ExtendedColorType::Rgba8)?;
        let picture = Picture::new(png);
        let atlas = Atlas {
            image: picture.id().clone(),
            tile_height,
            tile_width,
            columns,
            count,
            original: self.original,
        };
        Ok((atlas, picture))
    }
}

fn draw(crop: &Crop, shade: Shade, original: Original) -> RgbaImage {
    let (width, height) = (crop.width as u32, crop.height as u32);
    let at = |channel: usize, x: u32, y: u32| {
        crop.pixels[(channel * crop.height + y as usize) * crop.width + x as usize]
    };
    let pixel = |channels: [usize; 3], x: u32, y: u32| {
        let values = channels.map(|channel| at(channel, x, y));
        if values.iter().any(|value| value.is_nan()) {
            return Rgba([0; 4]);
        }
        let [red, green, blue] = values.map(|value| shade.of(value));
        Rgba([red, green, blue, 255])
    };
    match crop.channels {
        3 => RgbaImage::from_fn(width, height, |x, y| pixel([0, 1, 2], x, y)),
        channels => {
            let [rows, columns] = original.size();
            let mut planes = RgbaImage::new(columns, rows);
            for channel in 0..channels {
                let [top, left] = original.corner(channel as u32);
                for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                    planes.put_pixel(left + x, top + y, pixel([channel; 3], x, y));
                }
            }
            planes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crop(channels: usize, width: usize, pixels: &[f32]) -> Crop {
        let height = pixels.len() / channels / width;
        Crop { channels, height, width, pixels: pixels.to_vec() }
    }

    #[test]
    fn shades_and_colours() {
        let cases: [(Crop, Shade, &[[u8; 4]]); 5] = [
            (crop(1, 2, &[0.0, 1.0]), Shade::Light, &[[0, 0, 0, 255], [255; 4]]),
            (
                crop(1, 3, &[-2.0, 0.0, 2.0]),
                Shade::Signed { scale: 2.0 },
                &[[0, 0, 0, 255], [128, 128, 128, 255], [255; 4]],
            ),
            (crop(1, 1, &[0.0]), Shade::Signed { scale: 0.0 }, &[[128, 128, 128, 255]]),
            (crop(3, 1, &[1.0, 0.0, 0.5]), Shade::Light, &[[255, 0, 128, 255]]),
            (crop(2, 1, &[1.0, f32::NAN]), Shade::Light, &[[255; 4], [0; 4], [0; 4]]),
        ];
        for (crop, shade, expected) in cases {
            let shape = [crop.channels, crop.height, crop.width].map(|n| n as u32);
            let drawn = draw(&crop, shade, Original::laid_out(shape));
            let drawn: Vec<_> = drawn.pixels().map(|pixel| pixel.0).collect();
            assert_eq!(drawn, expected, "{crop:?}");
        }
    }

    #[test]
    fn tiles_are_found_where_the_atlas_says() {
        let mut tiles = Tiles::default();
        for i in 0..7 {
            let crop = crop(1, 3, &[i as f32 / 6.0; 6]);
            assert_eq!(tiles.add(&crop, Shade::Light), i);
        }
        let (atlas, picture) = tiles.finish().unwrap();
        assert_eq!((atlas.tile_width, atlas.tile_height, atlas.count), (3, 2, 7));
        let decoded = image::load_from_memory(picture.png()).unwrap().to_rgba8();
        for i in 0..7u32 {
            let x = i % atlas.columns * atlas.tile_width;
            let y = i / atlas.columns * atlas.tile_height;
            let shade = (i as f32 / 6.0 * 255.0).round() as u8;
            assert_eq!(decoded.get_pixel(x, y).0, [shade, shade, shade, 255]);
        }
    }

    #[test]
    fn channels_that_are_no_colours_lie_in_rows() {
        let pixels: Vec<f32> = (0..13).flat_map(|channel| [channel as f32 / 12.0; 256]).collect();
        let mut tiles = Tiles::default();
        tiles.add(&crop(13, 16, &pixels), Shade::Light);
        let (atlas, picture) = tiles.finish().unwrap();
        let original = Original { height: 16, width: 16, planes: 13, columns: 4 };
        assert_eq!((atlas.tile_width, atlas.tile_height, atlas.original), (67, 67, Some(original)));
        let decoded = image::load_from_memory(picture.png()).unwrap().to_rgba8();
        for channel in 0..13 {
            let [top, left] = original.corner(channel);
            let shade = (channel as f32 / 12.0 * 255.0).round() as u8;
            assert_eq!(decoded.get_pixel(left + 15, top + 15).0, [shade, shade, shade, 255]);
        }
        assert_eq!(decoded.get_pixel(66, 66).0[3], 0, "three places of the last row are empty");
    }

    #[test]
    fn large_tiles_are_scaled_down() {
        let mut tiles = Tiles::default();
        tiles.add(&crop(1, 400, &[0.25; 400 * 200]), Shade::Light);
        let (atlas, _) = tiles.finish().unwrap();
        assert_eq!((atlas.tile_width, atlas.tile_height), (128, 64));
        let original = Original { height: 200, width: 400, planes: 1, columns: 1 };
        assert_eq!(atlas.original, Some(original));
        let empty = Tiles::default().finish().unwrap().0;
        assert_eq!(empty.count, 0);
    }
}
