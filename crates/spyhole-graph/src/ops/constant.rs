//! Tensors that the forward function makes itself: zeros, ones, one value everywhere.

use burn::backend::Dispatch;
use burn::backend::ir::{BaseOperationIr, NumericOperationIr, OperationIr};
use burn::backend::ops::FloatTensorOps;
use burn::tensor::{FloatDType, Scalar};

use super::{Computed, Operation, Parsed, Target, Value};
use crate::project::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let (value, output) = match op {
        OperationIr::BaseFloat(BaseOperationIr::Zeros(op)) => (0.0, &op.out),
        OperationIr::BaseFloat(BaseOperationIr::Ones(op)) => (1.0, &op.out),
        OperationIr::NumericFloat(_, NumericOperationIr::Full(op)) => (op.value.elem(), &op.out),
        _ => return None,
    };
    Parsed::new(Constant { value }, [], output)
}

#[derive(Debug)]
struct Constant {
    value: f64,
}

impl Operation for Constant {
    fn describe(&self) -> String {
        format!("constant {}", self.value)
    }

    fn forward(&self, _inputs: &[Value], target: &Target) -> Computed {
        let value = Scalar::Float(self.value);
        Dispatch::float_full(target.shape.clone(), value, &target.device, FloatDType::F32).into()
    }

    /// Never asked for: a constant has no input.
    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Value {
        signal
    }
}
