//! All maps of a layer for a probe image.

use re_sdk_types::archetypes::Boxes2D;
use spyhole_protocol::{ActivationSheet, MapView};

use super::super::Scene;
use super::super::paths::layer_path;
use super::super::pictures::{self, Pictures};
use crate::SinkResult;
use crate::rerun::canvas::corner;

pub(super) fn sheet(scene: &Scene, sheet: &ActivationSheet, pictures: &dyn Pictures) -> SinkResult {
    let path = format!("activations/image_{}", sheet.image);
    let png = pictures.png(&sheet.atlas.image)?;
    scene.log(layer_path(&sheet.layer, &path), &pictures::png(&png))?;

    let tiles = (0..).zip(&sheet.maps);
    let tiles: Vec<_> = tiles
        .filter_map(|(number, map)| Some((number, corner(&sheet.atlas, number)?, map)))
        .collect();
    let size = [sheet.atlas.tile_width as f32, sheet.atlas.tile_height as f32];
    let boxes = Boxes2D::from_mins_and_sizes(
        tiles.iter().map(|(_, corner, _)| corner.map(|side| side as f32)),
        tiles.iter().map(|_| size),
    )
    .with_labels(tiles.iter().map(|(number, _, map)| label(*number, map)))
    .with_show_labels(false)
    .with_colors(tiles.iter().map(|(.., map)| if map.dead { 0xE573_73FF_u32 } else { 0xFFFF_FF20 }))
    .with_radii([-0.5]);
    scene.log(layer_path(&sheet.layer, &format!("{path}/maps")), &boxes)
}

fn label(number: u32, map: &MapView) -> String {
    let scale = map.scale.map(|scale| format!(", at most {scale:.3}")).unwrap_or_default();
    let zeros = map.zero_share.map(|share| format!(", {:.0} % zero", share * 100.0));
    let dead = if map.dead { ", dead" } else { "" };
    format!("map {number}{dead}{scale}{}", zeros.unwrap_or_default())
}
