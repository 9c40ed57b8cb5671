//! The spyhole command: look at recorded and running trainings. It never needs Burn.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its terminal")]

mod commands;

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spyhole: {error}");
            ExitCode::FAILURE
        }
    }
}
