//! Adding to picked positions: scatter and select-assign. The signal passes to what was there unchanged, and to
//! what was added from where it went.

use burn::backend::Dispatch;
use burn::backend::ir::{BaseOperationIr, OperationIr};
use burn::backend::ops::FloatTensorOps;
use burn::tensor::IndexingUpdateOp;

use super::calc::select_rows;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::constants::Numbers;
use crate::field::FieldStatus;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::BaseFloat(base) = op else { return None };
    let (axis, whole_rows, adds, inputs, output) = match base {
        BaseOperationIr::Scatter(op) => {
            (op.dim, false, &op.update, [&op.tensor, &op.indices, &op.value], &op.out)
        }
        BaseOperationIr::SelectAssign(op) => {
            (op.dim, true, &op.update, [&op.tensor, &op.indices, &op.value], &op.out)
        }
        _ => return None,
    };
    matches!(adds, IndexingUpdateOp::Add).then_some(())?;
    Parsed::new(Scatter { axis, whole_rows, known: None }, inputs, output)
}

/// `y = x`, with a value added at a position along an axis for every number, or for whole rows.
#[derive(Debug)]
struct Scatter {
    axis: usize,
    whole_rows: bool,
    /// Where each row of the value goes, if it is the same for every image.
    known: Option<Vec<i64>>,
}

impl Operation for Scatter {
    fn describe(&self) -> String {
        "scatter".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis]) && !(self.whole_rows && operands.varies[1])
    }

    /// What is added goes where something else computes.
    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[1]
    }

    fn learn(&mut self, constant: &mut dyn FnMut(usize) -> Option<Numbers>) {
        self.known = constant(1).and_then(|numbers| match self.whole_rows {
            true => Some(numbers.whole()),
            false => numbers.along(self.axis),
        });
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let [x, positions, value] = [0, 1, 2].map(|i| inputs[i].clone());
        let add = IndexingUpdateOp::Add;
        if self.whole_rows {
            Dispatch::float_select_assign(x, self.axis, positions, value, add)
        } else {
            Dispatch::float_scatter(self.axis, x, positions, value, add)
        }
        .into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        if input == 0 {
            return Ok(signal);
        }
        let positions = recall.input(1)?;
        Ok(if self.whole_rows {
            select_rows(signal, self.axis, positions)
        } else {
            Dispatch::float_gather(self.axis, signal, positions)
        })
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let shape = &shapes.inputs[input];
        if input == 0 {
            return Reach::exact(region.clone());
        }
        let same = |axis: usize| axis == self.axis || shape[axis] == shapes.output[axis];
        if shape.rank() != region.0.len() || !(0..shape.rank()).all(same) {
            return Reach::everything(shape);
        }
        let Some(known) = &self.known else {
            let status = FieldStatus::DataDependent;
            let all = region.with(self.axis, Positions::all(shape[self.axis]));
            return Reach { status, ..Reach::exact(all) };
        };
        let met =
            (0..).zip(known).filter(|(_, to)| region.0[self.axis].includes(&Positions::at(**to)));
        let met = Positions::of(met.map(|(at, _)| Span { first: at, last: at }));
        Reach::exact(region.with(self.axis, met))
    }
}
