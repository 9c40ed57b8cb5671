//! Convolution, `y = W ∗ x + b`, over planes and over lines: any stride, padding, dilation and groups. The
//! way back is the transposed convolution with the same weights; the bias plays no part in it.
//!
//! A line is computed as a plane of one row.

use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::{ConvOptions, ConvTransposeOptions, FloatTensorOps, ModuleOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::Shape;

use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;
use crate::windows::{View, WindowOperation};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Module(ModuleOperationIr::Conv2d(conv)) => {
            let weight: [usize; 4] = conv.weight.shape.dims();
            let geometry = Geometry {
                rank: 2,
                options: conv.options.clone().into(),
                kernel: [weight[2], weight[3]],
                channels: [weight[1] * conv.options.groups, weight[0]],
            };
            let inputs = [&conv.x, &conv.weight].into_iter().chain(&conv.bias);
            Parsed::new(Conv(geometry), inputs, &conv.out)
        }
        OperationIr::Module(ModuleOperationIr::Conv1d(conv)) => {
            let weight: [usize; 3] = conv.weight.shape.dims();
            let options = &conv.options;
            let geometry = Geometry {
                rank: 1,
                options: ConvOptions::new_with_padding(
                    [1, options.stride[0]],
                    [(0, 0), options.padding[0]],
                    [1, options.dilation[0]],
                    options.groups,
                ),
                kernel: [1, weight[2]],
                channels: [weight[1] * options.groups, weight[0]],
            };
            let inputs = [&conv.x, &conv.weight].into_iter().chain(&conv.bias);
            Parsed::new(Conv(geometry), inputs, &conv.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct Geometry {
    /// 1 for lines, 2 for planes.
    rank: usize,
    options: ConvOptions<2>,
    kernel: [usize; 2],
    channels: [usize; 2],
}

/// `7×7, 3 → 64, stride 2, depthwise`: the part of a description that convolutions share.
pub(super) fn words(
    rank: usize,
    kernel: [usize; 2],
    [from, to]: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
) -> String {
    let [height, width] = kernel;
    let size = if rank == 1 { width.to_string() } else { format!("{height}×{width}") };
    let mut words = format!("{size}, {from} → {to}");
    for (name, [rows, columns]) in [("stride", stride), ("dilation", dilation)] {
        if [rows, columns] == [1, 1] {
            continue;
        }
        if rows == columns || rank == 1 {
            words += &format!(", {name} {columns}");
        } else {
            words += &format!(", {name} {rows}×{columns}");
        }
    }
    if groups > 1 && groups == from {
        words += ", depthwise";
    } else if groups > 1 {
        words += &format!(", {groups} groups");
    }
    words
}

/// A line as a plane of one row, `[.., L]` as `[.., 1, L]`.
pub(super) fn as_plane(value: Value) -> Value {
    if value.shape().rank() != 3 {
        return value;
    }
    let [a, b, length] = value.shape().dims();
    Dispatch::float_reshape(value, Shape::new([a, b, 1, length]))
}

/// A plane as a line again, where it was one.
pub(super) fn from_plane(value: Value, rank: usize) -> Value {
    if rank == 2 {
        return value;
    }
    let [a, b, height, width] = value.shape().dims();
    Dispatch::float_reshape(value, Shape::new([a, b, height * width]))
}

#[derive(Debug)]
struct Conv(Geometry);

impl Operation for Conv {
    fn describe(&self) -> String {
        let Geometry { rank, options, kernel, channels } = &self.0;
        let words =
            words(*rank, *kernel, *channels, options.stride, options.dilation, options.groups);
        format!("conv {words}")
    }

    fn role(&self) -> Role {
        Role::Convolution
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_first()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let bias = inputs.get(2).cloned();
        let (x, weight) = (as_plane(inputs[0].clone()), as_plane(inputs[1].clone()));
        from_plane(Dispatch::conv2d(x, weight, bias, self.0.options.clone()), self.0.rank).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let like_input = as_plane(recall.empty_like_input(0)?);
        let (weight, signal) = (as_plane(recall.input(1)?), as_plane(signal));
        let back = Dispatch::conv2d_x_backward(like_input, weight, signal, self.0.options.clone());
        Ok(from_plane(back, self.0.rank))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        (self.0.rank == 2).then_some(self)
    }

    /// `l' = s·l − p`, `u' = s·u − p + d(k−1)`; of the channels, the groups that are met.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let Geometry { rank, options, kernel, channels } = &self.0;
        let first_axis = 2 - rank;
        let seen = region.map_from(2, |axis, span| {
            let axis = axis + first_axis;
            let (stride, padding) = (options.stride[axis] as i64, options.padding[axis].0 as i64);
            let width = (options.dilation[axis] * (kernel[axis].max(1) - 1)) as i64;
            Span {
                first: span.first * stride - padding,
                last: span.last * stride - padding + width,
            }
        });
        let of_channels =
            groups_met(region.0[1], channels[1], shapes.inputs[input][1], options.groups);
        Reach::exact(seen.with(1, of_channels))
    }
}

/// The channels on one side of a grouped convolution that channels on the other side are connected to.
pub(super) fn groups_met(span: Span, from: usize, to: usize, groups: usize) -> Span {
    let (from, to) = ((from / groups.max(1)).max(1) as i64, (to / groups.max(1)) as i64);
    Span {
        first: span.first.div_euclid(from) * to,
        last: (span.last.div_euclid(from) + 1) * to - 1,
    }
}

impl WindowOperation for Conv {
    /// Without padding the transposed convolution fills just the window that the signal came from.
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let ConvOptions { stride, dilation, groups, .. } = self.0.options;
        let options = ConvTransposeOptions::new(stride, [0, 0], [0, 0], dilation, groups);
        Ok(Dispatch::conv_transpose2d(signal, view.recall.input(1)?, None, options))
    }
}
