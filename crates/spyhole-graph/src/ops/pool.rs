//! Pooling. Max pooling remembers its switches, the positions of the maxima, and sends the signal back
//! to them (the first position wins a tie; windows that overlap add up). Average pooling spreads the
//! signal evenly over its window.

use burn::backend::Dispatch;
use burn::backend::ir::{
    AdaptiveAvgPool2dOpIr, AvgPool2dOpIr, MaxPool2dOpIr, ModuleOperationIr, OperationIr, TensorIr,
};
use burn::backend::ops::ModuleOps;
use burn::tensor::IntDType;

use super::{Computed, Operation, Parsed, Planes, Target, Value};
use crate::project::Recall;
use crate::window::{Span, Window};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(module) = op else { return None };
    match module {
        ModuleOperationIr::MaxPool2d(pool) => max_pool(pool.clone(), &pool.x, &pool.out),
        ModuleOperationIr::MaxPool2dWithIndices(pool) => {
            let plain = MaxPool2dOpIr {
                x: pool.x.clone(),
                kernel_size: pool.kernel_size,
                stride: pool.stride,
                padding: pool.padding,
                dilation: pool.dilation,
                ceil_mode: pool.ceil_mode,
                out: pool.out.clone(),
            };
            max_pool(plain, &pool.x, &pool.out)
        }
        ModuleOperationIr::AvgPool2d(pool) => {
            Parsed::new(AvgPool2d(pool.clone()), [&pool.x], &pool.out)
        }
        ModuleOperationIr::AdaptiveAvgPool2d(pool) => {
            Parsed::new(AdaptiveAvgPool2d(pool.clone()), [&pool.x], &pool.out)
        }
        _ => None,
    }
}

fn max_pool<'ir>(pool: MaxPool2dOpIr, x: &'ir TensorIr, out: &'ir TensorIr) -> Option<Parsed<'ir>> {
    Parsed::new(MaxPool2d(pool), [x], out)
}

/// `[first, last]` of the input positions in the window of an output position, on one axis.
fn pooled(span: Span, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Span {
    let start = |position: i64| position * stride as i64 - padding as i64;
    Span { first: start(span.first), last: start(span.last) + (dilation * (kernel - 1)) as i64 }
}

#[derive(Debug)]
struct MaxPool2d(MaxPool2dOpIr);

impl Operation for MaxPool2d {
    fn describe(&self) -> String {
        let MaxPool2dOpIr { kernel_size: [height, width], stride, .. } = self.0;
        format!("max pool {height}×{width}, stride {}", stride[0])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let MaxPool2dOpIr { kernel_size, stride, padding, dilation, ceil_mode, .. } = self.0;
        let pooled = Dispatch::max_pool2d_with_indices(
            inputs[0].clone(),
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode,
            IntDType::I64,
        );
        Computed { output: pooled.output, memory: Some(pooled.indices) }
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        let MaxPool2dOpIr { kernel_size, stride, padding, dilation, ceil_mode, .. } = self.0;
        Dispatch::max_pool2d_with_indices_backward(
            recall.empty_like_input(0),
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode,
            signal,
            recall.switches(),
        )
        .x_grad
    }

    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        let MaxPool2dOpIr { kernel_size, stride, padding, dilation, .. } = self.0;
        Some(window.map_axes(|axis, span| {
            pooled(span, kernel_size[axis], stride[axis], padding[axis], dilation[axis])
        }))
    }
}

#[derive(Debug)]
struct AvgPool2d(AvgPool2dOpIr);

impl Operation for AvgPool2d {
    fn describe(&self) -> String {
        let AvgPool2dOpIr { kernel_size: [height, width], stride, .. } = self.0;
        format!("average pool {height}×{width}, stride {}", stride[0])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let AvgPool2dOpIr { kernel_size, stride, padding, count_include_pad, ceil_mode, .. } =
            self.0;
        let x = inputs[0].clone();
        Dispatch::avg_pool2d(x, kernel_size, stride, padding, count_include_pad, ceil_mode).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        let AvgPool2dOpIr { kernel_size, stride, padding, count_include_pad, ceil_mode, .. } =
            self.0;
        Dispatch::avg_pool2d_backward(
            recall.empty_like_input(0),
            signal,
            kernel_size,
            stride,
            padding,
            count_include_pad,
            ceil_mode,
        )
    }

    fn reach(&self, window: Window, _planes: Planes) -> Option<Window> {
        let AvgPool2dOpIr { kernel_size, stride, padding, .. } = self.0;
        Some(
            window.map_axes(|axis, span| {
                pooled(span, kernel_size[axis], stride[axis], padding[axis], 1)
            }),
        )
    }
}

#[derive(Debug)]
struct AdaptiveAvgPool2d(AdaptiveAvgPool2dOpIr);

impl Operation for AdaptiveAvgPool2d {
    fn describe(&self) -> String {
        let [height, width] = self.0.output_size;
        format!("average pool to {height}×{width}")
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        Dispatch::adaptive_avg_pool2d(inputs[0].clone(), self.0.output_size).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Value {
        Dispatch::adaptive_avg_pool2d_backward(recall.empty_like_input(0), signal)
    }

    /// Output position `i` of `m` averages the input positions `⌊i·n/m⌋ … ⌈(i+1)·n/m⌉ − 1` of `n`.
    fn reach(&self, window: Window, planes: Planes) -> Option<Window> {
        Some(window.map_axes(|axis, span| {
            let (n, m) = (planes.input[axis] as i64, planes.output[axis] as i64);
            let first = (span.first * n).div_euclid(m);
            let last = -(-(span.last + 1) * n).div_euclid(m) - 1;
            Span { first, last }
        }))
    }
}
