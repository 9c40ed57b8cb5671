//! The training's end of everything: takes events without ever waiting.

mod outage;
mod worker;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam::channel::{Sender, TrySendError, bounded};
use spyhole_protocol::{RunState, Status};

use crate::store::{Live, Writer};
use crate::{Derive, Entry, RunLog, Sink, SinkError, lock};
use worker::{Limits, Worker};

/// How long dropping the last handle waits for a disk that takes nothing.
const DROP_PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits for the thread altogether: sinks close one after the other, and what they could not deliver is
/// recorded after that.
const DROP_LIMIT: Duration = Duration::from_secs(10);

/// Limits of a [`Hub`].
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// Entries that may wait for the hub's thread. More survive longer bursts; fewer hold less memory.
    pub queue_entries: usize,
    /// Bytes of pictures in the queue. Whatever comes beyond is lost and counted.
    pub queue_bytes: usize,
    /// Memory for what the disk does not take. Beyond it the oldest pictures are lost, and counted.
    pub pending_bytes: usize,
    /// Pause before the disk is tried again after it failed.
    pub retry: Duration,
    /// How long a write waits for another program that has the file locked.
    pub busy_timeout: Duration,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            queue_entries: 4096,
            queue_bytes: 128 << 20,
            pending_bytes: 256 << 20,
            retry: Duration::from_secs(2),
            busy_timeout: Duration::from_secs(1),
        }
    }
}

/// Records a run: a handle, cheap to clone, for any thread. One thread behind it numbers and dates the
/// records, writes them to the run store and hands them to the other sinks.
///
/// No call waits for that thread, except [`Hub::close`] and the drop of the last handle, and both wait
/// for a limited time only.
#[derive(Clone)]
pub struct Hub {
    handle: Arc<Handle>,
}

/// What all clones of a [`Hub`] share; the thread does not, so that it ends with the last of them.
struct Handle {
    sender: Sender<Message>,
    shared: Arc<Shared>,
    queue_bytes: usize,
}

/// What the hub shares with its thread.
struct Shared {
    /// The status as the training last set it. Locked for moments only.
    status: Mutex<Status>,
    recording: Recording,
    /// Entries that found no room, and were not reported yet.
    lost: AtomicU64,
    /// Weight of the entries in the queue.
    queued_bytes: AtomicUsize,
    closing: AtomicBool,
    /// When the thread shall give up trying to write; set on closing.
    deadline: Mutex<Option<Instant>>,
    /// Whether everything was written; set when the thread ends.
    outcome: Mutex<Option<bool>>,
    ended: Condvar,
}

/// What goes through the queue.
enum Message {
    Entry(Box<Entry>),
    /// Look at `closing`.
    Wake,
    /// Say when everything before this is written, and whether the disk took it.
    Flush(Sender<bool>),
    /// Go on in another store of the run directory (`None`: a new one), and say whether that was possible.
    Move(Option<PathBuf>, Sender<Result<(), SinkError>>),
}

/// The run that a [`Hub`] records: another one after [`Hub::begin_beside`].
#[derive(Clone, Debug)]
pub struct Recording(Arc<Mutex<RunLog>>);

impl Recording {
    /// The run, for reading.
    pub fn log(&self) -> RunLog {
        lock(&self.0).clone()
    }

    fn set(&self, log: RunLog) {
        *lock(&self.0) = log;
    }
}

/// A run that stays the same.
impl From<RunLog> for Recording {
    fn from(log: RunLog) -> Self {
        Self(Arc::new(Mutex::new(log)))
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("store", &self.log().store()).finish_non_exhaustive()
    }
}

