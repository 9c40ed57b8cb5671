//! A training loop of one's own, with spyhole attached: what to call, and when.
//!
//! ```text
//! cargo run --release -p own-loop
//! cargo run --release -p own-loop -- --command "notify-send spyhole"
//! ```
//!
//! It trains a small CNN on handwritten digits until a rule of its own, `good-enough`, says that it may stop; the
//! rule raises an alert, and the command gets it. On the page: *Training* has the numbers that the loop records
//! itself, *Alerts* the rule and its alert, and *Stop training* ends the loop, because it asks
//! `should_stop`.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

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
use spyhole::{Alerts, Rule, Severity, Split, Spyhole};

#[derive(Parser, Debug)]
struct Args {
    /// Where to record the run [default: a new directory under `runs`]
    #[arg(long)]
    run_dir: Option<PathBuf>,
    /// How often to go through the training images, at most
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Validation accuracy in per cent at which the training ends
    #[arg(long, default_value_t = 97.0)]
    good_enough: f64,
    /// A program and its arguments that gets every alert, as JSON on its standard input
    #[arg(long)]
    command: Option<String>,
    /// End after training instead of keeping the dashboard up until Ctrl-C
    #[arg(long)]
    exit: bool,
}

/// Nothing in it knows of spyhole.
#[derive(Module, Debug)]
struct Net {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    head: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        let conv = |from, to| {
            let config = Conv2dConfig::new([from, to], [3, 3]);
            config.with_padding(PaddingConfig2d::Same).init(device)
        };
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        let head = LinearConfig::new(32 * 4 * 4, 10).init(device);
        Self { conv1: conv(1, 16), conv2: conv(16, 32), pool, head }
    }

    /// Images `[N, 1, 16, 16]` to scores `[N, 10]`.
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
    let run_dir = batches::run_dir(args.run_dir.as_deref(), "own-loop");
    let data = datasets::digits::load(1)?;
    let device = Device::flex();
    device.seed(1);
    let device = device.autodiff();
    let mut net = Net::new(&device);
    let mut optimizer = AdamWConfig::new().init();

    // Rules look at layer statistics, or at metrics by `valid:NAME` and `train:NAME`.
    let rule = Rule::at_least("good-enough", "valid:Accuracy")
        .title("the training may end")
        .info(args.good_enough);
    let mut alerts = Alerts::default().with(rule)?.stop_on("good-enough")?;
    if let Some(command) = &args.command {
        alerts = alerts.command(command.split_whitespace(), Severity::Info)?;
    }
    let spyhole = Spyhole::builder(&run_dir, batches::probe(&data)).alerts(alerts).build()?;
    println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));
    let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
    watch.epochs(1, Some(args.epochs));

    let training = batches::training(&data, 32, 1).to_device(&device);
    let validation = batches::validation(&data, 64);
    for epoch in 1..=args.epochs {
        let (mut losses, mut steps) = (0.0, 0.0);
        for batch in training.iter() {
            let Batch { images, labels } = batch?;
            let loss = CrossEntropyLossConfig::new().init(&device);
            let loss = loss.forward(net.forward(images), labels);
            (losses, steps) = (losses + f64::from(loss.clone().into_scalar::<f32>()), steps + 1.0);
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(2e-3, net, gradients);
        }
        watch.metric(epoch, Split::Train, "Loss", losses / steps);

        let (trained, mut right) = (net.valid(), 0);
        for batch in validation.iter() {
            let Batch { images, labels } = batch?;
            let found = trained.forward(images).argmax(1).flatten::<1>(0, 1);
            right += found.equal(labels).int().sum().into_scalar::<i64>();
        }
        let accuracy = 100.0 * right as f64 / data.valid.len() as f64;
        watch.metric(epoch, Split::Valid, "Accuracy", accuracy);
        println!("epoch {epoch}: loss {:.4}, accuracy {accuracy:.1} %", losses / steps);

        // A snapshot: handles, not copies. It never waits for the analysis of an earlier one.
        watch.observe(epoch, &net);
        if let Some(reason) = watch.should_stop() {
            println!("stopping: {reason}");
            break;
        }
    }
    // Waits for the analysis of the last epochs. Without it the run counts as broken off.
    watch.finish();
    batches::recorded(&spyhole.log().place(), args.exit);
    Ok(())
}
