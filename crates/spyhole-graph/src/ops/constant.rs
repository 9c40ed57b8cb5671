//! Tensors that the forward function makes itself: zeros, ones, one value everywhere.

use burn::backend::Dispatch;
use burn::backend::get_device_settings;
use burn::backend::ir::{BaseOperationIr, NumericOperationIr, OperationIr, TensorIr};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::tensor::{DType, Scalar};

use super::mask::scalar;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::recall::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let constant = |value, output: &TensorIr| Constant { value, dtype: output.dtype };
    match op {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => {
            let (value, output) = match base {
                // What is not filled yet may hold anything: zeros.
                BaseOperationIr::Zeros(op) | BaseOperationIr::Empty(op) => (0, &op.out),
                BaseOperationIr::Ones(op) => (1, &op.out),
                _ => return None,
            };
            Parsed::new(constant(Scalar::Int(value), output), [], output)
        }
        OperationIr::NumericFloat(_, NumericOperationIr::Full(op))
        | OperationIr::NumericInt(_, NumericOperationIr::Full(op)) => {
            Parsed::new(constant(scalar(&op.value), &op.out), [], &op.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Constant {
    value: Scalar,
    dtype: DType,
}

impl Operation for Constant {
    fn describe(&self) -> String {
        "constant".into()
    }

    fn accepts(&self, _operands: &Operands<'_>) -> bool {
        true
    }

    fn forward(&self, _inputs: &[Value], target: &Target) -> Computed {
        let (shape, device) = (target.shape.clone(), &target.device);
        if self.dtype.is_float() {
            Dispatch::float_full(shape, self.value, device, self.dtype.into())
        } else if self.dtype.is_bool() {
            let dtype = get_device_settings::<Dispatch>(device).bool_dtype;
            if self.value.elem::<i64>() == 0 {
                Dispatch::bool_zeros(shape, device, dtype)
            } else {
                Dispatch::bool_ones(shape, device, dtype)
            }
        } else {
            Dispatch::int_full(shape, self.value, device, self.dtype.into())
        }
        .into()
    }

    /// Never asked for: a constant has no input.
    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Ok(signal)
    }
}
