//! Rectifiers: `y = max(x, 0)`, as a module, a function, or a clamp at zero. What passes on the way
//! back is the [`Method`](crate::Method)'s choice.

use burn::backend::Dispatch;
use burn::backend::ir::{ActivationOperationIr, NumericOperationIr, OperationIr};
use burn::backend::ops::{ActivationOps, FloatTensorOps};

use super::{Computed, Operation, Parsed, Role, Target, Value};
use crate::project::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Activation(ActivationOperationIr::Relu(relu)) => {
            Parsed::new(Relu, [&relu.input], &relu.out)
        }
        OperationIr::NumericFloat(_, NumericOperationIr::ClampMin(clamp))
            if clamp.rhs.elem::<f64>() == 0.0 =>
        {
            Parsed::new(Relu, [&clamp.lhs], &clamp.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Relu;

impl Operation for Relu {
    fn describe(&self) -> String {
        "relu".into()
    }

    fn role(&self) -> Role {
        Role::Rectifier
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::relu(inputs[0].clone()).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        let rule = recall.method().rectifier();
        let signal = if rule.rectify_signal { Dispatch::relu(signal) } else { signal };
        if rule.gate_on_input {
            // sign(relu(x)) is 1 where the input was positive, else 0.
            let gate = Dispatch::float_sign(Dispatch::relu(recall.input(0)));
            Dispatch::float_mul(signal, gate)
        } else {
            signal
        }
    }
}
