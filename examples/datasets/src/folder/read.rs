use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, imageops::FilterType};
use std::path::Path;

/// How images are resized: smooth when made smaller, sharp when made larger.
const FILTER: FilterType = FilterType::CatmullRom;

/// Reads an image file as RGB, `[3, side, side]`, 0 to 1. The error is the reason in words.
pub(super) fn pixels(file: &Path, side: usize) -> Result<Vec<f32>, String> {
    let image = decoded(file).map_err(|error| error.to_string())?;
    let edge = image.width().min(image.height());
    if edge == 0 {
        return Err("it has no pixels".into());
    }
    let (left, top) = ((image.width() - edge) / 2, (image.height() - edge) / 2);
    // On white before resizing, or the hidden colour of transparent pixels would bleed into the rim.
    let opaque = on_white(image.crop_imm(left, top, edge, edge));
    let small = opaque.resize_exact(side as u32, side as u32, FILTER).into_rgb32f();
    let interleaved = small.as_raw();
    Ok((0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3)).copied().collect())
}

/// Decodes by content, not by extension, within the image library's limits on memory, and turns the image
/// as its EXIF data say.
fn decoded(file: &Path) -> ImageResult<DynamicImage> {
    let mut decoder = ImageReader::open(file)?.with_guessed_format()?.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn on_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image;
    }
    let mut image = image.into_rgba32f();
    for pixel in image.pixels_mut() {
        let [colour @ .., alpha] = &mut pixel.0;
        colour.iter_mut().for_each(|c| *c = *c * *alpha + (1.0 - *alpha));
        *alpha = 1.0;
    }
    image.into()
}
