//! Sums, means and maxima over axes. A sum spreads the signal over what was summed, `g`; a mean spreads
//! `g / n`; a maximum sends it to the first position of the maximum, like a max pooling.

use burn::backend::Dispatch;
use burn::backend::ir::{NumericOperationIr as N, OperationIr};
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::tensor::{IndexingUpdateOp, IntDType};

use super::calc::{scale, zeros_like};
use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::error::GraphError;
use crate::patches::Locality;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::NumericFloat(_, op) = op else { return None };
    match op {
        N::SumDim(op) => Parsed::new(Sum::over([op.axis], false), [&op.input], &op.out),
        N::MeanDim(op) => Parsed::new(Sum::over([op.axis], true), [&op.input], &op.out),
        N::SumDims(op) => {
            Parsed::new(Sum::over(op.axes.iter().copied(), false), [&op.input], &op.out)
        }
        N::MaxDim(op) => Parsed::new(Extreme { axis: op.axis, max: true }, [&op.input], &op.out),
        N::MinDim(op) => Parsed::new(Extreme { axis: op.axis, max: false }, [&op.input], &op.out),
        N::MaxDimWithIndices(op) => {
            let (axis, max) = (op.dim, true);
            let parsed = Parsed::new(Extreme { axis, max }, [&op.tensor], &op.out)?;
            Some(parsed.and(Position { axis, max }, &op.out_indices))
        }
        N::MinDimWithIndices(op) => {
            let (axis, max) = (op.dim, false);
            let parsed = Parsed::new(Extreme { axis, max }, [&op.tensor], &op.out)?;
            Some(parsed.and(Position { axis, max }, &op.out_indices))
        }
        N::ArgMax(op) => Parsed::new(Position { axis: op.axis, max: true }, [&op.input], &op.out),
        N::ArgMin(op) => Parsed::new(Position { axis: op.axis, max: false }, [&op.input], &op.out),
        _ => None,
    }
}

/// Everything along an axis. Where that axis is part of a plane, each unit behind sees all of it.
fn along(region: &Region, axes: &[usize], input: usize, shapes: &Shapes<'_>) -> Reach {
    let shape = &shapes.inputs[input];
    let seen = axes
        .iter()
        .fold(region.clone(), |seen, &axis| seen.with(axis, Positions::all(shape[axis])));
    let global = shape.rank() > 2 && axes.iter().any(|&axis| axis >= 2 && shape[axis] > 1);
    if global { Reach::at_most(seen) } else { Reach::exact(seen) }
}

#[derive(Debug)]
struct Sum {
    axes: Vec<usize>,
    mean: bool,
}

impl Sum {
    fn over(axes: impl IntoIterator<Item = usize>, mean: bool) -> Self {
        Self { axes: axes.into_iter().collect(), mean }
    }
}

impl Operation for Sum {
    fn describe(&self) -> String {
        if self.mean { "mean".into() } else { "sum".into() }
    }

    fn overflows(&self) -> bool {
        true
    }

    fn role(&self) -> Role {
        Role::Statistic
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&self.axes)
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let mut x = inputs[0].clone();
        for &axis in &self.axes {
            x = if self.mean {
                Dispatch::float_mean_dim(x, axis)
            } else {
                Dispatch::float_sum_dim(x, axis)
            };
        }
        x.into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let shape = recall.input_shape(0);
        let count: usize = self.axes.iter().map(|&axis| shape[axis]).product();
        let signal = if self.mean { scale(signal, 1.0 / count.max(1) as f64) } else { signal };
        Ok(Dispatch::float_expand(signal, shape))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        along(region, &self.axes, input, shapes)
    }

    /// Over channels, each position by itself; over rows and columns, a sum of windows.
    fn locality(&self) -> Locality<'_> {
        if self.axes == [1] {
            return Locality::Pointwise;
        }
        let of_plane = self.axes.iter().all(|axis| matches!(axis, 2 | 3));
        let axes = [2, 3].map(|axis| self.axes.contains(&axis));
        if of_plane { Locality::Sum { axes, mean: self.mean } } else { Locality::Whole }
    }
}

#[derive(Debug)]
struct Extreme {
    axis: usize,
    max: bool,
}

impl Operation for Extreme {
    fn describe(&self) -> String {
        if self.max { "maximum".into() } else { "minimum".into() }
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    /// A maximum is a max pooling of one window; of a minimum the paper says nothing.
    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0] && !self.max
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let position = position(inputs[0].clone(), self.axis, self.max);
        let output = Dispatch::float_gather(self.axis, inputs[0].clone(), position.clone());
        Computed { output, memory: Some(position) }
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let zeros = zeros_like(&signal, &recall.input_shape(0));
        let position = recall.memory()?;
        Ok(Dispatch::float_scatter(self.axis, zeros, position, signal, IndexingUpdateOp::Add))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        along(region, &[self.axis], input, shapes)
    }

    /// Over channels, each position by itself.
    fn locality(&self) -> Locality<'_> {
        if self.axis == 1 { Locality::Pointwise } else { Locality::Whole }
    }
}

fn position(x: Value, axis: usize, max: bool) -> Value {
    if max {
        Dispatch::float_argmax(x, axis, IntDType::I64)
    } else {
        Dispatch::float_argmin(x, axis, IntDType::I64)
    }
}

/// The position of a maximum or minimum: an integer, through which no signal passes.
#[derive(Debug)]
struct Position {
    axis: usize,
    max: bool,
}

impl Operation for Position {
    fn describe(&self) -> String {
        "position of the maximum".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        let index = position(x, self.axis, self.max);
        Dispatch::int_cast(index, IntDType::I64).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Err(GraphError::Unsupported { operation: self.describe() })
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        along(region, &[self.axis], input, shapes)
    }
}
