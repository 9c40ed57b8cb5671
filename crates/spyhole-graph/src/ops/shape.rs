//! Operations that only move numbers, integers or truth values: reshape, permute, flip, expand, repeat,
//! concatenate. The way back moves them back and sums over what was repeated.

use burn::backend::ir::{BaseOperationIr, OperationIr};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Shape, Slice};

use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::dim::batch_axis;
use crate::patches::Locality;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;
use crate::windows::{View, WindowOperation};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let (OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base)) =
        op
    else {
        return None;
    };
    match base {
        BaseOperationIr::Reshape(op) => Parsed::new(Reshape, [&op.input], &op.out),
        BaseOperationIr::Expand(op) => Parsed::new(Expand, [&op.input], &op.out),
        BaseOperationIr::SwapDims(op) => {
            let mut axes: Vec<_> = (0..op.input.shape.rank()).collect();
            axes.swap(op.dim1, op.dim2);
            Parsed::new(Permute { axes }, [&op.input], &op.out)
        }
        BaseOperationIr::Permute(op) => {
            Parsed::new(Permute { axes: op.axes.clone() }, [&op.input], &op.out)
        }
        BaseOperationIr::Flip(op) => {
            Parsed::new(Flip { axes: op.axes.clone() }, [&op.input], &op.out)
        }
        BaseOperationIr::RepeatDim(op) => {
            Parsed::new(Repeat { axis: op.dim, times: op.times }, [&op.tensor], &op.out)
        }
        BaseOperationIr::Cat(op) => {
            let lengths = op.tensors.iter().map(|tensor| tensor.shape[op.dim]).collect();
            Parsed::new(Cat { axis: op.dim, lengths }, &op.tensors, &op.out)
        }
        _ => None,
    }
}

/// Calls the function for the tensor's kind: float, integer or truth values.
macro_rules! by_kind {
    ($value:expr, $float:ident, $int:ident, $bool:ident $(, $argument:expr)*) => {{
        let value: Value = $value;
        let dtype = value.dtype();
        if dtype.is_float() {
            Dispatch::$float(value $(, $argument)*)
        } else if dtype.is_bool() {
            Dispatch::$bool(value $(, $argument)*)
        } else {
            Dispatch::$int(value $(, $argument)*)
        }
    }};
}
pub(super) use by_kind;

pub(super) fn reshape(value: Value, shape: Shape) -> Value {
    by_kind!(value, float_reshape, int_reshape, bool_reshape, shape)
}

#[derive(Debug)]
struct Reshape;

impl Operation for Reshape {
    fn describe(&self) -> String {
        "reshape".into()
    }

    fn role(&self) -> Role {
        Role::Reshape
    }

    /// Images stay apart if each is one stretch of memory before and after: as many numbers before the
    /// images' axis as there were.
    fn accepts(&self, operands: &Operands<'_>) -> bool {
        let outer = |dims: &[crate::dim::Dim]| {
            let (axis, _) = batch_axis(dims)?;
            Some(dims[..axis].iter().map(|dim| dim.at(1)).product::<usize>())
        };
        let before = outer(operands.inputs[0]);
        before.is_some() && before == outer(operands.output)
    }

    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        reshape(inputs[0].clone(), target.shape.clone()).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        Ok(Dispatch::float_reshape(signal, recall.input_shape(input)))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        region.reshape(shapes.output, &shapes.inputs[input])
    }
}

#[derive(Debug)]
struct Expand;

impl Operation for Expand {
    fn describe(&self) -> String {
        "expand".into()
    }

    fn role(&self) -> Role {
        Role::Reshape
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        let added = operands.output.len().saturating_sub(operands.inputs[0].len());
        let moved = operands.images_in(0).map(|(axis, rows)| (axis + added, rows));
        moved.is_some() && moved == operands.images_out()
    }

    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        let shape = target.shape.clone();
        by_kind!(inputs[0].clone(), float_expand, int_expand, bool_expand, shape).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        recall.sum_to_input(signal, input)
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let (from, to) = (&shapes.inputs[input], shapes.output);
        let added = to.rank().saturating_sub(from.rank());
        let (region, to) = (Region(region.0[added..].to_vec()), to[added..].to_vec());
        Reach::elementwise(&region, from, &Shape::from(to))
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

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        let moved = operands.images_out().map(|(axis, rows)| (self.axes[axis], rows));
        moved.is_some() && moved == operands.images_in(0)
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        by_kind!(inputs[0].clone(), float_permute, int_permute, bool_permute, &self.axes).into()
    }

    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        let mut inverse = vec![0; self.axes.len()];
        for (to, &from) in self.axes.iter().enumerate() {
            inverse[from] = to;
        }
        Ok(Dispatch::float_permute(signal, &inverse))
    }

    fn reach(&self, region: &Region, _input: usize, _shapes: &Shapes<'_>) -> Reach {
        let mut seen = region.clone();
        for (to, &from) in self.axes.iter().enumerate() {
            seen.0[from] = region.0[to].clone();
        }
        Reach::exact(seen)
    }
}

