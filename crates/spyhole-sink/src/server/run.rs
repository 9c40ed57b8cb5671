//! A run that is shown, and what its clients share.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use sha2::{Digest, Sha256};
use spyhole_protocol::ServerMessage;
use tokio::sync::Mutex;

use crate::store::BatchLimit;
use crate::{Control, RunLog, SinkError};

/// Size of one message of records.
pub(super) const BATCH: BatchLimit = BatchLimit { records: 200, bytes: 256 << 10 };

/// Messages that are kept for others who need the same.
const KEPT: usize = 8;

/// A run that is shown.
pub(super) struct Run {
    pub(super) log: RunLog,
    pub(super) live: bool,
    pub(super) control: Option<Arc<dyn Control>>,
    recent: Mutex<VecDeque<Batch>>,
}

/// Records as they are sent.
#[derive(Clone)]
pub(super) struct Batch {
    after: u64,
    pub(super) last: u64,
    pub(super) json: Utf8Bytes,
}

impl Run {
    pub(super) fn new(log: RunLog, live: bool, control: Option<Arc<dyn Control>>) -> Self {
        Self { log, live, control, recent: Mutex::default() }
    }

    /// What stands for the run in addresses: its id, as long as that can.
    pub(super) fn key(&self) -> String {
        let id = self.log.run_id();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !id.is_empty() && id.len() <= 64 && id.bytes().all(plain) {
            return id.to_owned();
        }
        crate::hex(&Sha256::digest(id)[..8])
    }

    /// The next records after a number as a message; `None` if there are none. Records never change, so whoever
    /// is at the same place gets the same message: all who follow a run share the work.
    pub(super) async fn batch(&self, after: u64) -> Result<Option<Batch>, String> {
        let mut recent = self.recent.lock().await;
        if let Some(batch) = recent.iter().find(|batch| batch.after == after) {
            return Ok(Some(batch.clone()));
        }
        let read = self.read(move |log| {
            let records = log.batch(after, BATCH)?;
            let last = records.last().map_or(after, |record| record.seq);
            Ok((last, json(&ServerMessage::Records { records })))
        });
        let (last, json) = read.await?;
        if last == after {
            return Ok(None);
        }
        let batch = Batch { after, last, json: json? };
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(batch.clone());
        Ok(Some(batch))
    }

    /// Reads the log on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&RunLog) -> Result<T, SinkError> + Send + 'static,
    ) -> Result<T, String> {
        let log = self.log.clone();
        let failed = |error: String| {
            tracing::warn!(error, "cannot read a run for a dashboard");
            error
        };
        match tokio::task::spawn_blocking(move || read(&log)).await {
            Ok(result) => result.map_err(|error| failed(error.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

/// A message as it is sent.
pub(super) fn json(message: &ServerMessage) -> Result<Utf8Bytes, String> {
    serde_json::to_string(message).map(Utf8Bytes::from).map_err(|error| error.to_string())
}
