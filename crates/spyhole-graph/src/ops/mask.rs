//! Choice by truth values: `y = m ? v : x`. The signal passes to the side that was chosen. A mask that is
//! computed from the image makes a gate, for which the deconvnet has no rule; `x` with zeros where
//! `x < 0` is recognised as a ReLU when the graph is built.

use burn::backend::ir::{BaseOperationIr, OperationIr, ScalarIr};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::Scalar;

use super::calc::zeros_like;
use super::shape::by_kind;
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::recall::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let (OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base)) =
        op
    else {
        return None;
    };
    match base {
        BaseOperationIr::MaskWhere(op) => {
            Parsed::new(MaskWhere, [&op.tensor, &op.mask, &op.value], &op.out)
        }
        BaseOperationIr::MaskFill(op) => {
            let value = scalar(&op.value);
            Parsed::new(MaskFill { value }, [&op.tensor, &op.mask], &op.out)
        }
        _ => None,
    }
}

pub(super) fn scalar(value: &ScalarIr) -> Scalar {
    match *value {
        ScalarIr::Float(value) => Scalar::Float(value),
        ScalarIr::Int(value) => Scalar::Int(value),
        ScalarIr::UInt(value) => Scalar::UInt(value),
        ScalarIr::Bool(value) => Scalar::Bool(value),
    }
}

#[derive(Debug)]
struct MaskWhere;

impl Operation for MaskWhere {
    fn describe(&self) -> String {
        "mask".into()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[1]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let [x, mask, value] = [0, 1, 2].map(|i| inputs[i].clone());
        by_kind!(x, float_mask_where, int_mask_where, bool_mask_where, mask, value).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let mask = recall.input(1)?;
        let signal = if input == 0 {
            Dispatch::float_mask_fill(signal, mask, Scalar::Float(0.0))
        } else {
            let zeros = zeros_like(&signal, &signal.shape());
            Dispatch::float_mask_where(zeros, mask, signal)
        };
        recall.sum_to_input(signal, input)
    }
}

#[derive(Debug)]
struct MaskFill {
    value: Scalar,
}

impl Operation for MaskFill {
    fn describe(&self) -> String {
        "mask".into()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[1]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (x, mask) = (inputs[0].clone(), inputs[1].clone());
        by_kind!(x, float_mask_fill, int_mask_fill, bool_mask_fill, mask, self.value).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let signal = Dispatch::float_mask_fill(signal, recall.input(1)?, Scalar::Float(0.0));
        recall.sum_to_input(signal, 0)
    }
}
