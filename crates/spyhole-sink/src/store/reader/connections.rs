//! Connections to the file of a run, for reading.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::store::schema::{self, Found};
use crate::store::{file_identity, store_error};
use crate::{SinkError, lock};

/// How long a reader waits where SQLite makes it wait: only while a killed run is put in order.
const BUSY: Duration = Duration::from_secs(5);

/// Idle connections that are kept.
const IDLE: usize = 4;

/// Connections to one run's file, each used by one reader at a time.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) file: PathBuf,
    pub(super) run_id: String,
    /// On read-only media, with nothing in the write-ahead log: read the file as one that never
    /// changes.
    pub(super) immutable: bool,
    idle: Mutex<Vec<Pooled>>,
}

#[derive(Debug)]
pub(super) struct Pooled {
    pub(super) connection: Connection,
    pub(super) identity: Option<(u64, u64)>,
}

impl Connections {
    /// Opens the store `file` and finds out whose it is; `None` if there is no run in it.
    pub(super) fn open(file: PathBuf) -> Result<Option<Self>, SinkError> {
        if !schema::check_magic(&file)? {
            return Ok(None);
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
            return Ok(None);
        };
        let identity = file_identity(&file);
        let idle = Mutex::new(vec![Pooled { connection, identity }]);
        Ok(Some(Self { file, run_id, immutable, idle }))
    }

    /// For a store that this process writes: nothing is opened before it is needed.
    pub(super) fn lazy(file: PathBuf, run_id: String) -> Self {
        Self { file, run_id, immutable: false, idle: Mutex::default() }
    }

    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SinkError> {
        let pooled = self.take()?;
        let answer = query(&pooled.connection)
            .map_err(|source| store_error("cannot read", &self.file, source))?;
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE {
            idle.push(pooled);
        }
        Ok(answer)
    }

    /// An idle connection to the file that is there now, or a new one. If the file is gone, what is
    /// still open is used.
    pub(super) fn take(&self) -> Result<Pooled, SinkError> {
        let identity = file_identity(&self.file);
        if let Some(pooled) = lock(&self.idle).pop()
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
pub(in crate::store) fn immutable_uri(file: &Path) -> String {
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
