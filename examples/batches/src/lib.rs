//! The examples' data sets as Burn tensors: batches to train on, and probe images for spyhole.

#![allow(clippy::print_stdout, clippy::print_stderr)] // for programs of the terminal

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::prelude::*;
use burn::train::ClassificationOutput;
use datasets::{DataSet, Picture};
use spyhole::{Gallery, ProbeSet};

/// Validation images that spyhole looks at the layers with.
pub const PROBE_IMAGES: usize = 256;

/// A normalised picture and its class.
#[derive(Clone, Debug)]
pub struct Item {
    /// `[channels, height, width]`, row-major.
    pub pixels: Vec<f32>,
    /// Index of the class.
    pub label: usize,
}

/// Pictures side by side.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[N, C, H, W]`
    pub images: Tensor<4>,
    /// `[N]`
    pub labels: Tensor<1, Int>,
}

impl Batch {
    /// Class scores `[N, classes]` of this batch with their cross-entropy, for burn-train.
    pub fn classified(self, scores: Tensor<2>) -> ClassificationOutput {
        let loss = CrossEntropyLossConfig::new().init(&scores.device());
        let loss = loss.forward(scores.clone(), self.labels.clone());
        ClassificationOutput::new(loss, scores, self.labels)
    }
}

/// Puts pictures of one shape side by side.
#[derive(Clone, Debug)]
pub struct Stack {
    /// `[C, H, W]`
    pub shape: [usize; 3],
}

impl Batcher<Item, Batch> for Stack {
    fn batch(&self, items: Vec<Item>, device: &Device) -> Batch {
        let [channels, height, width] = self.shape;
        let labels: Vec<i64> = items.iter().map(|item| item.label as i64).collect();
        let pixels: Vec<f32> = items.into_iter().flat_map(|item| item.pixels).collect();
        let count = labels.len();
        let images = TensorData::new(pixels, [count, channels, height, width]);
        Batch {
            images: Tensor::from_data(images, device),
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
        }
    }
}

/// Pictures, normalised.
pub fn items(data: &DataSet, pictures: &[Picture]) -> Vec<Item> {
    let item = |picture: &Picture| Item { pixels: data.normalised(picture), label: picture.label };
    pictures.iter().map(item).collect()
}

/// Batches of so many pictures, in an order that the seed shuffles in every epoch.
pub fn training(data: &DataSet, batch: usize, seed: u64) -> Arc<dyn DataLoader<Batch>> {
    DataLoaderBuilder::new(Stack { shape: data.shape })
        .batch_size(batch)
        .shuffle(seed)
        .build(InMemDataset::new(items(data, &data.train)))
}

/// The pictures held out, in batches of so many.
pub fn validation(data: &DataSet, batch: usize) -> Arc<dyn DataLoader<Batch>> {
    DataLoaderBuilder::new(Stack { shape: data.shape })
        .batch_size(batch)
        .build(InMemDataset::new(items(data, &data.valid)))
}

/// The first validation images, in the order of the data set, which mixes the classes.
pub fn probe(data: &DataSet) -> ProbeSet {
    let count = data.valid.len().min(PROBE_IMAGES);
    let items = items(data, &data.valid[..count]);
    let labels: Vec<_> = items.iter().map(|item| item.label).collect();
    let images = Stack { shape: data.shape }.batch(items, &Device::flex()).images;
    let probe = ProbeSet::new(images).normalisation(data.mean.clone(), data.deviation.clone());
    if data.class_names.is_empty() {
        return probe;
    }
    probe.labels(labels).class_names(data.class_names.clone())
}

/// All validation images, for the search for what excites each feature map most.
pub fn gallery(data: &DataSet, batch: usize) -> Gallery {
    Gallery::loader("the validation images", validation(data, batch), |batch: Batch| {
        let labels = batch.labels.into_data().convert::<i64>().try_to_vec::<i64>();
        let labels = labels.unwrap_or_default().into_iter();
        (batch.images, labels.map(|label| label as usize).collect())
    })
}

/// The run directory: the one asked for, or the first free one of `runs/NAME-1`, `runs/NAME-2`, …
pub fn run_dir(asked: Option<&Path>, name: &str) -> PathBuf {
    let numbered = |number: u32| Path::new("runs").join(format!("{name}-{number}"));
    let free = || (1..).map(numbered).find(|dir| !dir.exists());
    asked.map(Path::to_path_buf).or_else(free).unwrap_or_else(|| numbered(1))
}

/// Says where the run is recorded and, unless the program is to `exit`, keeps the dashboard up until Ctrl-C.
pub fn recorded(place: &Path, exit: bool) {
    println!("recorded to {}", place.display());
    if exit {
        return;
    }
    println!("the dashboard stays until Ctrl-C");
    loop {
        std::thread::park();
    }
}

/// How an example ends: an error is said in its own words.
pub fn exit_code(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
