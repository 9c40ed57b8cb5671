use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::mpsc::channel;

use clap::Args;
use spyhole_protocol::{RunState, RunSummary};
use spyhole_sink::{ServerOptions, Shelf, open_in_browser, serve};

use super::CommandResult;

/// How many runs are printed; the page lists all.
const PRINTED: usize = 10;

/// Serves the dashboard of runs that are read from disk, until Ctrl-C.
#[derive(Args)]
pub(crate) struct View {
    /// Run directories (with `run.sqlite` in them), run stores, and directories of run directories
    #[arg(required = true, value_name = "RUN_DIR|RUNS_DIR")]
    paths: Vec<PathBuf>,

    /// Port of the dashboard; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Address to listen at; another one than 127.0.0.1 or ::1 lets other machines in, without encryption
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,

    /// A name of this machine under which browsers may open the dashboard, besides localhost and addresses
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// Open the dashboard in the browser
    #[arg(long)]
    open: bool,
}

impl View {
    pub(super) fn run(self) -> CommandResult {
        let shelf = Shelf::places(self.paths.clone())?;
        let runs = shelf.list().runs;
        let (interrupt, interrupted) = channel();
        ctrlc::set_handler(move || {
            let _ = interrupt.send(());
        })?;
        let options = ServerOptions {
            port: self.port,
            bind: self.bind,
            hosts: self.hosts,
            ..ServerOptions::default()
        };
        let server = serve(shelf, options)?;

        // A terminal that does not listen is no reason to end: write errors are ignored.
        let mut out = std::io::stdout().lock();
        for run in runs.iter().take(PRINTED) {
            let _ = writeln!(out, "Run:        {}", describe(run));
        }
        match runs.len() {
            0 => {
                let places: Vec<_> = self.paths.iter().map(|it| it.display().to_string()).collect();
                let _ =
                    writeln!(out, "No run yet in {}: waiting for the first.", places.join(", "));
            }
            count if count > PRINTED => {
                let _ = writeln!(out, "            and {} more", count - PRINTED);
            }
            _ => {}
        }
        let _ = writeln!(out, "Dashboard:  {}", server.url());
        let _ = writeln!(out, "Ctrl-C ends.");
        let _ = out.flush();
        drop(out);

        if let Some(warning) = server.warning() {
            eprintln!("warning: {warning}");
        }
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
fn describe(run: &RunSummary) -> String {
    if let Some(problem) = &run.problem {
        return format!("{} cannot be read: {problem}", run.directory);
    }
    let state = match &run.status {
        Some(status) if status.state == RunState::Ended && run.started_ms.is_none() => {
            "ended before it began: there is nothing to see".into()
        }
        _ if run.started_ms.is_none() => "not started yet".into(),
        Some(status) if status.state == RunState::Ended => format!("ended, epoch {}", status.epoch),
        Some(status) => format!("epoch {}, had not ended when last heard of", status.epoch),
        None => "no status yet".into(),
    };
    let alerts = match run.active_alerts {
        0 => String::new(),
        1 => ", 1 active alert".into(),
        count => format!(", {count} active alerts"),
    };
    if let Some(branch) = run.branch {
        return format!("  {branch}");
    }
    format!("{} in {} ({state}{alerts})", run.name, run.directory)
}
