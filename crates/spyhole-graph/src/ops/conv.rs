//! Convolution, `y = W ∗ x + b`, over planes and over lines: any stride, padding, dilation and groups. The
//! way back is the transposed convolution with the same weights; the bias plays no part in it.
//!
//! A line is computed as a plane of one row.

use std::ops::Range;

use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::{ConvOptions, ConvTransposeOptions, FloatTensorOps, ModuleOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Shape, Tensor, TensorData};

use super::calc::flat;
use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::patches::{Kernel, Locality, Sliding, SlidingOperation, Stack};
use crate::positions::{Positions, Sight};
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

    /// `s·i − p + d·t`, `t = 0 … k − 1`; of the channels, the groups that are met.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let Geometry { rank, options, kernel, channels } = &self.0;
        let first_axis = 2 - rank;
        let seen = region.map_from(2, |axis, positions| {
            let axis = axis + first_axis;
            positions.seen_by(Sight {
                taps: kernel[axis],
                stride: options.stride[axis] as i64,
                padding: options.padding[axis].0 as i64,
                dilation: options.dilation[axis] as i64,
            })
        });
        let of_channels =
            groups_met(&region.0[1], channels[1], shapes.inputs[input][1], options.groups);
        Reach::exact(seen.with(1, of_channels))
    }

    fn locality(&self) -> Locality<'_> {
        if self.0.rank == 2 { Locality::Sliding(self) } else { Locality::Whole }
    }
}

/// The channels on one side of a grouped convolution that channels on the other side are connected to.
pub(super) fn groups_met(channels: &Positions, from: usize, to: usize, groups: usize) -> Positions {
    let (from, to) = ((from / groups.max(1)).max(1) as i64, (to / groups.max(1)) as i64);
    Positions::of(channels.runs().iter().map(|run| Span {
        first: run.first.div_euclid(from) * to,
        last: (run.last.div_euclid(from) + 1) * to - 1,
    }))
}

impl WindowOperation for Conv {
    /// Without padding the transposed convolution fills just the window that the signal came from.
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let ConvOptions { stride, dilation, groups, .. } = self.0.options;
        let options = ConvTransposeOptions::new(stride, [0, 0], [0, 0], dilation, groups);
        Ok(Dispatch::conv_transpose2d(signal, view.recall.input(1)?, None, options))
    }
}

/// Numbers of a matrix of columns that stay in the cache while it is multiplied.
const COLUMNS: usize = 1 << 17;

impl SlidingOperation for Conv {
    fn kernel(&self) -> Kernel {
        let options = &self.0.options;
        Kernel {
            size: self.0.kernel,
            stride: options.stride,
            padding: options.padding.map(|(before, _)| before),
            dilation: options.dilation,
            outside: 0.0,
        }
    }

    /// Group by group and some windows at a time: what each output position sees becomes a column of a
    /// matrix, which the filters multiply from the left.
    fn slide(&self, x: &Stack, view: &Sliding<'_>) -> Option<Stack> {
        let Geometry { options, kernel, channels: [from, to], .. } = &self.0;
        let groups = options.groups.max(1);
        let (seen, filters) = (from / groups, to / groups);
        let (rows, area) = (seen * kernel[0] * kernel[1], view.size[0] * view.size[1]);
        let weight = view.parameters.first()?.clone();
        let weight = Tensor::<3>::from_dispatch(Dispatch::float_reshape(
            weight,
            Shape::new([groups, filters, rows]),
        ));
        let bias = view.parameters.get(1).cloned().map(flat);
        let bias = bias.map(|bias| bias.into_data().try_into_vec::<f32>()).transpose().ok()?;
        let at_once = (COLUMNS / (rows * area).max(1)).clamp(1, x.positions.max(1));
        let mut numbers = vec![0f32; to * x.positions * area];
        for group in 0..groups {
            let weight = weight.clone().narrow(0, group, 1).reshape([filters, rows]);
            for first in (0..x.positions).step_by(at_once) {
                let positions = first..(first + at_once).min(x.positions);
                let count = positions.len() * area;
                let columns = self.columns(x, group * seen..(group + 1) * seen, positions, view);
                let columns = TensorData::new(columns, [rows, count]);
                let columns = Tensor::<2>::from_data(columns, view.device);
                let product = weight.clone().matmul(columns).into_data();
                let product = product.try_into_vec::<f32>().ok()?;
                for (filter, product) in product.chunks_exact(count.max(1)).enumerate() {
                    let filter = group * filters + filter;
                    let offset = bias.as_ref().map_or(0.0, |bias| bias[filter]);
                    let to = &mut numbers[(filter * x.positions + first) * area..][..count];
                    for (to, from) in to.iter_mut().zip(product) {
                        *to = from + offset;
                    }
                }
            }
        }
        Some(Stack { channels: *to, positions: x.positions, size: view.size, numbers })
    }
}

impl Conv {
    /// What output positions see, `[channels · kh · kw, positions · h · w]`.
    fn columns(
        &self,
        x: &Stack,
        channels: Range<usize>,
        positions: Range<usize>,
        view: &Sliding<'_>,
    ) -> Vec<f32> {
        let Geometry { options: ConvOptions { stride, dilation, .. }, kernel, .. } = &self.0;
        let ([height, width], [rows, columns]) = (x.size, view.size);
        let mut numbers =
            vec![0f32; channels.len() * kernel[0] * kernel[1] * positions.len() * rows * columns];
        let mut filled = numbers.chunks_exact_mut(columns.max(1));
        for channel in channels {
            for tap in 0..kernel[0] * kernel[1] {
                let [down, right] = [tap / kernel[1] * dilation[0], tap % kernel[1] * dilation[1]];
                for position in positions.clone() {
                    let window = (channel * x.positions + position) * height + down;
                    for (row, to) in (0..rows).zip(&mut filled) {
                        let from = &x.numbers[(window + row * stride[0]) * width + right..];
                        if stride[1] == 1 {
                            to.copy_from_slice(&from[..columns]);
                        } else {
                            let from = from.iter().step_by(stride[1]);
                            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                        }
                    }
                }
            }
        }
        numbers
    }
}
