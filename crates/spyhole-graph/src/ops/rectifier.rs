//! Clamps, `y = min(max(x, a), b)`, however they are written: as a ReLU, as clamps, as minima and maxima with a
//! constant, or as a choice by a comparison with it. A chain of them is one clamp.
//!
//! With `a = 0 < b` it is a rectifier: a ReLU, or its bounded form (ReLU6). What passes on the way back is the
//! [`Method`](crate::Method)'s choice: the gate is 1 where the input was strictly between the bounds. With other
//! bounds (a hard tanh, a floor at 1) it passes its derivative.
//!
//! Leaky ReLU, PReLU, GELU and the like do not rectify: what is negative stays negative. The deconvnet
//! has no rule for them, so they pass their derivative and the layers behind say so
//! ([`Layer::outside_definition`](crate::Layer::outside_definition)).

use burn::backend::Dispatch;
use burn::backend::ir::{ActivationOperationIr, NumericOperationIr, OperationIr};
use burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps};
use burn::tensor::{Scalar, Tensor};

use super::calc::{bool_dtype, mul, mul_slope, one_where};
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::layer::Bounds;
use crate::patches::Locality;
use crate::recall::Recall;
use crate::windows::{View, WindowOperation, cut};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let (step, x, y) = match op {
        OperationIr::Activation(ActivationOperationIr::Relu(op)) => {
            (Step::Relu, &op.input, &op.out)
        }
        OperationIr::NumericFloat(_, op) => match op {
            NumericOperationIr::ClampMin(op) => (Step::Min(op.rhs.elem()), &op.lhs, &op.out),
            NumericOperationIr::ClampMax(op) => (Step::Max(op.rhs.elem()), &op.lhs, &op.out),
            NumericOperationIr::Clamp(op) => {
                (Step::Both(op.min.elem(), op.max.elem()), &op.tensor, &op.out)
            }
            _ => return None,
        },
        _ => return None,
    };
    Parsed::new(Clamp::new(step), [x], y)
}

/// One way to write a clamp. They differ in what they make of a number that is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Relu,
    Min(f64),
    Max(f64),
    Both(f64, f64),
    /// The bound where `x` is below it, else `x`.
    FillBelow(f64),
    FillAbove(f64),
    /// `x` where it is above the bound, else the bound.
    KeepAbove(f64),
    KeepBelow(f64),
}

impl Step {
    fn interval(self) -> [f64; 2] {
        match self {
            Self::Relu => [0.0, f64::INFINITY],
            Self::Min(low) | Self::FillBelow(low) | Self::KeepAbove(low) => [low, f64::INFINITY],
            Self::Max(high) | Self::FillAbove(high) | Self::KeepBelow(high) => {
                [f64::NEG_INFINITY, high]
            }
            Self::Both(low, high) => [low, high],
        }
    }

    fn apply(self, x: Value) -> Value {
        let dtype = bool_dtype(&x);
        let above = |x: &Value, low| Dispatch::float_greater_elem(x.clone(), low, dtype);
        let below = |x: &Value, high| Dispatch::float_lower_elem(x.clone(), high, dtype);
        let (mask, bound) = match self {
            Self::Relu => return Dispatch::relu(x),
            Self::Min(low) => return Dispatch::float_clamp_min(x, Scalar::Float(low)),
            Self::Max(high) => return Dispatch::float_clamp_max(x, Scalar::Float(high)),
            Self::Both(low, high) => {
                return Dispatch::float_clamp(x, Scalar::Float(low), Scalar::Float(high));
            }
            Self::FillBelow(low) => (below(&x, Scalar::Float(low)), low),
            Self::FillAbove(high) => (above(&x, Scalar::Float(high)), high),
            Self::KeepAbove(low) => (Dispatch::bool_not(above(&x, Scalar::Float(low))), low),
            Self::KeepBelow(high) => (Dispatch::bool_not(below(&x, Scalar::Float(high))), high),
        };
        Dispatch::float_mask_fill(x, mask, Scalar::Float(bound))
    }
}

