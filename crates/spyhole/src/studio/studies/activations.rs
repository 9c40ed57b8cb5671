//! The feature maps of layers for one probe image.

use std::collections::HashSet;

use spyhole_probe::{Crop, LayerMaps, MapPicture, read_maps};
use spyhole_protocol::{ActivationSheet, Document, MapView, StudySubject};

use super::{Done, Made, Setting, Sitting, number};
use crate::failure::{Failure, caught};
use crate::tiles::{Shade, Tiles};

/// Of how many probe images the feature maps are drawn by themselves.
const IMAGES: usize = 4;

/// The probe images of the scheduled studies: the first ones of different classes, as far as there are labels.
pub(super) fn scheduled(setting: &Setting) -> Vec<u32> {
    let mut classes = HashSet::new();
    let labels = &setting.probe.labels;
    let images = 0..setting.probe.pictures.len();
    let is_new = |image: &usize| labels.get(*image).is_none_or(|label| classes.insert(*label));
    images.filter(is_new).take(IMAGES).map(|image| image as u32).collect()
}

/// One sheet per layer, from one pass of the image through the network.
pub(super) fn make(
    sitting: &mut Sitting<'_>,
    subjects: &[StudySubject],
    image: usize,
    done: &mut Done<'_>,
) -> Result<(), Failure> {
    let setting = sitting.setting;
    let pixels = sitting.images.clone().narrow(0, image, 1);
    let activations = setting.graph.forward(sitting.weights, pixels.clone())?;
    for (count, subject) in subjects.iter().enumerate() {
        if (sitting.progress)(count, subjects.len()).is_break() {
            return Err(Failure::Cancelled);
        }
        let Some(name) = subject.layer() else { continue };
        let made = caught(|| {
            let layer = &setting.layer(name)?.layer;
            let maps = read_maps(&activations, &pixels, layer, 0)?;
            let dead = sitting.activity().get(name).map(|activity| &activity.dead[..]);
            draw(sitting.epoch, name, image, maps, dead.unwrap_or_default())
        });
        done(subject, made);
    }
    Ok(())
}

fn draw(
    epoch: u32,
    layer: &str,
    image: usize,
    maps: LayerMaps,
    dead: &[usize],
) -> Result<Made, Failure> {
    let LayerMaps { maps, population_sparseness } = maps;
    let signed = maps.iter().any(|map| map.signed);
    let scale = |map: &MapPicture| map.peak.map(|peak| peak.value.abs());
    let mut tiles = Tiles::default();
    let mut views = vec![];
    for map in &maps {
        let scale = scale(map);
        let of_one = scale.filter(|&scale| scale > 0.0).unwrap_or(1.0);
        let shade = if signed { Shade::Signed { scale: of_one } } else { Shade::Light };
        let divide = |&value: &f32| match (signed, value.is_finite()) {
            (_, false) => f32::NAN,
            (true, true) => value,
            (false, true) => value / of_one,
        };
        let pixels = map.values.iter().map(divide).collect();
        let (height, width) = (map.height, map.width);
        tiles.add(&Crop { channels: 1, height, width, pixels }, shade);
        let statistics = map.statistics;
        views.push(MapView {
            scale,
            dead: dead.contains(&map.map),
            zero_share: number(statistics.zero_share),
            hoyer: number(statistics.hoyer),
            treves_rolls: number(statistics.treves_rolls),
            gini: number(statistics.gini),
            localisation: number(statistics.localisation),
            largest_component: number(statistics.component_share),
            input_correlation: number(map.input_correlation),
        });
    }
    let (atlas, picture) = tiles.finish()?;
    let population_sparseness = number(population_sparseness);
    let document = Document::Activations(ActivationSheet {
        epoch,
        layer: layer.into(),
        image: image as u32,
        signed,
        atlas,
        maps: views,
        population_sparseness,
    });
    Ok(Made { document, images: vec![picture] })
}
