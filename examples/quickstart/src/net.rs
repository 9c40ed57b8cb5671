use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d, Relu};
use burn::prelude::*;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

use crate::batch::Batch;

/// Four convolutions, each with ReLU and 2×2 max pooling; then the mean over the plane and one linear
/// layer. Nothing in it knows of spyhole.
#[derive(Module, Debug)]
pub struct Net {
    conv1: Conv2d,
    conv2: Conv2d,
    conv3: Conv2d,
    conv4: Conv2d,
    relu: Relu,
    pool: MaxPool2d,
    mean: AdaptiveAvgPool2d,
    head: Linear,
}

impl Net {
    pub fn new(channels: usize, classes: usize, device: &Device) -> Self {
        let conv = |from, to, side| {
            Conv2dConfig::new([from, to], [side, side])
                .with_padding(PaddingConfig2d::Same)
                .init(device)
        };
        Self {
            conv1: conv(channels, 16, 5),
            conv2: conv(16, 32, 3),
            conv3: conv(32, 48, 3),
            conv4: conv(48, 64, 3),
            relu: Relu::new(),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            mean: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(64, classes).init(device),
        }
    }

    /// Images `[N, C, H, W]` to class scores `[N, classes]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = images;
        for conv in [&self.conv1, &self.conv2, &self.conv3, &self.conv4] {
            x = self.pool.forward(self.relu.forward(conv.forward(x)));
        }
        self.head.forward(self.mean.forward(x).flatten(1, 3))
    }

    fn classify(&self, batch: Batch) -> ClassificationOutput {
        let output = self.forward(batch.images);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.labels.clone());
        ClassificationOutput::new(loss, output, batch.labels)
    }
}

impl TrainStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> ClassificationOutput {
        self.classify(batch)
    }
}
