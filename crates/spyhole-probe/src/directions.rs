//! Do a layer's units mean more than random directions in the space of its channels (Szegedy et al. 2013, *Intriguing
//! properties of neural networks*, section 3)?

mod basis;
mod moments;
mod purity;
mod scores;
mod statement;
#[cfg(test)]
mod tests;

use spyhole_graph::{Layer, Window};

use crate::crop::tile_window;
use crate::error::ProbeError;
use crate::features::spread;
use crate::pass::Pass;
use crate::progress::Progress;
use crate::random::Random;
pub use basis::{Basis, EIGENVALUE_FLOOR, MOST_WHITENED};
use basis::{Rows, gaussian};
use moments::Moments;
pub use purity::{CHANCE_DRAWS, Comparison, RESAMPLES};
use purity::{Labels, Ranking, Tie};
use scores::{Scores, Steps};

/// So many of the strongest images of a direction are looked at.
pub const TOP: usize = 9;

/// With fewer images the strongest [`TOP`] are half of them: no purity.
pub const LEAST_IMAGES: usize = 2 * TOP;

/// What is compared, and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectionSettings {
    /// So many units are compared at most, evenly spread over the live ones, and as many random directions.
    pub most: usize,
    /// So many directions of each kind are shown with their images.
    pub shown: usize,
    /// The maps that are shown; those that do not exist or never vary are left out. `None`: [`shown`](Self::shown)
    /// ones, evenly spread over the live ones.
    pub show: Option<Vec<usize>>,
    /// The random directions, and all else that is drawn, are the same for the same seed.
    pub seed: u64,
}

impl Default for DirectionSettings {
    fn default() -> Self {
        Self { most: 256, shown: 8, show: None, seed: 0xd12e_c710 }
    }
}

/// A layer's units beside random directions.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerDirections {
    /// Number of probe images.
    pub images: usize,
    /// Number of units (maps) that vary over images and positions; the others are left out.
    pub live: usize,
    /// Number of units compared, and of random directions.
    pub compared: usize,
    /// In raw, standardised and whitened coordinates, in this order. The last is left out of layers with more than
    /// [`MOST_WHITENED`] live units, all of layers without any.
    pub bases: Vec<BasisReading>,
}

/// Units and random directions in one kind of coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct BasisReading {
    /// The coordinates.
    pub basis: Basis,
    /// Whitened: so many eigenvalues of the covariance were raised to [`EIGENVALUE_FLOOR`] of their mean, because
    /// what is divided by less is rounding and chance. 0 otherwise.
    pub floored: usize,
    /// How well the directions group the images by class. `None` without labels, with fewer than [`LEAST_IMAGES`]
    /// images, and when all are of one class.
    pub comparison: Option<Comparison>,
    /// Some units.
    pub units: Vec<Shown>,
    /// Some random directions.
    pub random: Vec<Shown>,
}

/// A direction with the images that are strongest along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The unit's map; `None` for a random direction.
    pub map: Option<usize>,
    /// Share of the most frequent class among [`hits`](Self::hits). `None` without labels, and with fewer than
    /// [`TOP`] images.
    pub purity: Option<f64>,
    /// That class; of several, that of the strongest image.
    pub class: Option<usize>,
    /// The strongest images, [`TOP`] at most, strongest first.
    pub hits: Vec<Hit>,
}

/// An image along a direction, at its strongest position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The image.
    pub image: usize,
    /// Row of the position in the layer's plane.
    pub row: usize,
    /// Column of the position.
    pub column: usize,
    /// ⟨a − mean, v⟩ there.
    pub score: f32,
    /// What the layer sees there: the receptive field by geometry; it may reach beyond the image.
    pub field: Window,
    /// The window to show; the same size for all positions of the layer.
    pub tile: Window,
}

