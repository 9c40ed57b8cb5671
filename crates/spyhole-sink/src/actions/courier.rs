//! A thread that carries alerts somewhere, however long that takes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};

use super::message::AlertMessage;
use crate::{SinkError, SinkResult, lock};

/// Alerts that may wait. There are few; beyond this the address has been dead for long.
const QUEUE: usize = 64;

/// How long the end of a run waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(3);

/// Of this many failures in a row only the first is told at once; all are counted.
const TOLD: u64 = 1;

/// Hands alerts to a thread and collects what goes wrong there.
#[derive(Debug)]
pub(super) struct Courier {
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
    /// Starts the thread. `carry` delivers one message or says why it could not.
    pub(super) fn start(
        name: &'static str,
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
            .name(name.into())
            .spawn(work)
            .map_err(|source| SinkError::Start { what: "a thread for alerts", source })?;
        Ok(Self { sender: Some(sender), ended, state })
    }

    /// Never waits.
    pub(super) fn send(&self, message: AlertMessage) -> SinkResult {
        let Some(sender) = &self.sender else { return Ok(()) };
        // Counted first, so that the thread cannot be done with it before.
        lock(&self.state).waiting += 1;
        match sender.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(message) | TrySendError::Disconnected(message)) => {
                lock(&self.state).done(&message, Err("too many are waiting already".into()));
                Ok(())
            }
        }
    }

    pub(super) fn troubles(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).troubles)
    }

    /// Waits until all is carried out, within limits, and tells the sum of what was not.
    pub(super) fn close(&mut self) {
        self.sender = None;
        // Nothing is ever sent: the thread's end disconnects the channel.
        let _ = self.ended.recv_deadline(Instant::now() + PATIENCE);
        let mut state = lock(&self.state);
        let lost = state.undelivered + state.waiting;
        if lost > TOLD {
            state.troubles.push(format!("{lost} alerts were not delivered in all"));
        } else if state.waiting > 0 {
            state.troubles.push("an alert was still on its way when the run ended".into());
        }
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
                if self.failures <= TOLD {
                    self.troubles
                        .push(format!("the alert \"{title}\" was not delivered: {reason}"));
                }
            }
        }
    }
}
