//! The tables of a run store, and how to tell one from another file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::store_error;
use crate::SinkError;

/// Name of the run store in its run directory. Further runs in the same directory are in `run-2.sqlite`,
/// `run-3.sqlite`, …
pub const STORE_FILE: &str = "run.sqlite";

/// Version of the tables below. It goes up when an older program would misread a newer file: a column or table that
/// it looks into has another meaning or is gone. Further tables (`LATER`) are no reason. What goes up with the words
/// in the tables is [`spyhole_protocol::VERSION`].
pub(super) const FORMAT: u32 = 1;

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// `records.body` is the JSON of the event; the columns before it repeat what views search by.
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        time_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        epoch INTEGER,
        layer TEXT,
        body TEXT NOT NULL
    );
    CREATE INDEX records_by_kind ON records (kind, epoch);
    CREATE INDEX records_by_layer ON records (layer, epoch) WHERE layer IS NOT NULL;
    CREATE TABLE images (id TEXT PRIMARY KEY, png BLOB NOT NULL);
    CREATE TABLE status (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
";

/// What the analyses need to continue the run; results of studies as compressed JSON; what finds the newest records
/// of each layer, and pages of them, without reading the others. Runs that were recorded before there were such
/// tables get them when they are continued; until then they are read without.
const LATER: &str = "
    CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, gzip BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS records_by_kind_and_layer ON records (kind, layer);
";

/// What a file turned out to be, if it is not an error.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No file, or one without any table: a store may be made here.
    Nothing,
    /// A run that this program can read.
    Run {
        /// Identifies the run.
        run_id: String,
    },
}

/// The run stores in a directory, in the order in which they were begun. There is one per run; whatever the directory
/// has besides is no store by its name.
pub(crate) fn stores_in(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut stores: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter_map(|path| Some((number_of(&path)?, path)))
        .collect();
    stores.sort();
    stores.into_iter().map(|(_, path)| path).collect()
}

/// Which of a directory's runs is in a file, counted from 1, by the file's name; `None`: it is not named like a store.
pub(crate) fn number_of(file: &Path) -> Option<u32> {
    let name = file.file_name()?.to_str()?;
    if name == STORE_FILE {
        return Some(1);
    }
    let number = name.strip_prefix("run-")?.strip_suffix(".sqlite")?;
    // Written as it is numbered here: not `run-02`.
    let number = number.parse().ok().filter(|parsed: &u32| parsed.to_string() == number)?;
    Some(number).filter(|&number| number > 1)
}

/// The store in a directory that was last written to by a training, or where the first is to be made.
pub(super) fn store_file(dir: &Path) -> PathBuf {
    let mut stores = stores_in(dir);
    if stores.len() > 1 {
        // Of those that do not say, the one with the highest number.
        stores.sort_by_cached_key(|file| opened_ms(file));
    }
    stores.pop().unwrap_or_else(|| dir.join(STORE_FILE))
}

/// When a training has opened a store last; 0 if it cannot be read.
fn opened_ms(file: &Path) -> u64 {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = || -> Option<u64> {
        if !check_magic(file).ok()? {
            return None;
        }
        let connection = Connection::open_with_flags(file, flags).ok()?;
        meta(&connection, "opened_ms").ok()??.parse().ok()
    };
    read().unwrap_or(0)
}

/// Where the run after all those in a directory is to be made.
pub(super) fn next_store(dir: &Path) -> PathBuf {
    let newest = stores_in(dir).last().and_then(|file| number_of(file)).unwrap_or(0);
    match newest {
        0 => dir.join(STORE_FILE),
        newest => dir.join(format!("run-{}.sqlite", newest.saturating_add(1))),
    }
}

/// Looks at the first bytes, so that files which are no database are not even opened as one.
pub(super) fn check_magic(file: &Path) -> Result<bool, SinkError> {
    let foreign = |found: &str| SinkError::Foreign { file: file.to_owned(), found: found.into() };
    let mut start = Vec::new();
    match File::open(file) {
        Ok(_) if file.is_dir() => return Err(foreign("it is a directory")),
        Ok(open) => open.take(MAGIC.len() as u64).read_to_end(&mut start),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => Err(error),
    }
    .map_err(|error| foreign(&format!("it cannot be read ({error})")))?;
    match start.as_slice() {
        [] => Ok(false),
        MAGIC => Ok(true),
        _ => Err(foreign("it is not an SQLite file")),
    }
}

/// Recognises the database behind `connection`.
pub(super) fn identify(connection: &Connection, file: &Path) -> Result<Found, SinkError> {
    let error = |source| store_error("cannot read", file, source);
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(error)?;
    if tables == 0 {
        return Ok(Found::Nothing);
    }
    let foreign = |found: &str| SinkError::Foreign { file: file.to_owned(), found: found.into() };
    let has_meta: bool = connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
            [],
            |row| row.get(0),
        )
        .map_err(error)?;
    if !has_meta {
        return Err(foreign("it is a database of another program"));
    }
    for (key, what, known) in
        [("format", "format", FORMAT), ("protocol", "vocabulary", spyhole_protocol::VERSION)]
    {
        let found: u32 = meta(connection, key)
            .map_err(error)?
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| foreign(&format!("its table `meta` has no `{key}`")))?;
        if found > known {
            return Err(SinkError::Newer { file: file.to_owned(), what, found, known });
        }
    }
    let run_id = meta(connection, "run_id")
        .map_err(error)?
        .ok_or_else(|| foreign("its table `meta` has no `run_id`"))?;
    Ok(Found::Run { run_id })
}

/// Makes the tables that the format has gained since the run was begun, and says that what is recorded from now on is
/// in today's words: an older program is to refuse the file rather than to misread it.
pub(super) fn complete(connection: &Connection, file: &Path) -> Result<(), SinkError> {
    let completed = || -> rusqlite::Result<()> {
        connection.execute_batch(LATER)?;
        for (key, version) in [("format", FORMAT), ("protocol", spyhole_protocol::VERSION)] {
            let version = version.to_string();
            connection.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, &version])?;
        }
        Ok(())
    };
    completed().map_err(|source| store_error("cannot write", file, source))
}

/// Makes the tables of a new run and returns the run's id.
pub(super) fn create(connection: &mut Connection, file: &Path) -> Result<String, SinkError> {
    let run_id = crate::random_hex::<8>()?;
    let made = || -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLES)?;
        for (key, value) in [
            ("format", FORMAT.to_string()),
            ("protocol", spyhole_protocol::VERSION.to_string()),
            ("run_id", run_id.clone()),
            ("created_ms", crate::now_ms().to_string()),
        ] {
            transaction.execute("INSERT INTO meta VALUES (?1, ?2)", [key, value.as_str()])?;
        }
        transaction.commit()
    }();
    made.map_err(|source| store_error("cannot create", file, source))?;
    Ok(run_id)
}

fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    // A foreign table `meta` has other columns: no error, but no answer either.
    match connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()
    {
        Err(rusqlite::Error::SqlInputError { .. }) => Ok(None),
        answer => answer,
    }
}
