//! The hub's thread.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError};
use spyhole_protocol::{Event, Fault, Record, RunState, Status};

use super::outage::Outage;
use super::{Message, Shared};
use crate::store::{Live, Row, Writer};
use crate::{Attached, Derive, Entry, RunLog, Sink, SinkError, SinkResult, lock};

/// How often the thread looks at the status while nothing is recorded.
const TICK: Duration = Duration::from_millis(100);

/// How often the status is written, and the sign of life in it renewed.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Pause between attempts to write while a timeout for closing runs.
const CLOSING_RETRY: Duration = Duration::from_millis(100);

/// Name of the run store in faults.
const STORE: &str = "run store";

/// Name of the queue in faults.
const QUEUE: &str = "recording";

pub(super) struct Worker {
    receiver: Receiver<Message>,
    shared: Arc<Shared>,
    live: Arc<Live>,
    writer: Writer,
    store: Outage,
    derive: Vec<Derived>,
    /// Whether they were told what was recorded before.
    recalled: bool,
    sinks: Vec<Watched>,
    limits: Limits,
    retry_at: Option<Instant>,
    /// The status as the training set it, when it was last published.
    published: Option<Status>,
    heartbeat_at: Instant,
    /// The store has an older status.
    status_unwritten: bool,
    /// The status of an earlier start of the run, and the last record then.
    pub(super) earlier: Option<(Status, u64)>,
    /// Records that the pending buffer had no room for.
    refused: u64,
    /// Whether pictures or records were lost for good.
    incomplete: bool,
    /// Accepted, not yet given to the sinks.
    undelivered: Vec<(Record, Attached, Origin)>,
}

/// Of a [`Hub`](super::Hub), as its options say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Pause before the disk is tried again.
    pub(super) retry: Duration,
    /// Memory for what the disk does not take.
    pub(super) pending_bytes: usize,
}

/// A sink and how it is doing.
struct Watched {
    sink: Box<dyn Sink>,
    outage: Outage,
}

/// What makes events out of events, and how it is doing.
struct Derived {
    derive: Box<dyn Derive>,
    outage: Outage,
}

/// Where a record comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Training,
    /// It reports on a sink: what sinks do with it is not reported again.
    SinkReport,
}

impl Worker {
    pub(super) fn new(
        receiver: Receiver<Message>,
        shared: Arc<Shared>,
        live: Arc<Live>,
        writer: Writer,
        derive: Vec<Box<dyn Derive>>,
        sinks: Vec<Box<dyn Sink>>,
        limits: Limits,
    ) -> Self {
        let derive = derive
            .into_iter()
            .map(|derive| Derived { derive, outage: Outage::default() })
            .collect();
        let sinks =
            sinks.into_iter().map(|sink| Watched { sink, outage: Outage::default() }).collect();
        Self {
            receiver,
            shared,
            live,
            writer,
            store: Outage::default(),
            derive,
            recalled: false,
            sinks,
            limits,
            retry_at: None,
            published: None,
            heartbeat_at: Instant::now(),
            status_unwritten: true,
            earlier: None,
            refused: 0,
            incomplete: false,
            undelivered: Vec::new(),
        }
    }

