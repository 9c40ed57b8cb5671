//! What spyhole can compute and project: one family of operations per file, listed in [`FAMILIES`].
//!
//! A family reads Burn's recorded operation and returns an [`Operation`], which knows how to compute
//! itself, how a signal passes it on the way back to the pixels, and which of its input's positions a
//! position of its output can see.
//!
//! | family | operations | the signal `g` at `y` sends to `x` |
//! |---|---|---|
//! | `conv` | convolution, 1-D and 2-D | transposed convolution with the same weights |
//! | `transposed` | transposed convolution, 1-D and 2-D | convolution with the same weights |
//! | `norm` | batch norm in evaluation mode; layer norm | `γ/σ · g`; the derivative through its statistics |
//! | `rectifier` | ReLU and its bounded forms; other clamps | the [`Method`](crate::Method)'s rule; where the input is between the bounds |
//! | `unary` | every other function of one number | `f'(x) · g` |
//! | `pool` | max, average and adaptive pooling | to the switches; spread over the window |
//! | `linear` | linear layers, matrix products, attention | the transposed matrix |
//! | `arithmetic` | sums, differences, products, quotients, powers | the partial derivative |
//! | `reduce` | sum, mean, maximum over axes | spread; to the positions of the maxima |
//! | `softmax` | softmax, log-softmax, softmin | the derivative |
//! | `shape` | reshape, permute, flip, expand, repeat, concatenate | moves back, sums over repetitions |
//! | `index` | slice, select, gather | puts back, zeros elsewhere |
//! | `scatter` | adding to picked positions | unchanged, and picked |
//! | `pad`, `interpolate` | padding, resizing | the transposed matrix of what Burn computes |
//! | `mask` | choice by a truth value | to the side that was chosen |
//! | `logic` | integers, truth values, comparisons, casts | nothing passes, except through float casts |
//! | `constant` | tensors that the forward function makes | nothing to send |
//! | `interpreted` | all others, of what does not depend on the images | nothing to send |

mod arithmetic;
mod calc;
mod constant;
mod conv;
mod index;
mod interpolate;
mod interpreted;
mod linear;
mod logic;
mod mask;
mod norm;
mod pad;
mod pool;
mod pool_average;
mod rectifier;
mod reduce;
mod scatter;
mod shape;
mod softmax;
mod transposed;
mod unary;

use burn::backend::ir::{OperationIr, TensorIr};
use burn::backend::{DispatchDevice, DispatchTensor};
use burn::tensor::Shape;

pub(crate) use calc::{flat, select_rows};
pub(crate) use interpreted::read as interpreted;
pub(crate) use rectifier::{Clamp, Step};

use crate::constants::Numbers;
use crate::dim::{Dim, batch_axis};
use crate::error::GraphError;
use crate::layer::Bounds;
use crate::occlude::OutputScale;
use crate::patches::Locality;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::windows::WindowOperation;

/// A tensor of any rank, on any device.
pub(crate) type Value = DispatchTensor;

/// A signal at an input.
pub(crate) type Signal = Result<Value, GraphError>;

/// Every family of operations that spyhole understands. An operation that none of them reads is
/// unsupported, and so is every layer behind it, unless it does not depend on the images
/// ([`interpreted`]).
pub(crate) const FAMILIES: &[fn(&OperationIr) -> Option<Parsed<'_>>] = &[
    conv::read,
    transposed::read,
    norm::read,
    rectifier::read,
    unary::read,
    pool::read,
    pool_average::read,
    linear::read,
    arithmetic::read,
    reduce::read,
    softmax::read,
    shape::read,
    index::read,
    scatter::read,
    pad::read,
    interpolate::read,
    mask::read,
    logic::read,
    constant::read,
];

/// The stand-in for an operation that no family reads: it takes a place in the graph and is never run.
pub(crate) fn unknown(name: &str) -> Box<dyn Operation> {
    Box::new(Unknown { name: name.to_owned() })
}

/// An operation that a family has read.
pub(crate) struct Parsed<'ir> {
    pub(crate) op: Box<dyn Operation>,
    pub(crate) inputs: Vec<&'ir TensorIr>,
    pub(crate) output: &'ir TensorIr,
    /// A second output, which an operation of its own computes from the same inputs.
    pub(crate) second: Option<(Box<dyn Operation>, &'ir TensorIr)>,
}

impl<'ir> Parsed<'ir> {
    fn new(
        op: impl Operation + 'static,
        inputs: impl IntoIterator<Item = &'ir TensorIr>,
        output: &'ir TensorIr,
    ) -> Option<Self> {
        let inputs = inputs.into_iter().collect();
        Some(Self { op: Box::new(op), inputs, output, second: None })
    }

    fn and(mut self, op: impl Operation + 'static, output: &'ir TensorIr) -> Self {
        self.second = Some((Box::new(op), output));
        self
    }
}

/// What an operation is to the person who looks at a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Convolution,
    TransposedConvolution,
    Normalization,
    /// A non-linear function of each number: a layer's last part.
    Activation,
    /// Works on each number by itself.
    Pointwise,
    /// The sum of two tensors.
    Sum,
    /// Channels of several tensors behind each other.
    Concat,
    /// A sum or mean over axes, as in a normalisation that is written out.
    Statistic,
    /// Numbers in the same order, in another shape.
    Reshape,
    /// A frame around planes.
    Pad,
    Other,
}

