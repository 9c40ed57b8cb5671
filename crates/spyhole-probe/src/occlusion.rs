//! Which part of an image matters: a square is laid over it, place by place, and what changes is recorded
//! (Zeiler & Fergus 2013, figure 7).
//!
//! If the score of a class falls only where the square hides the object, the network has found the object; if it
//! falls at the border or hardly anywhere, the network looks at something else. A feature map's sum
//! falls where the square hides what the map responds to, which is what its projection claims to show:
//! [`agreement`] compares the two.

mod agreement;
mod fill;
mod grid;

use std::ops::ControlFlow;

use burn::tensor::Tensor;
use spyhole_graph::{Activations, Cover, Graph, GraphError, Layer, OutputScale, Wanted, Weights};

pub use agreement::{Agreement, TOP_SHARE, agreement, fills_agree, map_projections};
pub use fill::Fill;
pub use grid::OcclusionGrid;

use crate::error::ProbeError;

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub struct OcclusionRequest<'a> {
    /// The layers, and of each the feature map: `None` for the one with the largest sum on the clean image. Many
    /// layers cost little more than the highest one.
    pub layers: Vec<(&'a Layer, Option<usize>)>,
    /// The class: `None` for the most probable one on the clean image.
    pub class: Option<usize>,
    /// `[height, width]` of the square.
    pub size: [usize; 2],
    /// How many pixels further down and to the right the next square lies.
    pub stride: [usize; 2],
    /// What is put into the square.
    pub fill: Fill,
}

impl<'a> OcclusionRequest<'a> {
    /// All layers; a grey square of a quarter of the image's shorter side, moved by a quarter of its own.
    pub fn new(graph: &'a Graph) -> Self {
        let [_, height, width] = graph.input_shape();
        let side = (height.min(width) / 4).max(1);
        Self {
            layers: graph.layers().iter().map(|layer| (layer, None)).collect(),
            class: None,
            size: [side; 2],
            stride: [(side / 4).max(1); 2],
            fill: Fill::default(),
        }
    }
}

/// One number on the clean image and at each place of the square.
#[derive(Clone, Debug, PartialEq)]
pub struct OcclusionCurve {
    /// Without a square.
    pub clean: f64,
    /// At each place, row by row.
    pub values: Vec<f64>,
}

impl OcclusionCurve {
    /// `clean − value` at each place; exactly 0 where the square changes nothing.
    pub fn drops(&self) -> Vec<f64> {
        self.values.iter().map(|value| self.clean - value).collect()
    }
}

/// What becomes of the classes.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassOcclusion {
    /// The class that was followed.
    pub class: usize,
    /// Its probability, 0 to 1.
    pub probability: OcclusionCurve,
    /// The most probable class on the clean image, the first one on ties.
    pub clean_top: usize,
    /// The most probable class at each place, row by row.
    pub top: Vec<usize>,
    /// What the model's last operation gives. Of [`OutputScale::Any`] the softmax was taken.
    pub scale: OutputScale,
}

/// What becomes of a layer's map.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOcclusion {
    /// Name of the layer.
    pub layer: String,
    /// The feature map.
    pub map: usize,
    /// The sum of its activation over all positions.
    pub sum: OcclusionCurve,
}

/// What a square hides.
#[derive(Debug)]
pub struct Occlusion {
    /// Where the squares lay.
    pub grid: OcclusionGrid,
    /// What becomes of the classes; an error if the model's output is not `[N, classes]` with at least two
    /// classes, or not finite.
    pub classes: Result<ClassOcclusion, ProbeError>,
    /// What becomes of the layers' maps, in the order asked for: a layer that fails leaves the others alone.
    pub layers: Vec<Result<LayerOcclusion, ProbeError>>,
}

