//! Random networks: any steps behind each other, on small images.

use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, GroupNorm, GroupNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig,
    PaddingConfig2d,
};
use burn::prelude::*;
use burn::tensor::activation;
use burn::tensor::ops::PadMode;
use proptest::prelude::*;

use super::zoo::{batch_norm, conv};

/// One step of a random network on `[N, 4, H, W]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    Conv {
        kernel: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
    },
    Transposed,
    Batch,
    Group,
    LayerOfChannels,
    MaxPool {
        kernel: usize,
        ceil: bool,
    },
    AvgPool {
        kernel: usize,
        count: bool,
    },
    Adaptive,
    Resize(u8),
    Pad(u8),
    Flip,
    SwapPlane,
    Crop,
    EveryOther,
    Relu,
    Rectifier(u8),
    Smooth(u8),
    /// Remember this place.
    Save,
    /// Add, multiply, or concatenate and mix with what was remembered, if it has the same shape.
    Add,
    Gate,
    Concat,
    SqueezeExcite,
    SoftmaxOfChannels,
    MaxOfChannels,
    Masked,
    ShuffleChannels,
    RowsIntoBatch,
}

pub fn step() -> impl Strategy<Value = Step> {
    let conv = (1..=3usize, 1..=2usize, 1..=2usize, prop_oneof![Just(1usize), Just(2), Just(4)]);
    prop_oneof![
        4 => conv.prop_map(|(kernel, stride, dilation, groups)| Step::Conv {
            kernel, stride, dilation, groups
        }),
        1 => Just(Step::Transposed),
        1 => Just(Step::Batch),
        1 => Just(Step::Group),
        1 => Just(Step::LayerOfChannels),
        2 => (2..=3usize, any::<bool>())
            .prop_map(|(kernel, ceil)| Step::MaxPool { kernel, ceil }),
        1 => (2..=3usize, any::<bool>())
            .prop_map(|(kernel, count)| Step::AvgPool { kernel, count }),
        1 => Just(Step::Adaptive),
        1 => (0..3u8).prop_map(Step::Resize),
        1 => (0..3u8).prop_map(Step::Pad),
        1 => Just(Step::Flip),
        1 => Just(Step::SwapPlane),
        1 => Just(Step::Crop),
        1 => Just(Step::EveryOther),
        3 => Just(Step::Relu),
        2 => (0..5u8).prop_map(Step::Rectifier),
        2 => (0..6u8).prop_map(Step::Smooth),
        4 => Just(Step::Save),
        3 => Just(Step::Add),
        2 => Just(Step::Gate),
        2 => Just(Step::Concat),
        1 => Just(Step::SqueezeExcite),
        1 => Just(Step::SoftmaxOfChannels),
        1 => Just(Step::MaxOfChannels),
        1 => Just(Step::Masked),
        1 => Just(Step::ShuffleChannels),
        1 => Just(Step::RowsIntoBatch),
    ]
}

/// Modules of a random network, in the order in which its steps use them.
#[derive(Module, Debug)]
pub struct Net {
    stem: Conv2d,
    convs: Vec<Conv2d>,
    ups: Vec<ConvTranspose2d>,
    norms: Vec<BatchNorm>,
    groups: Vec<GroupNorm>,
    layers: Vec<LayerNorm>,
    linears: Vec<Linear>,
    tail: Conv2d,
}

impl Net {
    pub fn new(steps: &[Step]) -> Self {
        let device = Device::flex();
        let mut net = Self {
            stem: conv(2, 4, 3, 1, 1),
            convs: vec![],
            ups: vec![],
            norms: vec![],
            groups: vec![],
            layers: vec![],
            linears: vec![],
            tail: conv(4, 2, 1, 1, 0),
        };
        for step in steps {
            match *step {
                Step::Conv { kernel, stride, dilation, groups } => {
                    let p = dilation * (kernel - 1) / 2;
                    net.convs.push(
                        Conv2dConfig::new([4, 4], [kernel, kernel])
                            .with_stride([stride, stride])
                            .with_dilation([dilation, dilation])
                            .with_groups(groups)
                            .with_padding(PaddingConfig2d::Explicit(p, p, p, p))
                            .init(&device),
                    );
                }
                Step::Concat => net.convs.push(conv(8, 4, 1, 1, 0)),
                Step::Transposed => net.ups.push(
                    ConvTranspose2dConfig::new([4, 4], [3, 2])
                        .with_stride([2, 1])
                        .with_padding([1, 0])
                        .init(&device),
                ),
                Step::Batch => net.norms.push(batch_norm(4)),
                Step::Group => net.groups.push(GroupNormConfig::new(2, 4).init(&device)),
                Step::LayerOfChannels => net.layers.push(LayerNormConfig::new(4).init(&device)),
                Step::SqueezeExcite => net.linears.push(LinearConfig::new(4, 4).init(&device)),
                _ => {}
            }
        }
        net
    }

