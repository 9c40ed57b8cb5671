//! Where results of analyses become words of the protocol; those of a study do so in its own file.

use std::collections::BTreeMap;

use spyhole_alert::statistic;
use spyhole_graph::{FieldStatus, Graph, Holder, Layer, LayerKind, NotFinite, Window};
use spyhole_probe::smoothness::NullModel;
use spyhole_probe::{
    Crop, FilterPicture, FilterReading, FilterState, Finiteness, LayerActivity, LayerEvolution,
    LayerFeatures, LayerFilters, LayerState, NullBand, UnitFeature,
};
use spyhole_protocol as protocol;
use spyhole_protocol::Event;
use spyhole_sink::{Entry, Picture};

use crate::error::SpyholeError;
use crate::probe_set::Probe;
use crate::studio::impossible;
use crate::tiles::{Shade, Tiles};
use crate::watched_layer::WatchedLayer;

/// The probe images as an atlas.
pub(crate) fn probe(probe: &Probe) -> Result<(protocol::Probe, Picture), SpyholeError> {
    let [channels, height, width] = probe.shape;
    let mut tiles = Tiles::default();
    for pixels in &probe.pictures {
        let crop = Crop { channels, height, width, pixels: pixels.clone() };
        tiles.add(&crop, Shade::Light);
    }
    let (atlas, picture) = tiles.finish()?;
    let labels = probe.labels.iter().map(|&label| label as u32).collect();
    let class_names = probe.class_names.clone();
    let (caution, not_studied) = (probe.variety.caution(), not_studied(probe));
    Ok((protocol::Probe { atlas, labels, class_names, caution, not_studied }, picture))
}

/// What these images are no good for, whatever the layer.
fn not_studied(probe: &Probe) -> Vec<protocol::NotStudied> {
    let no = |study: &str, reason| protocol::NotStudied { study: study.into(), reason };
    impossible(probe).into_iter().map(|(study, reason)| no(study, reason)).collect()
}

pub(crate) fn layer(graph: &Graph, watched: &WatchedLayer) -> protocol::Layer {
    let WatchedLayer { layer, followed, trained, shares_weights_with, .. } = watched;
    let status = match layer.unsupported() {
        None => protocol::LayerStatus::Supported,
        Some(operation) => protocol::LayerStatus::Unsupported { operation: operation.into() },
    };
    let receptive_field = layer.unsupported().is_none().then(|| protocol::ReceptiveField {
        size: graph.field_size(layer).map(|side| side as u32),
        status: field_status(graph, layer),
    });
    protocol::Layer {
        name: layer.name().into(),
        description: layer.description().into(),
        shape: layer.shape().map(|length| length as u32),
        receptive_field,
        status,
        outside_definition: layer.outside_definition().map(Into::into),
        followed: followed.iter().map(|&map| map as u32).collect(),
        first: layer.is_first(),
        frozen: !trained,
        no_filters: no_filters(layer).map(Into::into),
        shares_weights_with: shares_weights_with.clone(),
    }
}

/// Why a layer has no filters that are read, if it has none.
fn no_filters(layer: &Layer) -> Option<&'static str> {
    if layer.weight_shape().is_some() {
        return None;
    }
    Some(match layer.kind() {
        LayerKind::Residual => {
            "a sum of branches has no filters of its own: those of its branches are read"
        }
        LayerKind::Concat => {
            "branches behind each other have no filters of their own: those of the branches are read"
        }
        LayerKind::TransposedConvolution => {
            "the weights of a transposed convolution spread a signal instead of looking for a pattern: as filters they are not judged"
        }
        LayerKind::Convolution if layer.is_over_lines() => {
            "the weights of a convolution over lines are no pictures: as filters they are not judged"
        }
        _ => {
            "no parameter has a part in its weights, which are fixed or computed from the images: they are not judged"
        }
    })
}

/// A layer's state in words of the protocol.
pub(crate) fn layer_state(state: LayerState) -> protocol::LayerState {
    use protocol::LayerState as Word;
    match state {
        LayerState::Moving => Word::Moving,
        LayerState::Settled => Word::Settled,
        LayerState::MovedAgain => Word::MovedAgain,
        LayerState::Frozen => Word::Frozen,
        LayerState::NeverMoved => Word::NeverMoved,
        LayerState::Constant => Word::Constant,
        LayerState::Dead => Word::Dead,
        LayerState::NotFinite => Word::NotFinite,
        LayerState::ImagesAlike => Word::ImagesAlike,
        LayerState::TooFewImages => Word::TooFewImages,
        LayerState::NotKnown => Word::NotKnown,
    }
}

