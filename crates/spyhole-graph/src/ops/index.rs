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
use crate::constants::Numbers;
use crate::error::GraphError;
use crate::field::FieldStatus;
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
        BaseOperationIr::Slice(op) => {
            Parsed::new(Cut::new(&op.ranges, &op.tensor.shape), [&op.tensor], &op.out)
        }
        BaseOperationIr::SliceAssign(op) => {
            let cut = Cut::new(&op.ranges, &op.tensor.shape);
            Parsed::new(Paste(cut), [&op.tensor, &op.value], &op.out)
        }
        BaseOperationIr::Select(op) => {
            Parsed::new(Select { axis: op.dim, known: None }, [&op.tensor, &op.indices], &op.out)
        }
        BaseOperationIr::Gather(op) => Parsed::new(
            Gather { axis: op.dim, fixed: false, known: None },
            [&op.tensor, &op.indices],
            &op.out,
        ),
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
            let steps = Steps::of(range, shapes.inputs[input][axis]);
            seen = seen.with(axis, steps.from(&region.0[axis]));
        }
        Reach::exact(seen)
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        (self.0.len() == 4).then_some(self)
    }
}

impl WindowOperation for Cut {
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let steps = |axis: usize| self.0[axis].map_or(1, |range| range.step);
        let channels = self.0[1].unwrap_or(Slice::full());
        Ok(spread(signal, channels, [steps(2), steps(3)], view))
    }
}

/// A window of rows and columns that were picked by steps, with zeros between them.
fn spread(signal: Value, channels: Slice, steps: [isize; 2], view: &View<'_>) -> Value {
    let [height, width] = view.arrival.size;
    let shape = [signal.shape()[0], view.recall.input_shape(0)[1], height, width];
    let zeros = zeros_like(&signal, &Shape::new(shape));
    let [rows, columns] = steps.map(|step| Slice::new(0, None, step));
    let ranges = [Slice::full(), channels, rows, columns];
    let ranges: Vec<Slice> = ranges.into_iter().zip(shape).map(bounded).collect();
    Dispatch::float_slice_assign(zeros, &ranges, signal)
}

/// The same range, with an end.
fn bounded((range, length): (Slice, usize)) -> Slice {
    let bounds = range.to_range(length);
    Slice::new(bounds.start as isize, Some(bounds.end as isize), range.step)
}

/// Positions in equal steps.
#[derive(Clone, Copy, Debug)]
struct Steps {
    start: i64,
    step: i64,
}

impl Steps {
    fn of(range: &Slice, length: usize) -> Self {
        let (bounds, step) = (range.to_range(length), range.step as i64);
        let start = if step > 0 { bounds.start as i64 } else { bounds.end as i64 - 1 };
        Self { start, step }
    }

    /// Where what was picked comes from.
    fn from(self, picked: &Positions) -> Positions {
        let at = |position: i64| self.start + self.step * position;
        if self.step.abs() == 1 {
            return Positions::of(picked.runs().iter().map(|run| {
                let (a, b) = (at(run.first), at(run.last));
                Span { first: a.min(b), last: a.max(b) }
            }));
        }
        picked.each(|position| Span { first: at(position), last: at(position) })
    }

    /// Which of the picked positions come from these.
    fn to(self, positions: &Positions) -> Positions {
        let steps = positions.iter().map(|at| at - self.start);
        let met = steps.filter(|steps| steps.rem_euclid(self.step.abs()) == 0);
        Positions::of(met.map(|steps| Span { first: steps / self.step, last: steps / self.step }))
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

    /// Of the part, what lies there; of the rest, what the part leaves: a box for every axis that it does not
    /// cover.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let (mut inside, mut rest) = (region.clone(), vec![]);
        let mut of_part = region.clone();
        for axis in self.0.cut_axes() {
            let Some(range) = &self.0.0[axis] else { continue };
            let steps = Steps::of(range, shapes.inputs[0][axis]);
            let part = steps.to(&inside.0[axis]).clip(shapes.inputs[1][axis]);
            let covered = steps.from(&part);
            let left = inside.0[axis].iter().filter(|&at| !covered.includes(&Positions::at(at)));
            let left = Positions::of(left.map(|at| Span { first: at, last: at }));
            rest.push(inside.with(axis, left));
            inside = inside.with(axis, covered);
            of_part = of_part.with(axis, part);
        }
        if input == 0 { Reach::all_of(rest) } else { Reach::exact(of_part) }
    }
}

