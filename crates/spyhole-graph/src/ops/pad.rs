//! Padding with a constant, a reflection, or the edge. It is linear up to the constant, and each axis by
//! itself: `y = P x`, with a matrix `P` of zeros and ones per axis. The way back is `Pᵀ`: what lies in the
//! padding is added to where it was taken from.

use burn::backend::ir::{NumericOperationIr, OperationIr, PadModeIr};
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{IndexingUpdateOp, Slice, Tensor, TensorData};

use super::calc::zeros_like;
use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::patches::{Kernel, Locality, Sliding, SlidingOperation, Stack};
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::NumericFloat(_, NumericOperationIr::Pad(op))
        | OperationIr::NumericInt(_, NumericOperationIr::Pad(op)) => {
            let pad = Pad { padding: op.padding.clone(), mode: op.mode };
            Parsed::new(pad, [&op.input], &op.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Pad {
    padding: Vec<(usize, usize)>,
    mode: PadModeIr,
}

impl Pad {
    /// Where the number at each position of a padded axis comes from.
    fn sources(&self, axis: usize, length: usize) -> Vec<i64> {
        let (before, after) = self.padding[axis];
        let last = length as i64 - 1;
        let range = -(before as i64)..length as i64 + after as i64;
        range
            .map(|position| match self.mode {
                PadModeIr::Reflect if position < 0 => -position,
                PadModeIr::Reflect if position > last => 2 * last - position,
                _ => position,
            })
            .map(|position| position.clamp(0, last.max(0)))
            .collect()
    }

    fn padded_axes(&self) -> Vec<usize> {
        (0..self.padding.len()).filter(|&axis| self.padding[axis] != (0, 0)).collect()
    }
}

impl Operation for Pad {
    fn describe(&self) -> String {
        "pad".into()
    }

    fn role(&self) -> Role {
        Role::Pad
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&self.padded_axes())
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        if x.dtype().is_float() {
            Dispatch::float_pad(x, &self.padding, self.mode.into())
        } else {
            Dispatch::int_pad(x, &self.padding, self.mode.into())
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let shape = recall.input_shape(0);
        let mut signal = signal;
        if let PadModeIr::Constant(_) = self.mode {
            let lengths = shape.iter().zip(&self.padding);
            let ranges: Vec<Slice> = lengths
                .map(|(&length, &(before, _))| Slice::from(before..before + length))
                .collect();
            return Ok(Dispatch::float_slice(signal, &ranges));
        }
        for axis in self.padded_axes() {
            let sources = self.sources(axis, shape[axis]);
            let count = sources.len();
            let sources = TensorData::new(sources, [count]);
            let sources = Tensor::<1, burn::tensor::Int>::from_data(sources, recall.device());
            let mut target = signal.shape();
            target[axis] = shape[axis];
            let zeros = zeros_like(&signal, &target);
            let (sources, add) = (sources.into_dispatch(), IndexingUpdateOp::Add);
            signal = Dispatch::float_select_assign(zeros, axis, sources, signal, add);
        }
        Ok(signal)
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let mut seen = region.clone();
        for axis in self.padded_axes() {
            let (positions, before) = (&region.0[axis], self.padding[axis].0 as i64);
            let from = match self.mode {
                PadModeIr::Constant(_) => positions.shift(-before),
                PadModeIr::Reflect | PadModeIr::Edge => {
                    let sources = self.sources(axis, shapes.inputs[input][axis]);
                    positions.each(|at| {
                        let source = usize::try_from(at).ok().and_then(|at| sources.get(at));
                        let from = source.copied().unwrap_or(at - before);
                        Span { first: from, last: from }
                    })
                }
            };
            seen = seen.with(axis, from);
        }
        Reach::exact(seen)
    }

    /// A frame of one constant around planes is what a kernel of one position sees beyond them.
    fn locality(&self) -> Locality<'_> {
        let around_planes =
            self.padding.len() == 4 && self.padded_axes().iter().all(|&axis| axis >= 2);
        match self.mode {
            PadModeIr::Constant(_) if around_planes => Locality::Sliding(self),
            _ => Locality::Whole,
        }
    }
}

impl SlidingOperation for Pad {
    fn kernel(&self) -> Kernel {
        let before = |axis: usize| self.padding.get(axis).map_or(0, |&(before, _)| before);
        let outside = match &self.mode {
            PadModeIr::Constant(value) => value.elem(),
            _ => 0.0,
        };
        let (size, padding) = ([1; 2], [before(2), before(3)]);
        Kernel { size, stride: [1; 2], padding, dilation: [1; 2], outside }
    }

    fn slide(&self, x: &Stack, _view: &Sliding<'_>) -> Option<Stack> {
        Some(x.clone())
    }
}
