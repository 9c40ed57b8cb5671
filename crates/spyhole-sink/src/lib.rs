//! Where spyhole's events go: the run store on disk, the dashboard server, and further sinks.
//!
//! ```text
//! Hub::record ──bounded queue──▶ one thread: number, date ──▶ run store (SQLite)
//!                                                         ├─▶ other sinks
//!                                                         └─▶ wakes the readers
//! RunLog (any number, any process) ──reads──▶ run store ──▶ dashboard sockets, commands
//! ```
//!
//! The training side holds a [`Hub`] and never waits for anything behind it. Readers hold a
//! [`RunLog`], each with its own position in the log, so a slow one slows only itself. A [`Server`]
//! shows the runs on a [`Shelf`] in the browser, whether they are being trained by this process, by another
//! one, or are long over.
//!
//! ```
//! use std::time::Duration;
//! use spyhole_protocol::{EpochAnalysed, Event};
//! use spyhole_sink::{Entry, Hub, HubOptions, RunLog};
//!
//! # fn main() -> Result<(), spyhole_sink::SinkError> {
//! let dir = tempfile::tempdir().unwrap();
//! let hub = Hub::open(dir.path(), HubOptions::default(), Vec::new())?;
//! hub.record(Entry::new(Event::EpochAnalysed(EpochAnalysed { epoch: 1, ..Default::default() })));
//! assert!(hub.close(Duration::from_secs(10)));
//!
//! let log = RunLog::open(dir.path())?;
//! assert_eq!(log.records_after(0, 100)?[0].seq, 1);
//! # Ok(())
//! # }
//! ```

pub mod actions;
mod browser;
mod control;
mod derive;
mod entry;
mod error;
mod hub;
mod panics;
#[cfg(feature = "rerun")]
pub mod rerun;
mod server;
mod sink;
mod store;
pub mod testing;

pub use browser::open_in_browser;
pub use control::Control;
pub use derive::Derive;
pub use entry::{Attached, Entry, Kept, Picture, Sheet};
pub use error::SinkError;
pub use hub::{Hub, HubOptions, Recording};
pub use server::{Server, ServerOptions, Shelf, report_template, serve};
pub use sink::{Sink, SinkResult};
pub use store::{Changes, Earlier, RunLog, STORE_FILE};

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Locks, also after a panic elsewhere: the data behind our locks is valid at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970-01-01 UTC; 0 if the clock stands before that.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `bytes` as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `N` random bytes from the operating system, as hexadecimal digits.
fn random_hex<const N: usize>() -> Result<String, SinkError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| SinkError::Random(e.to_string()))?;
    Ok(hex(&bytes))
}
