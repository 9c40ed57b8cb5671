//! The only part that writes the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use spyhole_protocol::Status;

use super::lock::RunLock;
use super::pending::Waiting;
use super::schema::{self, Found};
use super::{file_identity, store_error};
use crate::SinkError;

/// Keeps the write-ahead log from staying large after a burst.
const WAL_KEPT: u32 = 64 << 20;

/// Writes a run's store. There is one at a time per run directory, in all processes.
#[derive(Debug)]
pub(crate) struct Writer {
    dir: PathBuf,
    file: PathBuf,
    connection: Connection,
    identity: Option<(u64, u64)>,
    busy_timeout: Duration,
    run_id: String,
    head: u64,
    lock: Arc<RunLock>,
    opened_ms: u64,
}

impl Writer {
    /// Opens the newest store in `dir`, which is made if it does not exist. The run in it is continued, unless
    /// [`other`](Self::other) follows.
    pub(crate) fn open(dir: &Path, busy_timeout: Duration) -> Result<Self, SinkError> {
        if dir.exists() && !dir.is_dir() {
            return Err(SinkError::NotADirectory(dir.to_owned()));
        }
        std::fs::create_dir_all(dir)
            .map_err(|source| SinkError::NotWritable { dir: dir.to_owned(), source })?;
        let file = schema::store_file(dir);
        schema::check_magic(&file)?;
        let lock = Arc::new(RunLock::take(dir)?);
        Self::open_file(dir, file, busy_timeout, lock, crate::now_ms())
    }

    /// Opens another store of the same directory: a new one for a run of its own beside this one, or the `file` of an
    /// earlier run, which is continued.
    pub(crate) fn other(&self, file: Option<PathBuf>) -> Result<Self, SinkError> {
        let file = file.unwrap_or_else(|| schema::next_store(&self.dir));
        schema::check_magic(&file)?;
        // It is the one that was opened last, also by a coarse clock.
        let opened_ms = crate::now_ms().max(self.opened_ms + 1);
        Self::open_file(&self.dir, file, self.busy_timeout, self.lock.clone(), opened_ms)
    }

    /// Writes how the run ended, for a start that has come to nothing here.
    pub(crate) fn write_status(&self, status: &Status) -> Result<(), SinkError> {
        let write = || -> rusqlite::Result<usize> {
            let body = serde_json::to_string(status)
                .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
            self.connection.execute("INSERT OR REPLACE INTO status VALUES (1, ?1)", [body])
        };
        write().map(drop).map_err(|source| store_error("cannot write", &self.file, source))
    }

    fn open_file(
        dir: &Path,
        file: PathBuf,
        busy_timeout: Duration,
        lock: Arc<RunLock>,
        opened_ms: u64,
    ) -> Result<Self, SinkError> {
        let mut connection = connect(&file, busy_timeout)?;
        let run_id = match schema::identify(&connection, &file)? {
            Found::Run { run_id } => run_id,
            Found::Nothing => {
                configure(&connection, &file)?;
                schema::create(&mut connection, &file)?
            }
        };
        configure(&connection, &file)?;
        schema::complete(&connection, &file)?;
        // Now is the time to find out whether the disk takes anything.
        connection
            .execute(
                "INSERT OR REPLACE INTO meta VALUES ('opened_ms', ?1)",
                [opened_ms.to_string()],
            )
            .map_err(|source| store_error("cannot write", &file, source))?;
        let head = connection
            .query_row("SELECT coalesce(max(seq), 0) FROM records", [], |row| row.get(0))
            .map_err(|source| store_error("cannot read", &file, source))?;
        let identity = file_identity(&file);
        let dir = dir.to_owned();
        Ok(Self { dir, file, connection, identity, busy_timeout, run_id, head, lock, opened_ms })
    }

