//! The only place where results of analyses become words of the protocol.

use spyhole_graph::{FieldStatus, Graph, Layer};
use spyhole_probe::smoothness::{NullModel, Reading, Verdict};
use spyhole_probe::{Crop, LayerFeatures, LayerFilters, UnitFeature};
use spyhole_protocol as protocol;
use spyhole_protocol::Event;
use spyhole_sink::{Entry, Picture};

use crate::error::SpyholeError;
use crate::probe_set::Probe;
use crate::tiles::{Shade, Tiles};

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
    Ok((protocol::Probe { atlas, labels, class_names: probe.class_names.clone() }, picture))
}

pub(crate) fn layer(graph: &Graph, layer: &Layer, followed: &[usize]) -> protocol::Layer {
    let status = match layer.unsupported() {
        None => protocol::LayerStatus::Supported,
        Some(operation) => protocol::LayerStatus::Unsupported { operation: operation.into() },
    };
    let receptive_field = layer.unsupported().is_none().then(|| protocol::ReceptiveField {
        size: graph.field_size(layer).map(|side| side as u32),
        // Kernels and strides are the same for all units of a layer, and so is this.
        status: match graph.field(layer, 0, 0).status {
            FieldStatus::Exact => protocol::FieldStatus::Exact,
            FieldStatus::UpperBound => protocol::FieldStatus::UpperBound,
            FieldStatus::DataDependent => protocol::FieldStatus::DataDependent,
        },
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
    }
}

pub(crate) fn features(
    epoch: u32,
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
    let event = protocol::LayerFeatures { epoch, layer, strongest, followed, atlas };
    Ok(Entry::with_images(Event::LayerFeatures(event), vec![picture]))
}

fn unit(feature: &UnitFeature, probe: &Probe, tiles: &mut Tiles) -> protocol::UnitView {
    let peak = feature.peak;
    let [rows, columns] = [feature.field.rows, feature.field.columns];
    let patch = feature.projection.as_ref().map(|_| {
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
        field: protocol::Region {
            top: rows.first as i32,
            left: columns.first as i32,
            height: rows.len() as u32,
            width: columns.len() as u32,
        },
        patch,
        projection,
        projection_scale: scale,
    }
}

pub(crate) fn filters(
    epoch: u32,
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
        layer: layer.name().into(),
        parameter: filters.parameter.clone(),
        atlas,
        scale,
        filters: filters.smoothness.filters.iter().map(reading).collect(),
        test: test(&filters.smoothness.null),
        noise_share: filters.smoothness.noise_share,
    };
    Ok(Entry::with_images(Event::LayerFilters(event), vec![picture]))
}

fn reading(reading: &Reading) -> protocol::FilterReading {
    use protocol::SmoothnessVerdict as Word;
    protocol::FilterReading {
        q: reading.q,
        p_value: reading.p_value,
        r1: reading.r1,
        rms: reading.rms,
        verdict: match reading.verdict {
            Verdict::Smooth => Word::Smooth,
            Verdict::Oscillating => Word::Oscillating,
            Verdict::NoiseLike => Word::NoiseLike,
            Verdict::Dead => Word::Dead,
            Verdict::NotFinite => Word::NotFinite,
            Verdict::NotApplicable => Word::NotApplicable,
        },
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
