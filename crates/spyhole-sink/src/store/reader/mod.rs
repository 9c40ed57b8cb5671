//! Reading a run, finished or still being written, in this process or another one.

mod branches;
mod changes;
mod connections;
mod history;
mod nearby;
mod records;
mod summary;

pub use branches::Earlier;
pub use changes::Changes;
#[cfg(test)]
pub(super) use connections::immutable_uri;
pub(crate) use nearby::runs_in;
pub(crate) use records::BatchLimit;
pub(crate) use summary::{Digest, place_of};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::GzDecoder;
use rusqlite::OptionalExtension;
use spyhole_protocol::{Branch, Document, DocumentId, ImageId, RunState, Status};
use tokio::sync::watch;

use super::pending::Live;
use super::schema;
use crate::SinkError;
use connections::Connections;

/// A run, for reading: a handle that is cheap to clone and may be used by many threads. Reading never
/// holds up the writer.
///
/// From [`RunLog::open`] it reads the directory alone. From [`Hub::log`](crate::Hub::log) it also sees
/// what could not be written yet.
#[derive(Clone, Debug)]
pub struct RunLog {
    inner: Arc<Inner>,
    /// A branch that was left: later records are not looked at.
    left: Option<Branch>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    connections: Connections,
    live: Option<Arc<Live>>,
    changes: Arc<watch::Sender<u64>>,
    polling: AtomicBool,
}

