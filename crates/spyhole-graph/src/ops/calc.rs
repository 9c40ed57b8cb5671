//! Arithmetic on tensors of any rank that several families share.

use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchDevice, TensorMetadata, get_device_settings};
use burn::tensor::{BoolDType, FloatDType, Scalar, Shape, Tensor};

use super::Value;

/// `BoolDType` of comparisons on the device of a tensor.
pub(super) fn bool_dtype(like: &Value) -> BoolDType {
    get_device_settings::<Dispatch>(&TensorMetadata::device(like)).bool_dtype
}

pub(super) fn zeros(shape: &Shape, device: &DispatchDevice) -> Value {
    Dispatch::float_zeros(shape.clone(), device, FloatDType::F32)
}

pub(super) fn zeros_like(like: &Value, shape: &Shape) -> Value {
    Dispatch::float_zeros(shape.clone(), &TensorMetadata::device(like), like.dtype().into())
}

pub(super) fn mul(a: Value, b: Value) -> Value {
    Dispatch::float_mul(a, b)
}

pub(super) fn scale(a: Value, by: f64) -> Value {
    Dispatch::float_mul_scalar(a, Scalar::Float(by))
}

pub(super) fn plus(a: Value, offset: f64) -> Value {
    Dispatch::float_add_scalar(a, Scalar::Float(offset))
}

/// 1 where true, else 0.
pub(super) fn one_where(truth: Value, like: &Value) -> Value {
    Dispatch::bool_into_float(truth, like.dtype().into())
}

/// Numbers that are zero where the signal is: a slope that is not finite there must not turn nothing
/// into something (0 · ∞ is not a number).
pub(super) fn mul_slope(signal: Value, slope: Value) -> Value {
    let silent =
        Dispatch::float_equal_elem(signal.clone(), Scalar::Float(0.0), bool_dtype(&signal));
    let product = mul(signal, slope);
    Dispatch::float_mask_fill(product, silent, Scalar::Float(0.0))
}

/// The numbers of a float tensor of any rank, one behind the other.
pub(crate) fn flat(value: Value) -> Tensor<1> {
    let length = value.shape().num_elements();
    Tensor::from_dispatch(Dispatch::float_reshape(value, Shape::new([length])))
}

/// Rows of any tensor along an axis.
pub(crate) fn select_rows(value: Value, axis: usize, rows: Value) -> Value {
    if value.dtype().is_float() {
        Dispatch::float_select(value, axis, rows)
    } else if value.dtype().is_bool() {
        Dispatch::bool_select(value, axis, rows)
    } else {
        Dispatch::int_select(value, axis, rows)
    }
}
