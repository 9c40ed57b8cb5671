use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use spyhole_protocol::{Record, Severity};

use super::message::{AlertMessage, Desk};
use crate::{Attached, Sink, SinkError, SinkResult, lock};

/// Alerts that may wait. There are few; beyond this the address has been dead for long.
const QUEUE: usize = 64;

/// How long the end of a run waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(3);

/// Hands alerts to a thread that carries them somewhere, however long that takes, and collects what goes
/// wrong there. Of failures in a row only the first is told at once; all are counted.
#[derive(Debug)]
pub struct Courier {
    name: String,
    desk: Desk,
    sender: Option<Sender<AlertMessage>>,
    ended: Receiver<()>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// In words, not asked for yet.
    troubles: Vec<String>,
    /// Since the last success.
    failures: u64,
    /// In all.
    undelivered: u64,
    /// Accepted and not done.
    waiting: u64,
}

impl Courier {
    /// Starts the thread, for alerts of that severity and above. `carry` delivers one message or says why it
    /// could not.
    pub(super) fn start(
        name: String,
        run_dir: &Path,
        least: Severity,
        mut carry: impl FnMut(&AlertMessage) -> Result<(), String> + Send + 'static,
    ) -> Result<Self, SinkError> {
        let (sender, receiver) = bounded::<AlertMessage>(QUEUE);
        let (end, ended) = bounded::<()>(0);
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let work = move || {
            // Dropped when the thread ends, in whatever way.
            let _end = end;
            for message in receiver {
                let outcome = carry(&message);
                lock(&shared).done(&message, outcome);
            }
        };
        std::thread::Builder::new()
            .name("spyhole-alerts".into())
            .spawn(work)
            .map_err(|source| SinkError::Start { what: "a thread for alerts", source })?;
        let desk = Desk::new(run_dir, least);
        Ok(Self { name, desk, sender: Some(sender), ended, state })
    }

    fn send(&self, message: AlertMessage) {
        let Some(sender) = &self.sender else { return };
        // Counted first, so that the thread cannot be done with it before.
        lock(&self.state).waiting += 1;
        if let Err(TrySendError::Full(message) | TrySendError::Disconnected(message)) =
            sender.try_send(message)
        {
            lock(&self.state).done(&message, Err("too many are waiting already".into()));
        }
    }
}

impl Sink for Courier {
    fn name(&self) -> &str {
        &self.name
    }

    /// Never waits.
    fn deliver(&mut self, record: &Record, _attached: &Attached) -> SinkResult {
        if let Some(message) = self.desk.message(record) {
            self.send(message);
        }
        Ok(())
    }

    fn troubles(&mut self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).troubles)
    }

    /// Waits until all is carried out, within limits, and tells the sum of what was not.
    fn close(&mut self) -> SinkResult {
        self.sender = None;
        // Nothing is ever sent: the thread's end disconnects the channel.
        let _ = self.ended.recv_deadline(Instant::now() + PATIENCE);
        let mut state = lock(&self.state);
        let lost = state.undelivered + state.waiting;
        if lost > 1 {
            state.troubles.push(format!("{lost} alerts were not delivered in all"));
        } else if state.waiting > 0 {
            state.troubles.push("an alert was still on its way when the run ended".into());
        }
        Ok(())
    }
}

impl State {
    fn done(&mut self, message: &AlertMessage, outcome: Result<(), String>) {
        self.waiting = self.waiting.saturating_sub(1);
        match outcome {
            Ok(()) => self.failures = 0,
            Err(reason) => {
                self.failures += 1;
                self.undelivered += 1;
                let title = &message.alert.title;
                tracing::warn!(title, reason, "an alert was not delivered");
                if self.failures == 1 {
                    self.troubles
                        .push(format!("the alert \"{title}\" was not delivered: {reason}"));
                }
            }
        }
    }
}
