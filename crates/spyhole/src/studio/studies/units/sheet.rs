use std::collections::HashMap;

use spyhole_graph::Layer;
use spyhole_probe::{Hit, LayerActivity, LayerTops, MapReading, MapUnits, TopUnit, Verdict, churn};
use spyhole_protocol::{
    Document, FieldStatus, MapReadings, Region, SearchedImages, UnitHit, UnitSheet, UnitTops,
};

use super::super::{Made, number};
use crate::events::{field_status, not_projected, region};
use crate::failure::Failure;
use crate::probe_set::Probe;
use crate::studio::Setting;
use crate::tiles::{Shade, Tiles};

/// Nine patches of each map make a large picture: they are shown smaller than others.
const LARGEST_TILE: u32 = 64;

/// A [`UnitSheet`] while it is written.
pub(super) struct Sheet<'a> {
    setting: &'a Setting,
    epoch: u32,
    layer: &'a Layer,
    searched: SearchedImages,
    field_status: FieldStatus,
    readings: MapReadings,
    units: Vec<UnitTops>,
    earlier: Option<u32>,
    tiles: Tiles,
    /// By row and column of a unit, what it sees.
    fields: HashMap<[usize; 2], Region>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(
        setting: &'a Setting,
        epoch: u32,
        layer: &'a Layer,
        searched: &SearchedImages,
        activity: &LayerActivity,
    ) -> Self {
        Self {
            setting,
            epoch,
            layer,
            searched: searched.clone(),
            field_status: field_status(&setting.graph, layer),
            readings: readings(activity),
            units: vec![],
            earlier: None,
            tiles: Tiles::up_to(LARGEST_TILE),
            fields: HashMap::new(),
        }
    }

    /// Writes down all maps; those among `units` with pictures.
    pub(super) fn fill(
        &mut self,
        tops: &LayerTops,
        units: &[MapUnits],
        labels: &[Option<u32>],
        before: Option<&(u32, LayerTops)>,
    ) {
        self.earlier = before.map(|(epoch, _)| *epoch);
        for (map, found) in tops.maps.iter().enumerate() {
            let pictured = units.iter().find(|units| units.map == map);
            let hits = found.hits.iter().enumerate().map(|(place, hit)| {
                let unit = pictured.and_then(|pictured| pictured.units.get(place));
                self.hit(hit, unit, labels)
            });
            let hits = hits.collect();
            let churn = before.and_then(|(_, before)| churn(found, before.maps.get(map)?));
            self.units.push(UnitTops { map: map as u32, hits, churn: number(churn) });
        }
    }

    fn hit(&mut self, hit: &Hit, unit: Option<&TopUnit>, labels: &[Option<u32>]) -> UnitHit {
        let image = hit.image.number as usize;
        let (again, reproduced) = match unit.map(|unit| unit.verdict) {
            Some(Verdict::Reproduced) => (Some(hit.value), true),
            Some(Verdict::Changed { now }) => (Some(now).filter(|now| now.is_finite()), false),
            Some(Verdict::Missing) => (None, false),
            // Without pictures there is no second look.
            None => (None, true),
        };
        let patch = unit.and_then(|unit| unit.patch.as_ref());
        let projection = unit.and_then(|unit| unit.projection.as_ref());
        let scale = projection.map(|projection| projection.largest());
        UnitHit {
            image: image as u32,
            label: labels.get(image).copied().flatten(),
            row: hit.row as u32,
            column: hit.column as u32,
            value: hit.value,
            again,
            reproduced,
            field: *self.fields.entry([hit.row, hit.column]).or_insert_with(|| {
                region(self.setting.graph.field(self.layer, hit.row, hit.column).nominal)
            }),
            patch: patch
                .map(|patch| self.tiles.add(&shown(&self.setting.probe, patch), Shade::Light)),
            projection: projection
                .zip(scale)
                .map(|(projection, scale)| self.tiles.add(projection, Shade::Signed { scale })),
            projection_scale: scale,
            not_projected: unit.and_then(|unit| match unit.verdict {
                Verdict::Reproduced => not_projected(hit.value, unit.overflows),
                Verdict::Changed { now } => not_projected(now, unit.overflows),
                Verdict::Missing => None,
            }),
        }
    }

    /// Only one of the maps.
    pub(super) fn only(mut self, map: usize) -> Self {
        self.units.retain(|unit| unit.map as usize == map);
        fn pick<T: Copy>(column: &mut Vec<T>, map: usize) {
            *column = column.get(map).copied().into_iter().collect();
        }
        let MapReadings {
            dead,
            largest,
            zero_share,
            hoyer,
            lifetime_sparseness,
            localisation,
            input_likeness,
        } = &mut self.readings;
        pick(dead, map);
        for column in
            [largest, zero_share, hoyer, lifetime_sparseness, localisation, input_likeness]
        {
            pick(column, map);
        }
        self
    }

    pub(super) fn finish(self) -> Result<Made, Failure> {
        let (atlas, picture) = self.tiles.finish()?;
        let document = Document::Units(UnitSheet {
            epoch: self.epoch,
            layer: self.layer.name().into(),
            searched: self.searched,
            field_status: self.field_status,
            units: self.units,
            earlier: self.earlier,
            atlas,
            readings: self.readings,
        });
        Ok(Made { document, images: vec![picture] })
    }
}

/// A piece of normalised input as it is shown.
fn shown(probe: &Probe, patch: &spyhole_probe::Crop) -> spyhole_probe::Crop {
    spyhole_probe::Crop { pixels: probe.shown(&patch.pixels), ..patch.clone() }
}

fn readings(activity: &LayerActivity) -> MapReadings {
    let column = |pick: fn(&MapReading) -> Option<f64>| {
        activity.maps.iter().map(|map| number(pick(map))).collect()
    };
    MapReadings {
        dead: (0..activity.maps.len()).map(|map| activity.dead.contains(&map)).collect(),
        largest: column(|map| map.largest),
        zero_share: column(|map| map.zero_share),
        hoyer: column(|map| map.hoyer),
        lifetime_sparseness: column(|map| map.lifetime_sparseness),
        localisation: column(|map| map.localisation),
        input_likeness: column(|map| map.input_likeness),
    }
}
