//! One training, alone or watched, in a process of its own.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use benches::nets::ResNet18;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use spyhole::{ProbeSet, Split, Spyhole, SpyholeBuilder, Watch};
use spyhole_protocol::{Analysis, Event, Fault};

use crate::clients::Clients;
use crate::net::Net;
use crate::workloads::{Data, Network, Tiny, Workload};

/// Epochs before the clock starts.
const WARM_UP: usize = 1;

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Alone,
    Watched,
    /// With fifty dashboards that read everything.
    Clients,
    /// With a dashboard that reads nothing.
    Stalled,
    /// With a recording for rerun, which counts among the bytes on disk.
    Rerun,
}

impl Side {
    pub fn name(&self) -> &str {
        match self {
            Self::Alone => "alone",
            Self::Watched => "watched",
            Self::Clients => "clients",
            Self::Stalled => "stalled",
            Self::Rerun => "rerun",
        }
    }

    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "watched" => Ok(Self::Watched),
            "clients" => Ok(Self::Clients),
            "stalled" => Ok(Self::Stalled),
            "rerun" if cfg!(feature = "rerun") => Ok(Self::Rerun),
            "rerun" => Err("compile with --features rerun".into()),
            other => Err(format!("there is no side {other}; see --help")),
        }
    }
}

#[cfg(feature = "rerun")]
fn with_rerun(builder: SpyholeBuilder, dir: &Path) -> Result<SpyholeBuilder, Box<dyn Error>> {
    let rerun = spyhole::Rerun::default().save(dir.join("run.rrd"));
    Ok(builder.sink(rerun.start(dir)?))
}

#[cfg(not(feature = "rerun"))]
fn with_rerun(_: SpyholeBuilder, _: &Path) -> Result<SpyholeBuilder, Box<dyn Error>> {
    Err("compile with --features rerun".into())
}

/// What a process has measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Of the training, without what comes before and after.
    pub seconds: f64,
    pub epochs: usize,
    /// Milliseconds on the training thread, each epoch.
    pub on_thread: Vec<f64>,
    /// MiB.
    pub peak_memory: f64,
    /// KiB per epoch.
    pub on_disk: f64,
    /// The share of epochs that each analysis was made for.
    pub made: BTreeMap<String, f64>,
    pub dropped: u64,
    pub studies: usize,
    /// Shares of the time, as the budget has it.
    pub used: [f64; 2],
}

/// Whether it only says that there was no time for the rest.
fn is_after_the_end(fault: &Fault) -> bool {
    fault.message.contains("the end of training")
}

