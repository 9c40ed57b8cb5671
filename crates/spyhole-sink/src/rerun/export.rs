//! The recording of a run that was, from its run store.

use std::path::Path;
use std::sync::Arc;

use spyhole_protocol::History;

use super::recorder::Recorder;
use super::target::{RrdFile, Target};
use crate::{RunLog, SinkError};

/// Records that are read at a time.
const PORTION: usize = 256;

/// What an export has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Records of the run that went into it.
    pub records: u64,
    /// Size of the file.
    pub bytes: u64,
    /// What is not in it, and why: pictures that the run store has lost, say.
    pub missing: Vec<String>,
}

/// Writes the recording of a run to an `.rrd` file, as [`Rerun::save`](super::Rerun::save) does while it is trained. A run
/// that still goes on is written as far as it is. Only the timeline `items` is missing, which the run store does not know.
///
/// The file appears when it is complete; what was there before is replaced then.
///
/// # Errors
/// When the run cannot be read, or the file cannot be written.
pub fn export(log: &RunLog, file: impl AsRef<Path>) -> Result<Exported, SinkError> {
    let file = file.as_ref();
    let fail = |reason: String| SinkError::Recording { file: file.to_owned(), reason };
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = Path::new(&unfinished);
    let written = write(log, unfinished).and_then(|(records, missing)| {
        std::fs::rename(unfinished, file).map_err(|error| fail(error.to_string()))?;
        let size = std::fs::metadata(file).map_err(|error| fail(error.to_string()))?.len();
        Ok(Exported { records, bytes: size, missing })
    });
    if written.is_err() {
        // It may never have been made.
        let _ = std::fs::remove_file(unfinished);
    }
    written
}

fn write(log: &RunLog, path: &Path) -> Result<(u64, Vec<String>), SinkError> {
    let fail = |reason: String| SinkError::Recording { file: path.to_owned(), reason };
    let head = log.head()?;
    let file = Arc::new(RrdFile::create(path)?);
    let mut recorder = Recorder::new(file.writer(), Target::File(path.to_owned()).batching());
    let mut missing = vec![];
    let history = log.history()?;
    replay(log, &history, head.saturating_add(1), &mut recorder, |trouble| missing.push(trouble))?;
    recorder.finish();
    super::target::Connection::finish(&*file).map_err(fail)?;
    Ok((head, missing))
}

/// Gives a recorder all records before number `end` that count by a history. What cannot be shown is told and left out.
pub(super) fn replay(
    log: &RunLog,
    history: &History,
    end: u64,
    recorder: &mut Recorder,
    mut told: impl FnMut(String),
) -> Result<(), SinkError> {
    let mut last = 0;
    recorder.after_branches(history.branches().len());
    loop {
        let records = log.records_after(last, PORTION)?;
        let before = records.iter().take_while(|record| record.seq < end);
        for record in before.filter(|record| history.is_current(record)) {
            if let Err(error) = recorder.record(record, log) {
                told(format!("record {}: {error}", record.seq));
            }
        }
        match records.last() {
            Some(record) if record.seq < end => last = record.seq,
            _ => return Ok(()),
        }
    }
}
