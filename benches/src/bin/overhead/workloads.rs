//! The trainings that are watched.

use std::error::Error;

use benches::nets::ResNet18;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use datasets::{DataSet, Picture, Source};

use crate::net::Net;

/// A training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Quickstart's network on the handwritten digits.
    Quickstart,
    /// ResNet-18 on images of 64×64 pixels.
    ResNet18,
    /// Two small convolutions, with very short epochs.
    Tiny,
}

/// What is trained on, and looked at.
pub struct Data {
    /// Images `[N, C, H, W]` and labels of every batch.
    pub batches: Vec<(Tensor<4>, Tensor<1, Int>)>,
    pub probe: Tensor<4>,
    pub labels: Vec<usize>,
    pub classes: usize,
    pub channels: usize,
}

impl Workload {
    pub const ALL: [Self; 3] = [Self::Quickstart, Self::ResNet18, Self::Tiny];

    pub fn name(self) -> &'static str {
        match self {
            Self::Quickstart => "quickstart",
            Self::ResNet18 => "resnet18",
            Self::Tiny => "tiny",
        }
    }

    pub fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|workload| workload.name() == name);
        found.ok_or_else(|| format!("there is no workload {name}; see --help"))
    }

    pub fn rounds(self) -> usize {
        if self == Self::ResNet18 { 3 } else { 5 }
    }

    pub fn epochs(self) -> usize {
        match self {
            Self::Quickstart => 20,
            Self::ResNet18 => 4,
            Self::Tiny => 150,
        }
    }

    pub fn data(self) -> Result<Data, Box<dyn Error>> {
        match self {
            Self::Quickstart => digits(usize::MAX),
            Self::Tiny => digits(256),
            Self::ResNet18 => Ok(noise()),
        }
    }
}

/// As many of the handwritten digits, in batches of 32.
fn digits(count: usize) -> Result<Data, Box<dyn Error>> {
    let data = datasets::load(&Source::Digits, 1)?;
    let train = &data.train[..data.train.len().min(count)];
    let device = Device::flex().autodiff();
    let batches = train.chunks(32).map(|pictures| batch(&data, pictures, &device)).collect();
    let probe = &data.valid[..data.valid.len().min(128)];
    Ok(Data {
        batches,
        probe: batch(&data, probe, &Device::flex()).0,
        labels: probe.iter().map(|picture| picture.label).collect(),
        classes: data.class_names.len(),
        channels: data.shape[0],
    })
}

fn batch(data: &DataSet, pictures: &[Picture], device: &Device) -> (Tensor<4>, Tensor<1, Int>) {
    let [channels, height, width] = data.shape;
    let pixels: Vec<f32> = pictures.iter().flat_map(|picture| data.normalised(picture)).collect();
    let labels: Vec<i64> = pictures.iter().map(|picture| picture.label as i64).collect();
    let shape = [pictures.len(), channels, height, width];
    let labels = TensorData::new(labels, [pictures.len()]);
    (Tensor::from_data(TensorData::new(pixels, shape), device), Tensor::from_data(labels, device))
}

/// Images of noise: how fast a network is does not depend on what it sees.
fn noise() -> Data {
    let (device, classes) = (Device::flex().autodiff(), 10);
    device.seed(1);
    let images = |count: usize, device: &Device| {
        Tensor::random([count, 3, 64, 64], burn::tensor::Distribution::Normal(0.0, 1.0), device)
    };
    let labels = |count: usize| (0..count).map(|image| image % classes).collect::<Vec<_>>();
    let batches = (0..6).map(|_| {
        let numbers: Vec<i64> = labels(16).into_iter().map(|label| label as i64).collect();
        (images(16, &device), Tensor::from_data(TensorData::new(numbers, [16]), &device))
    });
    let batches = batches.collect();
    Data { batches, probe: images(128, &Device::flex()), labels: labels(128), classes, channels: 3 }
}

/// A network of the user's own.
pub trait Network: Module + 'static {
    fn forward(&self, images: Tensor<4>) -> Tensor<2>;
}

impl Network for Net {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.forward(images)
    }
}

/// Two convolutions of eight maps.
#[derive(Module, Debug)]
pub struct Tiny {
    conv1: Conv2d,
    conv2: Conv2d,
    head: Linear,
}

impl Tiny {
    pub fn new(channels: usize, classes: usize, device: &Device) -> Self {
        let conv = |from| Conv2dConfig::new([from, 8], [3, 3]).init(device);
        let (conv1, conv2) = (conv(channels), conv(8));
        Self { conv1, conv2, head: LinearConfig::new(8, classes).init(device) }
    }
}

impl Network for Tiny {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.conv2.forward(relu(self.conv1.forward(images))));
        self.head.forward(x.mean_dims(&[2, 3]).flatten(1, 3))
    }
}

impl Network for ResNet18 {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.forward(images)
    }
}
