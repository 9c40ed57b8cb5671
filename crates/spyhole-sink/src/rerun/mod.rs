//! The same run in the [rerun](https://rerun.io) viewer (cargo feature `rerun`).
//!
//! ```text
//! hub thread ──Arc──▶ mailbox (bounded in bytes, the oldest goes first) ──▶ one thread per target: Recorder ──▶ rerun
//! RunLog ──────────────────────────────── export ─────────────────────────▶ the same Recorder ──▶ .rrd file
//! ```
//!
//! [`Rerun`] says where to; each target has a thread and a queue of its own, because rerun's log calls wait once its
//! buffers are full: a viewer that stops reading holds up neither the training nor a file that is written beside it.
//! `recorder/` turns each kind of record into rerun's words, once for live and export; `blueprint.rs` lays the views
//! out.
//!
//! Timelines: `epoch`; `wall_time`; and, in live recordings only, `items`: the training items so far, (epoch − 1) ·
//! items per epoch + items done, as the status tells them (records carry none, so nothing is made up elsewhere).

mod blueprint;
mod canvas;
mod export;
mod mailbox;
mod outlet;
mod plots;
mod recorder;
mod sink;
mod target;

use std::path::{Path, PathBuf};

pub use export::{Exported, export};
pub use sink::RerunSink;

use crate::SinkError;
use target::Target;

/// The version of rerun that these recordings are made with. A viewer reads recordings of its own version and of older
/// ones, down to 0.23.
pub const VERSION: &str = "0.36.3";

/// The oldest viewer that these recordings were looked at in, and were whole.
pub const OLDEST_VIEWER: &str = "0.34.1";

/// Where a run is shown by rerun. Several targets may be named, also of one kind.
///
/// ```no_run
/// # fn main() -> Result<(), spyhole_sink::SinkError> {
/// use spyhole_sink::rerun::Rerun;
///
/// let sink = Rerun::default().save("run.rrd").connect("rerun+http://127.0.0.1:9876/proxy").start("runs/first")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rerun {
    targets: Vec<Target>,
}

impl Rerun {
    /// Writes a recording to this file; one that is there is replaced. A run that is continued starts with its
    /// history.
    pub fn save(self, file: impl AsRef<Path>) -> Self {
        self.with(Target::File(file.as_ref().to_path_buf()))
    }

    /// Streams to a viewer that runs, or will: `rerun+http://127.0.0.1:9876/proxy` is where one listens that was started
    /// as `rerun`.
    pub fn connect(self, url: impl Into<String>) -> Self {
        self.with(Target::Viewer(url.into()))
    }

    /// Starts a viewer, the program `rerun` on the PATH, and streams to it. It stays when the training ends.
    pub fn spawn(self) -> Self {
        self.with(Target::Spawned(PathBuf::from("rerun")))
    }

    /// Lets viewers connect to this port on 127.0.0.1 (`rerun --connect rerun+http://127.0.0.1:PORT/proxy`), for as
    /// long as the sink lives. They get what was recorded so far, up to 1 GiB.
    pub fn serve(self, port: u16) -> Self {
        self.with(Target::Served(port))
    }

    /// Opens all targets for the run in `run_dir` and starts their threads.
    ///
    /// # Errors
    /// When a file cannot be written, an address is none, the program `rerun` is not there, or a port is taken.
    /// Whether a viewer answers is not waited for.
    pub fn start(self, run_dir: impl AsRef<Path>) -> Result<RerunSink, SinkError> {
        RerunSink::start(self.targets, run_dir.as_ref())
    }

    fn with(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }
}
