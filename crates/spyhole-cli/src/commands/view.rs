use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::channel;

use clap::Args;
use spyhole_protocol::{Event, RunState};
use spyhole_sink::{RunLog, ServerOptions, open_in_browser, serve};

use super::CommandResult;

/// Serves the dashboard of a run that is read from disk, until Ctrl-C.
#[derive(Args)]
pub(crate) struct View {
    /// Directory of the run: the one with `run.sqlite` in it
    run_dir: PathBuf,

    /// Port of the dashboard on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Open the dashboard in the browser
    #[arg(long)]
    open: bool,
}

impl View {
    pub(super) fn run(self) -> CommandResult {
        let log = RunLog::open(&self.run_dir)?;
        let (interrupt, interrupted) = channel();
        ctrlc::set_handler(move || {
            let _ = interrupt.send(());
        })?;

        // A terminal that does not listen is no reason to end: write errors are ignored.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "Run:        {}", describe(&log)?);
        let options = ServerOptions { port: self.port, ..ServerOptions::default() };
        let server = serve(log, options)?;
        let _ = writeln!(out, "Dashboard:  {}", server.url());
        let _ = writeln!(out, "Ctrl-C ends.");
        let _ = out.flush();
        drop(out);

        if self.open
            && let Err(error) = open_in_browser(server.url())
        {
            eprintln!("note: {error}");
        }
        let _ = interrupted.recv();
        server.shutdown();
        Ok(())
    }
}

/// Name, place and state of a run, in a line.
fn describe(log: &RunLog) -> Result<String, spyhole_sink::SinkError> {
    let name = log.records_after(0, 1)?.into_iter().find_map(|record| match record.event {
        Event::RunStarted(started) => Some(started.name),
        _ => None,
    });
    let name = name.unwrap_or_else(|| "(not started yet)".into());
    let state = match log.status()? {
        Some(status) if status.state == RunState::Ended => format!("ended, epoch {}", status.epoch),
        Some(status) => format!("epoch {}, had not ended when last heard of", status.epoch),
        None => "no status yet".into(),
    };
    Ok(format!("{name} in {} ({state}, {} records)", log.run_dir().display(), log.head()?))
}
