//! The health of a layer's feature maps on the probe images.

mod likeness;

use burn::tensor::Tensor;
use spyhole_graph::{Activations, Bounds, Layer};

pub use likeness::Likeness;
use likeness::{Grey, LikenessSums};

use crate::error::ProbeError;
use crate::vector::share;

/// A map whose largest |activation| is at most this share of the layer's is dead.
pub const DEAD: f32 = 1e-6;

/// A value this close to a bound of the activation function, as a share of its range, is saturated.
pub const NEAR_BOUND: f32 = 0.01;

/// A map with at least this share of saturated values is saturated.
pub const SATURATED: f64 = 0.95;

/// A map that correlates with the image at least this much is a near copy of it.
pub const NEAR_COPY: f64 = 0.8;

/// A layer's feature maps in numbers, over all probe images. `None`: does not apply to the layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerActivity {
    /// The maps whose largest |activation| over all images and positions is at most [`DEAD`] of the layer's
    /// largest; all of them if that is 0. With n images, a map that is found dead may still be active in
    /// 3/n of all images. Empty if an activation is not finite.
    pub dead: Vec<usize>,
    /// The live maps of which at least [`SATURATED`] of all values are within [`NEAR_BOUND`] of the activation
    /// function's bounds: hardly any gradient passes. Zeros of a bounded ReLU do not count.
    pub saturated: Vec<usize>,
    /// The live maps that are near copies of the image, [`Likeness::raw`] ≥ [`NEAR_COPY`].
    pub copies: Vec<usize>,
    /// How much each map looks like the image. `None` for a map that never varies within an image, and for all
    /// maps of a layer whose planes have fewer than 16 units.
    pub likeness: Vec<Option<Likeness>>,
    /// Share of dead maps, 0 to 1; .1 is worth a warning, .5 an alarm. `None` if an activation is not finite.
    pub dead_maps: Option<f64>,
    /// Share of saturated maps, 0 to 1. `None` unless the layer ends with a bounded activation function.
    pub saturated_maps: Option<f64>,
    /// Share of the live maps that are near copies of the image, 0 to 1: they have learned little.
    pub input_copies: Option<f64>,
    /// Mean of [`Likeness::above_mismatched`] over the live maps.
    pub input_likeness: Option<f64>,
}

impl LayerActivity {
    /// The layer's values, by the names under which they are recorded.
    pub fn named(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("dead_maps", self.dead_maps),
            ("saturated_maps", self.saturated_maps),
            ("input_copies", self.input_copies),
            ("input_likeness", self.input_likeness),
        ]
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
    found: Vec<Result<Found, ProbeError>>,
}

impl<'a> ActivityReader<'a> {
    /// Nothing is seen yet. `images` are those of the sweep, `[N, C, H, W]`.
    pub fn new(images: &Tensor<4>, layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let layers: Vec<_> = layers.into_iter().collect();
        let found = layers.iter().map(|layer| Ok(Found::new(layer))).collect();
        Self { layers, grey: Grey::of(images), found }
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
        self.found.into_iter().map(|found| found.map(Found::finish)).collect()
    }
}

/// What was seen of a layer so far.
#[derive(Debug)]
struct Found {
    maps: Vec<Map>,
    bounds: Option<Bounds>,
    /// Whether planes are large enough to compare them with the image.
    comparable: bool,
}

#[derive(Clone, Debug, Default)]
struct Map {
    /// The largest |activation|; NaN if one is not finite.
    largest: f32,
    saturated: usize,
    values: usize,
    likeness: LikenessSums,
}

impl Found {
    fn new(layer: &Layer) -> Self {
        let [maps, height, width] = layer.shape();
        let comparable = height * width >= likeness::FEWEST_UNITS;
        Self { maps: vec![Map::default(); maps], bounds: layer.bounds(), comparable }
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
            for (map, plane) in self.maps.iter_mut().zip(image.chunks_exact(planes)) {
                map.look(plane, self.bounds);
                if let Some(pictures) = &pictures {
                    map.likeness.add(plane, pictures, first_image + i);
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> LayerActivity {
        let count = self.maps.len();
        let largest = self.maps.iter().map(|map| map.largest).fold(0.0, larger);
        let is_dead = |map: &Map| map.largest <= DEAD * largest;
        let list = |wanted: &dyn Fn(&Map) -> bool| -> Vec<usize> {
            (0..count).filter(|&i| wanted(&self.maps[i])).collect()
        };
        let dead = list(&is_dead);
        let live = count - dead.len();
        let saturated = list(&|map| {
            let share = share(map.saturated, map.values);
            !is_dead(map) && self.bounds.is_some() && share.is_some_and(|share| share >= SATURATED)
        });
        let likeness: Vec<Option<Likeness>> =
            self.maps.iter().map(|map| map.likeness.finish()).collect();
        let alive = |i: &usize| !is_dead(&self.maps[*i]);
        let copies: Vec<usize> = (0..count)
            .filter(alive)
            .filter(|&i| likeness[i].is_some_and(|likeness| likeness.raw >= NEAR_COPY))
            .collect();
        let above = (0..count).filter(alive).filter_map(|i| likeness[i]?.above_mismatched);
        let (n, sum) = above.fold((0.0, 0.0), |(n, sum), above| (n + 1.0, sum + above));
        let finite = largest.is_finite();
        LayerActivity {
            dead_maps: share(dead.len(), count).filter(|_| finite),
            saturated_maps: share(saturated.len(), count)
                .filter(|_| finite && self.bounds.is_some()),
            input_copies: share(copies.len(), live).filter(|_| finite && self.comparable),
            input_likeness: (n > 0.0).then(|| sum / n),
            dead,
            saturated,
            copies,
            likeness,
        }
    }
}

impl Map {
    fn look(&mut self, plane: &[f32], bounds: Option<Bounds>) {
        self.largest = plane.iter().map(|a| a.abs()).fold(self.largest, larger);
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
