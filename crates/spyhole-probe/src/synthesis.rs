//! Pictures made from nothing that excite a unit or a class (Erhan et al. 2009, *Visualizing higher-layer features of a
//! deep network*; Simonyan et al. 2014; Yosinski et al. 2015).

mod ascent;
mod picture;

use burn::tensor::{Device, Tensor};
use spyhole_graph::{Activations, Graph, GraphError, Layer, Weights, Window};

use crate::crop::tile_window;
use crate::error::ProbeError;
use crate::features::peaks;
use crate::pass::Pass;
use crate::progress::{Progress, sweep, tell};
use ascent::{Ascent, Place};

/// What a picture is to excite.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A feature map: its unit in the middle of the plane, with the layer's activation function. One unit, and not the
    /// mean of the map: the picture shows one thing, once, in the field in which the unit's strongest images are
    /// shown too, and its value can be compared with theirs; the mean fills the whole picture with a texture, and
    /// how strong it gets depends on the size of the plane.
    Map {
        /// The layer.
        layer: &'a Layer,
        /// The map.
        map: usize,
    },
    /// A class: its number of the model's output `[N, classes]`, the logit if the model ends with those. If it ends
    /// with a softmax, it is the probability, which also rises when other classes fall.
    Class {
        /// The class.
        class: usize,
    },
}

/// How pictures are made. Per step, each in its own size:
///
/// ```text
/// x ← blur((1 − decay)·x + step·g/RMS(g)),   g = ∂objective(shifted x)/∂x
/// ```
///
/// RMS over the pixels that the target sees. While a unit is silent, its rectifier passes no gradient; then g is the
/// deconvnet's signal (Zeiler & Fergus 2013), which a closed rectifier does not block.
#[derive(Clone, Debug)]
pub struct SynthesisSettings {
    /// Number of steps.
    pub steps: usize,
    /// Length of a step, in units of the normalised input.
    pub step: f32,
    /// Share of the picture that is taken off in each step. Where the gradient keeps its direction, pixels reach a
    /// root mean square of `step/decay`.
    pub decay: f32,
    /// Width (σ) of the Gaussian blur in the first step, in pixels. It is applied in every fourth step and falls to 0
    /// over two thirds of the steps. For targets that see less than 16 pixels, in proportion less.
    pub blur: f32,
    /// In each step the picture is shifted by up to so many pixels in each direction, all around, so that nothing
    /// depends on single pixels; not in the last fifth. For targets that see less than 16 pixels for each, less:
    /// small filters live on single pixels.
    pub jitter: usize,
    /// Lowest and highest value of each channel's pixels, in units of the normalised input. `None`: any.
    pub range: Option<Vec<[f32; 2]>>,
    /// Memory for intermediate results, roughly, in bytes.
    pub memory: usize,
    /// The noise from which pictures start, and the shifts, are the same for the same seed.
    pub seed: u64,
    /// Where the weights are.
    pub device: Device,
}

impl Default for SynthesisSettings {
    fn default() -> Self {
        Self {
            steps: 48,
            step: 0.16,
            decay: 0.08,
            blur: 1.0,
            jitter: 2,
            range: None,
            memory: Pass::MEMORY,
            seed: 0x5e_ed0f,
            device: Device::flex(),
        }
    }
}

/// A picture that excites its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthetic {
    /// `[C, H, W]`, in units of the normalised input. Outside [`field`](Self::field) it is left from the start.
    pub picture: Vec<f32>,
    /// The target's value for the noise at the start.
    pub start: f32,
    /// Its value for the picture. Compare it with [`strongest_natural`]; not above `start`: nothing was found, and the
    /// picture says nothing.
    pub end: f32,
    /// What the target sees, by geometry; it may reach beyond the picture. The whole picture for a class.
    pub field: Window,
    /// The window to show; the same size as that of the layer's [`UnitFeature`](crate::UnitFeature)s.
    pub tile: Window,
}

