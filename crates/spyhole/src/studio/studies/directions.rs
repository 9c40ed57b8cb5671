//! A layer's units against random directions.

use spyhole_probe::directions::{Basis, BasisReading, LEAST_IMAGES, Shown, read_directions};
use spyhole_probe::{Crop, DirectionSettings, LayerState};
use spyhole_protocol::{
    self as protocol, BasisSheet, DirectionHit, DirectionSheet, DirectionView, Document,
};

use super::{Made, Setting, Sitting, number};
use crate::events::{field_status, region};
use crate::failure::Failure;
use crate::probe_set::Probe;
use crate::tiles::{Shade, Tiles};

/// Why the units of no layer can be compared, if that is so.
pub(super) fn impossible(probe: &Probe) -> Option<String> {
    probe.variety.caution().filter(|_| probe.variety.state() == Some(LayerState::ImagesAlike))
}

/// Why there are images, but no comparison.
fn no_comparison(probe: &Probe) -> String {
    let images = probe.pictures.len();
    match probe.labels.split_first() {
        None => "not compared: that takes labels, and the probe images have none".into(),
        Some(_) if images < LEAST_IMAGES => {
            format!("not compared: that takes {LEAST_IMAGES} probe images, there are {images}")
        }
        Some((first, others)) if others.iter().all(|label| label == first) => {
            "not compared: that takes two classes, and all probe images are of one".into()
        }
        Some(_) => "not compared".into(),
    }
}

pub(super) fn make(sitting: &mut Sitting<'_>, name: &str) -> Result<Made, Failure> {
    let setting = sitting.setting;
    let Setting { graph, probe, .. } = setting;
    let layer = &setting.layer(name)?.layer;
    if let Some(reason) = impossible(probe) {
        return Err(Failure::Nothing(reason));
    }
    sitting.varies(name)?;
    let pass = sitting.pass()?;
    let settings = DirectionSettings::default();
    let found = read_directions(&pass, layer, &probe.labels, &settings, sitting.progress)?;
    let mut tiles = Tiles::default();
    let chance = found.bases.iter().find_map(|basis| Some(basis.comparison.as_ref()?.chance));
    let bases = found.bases.iter().map(|basis| sheet(setting, found.compared, basis, &mut tiles));
    let bases = bases.collect();
    let (atlas, picture) = tiles.finish()?;
    let document = Document::Directions(DirectionSheet {
        epoch: sitting.epoch,
        layer: name.into(),
        images: found.images as u32,
        chance: number(chance),
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
    // A share says nothing without what chance would give.
    let shares = compared.is_some();
    let mut views =
        |shown: &[Shown]| shown.iter().map(|shown| view(setting, shown, shares, tiles)).collect();
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
        statement: reading.statement().unwrap_or_else(|| no_comparison(&setting.probe)),
        unit_views: views(&reading.units),
        random_views: views(&reading.random),
    }
}

fn view(setting: &Setting, shown: &Shown, shares: bool, tiles: &mut Tiles) -> DirectionView {
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
    let class = shown.class.filter(|_| shares).map(|class| class as u32);
    let purity = number(shown.purity.filter(|_| shares));
    DirectionView { map: shown.map.map(|map| map as u32), purity, class, hits }
}