/// Compares a layer's units with random directions in the space of its channels.
///
/// For a direction v and an image x with activations a(x, p) at the positions p of the layer's plane, C numbers each,
///
/// ```text
/// score(x, v) = max over p of ⟨a(x, p) − mean, v⟩,
/// ```
///
/// mean over all images and positions; the first position wins ties. Unit k is the k-th unit vector; random
/// directions are Gaussian, of length 1. In standardised coordinates v is divided by the maps' standard deviations
/// (D^−½·v), in whitened ones by the root of their covariance (Σ^−½·v); see [`Basis`].
///
/// The purity of a direction is the share of the most frequent class among its [`TOP`] strongest images. A rectified
/// map may be zero in many images, which are then level: their order is drawn (seeded), because probe images are
/// often sorted by class, and the first ones would look like a group.
///
/// The probe images must be held out: a network that was trained on them may know them one by one. `labels` has one
/// class per image, or is empty. Beyond what the pass takes, one score and one position are held for every image
/// and direction, and 64 MiB of scores (those of one image, if they take more) before the maximum is taken.
///
/// # Errors
/// When the layer is behind an unsupported operation, when its activations are not finite, when there are not as
/// many labels as images, and when `progress` says so.
pub fn read_directions(
    pass: &Pass<'_>,
    layer: &Layer,
    labels: &[usize],
    settings: &DirectionSettings,
    progress: &mut Progress<'_>,
) -> Result<LayerDirections, ProbeError> {
    let images = pass.images().dims()[0];
    let labels = Labels::new(labels, images)?;
    let mut steps = Steps { done: 0, total: 2 * images, progress };
    let moments = Moments::read(pass, layer, &mut steps)?;
    let live = moments.live();
    let compared = live.len().min(settings.most);
    let mut found = LayerDirections { images, live: live.len(), compared, bases: vec![] };
    if live.is_empty() {
        return Ok(found);
    }

    let mut random = Random(settings.seed);
    let drawn = settings.shown.max(compared);
    let vectors: Vec<Vec<f64>> = (0..drawn).map(|_| gaussian(live.len(), &mut random)).collect();
    let shown = shown_units(&live, settings);
    let measured = spread(live.len(), compared);
    let units: Vec<usize> = measured.iter().chain(&shown).copied().collect();
    let bases = Basis::all(&moments, &live);
    let rows: Vec<Rows> = bases.iter().map(|basis| basis.rows(&units, &vectors)).collect();
    let scores = Scores::read(pass, layer, &moments, &live, &rows, &mut steps)?;

    let tie = Tie::new(images, &mut random);
    let chance = labels.as_ref().and_then(|labels| labels.chance(&mut random));
    let windows = Windows::new(pass, layer);
    let mut first = 0;
    for (basis, rows) in bases.iter().zip(&rows) {
        let mut rank = |count: usize| -> Vec<Ranking> {
            first += count;
            (first - count..first).map(|row| tie.rank(scores.of(row))).collect()
        };
        let (units, random_ones) = (rank(rows.units), rank(rows.random));
        let (measured_units, shown_units) = units.split_at(compared);
        let measured_random = &random_ones[..compared];
        let show = |map: Option<usize>, ranking: &Ranking| {
            let (purity, class) = match labels.as_ref().and_then(|labels| labels.purity(ranking)) {
                Some((purity, class)) => (Some(purity), Some(class)),
                None => (None, None),
            };
            let hits =
                ranking.iter().map(|&(image, score, position)| windows.hit(image, score, position));
            Shown { map, purity, class, hits: hits.collect() }
        };
        let comparison = match (&labels, chance) {
            (Some(labels), Some(chance)) => Comparison::new(
                &labels.purities(measured_units),
                &labels.purities(measured_random),
                chance,
                &mut random,
            ),
            _ => None,
        };
        found.bases.push(BasisReading {
            basis: basis.kind,
            floored: basis.floored,
            comparison,
            units: shown.iter().zip(shown_units).map(|(&i, r)| show(Some(live[i]), r)).collect(),
            random: random_ones.iter().take(settings.shown).map(|r| show(None, r)).collect(),
        });
    }
    Ok(found)
}

/// The units to show, as places among the live ones.
fn shown_units(live: &[usize], settings: &DirectionSettings) -> Vec<usize> {
    match &settings.show {
        Some(maps) => {
            let place = |map: &usize| live.binary_search(map).ok();
            maps.iter().filter_map(place).take(settings.shown).collect()
        }
        None => spread(live.len(), settings.shown),
    }
}

/// Where positions of a layer's plane look.
struct Windows<'a> {
    pass: &'a Pass<'a>,
    layer: &'a Layer,
    size: [usize; 2],
}

impl<'a> Windows<'a> {
    fn new(pass: &'a Pass<'a>, layer: &'a Layer) -> Self {
        Self { pass, layer, size: pass.graph().field_size(layer) }
    }

    fn hit(&self, image: usize, score: f32, position: usize) -> Hit {
        let [_, _, width] = self.layer.shape();
        let [_, image_height, image_width] = self.pass.graph().input_shape();
        let (row, column) = (position / width.max(1), position % width.max(1));
        let field = self.pass.graph().field(self.layer, row, column).nominal;
        let tile = tile_window(field, self.size, [image_height, image_width]);
        Hit { image, row, column, score, field, tile }
    }
}
