//! One file per command; this is the list of them.

mod view;

use std::error::Error;

use clap::Subcommand;

/// What a command can end with; the text goes to the user.
pub(crate) type CommandResult = Result<(), Box<dyn Error>>;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show a finished or still running training in the browser
    View(view::View),
}

impl Command {
    pub(crate) fn run(self) -> CommandResult {
        match self {
            Command::View(view) => view.run(),
        }
    }
}
