//! The probe images by how alike a layer finds them.

use spyhole_probe::embedding::{LEAST_IMAGES, NEIGHBOURS};
use spyhole_probe::{EmbeddingSettings, LayerState, ProbeError, Variety, embed};
use spyhole_protocol::{Document, EmbeddingSheet, NeighbourAgreement};

use super::{Made, Memory, Setting, Sitting};
use crate::failure::Failure;
use crate::probe_set::Probe;

/// Why the images cannot be embedded by any layer, if that is so.
pub(super) fn impossible(probe: &Probe) -> Option<String> {
    let Variety { images, .. } = probe.variety;
    if images < LEAST_IMAGES {
        let too_few = ProbeError::TooFewImages { needed: LEAST_IMAGES, got: images };
        return Some(too_few.to_string());
    }
    probe.variety.caution().filter(|_| probe.variety.state() == Some(LayerState::ImagesAlike))
}

pub(super) fn make(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    name: &str,
) -> Result<Made, Failure> {
    let Setting { probe, .. } = sitting.setting;
    let layer = &sitting.setting.layer(name)?.layer;
    if let Some(reason) = impossible(probe) {
        return Err(Failure::Nothing(reason));
    }
    sitting.varies(name)?;
    let pass = sitting.pass()?;
    let before = memory.embeddings.get(name).and_then(|known| known.before(sitting.epoch));
    let points = before.map(|(_, points)| &points[..]);
    let settings = EmbeddingSettings::default();
    let found = embed(&pass, layer, &probe.labels, points, &settings, sitting.progress)?;
    let aligned_to = before.filter(|_| found.aligned).map(|(epoch, _)| *epoch);
    let points = found.points.clone();
    memory.embeddings.entry(name.into()).or_default().insert(sitting.epoch, points);
    // A share says nothing where any image would have the same.
    let chance = found.chance.filter(|chance| *chance < 1.0);
    let agreement = found.neighbour_agreement.zip(chance);
    let no_neighbours = match (&agreement, probe.labels.is_empty()) {
        (Some(_), _) => None,
        (None, true) => Some("the probe images have no labels".to_owned()),
        (None, false) => Some("all probe images are of one class".to_owned()),
    };
    let document = Document::Embedding(EmbeddingSheet {
        epoch: sitting.epoch,
        layer: name.into(),
        points: found.points,
        perplexity: found.perplexity as f32,
        aligned_to,
        neighbours: agreement.map(|(value, chance)| NeighbourAgreement {
            neighbours: NEIGHBOURS as u32,
            value: value as f32,
            chance: chance as f32,
        }),
        no_neighbours,
    });
    Ok(Made { document, images: vec![] })
}