/// Lays a square over an image `[1, C, H, W]` at each place of a grid, and records the probability of a class, the
/// most probable class, and the sums of feature maps. `progress` gets the number of places done and of all, and
/// can stop the work between batches of them.
///
/// # Errors
/// When the image does not fit the graph or the square does not fit the image, weights or the class are missing,
/// or `progress` has stopped it ([`ProbeError::Cancelled`]).
pub fn read_occlusion(
    graph: &Graph,
    weights: &Weights,
    image: Tensor<4>,
    request: &OcclusionRequest<'_>,
    progress: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Occlusion, ProbeError> {
    let shape = graph.input_shape();
    if image.dims()[0] != 1 {
        let (expected, got) = (shape, image.dims().to_vec());
        return Err(GraphError::ImageShape { expected, got }.into());
    }
    let grid = OcclusionGrid::new([shape[1], shape[2]], request.size, request.stride)?;
    let pixels = image.clone().into_data().convert::<f32>().try_to_vec::<f32>()?;
    let activations = graph.forward(weights, image)?;
    let picture = request.fill.picture(&pixels, shape, request.size)?;

    let classes = classes(graph, &activations);
    if let (Ok(classes), Some(class)) = (&classes, request.class)
        && class >= *classes
    {
        return Err(GraphError::OutOfRange { what: "class", index: class, count: *classes }.into());
    }
    let chosen: Vec<Result<(&Layer, usize), ProbeError>> = request
        .layers
        .iter()
        .map(|&(layer, map)| {
            let strongest = strongest_map(&activations, layer)?;
            let (map, count) = (map.unwrap_or(strongest), layer.shape()[0]);
            let missing = GraphError::OutOfRange { what: "feature map", index: map, count };
            if map < count { Ok((layer, map)) } else { Err(missing.into()) }
        })
        .collect();
    let maps: Vec<(&Layer, usize)> = chosen.iter().flatten().copied().collect();
    let cover =
        Cover { size: request.size, rows: &grid.rows, columns: &grid.columns, picture: &picture };
    let wanted = Wanted { maps: &maps, output: classes.is_ok() };
    let found = activations.occlude(0, &cover, &wanted, progress).map_err(|error| match error {
        GraphError::Cancelled => ProbeError::Cancelled,
        other => other.into(),
    })?;

    let classes = classes.and_then(|count| {
        let outputs = [found.clean_output.as_slice()].into_iter();
        let outputs = outputs.chain(found.outputs.chunks_exact(count));
        class_occlusion(graph.output_scale(), outputs, request.class)
    });
    let mut curves = found.clean_sums.into_iter().zip(found.sums);
    let layers = chosen.into_iter().map(|chosen| {
        let (layer, map) = chosen?;
        let not_finite = || ProbeError::NotFinite;
        let (clean, values) = curves.next().ok_or_else(not_finite)?;
        let finite = clean.is_finite() && values.iter().all(|value| value.is_finite());
        let sum = finite.then_some(OcclusionCurve { clean, values }).ok_or_else(not_finite)?;
        Ok(LayerOcclusion { layer: layer.name().to_owned(), map, sum })
    });
    Ok(Occlusion { classes, layers: layers.collect(), grid })
}

/// How many classes the model tells apart.
fn classes(graph: &Graph, activations: &Activations<'_>) -> Result<usize, ProbeError> {
    let shape = graph.output_shape();
    match shape.as_deref() {
        Some(&[classes]) if classes > 1 => {
            activations.output::<2>()?;
            Ok(classes)
        }
        _ => Err(ProbeError::NoClasses { shape: shape.unwrap_or_default() }),
    }
}

/// The map with the largest sum of activations, the first one on ties.
fn strongest_map(activations: &Activations<'_>, layer: &Layer) -> Result<usize, ProbeError> {
    let values = activations.layer(layer)?.into_data().convert::<f32>().try_to_vec::<f32>()?;
    let [_, height, width] = layer.shape();
    let sums = values
        .chunks_exact((height * width).max(1))
        .map(|map| map.iter().map(|&x| f64::from(x)).sum::<f64>());
    let sums: Vec<f64> = sums.collect();
    if sums.iter().all(|sum| sum.is_finite()) {
        Ok(largest(&sums))
    } else {
        Err(ProbeError::NotFinite)
    }
}

/// Position of the largest number, the first one on ties.
fn largest(numbers: &[f64]) -> usize {
    (0..numbers.len()).fold(0, |best, i| if numbers[i] > numbers[best] { i } else { best })
}

/// From outputs, the clean one first.
fn class_occlusion<'o>(
    scale: OutputScale,
    outputs: impl Iterator<Item = &'o [f32]>,
    class: Option<usize>,
) -> Result<ClassOcclusion, ProbeError> {
    let not_finite = || ProbeError::NotFinite;
    let all: Option<Vec<_>> = outputs.map(|output| probabilities(scale, output)).collect();
    let all = all.ok_or_else(not_finite)?;
    let (clean, covered) = all.split_first().ok_or_else(not_finite)?;
    let clean_top = largest(clean);
    let class = class.unwrap_or(clean_top);
    Ok(ClassOcclusion {
        class,
        probability: OcclusionCurve {
            clean: clean[class],
            values: covered.iter().map(|probabilities| probabilities[class]).collect(),
        },
        clean_top,
        top: covered.iter().map(|probabilities| largest(probabilities)).collect(),
        scale,
    })
}

/// `exp(x) / Σ exp(x)` of logits. `None` if a number is not finite; the logarithm of a probability may be −∞.
fn probabilities(scale: OutputScale, output: &[f32]) -> Option<Vec<f64>> {
    let numbers = output.iter().map(|&x| f64::from(x));
    let probabilities: Vec<f64> = match scale {
        OutputScale::Probabilities => numbers.collect(),
        OutputScale::LogProbabilities => numbers.map(f64::exp).collect(),
        OutputScale::Any => {
            let highest = numbers.clone().fold(f64::NEG_INFINITY, f64::max);
            let raised: Vec<f64> = numbers.map(|x| (x - highest).exp()).collect();
            let sum: f64 = raised.iter().sum();
            raised.iter().map(|x| x / sum).collect()
        }
    };
    probabilities.iter().all(|p| p.is_finite()).then_some(probabilities)
}
