//! Matrix products: a linear layer `y = x W + b`, `y = A B` in general, and attention. The way back
//! multiplies by the transpose of the other factor.
//!
//! Attention, `y = P V` with `P = softmax(s Q Kᵀ)`, passes its derivative: `dV = Pᵀ g`,
//! `dS = P ∘ (g Vᵀ − Σ (g Vᵀ ∘ P))`, `dQ = s dS K`, `dK = s dSᵀ Q`. Masks, biases and caps are not
//! supported.

use burn::backend::Dispatch;
use burn::backend::ir::{FloatOperationIr, ModuleOperationIr, OperationIr};
use burn::backend::ops::{ActivationOps, AttentionModuleOptions, FloatTensorOps, ModuleOps};

use super::calc::{mul, scale};
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::field::FieldStatus;
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Module(ModuleOperationIr::Linear(linear)) => {
            let axis = linear.x.shape.rank().checked_sub(1)?;
            let inputs = [&linear.x, &linear.weight].into_iter().chain(&linear.bias);
            Parsed::new(Linear { axis }, inputs, &linear.out)
        }
        OperationIr::Float(_, FloatOperationIr::Matmul(product)) => {
            let rank = product.out.shape.rank();
            (rank >= 2).then_some(())?;
            Parsed::new(Matmul { rank }, [&product.lhs, &product.rhs], &product.out)
        }
        OperationIr::Module(ModuleOperationIr::Attention(op)) => {
            let plain = op.mask.is_none()
                && op.attn_bias.is_none()
                && op.options.softcap.is_none()
                && !op.options.is_causal;
            plain.then_some(())?;
            let width = op.query.shape[op.query.shape.rank() - 1].max(1) as f64;
            let scale = op.options.scale.as_ref().map(|scale| scale.elem());
            let attention = Attention { scale: scale.unwrap_or(1.0 / width.sqrt()) };
            Parsed::new(attention, [&op.query, &op.key, &op.value], &op.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Linear {
    axis: usize,
}

impl Operation for Linear {
    fn describe(&self) -> String {
        "linear".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.only_first_varies() && operands.images_stay_off(&[self.axis])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let bias = inputs.get(2).cloned();
        Dispatch::linear(inputs[0].clone(), inputs[1].clone(), bias).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        Ok(Dispatch::linear_x_backward(recall.input(1)?, signal))
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        Reach::exact(region.with(self.axis, Positions::all(shapes.inputs[input][self.axis])))
    }
}

#[derive(Debug)]
struct Matmul {
    rank: usize,
}

impl Operation for Matmul {
    fn describe(&self) -> String {
        "matrix product".into()
    }

    /// Image by image: rows of the left factor or columns of the right one may be images, but the
    /// inner axis may not.
    fn accepts(&self, operands: &Operands<'_>) -> bool {
        let inner = [self.rank - 1, self.rank - 2];
        let outer = [self.rank - 2, self.rank - 1];
        operands.images_stay()
            && (0..2).filter(|&input| operands.varies[input]).all(|input| {
                let off = |axis| operands.images_in(input).is_some_and(|(at, _)| at != axis);
                off(inner[input]) && (off(outer[input]) || !operands.varies[1 - input])
            })
    }

    fn outside_definition(&self, varies: &[bool]) -> bool {
        varies[0] && varies[1]
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::float_matmul(inputs[0].clone(), inputs[1].clone()).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let other = recall.input(1 - input)?;
        let other = Dispatch::float_swap_dims(other, self.rank - 2, self.rank - 1);
        let product = match input {
            0 => Dispatch::float_matmul(signal, other),
            _ => Dispatch::float_matmul(other, signal),
        };
        recall.sum_to_input(product, input)
    }

    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let shape = &shapes.inputs[input];
        let inner = if input == 0 { self.rank - 1 } else { self.rank - 2 };
        let mut reach = Reach::elementwise(region, shape, shapes.output);
        reach.status = FieldStatus::UpperBound;
        let whole = Positions::all(shape[inner]);
        reach.regions.iter_mut().for_each(|region| *region = region.with(inner, whole.clone()));
        reach
    }
}

#[derive(Debug)]
struct Attention {
    scale: f64,
}

impl Operation for Attention {
    fn describe(&self) -> String {
        "attention".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn outside_definition(&self, _varies: &[bool]) -> bool {
        true
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let [query, key, value] = [0, 1, 2].map(|i| inputs[i].clone());
        let options =
            AttentionModuleOptions { scale: Some(self.scale), softcap: None, is_causal: false };
        Dispatch::attention(query, key, value, None, None, options).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Signal {
        let transpose = |x| Dispatch::float_swap_dims(x, 2, 3);
        let (query, key) = (recall.input(0)?, recall.input(1)?);
        let scores = Dispatch::float_matmul(query.clone(), transpose(key.clone()));
        let weights = Dispatch::softmax(scale(scores, self.scale), 3);
        if input == 2 {
            return Ok(Dispatch::float_matmul(transpose(weights), signal));
        }
        let toward = Dispatch::float_matmul(signal, transpose(recall.input(2)?));
        let mean = Dispatch::float_sum_dim(mul(toward.clone(), weights.clone()), 3);
        let scores = scale(mul(weights, Dispatch::float_sub(toward, mean)), self.scale);
        Ok(match input {
            0 => Dispatch::float_matmul(scores, key),
            _ => Dispatch::float_matmul(transpose(scores), query),
        })
    }

    /// Every position of the sequence, of the same head.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let shape = &shapes.inputs[input];
        let all = Region::all(shape);
        Reach::at_most(all.with(0, region.0[0].clone()).with(1, region.0[1].clone()))
    }
}
