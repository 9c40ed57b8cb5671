//! Normalisations that Burn records as one operation. Group and instance norm are recorded as their
//! parts and need nothing of their own.
//!
//! Batch norm in evaluation mode: `y = γ (x − μ) / √(σ² + ε) + β`, with running statistics. The way back
//! is its linear part, a multiplication by `γ / √(σ² + ε)`; γ may be negative.
//!
//! Layer norm takes its statistics from the image, over the last axis of `n` numbers. With
//! `x̂ = (x − mean x) / s`, `s = √(var x + ε)` and `h = γ g`, the derivative through the statistics is
//! `(h − mean h − x̂ · mean(h x̂)) / s`. The deconvnet has no rule for it.

use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::{FloatTensorOps, ModuleOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::Shape;

use super::calc::{mul, plus};
use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::patches::Locality;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::windows::{View, WindowOperation};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Module(ModuleOperationIr::BatchNorm(norm)) => {
            let rank = norm.x.shape.rank();
            let inputs = [&norm.x, &norm.gamma, &norm.beta, &norm.mean, &norm.variance];
            Parsed::new(BatchNorm { epsilon: norm.epsilon.elem(), rank }, inputs, &norm.out)
        }
        OperationIr::Module(ModuleOperationIr::LayerNorm(norm)) => {
            let axis = norm.input.shape.rank().checked_sub(1)?;
            let inputs = [&norm.input, &norm.gamma].into_iter().chain(&norm.beta);
            Parsed::new(LayerNorm { epsilon: norm.epsilon.elem(), axis }, inputs, &norm.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct BatchNorm {
    epsilon: f64,
    rank: usize,
}

impl Operation for BatchNorm {
    fn describe(&self) -> String {
        "batch norm".into()
    }

    fn role(&self) -> Role {
        Role::Normalization
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_first()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let [x, gamma, beta, mean, variance] = [0, 1, 2, 3, 4].map(|i| inputs[i].clone());
        Dispatch::batch_norm(x, gamma, beta, mean, variance, self.epsilon).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let deviation = Dispatch::float_sqrt(plus(recall.input(4)?, self.epsilon));
        let scale = Dispatch::float_div(recall.input(1)?, deviation);
        let mut shape = vec![1; self.rank];
        shape[1] = scale.shape()[0];
        Ok(mul(signal, Dispatch::float_reshape(scale, Shape::from(shape))))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        Some(self)
    }

    fn locality(&self) -> Locality<'_> {
        Locality::Pointwise
    }
}

impl WindowOperation for BatchNorm {
    /// One factor per channel: the place does not matter.
    fn backward_window(&self, signal: Value, input: usize, view: &View<'_>) -> Signal {
        self.backward(signal, input, &view.recall)
    }
}

#[derive(Debug)]
struct LayerNorm {
    epsilon: f64,
    axis: usize,
}

impl LayerNorm {
    fn centred(&self, x: &Value) -> Value {
        Dispatch::float_sub(x.clone(), Dispatch::float_mean_dim(x.clone(), self.axis))
    }

    fn variance(&self, centred: &Value) -> Value {
        Dispatch::float_mean_dim(mul(centred.clone(), centred.clone()), self.axis)
    }
}

impl Operation for LayerNorm {
    fn describe(&self) -> String {
        "layer norm".into()
    }

    fn role(&self) -> Role {
        Role::Normalization
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.only_first_varies() && operands.images_stay_off(&[self.axis])
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let beta = inputs.get(2).cloned();
        Dispatch::layer_norm(inputs[0].clone(), inputs[1].clone(), beta, self.epsilon).into()
    }

    fn overflows(&self) -> bool {
        true
    }

    fn between(&self, inputs: &[Value]) -> Option<Value> {
        Some(self.variance(&self.centred(inputs.first()?)))
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let mean = |x: Value| Dispatch::float_mean_dim(x, self.axis);
        let centred = self.centred(&recall.input(0)?);
        let variance = self.variance(&centred);
        let deviation = Dispatch::float_sqrt(plus(variance, self.epsilon));
        let normed = Dispatch::float_div(centred, deviation.clone());

        let mut shape = vec![1; self.axis + 1];
        let gamma = recall.input(1)?;
        shape[self.axis] = gamma.shape()[0];
        let scaled = mul(signal, Dispatch::float_reshape(gamma, Shape::from(shape)));
        let along = mul(normed.clone(), mean(mul(scaled.clone(), normed)));
        let across = Dispatch::float_sub(scaled.clone(), mean(scaled));
        Ok(Dispatch::float_div(Dispatch::float_sub(across, along), deviation))
    }

    /// The whole last axis.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        Reach::exact(region.with(self.axis, Positions::all(shapes.inputs[input][self.axis])))
    }
}
