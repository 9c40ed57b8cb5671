//! The only thing that the training thread touches: a bounded queue of snapshots that never makes it
//! wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};
use spyhole_protocol::{Event, SnapshotDropped};
use spyhole_sink::{Entry, Hub};

/// A model as it was after an epoch: handles to its weights, not copies.
#[derive(Debug)]
pub(crate) struct Snapshot<M> {
    pub(crate) epoch: u32,
    pub(crate) model: M,
    /// Whether it is only there to measure the next one from: a run that is continued goes on from it.
    pub(crate) reminder: bool,
}

/// Where snapshots go in.
#[derive(Debug)]
pub(crate) struct SnapshotQueue<M> {
    sender: Sender<Snapshot<M>>,
    dropped: Arc<AtomicU64>,
    spent: Arc<AtomicU64>,
    hub: Hub,
}

impl<M> Clone for SnapshotQueue<M> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            dropped: self.dropped.clone(),
            spent: self.spent.clone(),
            hub: self.hub.clone(),
        }
    }
}

impl<M> SnapshotQueue<M> {
    pub(crate) fn new(capacity: usize, hub: &Hub) -> (Self, Receiver<Snapshot<M>>) {
        let (sender, receiver) = bounded(capacity);
        let (dropped, spent) = (Arc::default(), Arc::default());
        (Self { sender, dropped, spent, hub: hub.clone() }, receiver)
    }

    /// Takes a snapshot if there is room, and counts it as dropped if there is none. Returns at once.
    pub(crate) fn offer(&self, epoch: u32, model: impl FnOnce() -> M) -> bool {
        let start = Instant::now();
        // Looking first saves the handles' reference counts when there is no room anyway.
        let taken = !self.sender.is_full()
            && self.sender.try_send(Snapshot { epoch, model: model(), reminder: false }).is_ok();
        if !taken {
            let total = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            self.hub.update_status(|status| status.snapshots_dropped = total);
            self.hub.record(Entry::new(Event::SnapshotDropped(SnapshotDropped { epoch, total })));
        }
        let nanoseconds = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.spent.fetch_add(nanoseconds, Ordering::Relaxed);
        taken
    }

    /// Reminds of the model that a run goes on from, if there is room.
    pub(crate) fn remind(&self, epoch: u32, model: M) {
        // Without it the first changes of weights are not measured: no more than that.
        let _ = self.sender.try_send(Snapshot { epoch, model, reminder: true });
    }

    /// Waits for room, at most for `patience`: only for when training is over.
    pub(crate) fn insist(&self, epoch: u32, model: M, patience: Duration) -> bool {
        self.sender.send_timeout(Snapshot { epoch, model, reminder: false }, patience).is_ok()
    }

    /// Time that all calls of [`offer`](Self::offer) took together.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
