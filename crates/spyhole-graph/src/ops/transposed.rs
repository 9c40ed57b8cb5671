//! Transposed convolution ("deconvolution" as a layer), over planes and lines: `y = Wᵀ ∗ x + b`. The way
//! back is the convolution with the same weights.
//!
//! Position `i` of the input is spread over positions `s·i − p + d·t`, `t = 0 … k − 1`, of the output.

use burn::backend::Dispatch;
use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::{ConvOptions, ConvTransposeOptions, FloatTensorOps, ModuleOps};
use burn::tensor::Slice;

use super::conv::{as_plane, from_plane, groups_met, words};
use super::{Computed, Operands, Operation, Parsed, Role, Signal, Target, Value};
use crate::positions::Sight;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    match op {
        OperationIr::Module(ModuleOperationIr::ConvTranspose2d(conv)) => {
            let weight: [usize; 4] = conv.weight.shape.dims();
            let op = ConvTranspose {
                rank: 2,
                options: conv.options.clone().into(),
                kernel: [weight[2], weight[3]],
                channels: [weight[0], weight[1] * conv.options.groups],
            };
            let inputs = [&conv.x, &conv.weight].into_iter().chain(&conv.bias);
            Parsed::new(op, inputs, &conv.out)
        }
        OperationIr::Module(ModuleOperationIr::ConvTranspose1d(conv)) => {
            let weight: [usize; 3] = conv.weight.shape.dims();
            let options = &conv.options;
            let op = ConvTranspose {
                rank: 1,
                options: ConvTransposeOptions::new(
                    [1, options.stride[0]],
                    [0, options.padding[0]],
                    [0, options.padding_out[0]],
                    [1, options.dilation[0]],
                    options.groups,
                ),
                kernel: [1, weight[2]],
                channels: [weight[0], weight[1] * options.groups],
            };
            let inputs = [&conv.x, &conv.weight].into_iter().chain(&conv.bias);
            Parsed::new(op, inputs, &conv.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct ConvTranspose {
    rank: usize,
    options: ConvTransposeOptions<2>,
    kernel: [usize; 2],
    channels: [usize; 2],
}

impl Operation for ConvTranspose {
    fn describe(&self) -> String {
        let Self { rank, options, kernel, channels } = self;
        let words =
            words(*rank, *kernel, *channels, options.stride, options.dilation, options.groups);
        format!("transposed conv {words}")
    }

    fn role(&self) -> Role {
        Role::TransposedConvolution
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_first()
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let bias = inputs.get(2).cloned();
        let (x, weight) = (as_plane(inputs[0].clone()), as_plane(inputs[1].clone()));
        let y = Dispatch::conv_transpose2d(x, weight, bias, self.options.clone());
        from_plane(y, self.rank).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let ConvTransposeOptions { stride, padding, dilation, groups, .. } = &self.options;
        let options = ConvOptions::new(*stride, *padding, *dilation, *groups);
        let back = Dispatch::conv2d(as_plane(signal), as_plane(recall.input(1)?), None, options);
        // With padding at the output's end the convolution may take a step too many.
        let mut like = recall.input_shape(0).to_vec();
        if self.rank == 1 {
            like.insert(2, 1);
        }
        let ranges: Vec<Slice> = like.into_iter().map(|length| Slice::from(0..length)).collect();
        Ok(from_plane(Dispatch::float_slice(back, &ranges), self.rank))
    }

    /// The positions `i` that are spread there: `s·i − p + d·t` is one of them for some `t`.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let Self { rank, options, kernel, channels } = self;
        let first_axis = 2 - rank;
        let seen = region.map_from(2, |axis, positions| {
            let axis = axis + first_axis;
            positions.seeing(Sight {
                taps: kernel[axis],
                stride: options.stride[axis] as i64,
                padding: options.padding[axis] as i64,
                dilation: options.dilation[axis] as i64,
            })
        });
        let of_channels =
            groups_met(&region.0[1], channels[1], shapes.inputs[input][1], options.groups);
        Reach::exact(seen.with(1, of_channels))
    }
}
