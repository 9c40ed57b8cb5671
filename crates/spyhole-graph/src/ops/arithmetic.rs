//! Sums, differences and products. A residual addition sends the signal to both branches; a product of
//! two signals (a gate) sends each the other's value times the signal, its derivative.

use burn::backend::Dispatch;
use burn::backend::ir::{NumericOperationIr, OperationIr};
use burn::backend::ops::FloatTensorOps;
use burn::tensor::Scalar;

use super::{Computed, Operation, Parsed, Target, Value};
use crate::project::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::NumericFloat(_, numeric) = op else { return None };
    let scalar = |kind, op: &burn::backend::ir::ScalarOpIr| WithScalar {
        kind,
        scalar: op.rhs.elem::<f64>(),
    };
    use NumericOperationIr as N;
    match numeric {
        N::Add(op) => Parsed::new(Binary(Kind::Add), [&op.lhs, &op.rhs], &op.out),
        N::Sub(op) => Parsed::new(Binary(Kind::Sub), [&op.lhs, &op.rhs], &op.out),
        N::Mul(op) => Parsed::new(Binary(Kind::Mul), [&op.lhs, &op.rhs], &op.out),
        N::Div(op) => Parsed::new(Binary(Kind::Div), [&op.lhs, &op.rhs], &op.out),
        N::AddScalar(op) => Parsed::new(scalar(Kind::Add, op), [&op.lhs], &op.out),
        N::SubScalar(op) => Parsed::new(scalar(Kind::Sub, op), [&op.lhs], &op.out),
        N::MulScalar(op) => Parsed::new(scalar(Kind::Mul, op), [&op.lhs], &op.out),
        N::DivScalar(op) => Parsed::new(scalar(Kind::Div, op), [&op.lhs], &op.out),
        N::Neg(op) => {
            Parsed::new(WithScalar { kind: Kind::Mul, scalar: -1.0 }, [&op.input], &op.out)
        }
        _ => None,
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Add,
    Sub,
    Mul,
    Div,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "subtract",
            Self::Mul => "multiply",
            Self::Div => "divide",
        }
    }
}

#[derive(Debug)]
struct Binary(Kind);

impl Operation for Binary {
    fn describe(&self) -> String {
        self.0.name().into()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (lhs, rhs) = (inputs[0].clone(), inputs[1].clone());
        match self.0 {
            Kind::Add => Dispatch::float_add(lhs, rhs),
            Kind::Sub => Dispatch::float_sub(lhs, rhs),
            Kind::Mul => Dispatch::float_mul(lhs, rhs),
            Kind::Div => Dispatch::float_div(lhs, rhs),
        }
        .into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Value {
        let signal = match (self.0, input) {
            (Kind::Sub, 1) => Dispatch::float_neg(signal),
            (Kind::Mul, _) => Dispatch::float_mul(signal, recall.input(1 - input)),
            (Kind::Div, 0) => Dispatch::float_div(signal, recall.input(1)),
            (Kind::Div, _) => {
                // d(a/b)/db = −(a/b)/b
                let slope =
                    Dispatch::float_div(recall.output(), Dispatch::float_neg(recall.input(1)));
                Dispatch::float_mul(signal, slope)
            }
            _ => signal,
        };
        recall.sum_to_input(signal, input)
    }
}

#[derive(Debug)]
struct WithScalar {
    kind: Kind,
    scalar: f64,
}

impl Operation for WithScalar {
    fn describe(&self) -> String {
        format!("{} {}", self.kind.name(), self.scalar)
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (x, scalar) = (inputs[0].clone(), Scalar::Float(self.scalar));
        match self.kind {
            Kind::Add => Dispatch::float_add_scalar(x, scalar),
            Kind::Sub => Dispatch::float_sub_scalar(x, scalar),
            Kind::Mul => Dispatch::float_mul_scalar(x, scalar),
            Kind::Div => Dispatch::float_div_scalar(x, scalar),
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Value {
        match self.kind {
            Kind::Mul => Dispatch::float_mul_scalar(signal, Scalar::Float(self.scalar)),
            Kind::Div => Dispatch::float_div_scalar(signal, Scalar::Float(self.scalar)),
            Kind::Add | Kind::Sub => signal,
        }
    }
}
