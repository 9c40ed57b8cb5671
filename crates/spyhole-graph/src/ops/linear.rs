//! Matrix products: a linear layer `y = x W + b`, and `y = A B` in general. The way back multiplies by
//! the transpose of the other factor.

use burn::backend::Dispatch;
use burn::backend::ir::{FloatOperationIr, ModuleOperationIr, OperationIr};
use burn::backend::ops::{FloatTensorOps, ModuleOps};

use super::{Computed, Operation, Parsed, Planes, Target, Value};
use crate::project::Recall;
use crate::window::Window;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Module(ModuleOperationIr::Linear(linear)) => {
            let inputs = [&linear.x, &linear.weight].into_iter().chain(&linear.bias);
            Parsed::new(Linear, inputs, &linear.out)
        }
        OperationIr::Float(_, FloatOperationIr::Matmul(product)) => {
            let rank = product.out.shape.rank();
            Parsed::new(Matmul { rank }, [&product.lhs, &product.rhs], &product.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Linear;

impl Operation for Linear {
    fn describe(&self) -> String {
        "linear".into()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let bias = inputs.get(2).cloned();
        Dispatch::linear(inputs[0].clone(), inputs[1].clone(), bias).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        Dispatch::linear_x_backward(recall.constant(1), signal)
    }

    fn reach(&self, _window: Window, _planes: Planes) -> Option<Window> {
        None
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

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::float_matmul(inputs[0].clone(), inputs[1].clone()).into()
    }

    fn backward(&self, signal: Value, input: usize, recall: &Recall<'_>) -> Value {
        let other =
            Dispatch::float_swap_dims(recall.input(1 - input), self.rank - 2, self.rank - 1);
        let product = match input {
            0 => Dispatch::float_matmul(signal, other),
            _ => Dispatch::float_matmul(other, signal),
        };
        recall.sum_to_input(product, input)
    }

    fn reach(&self, _window: Window, _planes: Planes) -> Option<Window> {
        None
    }
}
