//! What watching quickstart's training costs: recording the network, the training thread's time, the
//! analysis, the studies, and the whole training with and without spyhole, in turn.
//!
//! `cargo run --release -p benches --bin first_light [digits|shapes|PATH]`

#![allow(clippy::print_stdout)] // a program for the terminal

#[path = "../../../examples/quickstart/src/batch.rs"]
mod batch;
#[path = "../../../examples/quickstart/src/net.rs"]
mod net;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use burn::data::dataloader::batcher::Batcher;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::TrainStep;
use datasets::{DataSet, Picture, Source};
use spyhole::{ProbeSet, Spyhole, Watch};
use spyhole_graph::Graph;
use spyhole_protocol::{EpochAnalysed, Event};

use crate::batch::{Batch, Item, Stack};
use crate::net::Net;

const EPOCHS: usize = 10;
const PAIRS: usize = 5;
const PROBE_IMAGES: usize = 128;

fn main() -> Result<(), Box<dyn Error>> {
    let source: Source = std::env::args().nth(1).unwrap_or_else(|| "digits".into()).parse()?;
    let data = datasets::load(&source, 1)?;
    let device = Device::flex().autodiff();
    let model = || {
        device.seed(1);
        Net::new(data.shape[0], data.class_names.len(), &device)
    };
    let batches: Vec<_> =
        data.train.chunks(32).map(|pictures| batch(&data, pictures, &device)).collect();

    let net = model();
    let forward = |net: &Net, images| net.forward(images);
    let capture = times(50, || Graph::capture(&net, data.shape, forward).map(drop))?;
    println!("{}: {} training images, {} epochs", data.name, data.train.len(), EPOCHS);
    println!("recording the network      {:>8.2} ms (median of 50)", milliseconds(capture));

    let (mut bare, mut watched, mut on_thread) = (vec![], vec![], vec![]);
    let mut last_run = None;
    for _ in 0..PAIRS {
        bare.push(train(model(), &batches, None));
        let dir = tempfile::tempdir()?;
        let pictures = &data.valid[..data.valid.len().min(PROBE_IMAGES)];
        let probe = ProbeSet::new(batch(&data, pictures, &Device::flex()).images)
            .labels(pictures.iter().map(|picture| picture.label));
        let spyhole = Spyhole::builder(dir.path(), probe).build()?;
        let net = model();
        let watch = spyhole.watch(&net, forward)?;
        watched.push(train(net, &batches, Some(&watch)));
        on_thread.push(watch.time_on_training_thread() / (EPOCHS as u32 + 1));
        watch.finish();
        let records = spyhole.log().records_after(0, usize::MAX)?;
        // Closed, so that all of it is in the one file.
        drop(spyhole);
        let bytes = std::fs::metadata(dir.path().join("run.sqlite"))?.len();
        last_run = Some((records, bytes));
    }
    println!(
        "training thread, per epoch {:>8.3} ms (median of {PAIRS} runs)",
        milliseconds(median(on_thread))
    );
    if let Some((records, bytes)) = last_run {
        let (mut analyses, mut used) = (vec![], vec![]);
        let (mut left_out, mut dropped) = (0, 0);
        let mut studies: BTreeMap<_, BTreeMap<_, f64>> = BTreeMap::new();
        for record in records {
            match record.event {
                Event::EpochAnalysed(EpochAnalysed { seconds, parts, .. }) => {
                    if parts.iter().any(|part| part.skipped.is_some()) {
                        left_out += 1;
                    }
                    let cpu: f64 = parts.iter().filter_map(|part| part.cpu_seconds).sum();
                    if parts.iter().any(|part| part.seconds.is_some()) {
                        analyses.push(Duration::from_secs_f64(seconds));
                        used.push(Duration::from_secs_f64(cpu));
                    }
                }
                Event::SnapshotDropped(_) => dropped += 1,
                Event::Study(study) => {
                    let subject = serde_json::to_value(&study.subject)?;
                    let kind = subject["study"].as_str().unwrap_or_default().to_owned();
                    *studies.entry(study.epoch).or_default().entry(kind).or_default() +=
                        study.seconds;
                }
                _ => {}
            }
        }
        let epochs = analyses.len() as u64;
        println!(
            "analysis, per epoch        {:>8.1} ms of CPU time, {:.1} ms by the clock (medians of {epochs} looked at; \
             of {left_out} something was left out, {dropped} dropped)",
            milliseconds(median(used)),
            milliseconds(median(analyses))
        );
        if let Some((epoch, kinds)) = studies.pop_last() {
            let sum: f64 = kinds.values().sum();
            println!("studies, last round        {:>8.1} ms (epoch {epoch}), of these", 1e3 * sum);
            for (kind, seconds) in kinds {
                println!("  {kind:<24} {:>8.1} ms", 1e3 * seconds);
            }
        }
        println!(
            "on disk, per epoch         {:>8.1} KiB",
            bytes as f64 / 1024.0 / epochs.max(1) as f64
        );
    }
    let mut ratios: Vec<_> =
        watched.iter().zip(&bare).map(|(w, b)| w.as_secs_f64() / b.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "training alone             {:>8.2} s (median of {PAIRS})",
        median(bare).as_secs_f64()
    );
    println!("training watched           {:>8.2} s", median(watched).as_secs_f64());
    println!(
        "watched / alone            {:>8.3} (pair by pair: {:.3} to {:.3})",
        ratios[PAIRS / 2],
        ratios[0],
        ratios[PAIRS - 1]
    );
    Ok(())
}

fn batch(data: &DataSet, pictures: &[Picture], device: &Device) -> Batch {
    let item = |picture: &Picture| Item { pixels: data.normalised(picture), label: picture.label };
    Stack { shape: data.shape }.batch(pictures.iter().map(item).collect(), device)
}

fn train(mut net: Net, batches: &[Batch], watch: Option<&Watch<Net>>) -> Duration {
    let start = Instant::now();
    let mut optimizer = SgdConfig::new().init();
    for epoch in 1..=EPOCHS {
        for batch in batches {
            let output = TrainStep::step(&net, batch.clone());
            let gradients: GradientsParams = output.grads;
            net = optimizer.step(0.01, net, gradients);
        }
        if let Some(watch) = watch {
            watch.observe(epoch, &net);
        }
    }
    start.elapsed()
}

fn times<E>(count: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let mut times = vec![];
    for _ in 0..count {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    Ok(median(times))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
