//! A run as files that other programs read.
//!
//! One pass over the records fills everything in [`tables`], and puts [`pictures`](files) and documents beside
//! them; the [`report`] is a second pass over the part of the records that fits into a page. Nothing but names is
//! kept in memory for longer than a batch of records.

mod error;
mod files;
mod names;
mod outline;
mod place;
mod readme;
mod report;
mod tables;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use spyhole_protocol::{
    Branch, History, Record, RunEnded, RunStarted, RunSummary, Status, VERSION, Watchlist,
};
use spyhole_sink::RunLog;

use crate::interrupt::Interrupt;
use crate::words;

pub(crate) use error::ExportError;
pub(crate) use files::Counts;
pub(crate) use place::Place;
pub(crate) use report::Template;

use error::writing;
use files::Files;
use outline::Outline;
use tables::{Look, Writers};

/// Records read at once.
const BATCH: usize = 100;

/// The records that the run has left.
const LEFT: &str = "left.jsonl";

/// A line of [`LEFT`].
#[derive(Serialize)]
struct Left<'a> {
    branch: Option<u32>,
    #[serde(flatten)]
    record: &'a Record,
}

fn line(file: &mut impl Write, what: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, what)?;
    file.write_all(b"\n")
}

/// A run as it is at one moment; what comes later is not looked at.
pub(crate) struct Moment {
    log: RunLog,
    /// The last record.
    head: u64,
    /// Which of its records count.
    history: History,
    status: Option<Status>,
    made_ms: u64,
    interrupt: Interrupt,
}

/// What is exported.
pub(crate) struct Options {
    /// Whether pictures are.
    pub(crate) pictures: bool,
    /// The page for the report, and of how many epochs it has the bulk; `None`: no report.
    pub(crate) report: Option<(Template, usize)>,
}

/// `run.json`.
#[derive(Serialize)]
struct Run<'a> {
    run_id: &'a str,
    exported_ms: u64,
    exported_by: &'static str,
    vocabulary_version: u32,
    last_record: u64,
    summary: &'a RunSummary,
    starts: &'a [RunStarted],
    /// What was left when the run was continued from an earlier epoch: its records are in `left.jsonl` alone.
    branches: &'a [Branch],
    /// The branch that this is, if it is no run.
    branch: Option<Branch>,
    watchlist: &'a Option<Watchlist>,
    status: &'a Option<Status>,
    outcome: &'a Option<RunEnded>,
}

impl Moment {
    /// The run as it is now.
    pub(crate) fn now(log: RunLog, interrupt: Interrupt) -> Result<Self, ExportError> {
        let (head, history, status) = (log.head()?, log.history()?, log.status()?);
        Ok(Self { log, head, history, status, made_ms: words::now_ms(), interrupt })
    }

    /// Writes everything into the directory `dir`, which is empty.
    pub(crate) fn export(&self, dir: &Path, options: &Options) -> Result<Counts, ExportError> {
        let mut outline = Outline::default();
        let mut files = Files::new(dir, options.pictures);
        let mut writers = Writers::create(dir, options.pictures)?;
        let all = dir.join("records.jsonl");
        let mut jsonl = BufWriter::new(File::create(&all).map_err(writing(&all))?);
        self.each_record(|record| {
            line(&mut jsonl, record).map_err(writing(&all))?;
            outline.see(record);
            let kept = files.keep(&self.log, record)?;
            writers.write(&Look::new(record, &kept, &files))
        })?;
        jsonl.flush().map_err(writing(&all))?;
        writers.finish()?;
        self.write_left(dir)?;
        self.describe(dir, &outline)?;
        readme::write(dir, &outline, self, options)?;
        if let Some((template, epochs)) = &options.report {
            let file = dir.join("report.html");
            report::write(self, &outline, template, *epochs, options.pictures, &file)?;
        }
        Ok(files.counts())
    }

    /// Writes the report alone.
    pub(crate) fn report(
        &self,
        file: &Path,
        template: &Template,
        epochs: usize,
        pictures: bool,
    ) -> Result<(), ExportError> {
        let mut outline = Outline::default();
        self.each_record(|record| {
            outline.see(record);
            Ok(())
        })?;
        report::write(self, &outline, template, epochs, pictures, file)
    }

    /// Writes a recording for rerun; returns what is not in it, and why.
    #[cfg(feature = "rerun")]
    pub(crate) fn recording(&self, file: &Path) -> Result<Vec<String>, ExportError> {
        Ok(spyhole_sink::rerun::export(&self.log, file)?.missing)
    }

    /// Refuses to write a recording for rerun.
    #[cfg(not(feature = "rerun"))]
    pub(crate) fn recording(&self, _: &Path) -> Result<Vec<String>, ExportError> {
        Err(ExportError::NoRerun)
    }

    /// The last record.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// What the run has left.
    pub(crate) fn branches(&self) -> &[Branch] {
        self.history.branches()
    }

    /// Where the run is.
    pub(crate) fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// What the run has left, if it has left anything: records alone, each with the number of its branch.
    fn write_left(&self, dir: &Path) -> Result<(), ExportError> {
        if self.history.branches().is_empty() {
            return Ok(());
        }
        let path = dir.join(LEFT);
        let mut file = BufWriter::new(File::create(&path).map_err(writing(&path))?);
        let mut last = 0;
        while last < self.head {
            let records = self.log.records_after(last, BATCH)?;
            let Some(newest) = records.last() else { break };
            last = newest.seq;
            for record in
                records.iter().filter(|it| it.seq <= self.head && !self.history.is_current(it))
            {
                self.interrupt.check()?;
                let branch = self.history.branch_of(record).map(|branch| branch.number);
                line(&mut file, &Left { branch, record }).map_err(writing(&path))?;
            }
        }
        file.flush().map_err(writing(&path))
    }

    fn each_record(
        &self,
        mut look: impl FnMut(&Record) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut last = 0;
        while last < self.head {
            let records = self.log.records_after(last, BATCH)?;
            let Some(newest) = records.last() else { break };
            last = newest.seq;
            let of_moment = records.iter().take_while(|record| record.seq <= self.head);
            for record in of_moment.filter(|record| self.history.is_current(record)) {
                self.interrupt.check()?;
                look(record)?;
            }
        }
        Ok(())
    }

    fn describe(&self, dir: &Path, outline: &Outline) -> Result<(), ExportError> {
        let run = Run {
            run_id: self.log.run_id(),
            exported_ms: self.made_ms,
            exported_by: concat!("spyhole ", env!("CARGO_PKG_VERSION")),
            vocabulary_version: VERSION,
            last_record: self.head,
            summary: &outline.summary(self),
            starts: &outline.starts,
            branches: self.history.branches(),
            branch: self.log.left(),
            watchlist: &outline.watchlist,
            status: &self.status,
            outcome: &outline.ended,
        };
        let path = dir.join("run.json");
        let mut file = BufWriter::new(File::create(&path).map_err(writing(&path))?);
        serde_json::to_writer_pretty(&mut file, &run).map_err(|e| writing(&path)(e.into()))?;
        file.write_all(b"\n").and_then(|()| file.flush()).map_err(writing(&path))
    }
}

#[cfg(test)]
mod tests;
