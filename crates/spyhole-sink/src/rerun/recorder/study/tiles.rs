//! Studies whose result is an atlas: shown as it is.

use re_sdk::EntityPath;
use spyhole_protocol::{Atlas, Study, StudySubject, SynthesisSheet, UnitSheet};

use super::super::Scene;
use super::super::paths::layer_path;
use super::super::pictures::{self, Pictures};
use crate::SinkResult;

pub(super) fn units(
    scene: &Scene,
    study: &Study,
    sheet: &UnitSheet,
    pictures: &dyn Pictures,
) -> SinkResult {
    let path = match study.subject {
        StudySubject::Unit { map, .. } => format!("units/map_{map}"),
        _ => "units".into(),
    };
    atlas(scene, layer_path(&sheet.layer, &path), &sheet.atlas, pictures)
}

pub(super) fn synthesis(
    scene: &Scene,
    study: &Study,
    sheet: &SynthesisSheet,
    pictures: &dyn Pictures,
) -> SinkResult {
    let path = match (&sheet.layer, &study.subject) {
        (Some(layer), StudySubject::SynthesisOfMap { map, .. }) => {
            layer_path(layer, &format!("synthesis/map_{map}"))
        }
        (Some(layer), _) => layer_path(layer, "synthesis"),
        (None, _) => "synthesis/classes".into(),
    };
    atlas(scene, path, &sheet.atlas, pictures)
}

fn atlas(scene: &Scene, path: EntityPath, atlas: &Atlas, pictures: &dyn Pictures) -> SinkResult {
    if atlas.count == 0 {
        return Ok(());
    }
    let png = pictures.png(&atlas.image)?;
    scene.log(path, &pictures::png(&png))
}
