//! What has happened, in lines for people.

use spyhole_protocol::{
    Alert, AlertState, Event, History, Metric, Record, RunEnded, RunStarted, RunState, Status,
};

use crate::alerts::Alerts;
use crate::words;

/// A run as far as it was heard of.
#[derive(Default)]
pub(super) struct Story {
    pub(super) alerts: Alerts,
    /// To say what a start leaves.
    history: History,
    started: Option<RunStarted>,
    status: Option<Status>,
    ended: Option<RunEnded>,
    /// Metrics of the newest epoch that were not told yet.
    metrics: Vec<Metric>,
    /// The last metrics that were told, for the line that renews itself.
    told: String,
    settling: String,
    /// The newest epoch that is done with.
    done: u32,
}

impl Story {
    /// Takes a record into account, and says what is to be said of it.
    pub(super) fn record(&mut self, record: &Record) -> Vec<String> {
        let silenced =
            matches!(&record.event, Event::Alert(alert) if self.alerts.is_silenced(alert));
        self.alerts.see(&record.event);
        if !matches!(record.event, Event::RunStarted(_)) {
            self.history.see(record);
        }
        let mut lines = vec![];
        match &record.event {
            Event::RunStarted(started) => {
                lines.extend(self.rest());
                lines.extend(opening(started));
                lines.extend(started.beside.clone());
                lines.extend(self.history.see(record).map(|left| left.to_string()));
                self.done = self.done.min(started.leaves_from().saturating_sub(1));
                (self.ended, self.started) = (None, Some(started.clone()));
            }
            Event::Metric(metric) => {
                if self.metrics.first().is_some_and(|first| first.epoch != metric.epoch) {
                    lines.extend(self.rest());
                }
                self.metrics.push(metric.clone());
            }
            Event::Alert(alert) => lines.push(of_alert(alert, silenced)),
            Event::Silence(it) => {
                let what = if it.silenced { "silenced" } else { "heard again" };
                let layer = it.layer.as_ref().map(|layer| format!(" on {layer}"));
                lines.push(format!("{what}: {}{}", it.rule, layer.unwrap_or_default()));
            }
            Event::StopAsked(it) => lines.push(format!(
                "stop: {} asked for the end of the training, in epoch {}",
                it.by, it.epoch
            )),
            Event::Settling(it) if it.statement != self.settling => {
                self.settling.clone_from(&it.statement);
                lines.push(format!("settling (epoch {}): {}", it.epoch, it.statement));
            }
            Event::EpochAnalysed(it) => {
                self.done = self.done.max(it.epoch);
                let has_validation = self.metrics.iter().any(|metric| {
                    metric.epoch == it.epoch && metric.split == spyhole_protocol::Split::Valid
                });
                if has_validation {
                    lines.extend(self.rest());
                }
            }
            Event::SnapshotDropped(it) => {
                self.done = self.done.max(it.epoch);
                lines.push(format!(
                    "dropped: epoch {} was not analysed, because the one before still was ({} so far)",
                    it.epoch, it.total
                ));
            }
            Event::Fault(it) => lines.push(format!("fault: {}: {}", it.part, it.message)),
            Event::RunEnded(ended) => {
                lines.extend(self.rest());
                self.ended = Some(ended.clone());
            }
            Event::Watchlist(_)
            | Event::LayerFeatures(_)
            | Event::LayerFilters(_)
            | Event::LayerHealth(_)
            | Event::NetworkHealth(_)
            | Event::LayerDistributions(_)
            | Event::LayerEvolution(_)
            | Event::Settling(_)
            | Event::Study(_) => {}
        }
        lines
    }

    pub(super) fn status(&mut self, status: Status) -> Vec<String> {
        let next = self.metrics.first().is_some_and(|metric| metric.epoch < status.epoch);
        let mut lines = if next { self.rest() } else { vec![] };
        let known = self.status.as_ref().and_then(|status| status.stopping.as_ref());
        if let Some(why) = &status.stopping
            && known != Some(why)
        {
            lines.push(format!("stop: the training ends after epoch {} ({why})", status.epoch));
        }
        self.status = Some(status);
        lines
    }

