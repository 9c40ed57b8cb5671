//! The results of studies, one file per kind.

mod activations;
mod embedding;
mod occlusion;
mod tiles;

use spyhole_protocol::{Document, Occasion, Study};

use super::Scene;
use super::pictures::Pictures;
use crate::SinkResult;

pub(super) fn study(scene: &mut Scene, study: &Study, pictures: &dyn Pictures) -> SinkResult {
    // A layout with a view for everything that somebody asked for would never stand still.
    let scheduled = study.occasion == Occasion::Scheduled;
    match pictures.document(&study.document)? {
        Document::Activations(sheet) => {
            if scheduled {
                scene.activations.insert(sheet.image);
            }
            activations::sheet(scene, &sheet, pictures)
        }
        Document::Units(sheet) => tiles::units(scene, study, &sheet, pictures),
        Document::Synthesis(sheet) => tiles::synthesis(scene, study, &sheet, pictures),
        Document::Embedding(sheet) => embedding::sheet(scene, &sheet),
        Document::Occlusion(sheet) => {
            if scheduled {
                scene.occlusions.insert(sheet.image);
            }
            occlusion::sheet(scene, &sheet, pictures)
        }
        // Its point is two distributions of numbers: the dashboard has the plot for it.
        Document::Directions(_) => Ok(()),
    }
}
