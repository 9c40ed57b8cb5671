//! Transfer learning: a new head on a frozen backbone, with burn-train.
//!
//! ```text
//! cargo run --release -p transfer                                   # pretrains on shapes, then learns digits
//! cargo run --release -p transfer -- --backbone FILE.bpk            # the backbone that an earlier run has written
//! cargo run --release -p transfer --features store -- --backbone FILE.pt   # or .safetensors, from PyTorch
//! ```
//!
//! The backbone's weights come from a file; without one, it is trained on drawn shapes first, and written to
//! `RUN_DIR/backbone.bpk`. Then it is frozen, batch norm included, and a linear head on it learns other images.
//!
//! On the page: *Settling* says that conv1, conv2 and conv3 are frozen (not that they have settled, nor that they are
//! dead); *Health* has a distance from the start of exactly 0. *Evolution* shows whether filters that were learned
//! from other images answer to something in these. The layers are marked as frozen, and rules about learning, such as
//! `stuck-at-start`, leave them out.
//!
//! # Freezing
//!
//! `freeze()` stops all of a module's training behaviour: its parameters take no gradients, and its batch norms use
//! their running statistics without renewing them. `no_grad()` only stops the gradients: batch norms keep normalising
//! with each batch's statistics and keep moving the running ones, so that the frozen layers' activations change although
//! no weight does: *Settling* shows that, and does not call them frozen.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

mod net;
mod weights;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use burn::optim::AdamWConfig;
use burn::prelude::*;
use burn::train::SupervisedTraining;
use burn::train::metric::{AccuracyMetric, LossMetric};
use clap::Parser;
use datasets::{DataSet, Source, shapes};
use spyhole::{LaunchWatched, Spyhole};

use crate::net::Net;

const BATCH: usize = 32;

#[derive(Parser, Debug)]
struct Args {
    /// Weights of the backbone: .bpk, or with the feature `store` .pt, .pth and .safetensors [default: trains it]
    #[arg(long)]
    backbone: Option<PathBuf>,
    /// Epochs of that training
    #[arg(long, default_value_t = 5)]
    pretrain_epochs: u32,
    /// Drawn shapes for it
    #[arg(long, default_value_t = shapes::TRAIN)]
    pretrain_images: usize,
    /// What the head learns: `digits`, `shapes`, or a folder of images in class sub-folders
    #[arg(long, default_value = "digits")]
    data: Source,
    /// How often the head goes through the training images
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
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
    let data = in_colour(datasets::load(&args.data, 1)?);
    data.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    let device = Device::flex();
    device.seed(1);
    let device = device.autodiff();
    let run_dir = batches::run_dir(args.run_dir.as_deref(), "transfer");

    let backbone = match &args.backbone {
        Some(file) => weights::load(file, &device)?,
        None => {
            println!("training the backbone on {} drawn shapes", args.pretrain_images);
            let trained = weights::pretrained(args.pretrain_images, args.pretrain_epochs, &device)?;
            let file = run_dir.join("backbone.bpk");
            std::fs::create_dir_all(&run_dir)?;
            // A validation copy: clones share the running statistics of batch norm.
            trained.valid().save_file(&file)?;
            println!("the backbone is in {}", file.display());
            weights::load(&file, &device)?
        }
    };
    let model = Net::new(backbone.freeze(), data.class_names.len(), &device);

    let spyhole = Spyhole::builder(&run_dir, batches::probe(&data))
        .gallery(batches::gallery(&data, BATCH))
        .build()?;
    println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));

    let train = batches::training(&data, BATCH, 1);
    let training = SupervisedTraining::new(&run_dir, train, batches::validation(&data, BATCH))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .early_stopping(spyhole.early_stopping())
        .num_epochs(args.epochs as usize);
    let forward = |net: &Net, images| net.forward(images);
    let optimizer = AdamWConfig::new().init();
    let result = training.launch_watched(&spyhole, model, optimizer, 1e-2, forward)?;
    if let Some(error) = result.error {
        return Err(format!("the training failed: {error}").into());
    }
    batches::recorded(&spyhole.log().place(), args.exit);
    Ok(())
}

/// Grey pictures with their channel three times: the backbone takes colours.
fn in_colour(mut data: DataSet) -> DataSet {
    if data.shape[0] == 1 {
        data.shape[0] = 3;
        for picture in data.train.iter_mut().chain(&mut data.valid) {
            picture.pixels = picture.pixels.repeat(3);
        }
        (data.mean, data.deviation) = (data.mean.repeat(3), data.deviation.repeat(3));
    }
    data
}
