use batches::Batch;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

/// Features that a backbone gives.
const FEATURES: usize = 64;

/// Three convolutions with batch norm, ReLU and 2×2 max pooling. The names of its fields are those that a file of
/// weights must have: `conv1.weight`, `conv1.bias`, `norm1.weight` (PyTorch) or `norm1.gamma` (Burn), …
#[derive(Module, Debug)]
pub struct Backbone {
    conv1: Conv2d,
    norm1: BatchNorm,
    conv2: Conv2d,
    norm2: BatchNorm,
    conv3: Conv2d,
    norm3: BatchNorm,
    pool: MaxPool2d,
}

impl Backbone {
    /// Random weights from the device's generator, for colour images.
    pub fn new(device: &Device) -> Self {
        let conv = |from, to| {
            let config = Conv2dConfig::new([from, to], [3, 3]);
            config.with_padding(PaddingConfig2d::Same).init(device)
        };
        let norm = |channels| BatchNormConfig::new(channels).init(device);
        Self {
            conv1: conv(3, 16),
            norm1: norm(16),
            conv2: conv(16, 32),
            norm2: norm(32),
            conv3: conv(32, FEATURES),
            norm3: norm(FEATURES),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        }
    }

    /// Images `[N, 3, H, W]` to features `[N, 64, H/8, W/8]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let layers =
            [(&self.conv1, &self.norm1), (&self.conv2, &self.norm2), (&self.conv3, &self.norm3)];
        layers
            .into_iter()
            .fold(images, |x, (conv, norm)| self.pool.forward(relu(norm.forward(conv.forward(x)))))
    }
}

/// A backbone, the mean over the plane, and a linear head.
#[derive(Module, Debug)]
pub struct Net {
    pub backbone: Backbone,
    mean: AdaptiveAvgPool2d,
    head: Linear,
}

impl Net {
    /// A new head on a backbone.
    pub fn new(backbone: Backbone, classes: usize, device: &Device) -> Self {
        let mean = AdaptiveAvgPool2dConfig::new([1, 1]).init();
        Self { backbone, mean, head: LinearConfig::new(FEATURES, classes).init(device) }
    }

    /// Images `[N, 3, H, W]` to class scores `[N, classes]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.head.forward(self.mean.forward(self.backbone.forward(images)).flatten(1, 3))
    }
}

impl TrainStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
        let scores = self.forward(batch.images.clone());
        let output = batch.classified(scores);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> ClassificationOutput {
        let scores = self.forward(batch.images.clone());
        batch.classified(scores)
    }
}
