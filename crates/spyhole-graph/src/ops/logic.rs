//! Integers and truth values: comparisons, casts, arithmetic of integers. They are computed, so that
//! masks and positions work; no signal passes through them (their derivative is zero wherever it exists).
//! A cast from one float type to another passes the signal.

use burn::backend::ir::{
    BaseOperationIr as B, BinaryOpIr, BoolOperationIr, CastOpIr, FloatOperationIr, IntOperationIr,
    NumericOperationIr as N, OperationIr, ScalarOpIr,
};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{DType, Scalar};

use super::calc::bool_dtype;
use super::mask::scalar;
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::error::GraphError;
use crate::recall::Recall;

/// What to do with two values, or with a value and a number.
type Two = fn(Value, Value) -> Value;
type WithNumber = fn(Value, Scalar) -> Value;

/// A comparison of floats and of integers, whose result has the device's kind of truth values.
macro_rules! compare {
    ($float:ident, $int:ident) => {
        |a, b| {
            let dtype = bool_dtype(&a);
            if a.dtype().is_float() {
                Dispatch::$float(a, b, dtype)
            } else {
                Dispatch::$int(a, b, dtype)
            }
        }
    };
}

macro_rules! equal {
    ($float:ident, $int:ident, $bool:ident) => {
        |a, b| {
            let dtype = bool_dtype(&a);
            if a.dtype().is_float() {
                Dispatch::$float(a, b, dtype)
            } else if a.dtype().is_bool() {
                Dispatch::$bool(a, b)
            } else {
                Dispatch::$int(a, b, dtype)
            }
        }
    };
}

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => {
            match base {
                B::Equal(op) => two(equal!(float_equal, int_equal, bool_equal), op),
                B::NotEqual(op) => two(equal!(float_not_equal, int_not_equal, bool_not_equal), op),
                B::EqualElem(op) => {
                    with(equal!(float_equal_elem, int_equal_elem, bool_equal_elem), op)
                }
                B::NotEqualElem(op) => {
                    let not_equal =
                        equal!(float_not_equal_elem, int_not_equal_elem, bool_not_equal_elem);
                    with(not_equal, op)
                }
                B::Cast(op) => cast(op),
                _ => None,
            }
        }
        OperationIr::NumericFloat(_, numeric) => comparison(numeric),
        OperationIr::NumericInt(_, numeric) => comparison(numeric).or_else(|| match numeric {
            N::Add(op) => two(Dispatch::int_add, op),
            N::Sub(op) => two(Dispatch::int_sub, op),
            N::Mul(op) => two(Dispatch::int_mul, op),
            N::Div(op) => two(Dispatch::int_div, op),
            N::Rem(op) => two(Dispatch::int_remainder, op),
            N::AddScalar(op) => with(Dispatch::int_add_scalar, op),
            N::SubScalar(op) => with(Dispatch::int_sub_scalar, op),
            N::MulScalar(op) => with(Dispatch::int_mul_scalar, op),
            N::DivScalar(op) => with(Dispatch::int_div_scalar, op),
            N::RemScalar(op) => with(Dispatch::int_remainder_scalar, op),
            N::ClampMin(op) => with(Dispatch::int_clamp_min, op),
            N::ClampMax(op) => with(Dispatch::int_clamp_max, op),
            _ => None,
        }),
        OperationIr::Bool(op) => match op {
            BoolOperationIr::And(op) => two(Dispatch::bool_and, op),
            BoolOperationIr::Or(op) => two(Dispatch::bool_or, op),
            BoolOperationIr::Xor(op) => two(Dispatch::bool_xor, op),
            BoolOperationIr::Not(op) => Parsed::new(Not, [&op.input], &op.out),
            BoolOperationIr::IntoFloat(op) | BoolOperationIr::IntoInt(op) => cast(op),
        },
        OperationIr::Int(IntOperationIr::IntoFloat(op)) => cast(op),
        OperationIr::Float(_, FloatOperationIr::IntoInt(op)) => cast(op),
        _ => None,
    }
}

fn comparison(op: &N) -> Option<Parsed<'_>> {
    match op {
        N::Greater(op) => two(compare!(float_greater, int_greater), op),
        N::GreaterEqual(op) => two(compare!(float_greater_equal, int_greater_equal), op),
        N::Lower(op) => two(compare!(float_lower, int_lower), op),
        N::LowerEqual(op) => two(compare!(float_lower_equal, int_lower_equal), op),
        N::GreaterElem(op) => with(compare!(float_greater_elem, int_greater_elem), op),
        N::GreaterEqualElem(op) => {
            with(compare!(float_greater_equal_elem, int_greater_equal_elem), op)
        }
        N::LowerElem(op) => with(compare!(float_lower_elem, int_lower_elem), op),
        N::LowerEqualElem(op) => with(compare!(float_lower_equal_elem, int_lower_equal_elem), op),
        _ => None,
    }
}

fn two(function: Two, op: &BinaryOpIr) -> Option<Parsed<'_>> {
    Parsed::new(OfTwo(function), [&op.lhs, &op.rhs], &op.out)
}

fn with(function: WithNumber, op: &ScalarOpIr) -> Option<Parsed<'_>> {
    Parsed::new(OfOne(function, scalar(&op.rhs)), [&op.lhs], &op.out)
}

fn cast(op: &CastOpIr) -> Option<Parsed<'_>> {
    // Into truth values is not a cast that Burn records.
    (!op.out.dtype.is_bool()).then_some(())?;
    Parsed::new(Cast { to: op.out.dtype }, [&op.input], &op.out)
}

fn no_signal() -> Signal {
    Err(GraphError::Unsupported { operation: "a signal through integers or truth values".into() })
}

#[derive(Debug)]
struct OfTwo(Two);

impl Operation for OfTwo {
    fn describe(&self) -> String {
        "comparison".into()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        (self.0)(inputs[0].clone(), inputs[1].clone()).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        no_signal()
    }
}

#[derive(Debug)]
struct OfOne(WithNumber, Scalar);

impl Operation for OfOne {
    fn describe(&self) -> String {
        "comparison".into()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        (self.0)(inputs[0].clone(), self.1).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        no_signal()
    }
}

#[derive(Debug)]
struct Not;

impl Operation for Not {
    fn describe(&self) -> String {
        "not".into()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::bool_not(inputs[0].clone()).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        no_signal()
    }
}

/// A cast between kinds of numbers, and between sizes of floats and integers.
#[derive(Debug)]
struct Cast {
    to: DType,
}

impl Operation for Cast {
    fn describe(&self) -> String {
        format!("cast to {:?}", self.to).to_lowercase()
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        let from = x.dtype();
        match (from.is_float(), from.is_bool(), self.to.is_float()) {
            (true, _, true) => Dispatch::float_cast(x, self.to.into()),
            (true, _, false) => Dispatch::float_into_int(x, self.to.into()),
            (_, true, true) => Dispatch::bool_into_float(x, self.to.into()),
            (_, true, false) => Dispatch::bool_into_int(x, self.to.into()),
            (_, _, true) => Dispatch::int_into_float(x, self.to.into()),
            (_, _, false) => Dispatch::int_cast(x, self.to.into()),
        }
        .into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let like = recall.empty_like_input(input)?;
        Ok(Dispatch::float_cast(signal, like.dtype().into()))
    }
}
