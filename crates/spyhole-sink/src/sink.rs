use std::error::Error;

use spyhole_protocol::{Record, Status};

use crate::Attached;

/// What a sink's calls return. Any error will do: its text becomes a fault that the user sees.
pub type SinkResult = Result<(), Box<dyn Error + Send + Sync>>;

/// A further receiver of everything that is recorded, beside the run store.
///
/// The hub's thread calls it, one call at a time, after the record was handed to the run store. A
/// sink that may wait (for a network, say) brings its own thread and a bounded queue, because while it
/// waits the hub records nothing. An error or a panic is recorded as a
/// [`Fault`](spyhole_protocol::Fault) under the sink's name; the sink is called again for the next
/// record, and everything else goes on.
pub trait Sink: Send {
    /// Name for faults, as a user would call it: `rerun`, `alert actions`.
    fn name(&self) -> &str;

    /// Receives the next record with what it points to. Records come in order, each once.
    fn deliver(&mut self, record: &Record, attached: &Attached) -> SinkResult;

    /// Receives the newest status. Called some times a second at most; those between are left out.
    fn status(&mut self, status: &Status) -> SinkResult {
        let _ = status;
        Ok(())
    }

    /// What has gone wrong since the last call, in words: for a sink whose own thread finds out later.
    /// Asked several times a second, and once more after [`close`](Self::close).
    fn troubles(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Finish what is pending, within a few seconds; nothing more is delivered.
    fn close(&mut self) -> SinkResult {
        Ok(())
    }
}