    pub fn forward(&self, steps: &[Step], images: Tensor<4>) -> Tensor<4> {
        let mut x = self.stem.forward(images);
        let mut saved = x.clone();
        let (mut convs, mut ups) = (self.convs.iter(), self.ups.iter());
        let (mut norms, mut groups) = (self.norms.iter(), self.groups.iter());
        let (mut layers, mut linears) = (self.layers.iter(), self.linears.iter());
        for step in steps {
            let [n, c, height, width] = x.dims();
            let (side, together) = (height.min(width), x.dims() == saved.dims());
            x = match *step {
                Step::Conv { kernel, dilation, .. } => {
                    let conv = convs.next().unwrap();
                    if side < dilation * (kernel - 1) + 1 { x } else { conv.forward(x) }
                }
                Step::Transposed => {
                    let up = ups.next().unwrap();
                    if height > 12 { x } else { up.forward(x) }
                }
                Step::Batch => norms.next().unwrap().forward(x),
                Step::Group => groups.next().unwrap().forward(x),
                Step::LayerOfChannels => {
                    let norm = layers.next().unwrap();
                    norm.forward(x.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
                }
                Step::MaxPool { kernel, ceil } if side >= kernel => {
                    MaxPool2dConfig::new([kernel; 2])
                        .with_strides([2, 2])
                        .with_ceil_mode(ceil)
                        .init()
                        .forward(x)
                }
                Step::AvgPool { kernel, count } if side >= kernel => {
                    AvgPool2dConfig::new([kernel; 2])
                        .with_strides([1, 2])
                        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                        .with_count_include_pad(count)
                        .init()
                        .forward(x)
                }
                Step::Adaptive => AdaptiveAvgPool2dConfig::new([3, 4]).init().forward(x),
                Step::Resize(mode) => {
                    let modes =
                        [InterpolateMode::Nearest, InterpolateMode::Linear, InterpolateMode::Cubic];
                    let resize = Interpolate2dConfig::new()
                        .with_output_size(Some([7, 5]))
                        .with_mode(modes[mode as usize].clone());
                    resize.init().forward(x)
                }
                Step::Pad(mode) if side > 2 && side < 12 => {
                    let modes = [PadMode::Constant(0.3), PadMode::Reflect, PadMode::Edge];
                    x.pad((1, 2, 0, 1), modes[mode as usize])
                }
                Step::Flip => x.flip([3]),
                Step::SwapPlane => x.swap_dims(2, 3),
                Step::Crop if side > 3 => x.slice(s![.., .., 1.., ..-1]),
                Step::EveryOther if side > 3 => x.slice(s![.., .., ..;2, ..;-1]),
                Step::Relu => activation::relu(x),
                Step::Rectifier(0) => activation::relu6(x * 5.0),
                Step::Rectifier(1) => activation::leaky_relu(x, 0.2),
                Step::Rectifier(2) => activation::hard_swish(x),
                Step::Rectifier(3) => x.clone().mask_fill(x.lower_elem(0.0), 0.0),
                Step::Rectifier(_) => x.clone().abs() - x * 0.5,
                Step::Smooth(0) => activation::gelu(x),
                Step::Smooth(1) => activation::silu(x),
                Step::Smooth(2) => x.tanh(),
                Step::Smooth(3) => activation::softplus(x, 1.0),
                Step::Smooth(4) => (x.square() + 0.5).sqrt(),
                Step::Smooth(_) => x.clone() / (x.square().mean_dim(1) + 1.0),
                Step::Save => {
                    saved = x.clone();
                    x
                }
                Step::Add if together => x + saved.clone(),
                Step::Gate if together => x * activation::sigmoid(saved.clone()),
                Step::Concat => {
                    let mix = convs.next().unwrap();
                    if together { mix.forward(Tensor::cat(vec![x, saved.clone()], 1)) } else { x }
                }
                Step::SqueezeExcite => {
                    let gate = x.clone().mean_dims(&[2, 3]).reshape([n, c]);
                    let gate = activation::sigmoid(linears.next().unwrap().forward(gate));
                    x * gate.reshape([n, c, 1, 1])
                }
                Step::SoftmaxOfChannels => activation::softmax(x, 1) * 4.0,
                Step::MaxOfChannels => x.clone().max_dim(1) - x,
                Step::Masked => {
                    let mask = x.clone().greater_elem(0.2);
                    x.clone().mask_where(mask, x * 0.3)
                }
                Step::ShuffleChannels => x
                    .reshape([n, 2, 2, height, width])
                    .swap_dims(1, 2)
                    .reshape([n, 4, height, width]),
                Step::RowsIntoBatch => {
                    let x = x.swap_dims(1, 2).reshape([n * height, 4, width]);
                    activation::softmax(x, 2).reshape([n, height, 4, width]).swap_dims(1, 2)
                }
                Step::MaxPool { .. }
                | Step::AvgPool { .. }
                | Step::Pad(_)
                | Step::Crop
                | Step::EveryOther
                | Step::Add
                | Step::Gate => x,
            };
        }
        self.tail.forward(x)
    }
}
