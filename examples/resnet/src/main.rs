//! A ResNet-18 on CIFAR-10, or on a folder of your own images, with burn-train: residual blocks, batch norm,
//! augmentation.
//!
//! ```text
//! cargo run --release -p resnet -- --epochs 1 --images 500             # a try, on drawn shapes
//! cargo run --release -p resnet -- --data PATH/cifar-10-batches-bin    # CIFAR-10, the binary version
//! cargo run --release -p resnet -- --data PATH --width 64              # your images, the full ResNet-18
//! ```
//!
//! One line of the training is spyhole's: `launch_watched` in the place of `launch`. On the page, `blocks.0` and so
//! on are the sums of the residual blocks, `blocks.0.first.conv` the activations within; *Filters* shows the stem as
//! colour pictures and the deeper ones as patterns, *Settling* which stages are done first.
//!
//! `--width` is the number of channels of the first stage: 16 by default, for a CPU; ResNet-18 has 64. CIFAR-10 as a
//! whole takes about 1.5 GB of memory here.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

mod augment;
mod net;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataset::InMemDataset;
use burn::optim::SgdConfig;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::optim::momentum::MomentumConfig;
use burn::prelude::*;
use burn::train::SupervisedTraining;
use burn::train::metric::{AccuracyMetric, LossMetric};
use clap::Parser;
use datasets::Source;
use spyhole::{LaunchWatched, Spyhole};

use crate::augment::Augment;
use crate::net::ResNet;

const BATCH: usize = 64;

#[derive(Parser, Debug)]
struct Args {
    /// `shapes` (drawn, 32×32 colour), `digits`, a folder with CIFAR-10's `data_batch_1.bin` …, or a folder of
    /// images in class sub-folders
    #[arg(long, default_value = "shapes")]
    data: Source,
    /// Train on so many images at most
    #[arg(long)]
    images: Option<usize>,
    /// Channels of the first stage
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    width: u16,
    /// How often to go through the training images
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    epochs: u16,
    /// Learning rate at the start; it falls to 0 along a cosine
    #[arg(long, default_value_t = 0.05)]
    learning_rate: f64,
    /// Where to record the run [default: a new directory under `runs`]
    #[arg(long)]
    run_dir: Option<PathBuf>,
    /// End after training instead of keeping the dashboard up until Ctrl-C
    #[arg(long)]
    exit: bool,
}

fn main() -> ExitCode {
    batches::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut data = datasets::load(&args.data, 1)?;
    data.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    if let Some(images) = args.images {
        data.train.truncate(images.max(1));
        data.valid.truncate(images.max(1));
    }
    println!(
        "{}: {} images to train on, {} to validate with, {} classes",
        data.name,
        data.train.len(),
        data.valid.len(),
        data.class_names.len()
    );
    let device = Device::flex();
    device.seed(1);
    let device = device.autodiff();
    let model =
        ResNet::new(data.shape[0], usize::from(args.width), data.class_names.len(), &device);

    let run_dir = batches::run_dir(args.run_dir.as_deref(), "resnet");
    let spyhole = Spyhole::builder(&run_dir, batches::probe(&data))
        .gallery(batches::gallery(&data, BATCH))
        .build()?;
    println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));

    let epochs = usize::from(args.epochs);
    let steps = data.train.len().div_ceil(BATCH) * epochs;
    let rate = CosineAnnealingLrSchedulerConfig::new(args.learning_rate, steps).init()?;
    let optimizer = SgdConfig::new()
        .with_momentum(Some(MomentumConfig::new().with_momentum(0.9)))
        .with_weight_decay(Some(WeightDecayConfig::new(5e-4)))
        .init();
    let train = DataLoaderBuilder::new(Augment::new(data.shape, 1))
        .batch_size(BATCH)
        .shuffle(1)
        .build(InMemDataset::new(batches::items(&data, &data.train)));
    let training = SupervisedTraining::new(&run_dir, train, batches::validation(&data, BATCH))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_default_checkpointers()
        .early_stopping(spyhole.early_stopping())
        .num_epochs(epochs);
    let forward = |net: &ResNet, images| net.forward(images);
    let result = training.launch_watched(&spyhole, model, optimizer, rate, forward)?;
    if let Some(error) = result.error {
        return Err(format!("the training failed: {error}").into());
    }
    batches::recorded(&spyhole.log().place(), args.exit);
    Ok(())
}
