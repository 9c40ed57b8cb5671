//! Statistics of the layers.

use re_sdk_types::archetypes::{Scalars, SeriesLines};
use spyhole_protocol::{LayerHealth, Watchlist};

use super::paths::layer_path;
use super::{Scene, settling};
use crate::SinkResult;

/// Colours for lines in one plot, told apart on a dark ground.
const COLOURS: [u32; 10] = [
    0x4FC3_F7FF,
    0xFFB7_4DFF,
    0x81C7_84FF,
    0xE573_73FF,
    0xBA68_C8FF,
    0xFFF1_76FF,
    0x4DB6_ACFF,
    0xF06_292FF,
    0xA188_7FFF,
    0x90A4_AEFF,
];

pub(super) fn watchlist(scene: &mut Scene, watchlist: &Watchlist) -> SinkResult {
    scene.statistics.clone_from(&watchlist.statistics);
    for layer in &scene.start.layers {
        for (number, statistic) in watchlist.statistics.iter().enumerate() {
            let line = SeriesLines::new()
                .with_names([statistic.label.clone()])
                .with_colors([COLOURS[number % COLOURS.len()]]);
            let path = layer_path(&layer.name, &format!("statistics/{}", statistic.name));
            scene.log_static(path, &line)?;
        }
    }
    settling::describe(scene)?;
    scene.lay_out()
}

pub(super) fn health(scene: &mut Scene, health: &LayerHealth) -> SinkResult {
    for (name, value) in &health.values {
        if let Some(value) = value {
            let path = layer_path(&health.layer, &format!("statistics/{name}"));
            scene.log(path, &Scalars::single(*value))?;
        }
    }
    Ok(())
}