/// How far the boxes of a layer's units can be trusted. Kernels and strides are the same for all of them, and so is this.
pub(crate) fn field_status(graph: &Graph, layer: &Layer) -> protocol::FieldStatus {
    match graph.field(layer, 0, 0).status {
        FieldStatus::Exact => protocol::FieldStatus::Exact,
        FieldStatus::UpperBound => protocol::FieldStatus::UpperBound,
        FieldStatus::DataDependent => protocol::FieldStatus::DataDependent,
    }
}

/// A box of input pixels.
pub(crate) fn region(window: Window) -> protocol::Region {
    let Window { rows, columns } = window;
    protocol::Region {
        top: rows.first as i32,
        left: columns.first as i32,
        height: rows.len() as u32,
        width: columns.len() as u32,
    }
}

/// The epoch that something is recorded for; within it, after how many updates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    pub(crate) epoch: u32,
    pub(crate) step: Option<u64>,
}

pub(crate) fn features(
    When { epoch, step }: When,
    layer: &Layer,
    features: &LayerFeatures,
    probe: &Probe,
) -> Result<Entry, SpyholeError> {
    let mut tiles = Tiles::default();
    let mut drawn: Vec<protocol::UnitView> = vec![];
    let mut view = |feature: &UnitFeature| {
        // A map that is among both is drawn once.
        let map = feature.peak.map as u32;
        if let Some(view) = drawn.iter().find(|view| view.map == map) {
            return view.clone();
        }
        let view = unit(feature, probe, &mut tiles);
        drawn.push(view.clone());
        view
    };
    let strongest = features.strongest.iter().map(&mut view).collect();
    let followed = features.followed.iter().map(&mut view).collect();
    let (atlas, picture) = tiles.finish()?;
    let layer = layer.name().to_owned();
    let event = protocol::LayerFeatures { epoch, step, layer, strongest, followed, atlas };
    Ok(Entry::with_images(Event::LayerFeatures(event), vec![picture]))
}

fn unit(feature: &UnitFeature, probe: &Probe, tiles: &mut Tiles) -> protocol::UnitView {
    let peak = feature.peak;
    let patch = peak.value.is_finite().then(|| {
        let patch = Crop::cut(&probe.pictures[peak.image], probe.shape, feature.tile);
        tiles.add(&patch, Shade::Light)
    });
    let scale = feature.projection.as_ref().map(Crop::largest);
    let projection = feature
        .projection
        .as_ref()
        .zip(scale)
        .map(|(projection, scale)| tiles.add(projection, Shade::Signed { scale }));
    protocol::UnitView {
        map: peak.map as u32,
        image: peak.image as u32,
        row: peak.row as u32,
        column: peak.column as u32,
        value: peak.value.is_finite().then_some(peak.value),
        field: region(feature.field),
        patch,
        projection,
        projection_scale: scale,
        not_projected: not_projected(peak.value, feature.overflows),
    }
}

/// Why a unit has no projection.
pub(crate) fn not_projected(activation: f32, overflows: bool) -> Option<String> {
    if !activation.is_finite() {
        return Some("The activation is not a finite number, so it has no projection.".into());
    }
    overflows.then(|| {
        "The projection overflows: some of its pixels are not finite numbers, so it is not drawn."
            .into()
    })
}

pub(crate) fn filters(
    When { epoch, step }: When,
    layer: &Layer,
    filters: &LayerFilters,
) -> Result<Entry, SpyholeError> {
    let mut tiles = Tiles::default();
    let scale = filters.pictures.iter().map(Crop::largest).fold(0.0, f32::max);
    for picture in &filters.pictures {
        // A weight that is not finite has no shade: like a missing pixel it stays transparent.
        let mut picture = picture.clone();
        picture.pixels.iter_mut().filter(|w| !w.is_finite()).for_each(|w| *w = f32::NAN);
        tiles.add(&picture, Shade::Signed { scale });
    }
    let (atlas, picture) = tiles.finish()?;
    let event = protocol::LayerFilters {
        epoch,
        step,
        layer: layer.name().into(),
        parameter: filters.parameter.clone(),
        picture: match filters.picture {
            FilterPicture::Weights => protocol::FilterPicture::Weights,
            FilterPicture::DominantPattern => protocol::FilterPicture::DominantPattern,
        },
        atlas,
        scale,
        readings: readings(&filters.readings),
        test: test(&filters.null),
    };
    Ok(Entry::with_images(Event::LayerFilters(event), vec![picture]))
}

