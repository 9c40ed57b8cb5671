//! Where an export goes: made beside its place and moved there at the end, so that there is all of it or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::error::writing;
use super::{ExportError, readme};

/// A directory or file in the making. Dropped before [`Place::finish`], it leaves nothing.
pub(crate) struct Place {
    target: PathBuf,
    staging: TempDir,
    /// What is there is to be replaced.
    replace: bool,
}

impl Place {
    /// A place for a new directory; what is in it is made in [`Place::staging`].
    pub(crate) fn directory(target: &Path, run: &Path, force: bool) -> Result<Self, ExportError> {
        let target = resolved(target);
        if target.exists() && !target.is_dir() {
            return Err(ExportError::NotADirectory(target));
        }
        let replace = match fs::read_dir(&target) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(writing(&target)(error)),
        };
        if replace && !force {
            return Err(ExportError::Exists(target));
        }
        let holds_the_run = resolved(run).starts_with(&target);
        if replace && (holds_the_run || !readme::is_in(&target)) {
            return Err(ExportError::NotAnExport(target));
        }
        let place = Self::beside(target, replace)?;
        let staging = place.staging();
        fs::create_dir(&staging).map_err(writing(&staging))?;
        Ok(place)
    }

    /// A place for a new file.
    pub(crate) fn file(target: &Path, force: bool) -> Result<Self, ExportError> {
        let target = Self::free(target, force)?;
        let replace = target.exists();
        Self::beside(target, replace)
    }

    /// Where a file may be written: its whole path.
    pub(crate) fn free(target: &Path, force: bool) -> Result<PathBuf, ExportError> {
        let target = resolved(target);
        if target.is_dir() {
            return Err(ExportError::IsADirectory(target));
        }
        if target.exists() && !force {
            return Err(ExportError::FileExists(target));
        }
        Ok(target)
    }

    fn beside(target: PathBuf, replace: bool) -> Result<Self, ExportError> {
        let parent = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(writing(parent))?;
        let staging = tempfile::Builder::new()
            .prefix(".spyhole-export-")
            .tempdir_in(parent)
            .map_err(writing(&target))?;
        Ok(Self { target, staging, replace })
    }

    /// Where it is made until it is finished.
    pub(crate) fn staging(&self) -> PathBuf {
        self.staging.path().join("new")
    }

    /// Moves it to its place, and returns that.
    pub(crate) fn finish(self) -> Result<PathBuf, ExportError> {
        let failed = writing(&self.target);
        let old = self.staging.path().join("old");
        if self.replace {
            fs::rename(&self.target, &old).map_err(&failed)?;
        } else if self.target.is_dir() {
            fs::remove_dir(&self.target).map_err(&failed)?;
        }
        if let Err(error) = fs::rename(self.staging(), &self.target) {
            if self.replace && fs::rename(&old, &self.target).is_err() {
                // The earlier export is worth more than a tidy directory.
                let kept = self.staging.keep();
                eprintln!("note: the earlier export is kept in {}", kept.display());
            }
            return Err(failed(error));
        }
        Ok(self.target)
    }
}

/// The path without links and `..`, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    fs::canonicalize(&absolute).unwrap_or(absolute)
}
