//! The health of a layer's feature maps on the probe images.

mod component;
mod likeness;
mod pictures;
mod plane;
mod reading;
mod sparseness;

use burn::tensor::Tensor;
use spyhole_graph::{Activations, Bounds, Layer};

use likeness::Grey;
pub use likeness::Likeness;
pub use pictures::{LayerMaps, MapPeak, MapPicture, read_maps};
use plane::PlaneReader;
pub use plane::PlaneStatistics;
pub use reading::MapReading;
use reading::{MapSums, Mean, percentiles};
use sparseness::Spread;

use crate::error::ProbeError;
use crate::states::{LayerState, Variation};
use crate::vector::share;

/// A map whose largest |activation| is at most this share of the layer's is dead.
pub const DEAD: f32 = 1e-6;

/// A value this close to a bound of the activation function, as a share of its range, is saturated.
pub const NEAR_BOUND: f32 = 0.01;

/// A map with at least this share of saturated values is saturated.
pub const SATURATED: f64 = 0.95;

/// A map that correlates with the image at least this much is a near copy of it.
pub const NEAR_COPY: f64 = 0.8;

/// What exceeds this share of a plane's largest |activation| belongs to its components. An engineering choice: an
/// activation that does not rectify is hardly ever exactly zero, and would be one component everywhere.
pub const COMPONENT_LEVEL: f32 = 0.1;

/// A layer's feature maps in numbers, over all probe images. `None`: does not apply to the layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerActivity {
    /// What is to be said of the layer as a whole: it is not finite, the probe images tell nothing, it is dead, or
    /// constant; the first of these that holds. `None`: its maps vary from image to image.
    pub state: Option<LayerState>,
    /// The maps whose largest |activation| over all images and positions is at most [`DEAD`] of the layer's
    /// largest; all of them if that is 0. With n images, a map that is found dead may still be active in
    /// 3/n of all images. Empty if an activation is not finite, if the probe images are too few or alike, and in a
    /// layer that is constant: none is known to be dead then, and all count as live.
    pub dead: Vec<usize>,
    /// The live maps of which at least [`SATURATED`] of all values are within [`NEAR_BOUND`] of the activation
    /// function's bounds: hardly any gradient passes. Zeros of a bounded ReLU do not count.
    pub saturated: Vec<usize>,
    /// The live maps that are near copies of the image, [`Likeness::raw`] ≥ [`NEAR_COPY`].
    pub copies: Vec<usize>,
    /// How much each map looks like the image. `None` for a map that never varies within an image, and for all
    /// maps of a layer whose planes have fewer than 16 units.
    pub likeness: Vec<Option<Likeness>>,
    /// Share of dead maps, 0 to 1; .1 is worth a warning, .5 an alarm. `None` where [`dead`](Self::dead) knows
    /// nothing.
    pub dead_maps: Option<f64>,
    /// Share of saturated maps, 0 to 1. `None` unless the layer ends with a bounded activation function.
    pub saturated_maps: Option<f64>,
    /// Share of the live maps that are near copies of the image, 0 to 1: they have learned little.
    pub input_copies: Option<f64>,
    /// Mean of [`Likeness::above_mismatched`] over the live maps. `None` if the probe images are alike.
    pub input_likeness: Option<f64>,
    /// Every map over all images.
    pub maps: Vec<MapReading>,
    /// Mean of [`MapReading::zero_share`] over the live maps; `None`, as the next ones, if an activation is not
    /// finite.
    pub zero_share: Option<f64>,
    /// Mean of [`MapReading::lifetime_sparseness`] over the live maps. It compares images, map by map: `None` if
    /// they are alike.
    pub lifetime_sparseness: Option<f64>,
    /// Mean over the images of [`LayerMaps::population_sparseness`]. It compares maps, image by image.
    pub population_sparseness: Option<f64>,
    /// Mean of [`MapReading::localisation`] over the live maps.
    pub localisation: Option<f64>,
}