fn readings(readings: &[FilterReading]) -> protocol::FilterReadings {
    let column = |pick: fn(&FilterReading) -> Option<f64>| {
        readings.iter().map(|reading| pick(reading).and_then(short)).collect()
    };
    protocol::FilterReadings {
        state: readings.iter().map(|reading| state(reading.state)).collect(),
        q: column(|reading| reading.q),
        p_value: column(|reading| reading.p_value),
        r1: column(|reading| reading.r1),
        rms: column(|reading| reading.rms),
        change: column(|reading| reading.change),
        distance: column(|reading| reading.distance),
        duplicate_of: readings.iter().map(|r| r.duplicate_of.map(|other| other as u32)).collect(),
    }
}

/// Four significant digits: what a reader can use, and a third of the bytes.
fn short(value: f64) -> Option<f32> {
    if value == 0.0 {
        return Some(0.0);
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    let rounded = if (-30..=30).contains(&digits) {
        let unit = 10f64.powi(digits);
        (value * unit).round() / unit
    } else {
        value
    };
    Some(rounded as f32).filter(|value| value.is_finite())
}

fn state(state: FilterState) -> protocol::FilterState {
    use protocol::FilterState as Word;
    match state {
        FilterState::NotFinite => Word::NotFinite,
        FilterState::Zero => Word::Zero,
        FilterState::Still => Word::Still,
        FilterState::Stuck => Word::Stuck,
        FilterState::Exploding => Word::Exploding,
        FilterState::Duplicate => Word::Duplicate,
        FilterState::NoiseLike => Word::NoiseLike,
        FilterState::Oscillating => Word::Oscillating,
        FilterState::Smooth => Word::Smooth,
        FilterState::NotJudged => Word::NotJudged,
    }
}

fn test(null: &NullModel) -> protocol::SmoothnessTest {
    protocol::SmoothnessTest {
        degrees_of_freedom: null.degrees_of_freedom,
        q_critical: null.q_critical,
        level: null.level,
        r1_null_deviation: null.r1_deviation,
        caution: null.caution.as_ref().map(ToString::to_string),
    }
}

/// Whether the network's numbers are finite, and where they stop being so. `None` if that is not known.
pub(crate) fn network_health(When { epoch, step }: When, finiteness: &Finiteness) -> Option<Entry> {
    let name = statistic::NOT_FINITE_PLACES.to_owned();
    let count = finiteness.count()?;
    let places: Vec<_> = finiteness.places.iter().take(PLACES).map(place).collect();
    let places = Some((name.clone(), places)).filter(|(_, places)| !places.is_empty());
    let health = protocol::NetworkHealth {
        epoch,
        step,
        values: [(name, Some(count as f64))].into(),
        places: places.into_iter().collect(),
    };
    Some(Entry::new(Event::NetworkHealth(health)))
}

/// So many places are named; the others follow from them.
const PLACES: usize = 16;

/// A place where numbers stop being finite.
pub(crate) fn place(found: &NotFinite) -> protocol::Place {
    use protocol::PlaceKind;
    let after = |module: &Option<String>| match module {
        Some(module) => format!(" after {module}"),
        None => String::new(),
    };
    let (kind, name, place) = match &found.holder {
        Holder::Parameter { path, used } => {
            let is_statistic =
                path.rsplit('.').next().is_some_and(|name| name.starts_with("running_"));
            let kind = if is_statistic { "running statistic" } else { "parameter" };
            let unused =
                if *used { "" } else { ", which the watched forward function does not use" };
            (PlaceKind::Parameter, path.clone(), format!("the {kind} {path}{unused}"))
        }
        Holder::Result { operation, module, own, output } => {
            let kind = if *output { PlaceKind::Output } else { PlaceKind::Result };
            let of = match module {
                Some(module) if *own => format!(" of {module}"),
                module => after(module),
            };
            let output = if *output { ", the network's output" } else { "" };
            let name = module.clone().unwrap_or_else(|| operation.clone());
            let words = format!(
                "the result of `{operation}`{of}{output}, to which only finite numbers went"
            );
            (kind, name, words)
        }
        Holder::Constant { module } => {
            let words = format!("a constant of the forward function{}", after(module));
            let name = module.clone().unwrap_or_else(|| "a constant".into());
            (PlaceKind::Constant, name, words)
        }
        _ => (PlaceKind::Result, "the network".into(), "the network".into()),
    };
    let NotFinite { nan, infinite, of, .. } = *found;
    let counts = [(nan, "NaN"), (infinite, "infinite")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let words = format!("{place}, with {} among {of} numbers", counts.join(" and "));
    protocol::Place { kind, name, words }
}

/// A layer's statistics, of its filters, of its maps, and the user's own, as far as there are any.
pub(crate) fn health(
    When { epoch, step }: When,
    layer: &Layer,
    filters: Option<&LayerFilters>,
    activity: Option<&LayerActivity>,
    own: Option<BTreeMap<String, Option<f64>>>,
) -> Entry {
    let named = filters.into_iter().flat_map(|filters| filters.statistics.named());
    let named = named.chain(activity.into_iter().flat_map(LayerActivity::named));
    let units = filters.into_iter().flat_map(LayerFilters::units);
    let units = units.chain(activity.into_iter().flat_map(LayerActivity::units));
    let health = protocol::LayerHealth {
        epoch,
        step,
        layer: layer.name().into(),
        state: activity.and_then(|activity| activity.state).map(layer_state),
        values: named
            .filter_map(|(name, value)| Some((name.into(), Some(value.filter(|v| v.is_finite())?))))
            .chain(own.unwrap_or_default())
            .collect(),
        units: units
            .map(|(name, units)| (name.into(), units.into_iter().map(|unit| unit as u32).collect()))
            .collect(),
    };
    Entry::new(Event::LayerHealth(health))
}

/// How the readings of a layer's live maps are distributed; `None` if none is known.
pub(crate) fn distributions(
    When { epoch, step }: When,
    layer: &Layer,
    activity: &LayerActivity,
) -> Option<Entry> {
    let found = activity.distributions().into_iter();
    let readings: BTreeMap<_, _> = found
        .filter_map(|(name, quantiles)| {
            let mut short_ones = [0.0; 5];
            for (short_one, quantile) in short_ones.iter_mut().zip(quantiles) {
                *short_one = short(quantile)?;
            }
            Some((name.to_owned(), short_ones))
        })
        .collect();
    let live = (activity.maps.len() - activity.dead.len()) as u32;
    let distributions =
        protocol::LayerDistributions { epoch, step, layer: layer.name().into(), live, readings };
    let any = !distributions.readings.is_empty();
    any.then(|| Entry::new(Event::LayerDistributions(distributions)))
}

pub(crate) fn evolution(
    layer: &Layer,
    evolution: &LayerEvolution,
    state: Option<LayerState>,
    filters: Option<&LayerFilters>,
) -> Event {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let earlier = evolution.to_earlier.iter();
    Event::LayerEvolution(protocol::LayerEvolution {
        epoch: evolution.epoch,
        layer: layer.name().into(),
        state: state.map(layer_state),
        previous: evolution.previous,
        change: finite(evolution.change),
        floor: finite(evolution.floor),
        weight_change: finite(filters.and_then(|filters| filters.statistics.update_ratio)),
        top_overlap: finite(evolution.top_overlap),
        top_rank_overlap: finite(evolution.top_rank_overlap),
        jumps: finite(evolution.jumps),
        projection_similarity: finite(evolution.projection_similarity),
        to_earlier: earlier
            .map(|&(epoch, similarity)| protocol::EpochSimilarity { epoch, similarity })
            .collect(),
        close_since: evolution.close_since,
        top_close_since: median(&evolution.maps_close_since),
    })
}

/// The middle epoch, where `None` is later than all.
fn median(epochs: &[Option<u32>]) -> Option<u32> {
    let mut sorted: Vec<_> = epochs.iter().map(|epoch| epoch.unwrap_or(u32::MAX)).collect();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().filter(|&epoch| epoch < u32::MAX)
}

pub(crate) fn null_band(layer: &Layer, band: NullBand) -> protocol::NullBand {
    let NullBand { statistic, low, high } = band;
    protocol::NullBand { layer: layer.name().into(), statistic: statistic.into(), low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shortened_to_four_digits() {
        let cases = [
            (0.0, Some(0.0)),
            (1.234_567, Some(1.235)),
            (-98_765.4, Some(-98_770.0)),
            (1.234_56e-9, Some(1.235e-9)),
            (1e-300, Some(0.0)),
            (1e300, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected, "{value}");
        }
    }
}
