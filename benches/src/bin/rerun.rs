//! What rerun costs on quickstart's network: the hub's thread, the targets' threads, bytes per epoch, the whole training.
//!
//! `cargo run --release -p benches --bin rerun [digits|shapes|PATH]`

#![allow(clippy::print_stdout)] // a program for the terminal

#[path = "../../../examples/quickstart/src/batch.rs"]
mod batch;
#[path = "../../../examples/quickstart/src/net.rs"]
mod net;

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use burn::data::dataloader::batcher::Batcher;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::TrainStep;
use datasets::{DataSet, Picture, Source};
use spyhole::{ProbeSet, Rerun, Spyhole, Studies};
use spyhole_protocol::{Event, Record, Status};
use spyhole_sink::rerun::{RerunSink, export};
use spyhole_sink::{Attached, RunLog, Sink, SinkResult};

use crate::batch::{Batch, Item, Stack};
use crate::net::Net;

const EPOCHS: usize = 20;
const PROBE_IMAGES: usize = 128;

/// What was measured.
#[derive(Clone, Debug, Default)]
struct Measured {
    /// On the hub's thread.
    on_hub: Duration,
    records: u32,
    /// By target, on its own thread.
    spent: Vec<(String, Duration)>,
    closing: Duration,
}

/// The sink with a clock around it.
struct Clocked(RerunSink, Arc<Mutex<Measured>>);

impl Clocked {
    fn note(&self, note: impl FnOnce(&mut Measured)) {
        if let Ok(mut measured) = self.1.lock() {
            note(&mut measured);
        }
    }
}

impl Sink for Clocked {
    fn name(&self) -> &str {
        "rerun"
    }

    fn deliver(&mut self, record: &Record, attached: &Attached) -> SinkResult {
        let begun = Instant::now();
        let result = self.0.deliver(record, attached);
        let took = begun.elapsed();
        self.note(|measured| {
            (measured.on_hub, measured.records) = (measured.on_hub + took, measured.records + 1)
        });
        result
    }

    fn status(&mut self, status: &Status) -> SinkResult {
        let begun = Instant::now();
        let result = self.0.status(status);
        let took = begun.elapsed();
        self.note(|measured| measured.on_hub += took);
        result
    }

    fn troubles(&mut self) -> Vec<String> {
        self.0.troubles()
    }

    fn close(&mut self) -> SinkResult {
        let begun = Instant::now();
        let result = self.0.close();
        let took = begun.elapsed();
        self.note(|measured| (measured.closing, measured.spent) = (took, self.0.time_spent()));
        result
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let source: Source = std::env::args().nth(1).unwrap_or_else(|| "digits".into()).parse()?;
    let data = datasets::load(&source, 1)?;
    let temp = tempfile::tempdir()?;
    let file = temp.path().join("live.rrd");
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();

    let (without, ..) = train(&data, &temp.path().join("without"), None)?;
    let dir = temp.path().join("with");
    let (with, measured) = train(&data, &dir, Some(Rerun::default().save(&file).serve(port)))?;

    let log = RunLog::open(&dir)?;
    let records = log.records_after(0, usize::MAX)?;
    let faults = records.iter().filter(|record| matches!(record.event, Event::Fault(_))).count();
    let begun = Instant::now();
    let exported = temp.path().join("exported.rrd");
    let done = export(&log, &exported)?;
    let exporting = begun.elapsed();

    let epochs = (EPOCHS + 1) as f64; // with the untrained network
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3 / epochs;
    let kib = |bytes: u64| bytes as f64 / 1024.0 / epochs;
    println!("{}: {EPOCHS} epochs, a round of studies every fifth; {faults} faults", data.name);
    println!(
        "training without / with      {:>8.2} / {:.2} s",
        without.as_secs_f64(),
        with.as_secs_f64()
    );
    println!(
        "hub's thread, per epoch      {:>8.3} ms ({} records)",
        milliseconds(measured.on_hub),
        measured.records
    );
    for (name, spent) in &measured.spent {
        let kind = name.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        println!("{kind}: own thread, per epoch {:>8.2} ms", milliseconds(*spent));
    }
    println!("closing, once                {:>8.2} ms", measured.closing.as_secs_f64() * 1e3);
    println!("live recording, per epoch    {:>8.1} KiB", kib(std::fs::metadata(&file)?.len()));
    println!(
        "exported, per epoch          {:>8.1} KiB, in {:.2} ms",
        kib(done.bytes),
        milliseconds(exporting)
    );
    println!(
        "run store, per epoch         {:>8.1} KiB",
        kib(std::fs::metadata(dir.join("run.sqlite"))?.len())
    );
    Ok(())
}

fn train(
    data: &DataSet,
    dir: &Path,
    rerun: Option<Rerun>,
) -> Result<(Duration, Measured), Box<dyn Error>> {
    let device = Device::flex().autodiff();
    device.seed(1);
    let mut net = Net::new(data.shape[0], data.class_names.len(), &device);
    let batches: Vec<_> =
        data.train.chunks(32).map(|pictures| batch(data, pictures, &device)).collect();
    let pictures = &data.valid[..data.valid.len().min(PROBE_IMAGES)];
    let probe = ProbeSet::new(batch(data, pictures, &Device::flex()).images)
        .labels(pictures.iter().map(|picture| picture.label));
    // Every fifth epoch, whatever it costs, so that two runs record the same.
    let studies = Studies { every: 5, share: 1.0, ..Studies::default() };
    let measured = Arc::new(Mutex::new(Measured::default()));
    let mut builder = Spyhole::builder(dir, probe).studies(studies).queue(EPOCHS).budget(1.0);
    if let Some(rerun) = rerun {
        builder = builder.sink(Clocked(rerun.start(dir)?, measured.clone()));
    }
    let spyhole = builder.build()?;
    let watch = spyhole.watch(&net, |net: &Net, images| net.forward(images))?;
    let begun = Instant::now();
    let mut optimizer = SgdConfig::new().init();
    for epoch in 1..=EPOCHS {
        for batch in &batches {
            let output = TrainStep::step(&net, batch.clone());
            let gradients: GradientsParams = output.grads;
            net = optimizer.step(0.05, net, gradients);
        }
        watch.observe(epoch, &net);
    }
    let took = begun.elapsed();
    watch.finish();
    drop(spyhole);
    let measured = measured.lock().map(|measured| measured.clone()).unwrap_or_default();
    Ok((took, measured))
}

fn batch(data: &DataSet, pictures: &[Picture], device: &Device) -> Batch {
    let item = |picture: &Picture| Item { pixels: data.normalised(picture), label: picture.label };
    Stack { shape: data.shape }.batch(pictures.iter().map(item).collect(), device)
}
