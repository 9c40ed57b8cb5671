//! Networks from the literature. Their geometry is the published one; their widths are small.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::relu;

pub fn conv(from: usize, to: usize, kernel: usize, stride: usize, padding: usize) -> Conv2d {
    Conv2dConfig::new([from, to], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .init(&Device::flex())
}

/// Batch norm whose statistics and weights are not trivial.
pub fn batch_norm(channels: usize) -> BatchNorm {
    let device = Device::flex();
    let random =
        |low, high| Tensor::<1>::random([channels], Distribution::Uniform(low, high), &device);
    let mut bn = BatchNormConfig::new(channels).init(&device);
    bn.gamma = Param::from_tensor(random(-1.0, 1.0));
    bn.beta = Param::from_tensor(random(-0.5, 0.5));
    for _ in 0..2 {
        // A second update makes the first the current value.
        bn.running_mean.update(random(-0.5, 0.5));
        bn.running_var.update(random(0.5, 2.0));
    }
    bn
}

fn max_pool(x: Tensor<4>, kernel: usize, stride: usize) -> Tensor<4> {
    MaxPool2dConfig::new([kernel, kernel]).with_strides([stride, stride]).init().forward(x)
}

/// Convolutions with pools between them, and a 1×1 convolution on each pool, as a probe of its field.
#[derive(Module, Debug)]
pub struct Chain {
    pub convs: Vec<Conv2d>,
    pub probes: Vec<Conv2d>,
}

/// What comes after the convolutions of a [`Chain`].
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Conv { kernel: usize, stride: usize, padding: usize },
    Pool { kernel: usize },
}

use Step::{Conv, Pool};

/// AlexNet v2 (Krizhevsky 2014), as in TF-slim.
pub const ALEXNET: [Step; 8] = [
    Conv { kernel: 11, stride: 4, padding: 0 },
    Pool { kernel: 3 },
    Conv { kernel: 5, stride: 1, padding: 2 },
    Pool { kernel: 3 },
    Conv { kernel: 3, stride: 1, padding: 1 },
    Conv { kernel: 3, stride: 1, padding: 1 },
    Conv { kernel: 3, stride: 1, padding: 1 },
    Pool { kernel: 3 },
];

/// VGG-16 (Simonyan & Zisserman 2014).
pub fn vgg16() -> Vec<Step> {
    let block = |count| {
        let convs = std::iter::repeat_n(Conv { kernel: 3, stride: 1, padding: 1 }, count);
        convs.chain([Pool { kernel: 2 }]).collect::<Vec<_>>()
    };
    [2, 2, 3, 3, 3].into_iter().flat_map(block).collect()
}

impl Chain {
    pub fn new(steps: &[Step]) -> Self {
        let mut net = Self { convs: vec![], probes: vec![] };
        let mut channels = 3;
        for step in steps {
            match *step {
                Conv { kernel, stride, padding } => {
                    net.convs.push(conv(channels, 2, kernel, stride, padding));
                    channels = 2;
                }
                Pool { .. } => net.probes.push(conv(channels, 1, 1, 1, 0)),
            }
        }
        net
    }

    pub fn forward(&self, steps: &[Step], mut x: Tensor<4>) -> Tensor<4> {
        let (mut convs, mut probes) = (self.convs.iter(), self.probes.iter());
        for step in steps {
            match *step {
                Conv { .. } => x = relu(convs.next().expect("one per step").forward(x)),
                Pool { kernel } => {
                    x = max_pool(x, kernel, 2);
                    probes.next().expect("one per step").forward(x.clone());
                }
            }
        }
        x
    }
}

/// A residual block of two or three convolutions.
#[derive(Module, Debug)]
pub struct Block {
    pub conv1: Conv2d,
    pub bn1: BatchNorm,
    pub conv2: Conv2d,
    pub bn2: BatchNorm,
    pub conv3: Option<Conv2d>,
    pub bn3: Option<BatchNorm>,
    pub shortcut: Option<Conv2d>,
    pub shortcut_bn: Option<BatchNorm>,
}

/// Where a block's stride is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Style {
    /// Two 3×3 convolutions (ResNet-18).
    Basic,
    /// 1×1, 3×3, 1×1 with the stride in the first 1×1 (He et al. 2015).
    StrideIn1x1,
    /// The same with the stride in the 3×3 (torchvision).
    StrideIn3x3,
}

impl Block {
    fn new(style: Style, from: usize, to: usize, stride: usize) -> Self {
        let shortcut = (stride > 1 || from != to).then(|| conv(from, to, 1, stride, 0));
        let shortcut_bn = shortcut.is_some().then(|| batch_norm(to));
        let (conv1, conv2, conv3) = match style {
            Style::Basic => (conv(from, to, 3, stride, 1), conv(to, to, 3, 1, 1), None),
            Style::StrideIn1x1 => {
                (conv(from, 2, 1, stride, 0), conv(2, 2, 3, 1, 1), Some(conv(2, to, 1, 1, 0)))
            }
            Style::StrideIn3x3 => {
                (conv(from, 2, 1, 1, 0), conv(2, 2, 3, stride, 1), Some(conv(2, to, 1, 1, 0)))
            }
        };
        let of = |conv: &Conv2d| batch_norm(conv.weight.dims()[0]);
        let (bn1, bn2, bn3) = (of(&conv1), of(&conv2), conv3.as_ref().map(of));
        Self { conv1, bn1, conv2, bn2, conv3, bn3, shortcut, shortcut_bn }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut y = relu(self.bn1.forward(self.conv1.forward(x.clone())));
        y = self.bn2.forward(self.conv2.forward(y));
        if let (Some(conv), Some(bn)) = (&self.conv3, &self.bn3) {
            y = bn.forward(conv.forward(relu(y)));
        }
        let x = match (&self.shortcut, &self.shortcut_bn) {
            (Some(conv), Some(bn)) => bn.forward(conv.forward(x)),
            _ => x,
        };
        relu(y + x)
    }
}

#[derive(Module, Debug)]
pub struct ResNet {
    pub conv1: Conv2d,
    pub bn1: BatchNorm,
    pub layer1: Vec<Block>,
    pub layer2: Vec<Block>,
    pub layer3: Vec<Block>,
    pub layer4: Vec<Block>,
    pub fc: Linear,
}

impl ResNet {
    pub fn new(style: Style, counts: [usize; 4]) -> Self {
        let mut from = 4;
        let mut stage = |index: usize| {
            let to = 4 + index;
            let blocks = (0..counts[index]).map(|block| {
                let stride = if block == 0 && index > 0 { 2 } else { 1 };
                let input = if block == 0 { from } else { to };
                Block::new(style, input, to, stride)
            });
            let blocks = blocks.collect();
            from = to;
            blocks
        };
        Self {
            conv1: conv(3, 4, 7, 2, 3),
            bn1: batch_norm(4),
            layer1: stage(0),
            layer2: stage(1),
            layer3: stage(2),
            layer4: stage(3),
            fc: LinearConfig::new(7, 5).init(&Device::flex()),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = relu(self.bn1.forward(self.conv1.forward(x)));
        // TensorFlow's "same" padding of an even size: one at the end only.
        let mut x = MaxPool2dConfig::new([3, 3])
            .with_strides([2, 2])
            .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1))
            .init()
            .forward(x);
        for stage in [&self.layer1, &self.layer2, &self.layer3, &self.layer4] {
            for block in stage {
                x = block.forward(x);
            }
        }
        let x = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(x);
        self.fc.forward(x.flatten(1, 3))
    }
}
