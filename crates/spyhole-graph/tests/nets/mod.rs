//! Small networks with known weights.
#![allow(dead_code)] // each test file uses some of them

pub mod blocks;
pub mod random;
pub mod zoo;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d, Relu};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::relu;

/// How a forward function calls its rectifiers: all must mean the same.
#[derive(Clone, Copy, Debug)]
pub enum ReluStyle {
    Module,
    Function,
    Clamp,
    MaskFill,
    MaskWhere,
    MaxWithZeros,
}

impl ReluStyle {
    pub const ALL: [Self; 6] = [
        Self::Module,
        Self::Function,
        Self::Clamp,
        Self::MaskFill,
        Self::MaskWhere,
        Self::MaxWithZeros,
    ];

    fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Module => Relu::new().forward(x),
            Self::Function => relu(x),
            Self::Clamp => x.clamp_min(0.0),
            Self::MaskFill => x.clone().mask_fill(x.lower_elem(0.0), 0.0),
            Self::MaskWhere => {
                x.clone().mask_where(x.clone().lower_equal_elem(0.0), x.zeros_like())
            }
            Self::MaxWithZeros => x.clone().max_pair(x.zeros_like()),
        }
    }
}

/// captum's `BasicModel_ConvNet_One_Conv`.
#[derive(Module, Debug)]
pub struct OneConv {
    pub conv: Conv2d,
    pub fc: Linear,
}

impl OneConv {
    pub fn new(device: &Device) -> Self {
        let mut conv = Conv2dConfig::new([1, 2], [3, 3]).init(device);
        conv.weight = Param::from_tensor(Tensor::ones([2, 1, 3, 3], device));
        conv.bias = Some(Param::from_tensor(Tensor::from_floats([-50.0, -75.0], device)));
        let mut fc = LinearConfig::new(8, 4).init(device);
        let row = [1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0];
        let rows = Tensor::<2>::from_floats([row; 4], device);
        fc.weight = Param::from_tensor(rows.transpose());
        fc.bias = Some(Param::from_tensor(Tensor::zeros([4], device)));
        Self { conv, fc }
    }

    pub fn forward(&self, x: Tensor<4>, style: ReluStyle) -> Tensor<2> {
        let x: Tensor<2> = style.apply(self.conv.forward(x)).flatten(1, 3);
        style.apply(self.fc.forward(x))
    }
}

/// A residual block with batch norm.
#[derive(Module, Debug)]
pub struct Block {
    pub conv1: Conv2d,
    pub bn1: BatchNorm,
    pub conv2: Conv2d,
    pub bn2: BatchNorm,
}

impl Block {
    fn new(channels: usize, device: &Device) -> Self {
        let conv = || {
            Conv2dConfig::new([channels, channels], [3, 3])
                .with_padding(PaddingConfig2d::Same)
                .init(device)
        };
        let bn = || BatchNormConfig::new(channels).init(device);
        Self { conv1: conv(), bn1: bn(), conv2: conv(), bn2: bn() }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = relu(self.bn1.forward(self.conv1.forward(x.clone())));
        let y = self.bn2.forward(self.conv2.forward(y));
        relu(y + x)
    }
}

/// A small residual network with batch norm: 7×7 stem with stride 2, max pool, two blocks, head.
#[derive(Module, Debug)]
pub struct Residual {
    pub stem: Conv2d,
    pub pool: MaxPool2d,
    pub blocks: Vec<Block>,
    pub gap: AdaptiveAvgPool2d,
    pub fc: Linear,
}

impl Residual {
    /// Random weights and random running statistics, so that batch norm is not the identity.
    pub fn new(channels: usize, device: &Device) -> Self {
        let mut net = Self {
            stem: Conv2dConfig::new([3, channels], [7, 7])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
                .init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            blocks: vec![Block::new(channels, device), Block::new(channels, device)],
            gap: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            fc: LinearConfig::new(channels, 10).init(device),
        };
        for block in &mut net.blocks {
            for bn in [&mut block.bn1, &mut block.bn2] {
                let random = |low, high| {
                    Tensor::random([channels], Distribution::Uniform(low, high), device)
                };
                bn.gamma = Param::from_tensor(random(-1.0, 1.0));
                bn.beta = Param::from_tensor(random(-0.5, 0.5));
                bn.running_mean.update(random(-0.5, 0.5));
                bn.running_var.update(random(0.5, 2.0));
                // A second update makes the first the current value.
                bn.running_mean.update(random(-0.5, 0.5));
                bn.running_var.update(random(0.5, 2.0));
            }
        }
        net
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let mut x = self.pool.forward(relu(self.stem.forward(x)));
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.fc.forward(self.gap.forward(x).flatten(1, 3))
    }
}

/// No parameters at all: the model is its forward function.
#[derive(Module, Debug)]
pub struct Nothing {
    pub unit: Tensor<1>,
}

impl Nothing {
    pub fn new(device: &Device) -> Self {
        Self { unit: Tensor::ones([1], device) }
    }
}
