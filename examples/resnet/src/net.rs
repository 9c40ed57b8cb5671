use batches::Batch;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

/// Convolution without bias, and batch norm.
#[derive(Module, Debug)]
struct Unit {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Unit {
    fn new([from, to]: [usize; 2], side: usize, stride: usize, device: &Device) -> Self {
        let margin = side / 2;
        let conv = Conv2dConfig::new([from, to], [side, side])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(margin, margin, margin, margin))
            .with_bias(false)
            .init(device);
        Self { conv, norm: BatchNormConfig::new(to).init(device) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

/// Two units and a shortcut, which is a 1×1 unit where the shape changes.
#[derive(Module, Debug)]
struct Block {
    first: Unit,
    second: Unit,
    shortcut: Option<Unit>,
}

impl Block {
    fn new([from, to]: [usize; 2], stride: usize, device: &Device) -> Self {
        let changes = from != to || stride != 1;
        Self {
            first: Unit::new([from, to], 3, stride, device),
            second: Unit::new([to, to], 3, 1, device),
            shortcut: changes.then(|| Unit::new([from, to], 1, stride, device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(relu(self.first.forward(x.clone())));
        let shortcut = match &self.shortcut {
            Some(unit) => unit.forward(x),
            None => x,
        };
        relu(y + shortcut)
    }
}

/// ResNet-18 (He et al. 2015) as it is used for small images: a 3×3 stem without pooling, four stages of two
/// blocks, the mean over the plane, one linear layer.
#[derive(Module, Debug)]
pub struct ResNet {
    stem: Unit,
    blocks: Vec<Block>,
    mean: AdaptiveAvgPool2d,
    head: Linear,
}

impl ResNet {
    /// `width`: channels of the first stage; each further stage has twice as many. ResNet-18 has 64.
    pub fn new(channels: usize, width: usize, classes: usize, device: &Device) -> Self {
        let stem = Unit::new([channels, width], 3, 1, device);
        let mut blocks = vec![];
        let mut from = width;
        for stage in 0..4 {
            let to = width << stage;
            blocks.push(Block::new([from, to], if stage == 0 { 1 } else { 2 }, device));
            blocks.push(Block::new([to, to], 1, device));
            from = to;
        }
        let mean = AdaptiveAvgPool2dConfig::new([1, 1]).init();
        Self { stem, blocks, mean, head: LinearConfig::new(from, classes).init(device) }
    }

    /// Images `[N, C, H, W]` to class scores `[N, classes]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let stem = relu(self.stem.forward(images));
        let x = self.blocks.iter().fold(stem, |x, block| block.forward(x));
        self.head.forward(self.mean.forward(x).flatten(1, 3))
    }
}

impl TrainStep for ResNet {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
        let scores = self.forward(batch.images.clone());
        let output = batch.classified(scores);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for ResNet {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> ClassificationOutput {
        let scores = self.forward(batch.images.clone());
        batch.classified(scores)
    }
}
