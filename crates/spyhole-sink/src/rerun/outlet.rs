//! One target with its thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, bounded};
use re_sdk::log::ChunkBatcherConfig;
use spyhole_protocol::{Event, Status};

use super::mailbox::{Mail, Mailbox, Parcel};
use super::recorder::Recorder;
use super::target::{Connection, Opened, State, Target};
use crate::{RunLog, SinkError, SinkResult, lock};

/// A target that has taken nothing for so long is told of.
const SLOW: Duration = Duration::from_secs(5);

/// A target, its thread and what is known of both. Nothing here waits but [`end`](Self::end).
pub(super) struct Outlet {
    /// As a user would call it.
    name: String,
    mailbox: Arc<Mailbox>,
    shared: Arc<Mutex<Shared>>,
    /// Never sent to: the thread's end disconnects it.
    ended: Receiver<()>,
    opened_at: Instant,
    /// How long the end of the run waits for what is on its way there.
    patience: Duration,
    told: Told,
}

struct Shared {
    /// Taken out and dropped by the thread alone: rerun's own clean-up may wait without end.
    connection: Option<Arc<dyn Connection>>,
    /// How the connection was doing when it was taken out.
    last: State,
    /// Whether nobody waits any more for what is on its way.
    over: bool,
    troubles: Vec<String>,
    /// When the record was begun that is being handed over.
    busy_since: Option<Instant>,
    /// Conversions that failed in a row; only the first is told.
    failures: u64,
    spent: Duration,
}

/// What the user knows already.
#[derive(Default)]
struct Told {
    waiting: bool,
    slow: bool,
    dropping: bool,
    broken: bool,
}

impl Outlet {
    pub(super) fn start(target: &Target, run_dir: &Path) -> Result<Self, SinkError> {
        Self::to(target, target.open()?, run_dir)
    }

