//! An analysis and an alert rule of one's own, written outside spyhole's crates.
//!
//! ```text
//! cargo run --release -p extension
//! ```
//!
//! The analysis measures **colour**: how much of a first-layer filter's energy is in the differences between its
//! colour channels, averaged over the filters. The rule raises an alert while a network that is trained on coloured
//! shapes does not use their colours. On the page: *Health* shows `Colour of the filters` as one of the statistics,
//! with its formula; *Alerts* has the rule `colour-blind` with its meaning and advice.
//!
//! # To write your own
//!
//! 1. Describe the number: a [`Statistic`] with a name, a label, what it means, its formula, and how it is scaled.
//! 2. Compute it: a closure from a [`Look`] (the captured graph, the weights after the epoch, the probe images) to
//!    one number per layer. Layers that it says nothing about are left out. `look.graph.forward(look.weights,
//!    look.images.clone())` gives the activations of every layer; `look.graph` also projects back to pixels.
//!    Keep it a pure function of the look, so that a run can be repeated. It runs on the analysis thread: it may
//!    take its time, training does not wait. An error or a panic becomes a fault on the page, no more.
//! 3. Tell [`Alerts::statistic`] of it, so that rules, in code and in TOML files, can look at it.
//! 4. Write the rule: what it compares, from when it is bad, what an alert means and what to do.
//!
//! What is worth having for everybody belongs into `crates/spyhole-probe` (one analysis per file) and
//! `crates/spyhole-alert/src/rules` (one rule per file): CONTRIBUTING.md says how.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

mod colour;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use batches::Batch;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::prelude::*;
use burn::tensor::activation::relu;
use clap::Parser;
use datasets::shapes;
use spyhole::{Alerts, Analysis, Spyhole};
#[cfg(doc)]
use spyhole::{Look, Statistic};

#[derive(Parser, Debug)]
struct Args {
    /// Where to record the run [default: a new directory under `runs`]
    #[arg(long)]
    run_dir: Option<PathBuf>,
    /// How often to go through the training images
    #[arg(long, default_value_t = 10)]
    epochs: usize,
    /// Images to train on
    #[arg(long, default_value_t = shapes::TRAIN)]
    images: usize,
    /// End after training instead of keeping the dashboard up until Ctrl-C
    #[arg(long)]
    exit: bool,
}

#[derive(Module, Debug)]
struct Net {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    head: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        let conv = |from, to, side| {
            let config = Conv2dConfig::new([from, to], [side, side]);
            config.with_padding(PaddingConfig2d::Same).init(device)
        };
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        let head = LinearConfig::new(32 * 8 * 8, 8).init(device);
        Self { conv1: conv(3, 16, 5), conv2: conv(16, 32, 3), pool, head }
    }

    /// Images `[N, 3, 32, 32]` to scores `[N, 8]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.conv1.forward(images)));
        let x = self.pool.forward(relu(self.conv2.forward(x)));
        self.head.forward(x.flatten(1, 3))
    }
}

fn main() -> ExitCode {
    batches::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let run_dir = batches::run_dir(args.run_dir.as_deref(), "extension");
    let data = shapes::draw(args.images, shapes::VALID.min(args.images), 1);
    let device = Device::flex();
    device.seed(1);
    let device = device.autodiff();
    let mut net = Net::new(&device);
    let mut optimizer = AdamWConfig::new().init();

    // The extension: three lines, the rest is in colour.rs.
    let alerts = Alerts::default().statistic(colour::statistic())?.with(colour::rule())?;
    let analysis = Analysis::new(colour::statistic(), colour::of_first_layers);
    let spyhole = Spyhole::builder(&run_dir, batches::probe(&data))
        .alerts(alerts)
        .analysis(analysis)
        .build()?;
    println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));
    let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
    watch.epochs(1, Some(args.epochs));

    let training = batches::training(&data, 32, 1).to_device(&device);
    for epoch in 1..=args.epochs {
        for batch in training.iter() {
            let Batch { images, labels } = batch?;
            let loss = CrossEntropyLossConfig::new().init(&device);
            let loss = loss.forward(net.forward(images), labels);
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(1e-3, net, gradients);
        }
        watch.observe(epoch, &net);
        println!("epoch {epoch} of {}", args.epochs);
    }
    watch.finish();
    batches::recorded(&spyhole.log().place(), args.exit);
    Ok(())
}