/// `child WORKLOAD SIDE LONGER BUDGET`
pub fn child(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [workload, side, longer, budget] = arguments else { return Err("four arguments".into()) };
    let workload = Workload::parse(workload)?;
    let side = match side.as_str() {
        "alone" => Side::Alone,
        name => Side::parse(name)?,
    };
    let data = workload.data()?;
    let epochs = ((workload.epochs() as f64 * longer.parse::<f64>()?).round() as usize).max(1);
    let device = Device::flex().autodiff();
    device.seed(1);
    let (channels, classes) = (data.channels, data.classes);
    let job = Job { data, epochs, side, budget: budget.parse().ok() };
    let measured = match workload {
        Workload::Quickstart => job.run(Net::new(channels, classes, &device))?,
        Workload::ResNet18 => job.run(ResNet18::new(classes, &device))?,
        Workload::Tiny => job.run(Tiny::new(channels, classes, &device))?,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

struct Job {
    data: Data,
    epochs: usize,
    side: Side,
    budget: Option<f64>,
}

impl Job {
    fn run<N: Network>(&self, net: N) -> Result<Measured, Box<dyn Error>> {
        if self.side == Side::Alone {
            let (seconds, _) = self.train(net, None);
            let peak_memory = peak_memory()?;
            return Ok(Measured {
                seconds,
                epochs: self.epochs,
                peak_memory,
                ..Measured::default()
            });
        }
        let dir = tempfile::tempdir()?;
        let probe = ProbeSet::new(self.data.probe.clone()).labels(self.data.labels.iter().copied());
        // What comes after the training is not measured.
        let builder = Spyhole::builder(dir.path(), probe).patience(Duration::from_secs(5));
        let builder = self.budget.into_iter().fold(builder, SpyholeBuilder::budget);
        let builder = match self.side {
            Side::Rerun => with_rerun(builder, dir.path())?,
            _ => builder,
        };
        let spyhole = builder.build()?;
        let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
        watch.epochs(1, Some(self.epochs + WARM_UP));
        let url = spyhole.url().unwrap_or_default();
        let clients = match self.side {
            Side::Clients => Some(Clients::start(url, 50, true)?),
            Side::Stalled => Some(Clients::start(url, 1, false)?),
            _ => None,
        };
        let (seconds, on_thread) = self.train(net, Some(&watch));
        watch.finish();
        drop(clients);
        let status = spyhole.log().status()?;
        let budget = status.and_then(|status| status.budget);
        let mut measured = Measured {
            seconds,
            epochs: self.epochs,
            on_thread,
            used: budget.map_or([0.0; 2], |budget| [budget.used, budget.studies_used]),
            ..Measured::default()
        };
        self.count(&spyhole, &mut measured)?;
        // Closed, so that all of it is in the one file.
        drop(spyhole);
        measured.peak_memory = peak_memory()?;
        measured.on_disk = kibibytes(dir.path())? / (self.epochs + WARM_UP + 1) as f64;
        Ok(measured)
    }

    /// Seconds of all epochs but the first, and what each spent on being watched.
    fn train<N: Network>(&self, mut net: N, watch: Option<&Watch<N>>) -> (f64, Vec<f64>) {
        let mut optimizer = SgdConfig::new().init();
        let loss = CrossEntropyLossConfig::new().init(&Device::flex().autodiff());
        let (mut start, mut on_thread) = (Instant::now(), vec![]);
        for epoch in 1..=self.epochs + WARM_UP {
            if epoch == WARM_UP + 1 {
                (start, on_thread) = (Instant::now(), vec![]);
            }
            let mut sum = 0.0;
            for (images, labels) in &self.data.batches {
                let loss = loss.forward(net.forward(images.clone()), labels.clone());
                let gradients = GradientsParams::from_grads(loss.backward(), &net);
                net = optimizer.step(0.01, net, gradients);
                sum += loss.into_scalar::<f32>();
            }
            if let Some(watch) = watch {
                let begin = Instant::now();
                let loss = f64::from(sum) / self.data.batches.len() as f64;
                watch.metric(epoch, Split::Train, "Loss", loss);
                watch.observe(epoch, &net);
                on_thread.push(begin.elapsed().as_secs_f64() * 1e3);
            }
        }
        (start.elapsed().as_secs_f64(), on_thread)
    }

    /// How much was seen.
    fn count(&self, spyhole: &Spyhole, measured: &mut Measured) -> Result<(), Box<dyn Error>> {
        let all = (self.epochs + WARM_UP + 1) as f64;
        for record in spyhole.log().records_after(0, usize::MAX)? {
            match &record.event {
                Event::EpochAnalysed(analysed) => {
                    for part in analysed.parts.iter().filter(|part| part.seconds.is_some()) {
                        if part.analysis != Analysis::Forward {
                            let name = format!("{:?}", part.analysis).to_lowercase();
                            *measured.made.entry(name).or_default() += 1.0 / all;
                        }
                    }
                }
                Event::SnapshotDropped(dropped) => measured.dropped = dropped.total,
                Event::Study(_) => measured.studies += 1,
                Event::Fault(fault) if !is_after_the_end(fault) => {
                    return Err(format!("{}: {}", fault.part, fault.message).into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The most memory that this process has had, in MiB.
fn peak_memory() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: f64 =
        line.and_then(|line| line.split_whitespace().next()).unwrap_or("0").parse()?;
    Ok(kibibytes / 1024.0)
}

fn kibibytes(dir: &Path) -> Result<f64, Box<dyn Error>> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / 1024.0)
}
