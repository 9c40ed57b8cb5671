//! A convolution's filters, and what is to be said of each.

use re_sdk_types::archetypes::Boxes2D;
use spyhole_protocol::{FilterReadings, FilterState, LayerFilters};

use super::super::canvas::corner;
use super::Scene;
use super::paths::layer_path;
use super::pictures::{self, Pictures};
use crate::SinkResult;

pub(super) fn filters(
    scene: &Scene,
    filters: &LayerFilters,
    pictures: &dyn Pictures,
) -> SinkResult {
    let atlas = &filters.atlas;
    let png = pictures.png(&atlas.image)?;
    scene.log(layer_path(&filters.layer, "filters"), &pictures::png(&png))?;

    let readings = &filters.readings;
    let tiles =
        (0..atlas.count).filter_map(|number| Some((number as usize, corner(atlas, number)?)));
    let judged: Vec<_> = tiles.filter(|(number, _)| *number < readings.state.len()).collect();
    let size = [atlas.tile_width as f32 - 0.2, atlas.tile_height as f32 - 0.2];
    let boxes = Boxes2D::from_mins_and_sizes(
        judged.iter().map(|(_, [x, y])| [*x as f32 + 0.1, *y as f32 + 0.1]),
        judged.iter().map(|_| size),
    )
    .with_labels(judged.iter().map(|(number, _)| label(*number, readings)))
    .with_show_labels(false)
    .with_colors(judged.iter().map(|(number, _)| colour(readings.state[*number])))
    .with_radii([-1.0]);
    scene.log(layer_path(&filters.layer, "filters/states"), &boxes)
}

fn label(number: usize, readings: &FilterReadings) -> String {
    let reading = |name: &str, list: &[Option<f32>]| {
        let value = list.get(number).copied().flatten();
        value.map(|value| format!(", {name} {value}")).unwrap_or_default()
    };
    let duplicate = readings.duplicate_of.get(number).copied().flatten();
    let duplicate = duplicate.map(|other| format!(" of {other}")).unwrap_or_default();
    format!(
        "filter {number}: {}{duplicate}{}{}{}",
        word(readings.state[number]),
        reading("r1", &readings.r1),
        reading("p", &readings.p_value),
        reading("rms", &readings.rms)
    )
}

fn word(state: FilterState) -> &'static str {
    match state {
        FilterState::NotFinite => "not finite",
        FilterState::Dead => "dead",
        FilterState::Zero => "all zeros",
        FilterState::Still => "standing still",
        FilterState::Stuck => "stuck",
        FilterState::Exploding => "exploding",
        FilterState::Duplicate => "duplicate",
        FilterState::NoiseLike => "noise-like",
        FilterState::Oscillating => "oscillating",
        FilterState::Smooth => "smooth",
        FilterState::NotJudged => "not judged",
    }
}

/// Red for what is broken, orange for what is doubtful (fainter for noise, which a good training may keep for long), blue
/// for what alternates, hardly any for the rest.
fn colour(state: FilterState) -> u32 {
    match state {
        FilterState::NotFinite
        | FilterState::Dead
        | FilterState::Zero
        | FilterState::Still
        | FilterState::Exploding => 0xE573_73FF,
        FilterState::Stuck | FilterState::Duplicate => 0xFFB7_4DFF,
        FilterState::NoiseLike => 0xFFB7_4D70,
        FilterState::Oscillating => 0x4FC3_F7A0,
        FilterState::Smooth | FilterState::NotJudged => 0xFFFF_FF20,
    }
}