#[derive(Debug)]
struct Flip {
    axes: Vec<usize>,
}

impl Operation for Flip {
    fn describe(&self) -> String {
        "flip".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&self.axes)
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        by_kind!(inputs[0].clone(), float_flip, int_flip, bool_flip, &self.axes).into()
    }

    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Ok(Dispatch::float_flip(signal, &self.axes))
    }

    fn reach(&self, region: &Region, _input: usize, shapes: &Shapes<'_>) -> Reach {
        Reach::exact(self.axes.iter().fold(region.clone(), |seen, &axis| {
            let last = shapes.output[axis] as i64 - 1;
            let turned = |run: &Span| Span { first: last - run.last, last: last - run.first };
            let turned = Positions::of(seen.0[axis].runs().iter().map(turned));
            seen.with(axis, turned)
        }))
    }
}

/// The whole tensor several times behind itself, along an axis.
#[derive(Debug)]
struct Repeat {
    axis: usize,
    times: usize,
}

impl Operation for Repeat {
    fn describe(&self) -> String {
        format!("repeat {} times", self.times)
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        by_kind!(x, float_repeat_dim, int_repeat_dim, bool_repeat_dim, self.axis, self.times).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let shape = recall.input_shape(0);
        let mut apart = shape.to_vec();
        apart.insert(self.axis, self.times);
        let apart = Dispatch::float_reshape(signal, Shape::from(apart));
        Ok(Dispatch::float_reshape(Dispatch::float_sum_dim(apart, self.axis), shape))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let length = shapes.inputs[input][self.axis];
        let period = (length as i64).max(1);
        let turned = region.0[self.axis].runs().iter().flat_map(|run| {
            let (first, length) = (run.first.rem_euclid(period), (run.len() as i64).min(period));
            // What is beyond the end comes again at the beginning.
            let (last, beyond) = (first + length - 1, first + length - 1 - period);
            [Span { first, last: last.min(period - 1) }, Span { first: 0, last: beyond }]
        });
        Reach::exact(region.with(self.axis, Positions::of(turned)))
    }
}

#[derive(Debug)]
struct Cat {
    axis: usize,
    lengths: Vec<usize>,
}

impl Cat {
    fn start(&self, input: usize) -> usize {
        self.lengths[..input].iter().sum()
    }
}

impl Operation for Cat {
    fn describe(&self) -> String {
        "concatenate".into()
    }

    fn role(&self) -> Role {
        if self.axis == 1 { Role::Concat } else { Role::Other }
    }

    /// Joining batches would mix the images up.
    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (first, inputs) = (&inputs[0], inputs.to_vec());
        if first.dtype().is_float() {
            Dispatch::float_cat(inputs, self.axis)
        } else if first.dtype().is_bool() {
            Dispatch::bool_cat(inputs, self.axis)
        } else {
            Dispatch::int_cat(inputs, self.axis)
        }
        .into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let mut ranges: Vec<Slice> =
            recall.input_shape(input).iter().map(|&length| Slice::from(0..length)).collect();
        let start = self.start(input);
        ranges[self.axis] = Slice::from(start..start + self.lengths[input]);
        Ok(Dispatch::float_slice(signal, &ranges))
    }

    fn reach(&self, region: &Region, input: usize, _shapes: &Shapes<'_>) -> Reach {
        let (start, length) = (self.start(input) as i64, self.lengths[input]);
        Reach::exact(region.with(self.axis, region.0[self.axis].shift(-start).clip(length)))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        (self.axis == 1).then_some(self)
    }

    /// Over channels, each position by itself.
    fn locality(&self) -> Locality<'_> {
        if self.axis == 1 { Locality::Pointwise } else { Locality::Whole }
    }
}

impl WindowOperation for Cat {
    /// Its channels: the place does not matter.
    fn backward_window(&self, signal: Value, input: usize, _view: &View<'_>) -> Signal {
        let mut ranges: Vec<Slice> =
            signal.shape().iter().map(|&length| Slice::from(0..length)).collect();
        let start = self.start(input);
        ranges[self.axis] = Slice::from(start..start + self.lengths[input]);
        Ok(Dispatch::float_slice(signal, &ranges))
    }
}
