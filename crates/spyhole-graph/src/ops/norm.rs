//! Batch normalisation in evaluation mode: `y = γ (x − μ) / √(σ² + ε) + β`. The way back is its linear
//! part, a multiplication by `γ / √(σ² + ε)`; γ may be negative.

use burn::backend::Dispatch;
use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::ModuleOps;
use burn::tensor::{Shape, Tensor};

use super::{Computed, Operation, Parsed, Role, Target, Value};
use crate::project::Recall;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(ModuleOperationIr::BatchNorm(norm)) = op else { return None };
    let rank = norm.x.shape.rank();
    let inputs = [&norm.x, &norm.gamma, &norm.beta, &norm.mean, &norm.variance];
    Parsed::new(BatchNorm { epsilon: norm.epsilon.elem(), rank }, inputs, &norm.out)
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

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let [x, gamma, beta, mean, variance] = [0, 1, 2, 3, 4].map(|i| inputs[i].clone());
        Dispatch::batch_norm(x, gamma, beta, mean, variance, self.epsilon).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        use burn::backend::ops::FloatTensorOps;
        let gamma = Tensor::<1>::from_dispatch(recall.constant(1));
        let variance = Tensor::<1>::from_dispatch(recall.constant(4));
        let scale = gamma / (variance + self.epsilon).sqrt();
        let mut shape = vec![1; self.rank];
        shape[1] = scale.dims()[0];
        let scale = Dispatch::float_reshape(scale.into_dispatch(), Shape::from(shape));
        Dispatch::float_mul(signal, scale)
    }
}
