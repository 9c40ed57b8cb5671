//! Operations that only move numbers: reshape, flatten, transpose, permute, concatenate. The way back
//! moves them back.

use burn::backend::Dispatch;
use burn::backend::ir::{BaseOperationIr, OperationIr};
use burn::backend::ops::FloatTensorOps;
use burn::tensor::Slice;

use super::{Computed, Operation, Parsed, Planes, Target, Value};
use crate::project::Recall;
use crate::window::Window;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::BaseFloat(base) = op else { return None };
    match base {
        BaseOperationIr::Reshape(op) => {
            let (x, y) = (&op.input.shape, &op.out.shape);
            // Adding or dropping axes of size one, or regrouping channels, leaves the plane alone.
            let keeps_plane = x.rank() == 4 && y.rank() == 4 && x[2..] == y[2..];
            Parsed::new(Reshape { keeps_plane }, [&op.input], &op.out)
        }
        BaseOperationIr::SwapDims(op) => {
            let mut axes: Vec<_> = (0..op.input.shape.rank()).collect();
            axes.swap(op.dim1, op.dim2);
            Parsed::new(Permute { axes }, [&op.input], &op.out)
        }
        BaseOperationIr::Permute(op) => {
            Parsed::new(Permute { axes: op.axes.clone() }, [&op.input], &op.out)
        }
        BaseOperationIr::Cat(op) => {
            let lengths = op.tensors.iter().map(|tensor| tensor.shape[op.dim]).collect();
            // Joining batches would mix the images up; the sizes would depend on the batch.
            (op.dim > 0).then_some(())?;
            Parsed::new(Cat { axis: op.dim, lengths }, &op.tensors, &op.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Reshape {
    keeps_plane: bool,
}

impl Operation for Reshape {
    fn describe(&self) -> String {
        "reshape".into()
    }

    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        Dispatch::float_reshape(inputs[0].clone(), target.shape.clone()).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Value {
        Dispatch::float_reshape(signal, recall.input_shape(input))
    }

    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        self.keeps_plane.then_some(window)
    }
}

#[derive(Debug)]
struct Permute {
    axes: Vec<usize>,
}

impl Operation for Permute {
    fn describe(&self) -> String {
        "permute".into()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::float_permute(inputs[0].clone(), &self.axes).into()
    }

    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Value {
        let mut inverse = vec![0; self.axes.len()];
        for (to, &from) in self.axes.iter().enumerate() {
            inverse[from] = to;
        }
        Dispatch::float_permute(signal, &inverse)
    }

    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        (self.axes.len() == 4 && self.axes[2..] == [2, 3]).then_some(window)
    }
}

#[derive(Debug)]
struct Cat {
    axis: usize,
    lengths: Vec<usize>,
}

impl Operation for Cat {
    fn describe(&self) -> String {
        "concatenate".into()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::float_cat(inputs.to_vec(), self.axis).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Value {
        let start: usize = self.lengths[..input].iter().sum();
        let mut ranges: Vec<Slice> =
            recall.input_shape(input).iter().map(|&length| Slice::from(0..length)).collect();
        ranges[self.axis] = Slice::from(start..start + self.lengths[input]);
        Dispatch::float_slice(signal, &ranges)
    }

    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        (self.axis == 1).then_some(window)
    }
}
