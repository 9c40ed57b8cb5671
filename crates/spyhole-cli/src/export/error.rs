use std::io;
use std::path::{Path, PathBuf};

use spyhole_sink::SinkError;

use crate::interrupt::Interrupted;

/// Why a run was not exported. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error(transparent)]
    Store(#[from] SinkError),

    #[error("cannot write {}: {source}{}; nothing was exported", path.display(), hint(source))]
    Write { path: PathBuf, source: io::Error },

    #[error(
        "{} exists and is not empty; choose another directory, or replace an earlier export with --force",
        .0.display()
    )]
    Exists(PathBuf),

    #[error("{} exists; choose another file, or replace it with --force", .0.display())]
    FileExists(PathBuf),

    #[error(
        "{} is not an export of spyhole, so --force does not replace it; choose another directory, or \
         empty it yourself",
        .0.display()
    )]
    NotAnExport(PathBuf),

    #[error("{} is not a directory; an export is a directory of files", .0.display())]
    NotADirectory(PathBuf),

    #[error("{} is a directory; a report or a recording is one file", .0.display())]
    IsADirectory(PathBuf),

    #[error(
        "the dashboard was not built into this program, and the report is made of its page; build it in \
         spyhole's sources (cd dashboard && npm ci && npm run build) and compile again, or export \
         without a report: --no-report"
    )]
    NoTemplate,

    #[error(
        "the dashboard's page in this program has no place for a report; build it anew (cd dashboard && \
         npm run build) and compile again, or export without a report: --no-report"
    )]
    NoPlace,

    #[error(
        "this program was compiled without rerun; compile it with it: cargo run --release -p spyhole-cli --features \
         rerun -- export RUN_DIR --rrd FILE"
    )]
    NoRerun,

    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Turns an error of the operating system into one for users.
pub(super) fn writing(path: &Path) -> impl Fn(io::Error) -> ExportError + use<> {
    let path = path.to_owned();
    move |source| ExportError::Write { path: path.clone(), source }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => " (make room on the disk)",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            " (choose another place or change its permissions)"
        }
        _ => "",
    }
}
