//! Functions of one number, `y = f(x)`: the signal times `f'(x)`.
//!
//! None of them rectifies, so the deconvnet has no rule for them (METRICS: "outside the paper's
//! definition"): they pass their derivative in all methods. Where the signal is zero it stays zero, also
//! where the derivative is not finite.

use std::f64::consts::PI;

use burn::backend::Dispatch;
use burn::backend::ir::{
    ActivationOperationIr as A, FloatOperationIr as F, NumericOperationIr as N, OperationIr,
    ScalarOpIr,
};
use burn::backend::ops::{ActivationOps, FloatTensorOps};
use burn::tensor::Scalar;

use super::calc::{mul, mul_slope, plus, scale};
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::layer::Bounds;
use crate::occlude::OutputScale;
use crate::patches::Locality;
use crate::recall::Recall;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    Cos,
    Cosh,
    Erf,
    Exp,
    Floor,
    Gelu,
    HardSigmoid(f64, f64),
    LeakyRelu(f64),
    Log,
    Log1p,
    LogSigmoid,
    Power(f64),
    Recip,
    Remainder(f64),
    Round,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Sqrt,
    Tan,
    Tanh,
    Trunc,
}

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    use Function as Fn;
    let with = |f: fn(f64) -> Function, op: &'_ ScalarOpIr| f(op.rhs.elem());
    let (function, x, y) = match op {
        OperationIr::Float(_, op) => match op {
            F::ArcCos(op) => (Fn::Acos, &op.input, &op.out),
            F::ArcCosh(op) => (Fn::Acosh, &op.input, &op.out),
            F::ArcSin(op) => (Fn::Asin, &op.input, &op.out),
            F::ArcSinh(op) => (Fn::Asinh, &op.input, &op.out),
            F::ArcTan(op) => (Fn::Atan, &op.input, &op.out),
            F::ArcTanh(op) => (Fn::Atanh, &op.input, &op.out),
            F::Ceil(op) => (Fn::Ceil, &op.input, &op.out),
            F::Cos(op) => (Fn::Cos, &op.input, &op.out),
            F::Cosh(op) => (Fn::Cosh, &op.input, &op.out),
            F::Erf(op) => (Fn::Erf, &op.input, &op.out),
            F::Exp(op) => (Fn::Exp, &op.input, &op.out),
            F::Floor(op) => (Fn::Floor, &op.input, &op.out),
            F::Log(op) => (Fn::Log, &op.input, &op.out),
            F::Log1p(op) => (Fn::Log1p, &op.input, &op.out),
            F::PowfScalar(op) => (with(Fn::Power, op), &op.lhs, &op.out),
            F::Recip(op) => (Fn::Recip, &op.input, &op.out),
            F::Round(op) => (Fn::Round, &op.input, &op.out),
            F::Sin(op) => (Fn::Sin, &op.input, &op.out),
            F::Sinh(op) => (Fn::Sinh, &op.input, &op.out),
            F::Sqrt(op) => (Fn::Sqrt, &op.input, &op.out),
            F::Tan(op) => (Fn::Tan, &op.input, &op.out),
            F::Tanh(op) => (Fn::Tanh, &op.input, &op.out),
            F::Trunc(op) => (Fn::Trunc, &op.input, &op.out),
            _ => return None,
        },
        OperationIr::NumericFloat(_, op) => match op {
            N::Abs(op) => (Fn::Abs, &op.input, &op.out),
            N::Sign(op) => (Fn::Sign, &op.input, &op.out),
            N::PowiScalar(op) => (with(Fn::Power, op), &op.lhs, &op.out),
            N::RemScalar(op) => (with(Fn::Remainder, op), &op.lhs, &op.out),
            _ => return None,
        },
        OperationIr::Activation(op) => match op {
            A::Gelu(op) => (Fn::Gelu, &op.input, &op.out),
            A::Sigmoid(op) => (Fn::Sigmoid, &op.input, &op.out),
            A::LogSigmoid(op) => (Fn::LogSigmoid, &op.input, &op.out),
            A::LeakyRelu(op) => (with(Fn::LeakyRelu, op), &op.lhs, &op.out),
            A::HardSigmoid(op) => {
                (Fn::HardSigmoid(op.alpha.elem(), op.beta.elem()), &op.tensor, &op.out)
            }
            A::PRelu(op) => return Parsed::new(PRelu, [&op.lhs, &op.rhs], &op.out),
            _ => return None,
        },
        _ => return None,
    };
    Parsed::new(Unary(function), [x], y)
}

