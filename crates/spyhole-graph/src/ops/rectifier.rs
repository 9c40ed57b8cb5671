//! Rectifiers: `y = max(x, 0)`, as a module, a function, or a clamp at zero, and the bounded form
//! `y = min(max(x, 0), b)` (ReLU6). What passes on the way back is the [`Method`](crate::Method)'s
//! choice: the gate is 1 where the input was strictly between the bounds.
//!
//! Leaky ReLU, PReLU, GELU and the like do not rectify: what is negative stays negative. The deconvnet
//! has no rule for them, so they pass their derivative and the layers behind say so
//! ([`Layer::outside_definition`](crate::Layer::outside_definition)).

use burn::backend::Dispatch;
use burn::backend::ir::{ActivationOperationIr, NumericOperationIr, OperationIr};
use burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps};
use burn::tensor::{Scalar, Tensor};

use super::calc::{bool_dtype, mul, one_where};
use super::{Computed, Operation, Parsed, Role, Signal, Target, Value};
use crate::layer::Bounds;
use crate::patches::Locality;
use crate::recall::Recall;
use crate::windows::{View, WindowOperation, cut};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Activation(ActivationOperationIr::Relu(relu)) => {
            Parsed::new(Rectifier { ceiling: None }, [&relu.input], &relu.out)
        }
        OperationIr::NumericFloat(_, NumericOperationIr::ClampMin(clamp))
            if clamp.rhs.elem::<f64>() == 0.0 =>
        {
            Parsed::new(Rectifier { ceiling: None }, [&clamp.lhs], &clamp.out)
        }
        OperationIr::NumericFloat(_, NumericOperationIr::Clamp(clamp))
            if clamp.min.elem::<f64>() == 0.0 && clamp.max.elem::<f64>() > 0.0 =>
        {
            let ceiling = Some(clamp.max.elem());
            Parsed::new(Rectifier { ceiling }, [&clamp.tensor], &clamp.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
pub(super) struct Rectifier {
    pub(super) ceiling: Option<f64>,
}

impl Operation for Rectifier {
    fn describe(&self) -> String {
        self.ceiling.map_or("relu".into(), |ceiling| format!("relu{ceiling}"))
    }

    fn role(&self) -> Role {
        Role::Activation
    }

    fn bounds(&self) -> Option<Bounds> {
        self.ceiling.map(|ceiling| Bounds { low: 0.0, high: ceiling as f32, rectifies: true })
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let x = inputs[0].clone();
        match self.ceiling {
            None => Dispatch::relu(x),
            Some(ceiling) => Dispatch::float_clamp(x, Scalar::Float(0.0), Scalar::Float(ceiling)),
        }
        .into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let rule = recall.method().rectifier();
        let signal = if rule.rectify_signal { Dispatch::relu(signal) } else { signal };
        if !rule.gate_on_input {
            return Ok(signal);
        }
        Ok(mul(signal, self.gate(recall.input(0)?)))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        Some(self)
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

impl WindowOperation for Rectifier {
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let rule = view.recall.method().rectifier();
        let signal = if rule.rectify_signal { Dispatch::relu(signal) } else { signal };
        if !rule.gate_on_input {
            return Ok(signal);
        }
        let x = Tensor::<4>::from_dispatch(view.recall.whole_input(0)?);
        let x = cut(x, view.arrival, view.units).into_dispatch();
        Ok(mul(signal, self.gate(x)))
    }
}

impl Rectifier {
    /// 1 where the input was strictly between the bounds, else 0.
    fn gate(&self, x: Value) -> Value {
        match self.ceiling {
            // sign(relu(x)) is 1 where the input was positive, else 0.
            None => Dispatch::float_sign(Dispatch::relu(x)),
            Some(ceiling) => {
                let dtype = bool_dtype(&x);
                let above = Dispatch::float_greater_elem(x.clone(), Scalar::Float(0.0), dtype);
                let below = Dispatch::float_lower_elem(x.clone(), Scalar::Float(ceiling), dtype);
                one_where(Dispatch::bool_and(above, below), &x)
            }
        }
    }
}