/// Positions on an axis that are the same for every image, known when the graph is recorded: for each position
/// of the output where it comes from.
#[derive(Clone, Debug)]
enum Known {
    Steps(Steps),
    List(Vec<i64>),
}

impl Known {
    fn new(positions: Vec<i64>) -> Self {
        match positions.as_slice() {
            // Like a slice with steps, also beyond the border.
            [start, next, ..] if next != start => {
                let steps = Steps { start: *start, step: next - start };
                let expected = (0..).map(|i| steps.start + steps.step * i);
                let even = positions.iter().zip(expected).all(|(&at, expected)| at == expected);
                if even { Self::Steps(steps) } else { Self::List(positions) }
            }
            _ => Self::List(positions),
        }
    }

    fn from(&self, picked: &Positions) -> Positions {
        match self {
            Self::Steps(steps) => steps.from(picked),
            Self::List(list) => {
                let there = picked.clip(list.len());
                there.each(|at| Span { first: list[at as usize], last: list[at as usize] })
            }
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
    let region = region.with(axis, Positions::all(shape[axis]));
    let status = if computed { FieldStatus::DataDependent } else { FieldStatus::UpperBound };
    let status = if axis == 1 && !computed { FieldStatus::Exact } else { status };
    Reach { status, ..Reach::exact(region) }
}

/// Whole rows along an axis, by a list of positions that is the same for all images.
#[derive(Debug)]
struct Select {
    axis: usize,
    known: Option<Known>,
}

impl Operation for Select {
    fn describe(&self) -> String {
        "select".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.only_first_varies() && operands.images_stay_off(&[self.axis])
    }

    fn learn(&mut self, constant: &mut dyn FnMut(usize) -> Option<Numbers>) {
        self.known = constant(1).map(|numbers| Known::new(numbers.whole()));
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
        match &self.known {
            Some(known) if input == 0 => {
                Reach::exact(region.with(self.axis, known.from(&region.0[self.axis])))
            }
            _ => picked(region, self.axis, input, shapes, false),
        }
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        let steps = matches!(&self.known, Some(Known::Steps(steps)) if steps.step > 0);
        (steps && matches!(self.axis, 2 | 3)).then_some(self)
    }
}

impl WindowOperation for Select {
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let Some(Known::Steps(Steps { step, .. })) = &self.known else {
            return Err(GraphError::Unsupported { operation: self.describe() });
        };
        let steps = [2, 3].map(|axis| if axis == self.axis { *step as isize } else { 1 });
        Ok(spread(signal, Slice::full(), steps, view))
    }
}

/// A position along an axis for every number, perhaps computed from the images.
#[derive(Debug)]
struct Gather {
    axis: usize,
    /// Whether the positions are known when the graph is recorded.
    fixed: bool,
    known: Option<Known>,
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

    /// Positions that are the same on every line along the axis.
    fn learn(&mut self, constant: &mut dyn FnMut(usize) -> Option<Numbers>) {
        let numbers = constant(1);
        self.fixed = numbers.is_some();
        self.known = numbers.and_then(|numbers| Some(Known::new(numbers.along(self.axis)?)));
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
        if let Some(known) = self.known.as_ref().filter(|_| input == 0) {
            return Reach::exact(region.with(self.axis, known.from(&region.0[self.axis])));
        }
        let mut reach = picked(region, self.axis, input, shapes, !self.fixed);
        let same = |axis: usize| shapes.inputs[0][axis] == shapes.output[axis];
        let cut = (0..shapes.output.rank()).any(|axis| axis != self.axis && !same(axis));
        if cut && input == 0 {
            reach.regions = vec![Region::all(&shapes.inputs[0])];
        }
        reach
    }
}
