//! The training's metrics, and how far an epoch is.

use re_sdk_types::archetypes::{Scalars, SeriesLines};
use spyhole_protocol::{Metric, Split, Status};

use super::Scene;
use super::paths::metric_path;
use crate::SinkResult;

pub(super) fn metric(scene: &mut Scene, metric: &Metric) -> SinkResult {
    let (split, colour) = match metric.split {
        Split::Train => ("train", 0x8AA4_C8FF_u32),
        Split::Valid => ("valid", 0xF2A1_3CFF),
    };
    let path = metric_path(&metric.name, split);
    scene.metrics.insert(metric.name.clone(), metric.higher_is_better);
    let unit = metric.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
    let name = format!("{} {split}{unit}", metric.name);
    let line = SeriesLines::new().with_names([name]).with_colors([colour]).with_widths([2.0]);
    scene.log_once(&path, &line)?;
    // A gap is what a value that is not finite looks like.
    match metric.value {
        Some(value) => scene.log(path, &Scalars::single(value)),
        None => Ok(()),
    }
}

pub(super) fn progress(scene: &Scene, status: &Status) -> SinkResult {
    let share = status.items_done as f64 / status.items_total as f64;
    scene.log("progress/train", &Scalars::single(share))
}
