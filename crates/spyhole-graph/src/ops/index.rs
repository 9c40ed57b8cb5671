//! Picking positions: slice, slice-assign, select, gather. The way back puts the signal where it was
//! picked from, zeros elsewhere; positions picked several times add up.
//!
//! Where the positions are computed from the image, the receptive field is data-dependent.

use burn::backend::ir::{BaseOperationIr, OperationIr};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{IndexingUpdateOp, Shape, Slice};

use super::calc::{select_rows, zeros_like};
use super::shape::by_kind;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::field::FieldStatus;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let (OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base)) =
        op
    else {
        return None;
    };
    match base {
        BaseOperationIr::Slice(op) => {
            Parsed::new(Cut::new(&op.ranges, &op.tensor.shape), [&op.tensor], &op.out)
        }
        BaseOperationIr::SliceAssign(op) => {
            let cut = Cut::new(&op.ranges, &op.tensor.shape);
            Parsed::new(Paste(cut), [&op.tensor, &op.value], &op.out)
        }
        BaseOperationIr::Select(op) => {
            Parsed::new(Select { axis: op.dim }, [&op.tensor, &op.indices], &op.out)
        }
        BaseOperationIr::Gather(op) => {
            Parsed::new(Gather { axis: op.dim }, [&op.tensor, &op.indices], &op.out)
        }
        _ => None,
    }
}

/// Ranges of a slice. `None`: the whole axis, however long, which it must be for the images' axis.
#[derive(Debug)]
struct Cut(Vec<Option<Slice>>);

impl Cut {
    fn new(ranges: &[Slice], shape: &Shape) -> Self {
        let axes = shape.iter().enumerate().map(|(axis, &length)| {
            let range = *ranges.get(axis)?;
            let whole = range.step == 1 && range.to_range(length) == (0..length);
            (!whole).then_some(range)
        });
        Self(axes.collect())
    }

    fn ranges(&self, shape: &Shape) -> Vec<Slice> {
        let lengths = shape.iter().zip(&self.0);
        lengths.map(|(&length, range)| range.unwrap_or(Slice::from(0..length))).collect()
    }

    /// The axes that are not taken whole.
    fn cut_axes(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|&axis| self.0[axis].is_some()).collect()
    }
}

impl Operation for Cut {
    fn describe(&self) -> String {
        "slice".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&self.cut_axes())
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        let ranges = self.ranges(&x.shape());
        by_kind!(x, float_slice, int_slice, bool_slice, &ranges).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let shape = recall.input_shape(0);
        let zeros = zeros_like(&signal, &shape);
        Ok(Dispatch::float_slice_assign(zeros, &self.ranges(&shape), signal))
    }

    /// Output position `i` is input position `start + step · i`, or counts from the end where the step
    /// is negative.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let mut seen = region.clone();
        for (axis, range) in self.0.iter().enumerate() {
            let Some(range) = range else { continue };
            let bounds = range.to_range(shapes.inputs[input][axis]);
            let step = range.step as i64;
            let from = if step > 0 { bounds.start as i64 } else { bounds.end as i64 - 1 };
            let at = |position: i64| from + step * position;
            let (a, b) = (at(region.0[axis].first), at(region.0[axis].last));
            seen = seen.with(axis, Span { first: a.min(b), last: a.max(b) });
        }
        Reach::exact(seen)
    }
}

/// Part of a tensor overwritten with another.
#[derive(Debug)]
struct Paste(Cut);

impl Operation for Paste {
    fn describe(&self) -> String {
        "slice assign".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&self.0.cut_axes())
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (x, part) = (inputs[0].clone(), inputs[1].clone());
        let ranges = self.0.ranges(&x.shape());
        by_kind!(x, float_slice_assign, int_slice_assign, bool_slice_assign, &ranges, part).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let ranges = self.0.ranges(&signal.shape());
        Ok(if input == 0 {
            let zeros = zeros_like(&signal, &recall.input_shape(1));
            Dispatch::float_slice_assign(signal, &ranges, zeros)
        } else {
            Dispatch::float_slice(signal, &ranges)
        })
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        if input == 0 {
            Reach::at_most(region.clone())
        } else {
            Reach::everything(&shapes.inputs[1])
        }
    }
}

/// Everything on the axis.
fn picked(
    region: &Region,
    axis: usize,
    input: usize,
    shapes: &Shapes<'_>,
    computed: bool,
) -> Reach {
    let shape = &shapes.inputs[input];
    if region.0.len() != shape.rank() {
        return Reach::everything(shape);
    }
    if input == 1 {
        // One index per number that is picked.
        return Reach::exact(region.clone());
    }
    let region = region.with(axis, Span::all(shape[axis]));
    let status = if computed { FieldStatus::DataDependent } else { FieldStatus::UpperBound };
    let status = if axis == 1 && !computed { FieldStatus::Exact } else { status };
    Reach { region, status }
}

/// Whole rows along an axis, by a list of positions that is the same for all images.
#[derive(Debug)]
struct Select {
    axis: usize,
}

impl Operation for Select {
    fn describe(&self) -> String {
        "select".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.only_first_varies() && operands.images_stay_off(&[self.axis])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        select_rows(inputs[0].clone(), self.axis, inputs[1].clone()).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let zeros = zeros_like(&signal, &recall.input_shape(0));
        let (positions, add) = (recall.input(1)?, IndexingUpdateOp::Add);
        Ok(Dispatch::float_select_assign(zeros, self.axis, positions, signal, add))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        picked(region, self.axis, input, shapes, false)
    }
}

/// A position along an axis for every number, perhaps computed from the images.
#[derive(Debug)]
struct Gather {
    axis: usize,
}

impl Operation for Gather {
    fn describe(&self) -> String {
        "gather".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    /// It routes like a max pooling, but by positions that something else computes.
    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[1]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (x, positions) = (inputs[0].clone(), inputs[1].clone());
        if x.dtype().is_float() {
            Dispatch::float_gather(self.axis, x, positions)
        } else if x.dtype().is_bool() {
            Dispatch::bool_gather(self.axis, x, positions)
        } else {
            Dispatch::int_gather(self.axis, x, positions)
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let zeros = zeros_like(&signal, &recall.input_shape(0));
        let (positions, add) = (recall.input(1)?, IndexingUpdateOp::Add);
        Ok(Dispatch::float_scatter(self.axis, zeros, positions, signal, add))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let mut reach = picked(region, self.axis, input, shapes, true);
        let same = |axis: usize| shapes.inputs[0][axis] == shapes.output[axis];
        let cut = (0..shapes.output.rank()).any(|axis| axis != self.axis && !same(axis));
        if cut && input == 0 {
            reach.region = Region::all(&shapes.inputs[0]);
        }
        reach
    }
}
