//! What watching a training costs: each training alone and watched, in turn, every one in a process of its own.
//!
//! `cargo run --release -p benches --bin overhead -- --help`

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

#[allow(dead_code)] // for what quickstart loads with it
#[path = "../../../../examples/quickstart/src/batch.rs"]
mod batch;
mod clients;
#[path = "../../../../examples/quickstart/src/net.rs"]
mod net;
mod report;
mod training;
mod workloads;

use std::error::Error;
use std::process::Command;

use crate::report::Rounds;
use crate::training::{Measured, Side};
use crate::workloads::Workload;

const HELP: &str = "\
usage: overhead [WORKLOAD …] [--rounds N] [--longer FACTOR] [--budget SHARE] [--sides A,B,…]
  WORKLOAD       quickstart, resnet18, tiny; default all
  --rounds N     how often every side is run, in turn; default 5, resnet18 3
  --longer F     F times as many epochs; default 1
  --budget S     share of the time for analyses and studies, instead of the default
  --sides A,…    what is compared with the training alone: watched, clients (50 dashboards), stalled (a dashboard that
                 does not read), rerun (a recording; compiled with --features rerun); default the first three";

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    workloads: Vec<Workload>,
    rounds: Option<usize>,
    longer: f64,
    budget: Option<f64>,
    sides: Vec<Side>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("child") => training::child(&arguments[1..]),
        Some("clients") => clients::main(&arguments[1..]),
        Some("--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        _ => compare(&options(&arguments)?),
    }
}

fn options(arguments: &[String]) -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        workloads: vec![],
        rounds: None,
        longer: 1.0,
        budget: None,
        sides: vec![Side::Watched, Side::Clients, Side::Stalled],
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rounds" => options.rounds = Some(value()?.parse()?),
            "--longer" => options.longer = value()?.parse()?,
            "--budget" => options.budget = Some(value()?.parse()?),
            "--sides" => {
                options.sides = value()?.split(',').map(Side::parse).collect::<Result<_, _>>()?
            }
            name => options.workloads.push(Workload::parse(name)?),
        }
    }
    if options.workloads.is_empty() {
        options.workloads = Workload::ALL.into();
    }
    Ok(options)
}

fn compare(options: &Options) -> Result<(), Box<dyn Error>> {
    report::head();
    for &workload in &options.workloads {
        let count = options.rounds.unwrap_or(workload.rounds()).max(1);
        let mut rounds = Rounds::default();
        for round in 0..count {
            let mut sides = vec![Side::Alone];
            sides.extend(options.sides.iter().cloned());
            // Another one comes first each time, so that none is always the one that follows a pause.
            let length = sides.len();
            sides.rotate_left(round % length);
            for side in sides {
                let measured = run(workload, &side, options)?;
                eprintln!("{workload:?} {round} {}: {:.2} s", side.name(), measured.seconds);
                rounds.add(side, measured);
            }
        }
        rounds.print(workload);
    }
    Ok(())
}

/// glibc gives memory back to the system and takes it anew at each step of a process with one small training, and
/// less so beside threads that need more: a watched training was a sixth quicker than one alone. With these both keep
/// what they have.
const KEEP_MEMORY: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "268435456"), ("MALLOC_TRIM_THRESHOLD_", "1073741824")];

/// Runs one side in a process of its own.
fn run(workload: Workload, side: &Side, options: &Options) -> Result<Measured, Box<dyn Error>> {
    let budget = options.budget.map_or("default".into(), |budget| budget.to_string());
    let output = Command::new(std::env::current_exe()?)
        .args(["child", workload.name(), side.name(), &options.longer.to_string(), &budget])
        .envs(KEEP_MEMORY)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).map_err(|error| format!("{}: {error}: {text}", side.name()).into())
}
