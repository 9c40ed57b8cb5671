//! Sinks for tests: one that remembers, one that fails, one that panics, one that hangs.

use std::sync::{Arc, Mutex};

use spyhole_protocol::{Record, Status};

use crate::{Attached, Picture, Sheet, Sink, SinkResult, lock};

/// What a [`RecordingSink`] has received.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Records, in the order of arrival.
    pub records: Vec<Record>,
    /// Pictures, in the order of arrival.
    pub images: Vec<Picture>,
    /// Documents, in the order of arrival.
    pub documents: Vec<Sheet>,
    /// Statuses, in the order of arrival.
    pub statuses: Vec<Status>,
    /// Whether the sink was closed.
    pub closed: bool,
}

/// Remembers everything it receives. Clones share their memory: keep one, give one to the hub.
#[derive(Clone, Debug, Default)]
pub struct RecordingSink(Arc<Mutex<Received>>);

impl RecordingSink {
    /// What has arrived so far.
    pub fn received(&self) -> Received {
        lock(&self.0).clone()
    }
}

impl Sink for RecordingSink {
    fn name(&self) -> &str {
        "recording sink"
    }

    fn deliver(&mut self, record: &Record, attached: &Attached) -> SinkResult {
        let mut received = lock(&self.0);
        received.records.push(record.clone());
        received.images.extend_from_slice(&attached.images);
        received.documents.extend_from_slice(&attached.documents);
        Ok(())
    }

    fn status(&mut self, status: &Status) -> SinkResult {
        lock(&self.0).statuses.push(status.clone());
        Ok(())
    }

    fn close(&mut self) -> SinkResult {
        lock(&self.0).closed = true;
        Ok(())
    }
}

/// What a [`FaultySink`] does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes it.
    Work,
    /// Returns an error.
    Fail,
    /// Panics.
    Panic,
}

/// Behaves for each record as its function says.
pub struct FaultySink<F>(pub F);

impl<F: FnMut(&Record) -> Behaviour + Send> Sink for FaultySink<F> {
    fn name(&self) -> &str {
        "faulty sink"
    }

    fn deliver(&mut self, record: &Record, _attached: &Attached) -> SinkResult {
        match (self.0)(record) {
            Behaviour::Work => Ok(()),
            Behaviour::Fail => Err("no more paper".into()),
            Behaviour::Panic => std::panic::panic_any("out of ink"),
        }
    }
}
