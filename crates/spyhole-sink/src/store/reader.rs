//! Reading a run, finished or still being written, in this process or another one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use flate2::read::GzDecoder;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use spyhole_protocol::{Document, DocumentId, Event, Fault, ImageId, Record, Status};
use tokio::sync::watch;

use super::pending::Live;
use super::schema::{self, Found, STORE_FILE};
use super::{file_identity, store_error, upgrade};
use crate::{SinkError, lock};

/// How often a run that another process writes is looked at.
const POLL: Duration = Duration::from_millis(300);

/// How long a reader waits where SQLite makes it wait: only while a killed run is put in order.
const BUSY: Duration = Duration::from_secs(5);

/// Idle connections that are kept.
const POOL: usize = 4;

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
    file: PathBuf,
    run_id: String,
    /// On read-only media, with nothing in the write-ahead log: read the file as one that never
    /// changes.
    immutable: bool,
    pool: Mutex<Vec<Pooled>>,
    live: Option<Arc<Live>>,
    changes: Arc<watch::Sender<u64>>,
    polling: AtomicBool,
}

#[derive(Debug)]
struct Pooled {
    connection: Connection,
    identity: Option<(u64, u64)>,
}

/// How much [`RunLog::batch`] returns at most; one record always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchLimit {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl RunLog {
    /// Opens the run in `dir` for reading. Nothing in it is changed; SQLite may leave an empty
    /// `run.sqlite-wal` and a `run.sqlite-shm` beside it.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, SinkError> {
        let dir = dir.as_ref();
        let file = schema::store_file(dir);
        if dir.exists() && !dir.is_dir() {
            return Err(SinkError::NotADirectory(dir.to_owned()));
        }
        let no_run = || SinkError::NoRun { dir: dir.to_owned(), hint: nearby_runs(dir) };
        if !schema::check_magic(&file)? {
            return Err(no_run());
        }
        let (connection, immutable) = match read_only(&file, false) {
            Ok(connection) => (connection, false),
            Err(error) => {
                if !is_empty(&file.with_extension("sqlite-wal")) {
                    return Err(error);
                }
                (read_only(&file, true).map_err(|_| error)?, true)
            }
        };
        let Found::Run { run_id } = schema::identify(&connection, &file)? else {
            return Err(no_run());
        };
        let identity = file_identity(&file);
        let pool = Mutex::new(vec![Pooled { connection, identity }]);
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                file,
                run_id,
                immutable,
                pool,
                live: None,
                changes: Arc::new(watch::Sender::new(0)),
                polling: AtomicBool::new(immutable),
            }),
        })
    }

    /// The run that this process is writing.
    pub(crate) fn live(dir: &Path, run_id: &str, live: Arc<Live>) -> Self {
        Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                file: schema::store_file(dir),
                run_id: run_id.to_owned(),
                immutable: false,
                pool: Mutex::default(),
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
        &self.inner.run_id
    }

    /// The newest record's number, 0 if there is none.
    pub fn head(&self) -> Result<u64, SinkError> {
        if let Some(live) = &self.inner.live {
            return Ok(live.head());
        }
        self.inner.read(|connection| {
            connection.query_row("SELECT coalesce(max(seq), 0) FROM records", [], |row| row.get(0))
        })
    }

    /// The records after number `seq`, in order and without gaps, at most `limit`. Empty at the end.
    ///
    /// A record that is damaged in the file is replaced by a fault that says so.
    pub fn records_after(&self, seq: u64, limit: usize) -> Result<Vec<Record>, SinkError> {
        self.batch(seq, BatchLimit { records: limit, bytes: usize::MAX })
    }

    /// Calls `look` with the recorded events of these kinds (their names in JSON: `metric`), in order.
    /// Damaged ones are left out.
    pub fn each_of_kinds(
        &self,
        kinds: &[&str],
        mut look: impl FnMut(&Event),
    ) -> Result<(), SinkError> {
        let wanted = serde_json::to_string(kinds).unwrap_or_default();
        let mut last = 0;
        loop {
            // In portions, so that a long history is never in memory as a whole.
            let bodies: Vec<(u64, String)> = self.inner.read(|connection| {
                let mut select = connection.prepare_cached(
                    "SELECT seq, body FROM records WHERE seq > ?1 \
                     AND kind IN (SELECT value FROM json_each(?2)) ORDER BY seq LIMIT 1000",
                )?;
                let rows = select.query_map(params![last, wanted], |row| {
                    let body = row.get_ref(1)?.as_bytes()?;
                    Ok((row.get(0)?, String::from_utf8_lossy(body).into_owned()))
                })?;
                rows.collect()
            })?;
            for (_, body) in &bodies {
                if let Ok(event) = upgrade::event(body) {
                    look(&event);
                }
            }
            match bodies.last() {
                Some((seq, _)) => last = *seq,
                None => return Ok(()),
            }
        }
    }

    pub(crate) fn batch(&self, seq: u64, limit: BatchLimit) -> Result<Vec<Record>, SinkError> {
        // What waits is looked at first: whatever is written between the two looks is found twice
        // rather than not at all.
        let waiting = match &self.inner.live {
            Some(live) => live.rows_after(seq, limit.records),
            None => Vec::new(),
        };
        let mut batch = Batch { records: Vec::new(), last: seq, bytes: 0, limit };
        if waiting.first().is_none_or(|row| row.seq > seq.saturating_add(1)) {
            self.inner.read(|connection| batch.read(connection))?;
        }
        for row in waiting {
            if row.seq > batch.last && !batch.push(row.seq, row.time_ms, &row.body) {
                break;
            }
        }
        Ok(batch.records)
    }

    /// A picture's PNG file; `None` if the run has no such picture.
    pub fn image(&self, id: &ImageId) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(png) = self.inner.live.as_ref().and_then(|live| live.image(id)) {
            return Ok(Some(png));
        }
        self.inner.read(|connection| {
            let mut select = connection.prepare_cached("SELECT png FROM images WHERE id = ?1")?;
            select.query_row([&id.0], |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?))).optional()
        })
    }

    /// A document's JSON text, compressed with gzip; `None` if the run has no such document.
    pub fn document_gzip(&self, id: &DocumentId) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(gzip) = self.inner.live.as_ref().and_then(|live| live.document(id)) {
            return Ok(Some(gzip));
        }
        self.inner.read(|connection| {
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
            SinkError::Corrupt { file: self.inner.file.clone(), reason }
        })
    }

    /// What was last kept under a key; `None` if nothing was.
    pub fn kept(&self, key: &str) -> Result<Option<Arc<[u8]>>, SinkError> {
        if let Some(waiting) = self.inner.live.as_ref().and_then(|live| live.kept(key)) {
            return Ok(waiting);
        }
        self.inner.read(|connection| {
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
        let body: Option<String> = self.inner.read(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM status WHERE id = 1")?;
            select.query_row([], |row| row.get(0)).optional()
        })?;
        body.map(|body| serde_json::from_str(&body)).transpose().map_err(|e| SinkError::Corrupt {
            file: self.inner.file.clone(),
            reason: e.to_string(),
        })
    }

    /// To wait until there is something new. What is new before this call is not reported.
    pub fn changes(&self) -> Changes {
        if !self.inner.polling.swap(true, Ordering::Relaxed) {
            start_polling(&self.inner);
        }
        Changes(self.inner.changes.subscribe())
    }
}

