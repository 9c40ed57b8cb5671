use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use spyhole_protocol::RunState;

use super::CommandResult;
use crate::export::{Counts, ExportError, Moment, Options, Place, Template};
use crate::interrupt::Interrupt;
use crate::words;

/// Writes a run as files that other programs read: every number as JSON and CSV, every picture as PNG, and one
/// self-contained HTML report. README.txt beside them explains every file and column.
///
/// A training that runs is exported as it is at this moment. An export appears as a whole or not at all.
#[derive(Args)]
pub(crate) struct Export {
    /// Directory of the run: the one with `run.sqlite` in it; of several runs in it (`run-2.sqlite`, …) the one that was
    /// trained last, or its store
    run_dir: PathBuf,

    /// What was left when the run was continued from an earlier epoch: the run as it was when it left this branch
    #[arg(long, value_name = "N")]
    branch: Option<u32>,

    /// Directory for the export; it is made
    #[arg(long, value_name = "DIR", required_unless_present_any = ["report", "rrd"])]
    out: Option<PathBuf>,

    /// Write the HTML report (alone, without --out) into this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write a recording for the rerun viewer (alone, without --out) into this file; only in a program that was
    /// compiled with `--features rerun`
    #[arg(long, value_name = "FILE")]
    rrd: Option<PathBuf>,

    /// The report has pictures and statistics of at most this many epochs, spread evenly
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..))]
    report_epochs: u32,

    /// Leave the report out of the directory
    #[arg(long, conflicts_with = "report")]
    no_report: bool,

    /// Leave pictures out, of the report as well
    #[arg(long)]
    no_pictures: bool,

    /// Replace an earlier export
    #[arg(long)]
    force: bool,
}

impl Export {
    pub(super) fn run(self) -> CommandResult {
        let interrupt = Interrupt::watch()?;
        let log = super::open(&self.run_dir, self.branch)?;
        let (pictures, epochs) = (!self.no_pictures, self.report_epochs as usize);
        // All that can be refused is, before anything is made.
        let report = match &self.report {
            Some(file) => Some((Template::built_in()?, Place::file(file, self.force)?)),
            None => None,
        };
        let recording = match &self.rrd {
            Some(_) if !cfg!(feature = "rerun") => return Err(ExportError::NoRerun.into()),
            Some(file) => Some(Place::free(file, self.force)?),
            None => None,
        };
        let directory = match &self.out {
            Some(dir) => {
                let report =
                    if self.no_report { None } else { Some((Template::built_in()?, epochs)) };
                let place = Place::directory(dir, &self.run_dir, self.force)?;
                Some((Options { pictures, report }, place))
            }
            None => None,
        };

        let moment = Moment::now(log, interrupt)?;
        let mut out = std::io::stdout().lock();
        if let Some((options, place)) = directory {
            let counts = moment.export(&place.staging(), &options)?;
            writeln!(out, "{} to {}", described(counts), place.finish()?.display())?;
        }
        if let Some((template, place)) = report {
            moment.report(&place.staging(), &template, epochs, pictures)?;
            writeln!(out, "report: {}", place.finish()?.display())?;
        }
        if let Some(file) = recording {
            let missing = moment.recording(&file)?;
            writeln!(out, "recording: {}", file.display())?;
            for trouble in missing {
                writeln!(out, "not in the recording: {trouble}")?;
            }
        }
        for branch in moment.branches() {
            writeln!(out, "left, and not in it: {branch} (--branch {} exports it)", branch.number)?;
        }
        match moment.status() {
            Some(status) if status.state != RunState::Ended => writeln!(
                out,
                "the run had not ended: this is how it was in epoch {}, at record {}",
                status.epoch,
                moment.head()
            )?,
            _ => {}
        }
        out.flush()?;
        Ok(())
    }
}

fn described(counts: Counts) -> String {
    let Counts { records, pictures, documents, damaged, missing } = counts;
    let mut text = format!(
        "exported {}, {} and {}",
        words::counted(records, "record", "records"),
        words::counted(pictures, "picture", "pictures"),
        words::counted(documents, "document", "documents")
    );
    if damaged > 0 {
        let damaged = words::counted(damaged, "record is", "records are");
        text += &format!(" ({damaged} damaged in the store: see faults.csv)");
    }
    if missing > 0 {
        let missing =
            words::counted(missing, "picture or document is", "pictures or documents are");
        text += &format!(" ({missing} not in the store, or damaged there)");
    }
    text
}
