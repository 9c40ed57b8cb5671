//! The layer clock: how each layer stands, as a lane of states, and a mark where it settled.

use std::collections::BTreeMap;

use re_sdk_types::archetypes::{
    Scalars, SeriesLines, SeriesPoints, StateChange, StateConfiguration,
};
use re_sdk_types::components::{MarkerShape, TextLogLevel};
use spyhole_protocol::{LayerState, Settling};

use super::paths::layer_path;
use super::{Scene, notes};
use crate::SinkResult;

/// The colour of a state.
fn state_colour(state: LayerState) -> u32 {
    match state {
        LayerState::Moving => 0xF2A1_3CFF,
        LayerState::Settled => 0x66BB_6AFF,
        LayerState::MovedAgain => 0xE573_73FF,
        LayerState::Frozen => 0x64B5_F6FF,
        LayerState::NeverMoved => 0xBA68_C8FF,
        LayerState::Constant => 0xA188_7FFF,
        LayerState::Dead => 0x7575_75FF,
        LayerState::NotFinite => 0xD500_00FF,
        LayerState::ImagesAlike | LayerState::TooFewImages | LayerState::NotKnown => 0xBDBD_BDFF,
    }
}

/// What is known of a layer.
#[derive(Default)]
pub(super) struct LayerClock {
    /// By epoch.
    pub(super) changes: BTreeMap<u32, f64>,
    shown: Option<(LayerState, Option<u32>)>,
}

/// Names and colours, which do not change.
pub(super) fn describe(scene: &Scene) -> SinkResult {
    let count = scene.start.layers.len();
    for (number, layer) in scene.start.layers.iter().enumerate() {
        let colour = depth_colour(number, count);
        let line = SeriesLines::new().with_names([layer.name.clone()]).with_colors([colour]);
        scene.log_static(layer_path(&layer.name, "change"), &line.with_widths([2.0]))?;
        let mark = SeriesPoints::new()
            .with_names([format!("{} settled", layer.name)])
            .with_colors([colour])
            .with_markers([MarkerShape::Diamond])
            .with_marker_sizes([6.0]);
        scene.log_static(layer_path(&layer.name, "settled"), &mark)?;
        let words = StateConfiguration::new()
            .with_values(LayerState::ALL.map(LayerState::name))
            .with_labels(LayerState::ALL.map(LayerState::name))
            .with_colors(LayerState::ALL.map(state_colour));
        scene.log_static(layer_path(&layer.name, "settling"), &words)?;
    }
    Ok(())
}

pub(super) fn settling(scene: &mut Scene, settling: &Settling) -> SinkResult {
    for layer in &settling.layers {
        let clock = scene.clocks.entry(layer.layer.clone()).or_default();
        let shown = (layer.state, layer.since);
        if clock.shown == Some(shown) {
            continue;
        }
        let first = clock.shown.is_none();
        clock.shown = Some(shown);
        // That a layer has settled is known some epochs later: its mark stands where it did. The first state holds
        // from the start.
        let epoch = match layer.since {
            Some(since) => since,
            None if first => 0,
            None => settling.epoch,
        };
        let change = clock.changes.get(&epoch).copied();
        scene.set_epoch(epoch);
        let word = StateChange::single(layer.state.name());
        scene.log(layer_path(&layer.layer, "settling"), &word)?;
        if let (LayerState::Settled, Some(change)) = (layer.state, change) {
            scene.log(layer_path(&layer.layer, "settled"), &Scalars::single(change))?;
        }
    }
    scene.set_epoch(settling.epoch);
    if settling.statement.is_empty() {
        return Ok(());
    }
    notes::note(scene, settling.statement.clone(), TextLogLevel::INFO)
}

/// From blue, close to the image, to yellow, close to the output.
fn depth_colour(number: usize, count: usize) -> u32 {
    const RAMP: [[f32; 3]; 4] =
        [[86.0, 120.0, 230.0], [60.0, 190.0, 200.0], [110.0, 205.0, 100.0], [250.0, 220.0, 60.0]];
    let place = number as f32 / count.saturating_sub(1).max(1) as f32 * (RAMP.len() - 1) as f32;
    let low = (place as usize).min(RAMP.len() - 2);
    let share = place - low as f32;
    let [r, g, b] = std::array::from_fn(|i| {
        (RAMP[low][i] + share * (RAMP[low + 1][i] - RAMP[low][i])).round() as u32
    });
    r << 24 | g << 16 | b << 8 | 0xFF
}