    /// From now on it is not history: only what is active now or later counts. Says how the run stands.
    pub(super) fn present(&mut self) -> Vec<String> {
        self.alerts.forget_the_past();
        let mut lines: Vec<_> = self.started.iter().flat_map(opening).collect();
        if self.done > 0 {
            lines.push(format!("so far: {} epochs; what comes from here on is told", self.done));
        }
        lines.extend(self.alerts.heard().map(|alert| of_alert(alert, false)));
        lines
    }

    /// What was not said yet.
    pub(super) fn rest(&mut self) -> Vec<String> {
        let Some(epoch) = self.metrics.first().map(|metric| metric.epoch) else { return vec![] };
        let metrics: Vec<_> = std::mem::take(&mut self.metrics).iter().map(of_metric).collect();
        self.told = metrics.join(", ");
        vec![format!("epoch {}: {}", of(epoch, self.last_epoch()), self.told)]
    }

    /// Where the run is, in a line.
    pub(super) fn progress(&self) -> String {
        let Some(status) = &self.status else { return String::new() };
        let epoch = of(status.epoch, self.last_epoch());
        let mut text = match status.state {
            RunState::Starting => "starting".to_owned(),
            RunState::Training => format!("epoch {epoch}"),
            RunState::Analysing => format!("epoch {epoch} is being analysed"),
            RunState::Inspecting => format!("the model of epoch {epoch} is looked into"),
            RunState::Ended => "ended".to_owned(),
        };
        if let (RunState::Training, Some(split)) = (status.state, status.split) {
            let share = match status.items_total {
                0 => String::new(),
                total => format!(" {} %", 100 * status.items_done.min(total) / total),
            };
            let (done, total) = (status.items_done, status.items_total);
            text += &format!(", {} {done}/{total}{share}", words::split(split));
        }
        let active = self.alerts.active();
        if let Some(worst) = self.alerts.worst_active() {
            let alerts = words::counted(active as u64, "alert", "alerts");
            text += &format!(" | {alerts}, worst {}", words::severity(worst));
        }
        if status.snapshots_dropped > 0 {
            text += &format!(" | {} not analysed", status.snapshots_dropped);
        }
        if !self.told.is_empty() {
            text += &format!(" | {}", self.told);
        }
        text
    }

    pub(super) fn reached(&self, epoch: u32) -> bool {
        self.done >= epoch
    }

    pub(super) fn state(&self) -> Option<RunState> {
        self.status.as_ref().map(|status| status.state)
    }

    pub(super) fn outcome(&self) -> Option<RunEnded> {
        self.ended.clone()
    }

    fn last_epoch(&self) -> Option<u32> {
        let started = self.started.as_ref().and_then(|started| started.last_epoch);
        self.status.as_ref().and_then(|status| status.last_epoch).or(started)
    }
}

/// What is trained, and what the probe images cannot tell.
fn opening(started: &RunStarted) -> Vec<String> {
    let epochs = match started.last_epoch {
        Some(last) => format!("epochs {} to {last}", started.first_epoch),
        None => format!("from epoch {} on", started.first_epoch),
    };
    let run = format!(
        "{}: {epochs}, {}, {}",
        started.name,
        words::counted(started.layers.len() as u64, "layer", "layers"),
        words::counted(started.parameters, "parameter", "parameters")
    );
    let caution = started.probe.caution.iter().map(|caution| format!("probe images: {caution}"));
    let anew = started.other_images.clone();
    std::iter::once(run).chain(caution).chain(anew).collect()
}

fn of(epoch: u32, last: Option<u32>) -> String {
    last.map_or(epoch.to_string(), |last| format!("{epoch}/{last}"))
}

fn of_metric(metric: &Metric) -> String {
    let unit = metric.unit.as_ref().filter(|_| metric.value.is_some());
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    format!("{} {} {}{unit}", words::split(metric.split), metric.name, words::number(metric.value))
}

fn of_alert(alert: &Alert, silenced: bool) -> String {
    let Alert { title, message, epoch, since, .. } = alert;
    let quiet = if silenced || alert.silenced { " (silenced)" } else { "" };
    let severity = words::severity(alert.severity);
    match alert.state {
        AlertState::Raised => format!("{severity}{quiet}: epoch {epoch}: {title}. {message}"),
        AlertState::Updated => {
            format!("{severity}{quiet}: epoch {epoch}, since {since}: {title}. {message}")
        }
        AlertState::Resolved => {
            format!("over{quiet}: epoch {epoch}, since {since}: {title}. {message}")
        }
    }
}