    /// Works until the hub is closed or dropped. Whatever happens, the outcome is told.
    pub(super) fn run(mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            while self.step() {}
            self.finish()
        }));
        let shared = self.shared.clone();
        // The store is closed and its lock given back before anyone is told.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(self)));
        if outcome.is_err() || dropped.is_err() {
            tracing::error!("the recording thread panicked: later events are lost");
        }
        shared.closing.store(true, Ordering::Release);
        *lock(&shared.outcome) = Some(outcome.unwrap_or(false));
        shared.ended.notify_all();
    }

    /// One round: take what is queued, write it, wake the readers, serve the other sinks. Returns
    /// whether there will be another.
    fn step(&mut self) -> bool {
        let first = self.receiver.recv_timeout(TICK);
        let orphaned = matches!(first, Err(RecvTimeoutError::Disconnected));
        let closing = self.shared.closing.load(Ordering::Acquire);
        let mut news = false;
        let room = self.receiver.capacity().unwrap_or(1024);
        let rest: Vec<_> = self.receiver.try_iter().take(room).collect();
        let mut waiting = vec![];
        for message in first.into_iter().chain(rest) {
            match message {
                Message::Entry(entry) => {
                    self.shared.queued_bytes.fetch_sub(entry.weight(), Ordering::Relaxed);
                    let Entry { event, attached, kept } = *entry;
                    match &event {
                        Event::RunStarted(started) => self.recall(Some(started.first_epoch)),
                        _ if !self.recalled => self.recall(None),
                        _ => {}
                    }
                    let derived = self.derived(&event);
                    self.accept(event, attached, Origin::Training);
                    self.live.keep(kept);
                    for event in derived {
                        self.accept(event, Attached::default(), Origin::Training);
                    }
                    news = true;
                }
                Message::Flush(done) => waiting.push(done),
                Message::Move(store, done) => {
                    let moved = self.move_to(store);
                    // Whoever waited may have given up.
                    let _ = done.try_send(moved);
                    news = true;
                }
                Message::Wake => {}
            }
        }
        news |= self.report_losses();
        news |= self.report_troubles();
        news |= self.publish_status();
        if news {
            self.live.notify();
        }
        self.write();
        self.deliver();
        for done in waiting {
            // Whoever waited may have given up.
            let _ = done.try_send(!self.store.is_on());
        }
        !(orphaned || closing && self.receiver.is_empty())
    }

    /// What was recorded before and still counts is recalled; when the training starts, what it leaves is left.
    fn recall(&mut self, first_epoch: Option<u32>) {
        self.recalled = true;
        if self.live.head() == 0 {
            return;
        }
        let log = self.shared.recording.log();
        let mut failed = Vec::new();
        for Derived { derive, .. } in &mut self.derive {
            derive.forget();
            let recalled = log.history().and_then(|before| {
                let mut now = before.clone();
                if let Some(first_epoch) = first_epoch {
                    now.start(u64::MAX, first_epoch);
                }
                log.each_ever_of_kinds(derive.remembers(), 0, |record| {
                    if now.is_current(record) {
                        derive.recall(&record.event);
                    } else if before.is_current(record) {
                        derive.leave(&record.event);
                    }
                })
            });
            if let Err(error) = recalled {
                failed.push((derive.name().to_owned(), error));
            }
        }
        for (part, error) in failed {
            let message = format!("{error}. What came before this start is not known to it");
            self.fault(&part, message, Origin::Training);
        }
    }

    /// Goes on in another store of the run directory; the run so far stays as it was found.
    fn move_to(&mut self, store: Option<PathBuf>) -> Result<(), SinkError> {
        let log = self.shared.recording.log();
        if store.as_deref() == Some(log.store()) {
            return Ok(());
        }
        self.deliver();
        self.retry_at = None;
        self.write();
        if self.store.is_on() {
            return Err(SinkError::Busy { dir: log.run_dir().to_owned() });
        }
        let writer = self.writer.other(store)?;
        if let Some((earlier, _)) = self.earlier.take() {
            self.writer.write_status(&earlier)?;
            self.live.set_status(earlier);
        }
        self.writer.finish();
        let status = lock(&self.shared.status).clone();
        let live = Live::new(writer.head(), status, self.limits.pending_bytes);
        let before = std::mem::replace(&mut self.live, Arc::new(live));
        self.writer = writer;
        self.published = None;
        self.status_unwritten = true;
        let (file, run_id) = (self.writer.file(), self.writer.run_id());
        self.shared.recording.set(RunLog::live(log.run_dir(), file, run_id, self.live.clone()));
        // Whoever reads the run so far learns that nothing more comes.
        before.end();
        Ok(())
    }

    /// What follows from an event.
    fn derived(&mut self, event: &Event) -> Vec<Event> {
        let mut events = vec![];
        for Derived { derive, outage } in &mut self.derive {
            match catch_unwind(AssertUnwindSafe(|| derive.derive(event))) {
                Ok(derived) => {
                    outage.worked();
                    events.extend(derived);
                }
                Err(panic) if outage.failed() => {
                    let part = derive.name().to_owned();
                    let message = format!("panicked: {}", panic_text(&*panic));
                    events.push(Event::Fault(Fault { part, message, epoch: None }));
                }
                Err(_) => {}
            }
        }
        events
    }

    /// Numbers and dates an event and makes it visible to readers.
    fn accept(&mut self, event: Event, attached: Attached, origin: Origin) {
        let record = Record { seq: self.live.head() + 1, time_ms: crate::now_ms(), event };
        let kept = match Row::new(&record) {
            Ok(row) => self.live.push(row, &attached),
            Err(error) => {
                tracing::error!(%error, "an event cannot be written as JSON");
                false
            }
        };
        if kept {
            self.undelivered.push((record, attached, origin));
        } else {
            self.refused += 1;
        }
    }

    fn fault(&mut self, part: &str, message: String, origin: Origin) {
        tracing::warn!(part, "{message}");
        let fault = Fault { part: part.to_owned(), message, epoch: None };
        self.accept(Event::Fault(fault), Attached::default(), origin);
    }

    /// Tells what got lost since the last time.
    fn report_losses(&mut self) -> bool {
        let mut reported = false;
        let lost = self.shared.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let message = format!("{} lost because the queue was full", records(lost));
            self.fault(QUEUE, message, Origin::Training);
            reported = true;
        }
        // While the disk fails there is no room to report in: wait for its return.
        if !self.store.is_on() {
            let refused = std::mem::take(&mut self.refused);
            let dropped = self.live.take_blobs_dropped();
            self.incomplete |= refused + dropped > 0;
            if refused > 0 {
                let message = format!(
                    "{} lost because the disk took nothing and memory for waiting ones was full",
                    records(refused)
                );
                self.fault(STORE, message, Origin::Training);
            }
            if dropped > 0 {
                let message = format!(
                    "{dropped} pictures and documents were lost because the disk took nothing and memory for \
                     waiting ones was full"
                );
                self.fault(STORE, message, Origin::Training);
            }
            reported |= refused + dropped > 0;
        }
        reported
    }

    /// Tells what sinks with a thread of their own have found out since the last time.
    fn report_troubles(&mut self) -> bool {
        let mut troubles = vec![];
        for Watched { sink, .. } in &mut self.sinks {
            let found = catch_unwind(AssertUnwindSafe(|| sink.troubles())).unwrap_or_default();
            troubles.extend(found.into_iter().map(|message| (sink.name().to_owned(), message)));
        }
        let any = !troubles.is_empty();
        for (part, message) in troubles {
            self.fault(&part, message, Origin::SinkReport);
        }
        any
    }

    /// Copies the training's status out for the readers, when it has changed or the heartbeat is due.
    fn publish_status(&mut self) -> bool {
        let status = lock(&self.shared.status).clone();
        let now = Instant::now();
        if now < self.heartbeat_at && self.published.as_ref() == Some(&status) {
            return false;
        }
        if now >= self.heartbeat_at {
            self.heartbeat_at = now + HEARTBEAT;
            self.status_unwritten = true;
        }
        let mut alive = status.clone();
        alive.alive_ms = crate::now_ms();
        self.published = Some(status);
        self.live.set_status(alive.clone());
        for watched in &mut self.sinks {
            // A sink that fails here fails for the next record as well, and is reported then.
            let _ = guarded(|| watched.sink.status(&alive));
        }
        true
    }

    /// Writes what waits, unless the disk failed a moment ago.
    fn write(&mut self) {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        let waiting = self.live.waiting();
        if waiting.is_empty() && !self.status_unwritten {
            return;
        }
        let status = self.status_unwritten.then(|| self.live.status());
        match self.writer.write(&waiting, status.as_ref()) {
            Ok(()) => {
                self.live.written(&waiting);
                self.status_unwritten = false;
                self.retry_at = None;
                if self.store.worked().is_some() {
                    let message = "the disk takes records again; all that waited are written";
                    self.fault(STORE, message.into(), Origin::Training);
                    self.live.notify();
                }
            }
            Err(error) => {
                self.retry_at = Some(Instant::now() + self.limits.retry);
                if self.store.failed() {
                    let message = format!("{error}. Records wait in memory until it works");
                    self.fault(STORE, message, Origin::Training);
                    self.live.notify();
                }
            }
        }
    }

    /// Hands the accepted records to the sinks. What the sinks do wrong is accepted for the next round.
    fn deliver(&mut self) {
        let batch = std::mem::take(&mut self.undelivered);
        let mut reports = Vec::new();
        for (record, attached, origin) in &batch {
            for Watched { sink, outage } in &mut self.sinks {
                let result = guarded(|| sink.deliver(record, attached));
                if *origin == Origin::SinkReport {
                    continue;
                }
                match result {
                    Ok(()) => {
                        if let Some(missed) = outage.worked() {
                            let message = format!("works again; {} not delivered", records(missed));
                            reports.push((sink.name().to_owned(), message));
                        }
                    }
                    Err(error) => {
                        if outage.failed() {
                            reports.push((sink.name().to_owned(), error));
                        }
                    }
                }
            }
        }
        for (part, message) in reports {
            self.fault(&part, message, Origin::SinkReport);
        }
    }

    /// The status that an earlier run ended with, if nothing has come of this start: it was refused.
    fn untouched(&mut self) -> Option<Status> {
        let (earlier, head) = self.earlier.take()?;
        let starting = lock(&self.shared.status).state == RunState::Starting;
        (starting && self.live.head() == head).then_some(earlier)
    }

    /// The last reports, the last writes, the end of the sinks. Returns whether everything that was
    /// accepted is on disk.
    fn finish(&mut self) -> bool {
        self.deliver();
        for index in 0..self.sinks.len() {
            let Watched { sink, outage } = &mut self.sinks[index];
            let part = sink.name().to_owned();
            let missed = outage.ended();
            let closed = guarded(|| sink.close());
            if let Some(missed) = missed {
                let message = format!("{} not delivered", records(missed));
                self.fault(&part, message, Origin::SinkReport);
            }
            if let Err(error) = closed {
                self.fault(&part, format!("closing failed: {error}"), Origin::SinkReport);
            }
        }
        self.report_troubles();
        match self.untouched() {
            Some(earlier) => {
                self.live.set_status(earlier);
                self.status_unwritten = true;
            }
            None => {
                // It was refused, or given up, before it began.
                let mut status = lock(&self.shared.status);
                if status.state == RunState::Starting {
                    status.state = RunState::Ended;
                }
                drop(status);
                self.heartbeat_at = Instant::now();
                self.publish_status();
            }
        }
        loop {
            self.retry_at = None;
            self.write();
            if !self.store.is_on() {
                self.report_losses();
            }
            self.live.notify();
            let done = !self.store.is_on() && self.live.is_written();
            let patience = lock(&self.shared.deadline).is_none_or(|at| Instant::now() < at);
            if done || !patience {
                break;
            }
            if self.store.is_on() {
                std::thread::sleep(CLOSING_RETRY);
            }
        }
        let complete =
            self.live.is_written() && !self.incomplete && self.refused == 0 && !self.store.is_on();
        self.writer.finish();
        complete
    }
}

/// Runs a sink's code: an error or a panic becomes its text.
fn guarded(call: impl FnOnce() -> SinkResult) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => Err(format!("panicked: {}", panic_text(&*panic))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// "1 record was" or "7 records were".
fn records(count: u64) -> String {
    if count == 1 { "1 record was".into() } else { format!("{count} records were") }
}
