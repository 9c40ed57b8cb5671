//! What a token holder may ask for on the dashboard.

use std::sync::Arc;

use spyhole_alert::Alerts;
use spyhole_protocol::{Event, RunState, Silence, StopAsked, StudySubject};
use spyhole_sink::{Control, Entry, Hub};

use crate::alerts::StopSignal;
use crate::studio::Studio;

/// Who asks, in the words of the screen.
const DASHBOARD: &str = "the dashboard";

#[derive(Debug)]
pub(crate) struct Controls {
    studio: Arc<Studio>,
    hub: Hub,
    stop: StopSignal,
    rules: Vec<String>,
}

impl Controls {
    pub(crate) fn new(studio: &Arc<Studio>, hub: &Hub, stop: &StopSignal, alerts: &Alerts) -> Self {
        let rules = alerts.rules().iter().map(|rule| rule.id().to_owned()).collect();
        Self { studio: studio.clone(), hub: hub.clone(), stop: stop.clone(), rules }
    }
}

impl Control for Controls {
    fn ask(&self, subject: &StudySubject) -> Result<u32, String> {
        self.studio.ask(subject)
    }

    fn cancel(&self, id: u32) {
        self.studio.cancel(id);
    }

    fn silence(&self, silence: &Silence) -> Result<(), String> {
        if !self.rules.contains(&silence.rule) {
            return Err(format!("this training has no alert rule `{}`", silence.rule));
        }
        self.hub.record(Entry::new(Event::Silence(silence.clone())));
        Ok(())
    }

    fn stop(&self) -> Result<(), String> {
        let status = self.hub.status();
        if matches!(status.state, RunState::Analysing | RunState::Ended) {
            return Err("the training is over".into());
        }
        if !self.stop.is_connected() {
            return Err("this training does not listen: give it `.early_stopping(spyhole.early_stopping())`, \
                        or ask `watch.should_stop()` after each epoch of your own loop"
                .into());
        }
        if self.stop.reason().is_none() {
            self.stop.ask(format!("asked for on {DASHBOARD}"));
            let by = DASHBOARD.to_owned();
            let asked = StopAsked { by, epoch: status.epoch };
            self.hub.record(Entry::new(Event::StopAsked(asked)));
            let reason = self.stop.reason();
            self.hub.update_status(|status| status.stopping = reason);
        }
        Ok(())
    }
}
