//! The two networks on which spyhole is compared with its peers.
#![allow(missing_docs)] // Burn's modules, as in any program

use std::error::Error;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;

/// From the command line: `[residual|vgg] [SHARE]`.
pub fn arguments() -> Result<(String, f64), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let net = arguments.next().unwrap_or_else(|| "residual".into());
    let share = arguments.next().map_or(Ok(1.0), |share| share.parse())?;
    Ok((net, share))
}

fn conv(from: usize, to: usize, kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let pad = kernel / 2;
    Conv2dConfig::new([from, to], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .init(device)
}

fn pool() -> MaxPool2d {
    MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init()
}

#[derive(Module, Debug)]
pub struct Block {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
}

/// 7×7/2 convolution to 64 maps, pooling, two residual blocks of 64 with batch norm.
#[derive(Module, Debug)]
pub struct Residual {
    stem: Conv2d,
    pool: MaxPool2d,
    blocks: Vec<Block>,
}

impl Residual {
    pub fn new(device: &Device) -> Self {
        let block = || Block {
            conv1: conv(64, 64, 3, 1, device),
            bn1: BatchNormConfig::new(64).init(device),
            conv2: conv(64, 64, 3, 1, device),
            bn2: BatchNormConfig::new(64).init(device),
        };
        Self { stem: conv(3, 64, 7, 2, device), pool: pool(), blocks: vec![block(), block()] }
    }

    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let mut x = self.pool.forward(relu(self.stem.forward(images)));
        for block in &self.blocks {
            let y = relu(block.bn1.forward(block.conv1.forward(x.clone())));
            x = relu(block.bn2.forward(block.conv2.forward(y)) + x);
        }
        x
    }
}

/// The 13 convolutions of VGG-16.
#[derive(Module, Debug)]
pub struct Vgg {
    stages: Vec<Vec<Conv2d>>,
    pool: MaxPool2d,
}

impl Vgg {
    pub fn new(device: &Device) -> Self {
        let mut from = 3;
        let stages = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)].map(|(to, count)| {
            let convs =
                (0..count).map(|_| conv(std::mem::replace(&mut from, to), to, 3, 1, device));
            convs.collect()
        });
        Self { stages: stages.into(), pool: pool() }
    }

    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let mut x = images;
        for stage in &self.stages {
            for conv in stage {
                x = relu(conv.forward(x));
            }
            x = self.pool.forward(x);
        }
        x
    }
}

/// A network of feature maps with a classifier on their means.
#[derive(Module, Debug)]
pub struct Classifier<M: Module> {
    pub trunk: M,
    pub head: Linear,
}

impl<M: Module> Classifier<M> {
    pub fn new(trunk: M, maps: usize, classes: usize, device: &Device) -> Self {
        Self { trunk, head: LinearConfig::new(maps, classes).init(device) }
    }

    pub fn forward(
        &self,
        images: Tensor<4>,
        trunk: impl Fn(&M, Tensor<4>) -> Tensor<4>,
    ) -> Tensor<2> {
        let means = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(trunk(&self.trunk, images));
        self.head.forward(means.flatten(1, 3))
    }
}

/// Two convolutions with batch norm, and a way past them.
#[derive(Module, Debug)]
pub struct Step {
    main: Block,
    past: Option<(Conv2d, BatchNorm)>,
}

/// ResNet-18 (He et al. 2016): 7×7/2 and 3×3/2 pooling, eight steps of 64 to 512 maps, the mean over the plane, a linear
/// layer.
#[derive(Module, Debug)]
pub struct ResNet18 {
    stem: Conv2d,
    bn: BatchNorm,
    pool: MaxPool2d,
    steps: Vec<Step>,
    head: Linear,
}

impl ResNet18 {
    pub fn new(classes: usize, device: &Device) -> Self {
        let norm = |maps| BatchNormConfig::new(maps).init(device);
        let mut from = 64;
        let steps = [64, 64, 128, 128, 256, 256, 512, 512].map(|to| {
            let before = std::mem::replace(&mut from, to);
            let stride = 1 + usize::from(before != to);
            Step {
                main: Block {
                    conv1: conv(before, to, 3, stride, device),
                    bn1: norm(to),
                    conv2: conv(to, to, 3, 1, device),
                    bn2: norm(to),
                },
                past: (stride > 1).then(|| (conv(before, to, 1, stride, device), norm(to))),
            }
        });
        let pool = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]);
        Self {
            stem: conv(3, 64, 7, 2, device),
            bn: norm(64),
            pool: pool.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(),
            steps: steps.into(),
            head: LinearConfig::new(512, classes).init(device),
        }
    }

    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = self.pool.forward(relu(self.bn.forward(self.stem.forward(images))));
        for Step { main, past } in &self.steps {
            let y = relu(main.bn1.forward(main.conv1.forward(x.clone())));
            let past = match past {
                Some((conv, norm)) => norm.forward(conv.forward(x)),
                None => x,
            };
            x = relu(main.bn2.forward(main.conv2.forward(y)) + past);
        }
        let means = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(x);
        self.head.forward(means.flatten(1, 3))
    }
}