impl LayerActivity {
    /// The layer's verdicts on its maps, where its weights are used several times: a map is dead, saturated or a copy of
    /// the image if it is so in every use. `others`: the further uses.
    pub fn in_every_use<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = self.clone();
        for other in others.into_iter().filter(|other| other.maps.len() == self.maps.len()) {
            all.dead.retain(|map| other.dead.contains(map));
            all.saturated.retain(|map| other.saturated.contains(map));
            all.copies.retain(|map| other.copies.contains(map));
        }
        let count = all.maps.len();
        let over =
            |known: Option<f64>, found: &[usize], of| known.and_then(|_| share(found.len(), of));
        all.dead_maps = over(all.dead_maps, &all.dead, count);
        all.saturated_maps = over(all.saturated_maps, &all.saturated, count);
        all.input_copies = over(all.input_copies, &all.copies, count - all.dead.len());
        all
    }

    /// The layer's values, by the names under which they are recorded.
    pub fn named(&self) -> [(&'static str, Option<f64>); 8] {
        [
            ("dead_maps", self.dead_maps),
            ("saturated_maps", self.saturated_maps),
            ("input_copies", self.input_copies),
            ("input_likeness", self.input_likeness),
            ("zero_share", self.zero_share),
            ("lifetime_sparseness", self.lifetime_sparseness),
            ("population_sparseness", self.population_sparseness),
            ("localisation", self.localisation),
        ]
    }

    /// How each reading of [`MapReading`] is distributed over the live maps that have it: 5th, 25th, 50th, 75th and
    /// 95th percentile, with straight lines between neighbouring maps. Readings that no live map has are left out,
    /// all if an activation of the layer is not finite.
    pub fn distributions(&self) -> Vec<(&'static str, [f64; 5])> {
        let finite = self.state != Some(LayerState::NotFinite);
        let live: Vec<_> = (0..self.maps.len())
            .filter(|map| finite && self.dead.binary_search(map).is_err())
            .map(|map| self.maps[map].named())
            .collect();
        let names = MapReading::default().named().into_iter().enumerate();
        names
            .filter_map(|(i, (name, _))| {
                Some((name, percentiles(live.iter().filter_map(|named| named[i].1))?))
            })
            .collect()
    }

    /// By statistic, the maps that it found; those that found none are left out.
    pub fn units(&self) -> Vec<(&'static str, Vec<usize>)> {
        let mut units = vec![
            ("dead_maps", self.dead.clone()),
            ("saturated_maps", self.saturated.clone()),
            ("input_copies", self.copies.clone()),
        ];
        units.retain(|(_, maps)| !maps.is_empty());
        units
    }
}

/// Reads the activity of layers in a sweep over the probe images that others share: `look` at every group of
/// images, in order, then `finish`.
#[derive(Debug)]
pub struct ActivityReader<'a> {
    layers: Vec<&'a Layer>,
    grey: Grey,
    unjudged: Option<LayerState>,
    found: Vec<Result<Found, ProbeError>>,
}

impl<'a> ActivityReader<'a> {
    /// Nothing is seen yet. `images` are those of the sweep, `[N, C, H, W]`; `unjudged` says why no layer can be
    /// judged by them ([`Variety::state`](crate::Variety::state)).
    pub fn new(
        images: &Tensor<4>,
        layers: impl IntoIterator<Item = &'a Layer>,
        unjudged: Option<LayerState>,
    ) -> Self {
        let layers: Vec<_> = layers.into_iter().collect();
        let found = layers.iter().map(|layer| Ok(Found::new(layer))).collect();
        Self { layers, grey: Grey::of(images), unjudged, found }
    }

    /// Takes in a further group of images.
    pub fn look(&mut self, first_image: usize, activations: &Activations<'_>) {
        for (layer, found) in self.layers.iter().zip(&mut self.found) {
            if let Ok(so_far) = found
                && let Err(error) = so_far.look(first_image, activations, layer, &mut self.grey)
            {
                *found = Err(error);
            }
        }
    }

    /// One result per layer: a layer that fails leaves the others alone.
    pub fn finish(self) -> Vec<Result<LayerActivity, ProbeError>> {
        self.found.into_iter().map(|found| Ok(found?.finish(self.unjudged))).collect()
    }
}

/// What was seen of a layer so far.
#[derive(Debug)]
struct Found {
    maps: Vec<Map>,
    bounds: Option<Bounds>,
    /// Whether planes are large enough to compare them with the image.
    comparable: bool,
    plane: PlaneReader,
    variation: Variation,
    /// Over the images.
    population_sparseness: Mean,
}

#[derive(Clone, Debug, Default)]
struct Map {
    sums: MapSums,
    saturated: usize,
    values: usize,
}

