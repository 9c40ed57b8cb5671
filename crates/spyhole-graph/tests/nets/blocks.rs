//! Small networks of the shapes that people build.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, GroupNorm, GroupNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig,
};
use burn::prelude::*;
use burn::tensor::activation::{gelu, hard_sigmoid, hard_swish, relu, sigmoid, silu};

use super::zoo::{batch_norm, conv};

/// Convolution, batch norm, ReLU.
#[derive(Module, Debug)]
pub struct ConvBn {
    pub conv: Conv2d,
    pub bn: BatchNorm,
}

impl ConvBn {
    fn new(from: usize, to: usize, kernel: usize) -> Self {
        Self { conv: conv(from, to, kernel, 1, kernel / 2), bn: batch_norm(to) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        relu(self.bn.forward(self.conv.forward(x)))
    }
}

/// Four branches side by side (GoogLeNet).
#[derive(Module, Debug)]
pub struct Inception {
    pub one: ConvBn,
    pub three: Vec<ConvBn>,
    pub five: Vec<ConvBn>,
    pub pooled: ConvBn,
}

#[derive(Module, Debug)]
pub struct InceptionNet {
    pub stem: ConvBn,
    pub inception1: Inception,
    pub inception2: Inception,
}

impl InceptionNet {
    pub fn new() -> Self {
        let block = |from| Inception {
            one: ConvBn::new(from, 2, 1),
            three: vec![ConvBn::new(from, 2, 1), ConvBn::new(2, 3, 3)],
            five: vec![ConvBn::new(from, 1, 1), ConvBn::new(1, 2, 5)],
            pooled: ConvBn::new(from, 1, 1),
        };
        Self { stem: ConvBn::new(3, 4, 3), inception1: block(4), inception2: block(8) }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut x = self.stem.forward(x);
        for block in [&self.inception1, &self.inception2] {
            let through =
                |branch: &[ConvBn]| branch.iter().fold(x.clone(), |x, conv| conv.forward(x));
            let pool = MaxPool2dConfig::new([3, 3])
                .with_strides([1, 1])
                .with_padding(burn::nn::PaddingConfig2d::Explicit(1, 1, 1, 1));
            let pooled = block.pooled.forward(pool.init().forward(x.clone()));
            let one = block.one.forward(x.clone());
            x = Tensor::cat(vec![one, through(&block.three), through(&block.five), pooled], 1);
        }
        x
    }
}

/// MobileNetV3: expand, depthwise, squeeze and excite, project; hard swish.
#[derive(Module, Debug)]
pub struct Mobile {
    pub expand: Conv2d,
    pub expand_bn: BatchNorm,
    pub depthwise: Conv2d,
    pub depthwise_bn: BatchNorm,
    pub squeeze: Conv2d,
    pub excite: Conv2d,
    pub project: Conv2d,
    pub project_bn: BatchNorm,
}

#[derive(Module, Debug)]
pub struct MobileNet {
    pub stem: Conv2d,
    pub block: Mobile,
}

impl MobileNet {
    pub fn new() -> Self {
        let depthwise = Conv2dConfig::new([6, 6], [3, 3])
            .with_groups(6)
            .with_padding(burn::nn::PaddingConfig2d::Same)
            .init(&Device::flex());
        let block = Mobile {
            expand: conv(4, 6, 1, 1, 0),
            expand_bn: batch_norm(6),
            depthwise,
            depthwise_bn: batch_norm(6),
            squeeze: conv(6, 2, 1, 1, 0),
            excite: conv(2, 6, 1, 1, 0),
            project: conv(6, 4, 1, 1, 0),
            project_bn: batch_norm(4),
        };
        Self { stem: conv(3, 4, 3, 2, 1), block }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let block = &self.block;
        let x = hard_swish(self.stem.forward(x));
        let y = hard_swish(block.expand_bn.forward(block.expand.forward(x.clone())));
        let y = hard_swish(block.depthwise_bn.forward(block.depthwise.forward(y)));
        let gate = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(y.clone());
        let gate = block.excite.forward(relu(block.squeeze.forward(gate)));
        let y = y * hard_sigmoid(gate, 1.0 / 6.0, 0.5);
        block.project_bn.forward(block.project.forward(y)) + x
    }
}

/// A convolution with a squeeze-and-excite gate made of linear layers, in a residual block.
#[derive(Module, Debug)]
pub struct SeNet {
    pub stem: ConvBn,
    pub conv: ConvBn,
    pub down: Linear,
    pub up: Linear,
    pub head: Conv2d,
}

impl SeNet {
    pub fn new() -> Self {
        let device = Device::flex();
        Self {
            stem: ConvBn::new(3, 4, 3),
            conv: ConvBn::new(4, 4, 3),
            down: LinearConfig::new(4, 2).init(&device),
            up: LinearConfig::new(2, 4).init(&device),
            head: conv(4, 2, 1, 1, 0),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.stem.forward(x);
        let y = self.conv.forward(x.clone());
        let [n, c, _, _] = y.dims();
        let gate = y.clone().mean_dims(&[2, 3]).reshape([n, c]);
        let gate = sigmoid(self.up.forward(relu(self.down.forward(gate))));
        self.head.forward(relu(y * gate.reshape([n, c, 1, 1]) + x))
    }
}

/// Two levels down and up, once by a transposed convolution and once by resizing.
#[derive(Module, Debug)]
pub struct UNet {
    pub enc1: ConvBn,
    pub enc2: ConvBn,
    pub middle: ConvBn,
    pub up2: ConvTranspose2d,
    pub dec2: ConvBn,
    pub dec1: ConvBn,
}

impl UNet {
    pub fn new() -> Self {
        Self {
            enc1: ConvBn::new(3, 3, 3),
            enc2: ConvBn::new(3, 4, 3),
            middle: ConvBn::new(4, 5, 3),
            up2: ConvTranspose2dConfig::new([5, 4], [2, 2])
                .with_stride([2, 2])
                .init(&Device::flex()),
            dec2: ConvBn::new(8, 3, 3),
            dec1: ConvBn::new(6, 2, 3),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let pool = |x| MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init().forward(x);
        let one = self.enc1.forward(x);
        let two = self.enc2.forward(pool(one.clone()));
        let bottom = self.middle.forward(pool(two.clone()));
        let up = Tensor::cat(vec![two, self.up2.forward(bottom)], 1);
        let resize = Interpolate2dConfig::new()
            .with_scale_factor(Some([2.0, 2.0]))
            .with_mode(InterpolateMode::Linear)
            .init();
        let up = resize.forward(self.dec2.forward(up));
        self.dec1.forward(Tensor::cat(vec![one, up], 1))
    }
}

/// Group norm and SiLU written out, a ConvNeXt block with layer norm, weight normalisation, a shared
/// convolution, a net on lines.
#[derive(Module, Debug)]
pub struct Modern {
    pub stem: Conv2d,
    pub norm: GroupNorm,
    pub depthwise: Conv2d,
    pub layer_norm: LayerNorm,
    pub wide: Linear,
    pub narrow: Linear,
    pub normed: WeightNorm,
    pub shared: Conv2d,
}

#[derive(Module, Debug)]
pub struct WeightNorm {
    pub direction: Param<Tensor<4>>,
    pub length: Param<Tensor<4>>,
}

impl Modern {
    pub fn new() -> Self {
        let device = Device::flex();
        let random = |shape| {
            let normal = burn::tensor::Distribution::Normal(0.0, 1.0);
            Param::from_tensor(Tensor::random(shape, normal, &device))
        };
        Self {
            stem: conv(3, 4, 3, 1, 1),
            norm: GroupNormConfig::new(2, 4).init(&device),
            depthwise: Conv2dConfig::new([4, 4], [3, 3])
                .with_groups(4)
                .with_padding(burn::nn::PaddingConfig2d::Same)
                .init(&device),
            layer_norm: LayerNormConfig::new(4).init(&device),
            wide: LinearConfig::new(4, 8).init(&device),
            narrow: LinearConfig::new(8, 4).init(&device),
            normed: WeightNorm { direction: random([4, 4, 1, 1]), length: random([4, 1, 1, 1]) },
            shared: conv(4, 4, 3, 1, 1),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        // Normalised first, as pretrained nets want it.
        let x = silu(self.norm.forward(self.stem.forward((x - 0.5) / 0.25)));
        let y = self.depthwise.forward(x.clone()).permute([0, 2, 3, 1]);
        let y = self.narrow.forward(gelu(self.wide.forward(self.layer_norm.forward(y))));
        let x = x + y.permute([0, 3, 1, 2]);
        let direction = self.normed.direction.val();
        let length = direction.clone().square().sum_dims(&[1, 2, 3]).sqrt();
        let weight = direction / length * self.normed.length.val();
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        let x = relu(burn::tensor::module::conv2d(x, weight, None, options));
        // The clamp is a ReLU; the second use of the same convolution is a layer of its own.
        let x = self.shared.forward(x).clamp_min(0.0);
        self.shared.forward(x)
    }
}