/// A chain of clamps.
#[derive(Clone, Debug)]
pub(crate) struct Clamp {
    steps: Vec<Step>,
    low: f64,
    high: f64,
}

impl Clamp {
    pub(crate) fn new(step: Step) -> Self {
        let [low, high] = step.interval();
        Self { steps: vec![step], low, high }
    }

    /// This one on what another one made: they are one clamp to the interval that passes both. `None` if that is
    /// a single number.
    pub(crate) fn after(&self, before: &Self) -> Option<Self> {
        let clamp = |bound: f64| bound.max(self.low).min(self.high);
        let (low, high) = (clamp(before.low), clamp(before.high));
        (self.low < self.high && before.low < before.high && low < high).then(|| Self {
            low,
            high,
            ..self.clone()
        })
    }

    /// The same with the other one's steps before its own.
    pub(crate) fn with_steps_of(mut self, before: &Self) -> Self {
        self.steps.splice(0..0, before.steps.iter().copied());
        self
    }

    fn rectifies(&self) -> bool {
        self.low == 0.0 && self.high > 0.0
    }

    /// 1 where the signal passes, else 0.
    fn gate(&self, x: Value) -> Value {
        let Self { low, high, .. } = *self;
        if self.rectifies() && high == f64::INFINITY {
            // sign(relu(x)) is 1 where the input was positive, else 0.
            return Dispatch::float_sign(Dispatch::relu(x));
        }
        let (dtype, low, high) = (bool_dtype(&x), Scalar::Float(low), Scalar::Float(high));
        let (above, below) = if self.rectifies() {
            let above = Dispatch::float_greater_elem(x.clone(), low, dtype);
            (above, Dispatch::float_lower_elem(x.clone(), high, dtype))
        } else {
            let above = Dispatch::float_greater_equal_elem(x.clone(), low, dtype);
            (above, Dispatch::float_lower_equal_elem(x.clone(), high, dtype))
        };
        one_where(Dispatch::bool_and(above, below), &x)
    }

    fn pass(&self, signal: Value, recall: &Recall<'_>, input: impl FnOnce() -> Signal) -> Signal {
        if !self.rectifies() {
            return Ok(mul_slope(signal, self.gate(input()?)));
        }
        let rule = recall.method().rectifier();
        let signal = if rule.rectify_signal { Dispatch::relu(signal) } else { signal };
        if !rule.gate_on_input {
            return Ok(signal);
        }
        Ok(mul(signal, self.gate(input()?)))
    }
}

impl Operation for Clamp {
    fn describe(&self) -> String {
        match (self.low, self.high) {
            (0.0, f64::INFINITY) => "relu".into(),
            (0.0, high) if self.rectifies() => format!("relu{high}"),
            (low, f64::INFINITY) => format!("clamp from {low}"),
            (f64::NEG_INFINITY, high) => format!("clamp up to {high}"),
            (low, high) => format!("clamp {low} to {high}"),
        }
    }

    fn role(&self) -> Role {
        if self.rectifies() { Role::Activation } else { Role::Pointwise }
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0] && !self.rectifies()
    }

    fn bounds(&self) -> Option<Bounds> {
        let Self { low, high, .. } = *self;
        let rectifies = self.rectifies();
        (low.is_finite() && high.is_finite()).then_some(Bounds {
            low: low as f32,
            high: high as f32,
            rectifies,
        })
    }

    fn clamp(&self) -> Option<&Clamp> {
        Some(self)
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        self.steps.iter().fold(inputs[0].clone(), |x, step| step.apply(x)).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        self.pass(signal, recall, || recall.input(0))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        Some(self)
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

impl WindowOperation for Clamp {
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        self.pass(signal, &view.recall, || {
            let x = Tensor::<4>::from_dispatch(view.recall.whole_input(0)?);
            Ok(cut(x, view.arrival, view.units).into_dispatch())
        })
    }
}
