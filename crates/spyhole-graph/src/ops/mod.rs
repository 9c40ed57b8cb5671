//! What spyhole can compute and project: one family of operations per file, listed in [`FAMILIES`].
//!
//! A family reads Burn's recorded operation and returns an [`Operation`], which knows three things:
//! how to compute itself, how a signal passes it on the way back to the pixels, and which of its
//! input's positions a position of its output can see.

mod arithmetic;
mod constant;
mod conv;
mod linear;
mod norm;
mod pool;
mod rectifier;
mod shape;

use burn::backend::ir::{OperationIr, TensorIr};
use burn::backend::{DispatchDevice, DispatchTensor};
use burn::tensor::Shape;

use crate::project::Recall;
use crate::window::Window;

/// A tensor of any rank, on any device.
pub(crate) type Value = DispatchTensor;

/// Every family of operations that spyhole understands. An operation that none of them reads is
/// unsupported, and so is every layer behind it.
pub(crate) const FAMILIES: &[fn(&OperationIr) -> Option<Parsed<'_>>] = &[
    conv::read,
    norm::read,
    rectifier::read,
    pool::read,
    linear::read,
    arithmetic::read,
    shape::read,
    constant::read,
];

/// An operation that a family has read.
pub(crate) struct Parsed<'ir> {
    pub(crate) op: Box<dyn Operation>,
    pub(crate) inputs: Vec<&'ir TensorIr>,
    pub(crate) output: &'ir TensorIr,
}

impl<'ir> Parsed<'ir> {
    fn new(
        op: impl Operation + 'static,
        inputs: impl IntoIterator<Item = &'ir TensorIr>,
        output: &'ir TensorIr,
    ) -> Option<Self> {
        Some(Self { op: Box::new(op), inputs: inputs.into_iter().collect(), output })
    }
}

/// What an operation is to the person who looks at a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Convolution,
    Normalization,
    Rectifier,
    Other,
}

/// Shapes of an operation's input and output planes, `[height, width]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planes {
    pub(crate) input: [usize; 2],
    pub(crate) output: [usize; 2],
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

pub(crate) trait Operation: std::fmt::Debug + Send + Sync {
    /// In words, for a layer's description.
    fn describe(&self) -> String;

    fn role(&self) -> Role {
        Role::Other
    }

    /// Computes the output.
    fn forward(&self, inputs: &[Value], target: &Target) -> Computed;

    /// The signal at input number `input`, given the signal at the output. Linear operations apply
    /// their adjoint; rectifiers apply the method's rule.
    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Value;

    /// The box of an input plane that a box of the output plane depends on, not clipped to the plane.
    /// `None`: possibly on everything.
    fn reach(&self, window: Window, planes: Planes) -> Option<Window> {
        (planes.input == planes.output).then_some(window)
    }
}
