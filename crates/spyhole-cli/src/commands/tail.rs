use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::CommandResult;
use crate::interrupt::Interrupt;
use crate::tail::{self, Options, Screen, Source};

/// Follows a training in the terminal: progress, metrics, and alerts as they come, until it ends.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Tail {
    /// Address that the training (or `spyhole view`) has printed, token included; or directory of a run
    #[arg(value_name = "URL|RUN_DIR")]
    run: String,

    /// Print records as JSON, one a line; everything else goes to the error output
    #[arg(long)]
    json: bool,

    /// Begin with the first record instead of now
    #[arg(long)]
    from_start: bool,

    /// End when this epoch has been analysed
    #[arg(long, value_name = "N")]
    until_epoch: Option<u32>,

    /// Which run, if the address shows several: its name or key; else the newest
    #[arg(long = "run", value_name = "NAME")]
    which: Option<String>,

    /// What was left when the run in a directory was continued from an earlier epoch: the run as it was when it left this
    /// branch. On an address, `--run KEY~N`
    #[arg(long, value_name = "N")]
    branch: Option<u32>,

    /// Give up when there was no sign of life for so long
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    patience: u32,
}

const EXIT_CODES: &str = "\
Exit code (of several that apply, the largest):
  0    the training finished, or reached --until-epoch, without an alert worse than info
  1    no such run, or it cannot be read: wrong address, wrong token, another version
  2    the arguments were not understood
  3    there was an alert of severity warning
  4    there was an alert of severity critical
  5    the training failed or was interrupted
  6    lost sight of it: the server is gone for good, or there was no sign of life (--patience)
  130  ended with Ctrl-C
Alerts count if they were active at any time while this command looked (with --from-start: ever).
Silenced alerts do not count.";

impl Tail {
    pub(super) fn run(self) -> CommandResult<ExitCode> {
        let interrupt = Interrupt::watch()?;
        let patience = Duration::from_secs(self.patience.into());
        let source =
            Source::open(&self.run, self.which.as_deref(), self.branch, patience, self.json)?;
        let terminal = !self.json && io::stdout().is_terminal();
        let width: fn() -> usize = tail::terminal_width;
        let screen = Screen::new(io::stdout().lock(), terminal.then_some(width));
        let options = Options {
            json: self.json,
            from_start: self.from_start,
            until_epoch: self.until_epoch,
            patience,
        };
        let code = tail::follow(source, screen, &options, &interrupt)?;
        Ok(ExitCode::from(code))
    }
}