    fn to(target: &Target, opened: Opened, run_dir: &Path) -> Result<Self, SinkError> {
        let name = target.to_string();
        let Opened { sink, connection } = opened;
        let mailbox = Arc::new(Mailbox::default());
        let shared = Arc::new(Mutex::new(Shared {
            connection: Some(connection),
            last: State::Fine,
            over: false,
            troubles: vec![],
            busy_since: None,
            failures: 0,
            spent: Duration::ZERO,
        }));
        let (end, ended) = bounded::<()>(0);
        let thread = Thread {
            mailbox: mailbox.clone(),
            shared: shared.clone(),
            run_dir: run_dir.to_owned(),
        };
        let batching = target.batching();
        std::thread::Builder::new()
            .name("spyhole-rerun".into())
            .spawn(move || {
                let _end = end;
                let (mailbox, shared) = (thread.mailbox.clone(), thread.shared.clone());
                let work = AssertUnwindSafe(|| thread.work(sink, batching));
                if catch_unwind(work).is_err() {
                    mailbox.abandon();
                    let mut shared = lock(&shared);
                    shared.troubles.push("rerun panicked; nothing more goes there".into());
                    let connection = shared.connection.take();
                    drop(shared);
                    drop(connection);
                }
            })
            .map_err(|source| SinkError::Start { what: "a thread for rerun", source })?;
        let opened_at = Instant::now();
        let patience = target.patience();
        Ok(Self { name, mailbox, shared, ended, opened_at, patience, told: Told::default() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn push(&self, parcel: Arc<Parcel>) {
        self.mailbox.push(parcel);
    }

    pub(super) fn set_status(&self, status: &Status) {
        self.mailbox.set_status(status);
    }

    /// Time that the thread has worked so far.
    pub(super) fn spent(&self) -> Duration {
        lock(&self.shared).spent
    }

    /// What has gone wrong since the last call.
    pub(super) fn troubles(&mut self) -> Vec<String> {
        let mut shared = lock(&self.shared);
        let mut troubles = std::mem::take(&mut shared.troubles);
        let slow = shared.busy_since.is_some_and(|since| since.elapsed() > SLOW);
        let state = shared.state();
        drop(shared);
        match state {
            State::Broken(reason) => {
                if !std::mem::replace(&mut self.told.broken, true) {
                    troubles.push(format!(
                        "{reason}; nothing more goes there. `spyhole export RUN_DIR --rrd FILE` makes the whole recording"
                    ));
                    self.mailbox.abandon();
                }
            }
            State::Waiting(reason) if self.opened_at.elapsed() > SLOW => {
                if !std::mem::replace(&mut self.told.waiting, true) {
                    troubles.push(format!(
                        "{reason}; what is recorded waits, the oldest goes when there is no room"
                    ));
                }
            }
            State::Waiting(_) => {}
            State::Fine => {
                if slow && !std::mem::replace(&mut self.told.slow, true) {
                    let seconds = SLOW.as_secs();
                    troubles.push(format!(
                        "has taken nothing for {seconds} s; what is recorded waits, the oldest goes when there is no room"
                    ));
                }
            }
        }
        if !self.told.broken
            && self.mailbox.dropped() > 0
            && !std::mem::replace(&mut self.told.dropping, true)
        {
            troubles.push("is too slow: the oldest records that wait for it are dropped".into());
        }
        troubles.iter_mut().for_each(|trouble| *trouble = format!("{}: {trouble}", self.name));
        troubles
    }

    /// Nothing more comes.
    pub(super) fn close(&self) {
        self.mailbox.close();
    }

    /// Waits for the thread, as long after the run was closed as the target deserves; what did not arrive becomes a
    /// trouble.
    pub(super) fn end(&self, closed_at: Instant) {
        let deadline = closed_at + self.patience;
        // Nothing is ever sent: the other end is gone when the thread is.
        let ended =
            matches!(self.ended.recv_deadline(deadline), Err(RecvTimeoutError::Disconnected));
        if !ended {
            self.mailbox.abandon();
        }
        let lost = self.mailbox.dropped();
        let mut shared = lock(&self.shared);
        match shared.state() {
            State::Waiting(reason) => {
                shared.troubles.push(format!("{reason}: nothing of this run got there"));
            }
            _ if lost == 1 => shared.troubles.push("1 record did not get there".into()),
            _ if lost > 1 => shared.troubles.push(format!("{lost} records did not get there")),
            State::Fine if !ended => {
                shared
                    .troubles
                    .push("the last records were still on their way when the run ended".into());
            }
            State::Fine | State::Broken(_) => {}
        }
        // Said once: not as a connection that is still waited for.
        shared.last = match shared.state() {
            State::Waiting(_) => State::Fine,
            other => other,
        };
        shared.over = true;
    }
}

impl Shared {
    fn state(&self) -> State {
        match &self.connection {
            Some(connection) if !self.over => connection.state(),
            _ => self.last.clone(),
        }
    }
}

/// What the thread owns.
struct Thread {
    mailbox: Arc<Mailbox>,
    shared: Arc<Mutex<Shared>>,
    run_dir: std::path::PathBuf,
}

impl Thread {
    fn work(self, sink: Box<dyn re_sdk::sink::LogSink>, batching: ChunkBatcherConfig) {
        let Some(connection) = lock(&self.shared).connection.clone() else { return };
        let mut recorder = Recorder::new(sink, batching);
        if let Some(note) = connection.look() {
            tracing::warn!("{note}");
            recorder.note(note);
        }
        while let Some(mail) = self.mailbox.take() {
            let begun = Instant::now();
            lock(&self.shared).busy_since = Some(begun);
            let done = match &mail {
                Mail::Status(status) => recorder.status(status),
                Mail::Record(parcel) => self.record(&mut recorder, parcel),
            };
            self.done(begun, done);
        }
        let begun = Instant::now();
        lock(&self.shared).busy_since = Some(begun);
        recorder.finish();
        let finished = connection.finish().map_err(Into::into);
        self.done(begun, finished);
        let mut shared = lock(&self.shared);
        if !shared.over {
            shared.last = connection.state();
        }
        let shown = shared.connection.take();
        drop(shared);
        // What is dropped here says goodbye to the viewer, and waits until it has got all.
        drop((connection, shown));
    }

    fn record(&self, recorder: &mut Recorder, parcel: &Parcel) -> SinkResult {
        // A run that is continued: what came before is in the run store, and what this start leaves is not shown.
        if recorder.is_new()
            && parcel.record.seq > 1
            && let Event::RunStarted(started) = &parcel.record.event
        {
            let log = RunLog::open(&self.run_dir)?;
            let mut history = log.history()?;
            // On disk, or not yet.
            if !history.cuts().any(|(seq, _)| seq == parcel.record.seq) {
                history.start(parcel.record.seq, started.first_epoch);
            }
            let mut first = None;
            super::export::replay(&log, &history, parcel.record.seq, recorder, |trouble| {
                first.get_or_insert(trouble);
            })?;
            if let Some(trouble) = first {
                lock(&self.shared).troubles.push(format!("of the history: {trouble}"));
            }
        }
        recorder.record(&parcel.record, &parcel.attached)
    }

    fn done(&self, begun: Instant, result: SinkResult) {
        let mut shared = lock(&self.shared);
        shared.busy_since = None;
        shared.spent += begun.elapsed();
        match result {
            Ok(()) => shared.failures = 0,
            Err(error) => {
                shared.failures += 1;
                tracing::warn!(%error, "a record could not be given to rerun");
                if shared.failures == 1 {
                    shared.troubles.push(error.to_string());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use re_sdk::sink::BufferedSink;

    use super::*;

    /// A target that panics where it is told to, as one of rerun's parts might.
    struct Panics(&'static str);

    impl Connection for Panics {
        fn state(&self) -> State {
            State::Fine
        }

        fn look(&self) -> Option<String> {
            assert!(self.0 != "look", "in look");
            None
        }

        fn finish(&self) -> Result<(), String> {
            assert!(self.0 != "finish", "in finish");
            Ok(())
        }
    }

    fn check(place: &'static str, expected: &[&str]) {
        let target = Target::File("run.rrd".into());
        let opened =
            Opened { sink: Box::new(BufferedSink::new()), connection: Arc::new(Panics(place)) };
        let mut outlet = Outlet::to(&target, opened, Path::new("run")).unwrap();
        outlet.close();
        outlet.end(Instant::now());
        assert_eq!(outlet.troubles(), expected, "{place}");
    }

    #[test]
    fn a_panic_on_its_thread_is_told() {
        let told = "the recording run.rrd: rerun panicked; nothing more goes there";
        check("nowhere", &[]);
        check("look", &[told]);
        check("finish", &[told]);
    }
}