#[derive(Debug)]
struct Unary(Function);

impl Operation for Unary {
    /// A negative power of zero is a division.
    fn overflows(&self) -> bool {
        matches!(self.0, Function::Power(exponent) if exponent > 0.0)
    }

    fn describe(&self) -> String {
        match self.0 {
            Function::LeakyRelu(slope) => format!("leaky relu {slope}"),
            Function::HardSigmoid(..) => "hard sigmoid".into(),
            Function::LogSigmoid => "log sigmoid".into(),
            Function::Power(power) => format!("power {power}"),
            Function::Remainder(divisor) => format!("remainder of {divisor}"),
            plain => format!("{plain:?}").to_lowercase(),
        }
    }

    fn role(&self) -> Role {
        match self.0 {
            Function::Gelu | Function::LeakyRelu(_) | Function::Tanh => Role::Activation,
            _ => Role::Pointwise,
        }
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0]
    }

    fn bounds(&self) -> Option<Bounds> {
        let (low, high) = match self.0 {
            Function::Tanh | Function::Erf => (-1.0, 1.0),
            Function::Sigmoid | Function::HardSigmoid(..) => (0.0, 1.0),
            _ => return None,
        };
        Some(Bounds { low: low as f32, high: high as f32, rectifies: false })
    }

    fn probabilities(&self) -> Option<(OutputScale, Option<usize>)> {
        match self.0 {
            Function::Sigmoid => Some((OutputScale::Probabilities, None)),
            Function::LogSigmoid => Some((OutputScale::LogProbabilities, None)),
            _ => None,
        }
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        match self.0 {
            Function::Abs => Dispatch::float_abs(x),
            Function::Acos => Dispatch::float_acos(x),
            Function::Acosh => Dispatch::float_acosh(x),
            Function::Asin => Dispatch::float_asin(x),
            Function::Asinh => Dispatch::float_asinh(x),
            Function::Atan => Dispatch::float_atan(x),
            Function::Atanh => Dispatch::float_atanh(x),
            Function::Ceil => Dispatch::float_ceil(x),
            Function::Cos => Dispatch::float_cos(x),
            Function::Cosh => Dispatch::float_cosh(x),
            Function::Erf => Dispatch::float_erf(x),
            Function::Exp => Dispatch::float_exp(x),
            Function::Floor => Dispatch::float_floor(x),
            Function::Gelu => Dispatch::gelu(x),
            Function::HardSigmoid(alpha, beta) => {
                Dispatch::hard_sigmoid(x, Scalar::Float(alpha), Scalar::Float(beta))
            }
            Function::LeakyRelu(slope) => Dispatch::leaky_relu(x, Scalar::Float(slope)),
            Function::Log => Dispatch::float_log(x),
            Function::Log1p => Dispatch::float_log1p(x),
            Function::LogSigmoid => Dispatch::log_sigmoid(x),
            Function::Power(power) => raise(x, power),
            Function::Recip => Dispatch::float_recip(x),
            Function::Remainder(by) => Dispatch::float_remainder_scalar(x, Scalar::Float(by)),
            Function::Round => Dispatch::float_round(x),
            Function::Sigmoid => Dispatch::sigmoid(x),
            Function::Sign => Dispatch::float_sign(x),
            Function::Sin => Dispatch::float_sin(x),
            Function::Sinh => Dispatch::float_sinh(x),
            Function::Sqrt => Dispatch::float_sqrt(x),
            Function::Tan => Dispatch::float_tan(x),
            Function::Tanh => Dispatch::float_tanh(x),
            Function::Trunc => Dispatch::float_trunc(x),
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let slope = match self.0 {
            // Constant between jumps.
            Function::Ceil
            | Function::Floor
            | Function::Round
            | Function::Sign
            | Function::Trunc => return Ok(scale(signal, 0.0)),
            Function::Remainder(_) => return Ok(signal),
            function => slope(function, recall.input(0)?, recall.output()?),
        };
        Ok(mul_slope(signal, slope))
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

/// `x^power`; whole powers are also defined for negative `x`.
fn raise(x: Value, power: f64) -> Value {
    if power.fract() == 0.0 {
        Dispatch::float_powi_scalar(x, Scalar::Int(power as i64))
    } else {
        Dispatch::float_powf_scalar(x, Scalar::Float(power))
    }
}

/// `f'(x)`, given `x` and `y = f(x)`.
fn slope(function: Function, x: Value, y: Value) -> Value {
    let inverse = Dispatch::float_recip;
    let square = |x: Value| mul(x.clone(), x);
    let inverse_root = |x: Value| inverse(Dispatch::float_sqrt(x));
    match function {
        Function::Abs => Dispatch::float_sign(x),
        // −1/√(1 − x²)
        Function::Acos => scale(inverse_root(plus(scale(square(x), -1.0), 1.0)), -1.0),
        Function::Asin => inverse_root(plus(scale(square(x), -1.0), 1.0)),
        Function::Acosh => inverse_root(plus(square(x), -1.0)),
        Function::Asinh => inverse_root(plus(square(x), 1.0)),
        Function::Atan => inverse(plus(square(x), 1.0)),
        Function::Atanh => inverse(plus(scale(square(x), -1.0), 1.0)),
        Function::Cos => scale(Dispatch::float_sin(x), -1.0),
        Function::Cosh => Dispatch::float_sinh(x),
        // 2/√π · exp(−x²)
        Function::Erf => scale(Dispatch::float_exp(scale(square(x), -1.0)), 2.0 / PI.sqrt()),
        Function::Exp => y,
        // Φ(x) + x φ(x)
        Function::Gelu => {
            let cdf = plus(Dispatch::float_erf(scale(x.clone(), 0.5f64.sqrt())), 1.0);
            let pdf = Dispatch::float_exp(scale(square(x.clone()), -0.5));
            let pdf = scale(mul(x, pdf), 1.0 / (2.0 * PI).sqrt());
            Dispatch::float_add(scale(cdf, 0.5), pdf)
        }
        // α where the output is strictly between 0 and 1
        Function::HardSigmoid(alpha, _) => {
            let inner = Dispatch::float_sign(mul(y.clone(), plus(scale(y, -1.0), 1.0)));
            scale(inner, alpha)
        }
        // 1 where x > 0, else the slope
        Function::LeakyRelu(slope) => {
            let positive = Dispatch::float_sign(Dispatch::relu(x));
            plus(scale(positive, 1.0 - slope), slope)
        }
        Function::Log => inverse(x),
        Function::Log1p => inverse(plus(x, 1.0)),
        Function::LogSigmoid => Dispatch::sigmoid(scale(x, -1.0)),
        Function::Power(power) => scale(raise(x, power - 1.0), power),
        Function::Recip => scale(square(y), -1.0),
        Function::Sigmoid => mul(y.clone(), plus(scale(y, -1.0), 1.0)),
        Function::Sin => Dispatch::float_cos(x),
        Function::Sinh => Dispatch::float_cosh(x),
        Function::Sqrt => scale(inverse(y), 0.5),
        Function::Tan => plus(square(y), 1.0),
        Function::Tanh => plus(scale(square(y), -1.0), 1.0),
        Function::Ceil
        | Function::Floor
        | Function::Round
        | Function::Sign
        | Function::Trunc
        | Function::Remainder(_) => scale(x, 0.0),
    }
}

/// `y = x` where `x > 0`, else `α x`, with one α per channel or one for all.
#[derive(Debug)]
struct PRelu;

impl Operation for PRelu {
    fn describe(&self) -> String {
        "prelu".into()
    }

    fn role(&self) -> Role {
        Role::Activation
    }

    fn accepts(&self, operands: &super::Operands<'_>) -> bool {
        operands.images_stay() && operands.only_first_varies()
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::prelu(inputs[0].clone(), inputs[1].clone()).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let positive = Dispatch::float_sign(Dispatch::relu(recall.input(0)?));
        let negative = plus(scale(positive.clone(), -1.0), 1.0);
        let slope = Dispatch::float_add(positive, mul(negative, recall.input(1)?));
        Ok(mul(signal, slope))
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}
