//! The sink: hands every record to all targets.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use spyhole_protocol::{Record, Status};

use super::mailbox::Parcel;
use super::outlet::Outlet;
use super::target::Target;
use crate::{Attached, Sink, SinkError, SinkResult};

/// Streams a run to rerun; see [`Rerun`](super::Rerun).
pub struct RerunSink {
    outlets: Vec<Outlet>,
    closed: bool,
}

impl RerunSink {
    pub(super) fn start(targets: Vec<Target>, run_dir: &Path) -> Result<Self, SinkError> {
        let outlets = targets.iter().map(|target| Outlet::start(target, run_dir));
        Ok(Self { outlets: outlets.collect::<Result<_, _>>()?, closed: false })
    }

    /// For each target its name and the time that its thread has worked so far.
    pub fn time_spent(&self) -> Vec<(String, Duration)> {
        self.outlets.iter().map(|outlet| (outlet.name().to_owned(), outlet.spent())).collect()
    }
}

impl Sink for RerunSink {
    fn name(&self) -> &str {
        "rerun"
    }

    /// Never waits.
    fn deliver(&mut self, record: &Record, attached: &Attached) -> SinkResult {
        if self.outlets.is_empty() {
            return Ok(());
        }
        let parcel = Arc::new(Parcel { record: record.clone(), attached: attached.clone() });
        self.outlets.iter().for_each(|outlet| outlet.push(parcel.clone()));
        Ok(())
    }

    /// Never waits.
    fn status(&mut self, status: &Status) -> SinkResult {
        self.outlets.iter().for_each(|outlet| outlet.set_status(status));
        Ok(())
    }

    fn troubles(&mut self) -> Vec<String> {
        self.outlets.iter_mut().flat_map(Outlet::troubles).collect()
    }

    /// Waits until all has arrived, within limits, and tells what has not.
    fn close(&mut self) -> SinkResult {
        self.closed = true;
        self.outlets.iter().for_each(Outlet::close);
        let closed_at = Instant::now();
        self.outlets.iter().for_each(|outlet| outlet.end(closed_at));
        Ok(())
    }
}

impl Drop for RerunSink {
    fn drop(&mut self) {
        if !self.closed {
            self.outlets.iter().for_each(Outlet::close);
        }
    }
}

impl fmt::Debug for RerunSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.outlets.iter().map(Outlet::name)).finish()
    }
}
