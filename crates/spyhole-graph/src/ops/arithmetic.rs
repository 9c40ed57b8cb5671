//! Sums, differences, products, quotients and powers of two tensors, and of a tensor and a number. A
//! residual addition sends the signal to both branches; a product of two signals (a gate) sends each the
//! other's value times the signal, its derivative.

use burn::backend::ir::{FloatOperationIr, NumericOperationIr, OperationIr, ScalarOpIr};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::Scalar;

use super::calc::{mul, mul_slope, plus, scale};
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::patches::Locality;
use crate::recall::Recall;
use crate::windows::{View, WindowOperation};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    if let OperationIr::Float(_, FloatOperationIr::Powf(op)) = op {
        return Parsed::new(Binary(Kind::Power), [&op.lhs, &op.rhs], &op.out);
    }
    let OperationIr::NumericFloat(_, numeric) = op else { return None };
    let scalar = |kind, op: &ScalarOpIr| WithScalar { kind, scalar: op.rhs.elem::<f64>() };
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Add,
    Sub,
    Mul,
    Div,
    Power,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "subtract",
            Self::Mul => "multiply",
            Self::Div => "divide",
            Self::Power => "power",
        }
    }
}

#[derive(Debug)]
struct Binary(Kind);

impl Operation for Binary {
    fn describe(&self) -> String {
        self.0.name().into()
    }

    fn role(&self) -> Role {
        if self.0 == Kind::Add { Role::Sum } else { Role::Pointwise }
    }

    fn overflows(&self) -> bool {
        self.0 == Kind::Mul
    }

    /// Linear in one of the two is linear; a gate is not.
    fn outside_definition(&self, varies: &[bool]) -> bool {
        match self.0 {
            Kind::Add | Kind::Sub => false,
            Kind::Mul => varies[0] && varies[1],
            Kind::Div => varies[1],
            Kind::Power => true,
        }
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (lhs, rhs) = (inputs[0].clone(), inputs[1].clone());
        match self.0 {
            Kind::Add => Dispatch::float_add(lhs, rhs),
            Kind::Sub => Dispatch::float_sub(lhs, rhs),
            Kind::Mul => Dispatch::float_mul(lhs, rhs),
            Kind::Div => Dispatch::float_div(lhs, rhs),
            Kind::Power => Dispatch::float_powf(lhs, rhs),
        }
        .into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let signal = match (self.0, input) {
            (Kind::Add, _) | (Kind::Sub, 0) => signal,
            (Kind::Sub, _) => Dispatch::float_neg(signal),
            (Kind::Mul, _) => mul(signal, recall.input(1 - input)?),
            (Kind::Div, 0) => mul_slope(signal, Dispatch::float_recip(recall.input(1)?)),
            (Kind::Div, _) => {
                // d(a/b)/db = −(a/b)/b
                let divisor = Dispatch::float_neg(recall.input(1)?);
                mul_slope(signal, Dispatch::float_div(recall.output()?, divisor))
            }
            (Kind::Power, 0) => {
                // d(a^b)/da = b a^(b−1)
                let (base, power) = (recall.input(0)?, recall.input(1)?);
                let raised = Dispatch::float_powf(base, plus(power.clone(), -1.0));
                mul_slope(signal, mul(power, raised))
            }
            (Kind::Power, _) => {
                // d(a^b)/db = a^b ln a
                mul_slope(signal, mul(recall.output()?, Dispatch::float_log(recall.input(0)?)))
            }
        };
        recall.sum_to_input(signal, input)
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        matches!(self.0, Kind::Add | Kind::Sub).then_some(self)
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

impl WindowOperation for Binary {
    fn backward_window(&self, signal: Value, input: usize, view: &View<'_>) -> Signal {
        let negated = self.0 == Kind::Sub && input == 1;
        let signal = if negated { Dispatch::float_neg(signal) } else { signal };
        // A plane repeated for all channels gets the sum of their signals. One that is repeated along
        // rows or columns has no window that moves with the unit.
        let repeated = view.recall.input_shape(input)[1] == 1 && signal.shape()[1] != 1;
        Ok(if repeated { Dispatch::float_sum_dim(signal, 1) } else { signal })
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

    fn overflows(&self) -> bool {
        self.kind == Kind::Mul
    }

    fn role(&self) -> Role {
        Role::Pointwise
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (x, scalar) = (inputs[0].clone(), Scalar::Float(self.scalar));
        match self.kind {
            Kind::Add => Dispatch::float_add_scalar(x, scalar),
            Kind::Sub => Dispatch::float_sub_scalar(x, scalar),
            Kind::Div => Dispatch::float_div_scalar(x, scalar),
            Kind::Mul | Kind::Power => Dispatch::float_mul_scalar(x, scalar),
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Ok(match self.kind {
            Kind::Mul | Kind::Power => scale(signal, self.scalar),
            Kind::Div => Dispatch::float_div_scalar(signal, Scalar::Float(self.scalar)),
            Kind::Add | Kind::Sub => signal,
        })
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        Some(self)
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

impl WindowOperation for WithScalar {
    fn backward_window(&self, signal: Value, input: usize, view: &View<'_>) -> Signal {
        self.backward(signal, input, &view.recall)
    }
}
