//! The images that excite each feature map most, of the probe set or the gallery.

mod sheet;
mod stream;

use std::collections::HashSet;
use std::ops::ControlFlow;

use spyhole_graph::{Graph, Layer};
use spyhole_probe::units::TOP_IMAGES;
use spyhole_probe::{
    ImageId, LayerTops, MapUnits, ProbeError, TopSearch, UnitPictures, UnitRequest,
};
use spyhole_protocol::StudySubject;

use super::{Done, Made, Memory, Setting, Sitting};
use crate::failure::{Failure, caught};
use crate::watched_layer::StudiedLayer;
use sheet::Sheet;
use stream::Stream;

/// One sheet per layer, from one search of all images.
pub(super) fn make(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    subjects: &[StudySubject],
    done: &mut Done<'_>,
) -> Result<(), Failure> {
    let setting = sitting.setting;
    let named = subjects.iter().filter_map(|subject| Some((subject, subject.layer()?)));
    let layers: Vec<_> = named
        .map(|(subject, name)| Ok((subject, setting.layer(name)?)))
        .collect::<Result<_, Failure>>()?;
    let plain: Vec<&StudiedLayer> = layers.iter().map(|(_, studied)| *studied).collect();
    let mut found = search(sitting, &plain)?;
    for (place, (subject, studied)) in layers.iter().enumerate() {
        let pictured = pictured(studied, setting);
        let made = caught(|| {
            let sheet = write(sitting, memory, &mut found, place, studied, &pictured)?;
            sheet.finish()
        });
        if let Err(Failure::Cancelled) = made {
            return Err(Failure::Cancelled);
        }
        done(subject, made);
    }
    Ok(())
}

/// One map, with its pictures.
pub(super) fn make_one(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    name: &str,
    map: usize,
) -> Result<Made, Failure> {
    let studied = sitting.setting.layer(name)?;
    let mut found = search(sitting, &[studied])?;
    write(sitting, memory, &mut found, 0, studied, &[map])?.only(map).finish()
}

/// The maps with pictures: the followed ones, then the others, as many as memory allows. Where units see large parts
/// of large images, these are fewer.
fn pictured(studied: &StudiedLayer, setting: &Setting) -> Vec<usize> {
    let StudiedLayer { layer, followed } = studied;
    let [channels, height, width] = setting.probe.shape;
    let [rows, columns] = setting.graph.field_size(layer);
    // Patch and projection, as they are computed and as they are drawn.
    let area = channels.max(4) * rows.min(height) * columns.min(width);
    let fitting = setting.limits.pictures / (TOP_IMAGES * 2 * 2 * 4 * area).max(1);
    let limit = setting.studies.pictured_maps.min(fitting.max(1));
    let others = (0..layer.shape()[0]).filter(|map| !followed.contains(map));
    let mut maps: Vec<usize> = followed.iter().copied().chain(others).take(limit).collect();
    maps.sort_unstable();
    maps
}

/// What a search has found.
struct Found<'a> {
    stream: Stream<'a>,
    /// Per layer, the top images of its maps; `None` once they are written down.
    tops: Vec<Option<Result<LayerTops, ProbeError>>>,
    /// The label of each image.
    labels: Vec<Option<u32>>,
    repeated: usize,
}

/// Looks again at what was found in a layer, and writes it down.
fn write<'a>(
    sitting: &mut Sitting<'a>,
    memory: &mut Memory,
    found: &mut Found<'a>,
    place: usize,
    studied: &'a StudiedLayer,
    pictured: &[usize],
) -> Result<Sheet<'a>, Failure> {
    let (setting, epoch, layer) = (sitting.setting, sitting.epoch, &studied.layer);
    let taken = found.tops.get_mut(place).and_then(Option::take);
    let tops = taken.ok_or_else(|| Failure::Failed("nothing was found".into()))??;
    let activity = sitting.activity().get(layer.name());
    let activity = activity.ok_or_else(|| Failure::Failed("its maps could not be read".into()))?;
    let parts = (place, found.tops.len());
    let units = look_again(sitting, &found.stream, layer, &tops, pictured, parts)?;
    let Found { labels, repeated, .. } = found;
    let searched = found.stream.searched(labels.len() - *repeated, *repeated);
    let mut sheet = Sheet::new(setting, epoch, layer, &searched, activity);
    let before = memory.tops.get(layer.name()).and_then(|tops| tops.before(epoch));
    sheet.fill(&tops, &units, labels, before);
    memory.tops.entry(layer.name().into()).or_default().insert(epoch, tops);
    Ok(sheet)
}

/// The first half of the work: every image once through the network.
fn search<'a>(sitting: &mut Sitting<'a>, layers: &[&StudiedLayer]) -> Result<Found<'a>, Failure> {
    let setting = sitting.setting;
    let stream = Stream::of(setting, sitting.images);
    let plain: Vec<&Layer> = layers.iter().map(|studied| &studied.layer).collect();
    let graph: &Graph = &setting.graph;
    let mut search = TopSearch::new(plain.iter().copied(), TOP_IMAGES);
    let (mut labels, mut seen) = (vec![], HashSet::new());
    stream.each(graph, |images, batch_labels| {
        let [length, ..] = images.dims();
        let ids = ImageId::of_all(images, labels.len() as u64)?;
        seen.extend(ids.iter().map(|id| id.key));
        search.look(&ids, &graph.forward(sitting.weights, images.clone())?)?;
        labels.extend((0..length).map(|i| batch_labels.get(i).map(|&label| label as u32)));
        // How many images a gallery has is not known before its end.
        let total = stream.count().map_or(0, |count| 2 * count);
        match (sitting.progress)(labels.len(), total) {
            ControlFlow::Continue(()) => Ok(true),
            ControlFlow::Break(()) => Err(ProbeError::Cancelled),
        }
    })?;
    let repeated = labels.len() - seen.len();
    let tops = search.finish().into_iter().map(Some).collect();
    Ok(Found { stream, tops, labels, repeated })
}

/// The second half: what was found in a layer once more, to verify, cut out and project it. `part`: which layer of
/// how many.
fn look_again(
    sitting: &mut Sitting<'_>,
    stream: &Stream<'_>,
    layer: &Layer,
    tops: &LayerTops,
    maps: &[usize],
    (part, parts): (usize, usize),
) -> Result<Vec<MapUnits>, Failure> {
    let Setting { graph, method, limits, .. } = sitting.setting;
    let requests = [UnitRequest { layer, tops, maps, projected: maps }];
    let mut pictures = UnitPictures::new(graph, sitting.weights, &requests, *method, limits.pass);
    let device = sitting.images.device();
    let mut progress = |done: usize, total: usize| {
        let total = total.max(1);
        (sitting.progress)((parts + part) * total + done, 2 * parts * total)
    };
    stream.each(graph, |images, _| {
        pictures.look(images, &mut progress)?;
        Ok(pictures.missing() > 0)
    })?;
    let units = pictures.finish(&device, &mut progress)?.into_iter().next();
    Ok(units.unwrap_or_else(|| Ok(vec![]))?)
}
