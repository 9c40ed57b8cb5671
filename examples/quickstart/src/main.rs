//! Trains a small CNN on real images with burn-train, and shows what its layers learn.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

mod args;
mod batch;
mod net;
mod plain;

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataset::InMemDataset;
use burn::optim::SgdConfig;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::optim::momentum::MomentumConfig;
use burn::prelude::*;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::renderer::MetricsRenderer;
use burn::train::{Interrupter, SupervisedTraining};
use clap::Parser;
use datasets::DataSet;
use spyhole::{Gallery, LaunchWatched, ProbeSet, Spyhole, open_in_browser};

use crate::args::Args;
use crate::batch::{Batch, Item, Stack};
use crate::net::Net;
use crate::plain::Plain;

const BATCH: usize = 32;

/// Validation images that spyhole looks at the layers with.
const PROBE_IMAGES: usize = 256;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let alerts = args.alerts()?;
    let data = datasets::load(&args.data, args.seed)?;
    data.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    println!(
        "{}: {} images to train on, {} to validate with, {} classes",
        data.name,
        data.train.len(),
        data.valid.len(),
        data.class_names.len()
    );

    let device = Device::flex();
    device.seed(args.seed);
    let device = device.autodiff();
    let model = Net::new(data.shape[0], data.class_names.len(), &device);

    // Spyhole: probe images, a run directory, and below one changed line in the training.
    let run_dir = args.run_dir(&data.name);
    let watched = Spyhole::builder(&run_dir, probe(&data))
        .gallery(gallery(&data))
        .alerts(alerts)
        .budget(args.budget)
        .port(args.port);
    #[cfg(feature = "rerun")]
    let watched = watched.sink(args.rerun().start(&run_dir)?);
    let spyhole = watched.build()?;
    let url = spyhole.url().unwrap_or_default().to_owned();
    println!("recording to {}\nwatch it at {url}", run_dir.display());
    if args.open
        && let Err(error) = open_in_browser(&url)
    {
        eprintln!("note: {error}");
    }

    let steps = data.train.len().div_ceil(BATCH) * args.epochs as usize;
    let rate = CosineAnnealingLrSchedulerConfig::new(args.learning_rate, steps).init()?;
    let optimizer = SgdConfig::new()
        .with_momentum(Some(MomentumConfig::new().with_momentum(0.9)))
        .with_weight_decay(Some(WeightDecayConfig::new(5e-4)))
        .init();
    let stack = Stack { shape: data.shape };
    let train = DataLoaderBuilder::new(stack.clone())
        .batch_size(BATCH)
        .shuffle(args.seed)
        .build(InMemDataset::new(items(&data, &data.train)));
    let valid = DataLoaderBuilder::new(stack)
        .batch_size(BATCH)
        .build(InMemDataset::new(items(&data, &data.valid)));
    let training = SupervisedTraining::new(&run_dir, train, valid)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_default_checkpointers()
        .early_stopping(spyhole.early_stopping())
        .num_epochs(args.epochs as usize);
    let interrupted = interrupt_on_ctrl_c(training.interrupter())?;

    let tui = !args.no_tui && std::io::stdout().is_terminal();
    let renderer = (!tui).then(|| Box::new(Plain::default()) as Box<dyn MetricsRenderer>);
    let forward = |net: &Net, images| net.forward(images);
    let result =
        training.launch_watched_with(renderer, &spyhole, model, optimizer, rate, forward)?;
    drop(result.renderer);

    if let Some(error) = result.error {
        return Err(format!("the training failed: {error}").into());
    }
    println!("recorded to {}", spyhole.log().place().display());
    if !args.exit && result.interrupted.is_none() {
        println!("the dashboard stays at {url} until Ctrl-C");
        // An error means that nobody can send any more: end as well.
        let _ = interrupted.recv();
    }
    Ok(())
}

fn items(data: &DataSet, pictures: &[datasets::Picture]) -> Vec<Item> {
    let item = |picture: &datasets::Picture| Item {
        pixels: data.normalised(picture),
        label: picture.label,
    };
    pictures.iter().map(item).collect()
}

/// The first validation images, in the order of the data set, which mixes the classes.
fn probe(data: &DataSet) -> ProbeSet {
    let count = data.valid.len().min(PROBE_IMAGES);
    let items = items(data, &data.valid[..count]);
    let labels: Vec<_> = items.iter().map(|item| item.label).collect();
    let images = Stack { shape: data.shape }.batch(items, &Device::flex()).images;
    ProbeSet::new(images)
        .labels(labels)
        .class_names(data.class_names.clone())
        .normalisation(data.mean.clone(), data.deviation.clone())
}

/// All validation images, by a loader of their own.
fn gallery(data: &DataSet) -> Gallery {
    let loader = DataLoaderBuilder::new(Stack { shape: data.shape })
        .batch_size(BATCH)
        .build(InMemDataset::new(items(data, &data.valid)));
    Gallery::loader("the validation images", loader, |batch: Batch| {
        let labels = batch.labels.into_data().convert::<i64>().try_to_vec::<i64>();
        let labels = labels.unwrap_or_default().into_iter();
        (batch.images, labels.map(|label| label as usize).collect())
    })
}

/// The first Ctrl-C ends the training after the running step, the next one the program.
fn interrupt_on_ctrl_c(interrupter: Interrupter) -> Result<Receiver<()>, ctrlc::Error> {
    let (sender, receiver) = channel();
    ctrlc::set_handler(move || {
        if interrupter.should_stop() || sender.send(()).is_err() {
            std::process::exit(130);
        }
        interrupter.stop(Some("Ctrl-C"));
    })?;
    Ok(receiver)
}
