//! A recording on disk. rerun's own file sink tells nobody why a write failed; this one does.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use re_sdk::external::re_log_encoding::{Encoder, EncodingOptions};
use re_sdk::log::LogMsg;
use re_sdk::sink::{LogSink, SinkFlushError};

use super::{Connection, Opened, State};
use crate::{SinkError, lock};

pub(super) fn open(path: &Path) -> Result<Opened, SinkError> {
    let file = Arc::new(RrdFile::create(path)?);
    Ok(Opened { sink: Box::new(Writer(file.clone())), connection: file })
}

/// An `.rrd` file being written.
pub(in crate::rerun) struct RrdFile {
    path: PathBuf,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    /// Begun with the first message: a training that does not come to start leaves an earlier recording as it was.
    encoder: Option<Encoder<File>>,
    /// Why nothing more is written.
    failure: Option<String>,
}

impl RrdFile {
    /// Makes the folders above it, and sees whether it can be written.
    pub(in crate::rerun) fn create(path: &Path) -> Result<Self, SinkError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), std::fs::create_dir_all);
        let opened = made
            .and_then(|()| OpenOptions::new().write(true).create(true).truncate(false).open(path));
        opened.map_err(|error| SinkError::Recording {
            file: path.into(),
            reason: error.to_string(),
        })?;
        Ok(Self { path: path.into(), content: Mutex::default() })
    }

    /// For rerun to write to.
    pub(in crate::rerun) fn writer(self: &Arc<Self>) -> Box<dyn LogSink> {
        Box::new(Writer(self.clone()))
    }
}

impl Connection for RrdFile {
    fn state(&self) -> State {
        // Held only for as long as a write takes; while it is, there is nothing new to say.
        let Ok(content) = self.content.try_lock() else { return State::Fine };
        match &content.failure {
            Some(reason) => State::Broken(format!("cannot be written: {reason}")),
            None => State::Fine,
        }
    }

    /// Writes the table of contents at the end.
    fn finish(&self) -> Result<(), String> {
        let mut content = lock(&self.content);
        if content.failure.is_none()
            && let Some(Err(error)) = content.encoder.as_mut().map(Encoder::finish)
        {
            content.failure = Some(error.to_string());
        }
        // Also told by `state`, but whoever exports asks only here.
        content
            .failure
            .as_ref()
            .map_or(Ok(()), |reason| Err(format!("cannot be written: {reason}")))
    }
}

impl Content {
    fn append(&mut self, path: &Path, message: &LogMsg) -> Result<(), String> {
        if self.encoder.is_none() {
            let file = File::create(path).map_err(|error| error.to_string())?;
            let version = re_sdk::build_info().version;
            let encoder = Encoder::new_eager(version, EncodingOptions::PROTOBUF_COMPRESSED, file);
            self.encoder = Some(encoder.map_err(|error| error.to_string())?);
        }
        let appended = self.encoder.as_mut().map(|encoder| encoder.append(message));
        appended.transpose().map(drop).map_err(|error| error.to_string())
    }
}

struct Writer(Arc<RrdFile>);

impl LogSink for Writer {
    fn send(&self, message: LogMsg) {
        let mut content = lock(&self.0.content);
        if content.failure.is_none()
            && let Err(reason) = content.append(&self.0.path, &message)
        {
            content.failure = Some(reason);
        }
    }

    fn flush_blocking(&self, _timeout: Duration) -> Result<(), SinkFlushError> {
        match &lock(&self.0.content).failure {
            Some(reason) => Err(SinkFlushError::failed(reason)),
            None => Ok(()),
        }
    }
}