/// Wakes its owner when a run has new records or a new status.
#[derive(Clone, Debug)]
pub struct Changes(watch::Receiver<u64>);

impl Changes {
    /// Waits for a change that was not reported yet; several may be reported as one.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Collects records up to a limit.
struct Batch {
    records: Vec<Record>,
    last: u64,
    bytes: usize,
    limit: BatchLimit,
}

impl Batch {
    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut select = connection.prepare_cached(
            "SELECT seq, time_ms, body FROM records WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        // SQLite counts to i64::MAX.
        let after = i64::try_from(self.last).unwrap_or(i64::MAX);
        let limit = i64::try_from(self.limit.records).unwrap_or(i64::MAX);
        let mut rows = select.query(params![after, limit])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(2)?.as_bytes()?;
            if !self.push(row.get(0)?, row.get(1)?, &String::from_utf8_lossy(body)) {
                break;
            }
        }
        Ok(())
    }

    /// Takes the record if the limit allows.
    fn push(&mut self, seq: u64, time_ms: u64, body: &str) -> bool {
        let full = self.records.len() >= self.limit.records
            || self.bytes.saturating_add(body.len()) > self.limit.bytes;
        if full && !(self.records.is_empty() && self.limit.records > 0) {
            return false;
        }
        self.bytes += body.len();
        self.last = seq;
        let event = upgrade::event(body).unwrap_or_else(|error| {
            Event::Fault(Fault {
                part: "run store".into(),
                message: format!("record {seq} is damaged and cannot be shown ({error})"),
                epoch: None,
            })
        });
        self.records.push(Record { seq, time_ms, event });
        true
    }
}