    /// The file that is written.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Identifies the run; kept when it is continued.
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The newest record when the store was opened.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Writes all or nothing.
    pub(crate) fn write(
        &mut self,
        waiting: &Waiting,
        status: Option<&Status>,
    ) -> Result<(), SinkError> {
        self.stay_with_the_file()?;
        self.transact(waiting, status)
            .map_err(|source| store_error("cannot write", &self.file, source))
    }

    fn transact(&mut self, waiting: &Waiting, status: Option<&Status>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO images VALUES (?1, ?2)")?;
            for picture in &waiting.attached.images {
                insert.execute(params![picture.id().0, &picture.png()[..]])?;
            }
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO documents VALUES (?1, ?2)")?;
            for sheet in &waiting.attached.documents {
                insert.execute(params![sheet.id().0, &sheet.gzip()[..]])?;
            }
            let mut insert = transaction.prepare_cached(
                "INSERT INTO records (seq, time_ms, kind, epoch, layer, body) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for row in &waiting.rows {
                insert.execute(params![
                    row.seq,
                    row.time_ms,
                    row.kind,
                    row.epoch,
                    row.layer,
                    row.body
                ])?;
            }
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO kept VALUES (?1, ?2)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM kept WHERE key = ?1")?;
            for kept in &waiting.kept {
                match &kept.body {
                    Some(body) => insert.execute(params![kept.key, &body[..]])?,
                    None => delete.execute([&kept.key])?,
                };
            }
            if let Some(status) = status {
                let body = serde_json::to_string(status)
                    .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO status VALUES (1, ?1)")?
                    .execute([body])?;
            }
        }
        transaction.commit()
    }

    /// SQLite would go on writing into a deleted file without a word. If the file is gone but its
    /// directory is there (again), everything recorded so far is put back from the open file.
    fn stay_with_the_file(&mut self) -> Result<(), SinkError> {
        let now = file_identity(&self.file);
        if now == self.identity {
            return Ok(());
        }
        if now.is_some() || !self.dir.is_dir() {
            return Err(SinkError::Gone(self.file.clone()));
        }
        if !self.lock.holds(&self.dir) {
            self.lock = Arc::new(RunLock::take(&self.dir)?);
        }
        let error = |source| store_error("cannot restore", &self.file, source);
        let target = self.file.with_extension("restoring");
        let _ = std::fs::remove_file(&target);
        let path = target.to_string_lossy().into_owned();
        self.connection.execute("VACUUM INTO ?1", [path]).map_err(error)?;
        // Left beside the new file, an old log would be taken for its own.
        for log in ["sqlite-wal", "sqlite-shm"] {
            let _ = std::fs::remove_file(self.file.with_extension(log));
        }
        std::fs::rename(&target, &self.file)
            .map_err(|source| SinkError::NotWritable { dir: self.dir.clone(), source })?;
        let connection = connect(&self.file, self.busy_timeout)?;
        configure(&connection, &self.file)?;
        self.connection = connection;
        self.identity = file_identity(&self.file);
        Ok(())
    }

    /// Moves everything from the write-ahead log into the file, so that the file alone is the run.
    pub(crate) fn finish(&mut self) {
        if file_identity(&self.file) != self.identity {
            return;
        }
        let done = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::debug!(%error, "the write-ahead log stays, for a reader is using it");
        }
    }

    /// For tests of a full disk: the file may not grow beyond this many pages.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, pages: u32) {
        self.connection.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

fn connect(file: &Path, busy_timeout: Duration) -> Result<Connection, SinkError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)
        .and_then(|connection| {
            connection.busy_timeout(busy_timeout)?;
            Ok(connection)
        })
        .map_err(|source| store_error("cannot open", file, source))?;
    Ok(connection)
}

fn configure(connection: &Connection, file: &Path) -> Result<(), SinkError> {
    let set = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "journal_size_limit", WAL_KEPT)?;
        Ok(())
    };
    set().map_err(|source| store_error("cannot write", file, source))
}
