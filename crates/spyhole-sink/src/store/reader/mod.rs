//! Reading a run, finished or still being written, in this process or another one.

mod changes;
mod connections;
mod history;
mod nearby;
mod records;
mod summary;

pub use changes::Changes;
#[cfg(test)]
pub(super) use connections::immutable_uri;
pub(crate) use nearby::runs_in;
pub(crate) use records::BatchLimit;
pub(crate) use summary::Digest;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::GzDecoder;
use rusqlite::OptionalExtension;
use spyhole_protocol::{Document, DocumentId, ImageId, Status};
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
    /// Opens the run in `dir` for reading. Nothing in it is changed; SQLite may leave an empty
    /// `run.sqlite-wal` and a `run.sqlite-shm` beside it.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, SinkError> {
        let dir = dir.as_ref().to_owned();
        if dir.exists() && !dir.is_dir() {
            return Err(SinkError::NotADirectory(dir));
        }
        let Some(connections) = Connections::open(schema::store_file(&dir))? else {
            let hint = nearby::hint(&dir);
            return Err(SinkError::NoRun { dir, hint });
        };
        let changes = Arc::new(watch::Sender::new(0));
        let polling = AtomicBool::new(connections.immutable);
        Ok(Self { inner: Arc::new(Inner { dir, connections, live: None, changes, polling }) })
    }

    /// The run that this process is writing.
    pub(crate) fn live(dir: &Path, run_id: &str, live: Arc<Live>) -> Self {
        Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                connections: Connections::lazy(schema::store_file(dir), run_id.to_owned()),
                changes: live.changes().clone(),
                live: Some(live),
                polling: AtomicBool::new(true),
            }),
        }
    }

    /// The run directory.
    pub fn run_dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Identifies the run; kept when the run is resumed.
    pub fn run_id(&self) -> &str {
        &self.inner.connections.run_id
    }

    /// The newest record's number, 0 if there is none.
    pub fn head(&self) -> Result<u64, SinkError> {
        match &self.inner.live {
            Some(live) => Ok(live.head()),
            None => self.inner.connections.read(history::newest_record),
        }
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

    /// To wait until there is something new. What is new before this call is not reported.
    pub fn changes(&self) -> Changes {
        if !self.inner.polling.swap(true, Ordering::Relaxed) {
            changes::start_polling(&self.inner);
        }
        Changes(self.inner.changes.subscribe())
    }
}
