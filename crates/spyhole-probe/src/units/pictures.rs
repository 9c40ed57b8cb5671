use std::collections::HashMap;
use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor, TensorData};
use spyhole_graph::{Activations, Field, Graph, GraphError, Layer, Method, Seed, Weights, Window};

use super::{Hit, ImageKey, LayerTops};
use crate::crop::{Crop, tile_window};
use crate::error::ProbeError;
use crate::pass::group_size;
use crate::vector::all_finite;

/// A unit's activation is reproduced if it differs by at most this share of what it was, and a hundredth of that of
/// the strongest activation found in its layer: sums that nearly cancel depend on the order of the images.
pub const TOLERANCE: f32 = 1e-4;

/// So many images go through the network at once, at most: more gain nothing, and one who wants to stop waits.
const LARGEST_GROUP: usize = 64;

/// So many units are projected between two calls of `progress`, at most.
const LARGEST_PASS: usize = 64;

/// What was found in a layer, and what to look at again.
#[derive(Clone, Copy, Debug)]
pub struct UnitRequest<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// What was found in it.
    pub tops: &'a LayerTops,
    /// The maps whose hits are looked at again and whose patches are cut; those that do not exist are left out. All
    /// patches of a request stay in memory.
    pub maps: &'a [usize],
    /// Those of them whose hits are projected too. They cost time in proportion.
    pub projected: &'a [usize],
}

/// Whether a unit does again what the search has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The image came again, and the unit's activation is the same to [`TOLERANCE`].
    Reproduced,
    /// The image came again, and the unit's activation is another one: the weights have changed since the search, or
    /// the network treats images differently in other company. Patch and projection are of what is now.
    Changed {
        /// The activation now. NaN or infinite if the model has diverged.
        now: f32,
    },
    /// The image has not come again. There is nothing to show.
    Missing,
}

/// A unit that was found, with what it sees.
#[derive(Clone, Debug, PartialEq)]
pub struct TopUnit {
    /// What was found.
    pub hit: Hit,
    /// Whether it is so again.
    pub verdict: Verdict,
    /// Its receptive field; [`Field::status`] says how far the box can be trusted.
    pub field: Field,
    /// The window that patch and projection show: [`Field::nominal`], brought to the size that all units of the layer
    /// have; it may reach beyond the image.
    pub tile: Window,
    /// The image in that window, in units of the normalised input; NaN beyond the image, where the network pads.
    /// `None` if the image is missing.
    pub patch: Option<Crop>,
    /// The unit's projection in that window. `None` if it was not asked for, the image is missing, the activation is
    /// not finite, or the projection [overflows](Self::overflows).
    pub projection: Option<Crop>,
    /// Whether pixels of the projection are NaN or infinite.
    pub overflows: bool,
}

/// The strongest units of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapUnits {
    /// The map.
    pub map: usize,
    /// Its hits, in their order.
    pub units: Vec<TopUnit>,
}

/// Looks at the stream again: picks the images that were found, by their content, and cuts out and projects what
/// excites the units. `look` at every group of the stream until none is [`missing`](Self::missing), then `finish`. The
/// order need not be that of the search.
///
/// `progress` is told how many hits are done and how many there are, and may stop the work: then the error is
/// [`ProbeError::Cancelled`] and nothing comes of it.
#[derive(Debug)]
pub struct UnitPictures<'a> {
    graph: &'a Graph,
    weights: &'a Weights,
    requests: Vec<UnitRequest<'a>>,
    method: Method,
    group: usize,
    found: Vec<Result<Vec<MapUnits>, ProbeError>>,
    /// Where the hits of images belong that have not come yet.
    awaited: HashMap<ImageKey, Vec<Place>>,
    /// Images that came, and wait for enough others.
    picked: Vec<(Vec<f32>, Vec<Place>)>,
    done: usize,
    total: usize,
}

/// A hit among the results.
#[derive(Clone, Copy, Debug)]
struct Place {
    request: usize,
    map: usize,
    unit: usize,
}

