//! Looks into a trained model without training it: what its layers respond to, in the dashboard.
//!
//! ```text
//! cargo run --release -p quickstart -- --epochs 10 --run-dir runs/first          # something to look into
//! cargo run --release -p inspect -- --model runs/first/checkpoint/model-10.bpk --images digits
//! cargo run --release -p inspect -- --model MODEL.bpk --images FOLDER            # any images
//! cargo run --release -p inspect -- --model model-1.bpk model-5.bpk model-10.bpk --images digits
//! ```
//!
//! The model is the quickstart's network, as burn-train has saved it; for a model of your own, put it in the place of
//! `Net` here. One call does the work: `spyhole.inspect(&model, |net, images| net.forward(images))`; several
//! checkpoints become epochs by `inspect_epochs`. The run has all analyses of a training's epoch and a full round of
//! studies: *Evolution*, *Filters*, *Activations*, *Units*, *Directions*, *Embedding*, *Occlusion*. What needs the weights
//! that the training began with, or an earlier epoch, is left out: *Health* shows no distance from the start, and
//! *Settling* says that nothing can be said.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

mod images;
mod models;
#[path = "../../quickstart/src/net.rs"]
#[allow(dead_code)] // it is trained elsewhere
mod net;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

// The quickstart's network finds its batches in `crate::batch`.
use batches as batch;
use clap::Parser;
use datasets::{Source, folder};
use spyhole::Spyhole;

#[derive(Parser, Debug)]
struct Args {
    /// Weights of the quickstart's network, `model-10.bpk`; several: checkpoints of one training, in order
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    model: Vec<PathBuf>,
    /// A folder of images, in class sub-folders or not; or `digits` or `shapes`, as in the quickstart
    #[arg(long, value_name = "FOLDER")]
    images: Source,
    /// Classes that the model tells apart [default: those of the images]
    #[arg(long)]
    classes: Option<usize>,
    /// Side of the square that images of a folder are resized to
    #[arg(long, default_value_t = folder::SIDE)]
    side: usize,
    /// Where to record the inspection [default: a new directory under `runs`]
    #[arg(long)]
    run_dir: Option<PathBuf>,
    /// End afterwards instead of keeping the dashboard up until Ctrl-C
    #[arg(long)]
    exit: bool,
}

fn main() -> ExitCode {
    batches::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let data = images::load(&args.images, args.side)?;
    data.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    let classes = match (args.classes, data.class_names.len()) {
        (Some(classes), _) => classes,
        (None, 0) => {
            return Err(
                "the images are not sorted into classes, so that it is not known how many classes \
                        the model tells apart: say it with `--classes`"
                    .into(),
            );
        }
        (None, classes) => classes,
    };
    let models = models::load(&args.model, classes)?;
    let data = if models.channels == 1 { images::in_grey(data) } else { data };
    println!(
        "{} images, {}×{}, {} channels",
        data.valid.len(),
        data.shape[1],
        data.shape[2],
        data.shape[0]
    );

    let run_dir = batches::run_dir(args.run_dir.as_deref(), "inspect");
    let spyhole = Spyhole::builder(&run_dir, batches::probe(&data))
        .gallery(batches::gallery(&data, 32))
        .build()?;
    println!("look at it at {}", spyhole.url().unwrap_or("nowhere"));
    match &models.checkpoints[..] {
        [(_, only)] => spyhole.inspect(only, |net, images| net.forward(images))?,
        several => spyhole.inspect_epochs(several.to_vec(), |net, images| net.forward(images))?,
    }
    batches::recorded(&spyhole.log().place(), args.exit);
    Ok(())
}
