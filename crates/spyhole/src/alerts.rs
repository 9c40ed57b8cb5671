//! Alerts: the rules' fold over the recorded events, and the wish to stop the training.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use burn::train::EarlyStoppingStrategy;
use burn::train::metric::store::EventStoreClient;
use spyhole_alert::{Alerts, Engine, Stop};
use spyhole_protocol::{Event, Fault};
use spyhole_sink::actions::{self, LogAction};
use spyhole_sink::{Derive, Sink};

use crate::error::SpyholeError;

/// The sinks that carry out what is to be done about alerts.
pub(crate) fn sinks(alerts: &Alerts, run_dir: &Path) -> Result<Vec<Box<dyn Sink>>, SpyholeError> {
    let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(LogAction)];
    let wanted = alerts.actions();
    for webhook in &wanted.webhooks {
        sinks.push(Box::new(actions::webhook(run_dir, &webhook.url, webhook.from)?));
    }
    for command in &wanted.commands {
        sinks.push(Box::new(actions::command(run_dir, &command.run, command.from)?));
    }
    Ok(sinks)
}

/// Makes alerts out of the recorded events, on the hub's thread.
pub(crate) struct AlertRules {
    engine: Engine,
    alerts: Alerts,
    stop: Stop,
    signal: StopSignal,
}

impl AlertRules {
    pub(crate) fn new(alerts: &Alerts, signal: StopSignal) -> Self {
        let stop = alerts.actions().stop.clone();
        Self { engine: Engine::new(alerts), alerts: alerts.clone(), stop, signal }
    }
}

impl Derive for AlertRules {
    fn name(&self) -> &str {
        "alert rules"
    }

    fn remembers(&self) -> &'static [&'static str] {
        &[
            "run_started",
            "network_health",
            "layer_health",
            "metric",
            "alert",
            "silence",
            "epoch_analysed",
        ]
    }

    fn forget(&mut self) {
        self.engine = Engine::new(&self.alerts);
    }

    fn recall(&mut self, event: &Event) {
        self.engine.recall(event);
    }

    fn leave(&mut self, event: &Event) {
        self.engine.leave(event);
    }

    fn derive(&mut self, event: &Event) -> Vec<Event> {
        let alerts = self.engine.observe(event);
        for alert in alerts.iter().filter(|alert| !alert.silenced && self.stop.wants(alert)) {
            self.signal.ask(format!("{} (alert `{}`)", alert.title, alert.rule));
        }
        let unmatched = self.engine.unmatched().into_iter().map(|message| {
            Event::Fault(Fault { part: self.name().to_owned(), message, epoch: None })
        });
        alerts.into_iter().map(Event::Alert).chain(unmatched).collect()
    }
}

/// Whether an alert or somebody at the dashboard wants the training to end, and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct StopSignal(Arc<Mutex<Wish>>);

#[derive(Debug, Default)]
struct Wish {
    reason: Option<String>,
    /// The last epoch that was asked about, and the answer.
    answered: Option<(usize, bool)>,
    /// Whether anybody will ask.
    connected: bool,
}

impl StopSignal {
    fn with<T>(&self, look: impl FnOnce(&mut Wish) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The first reason stays.
    pub(crate) fn ask(&self, reason: String) {
        self.with(|wish| wish.reason.get_or_insert(reason).len());
    }

    /// Why the training is to end, if it is.
    pub(crate) fn reason(&self) -> Option<String> {
        self.with(|wish| wish.reason.clone())
    }

    /// From now on somebody asks.
    pub(crate) fn connect(&self) {
        self.with(|wish| wish.connected = true);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.with(|wish| wish.connected)
    }

    /// All workers of a distributed training that ask about the same epoch get the same answer, even if
    /// the alert is raised between their questions: otherwise some would wait for the others for ever.
    fn answer(&self, epoch: usize) -> bool {
        self.with(|wish| match wish.answered {
            Some((asked, answer)) if asked == epoch => answer,
            _ => {
                let answer = wish.reason.is_some();
                wish.answered = Some((epoch, answer));
                answer
            }
        })
    }
}

/// Ends a training of burn-train at the end of an epoch, after its checkpoint is written, when an alert or
/// somebody at the dashboard asks for it; see [`Spyhole::early_stopping`](crate::Spyhole::early_stopping).
#[derive(Clone)]
pub struct StopOnAlert<S = Never> {
    signal: StopSignal,
    other: S,
}

impl StopOnAlert {
    pub(crate) fn new(signal: StopSignal) -> Self {
        signal.connect();
        Self { signal, other: Never }
    }

    /// Ends the training when an alert, the dashboard or `other` wants it: burn-train takes one strategy only.
    pub fn or<S: EarlyStoppingStrategy>(self, other: S) -> StopOnAlert<S> {
        StopOnAlert { signal: self.signal, other }
    }
}

impl<S: EarlyStoppingStrategy> EarlyStoppingStrategy for StopOnAlert<S> {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        // The other one keeps count of epochs, so it is asked in any case.
        let other = self.other.should_stop(epoch, store);
        self.signal.answer(epoch) || other
    }
}

/// Never ends a training.
#[derive(Clone, Copy, Debug, Default)]
pub struct Never;

impl EarlyStoppingStrategy for Never {
    fn should_stop(&mut self, _epoch: usize, _store: &EventStoreClient) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_ask_about_the_same_epoch_get_the_same_answer() {
        let signal = StopSignal::default();
        assert!(!signal.answer(3));
        signal.ask("weights are not finite".into());
        assert!(!signal.answer(3), "another worker was told no");
        assert!(signal.answer(4) && signal.answer(4));
        signal.ask("something else".into());
        assert_eq!(signal.reason().as_deref(), Some("weights are not finite"));
    }
}
