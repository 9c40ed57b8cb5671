//! Draws the first pictures of a data set, one row per class, into a png to look at:
//! `cargo run -p datasets --example contact_sheet -- shapes sheet.png`

use datasets::{DataSet, Source};
use image::{Rgb, RgbImage};
use std::error::Error;

/// Pictures per class.
const COLUMNS: usize = 12;
/// Least side of a drawn picture in pixels; smaller ones are enlarged by a whole factor.
const LEAST: usize = 64;
/// Pixels between pictures.
const GAP: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, file] = arguments.as_slice() else {
        return Err("usage: contact_sheet digits|shapes|PATH FILE.png".into());
    };
    let source: Source = source.parse()?;
    sheet(&datasets::load(&source, 1)?).save(file)?;
    Ok(())
}

fn sheet(set: &DataSet) -> RgbImage {
    let [channels, height, width] = set.shape;
    let zoom = LEAST.div_ceil(height);
    let (tile_width, tile_height) = (width * zoom + GAP, height * zoom + GAP);
    let rows = set.class_names.len();
    let mut sheet = RgbImage::new((COLUMNS * tile_width) as u32, (rows * tile_height) as u32);
    for row in 0..rows {
        let pictures = set.train.iter().filter(|picture| picture.label == row);
        for (column, picture) in pictures.take(COLUMNS).enumerate() {
            for (y, x) in (0..height * zoom).flat_map(|y| (0..width * zoom).map(move |x| (y, x))) {
                let at = |channel: usize| {
                    let plane = channel.min(channels - 1) * height * width;
                    let value = picture.pixels[plane + y / zoom * width + x / zoom];
                    (value.clamp(0.0, 1.0) * 255.0).round() as u8
                };
                let (left, top) = (column * tile_width + x, row * tile_height + y);
                sheet.put_pixel(left as u32, top as u32, Rgb([at(0), at(1), at(2)]));
            }
        }
    }
    sheet
}