/// What an output must be like.
pub(crate) struct Target {
    pub(crate) shape: Shape,
    pub(crate) device: DispatchDevice,
}

/// Output of an operation, with what it must remember for the way back (a pooling's switches).
pub(crate) struct Computed {
    pub(crate) output: Value,
    pub(crate) memory: Option<Value>,
}

impl From<Value> for Computed {
    fn from(output: Value) -> Self {
        Self { output, memory: None }
    }
}

/// The dimensions around an operation, and what depends on the images: enough to tell whether images
/// stay apart.
pub(crate) struct Operands<'a> {
    pub(crate) inputs: Vec<&'a [Dim]>,
    pub(crate) varies: Vec<bool>,
    pub(crate) output: &'a [Dim],
}

impl Operands<'_> {
    /// The axis of the images and its rows per image, in an input that depends on them.
    pub(crate) fn images_in(&self, input: usize) -> Option<(usize, usize)> {
        batch_axis(self.inputs[input])
    }

    pub(crate) fn images_out(&self) -> Option<(usize, usize)> {
        batch_axis(self.output)
    }

    /// Whether the images are on the same axis in the output and in all inputs that depend on them.
    pub(crate) fn images_stay(&self) -> bool {
        let output = self.images_out();
        let mut varying = (0..self.inputs.len()).filter(|&input| self.varies[input]);
        output.is_some() && varying.all(|input| self.images_in(input) == output)
    }

    /// The same, and that axis is none of these.
    pub(crate) fn images_stay_off(&self, axes: &[usize]) -> bool {
        self.images_stay() && self.images_out().is_some_and(|(axis, _)| !axes.contains(&axis))
    }

    /// Whether the first input alone depends on the images: weights and statistics are parameters.
    pub(crate) fn only_first_varies(&self) -> bool {
        self.varies.iter().skip(1).all(|varies| !varies)
    }

    /// For operations on `[N, C, …]` with weights that must not depend on the images.
    pub(crate) fn images_first(&self) -> bool {
        self.only_first_varies()
            && self.images_stay()
            && self.images_out().is_some_and(|(axis, _)| axis == 0)
    }
}

pub(crate) trait Operation: std::fmt::Debug + Send + Sync {
    /// In words, for a layer's description.
    fn describe(&self) -> String;

    fn role(&self) -> Role {
        Role::Other
    }

    /// Whether it can be computed and projected in this place. An operation that would mix images up
    /// cannot: a projection takes some images of a batch and leaves others.
    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay()
    }

    /// Whether the deconvnet of Zeiler & Fergus (2013) has no rule for it, given which inputs depend on
    /// the images. It then passes its derivative, in all methods.
    fn outside_definition(&self, varies: &[bool]) -> bool {
        let _ = varies;
        false
    }

    /// The range of an activation function that saturates.
    fn bounds(&self) -> Option<Bounds> {
        None
    }

    /// The clamp that it is, if it is one.
    fn clamp(&self) -> Option<&Clamp> {
        None
    }

    /// Takes in what the recording fixes: the integers in an input that depends on neither images nor weights.
    fn learn(&mut self, constant: &mut dyn FnMut(usize) -> Option<Numbers>) {
        let _ = constant;
    }

    /// Whether infinity in its result, of finite operands, is an overflow, and a fault even where a later operation makes
    /// it finite again: a variance that is infinite makes a norm of zeros. Not of an exponential, a logarithm or a
    /// division by zero, which sigmoids and masks are written with.
    fn overflows(&self) -> bool {
        false
    }

    /// What it computes on the way and can overflow, while its result stays finite.
    fn between(&self, inputs: &[Value]) -> Option<Value> {
        let _ = inputs;
        None
    }

    /// Computes the output.
    fn forward(&self, inputs: &[Value], target: &Target) -> Computed;

    /// The signal at input number `input`, given the signal at the output. Linear operations apply
    /// their adjoint; rectifiers apply the method's rule; all else its derivative.
    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal;

    /// How it sends windows of a signal back, if it can; otherwise whole planes are used.
    fn window(&self) -> Option<&dyn WindowOperation> {
        None
    }

    /// How windows of its output are computed from windows of its inputs, if they can be; otherwise whole planes
    /// are.
    fn locality(&self) -> Locality<'_> {
        Locality::Whole
    }

    /// Whether its output is probabilities, or their logarithms: along an axis, or (`None`) each by itself.
    fn probabilities(&self) -> Option<(OutputScale, Option<usize>)> {
        None
    }

    /// What a box of the output depends on in an input, not clipped to it.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        Reach::elementwise(region, &shapes.inputs[input], shapes.output)
    }
}

#[derive(Debug)]
struct Unknown {
    name: String,
}

impl Operation for Unknown {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn role(&self) -> Role {
        // Known to be one, so that it is listed, and named as what is missing.
        if self.name.starts_with("Deform") || self.name.starts_with("Conv") {
            Role::Convolution
        } else {
            Role::Other
        }
    }

    fn accepts(&self, _operands: &Operands<'_>) -> bool {
        false
    }

    /// Never called: its output is marked unsupported.
    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        let zeros = || calc::zeros(&target.shape, &target.device);
        inputs.first().cloned().unwrap_or_else(zeros).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Err(GraphError::Unsupported { operation: self.name.clone() })
    }

    fn reach(&self, _region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        Reach::everything(&shapes.inputs[input])
    }
}
