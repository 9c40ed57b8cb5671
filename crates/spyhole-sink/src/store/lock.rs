use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

use super::file_identity;
use crate::SinkError;

/// Name of the lock file in the run directory.
const LOCK_FILE: &str = "run.lock";

/// The right to write a run. The operating system ends it with the process, however that ends; the
/// file itself stays behind and means nothing.
#[derive(Debug)]
pub(super) struct RunLock {
    _file: File,
    identity: Option<(u64, u64)>,
}

impl RunLock {
    /// Takes the lock, or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self, SinkError> {
        let path = dir.join(LOCK_FILE);
        let not_writable = |source| SinkError::NotWritable { dir: dir.to_owned(), source };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(not_writable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = std::fs::read_to_string(&path).unwrap_or_default();
                let owner = match owner.trim() {
                    "" => "another training".to_owned(),
                    owner => format!("another training ({owner})"),
                };
                return Err(SinkError::InUse { dir: dir.to_owned(), owner });
            }
            // Some network file systems cannot lock. Recording without the protection is better
            // than not recording.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "cannot lock the run directory {}", dir.display());
            }
        }
        file.set_len(0).map_err(not_writable)?;
        writeln!(file, "process {}", std::process::id()).map_err(not_writable)?;
        Ok(Self { _file: file, identity: file_identity(&path) })
    }

    /// Whether this is the lock that others would try to take: not if the directory was made anew.
    pub(super) fn holds(&self, dir: &Path) -> bool {
        file_identity(&dir.join(LOCK_FILE)) == self.identity
    }
}