impl<'a> UnitPictures<'a> {
    /// Nothing has come yet. The intermediate results of a group of images take `memory` bytes at most, roughly; one
    /// image is the smallest group.
    pub fn new(
        graph: &'a Graph,
        weights: &'a Weights,
        requests: &[UnitRequest<'a>],
        method: Method,
        memory: usize,
    ) -> Self {
        let found: Vec<_> = requests.iter().map(|request| prepare(graph, request)).collect();
        let (mut awaited, mut total) = (HashMap::<_, Vec<_>>::new(), 0);
        for (request, found) in found.iter().enumerate() {
            for (map, units) in found.iter().flatten().enumerate() {
                for (unit, hit) in units.units.iter().enumerate() {
                    let places = awaited.entry(hit.hit.image.key).or_default();
                    places.push(Place { request, map, unit });
                    total += 1;
                }
            }
        }
        let (requests, group) = (requests.to_vec(), group_size(graph, memory).min(LARGEST_GROUP));
        let picked = vec![];
        Self { graph, weights, requests, method, group, found, awaited, picked, done: 0, total }
    }

    /// How many hits there are to look at.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many images have not come again yet. When none is missing, the rest of the stream changes nothing.
    pub fn missing(&self) -> usize {
        self.awaited.len()
    }

    /// Takes in any further images of the stream, `[N, C, H, W]`, on the device of the weights. Those that were not
    /// found cost no forward pass.
    ///
    /// # Errors
    /// When the images do not fit the graph, weights are missing, or `progress` says stop.
    pub fn look(
        &mut self,
        images: &Tensor<4>,
        progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<(), ProbeError> {
        let [_, shape @ ..] = images.dims();
        let expected = self.graph.input_shape();
        if shape != expected {
            let got = images.dims().to_vec();
            return Err(GraphError::ImageShape { expected, got }.into());
        }
        go_on(progress(self.done, self.total))?;
        let pixels = images.clone().into_data().convert::<f32>().try_to_vec::<f32>()?;
        for image in pixels.chunks_exact(shape.iter().product::<usize>().max(1)) {
            if let Some(places) = self.awaited.remove(&ImageKey::of(image)) {
                self.picked.push((image.to_vec(), places));
            }
            if self.picked.len() == self.group {
                self.work(&images.device(), progress)?;
            }
        }
        if self.awaited.is_empty() {
            self.work(&images.device(), progress)?;
        }
        Ok(())
    }

    /// One result per request, one entry per map asked for: a layer that fails leaves the others alone. `device` is
    /// that of the weights.
    ///
    /// # Errors
    /// When weights are missing, or `progress` says stop.
    pub fn finish(
        mut self,
        device: &Device,
        progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Vec<Result<Vec<MapUnits>, ProbeError>>, ProbeError> {
        self.work(device, progress)?;
        Ok(self.found)
    }

    /// Shows the picked images to the network.
    fn work(
        &mut self,
        device: &Device,
        progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<(), ProbeError> {
        if self.picked.is_empty() {
            return Ok(());
        }
        let (images, places): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.picked).into_iter().unzip();
        let [channels, height, width] = self.graph.input_shape();
        let data = TensorData::new(images.concat(), [images.len(), channels, height, width]);
        let activations = self.graph.forward(self.weights, Tensor::<4>::from_data(data, device))?;
        for (index, request) in self.requests.iter().enumerate() {
            let of_image = |(image, places): (usize, &Vec<Place>)| {
                let here = places.iter().filter(|place| place.request == index);
                here.map(|&place| (image, place)).collect::<Vec<_>>()
            };
            let here: Vec<_> = places.iter().enumerate().flat_map(of_image).collect();
            let (done, total) = (self.done, self.total);
            let group = Group { graph: self.graph, activations: &activations, images: &images };
            if let Ok(so_far) = &mut self.found[index]
                && !here.is_empty()
            {
                let tell = &mut |done_here: usize| go_on(progress(done + done_here, total));
                match group.show(request, &here, so_far, self.method, tell) {
                    Err(ProbeError::Cancelled) => return Err(ProbeError::Cancelled),
                    Err(error) => self.found[index] = Err(error),
                    Ok(()) => {}
                }
            }
            self.done += here.len();
        }
        go_on(progress(self.done, self.total))
    }
}

fn go_on(progress: ControlFlow<()>) -> Result<(), ProbeError> {
    if progress.is_break() { Err(ProbeError::Cancelled) } else { Ok(()) }
}

/// The hits to look at, all missing so far.
fn prepare(graph: &Graph, request: &UnitRequest<'_>) -> Result<Vec<MapUnits>, ProbeError> {
    let UnitRequest { layer, tops, maps, .. } = *request;
    let [count, rows, columns] = layer.shape();
    let [_, height, width] = graph.input_shape();
    let size = graph.field_size(layer);
    let check = |what, index, count| {
        (index < count).then_some(()).ok_or(GraphError::OutOfRange { what, index, count })
    };
    // Maps share positions, and a receptive field takes a walk through the graph.
    let mut fields: HashMap<[usize; 2], Field> = HashMap::new();
    let mut unit = |&hit: &Hit| -> Result<TopUnit, ProbeError> {
        check("row", hit.row, rows)?;
        check("column", hit.column, columns)?;
        let field = *fields
            .entry([hit.row, hit.column])
            .or_insert_with(|| graph.field(layer, hit.row, hit.column));
        let tile = tile_window(field.nominal, size, [height, width]);
        let verdict = Verdict::Missing;
        Ok(TopUnit { hit, verdict, field, tile, patch: None, projection: None, overflows: false })
    };
    let known = maps.iter().filter(|&&map| map < count);
    known
        .filter_map(|&map| Some((map, tops.maps.get(map)?)))
        .map(|(map, tops)| {
            Ok(MapUnits { map, units: tops.hits.iter().map(&mut unit).collect::<Result<_, _>>()? })
        })
        .collect()
}

/// Images that the network has seen together.
#[derive(Clone, Copy)]
struct Group<'a> {
    graph: &'a Graph,
    activations: &'a Activations<'a>,
    images: &'a [Vec<f32>],
}

impl Group<'_> {
    /// Looks again at the hits of a layer, given with the number of their image in the group.
    fn show(
        &self,
        request: &UnitRequest<'_>,
        here: &[(usize, Place)],
        found: &mut [MapUnits],
        method: Method,
        tell: &mut dyn FnMut(usize) -> Result<(), ProbeError>,
    ) -> Result<(), ProbeError> {
        let layer = request.layer;
        let [maps, height, width] = layer.shape();
        let values =
            self.activations.layer(layer)?.into_data().convert::<f32>().try_to_vec::<f32>()?;
        let strongest = request.tops.maps.iter().filter_map(|map| map.hits.first());
        let strongest = strongest.fold(0.0_f32, |largest, hit| largest.max(hit.value));
        let mut seeds = vec![];
        for &(image, place) in here {
            let map = found[place.map].map;
            let unit = &mut found[place.map].units[place.unit];
            let Hit { row, column, value, .. } = unit.hit;
            let now = values[((image * maps + map) * height + row) * width + column];
            let allowed = TOLERANCE * (value.abs() + strongest / 100.0);
            let same = (now - value).abs() <= allowed;
            unit.verdict = if same { Verdict::Reproduced } else { Verdict::Changed { now } };
            unit.patch = Some(Crop::cut(&self.images[image], self.graph.input_shape(), unit.tile));
            if now.is_finite() && request.projected.contains(&map) {
                seeds.push((place, Seed::Unit { image, map, row, column }));
            }
        }
        let mut done = here.len() - seeds.len();
        tell(done)?;
        for seeds in seeds.chunks(LARGEST_PASS) {
            let (places, seeds): (Vec<Place>, Vec<Seed>) = seeds.iter().copied().unzip();
            let pictures = self.activations.project(layer, &seeds, method)?;
            let pixels = pictures.into_data().convert::<f32>().try_to_vec::<f32>()?;
            let size = self.graph.input_shape().iter().product::<usize>().max(1);
            for (place, picture) in places.into_iter().zip(pixels.chunks_exact(size)) {
                let unit = &mut found[place.map].units[place.unit];
                unit.overflows = !all_finite(picture);
                unit.projection = (!unit.overflows)
                    .then(|| Crop::cut(picture, self.graph.input_shape(), unit.tile));
            }
            done += seeds.len();
            tell(done)?;
        }
        Ok(())
    }
}
