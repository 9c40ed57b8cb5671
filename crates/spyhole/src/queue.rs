//! The only thing that the training thread touches: a bounded queue of snapshots that never makes it
//! wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};
use spyhole_protocol::{Event, SnapshotDropped};
use spyhole_sink::{Entry, Hub};

/// A model as it was: handles to its weights, not copies.
#[derive(Debug)]
pub(crate) struct Snapshot<M> {
    /// The epoch that has ended, or runs.
    pub(crate) epoch: u32,
    pub(crate) model: M,
    pub(crate) kind: Kind,
    pub(crate) taken: Instant,
}

impl<M> Snapshot<M> {
    fn new(epoch: u32, model: M, kind: Kind) -> Self {
        Self { epoch, model, kind, taken: Instant::now() }
    }
}

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of an epoch.
    Epoch,
    /// The middle of an epoch: the model after so many updates.
    Step(u64),
    /// It is only there to measure the next one from: a run that is continued goes on from it.
    Reminder,
}

/// Where snapshots go in.
#[derive(Debug)]
pub(crate) struct SnapshotQueue<M> {
    sender: Sender<Snapshot<M>>,
    dropped: Arc<AtomicU64>,
    spent: Arc<AtomicU64>,
    steps_skipped: Arc<AtomicU64>,
    hub: Hub,
}

impl<M> Clone for SnapshotQueue<M> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            dropped: self.dropped.clone(),
            spent: self.spent.clone(),
            steps_skipped: self.steps_skipped.clone(),
            hub: self.hub.clone(),
        }
    }
}

impl<M> SnapshotQueue<M> {
    pub(crate) fn new(capacity: usize, hub: &Hub) -> (Self, Receiver<Snapshot<M>>) {
        let (sender, receiver) = bounded(capacity);
        let (dropped, spent) = (Arc::default(), Arc::default());
        let (steps_skipped, hub) = (Arc::default(), hub.clone());
        (Self { sender, dropped, spent, steps_skipped, hub }, receiver)
    }

    /// Takes a snapshot if there is room, and counts it as dropped if there is none, unless it `may_wait` elsewhere.
    /// Returns at once.
    pub(crate) fn offer(&self, epoch: u32, may_wait: bool, model: impl FnOnce() -> M) -> bool {
        let start = Instant::now();
        // Looking first saves the handles' reference counts when there is no room anyway.
        let taken = !self.sender.is_full()
            && self.sender.try_send(Snapshot::new(epoch, model(), Kind::Epoch)).is_ok();
        if !taken && !may_wait {
            let total = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            self.hub.update_status(|status| status.snapshots_dropped = total);
            self.hub.record(Entry::new(Event::SnapshotDropped(SnapshotDropped { epoch, total })));
        }
        self.count(start);
        taken
    }

    /// Takes a snapshot within an epoch, if nothing else waits: the ends of epochs come first. Returns at once.
    pub(crate) fn offer_step(&self, epoch: u32, step: u64, model: impl FnOnce() -> M) {
        let start = Instant::now();
        let snapshot = || Snapshot::new(epoch, model(), Kind::Step(step));
        if !self.sender.is_empty() || self.sender.try_send(snapshot()).is_err() {
            self.steps_skipped.fetch_add(1, Ordering::Relaxed);
        }
        self.count(start);
    }

    fn count(&self, start: Instant) {
        let nanoseconds = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.spent.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Where the snapshots within epochs are counted that found no room.
    pub(crate) fn steps_skipped(&self) -> Arc<AtomicU64> {
        self.steps_skipped.clone()
    }

    /// Reminds of the model that a run goes on from, if there is room.
    pub(crate) fn remind(&self, epoch: u32, model: M) {
        // Without it the first changes of weights are not measured: no more than that.
        let _ = self.sender.try_send(Snapshot::new(epoch, model, Kind::Reminder));
    }

    /// Waits for room, at most for `patience`: only for when training is over.
    pub(crate) fn insist(&self, epoch: u32, model: M, patience: Duration) -> bool {
        self.sender.send_timeout(Snapshot::new(epoch, model, Kind::Epoch), patience).is_ok()
    }

    /// Time that all calls of [`offer`](Self::offer) took together.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
