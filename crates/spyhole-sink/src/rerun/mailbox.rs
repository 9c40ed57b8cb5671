//! What waits for a target.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use spyhole_protocol::{Event, Record, Status};

use crate::{Attached, lock};

/// Bytes that may wait.
const LIMIT: usize = 64 << 20;

/// A record with what it points to.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) record: Record,
    pub(super) attached: Attached,
}

impl Parcel {
    /// Roughly the memory that it holds.
    fn weight(&self) -> usize {
        let Attached { images, documents } = &self.attached;
        let pictures = images.iter().map(|picture| picture.png().len());
        4096 + pictures.chain(documents.iter().map(|sheet| sheet.gzip().len())).sum::<usize>()
    }

    /// Nothing after it makes sense without it.
    fn is_indispensable(&self) -> bool {
        matches!(self.record.event, Event::RunStarted(_) | Event::Watchlist(_))
    }
}

/// What the thread gets next.
#[derive(Debug)]
pub(super) enum Mail {
    Record(Arc<Parcel>),
    Status(Box<Status>),
}

/// A queue that never makes the sender wait: when it is full, the oldest records go.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<Parcel>>,
    bytes: usize,
    /// Only the newest counts.
    status: Option<Box<Status>>,
    dropped: u64,
    closed: bool,
    limit: Option<usize>,
}

impl Mailbox {
    pub(super) fn push(&self, parcel: Arc<Parcel>) {
        let mut state = lock(&self.state);
        if state.closed {
            state.dropped += 1;
            return;
        }
        state.bytes += parcel.weight();
        state.waiting.push_back(parcel);
        let limit = state.limit.unwrap_or(LIMIT);
        while state.bytes > limit {
            let Some(oldest) = state.waiting.iter().position(|p| !p.is_indispensable()) else {
                break;
            };
            if let Some(parcel) = state.waiting.remove(oldest) {
                state.bytes -= parcel.weight();
                state.dropped += 1;
            }
        }
        self.changed.notify_one();
    }

    pub(super) fn set_status(&self, status: &Status) {
        let mut state = lock(&self.state);
        if !state.closed {
            state.status = Some(Box::new(status.clone()));
            self.changed.notify_one();
        }
    }

    /// Waits for the next; `None` when it is closed and empty.
    pub(super) fn take(&self) -> Option<Mail> {
        let mut state = lock(&self.state);
        loop {
            // A status says how many items an epoch has, which the records of the epoch are placed by.
            if let Some(status) = state.status.take() {
                return Some(Mail::Status(status));
            }
            if let Some(parcel) = state.waiting.pop_front() {
                state.bytes -= parcel.weight();
                return Some(Mail::Record(parcel));
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes nothing more; what waits is still handed out.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.changed.notify_one();
    }

    /// Takes nothing more and forgets what waits.
    pub(super) fn abandon(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.dropped += state.waiting.len() as u64;
        state.waiting.clear();
        state.bytes = 0;
        self.changed.notify_one();
    }

    /// Records that were dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        lock(&self.state).dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Picture;
    use spyhole_protocol::{EpochAnalysed, Watchlist};

    fn parcel(seq: u64, event: Event, bytes: usize) -> Arc<Parcel> {
        let images = vec![Picture::new(vec![0; bytes])];
        let attached = Attached { images, documents: vec![] };
        Arc::new(Parcel { record: Record { seq, time_ms: 0, event }, attached })
    }

    #[test]
    fn the_oldest_go_first_and_what_all_depends_on_stays() {
        let state = State { limit: Some(30_000), ..State::default() };
        let mailbox = Mailbox { state: Mutex::new(state), ..Mailbox::default() };
        mailbox.push(parcel(1, Event::Watchlist(Watchlist::default()), 1));
        for seq in 2..=6 {
            let event =
                Event::EpochAnalysed(EpochAnalysed { epoch: seq as u32, ..Default::default() });
            mailbox.push(parcel(seq, event, 6000));
        }
        mailbox.close();
        mailbox.push(parcel(7, Event::Watchlist(Watchlist::default()), 1));
        let mut left = vec![];
        while let Some(Mail::Record(parcel)) = mailbox.take() {
            left.push(parcel.record.seq);
        }
        assert_eq!(left, [1, 5, 6]);
        assert_eq!(mailbox.dropped(), 4);
    }

    #[test]
    fn of_the_status_only_the_newest_is_handed_out() {
        let mailbox = Mailbox::default();
        for epoch in 1..=3 {
            mailbox.set_status(&Status { epoch, ..crate::hub::starting() });
        }
        mailbox.close();
        assert!(matches!(mailbox.take(), Some(Mail::Status(status)) if status.epoch == 3));
        assert!(mailbox.take().is_none());
    }
}
