//! Where the prediction and the layers look, over the image.

use image::{Rgba, RgbaImage};
use re_sdk::EntityPath;
use spyhole_protocol::OcclusionSheet;

use super::super::Scene;
use super::super::paths::layer_path;
use super::super::pictures::{Pictures, drawn};
use crate::SinkResult;
use crate::rerun::canvas::resized;

pub(super) fn sheet(
    scene: &mut Scene,
    sheet: &OcclusionSheet,
    pictures: &dyn Pictures,
) -> SinkResult {
    let tiles = pictures.tiles(&sheet.atlas)?;
    let image = scene.show_probe_image(sheet.image)?;
    let path = format!("occlusion/image_{}/drop", sheet.image);
    let log = |path: EntityPath, tile: Option<u32>| -> SinkResult {
        let Some(tile) = tile.and_then(|tile| tiles.tile(tile)) else { return Ok(()) };
        scene.log(path, &drawn(&heat(&tile, image))?.with_draw_order(1.0))
    };
    log(path.as_str().into(), sheet.prediction.as_ref().and_then(|found| found.pixels))?;
    for layer in &sheet.layers {
        log(layer_path(&layer.layer, &path), layer.pixels)?;
    }
    Ok(())
}

/// A signed picture, mid-grey for zero, as a veil: red where something is lost, blue where something is gained.
fn heat(tile: &RgbaImage, size: Option<[u32; 2]>) -> RgbaImage {
    let veil = RgbaImage::from_fn(tile.width(), tile.height(), |x, y| {
        let Rgba([shade, .., opaque]) = *tile.get_pixel(x, y);
        let value = (f32::from(shade) - 127.5) / 127.5;
        let alpha = (value.abs() * 230.0).round() as u8;
        match (opaque, value > 0.0) {
            (0, _) => Rgba([0; 4]),
            (_, true) => Rgba([255, 60, 30, alpha]),
            (_, false) => Rgba([40, 110, 255, alpha]),
        }
    });
    match size {
        Some(size) => resized(veil, size),
        None => veil,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_red_and_zero_is_clear() {
        let shades = [255, 0, 127, 128];
        let tile = RgbaImage::from_fn(4, 1, |x, _| {
            let shade = shades[x as usize];
            Rgba([shade, shade, shade, 255])
        });
        let veil = heat(&tile, None);
        let pixels: Vec<_> = veil.pixels().map(|pixel| pixel.0).collect();
        assert_eq!(pixels[0], [255, 60, 30, 230]);
        assert_eq!(pixels[1], [40, 110, 255, 230]);
        assert!(pixels[2][3] <= 1 && pixels[3][3] <= 1, "{pixels:?}");
        assert_eq!(heat(&tile, Some([8, 2])).dimensions(), (8, 2));
    }
}
