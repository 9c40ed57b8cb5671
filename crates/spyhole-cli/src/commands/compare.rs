use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use spyhole_sink::RunLog;

use super::CommandResult;
use crate::compare::{Comparison, Facts, print};
use crate::interrupt::Interrupt;
use crate::tail::terminal_width;

/// Says how runs differ: set-up, metrics, time, alerts, settling and health, all as recorded.
#[derive(Args)]
pub(crate) struct Compare {
    /// Directories of the runs, those with `run.sqlite` in them; or their stores
    #[arg(value_name = "RUN_DIR", num_args = 2.., required = true)]
    runs: Vec<PathBuf>,

    /// Print the same facts as JSON
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(super) fn run(self) -> CommandResult {
        let interrupt = Interrupt::watch()?;
        let logs = self.runs.iter().map(RunLog::open).collect::<Result<Vec<_>, _>>()?;
        let facts =
            logs.iter().map(|log| Facts::read(log, &interrupt)).collect::<Result<Vec<_>, _>>()?;
        let comparison = Comparison::of(&facts, &logs)?;
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &comparison).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            let width = if out.is_terminal() { terminal_width().clamp(40, 160) } else { 80 };
            write!(out, "{}", print(&comparison, width))?;
        }
        out.flush()?;
        Ok(())
    }
}