impl Inner {
    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SinkError> {
        let pooled = self.connection()?;
        let answer = query(&pooled.connection)
            .map_err(|source| store_error("cannot read", &self.file, source))?;
        let mut pool = lock(&self.pool);
        if pool.len() < POOL {
            pool.push(pooled);
        }
        Ok(answer)
    }

    /// An idle connection to the file that is there now, or a new one. If the file is gone, what is
    /// still open is used.
    fn connection(&self) -> Result<Pooled, SinkError> {
        let identity = file_identity(&self.file);
        if let Some(pooled) = lock(&self.pool).pop()
            && (identity.is_none() || pooled.identity == identity)
        {
            return Ok(pooled);
        }
        let connection = read_only(&self.file, self.immutable)?;
        match schema::identify(&connection, &self.file)? {
            Found::Run { run_id } if run_id == self.run_id => Ok(Pooled { connection, identity }),
            _ => Err(SinkError::Replaced(self.file.clone())),
        }
    }
}

fn read_only(file: &Path, immutable: bool) -> Result<Connection, SinkError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if immutable {
        Connection::open_with_flags(immutable_uri(file), flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(file, flags)
    };
    let opened = opened.and_then(|connection| {
        connection.busy_timeout(BUSY)?;
        // Opening is lazy: only reading shows whether the file can be read.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    });
    opened.map_err(|source| match store_error("cannot open", file, source) {
        SinkError::Store { doing, file, source, hint: "" } => SinkError::Store {
            doing,
            file,
            source,
            hint: "; if the directory is read-only and the run was killed, copy the whole directory \
                   to a place that can be written",
        },
        other => other,
    })
}

/// `file` as an SQLite URI that promises that nobody changes it.
pub(super) fn immutable_uri(file: &Path) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut uri = String::from("file:");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri += &format!("%{other:02X}"),
        }
    }
    uri + "?immutable=1"
}

fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).map_or(true, |meta| meta.len() == 0)
}

/// Runs in the directories of `dir`, as a hint for who gave the parent of a run.
fn nearby_runs(dir: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return if dir.exists() { String::new() } else { "; the directory does not exist".into() };
    };
    let mut runs: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join(STORE_FILE).is_file())
        .map(|path| path.display().to_string())
        .collect();
    runs.sort();
    match runs.len() {
        0 => String::new(),
        1..=3 => format!("; did you mean {}?", runs.join(" or ")),
        more => format!("; did you mean one of the {more} runs in it, {} for example?", runs[0]),
    }
}

/// Looks for changes by another process for as long as the log is in use.
fn start_polling(inner: &Arc<Inner>) {
    let weak = Arc::downgrade(inner);
    let started =
        std::thread::Builder::new().name("spyhole-poll".into()).spawn(move || poll(&weak));
    if let Err(error) = started {
        tracing::warn!(%error, "no thread to look for changes: the run is shown as it was when opened");
    }
}

fn poll(weak: &Weak<Inner>) {
    let mut watched: Option<(Pooled, i64)> = None;
    loop {
        let Some(inner) = weak.upgrade() else { return };
        let identity = file_identity(&inner.file);
        // `data_version` goes up when another connection has written; it counts per connection.
        let version = |pooled: &Pooled| {
            pooled.connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).ok()
        };
        let now = watched.take().filter(|(pooled, _)| pooled.identity == identity);
        let changed = match now {
            Some((pooled, before)) => {
                let version = version(&pooled);
                watched = version.map(|version| (pooled, version));
                version != Some(before)
            }
            None => {
                watched = inner.connection().ok().and_then(|pooled| {
                    let version = version(&pooled)?;
                    Some((pooled, version))
                });
                // A run that was replaced is news as well: readers shall find out.
                watched.is_some() || identity.is_some()
            }
        };
        if changed {
            inner.changes.send_modify(|generation| *generation += 1);
        }
        drop(inner);
        std::thread::sleep(POLL);
    }
}
