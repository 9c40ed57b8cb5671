//! A small training in a process of its own, watched or not, for tests of faults:
//! `tiny RUN_DIR|- WEIGHTS_FILE [key=value…]`. It says nothing but what `gated` and `url` ask for, so that
//! whatever else appears on its terminal is spyhole's.
//!
//! | option | meaning |
//! |---|---|
//! | `epochs=5` | how many to train |
//! | `gated` | before each epoch, wait for a line on the standard input |
//! | `url`, `port=0` | print the dashboard's address first |
//! | `memory` | print the most memory that was held, in MiB, at the end |
//! | `ceiling=256` | memory that spyhole may take, in MiB; without it there is no ceiling |
//! | `batch=16` | images to train on |
//! | `spoil=nan`, `spoil=inf` | the learning rate of the second epoch |
//! | `maps=4096` `kernel=1` `side=64` `images=12` | form of the second layer, and the images |
//! | `show=panics`, `hangs`, `pruned` | what spyhole is given from the second epoch on |
//! | `sink=fails`, `panics`, `hangs` | a further sink that does so |
//! | `shown=8` | maps of each layer that are followed, and the strongest that are shown |
//! | `no-studies` | leave the studies out |
//! | `patience=60` | seconds that the end may take |
//! | `pause=0` | milliseconds between epochs |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for tests")]

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use burn::module::Module;
use burn::tensor::Device;
use end_to_end::net::{Fill, bits};
use end_to_end::stubborn::{Manner, Stubborn};
use end_to_end::tiny::{SIDE, Tiny, Training, bars};
use spyhole::{ProbeSet, Split, Spyhole, Studies, Watch};
use spyhole_protocol::Record;
use spyhole_sink::{Attached, RunLog, Sink, SinkResult};

struct Options(HashMap<String, String>);

impl Options {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    fn number(&self, key: &str, default: usize) -> usize {
        self.0.get(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

/// Takes two records, then no more.
struct Misbehaving {
    how: String,
    taken: u32,
}

impl Sink for Misbehaving {
    fn name(&self) -> &str {
        "a sink of mine"
    }

    fn deliver(&mut self, _record: &Record, _attached: &Attached) -> SinkResult {
        self.taken += 1;
        match self.how.as_str() {
            _ if self.taken <= 2 => Ok(()),
            "fails" => Err("no more paper".into()),
            "panics" => panic!("out of ink"),
            _ => loop {
                std::thread::park();
            },
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, weights, options @ ..] = arguments.as_slice() else {
        return Err("usage: tiny RUN_DIR|- WEIGHTS_FILE [key=value…]".into());
    };
    let split = |option: &String| {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        (key.to_owned(), value.to_owned())
    };
    let options = Options(options.iter().map(split).collect());

    let device = Device::flex();
    device.seed(3);
    let autodiff = device.clone().autodiff();
    let (side, images) = (options.number("side", SIDE), options.number("images", 12));
    let form = [4, options.number("maps", 4)];
    let mut net = Tiny::with_maps(form, options.number("kernel", 3), &autodiff);
    let mut training = Training::new(options.number("batch", 16), side, &autodiff);

    let watched = match dir.as_str() {
        "-" => None,
        dir => Some(start(Path::new(dir), &net, &options, (images, side), &device)?),
    };
    let first = match &watched {
        Some((_, _, first)) => *first,
        None => 1,
    };
    for epoch in first..first + options.number("epochs", 5) {
        if options.has("gated") {
            std::io::stdin().read_line(&mut String::new())?;
        }
        let loss;
        let rate = match options.text("spoil") {
            "nan" if epoch == 2 => f64::NAN,
            "inf" if epoch == 2 => f64::INFINITY,
            _ => 0.1,
        };
        (net, loss) = training.epoch(net, rate);
        if let Some((_, watch, _)) = &watched {
            watch.metric(epoch, Split::Train, "Loss", loss);
            watch.observe(epoch, &shown(epoch, &net, options.text("show")));
        }
        std::thread::sleep(Duration::from_millis(options.number("pause", 0) as u64));
    }
    if let Some((spyhole, watch, _)) = watched {
        watch.finish();
        drop(spyhole);
    }
    if options.has("memory") {
        println!("{}", most_memory()?);
    }
    std::fs::write(weights, format!("{:?}", bits(&net.valid())))?;
    Ok(())
}

/// The most memory that this process has held, in MiB, as Linux tells it.
fn most_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024)
}

/// What spyhole is given after an epoch.
fn shown(epoch: usize, net: &Tiny, show: &str) -> Stubborn {
    let manner = match show {
        "panics" if epoch >= 2 => Manner::Panics,
        "hangs" if epoch >= 2 => Manner::Hangs,
        _ => Manner::Works,
    };
    let net = match show {
        "pruned" if epoch >= 2 => pruned(net),
        _ => net.clone(),
    };
    Stubborn { net, manner }
}

/// A network of another form than the one that was recorded, as pruning makes one.
fn pruned(net: &Tiny) -> Tiny {
    let device = net.devices().into_iter().next().unwrap_or_else(Device::flex);
    Tiny::with_maps([3, 2], 3, &device).map(&mut Fill(0.1))
}

type Watched = (Spyhole, Watch<Stubborn>, usize);

/// Starts to watch; the number is the first epoch to train: the run goes on where its records end.
fn start(
    dir: &Path,
    net: &Tiny,
    options: &Options,
    (images, side): (usize, usize),
    device: &Device,
) -> Result<Watched, Box<dyn Error>> {
    let (probe, labels) = bars(images, side, device);
    let probe = ProbeSet::new(probe).labels(labels).class_names(["rows", "columns"]);
    let every = if options.has("no-studies") { 0 } else { 2 };
    let studies = Studies { every, share: 1.0, ..Studies::default() };
    let shown = options.number("shown", 8);
    let mut builder = Spyhole::builder(dir, probe)
        .followed_maps(shown)
        .strongest_maps(shown)
        .queue(100)
        .budget(1.0)
        .studies(studies)
        .patience(Duration::from_secs(options.number("patience", 60) as u64));
    if options.has("ceiling") {
        builder = builder.memory(options.number("ceiling", 256) << 20);
    }
    if options.has("sink") {
        builder = builder.sink(Misbehaving { how: options.text("sink").into(), taken: 0 });
    }
    builder = match options.has("url") {
        true => builder.port(options.number("port", 0) as u16),
        false => builder.no_dashboard(),
    };
    let spyhole = builder.build()?;
    if let Some(url) = spyhole.url() {
        println!("{url}");
    }
    let first = last_epoch(&spyhole.log())? + 1;
    let model = Stubborn { net: net.clone(), manner: Manner::Works };
    let watch = spyhole.watch(&model, |model, x| model.net.forward(x))?;
    watch.epochs(first, Some(first + options.number("epochs", 5) - 1));
    Ok((spyhole, watch, first))
}

fn last_epoch(log: &RunLog) -> Result<usize, Box<dyn Error>> {
    let mut last = 0;
    log.each_of_kinds(&["epoch_analysed"], |event| {
        if let spyhole_protocol::Event::EpochAnalysed(analysed) = event {
            last = last.max(analysed.epoch as usize);
        }
    })?;
    Ok(last)
}
