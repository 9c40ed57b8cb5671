//! How much a layer changes, for the layer clock.

use re_sdk_types::archetypes::Scalars;
use spyhole_protocol::LayerEvolution;

use super::Scene;
use super::paths::layer_path;
use crate::SinkResult;

pub(super) fn evolution(scene: &mut Scene, evolution: &LayerEvolution) -> SinkResult {
    let Some(change) = evolution.change else { return Ok(()) };
    let clock = scene.clocks.entry(evolution.layer.clone()).or_default();
    clock.changes.insert(evolution.epoch, change);
    scene.log(layer_path(&evolution.layer, "change"), &Scalars::single(change))
}
