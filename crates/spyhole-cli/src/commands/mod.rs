//! One file per command; this is the list of them.

mod compare;
mod export;
mod tail;
mod view;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use spyhole_sink::RunLog;

/// What a command can end with; the text goes to the user.
pub(crate) type CommandResult<T = ()> = Result<T, Box<dyn Error>>;

/// Opens a run, or the run as it was when it left a branch.
pub(crate) fn open(run: &Path, branch: Option<u32>) -> CommandResult<RunLog> {
    let log = RunLog::open(run)?;
    let Some(number) = branch else { return Ok(log) };
    if let Some(branch) = log.branch(number)? {
        return Ok(branch);
    }
    let known = match &log.branches()?[..] {
        [] => "it was never continued from an earlier epoch".to_owned(),
        all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    Err(format!("{} has no branch {number}: {known}", log.place().display()).into())
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show a finished or still running training in the browser
    View(view::View),
    /// Follow a training in the terminal; the exit code says how it went
    Tail(tail::Tail),
    /// Write a run as JSON, CSV, PNG and one self-contained HTML report
    Export(export::Export),
    /// Say how runs differ
    Compare(compare::Compare),
}

impl Command {
    pub(crate) fn run(self) -> CommandResult<ExitCode> {
        let done = |()| ExitCode::SUCCESS;
        match self {
            Command::View(view) => view.run().map(done),
            Command::Tail(tail) => tail.run(),
            Command::Export(export) => export.run().map(done),
            Command::Compare(compare) => compare.run().map(done),
        }
    }
}