impl Found {
    fn new(layer: &Layer) -> Self {
        let [maps, height, width] = layer.shape();
        Self {
            maps: vec![Map::default(); maps],
            bounds: layer.bounds(),
            comparable: height * width >= likeness::FEWEST_UNITS,
            plane: PlaneReader::new([height, width]),
            variation: Variation::default(),
            population_sparseness: Mean::default(),
        }
    }

    fn look(
        &mut self,
        first_image: usize,
        activations: &Activations<'_>,
        layer: &Layer,
        grey: &mut Grey,
    ) -> Result<(), ProbeError> {
        let [_, height, width] = layer.shape();
        let values = activations.layer(layer)?.into_data().convert::<f32>().try_to_vec::<f32>()?;
        let pictures = self.comparable.then(|| grey.resized([height, width])).transpose()?;
        let planes = (height * width).max(1);
        for (i, image) in values.chunks_exact(self.maps.len().max(1) * planes).enumerate() {
            self.variation.look(image);
            let mut responses = Spread::default();
            for (map, plane) in self.maps.iter_mut().zip(image.chunks_exact(planes)) {
                let sums = self.plane.read(plane);
                responses.add(f64::from(sums.largest));
                map.sums.add(&sums);
                map.look(plane, self.bounds);
                if let Some(pictures) = &pictures {
                    map.sums.likeness.add(plane, pictures, first_image + i);
                }
            }
            self.population_sparseness.add(responses.treves_rolls());
        }
        Ok(())
    }

    fn finish(self, unjudged: Option<LayerState>) -> LayerActivity {
        let count = self.maps.len();
        let largest = self.maps.iter().map(|map| map.sums.largest).fold(0.0, larger);
        let finite = largest.is_finite();
        let state = match finite {
            true => unjudged.or_else(|| self.variation.state()),
            false => Some(LayerState::NotFinite),
        };
        let judged = matches!(state, None | Some(LayerState::Dead));
        let alike = state == Some(LayerState::ImagesAlike);
        let is_dead = |map: &Map| judged && map.sums.largest <= DEAD * largest;
        let list = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..count).filter(|&i| wanted(i)).collect()
        };
        let alive = |i: usize| !is_dead(&self.maps[i]);
        let dead = list(&|i| !alive(i));
        let live = count - dead.len();
        let saturated = list(&|i| {
            let share = share(self.maps[i].saturated, self.maps[i].values);
            alive(i) && self.bounds.is_some() && share.is_some_and(|share| share >= SATURATED)
        });
        let (mut maps, likeness): (Vec<_>, Vec<Option<Likeness>>) =
            self.maps.iter().map(|map| map.sums.finish()).unzip();
        if alike {
            // It says how many of the images a map answers.
            maps.iter_mut().for_each(|map| map.lifetime_sparseness = None);
        }
        let copies = list(&|i| alive(i) && likeness[i].is_some_and(|l| l.raw >= NEAR_COPY));
        let mean = |value: &dyn Fn(usize) -> Option<f64>| {
            (0..count).filter(|&i| alive(i)).filter_map(value).collect::<Mean>().value()
        };
        let reading =
            |value: fn(&MapReading) -> Option<f64>| mean(&|i| value(&maps[i])).filter(|_| finite);
        LayerActivity {
            state,
            dead_maps: share(dead.len(), count).filter(|_| judged),
            saturated_maps: share(saturated.len(), count)
                .filter(|_| finite && self.bounds.is_some()),
            input_copies: share(copies.len(), live).filter(|_| finite && self.comparable),
            input_likeness: mean(&|i| likeness[i]?.above_mismatched).filter(|_| !alike),
            zero_share: reading(|map| map.zero_share),
            lifetime_sparseness: reading(|map| map.lifetime_sparseness).filter(|_| !alike),
            population_sparseness: self.population_sparseness.value().filter(|_| finite),
            localisation: reading(|map| map.localisation),
            dead,
            saturated,
            copies,
            likeness,
            maps,
        }
    }
}

impl Map {
    fn look(&mut self, plane: &[f32], bounds: Option<Bounds>) {
        self.values += plane.len();
        if let Some(Bounds { low, high, rectifies }) = bounds {
            let margin = NEAR_BOUND * (high - low);
            let near = |a: &&f32| **a >= high - margin || (!rectifies && **a <= low + margin);
            self.saturated += plane.iter().filter(near).count();
        }
    }
}

/// The larger one; NaN if one of them is NaN or infinite.
fn larger(a: f32, b: f32) -> f32 {
    if (a - b).is_finite() { a.max(b) } else { f32::NAN }
}
