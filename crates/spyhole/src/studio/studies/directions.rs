//! A layer's units against random directions.

use spyhole_probe::directions::{Basis, BasisReading, Shown, read_directions};
use spyhole_probe::{Crop, DirectionSettings};
use spyhole_protocol::{
    self as protocol, BasisSheet, DirectionHit, DirectionSheet, DirectionView, Document,
};

use super::{Made, Setting, Sitting, number};
use crate::events::{field_status, region};
use crate::failure::Failure;
use crate::tiles::{Shade, Tiles};

/// Said where nothing can be compared.
const NO_COMPARISON: &str =
    "not compared: that takes labels, two classes and 18 probe images at least";

pub(super) fn make(sitting: &mut Sitting<'_>, name: &str) -> Result<Made, Failure> {
    let setting = sitting.setting;
    let Setting { graph, probe, .. } = setting;
    let layer = &setting.layer(name)?.layer;
    let pass = sitting.pass()?;
    let settings = DirectionSettings::default();
    let found = read_directions(&pass, layer, &probe.labels, &settings, sitting.progress)?;
    let mut tiles = Tiles::default();
    let bases = found.bases.iter().map(|basis| sheet(setting, found.compared, basis, &mut tiles));
    let bases = bases.collect();
    let (atlas, picture) = tiles.finish()?;
    let document = Document::Directions(DirectionSheet {
        epoch: sitting.epoch,
        layer: name.into(),
        images: found.images as u32,
        chance: number(found.bases.iter().find_map(|b| Some(b.comparison.as_ref()?.chance))),
        field_status: field_status(graph, layer),
        bases,
        atlas,
    });
    Ok(Made { document, images: vec![picture] })
}

fn sheet(
    setting: &Setting,
    directions: usize,
    reading: &BasisReading,
    tiles: &mut Tiles,
) -> BasisSheet {
    let compared = reading.comparison.as_ref();
    let mut views =
        |shown: &[Shown]| shown.iter().map(|shown| view(setting, shown, tiles)).collect();
    BasisSheet {
        basis: match reading.basis {
            Basis::Raw => protocol::Basis::Raw,
            Basis::Standardised => protocol::Basis::Standardised,
            Basis::Whitened => protocol::Basis::Whitened,
        },
        units: number(compared.map(|c| c.units)),
        random: number(compared.map(|c| c.random)),
        difference: number(compared.map(|c| c.difference)),
        low: number(compared.map(|c| c.low)),
        high: number(compared.map(|c| c.high)),
        directions: directions as u32,
        statement: reading.statement().unwrap_or_else(|| NO_COMPARISON.into()),
        unit_views: views(&reading.units),
        random_views: views(&reading.random),
    }
}

fn view(setting: &Setting, shown: &Shown, tiles: &mut Tiles) -> DirectionView {
    let hits = shown.hits.iter().map(|hit| {
        let patch = Crop::cut(&setting.probe.pictures[hit.image], setting.probe.shape, hit.tile);
        DirectionHit {
            image: hit.image as u32,
            row: hit.row as u32,
            column: hit.column as u32,
            value: hit.score,
            field: region(hit.field),
            patch: tiles.add(&patch, Shade::Light),
        }
    });
    let hits = hits.collect();
    let (map, class) = (shown.map.map(|map| map as u32), shown.class.map(|class| class as u32));
    DirectionView { map, purity: number(shown.purity), class, hits }
}
