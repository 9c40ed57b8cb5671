//! A network of one's own: residual blocks and batch norm, written without a thought for spyhole.

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

use crate::data::Batch;

/// Convolution and batch norm.
#[derive(Module, Debug)]
pub struct Unit {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Unit {
    fn new(from: usize, to: usize, device: &Device) -> Self {
        let conv =
            Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Same).init(device);
        Self { conv, norm: BatchNormConfig::new(to).init(device) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

/// A stem, two residual blocks, the mean over the plane, and a linear layer.
#[derive(Module, Debug)]
pub struct Residual {
    stem: Unit,
    blocks: Vec<[Unit; 2]>,
    mean: AdaptiveAvgPool2d,
    head: Linear,
}

impl Residual {
    /// Random weights from the device's generator.
    pub fn new(device: &Device) -> Self {
        let unit = || Unit::new(8, 8, device);
        Self {
            stem: Unit::new(3, 8, device),
            blocks: vec![[unit(), unit()], [unit(), unit()]],
            mean: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(8, 4).init(device),
        }
    }

    /// `[N, 3, H, W]` to `[N, 4]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = relu(self.stem.forward(images));
        for [first, second] in &self.blocks {
            let y = relu(first.forward(x.clone()));
            x = relu(second.forward(y) + x);
        }
        self.head.forward(self.mean.forward(x).flatten(1, 3))
    }

    /// Scores and loss of a batch.
    pub fn classify(&self, batch: Batch) -> ClassificationOutput {
        let output = self.forward(batch.images);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.labels.clone());
        ClassificationOutput::new(loss, output, batch.labels)
    }
}

impl TrainStep for Residual {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Residual {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> ClassificationOutput {
        self.classify(batch)
    }
}

/// Sets every weight to one value, with `model.map(&mut Fill(value))`.
#[derive(Clone, Copy, Debug)]
pub struct Fill(pub f32);

impl ModuleMapper for Fill {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let value = self.0;
        param.map(|tensor| tensor.zeros_like() + value)
    }
}

/// Every parameter and running statistic of a model by path, bit for bit.
pub fn bits<M: Module>(model: &M) -> Vec<(String, Vec<u32>)> {
    #[derive(Default)]
    struct Collect {
        path: Vec<String>,
        found: Vec<(String, Vec<u32>)>,
    }

    impl ModuleVisitor for Collect {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let numbers = param.val().into_data().try_to_vec::<f32>().unwrap_or_default();
            let bits = numbers.into_iter().map(f32::to_bits).collect();
            self.found.push((self.path.join("."), bits));
        }
    }

    let mut collect = Collect::default();
    model.visit(&mut collect);
    collect.found
}
