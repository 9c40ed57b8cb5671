//! The run store: one SQLite file per run. A directory can hold several runs, of which the newest is the one that is
//! meant by the directory's name.
//!
//! [`writer`] is the only part that writes, on the hub's thread, under [`lock`]. [`reader`] is
//! [`RunLog`], for any number of threads and processes. [`pending`] holds what the file would not take
//! yet, so that readers in the training process miss nothing while the disk is full. [`schema`] knows
//! the tables and recognises files that are something else. [`upgrade`] reads the records of earlier versions.

mod lock;
mod pending;
mod reader;
mod schema;
mod upgrade;
mod writer;

pub use reader::{Changes, Earlier, RunLog};
pub use schema::STORE_FILE;
pub(crate) use schema::{number_of, stores_in};

pub(crate) use pending::{Live, Row};
pub(crate) use reader::{BatchLimit, Digest, place_of, runs_in};
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests;

use std::path::Path;

use rusqlite::ErrorCode;

use crate::SinkError;

/// Turns an error of SQLite into one for users.
fn store_error(doing: &'static str, file: &Path, source: rusqlite::Error) -> SinkError {
    let hint = match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            return SinkError::Corrupt { file: file.to_owned(), reason: source.to_string() };
        }
        Some(ErrorCode::DiskFull) => "; make room on the disk",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program holds it locked"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "; check its permissions",
        _ => "",
    };
    SinkError::Store { doing, file: file.to_owned(), source, hint }
}

/// Identity of the file behind a path: another one after the file was deleted and made anew.
#[cfg(unix)]
fn file_identity(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).ok().map(|meta| (meta.dev(), meta.ino()))
}

/// Identity of the file behind a path; here only whether there is one.
#[cfg(not(unix))]
fn file_identity(file: &Path) -> Option<(u64, u64)> {
    file.exists().then_some((0, 0))
}