impl RunLog {
    /// Opens a run for reading: `path` is its directory (of several runs in it the one that was trained last) or its
    /// store in there, `run.sqlite`, `run-2.sqlite`, … Nothing is changed; SQLite may leave an empty `…-wal` and a
    /// `…-shm` beside the store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SinkError> {
        let path = path.as_ref();
        let is_store = schema::number_of(path).is_some() && !path.is_dir();
        let (dir, file) = match path.parent().filter(|_| is_store) {
            Some(parent) if parent.as_os_str().is_empty() => (".".into(), path.to_owned()),
            Some(parent) => (parent.to_owned(), path.to_owned()),
            None if path.exists() && !path.is_dir() => {
                return Err(SinkError::NotADirectory(path.to_owned()));
            }
            None => (path.to_owned(), schema::store_file(path)),
        };
        let Some(connections) = Connections::open(file)? else {
            let hint = nearby::hint(&dir);
            return Err(SinkError::NoRun { dir, hint });
        };
        let changes = Arc::new(watch::Sender::new(0));
        let polling = AtomicBool::new(connections.immutable);
        let inner = Inner { dir, connections, live: None, changes, polling };
        Ok(Self { inner: Arc::new(inner), left: None })
    }

    /// The run that this process is writing into `file`.
    pub(crate) fn live(dir: &Path, file: &Path, run_id: &str, live: Arc<Live>) -> Self {
        let inner = Inner {
            dir: dir.to_owned(),
            connections: Connections::lazy(file.to_owned(), run_id.to_owned()),
            changes: live.changes().clone(),
            live: Some(live),
            polling: AtomicBool::new(true),
        };
        Self { inner: Arc::new(inner), left: None }
    }

    /// The run directory.
    pub fn run_dir(&self) -> &Path {
        &self.inner.dir
    }

    /// The file that the run is in.
    pub fn store(&self) -> &Path {
        &self.inner.connections.file
    }

    /// Identifies the run; kept when the run is resumed.
    pub fn run_id(&self) -> &str {
        &self.inner.connections.run_id
    }

    /// The newest record's number, 0 if there is none.
    pub fn head(&self) -> Result<u64, SinkError> {
        let head = match &self.inner.live {
            Some(live) => live.head(),
            None => self.inner.connections.read(history::newest_record)?,
        };
        Ok(head.min(self.end()))
    }

    /// Whether the process that recorded it records another run of the same directory now.
    pub(crate) fn is_over(&self) -> bool {
        self.inner.live.as_ref().is_some_and(|live| live.is_ended())
    }

    /// The last record that is looked at.
    fn end(&self) -> u64 {
        self.left.map_or(u64::MAX, |branch| branch.left_by.saturating_sub(1))
    }

    /// A picture's PNG file; `None` if the run has no such picture.
    pub fn image(&self, id: &ImageId) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(png) = self.inner.live.as_ref().and_then(|live| live.image(id)) {
            return Ok(Some(png));
        }
        self.inner.connections.read(|connection| {
            let mut select = connection.prepare_cached("SELECT png FROM images WHERE id = ?1")?;
            select.query_row([&id.0], |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?))).optional()
        })
    }

    /// A document's JSON text, compressed with gzip; `None` if the run has no such document.
    pub fn document_gzip(&self, id: &DocumentId) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(gzip) = self.inner.live.as_ref().and_then(|live| live.document(id)) {
            return Ok(Some(gzip));
        }
        self.inner.connections.read(|connection| {
            // A run from before there were studies has no such table.
            if !connection.table_exists(None, "documents")? {
                return Ok(None);
            }
            let mut select =
                connection.prepare_cached("SELECT gzip FROM documents WHERE id = ?1")?;
            select.query_row([&id.0], |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?))).optional()
        })
    }

    /// The result of a study; `None` if the run has no such document.
    ///
    /// # Errors
    /// When the store cannot be read, or the document in it is damaged.
    pub fn document(&self, id: &DocumentId) -> Result<Option<Document>, SinkError> {
        let Some(gzip) = self.document_gzip(id)? else { return Ok(None) };
        serde_json::from_reader(GzDecoder::new(&gzip[..])).map(Some).map_err(|error| {
            let reason = format!("document {}: {error}", id.0);
            SinkError::Corrupt { file: self.inner.connections.file.clone(), reason }
        })
    }

    /// What was last kept under a key; `None` if nothing was.
    pub fn kept(&self, key: &str) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(waiting) = self.inner.live.as_ref().and_then(|live| live.kept(key)) {
            return Ok(waiting);
        }
        self.inner.connections.read(|connection| {
            // A run from before anything was kept has no such table.
            if !connection.table_exists(None, "kept")? {
                return Ok(None);
            }
            let mut select = connection.prepare_cached("SELECT body FROM kept WHERE key = ?1")?;
            select.query_row([key], |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?))).optional()
        })
    }

    /// Where the run is; `None` if no status was written yet.
    pub fn status(&self) -> Result<Option<Status>, SinkError> {
        if let Some(branch) = self.left {
            return self.status_when_left(branch).map(Some);
        }
        if let Some(live) = &self.inner.live {
            return Ok(Some(live.status()));
        }
        let body: Option<String> = self.inner.connections.read(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM status WHERE id = 1")?;
            select.query_row([], |row| row.get(0)).optional()
        })?;
        body.map(|body| serde_json::from_str(&body)).transpose().map_err(|e| SinkError::Corrupt {
            file: self.inner.connections.file.clone(),
            reason: e.to_string(),
        })
    }

    /// A branch: how it stood when it was left.
    fn status_when_left(&self, branch: Branch) -> Result<Status, SinkError> {
        let (mut last_epoch, mut alive_ms) = (None, 0);
        self.each_record_of_kinds(&["run_started", "metric", "epoch_analysed"], 0, |record| {
            alive_ms = record.time_ms;
            if let spyhole_protocol::Event::RunStarted(started) = &record.event {
                last_epoch = started.last_epoch;
            }
        })?;
        let (state, epoch) = (RunState::Ended, branch.last_epoch);
        Ok(Status { state, epoch, last_epoch, alive_ms, ..crate::hub::starting() })
    }

    /// To wait until there is something new. What is new before this call is not reported.
    pub fn changes(&self) -> Changes {
        if !self.inner.polling.swap(true, Ordering::Relaxed) {
            changes::start_polling(&self.inner);
        }
        Changes(self.inner.changes.subscribe())
    }
}
