//! Where a recording goes: one file per kind.

mod file;
mod server;
mod viewer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use re_sdk::log::ChunkBatcherConfig;
use re_sdk::sink::LogSink;

use crate::SinkError;

/// Somewhere for a recording to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A recording on disk.
    File(PathBuf),
    /// A viewer at an address.
    Viewer(String),
    /// A viewer that this program starts.
    Spawned(PathBuf),
    /// Viewers that come to a port.
    Served(u16),
}

/// A target that is ready, or nearly.
pub(super) struct Opened {
    /// Takes rerun's messages. May wait.
    pub(super) sink: Box<dyn LogSink>,
    /// Looks at the same target from outside.
    pub(super) connection: Arc<dyn Connection>,
}

/// How a target is doing. Nothing here waits but what says so.
pub(super) trait Connection: Send + Sync {
    /// Whether it takes anything.
    fn state(&self) -> State;

    /// Looks closer, once, which may take a second: what its user should know, in words.
    fn look(&self) -> Option<String> {
        None
    }

    /// Ends it properly, when all was sent; may wait for the disk.
    fn finish(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Whether a target takes anything.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// As far as one can see.
    Fine,
    /// Not yet, for this reason.
    Waiting(String),
    /// Never again, for this reason.
    Broken(String),
}

impl Target {
    pub(super) fn open(&self) -> Result<Opened, SinkError> {
        match self {
            Self::File(path) => file::open(path),
            Self::Viewer(url) => viewer::connect(url),
            Self::Spawned(program) => viewer::spawn(program),
            Self::Served(port) => server::open(*port),
        }
    }

    /// How long the end of a run waits for it. Targets are waited for side by side, so the longest counts. A disk gets
    /// on, and a viewer that was started is on its way; one that does not answer or read now will hardly do so in a
    /// moment, and the training should be over.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::File(_) | Self::Spawned(_) => Duration::from_secs(5),
            Self::Viewer(_) | Self::Served(_) => Duration::from_millis(1500),
        }
    }

    /// How rows are put together before they are sent. A row alone costs a kilobyte or two, so a file waits longer than
    /// a person who watches.
    pub(super) fn batching(&self) -> ChunkBatcherConfig {
        let (flush_tick, flush_num_bytes) = match self {
            Self::File(_) => (Duration::from_secs(5), 8 << 20),
            _ => (Duration::from_millis(200), 2 << 20),
        };
        ChunkBatcherConfig {
            flush_tick,
            flush_num_bytes,
            max_bytes_in_flight: 32 << 20,
            ..ChunkBatcherConfig::DEFAULT
        }
    }
}

/// As a user would call it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the recording {}", path.display()),
            Self::Viewer(url) => write!(f, "the viewer at {url}"),
            Self::Spawned(_) => write!(f, "the viewer that was started"),
            Self::Served(port) => write!(f, "port {port} for viewers"),
        }
    }
}

pub(super) use file::RrdFile;
