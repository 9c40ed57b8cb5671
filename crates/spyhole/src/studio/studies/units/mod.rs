//! The images that excite each feature map most, of the probe set or the gallery.

mod sheet;
mod stream;

use std::ops::ControlFlow;

use std::collections::HashSet;

use burn::tensor::Device;
use spyhole_graph::{Layer, Weights};
use spyhole_probe::units::TOP_IMAGES;
use spyhole_probe::{
    ActivityReader, ImageId, LayerActivity, LayerTops, MapUnits, Pass, ProbeError, TopSearch,
    UnitPictures, UnitRequest,
};

use super::{Made, Memory, Setting, Sitting};
use crate::failure::Failure;
use crate::watched_layer::StudiedLayer;

use sheet::Sheet;
use stream::Stream;

/// One sheet per layer, from one search of all images.
pub(super) fn make(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    names: &[&str],
) -> Result<Vec<Result<Made, Failure>>, Failure> {
    let layers = find(sitting.setting, names)?;
    let limit = sitting.setting.studies.pictured_maps;
    let pictured: Vec<_> = layers.iter().map(|layer| pictured(layer, limit)).collect();
    let sheets = study(sitting, memory, &layers, &pictured)?;
    Ok(sheets.into_iter().map(|sheet| sheet?.finish()).collect())
}

/// One map, with its pictures.
pub(super) fn make_one(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    name: &str,
    map: usize,
) -> Result<Made, Failure> {
    let layers = find(sitting.setting, &[name])?;
    let sheets = study(sitting, memory, &layers, &[vec![map]])?;
    let nothing = || Err(Failure::Failed("nothing was computed".into()));
    sheets.into_iter().next().unwrap_or_else(nothing)?.only(map).finish()
}

fn find<'a>(setting: &'a Setting, names: &[&str]) -> Result<Vec<&'a StudiedLayer>, Failure> {
    names.iter().map(|name| setting.layer(name)).collect()
}

/// The maps with pictures: the followed ones, then the others, at most `limit`.
fn pictured(studied: &StudiedLayer, limit: usize) -> Vec<usize> {
    let StudiedLayer { layer, followed } = studied;
    let others = (0..layer.shape()[0]).filter(|map| !followed.contains(map));
    let mut maps: Vec<usize> = followed.iter().copied().chain(others).take(limit).collect();
    maps.sort_unstable();
    maps
}

/// What a search has found: per layer, the top images of its maps; and the label of each image.
struct Found {
    tops: Vec<Result<LayerTops, ProbeError>>,
    labels: Vec<Option<u32>>,
    repeated: usize,
}

/// Searches, looks again, and writes down.
fn study<'a>(
    sitting: &mut Sitting<'a>,
    memory: &mut Memory,
    layers: &[&'a StudiedLayer],
    pictured: &[Vec<usize>],
) -> Result<Vec<Result<Sheet<'a>, Failure>>, Failure> {
    let setting = sitting.setting;
    let stream = Stream::of(setting);
    let plain: Vec<&Layer> = layers.iter().map(|studied| &studied.layer).collect();
    let Found { tops, labels, repeated } = search(sitting, &stream, &plain)?;
    let units = look_again(sitting, &stream, &plain, &tops, pictured)?;
    let activity = read_activity(setting, sitting.weights, &plain)?;
    let searched = stream.searched(labels.len() - repeated, repeated);
    let mut sheets = vec![];
    for (((layer, tops), units), activity) in plain.iter().zip(tops).zip(units).zip(activity) {
        let sheet = || {
            let (tops, activity) = (tops?, activity?);
            let before = memory.tops.get(layer.name());
            // The first study of an epoch is what later ones of it would be compared with: nothing is new there.
            let before = before.filter(|(earlier, _)| *earlier < sitting.epoch);
            let mut sheet = Sheet::new(setting, sitting.epoch, layer, &searched, &activity);
            sheet.fill(&tops, &units?, &labels, before);
            if before.is_some() || !memory.tops.contains_key(layer.name()) {
                memory.tops.insert(layer.name().into(), (sitting.epoch, tops));
            }
            Ok(sheet)
        };
        sheets.push(sheet());
    }
    Ok(sheets)
}

/// The first half of the work: every image once through the network.
fn search(
    sitting: &mut Sitting<'_>,
    stream: &Stream<'_>,
    layers: &[&Layer],
) -> Result<Found, Failure> {
    let graph = &sitting.setting.graph;
    let mut search = TopSearch::new(layers.iter().copied(), TOP_IMAGES);
    let (mut labels, mut seen) = (vec![], HashSet::new());
    stream.each(graph, |images, batch_labels| {
        let [length, ..] = images.dims();
        let ids = ImageId::of_all(images, labels.len() as u64)?;
        seen.extend(ids.iter().map(|id| id.key));
        search.look(&ids, &graph.forward(sitting.weights, images.clone())?)?;
        labels.extend((0..length).map(|i| batch_labels.get(i).map(|&label| label as u32)));
        let all = stream.count().unwrap_or(labels.len());
        match (sitting.progress)(labels.len(), 2 * all) {
            ControlFlow::Continue(()) => Ok(true),
            ControlFlow::Break(()) => Err(ProbeError::Cancelled),
        }
    })?;
    let repeated = labels.len() - seen.len();
    Ok(Found { tops: search.finish(), labels, repeated })
}

/// The second half: what was found once more, to verify, cut out and project it. One result per layer.
fn look_again(
    sitting: &mut Sitting<'_>,
    stream: &Stream<'_>,
    layers: &[&Layer],
    tops: &[Result<LayerTops, ProbeError>],
    pictured: &[Vec<usize>],
) -> Result<Vec<Result<Vec<MapUnits>, ProbeError>>, Failure> {
    let Setting { graph, method, .. } = sitting.setting;
    let found = layers.iter().zip(tops).zip(pictured);
    let requests: Vec<_> = found
        .filter_map(|((layer, tops), maps)| {
            let tops = tops.as_ref().ok()?;
            Some(UnitRequest { layer, tops, maps, projected: maps })
        })
        .collect();
    let mut pictures = UnitPictures::new(graph, sitting.weights, &requests, *method, Pass::MEMORY);
    let mut progress = |done: usize, total: usize| (sitting.progress)(total + done, 2 * total);
    stream.each(graph, |images, _| {
        pictures.look(images, &mut progress)?;
        Ok(pictures.missing() > 0)
    })?;
    let mut units = pictures.finish(&Device::flex(), &mut progress)?.into_iter();
    // A layer that was not searched has no request; its error is told elsewhere.
    let each = tops.iter().map(|tops| match tops {
        Ok(_) => units.next().unwrap_or_else(|| Ok(vec![])),
        Err(_) => Ok(vec![]),
    });
    Ok(each.collect())
}

fn read_activity(
    setting: &Setting,
    weights: &Weights,
    layers: &[&Layer],
) -> Result<Vec<Result<LayerActivity, ProbeError>>, Failure> {
    let images = &setting.probe.images;
    let pass = Pass::new(&setting.graph, weights, images, Pass::MEMORY)?;
    let mut activity = ActivityReader::new(images, layers.iter().copied());
    pass.each(|_| true, |first, activations| activity.look(first, activations))?;
    Ok(activity.finish())
}
