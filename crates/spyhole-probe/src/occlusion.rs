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

/// What the numbers are that a model puts out for an image. A network does not tell: it is known from its labels, or
/// said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutputMeaning {
    /// One score or probability per class.
    #[default]
    Classes,
    /// One number: the logit, or the probability, of the second of two classes, as [`OutputScale`] says.
    Binary,
    /// Numbers that are no classes: a regression, the means of a latent space.
    Numbers,
}

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub struct OcclusionRequest<'a> {
    /// The layers, and of each the feature map: `None` for the one with the largest sum on the clean image. Many
    /// layers cost little more than the highest one.
    pub layers: Vec<(&'a Layer, Option<usize>)>,
    /// What the model's output is.
    pub meaning: OutputMeaning,
    /// The class: `None` for the most probable one on the clean image. Of [`OutputMeaning::Numbers`] the number's
    /// place in the output: `None` for the one of the largest magnitude.
    pub class: Option<usize>,
    /// `[height, width]` of the square.
    pub size: [usize; 2],
    /// How many pixels further down and to the right the next square lies.
    pub stride: [usize; 2],
    /// What is put into the square.
    pub fill: Fill,
}

/// Along one side, unless a stride is asked for.
const MOST_PLACES: usize = 64;

impl<'a> OcclusionRequest<'a> {
    /// All layers; a grey square of a quarter of the image's shorter side, moved by a quarter of its own, or by a 64th of
    /// the image's longer side if that is more: an image that is much longer than wide has no more places than others.
    pub fn new(graph: &'a Graph) -> Self {
        let [_, height, width] = graph.input_shape();
        let side = (height.min(width) / 4).max(1);
        Self {
            layers: graph.layers().iter().map(|layer| (layer, None)).collect(),
            meaning: OutputMeaning::default(),
            class: None,
            size: [side; 2],
            stride: [(side / 4).max(height.max(width).div_ceil(MOST_PLACES)).max(1); 2],
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

/// What becomes of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputOcclusion {
    /// The class that was followed; of [`OutputMeaning::Numbers`] the number's place in the output.
    pub class: usize,
    /// Its probability, 0 to 1; of [`OutputMeaning::Numbers`] the number itself.
    pub curve: OcclusionCurve,
    /// The most probable class on the clean image, the first one on ties; of numbers the one of the largest
    /// magnitude.
    pub clean_top: usize,
    /// The most probable class at each place, row by row; empty for numbers.
    pub top: Vec<usize>,
    /// What the model's last operation gives. Of [`OutputScale::Any`] the softmax was taken for classes, the logistic
    /// function `1/(1 + exp(−x))` for a binary classifier, and nothing for numbers.
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
    /// What becomes of the output; an error if it is not `[N, numbers]`, with at least two for classes and with one, or
    /// `[N]`, for a binary classifier, or if it is not finite.
    pub output: Result<OutputOcclusion, ProbeError>,
    /// What becomes of the layers' maps, in the order asked for: a layer that fails leaves the others alone.
    pub layers: Vec<Result<LayerOcclusion, ProbeError>>,
}

/// Lays a square over an image `[1, C, H, W]` at each place of a grid, and records the probability of a class, the
/// most probable class (of an output that is no classes, a number), and the sums of feature maps. `progress` gets the number of places done and of all, and
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

    let numbers = numbers(graph, &activations, request.meaning);
    if let (Ok(numbers), Some(index)) = (&numbers, request.class) {
        let (what, count) = match request.meaning {
            OutputMeaning::Classes => ("class", *numbers),
            OutputMeaning::Binary => ("class", 2),
            OutputMeaning::Numbers => ("output", *numbers),
        };
        if index >= count {
            return Err(GraphError::OutOfRange { what, index, count }.into());
        }
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
    let wanted = Wanted { maps: &maps, output: numbers.is_ok() };
    let found = activations.occlude(0, &cover, &wanted, progress).map_err(|error| match error {
        GraphError::Cancelled => ProbeError::Cancelled,
        other => other.into(),
    })?;

    let output = numbers.and_then(|count| {
        let outputs = [found.clean_output.as_slice()].into_iter();
        let outputs = outputs.chain(found.outputs.chunks_exact(count));
        output_occlusion(request.meaning, graph.output_scale(), outputs, request.class)
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
    Ok(Occlusion { output, layers: layers.collect(), grid })
}

/// How many numbers the model puts out for an image.
fn numbers(
    graph: &Graph,
    activations: &Activations<'_>,
    meaning: OutputMeaning,
) -> Result<usize, ProbeError> {
    let shape = graph.output_shape();
    let count = match shape.as_deref() {
        Some([]) => {
            activations.output::<1>()?;
            Some(1)
        }
        Some(&[count]) => {
            activations.output::<2>()?;
            Some(count)
        }
        _ => None,
    };
    let fits = |count: &usize| match meaning {
        OutputMeaning::Classes => *count > 1,
        OutputMeaning::Binary => *count == 1,
        OutputMeaning::Numbers => *count > 0,
    };
    let shape = shape.unwrap_or_default();
    count.filter(fits).ok_or(match meaning {
        OutputMeaning::Classes => ProbeError::NoClasses { shape },
        OutputMeaning::Binary => ProbeError::NotBinary { shape },
        OutputMeaning::Numbers => ProbeError::NoNumbers { shape },
    })
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
fn output_occlusion<'o>(
    meaning: OutputMeaning,
    scale: OutputScale,
    outputs: impl Iterator<Item = &'o [f32]>,
    class: Option<usize>,
) -> Result<OutputOcclusion, ProbeError> {
    let not_finite = || ProbeError::NotFinite;
    let all: Option<Vec<_>> = outputs.map(|output| said(meaning, scale, output)).collect();
    let all = all.ok_or_else(not_finite)?;
    let (clean, covered) = all.split_first().ok_or_else(not_finite)?;
    let (clean_top, top) = match meaning {
        OutputMeaning::Numbers => {
            let magnitudes: Vec<f64> = clean.iter().map(|x| x.abs()).collect();
            (largest(&magnitudes), vec![])
        }
        _ => (largest(clean), covered.iter().map(|each| largest(each)).collect()),
    };
    let class = class.unwrap_or(clean_top);
    Ok(OutputOcclusion {
        class,
        curve: OcclusionCurve {
            clean: clean[class],
            values: covered.iter().map(|each| each[class]).collect(),
        },
        clean_top,
        top,
        scale,
    })
}

/// What an output says: probabilities of classes, or its numbers as they are. `None` if one is not finite.
fn said(meaning: OutputMeaning, scale: OutputScale, output: &[f32]) -> Option<Vec<f64>> {
    match meaning {
        OutputMeaning::Classes => probabilities(scale, output),
        OutputMeaning::Binary => {
            let x = f64::from(*output.first()?);
            let second = match scale {
                OutputScale::Probabilities => x,
                OutputScale::LogProbabilities => x.exp(),
                OutputScale::Any => 1.0 / (1.0 + (-x).exp()),
            };
            second.is_finite().then(|| vec![1.0 - second, second])
        }
        OutputMeaning::Numbers => {
            let numbers: Vec<f64> = output.iter().map(|&x| f64::from(x)).collect();
            numbers.iter().all(|x| x.is_finite()).then_some(numbers)
        }
    }
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
