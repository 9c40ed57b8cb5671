use std::path::{Path, PathBuf};

use serde::Serialize;
use spyhole_protocol::{Alert, AlertState, Event, Record, Severity};

/// What a web address or a command is told about an alert, as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct AlertMessage {
    /// In a line, for people. Slack and Mattermost show this field.
    pub text: String,
    /// The same: Discord shows this field.
    pub content: String,
    /// Name of the run.
    pub run: String,
    /// Identifies the run.
    pub run_id: String,
    /// Where the run is recorded.
    pub run_dir: PathBuf,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub time_ms: u64,
    /// The alert itself.
    pub alert: Alert,
}

/// Picks the alerts that nobody has silenced out of the records and addresses them.
#[derive(Debug)]
pub(super) struct Desk {
    run_dir: PathBuf,
    /// Milder alerts are not told.
    least: Severity,
    /// Name and identity of the run.
    run: (String, String),
}

impl Desk {
    pub(super) fn new(run_dir: &Path, least: Severity) -> Self {
        Self { run_dir: run_dir.to_owned(), least, run: Default::default() }
    }

    /// The message for a record, if it is about an alert that is to be told.
    pub(super) fn message(&mut self, record: &Record) -> Option<AlertMessage> {
        match &record.event {
            Event::RunStarted(started) => {
                self.run = (started.name.clone(), started.run_id.clone());
                None
            }
            Event::Alert(alert) if alert.severity >= self.least && !alert.silenced => {
                let (run, run_id) = self.run.clone();
                let text = in_a_line(&run, alert);
                Some(AlertMessage {
                    content: text.clone(),
                    text,
                    run,
                    run_id,
                    run_dir: self.run_dir.clone(),
                    time_ms: record.time_ms,
                    alert: alert.clone(),
                })
            }
            _ => None,
        }
    }
}

/// `run: critical alert in epoch 3 – conv1: weights are not finite. …`
pub(super) fn in_a_line(run: &str, alert: &Alert) -> String {
    let what = match (alert.state, alert.severity) {
        (AlertState::Resolved, _) => "alert is over",
        (_, Severity::Critical) => "critical alert",
        (_, Severity::Warning) => "warning",
        (_, Severity::Info) => "notice",
    };
    let Alert { epoch, title, message, hints, .. } = alert;
    let hints = hints.iter().map(|hint| format!(" {hint}")).collect::<String>();
    format!("{run}: {what} in epoch {epoch} – {title}. {message}{hints}")
}