impl Hub {
    /// Opens the run store in `run_dir` (made if it does not exist; an earlier run in it is continued)
    /// and starts the hub's thread. Whatever is wrong with the directory is an error here, before
    /// training.
    pub fn open(
        run_dir: impl AsRef<Path>,
        options: HubOptions,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Result<Self, SinkError> {
        Self::open_deriving(run_dir, options, Vec::new(), sinks)
    }

    /// The same, with events made out of events. When the training starts, those of an earlier run that still count
    /// are recalled first.
    pub fn open_deriving(
        run_dir: impl AsRef<Path>,
        options: HubOptions,
        derive: Vec<Box<dyn Derive>>,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Result<Self, SinkError> {
        let run_dir = run_dir.as_ref();
        let writer = Writer::open(run_dir, options.busy_timeout)?;
        let mut earlier = None;
        if writer.head() > 0 {
            let log = RunLog::open(run_dir)?;
            log.history()?;
            earlier = log.status()?.map(|status| (status, writer.head()));
        }
        Self::start(run_dir, writer, options, derive, sinks, earlier)
    }

    fn start(
        run_dir: &Path,
        writer: Writer,
        options: HubOptions,
        derive: Vec<Box<dyn Derive>>,
        sinks: Vec<Box<dyn Sink>>,
        earlier: Option<(Status, u64)>,
    ) -> Result<Self, SinkError> {
        crate::panics::keep_off_the_terminal();
        let status = starting();
        let live = Arc::new(Live::new(writer.head(), status.clone(), options.pending_bytes));
        let log = RunLog::live(run_dir, writer.file(), writer.run_id(), live.clone());
        let (sender, receiver) = bounded(options.queue_entries.max(1));
        let shared = Arc::new(Shared {
            status: Mutex::new(status),
            recording: log.into(),
            lost: AtomicU64::new(0),
            queued_bytes: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            deadline: Mutex::new(None),
            outcome: Mutex::new(None),
            ended: Condvar::new(),
        });
        let limits = Limits { retry: options.retry, pending_bytes: options.pending_bytes };
        let mut worker = Worker::new(receiver, shared.clone(), live, writer, derive, sinks, limits);
        worker.earlier = earlier;
        std::thread::Builder::new()
            .name("spyhole-hub".into())
            .spawn(move || worker.run())
            .map_err(|source| SinkError::Start { what: "the recording thread", source })?;
        let queue_bytes = options.queue_bytes;
        Ok(Self { handle: Arc::new(Handle { sender, shared, queue_bytes }) })
    }

    /// Records an event with its pictures. Never waits: if the queue is full the entry is lost and
    /// `false` comes back; how many were lost becomes a fault in the log once there is room.
    pub fn record(&self, entry: Entry) -> bool {
        let Handle { sender, shared, queue_bytes, .. } = &*self.handle;
        let weight = entry.weight();
        let before = shared.queued_bytes.fetch_add(weight, Ordering::Relaxed);
        // One entry always fits, however large.
        let fits = before == 0 || before.saturating_add(weight) <= *queue_bytes;
        let taken = fits
            && !shared.closing.load(Ordering::Acquire)
            && sender.try_send(Message::Entry(Box::new(entry))).is_ok();
        if !taken {
            shared.queued_bytes.fetch_sub(weight, Ordering::Relaxed);
            shared.lost.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// Changes the status. Readers see it within a tenth of a second; the sign of life in it is renewed
    /// by the hub. `change` runs under a lock: it should only assign fields.
    pub fn update_status(&self, change: impl FnOnce(&mut Status)) {
        change(&mut lock(&self.handle.shared.status));
    }

    /// The status as it was last set here.
    pub fn status(&self) -> Status {
        lock(&self.handle.shared.status).clone()
    }

    /// The run, for reading in this process: it includes what the disk has not taken yet.
    pub fn log(&self) -> RunLog {
        self.handle.shared.recording.log()
    }

    /// The run that is recorded, also when that becomes another one.
    pub fn recording(&self) -> Recording {
        self.handle.shared.recording.clone()
    }

    /// Identifies the run; kept when the run is resumed.
    pub fn run_id(&self) -> String {
        self.log().run_id().to_owned()
    }

    /// Before a training starts that does not continue the run in the run directory: from now on a run of its own is
    /// recorded, in a store beside it. The earlier run stays as it was. Waits until that is made, at most for
    /// `timeout`.
    ///
    /// # Errors
    /// When it cannot be made: then the earlier run goes on.
    pub fn begin_beside(&self, timeout: Duration) -> Result<(), SinkError> {
        self.go_to(None, timeout)
    }

    /// The same with an earlier run of the run directory, of which this is the store: that one is continued.
    ///
    /// # Errors
    /// When it cannot be continued: then the run goes on that was opened.
    pub fn continue_in(
        &self,
        store: impl Into<PathBuf>,
        timeout: Duration,
    ) -> Result<(), SinkError> {
        self.go_to(Some(store.into()), timeout)
    }

    fn go_to(&self, store: Option<PathBuf>, timeout: Duration) -> Result<(), SinkError> {
        let deadline = Instant::now() + timeout;
        let (done, moved) = bounded(1);
        let late = || SinkError::Busy { dir: self.log().run_dir().to_owned() };
        let sent = self.handle.sender.send_timeout(Message::Move(store, done), timeout);
        sent.map_err(|_| late())?;
        moved.recv_deadline(deadline).map_err(|_| late())?
    }

    /// Waits until everything recorded before is written, at most for `timeout`. Returns whether it is on
    /// disk. Recording goes on.
    pub fn flush(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let (done, written) = bounded(1);
        self.handle.sender.send_timeout(Message::Flush(done), timeout).is_ok()
            && written.recv_deadline(deadline).unwrap_or(false)
    }

    /// Ends recording: waits until everything that is queued is written, at most for `timeout`. Returns
    /// whether all of it, pictures included, is on disk. Entries that come later are lost.
    pub fn close(&self, timeout: Duration) -> bool {
        self.handle.close(timeout, timeout)
    }
}

impl Handle {
    /// Waits for the thread at most for `timeout`, of which it gives a disk that fails `patience`.
    fn close(&self, patience: Duration, timeout: Duration) -> bool {
        let deadline = Instant::now() + patience;
        *lock(&self.shared.deadline) = Some(deadline);
        self.shared.closing.store(true, Ordering::Release);
        match self.sender.try_send(Message::Wake) {
            // A full queue: the thread is awake.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
        let outcome = lock(&self.shared.outcome);
        let waited = self.shared.ended.wait_timeout_while(outcome, timeout, |o| o.is_none());
        let (outcome, _) = waited.unwrap_or_else(PoisonError::into_inner);
        outcome.unwrap_or(false)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if lock(&self.shared.outcome).is_none() && !self.close(DROP_PATIENCE, DROP_LIMIT) {
            let log = self.shared.recording.log();
            tracing::warn!("not everything could be written to {}", log.store().display());
        }
    }
}

/// The status before the training has said anything.
pub(crate) fn starting() -> Status {
    Status {
        state: RunState::Starting,
        epoch: 0,
        last_epoch: None,
        split: None,
        items_done: 0,
        items_total: 0,
        snapshots_dropped: 0,
        analysing: None,
        studies: vec![],
        next_studies: None,
        stopping: None,
        budget: None,
        alive_ms: crate::now_ms(),
    }
}

#[cfg(test)]
mod tests;
