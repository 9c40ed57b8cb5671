//! What excites feature maps: each projection beside its patch.

use re_sdk_types::archetypes::Boxes2D;
use spyhole_protocol::{LayerFeatures, UnitView};

use super::super::canvas::{Grid, Tiles, put};
use super::Scene;
use super::paths::layer_path;
use super::pictures::{Pictures, drawn};
use super::strip;
use crate::SinkResult;

pub(super) fn features(
    scene: &mut Scene,
    features: &LayerFeatures,
    pictures: &dyn Pictures,
) -> SinkResult {
    if features.atlas.count == 0 {
        return Ok(());
    }
    let tiles = pictures.tiles(&features.atlas)?;
    pairs(scene, &features.layer, "features/strongest", &features.strongest, &tiles)?;
    pairs(scene, &features.layer, "features/followed", &features.followed, &tiles)?;
    strip::add(scene, features, &tiles)
}

/// One picture with a cell per map: the projection on the left, the patch on the right.
fn pairs(scene: &Scene, layer: &str, path: &str, views: &[UnitView], tiles: &Tiles) -> SinkResult {
    let [width, height] = tiles.size();
    let inner = (width / 16).max(1);
    let grid = Grid::new([2 * width + inner, height], 3 * inner, views.len() as u32);
    let mut canvas = grid.canvas();
    for (number, view) in (0..).zip(views) {
        let [x, y] = grid.corner(number);
        for (tile, x) in [(view.projection, x), (view.patch, x + width + inner)] {
            if let Some(tile) = tile.and_then(|tile| tiles.tile(tile)) {
                put(&mut canvas, &tile, [x, y]);
            }
        }
    }
    scene.log(layer_path(layer, path), &drawn(&canvas)?)?;
    let corners = (0..grid.count).map(|number| grid.corner(number).map(|side| side as f32));
    let boxes = Boxes2D::from_mins_and_sizes(
        corners,
        views.iter().map(|_| grid.cell.map(|side| side as f32)),
    )
    .with_labels(views.iter().map(|view| label(scene, view)))
    .with_show_labels(false)
    .with_colors([0xFFFF_FF30_u32])
    .with_radii([-0.5]);
    scene.log(layer_path(layer, &format!("{path}/maps")), &boxes)
}

fn label(scene: &Scene, view: &UnitView) -> String {
    let value = view.value.map(|value| format!(" {value:.3}")).unwrap_or_default();
    let class = scene.class_of(view.image).map(|class| format!(" ({class})")).unwrap_or_default();
    format!("map {}:{value} in image {}{class}", view.map, view.image)
}
