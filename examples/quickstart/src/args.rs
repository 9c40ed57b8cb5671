use std::path::{Path, PathBuf};

use clap::Parser;
use datasets::Source;
use spyhole::{AlertError, Alerts, Severity};

/// Train a small CNN on real images and watch what its layers learn.
#[derive(Parser, Debug)]
#[command(version)]
pub struct Args {
    /// Images to train on: `digits` (handwritten, 16×16 grey), `shapes` (drawn, 32×32 colour), or a
    /// folder of images in class sub-folders, with or without `train` and `valid` above them
    #[arg(long, default_value = "digits")]
    pub data: Source,

    /// Where to record the run; an earlier run there is continued [default: a new one under `runs`]
    #[arg(long)]
    run_dir: Option<PathBuf>,

    /// How often to go through the training images
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: u32,

    /// Learning rate at the start; it falls to 0 along a cosine
    #[arg(long, default_value_t = 0.012, value_parser = rate)]
    pub learning_rate: f64,

    /// Largest share of the time for watching. Here every epoch has everything; the library's own default is 0.1
    #[arg(long, default_value_t = 1.0)]
    pub budget: f64,

    /// Rules for alerts and what to do about them, in a TOML file
    #[arg(long, value_name = "FILE")]
    pub alerts: Option<PathBuf>,

    /// End the training when there is an alert of this severity
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub stop_on_alert: Option<Severity>,

    /// Seed of the weights, of the order of the images and of the drawn shapes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Port of the dashboard on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,

    /// Show the run in rerun as well: `save=FILE.rrd`, `spawn` (a viewer), `connect` (to one at its usual address) or
    /// `connect=URL`, `serve=PORT` (viewers come to us). May be given several times
    #[cfg(feature = "rerun")]
    #[arg(long, value_name = "WHERE", value_parser = rerun)]
    rerun: Vec<RerunTarget>,

    /// Show the run in rerun as well: only with `cargo run --release -p quickstart --features rerun`
    #[cfg(not(feature = "rerun"))]
    #[arg(long, value_name = "WHERE", value_parser = no_rerun)]
    rerun: Option<std::convert::Infallible>,

    /// Open the dashboard in the browser
    #[arg(long)]
    pub open: bool,

    /// One line per epoch instead of the full-screen terminal display
    #[arg(long)]
    pub no_tui: bool,

    /// End after training instead of keeping the dashboard up until Ctrl-C
    #[arg(long)]
    pub exit: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("a number above 0, at most 1, is expected".into()),
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    match text {
        "info" => Ok(Severity::Info),
        "warning" => Ok(Severity::Warning),
        "critical" => Ok(Severity::Critical),
        _ => Err("`info`, `warning` or `critical` is expected".into()),
    }
}

#[cfg(not(feature = "rerun"))]
fn no_rerun(_: &str) -> Result<std::convert::Infallible, String> {
    Err("compile it with rerun: `cargo run --release -p quickstart --features rerun -- --rerun …`"
        .into())
}

/// Where rerun is to show the run.
#[cfg(feature = "rerun")]
#[derive(Clone, Debug)]
enum RerunTarget {
    Save(PathBuf),
    Connect(String),
    Spawn,
    Serve(u16),
}

#[cfg(feature = "rerun")]
fn rerun(text: &str) -> Result<RerunTarget, String> {
    let (what, value) =
        text.split_once('=').map_or((text, None), |(what, value)| (what, Some(value)));
    match (what, value) {
        ("save", Some(file)) if !file.is_empty() => Ok(RerunTarget::Save(file.into())),
        ("connect", Some(url)) => Ok(RerunTarget::Connect(url.into())),
        ("connect", None) => Ok(RerunTarget::Connect("rerun+http://127.0.0.1:9876/proxy".into())),
        ("spawn", None) => Ok(RerunTarget::Spawn),
        ("serve", Some(port)) => port
            .parse()
            .map(RerunTarget::Serve)
            .map_err(|_| "`serve=PORT` is expected, a port below 65536".into()),
        _ => {
            Err("`save=FILE.rrd`, `spawn`, `connect`, `connect=URL` or `serve=PORT` is expected"
                .into())
        }
    }
}

impl Args {
    /// Where rerun is to show the run.
    #[cfg(feature = "rerun")]
    pub fn rerun(&self) -> spyhole::Rerun {
        self.rerun.iter().fold(spyhole::Rerun::default(), |rerun, target| match target {
            RerunTarget::Save(file) => rerun.save(file),
            RerunTarget::Connect(url) => rerun.connect(url),
            RerunTarget::Spawn => rerun.spawn(),
            RerunTarget::Serve(port) => rerun.serve(*port),
        })
    }

    /// What raises an alert, and what is done about it.
    pub fn alerts(&self) -> Result<Alerts, AlertError> {
        let mut alerts = Alerts::default();
        if let Some(file) = &self.alerts {
            alerts = alerts.load(file)?;
        }
        Ok(match self.stop_on_alert {
            Some(severity) => alerts.stop_at(severity),
            None => alerts,
        })
    }

    /// The run directory: the one asked for, or the first free one of `runs/NAME-1`, `runs/NAME-2`, …
    pub fn run_dir(&self, name: &str) -> PathBuf {
        self.run_dir.clone().unwrap_or_else(|| {
            let mut number = 1;
            loop {
                let dir = Path::new("runs").join(format!("{name}-{number}"));
                if !dir.exists() {
                    return dir;
                }
                number += 1;
            }
        })
    }
}
