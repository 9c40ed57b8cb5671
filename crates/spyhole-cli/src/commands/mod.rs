//! One file per command; this is the list of them.

mod compare;
mod export;
mod tail;
mod view;

use std::error::Error;
use std::process::ExitCode;

use clap::Subcommand;

/// What a command can end with; the text goes to the user.
pub(crate) type CommandResult<T = ()> = Result<T, Box<dyn Error>>;

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
