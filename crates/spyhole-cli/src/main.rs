//! The spyhole command: look at recorded and running trainings. It never needs Burn.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its terminal")]

mod alerts;
mod commands;
mod compare;
mod export;
mod interrupt;
#[cfg(test)]
#[path = "../tests/made_up/mod.rs"]
mod made_up;
mod tail;
mod words;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// Look into trainings that spyhole watches or has watched.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(code) => code,
        // Whoever read the output has what they wanted (`spyhole … | head -1`): nothing is wrong.
        Err(error) if nobody_listens(&*error) => ExitCode::SUCCESS,
        Err(error) if is_interrupt(&*error) => ExitCode::from(interrupt::EXIT_CODE),
        Err(error) => {
            let _ = writeln!(io::stderr(), "spyhole: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_interrupt(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(export::ExportError::Interrupted(_)))
        || error.is::<interrupt::Interrupted>()
}

fn nobody_listens(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
}
