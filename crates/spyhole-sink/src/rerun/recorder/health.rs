//! Statistics of the layers.

use re_sdk_types::archetypes::{Scalars, SeriesLines};
use spyhole_protocol::{LayerHealth, Watchlist};

use super::paths::layer_path;
use super::{Scene, settling};
use crate::SinkResult;
use crate::rerun::plots;

pub(super) fn watchlist(scene: &mut Scene, watchlist: &Watchlist) -> SinkResult {
    scene.statistics.clone_from(&watchlist.statistics);
    for layer in &scene.start.layers {
        for (statistic, colour) in plots::coloured(&watchlist.statistics) {
            let line = SeriesLines::new()
                .with_names([statistic.label.clone()])
                .with_colors([colour])
                .with_widths([2.0]);
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
