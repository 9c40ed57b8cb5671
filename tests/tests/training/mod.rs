//! Small trainings in processes of their own (`tests/src/bin/tiny.rs`), to be disturbed, killed and compared.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use spyhole_protocol::Event;
use spyhole_sink::RunLog;
use tempfile::NamedTempFile;

/// Long enough for any machine: tests wait for what happens, never for time.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A training that runs.
pub struct Training {
    pub child: Child,
    gate: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    said: String,
    weights: NamedTempFile,
}

/// What a training leaves behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub success: bool,
    /// Every parameter and running statistic, bit for bit, in words.
    pub weights: String,
    pub stdout: String,
    pub stderr: String,
}

impl Training {
    /// Starts one that is watched in `dir`, or not at all.
    pub fn start(dir: Option<&Path>, options: &[&str]) -> Self {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_tiny")), dir, options)
    }

    /// The same, by a command that the program's arguments are added to.
    pub fn start_by(mut command: Command, dir: Option<&Path>, options: &[&str]) -> Self {
        let weights = NamedTempFile::new().unwrap();
        command.arg(dir.unwrap_or(Path::new("-"))).arg(weights.path()).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = child.stdout.take().map(BufReader::new);
        Self { gate: child.stdin.take(), output, child, said: String::new(), weights }
    }

    /// Lets it train the next epoch.
    pub fn epoch(&mut self) {
        self.gate.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        let start = self.said.len();
        self.output.as_mut().unwrap().read_line(&mut self.said).unwrap();
        self.said[start..].trim_end().to_owned()
    }

    /// Lets it train what is left, and waits for its end.
    pub fn end(mut self) -> Ended {
        drop(self.gate.take());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "the training does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut stdout = std::mem::take(&mut self.said);
        self.output.take().unwrap().read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let weights = std::fs::read_to_string(self.weights.path()).unwrap();
        Ended { success: status.success(), weights, stdout, stderr }
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `condition` holds.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Epochs on disk whose analysis is complete; none if there is no run.
pub fn analysed(dir: &Path) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let _ = RunLog::open(dir).and_then(|log| {
        log.each_of_kinds(&["epoch_analysed"], |event| {
            if let Event::EpochAnalysed(analysed) = event {
                found.insert(analysed.epoch);
            }
        })
    });
    found
}

/// The faults on disk, in words.
pub fn faults(dir: &Path) -> String {
    let mut found = String::new();
    let _ = RunLog::open(dir).and_then(|log| {
        log.each_of_kinds(&["fault"], |event| {
            if let Event::Fault(fault) = event {
                found += &format!("{}: {}\n", fault.part, fault.message);
            }
        })
    });
    found
}
