//! Convolution: `y = W ∗ x + b`. The way back is the transposed convolution with the same weights; the
//! bias plays no part in it.

use burn::backend::Dispatch;
use burn::backend::ir::{Conv2dOptionsIr, ModuleOperationIr, OperationIr};
use burn::backend::ops::{ConvOptions, ModuleOps};

use super::{Computed, Operation, Parsed, Planes, Role, Target, Value};
use crate::project::Recall;
use crate::window::{Span, Window};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(ModuleOperationIr::Conv2d(conv)) = op else { return None };
    let weight: [usize; 4] = conv.weight.shape.dims();
    let channels = [weight[1] * conv.options.groups, weight[0]];
    let kernel = [weight[2], weight[3]];
    let inputs = [&conv.x, &conv.weight].into_iter().chain(&conv.bias);
    Parsed::new(Conv2d { options: conv.options.clone(), kernel, channels }, inputs, &conv.out)
}

#[derive(Debug)]
struct Conv2d {
    options: Conv2dOptionsIr,
    kernel: [usize; 2],
    channels: [usize; 2],
}

impl Conv2d {
    fn options(&self) -> ConvOptions<2> {
        self.options.clone().into()
    }
}

impl Operation for Conv2d {
    fn describe(&self) -> String {
        let Conv2dOptionsIr { stride, dilation, groups, .. } = self.options;
        let [height, width] = self.kernel;
        let mut words =
            format!("conv {height}×{width}, {} → {}", self.channels[0], self.channels[1]);
        for (name, value) in [("stride", stride), ("dilation", dilation)] {
            match value {
                [1, 1] => {}
                [rows, columns] if rows == columns => words += &format!(", {name} {rows}"),
                [rows, columns] => words += &format!(", {name} {rows}×{columns}"),
            }
        }
        if groups == self.channels[0] && groups > 1 {
            words += ", depthwise";
        } else if groups > 1 {
            words += &format!(", {groups} groups");
        }
        words
    }

    fn role(&self) -> Role {
        Role::Convolution
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let bias = inputs.get(2).cloned();
        Dispatch::conv2d(inputs[0].clone(), inputs[1].clone(), bias, self.options()).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        let like_input = recall.empty_like_input(0);
        Dispatch::conv2d_x_backward(like_input, recall.constant(1), signal, self.options())
    }

    /// `l' = s·l − p`, `u' = s·u − p + d(k−1)`
    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        let Conv2dOptionsIr { stride, padding, dilation, .. } = &self.options;
        Some(window.map_axes(|axis, span| {
            let (stride, padding) = (stride[axis] as i64, padding[axis].0 as i64);
            let width = (dilation[axis] * (self.kernel[axis] - 1)) as i64;
            Span {
                first: span.first * stride - padding,
                last: span.last * stride - padding + width,
            }
        }))
    }
}
