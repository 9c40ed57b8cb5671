//! Softmax and its relatives over one axis, `p = softmax(x)`. The derivative sends
//!
//! * softmax: `p ∘ (g − Σ g p)`
//! * log-softmax: `g − p Σ g`, with `p = exp(y)`
//! * softmin, `softmax(−x)`: the negative of the first.
//!
//! The deconvnet has no rule for them; project a class from its logit, before the softmax.

use burn::backend::Dispatch;
use burn::backend::ir::{ActivationOperationIr, OperationIr};
use burn::backend::ops::{ActivationOps, FloatTensorOps};

use super::calc::{mul, scale};
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::occlude::OutputScale;
use crate::patches::Locality;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Activation(op) = op else { return None };
    let (kind, op) = match op {
        ActivationOperationIr::Softmax(op) => (Kind::Softmax, op),
        ActivationOperationIr::LogSoftmax(op) => (Kind::LogSoftmax, op),
        ActivationOperationIr::Softmin(op) => (Kind::Softmin, op),
        _ => return None,
    };
    Parsed::new(Softmax { kind, axis: op.axis }, [&op.input], &op.out)
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Softmax,
    LogSoftmax,
    Softmin,
}

#[derive(Debug)]
struct Softmax {
    kind: Kind,
    axis: usize,
}

impl Operation for Softmax {
    fn describe(&self) -> String {
        match self.kind {
            Kind::Softmax => "softmax",
            Kind::LogSoftmax => "log softmax",
            Kind::Softmin => "softmin",
        }
        .into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[self.axis])
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        match self.kind {
            Kind::Softmax => Dispatch::softmax(x, self.axis),
            Kind::LogSoftmax => Dispatch::log_softmax(x, self.axis),
            Kind::Softmin => Dispatch::softmin(x, self.axis),
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let sum = |x: Value| Dispatch::float_sum_dim(x, self.axis);
        let y = recall.output()?;
        if let Kind::LogSoftmax = self.kind {
            let share = mul(Dispatch::float_exp(y), sum(signal.clone()));
            return Ok(Dispatch::float_sub(signal, share));
        }
        let mean = sum(mul(signal.clone(), y.clone()));
        let back = mul(y, Dispatch::float_sub(signal, mean));
        Ok(if let Kind::Softmin = self.kind { scale(back, -1.0) } else { back })
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let seen = region.with(self.axis, Positions::all(shapes.inputs[input][self.axis]));
        // Over channels, each position by itself; over anything else, whole planes.
        if self.axis == 1 { Reach::exact(seen) } else { Reach::at_most(seen) }
    }

    /// Over channels, each position by itself.
    fn locality(&self) -> Locality<'_> {
        if self.axis == 1 { Locality::Pointwise } else { Locality::Whole }
    }

    fn probabilities(&self) -> Option<(OutputScale, Option<usize>)> {
        let scale = match self.kind {
            Kind::LogSoftmax => OutputScale::LogProbabilities,
            Kind::Softmax | Kind::Softmin => OutputScale::Probabilities,
        };
        Some((scale, Some(self.axis)))
    }
}