/// Makes a picture for each target, by gradient ascent from noise. Targets of a layer go together, as many as memory
/// allows, and do not influence each other.
///
/// One result per target, in order. The same input and seed give the same pictures.
///
/// What such pictures show is what excites the unit, not what it responds to in photographs: they may lie far from
/// anything the network was trained on.
///
/// # Errors
/// For one target, when it does not exist, is behind an unsupported operation, when the model's output is not
/// `[N, classes]`, and when its value or gradient is not finite. For all, when weights are missing and when
/// `progress` says so.
pub fn synthesise(
    graph: &Graph,
    weights: &Weights,
    targets: &[Target<'_>],
    settings: &SynthesisSettings,
    progress: &mut Progress<'_>,
) -> Result<Vec<Result<Synthetic, ProbeError>>, ProbeError> {
    let mut found: Vec<Option<Result<Synthetic, ProbeError>>> =
        targets.iter().map(|_| None).collect();
    let places: Vec<Place<'_>> = together(targets);
    // Three times: the results, the signals on their way back, and what they pass through.
    let fitting = (settings.memory / (3 * graph.bytes_per_image()).max(1)).max(1);
    let groups: Vec<(Place<'_>, Vec<usize>)> = places
        .into_iter()
        .flat_map(|place| {
            let members: Vec<usize> =
                (0..targets.len()).filter(|&i| place.holds(&targets[i])).collect();
            let chunks: Vec<Vec<usize>> = members.chunks(fitting).map(<[usize]>::to_vec).collect();
            chunks.into_iter().map(move |chunk| (place, chunk))
        })
        .collect();
    let total = groups.len() * settings.steps;
    for (number, (place, members)) in groups.iter().enumerate() {
        let units: Vec<usize> = members.iter().map(|&i| unit(&targets[i])).collect();
        let mut told = |step: usize| tell(progress, number * settings.steps + step, total);
        let results = Ascent { graph, weights, place: *place, settings }.run(&units, &mut told)?;
        for (&i, result) in members.iter().zip(results) {
            found[i] = Some(result.map(|climbed| {
                let (field, tile) = windows(graph, place);
                let ascent::Climbed { picture, start, end } = climbed;
                Synthetic { picture, start, end, field, tile }
            }));
        }
    }
    tell(progress, total, total)?;
    // Every target is in one group.
    Ok(found.into_iter().map(|found| found.unwrap_or(Err(ProbeError::Cancelled))).collect())
}

/// The places of the targets, each once.
fn together<'a>(targets: &[Target<'a>]) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = vec![];
    for target in targets {
        if !places.iter().any(|place| place.holds(target)) {
            places.push(match *target {
                Target::Map { layer, .. } => Place::Layer(layer),
                Target::Class { .. } => Place::Output,
            });
        }
    }
    places
}

fn unit(target: &Target<'_>) -> usize {
    match *target {
        Target::Map { map, .. } => map,
        Target::Class { class } => class,
    }
}

fn windows(graph: &Graph, place: &Place<'_>) -> (Window, Window) {
    let [_, height, width] = graph.input_shape();
    let all = Window::all([height, width]);
    match place {
        Place::Output => (all, all),
        Place::Layer(layer) => {
            let [row, column] = ascent::middle(layer);
            let field = graph.field(layer, row, column).nominal;
            (field, tile_window(field, graph.field_size(layer), [height, width]))
        }
    }
}

/// The largest value of each target over the probe images, at any position of a map. `None` for targets that do not
/// exist or cannot be computed, and for values that are not finite.
///
/// # Errors
/// When the images do not fit the graph, when weights are missing, and when `progress` says so.
pub fn strongest_natural(
    pass: &Pass<'_>,
    targets: &[Target<'_>],
    progress: &mut Progress<'_>,
) -> Result<Vec<Option<f32>>, ProbeError> {
    let images = pass.images().dims()[0];
    let places = together(targets);
    let mut largest: Vec<Vec<f32>> = vec![vec![]; places.len()];
    sweep(pass, |first, activations| {
        for (place, largest) in places.iter().zip(&mut largest) {
            // What cannot be computed stays without a value.
            let values = in_group(place, activations).unwrap_or_default();
            if largest.is_empty() {
                *largest = values;
                continue;
            }
            for (old, new) in largest.iter_mut().zip(values) {
                *old = if new > *old || new.is_nan() { new } else { *old };
            }
        }
        tell(progress, first + activations.batch(), images)
    })?;
    let value = |target: &Target<'_>| {
        let place = places.iter().position(|place| place.holds(target))?;
        largest[place].get(unit(target)).copied().filter(|value| value.is_finite())
    };
    Ok(targets.iter().map(value).collect())
}

/// The largest values over a group of images.
fn in_group(place: &Place<'_>, activations: &Activations<'_>) -> Result<Vec<f32>, ProbeError> {
    match place {
        Place::Layer(layer) => {
            Ok(peaks(activations, layer)?.into_iter().map(|peak| peak.value).collect())
        }
        Place::Output => {
            let logits: Tensor<2> = logits(activations)?;
            Ok(logits.max_dim(0).into_data().convert::<f32>().try_to_vec()?)
        }
    }
}

/// The output `[N, classes]`.
fn logits(activations: &Activations<'_>) -> Result<Tensor<2>, ProbeError> {
    match activations.output::<2>() {
        Ok(logits) => Ok(logits),
        Err(GraphError::SignalShape { got, .. }) => {
            Err(ProbeError::NoLogits { axes: got.first().copied().unwrap_or(0) })
        }
        Err(error) => Err(error.into()),
    }
}
