//! The feature maps of layers for one probe image.

use std::collections::HashSet;

use spyhole_probe::{Crop, LayerMaps, MapPicture, read_maps};
use spyhole_protocol::{ActivationSheet, Document, MapView};

use super::{Made, Setting, Sitting, number};
use crate::failure::Failure;
use crate::tiles::{Shade, Tiles};

/// Of how many probe images the feature maps are drawn by themselves.
const IMAGES: usize = 4;

/// A map whose largest |activation| is at most this share of the layer's is dead in this image.
use spyhole_probe::activity::DEAD;

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
    layers: &[&str],
    image: usize,
) -> Result<Vec<Result<Made, Failure>>, Failure> {
    let setting = sitting.setting;
    let pixels = setting.probe.images.clone().narrow(0, image, 1);
    let activations = setting.graph.forward(sitting.weights, pixels.clone())?;
    let mut made = vec![];
    for (done, name) in layers.iter().enumerate() {
        let one = || {
            let layer = &setting.layer(name)?.layer;
            let maps = read_maps(&activations, &pixels, layer, 0)?;
            draw(sitting.epoch, name, image, maps)
        };
        made.push(one());
        if (sitting.progress)(done + 1, layers.len()).is_break() {
            return Err(Failure::Cancelled);
        }
    }
    Ok(made)
}

fn draw(epoch: u32, layer: &str, image: usize, maps: LayerMaps) -> Result<Made, Failure> {
    let LayerMaps { maps, population_sparseness } = maps;
    let signed = maps.iter().any(|map| map.signed);
    let scale = |map: &MapPicture| map.peak.map(|peak| peak.value.abs());
    let largest = maps.iter().filter_map(scale).fold(0.0, f32::max);
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
            dead: scale.is_some_and(|scale| scale <= DEAD * largest),
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
