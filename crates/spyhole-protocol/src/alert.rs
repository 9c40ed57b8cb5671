use serde::{Deserialize, Serialize};

/// An alert is raised, has changed, or has ended. `rule` and `layer` together say which alert it is;
/// there is one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Alert {
    /// The rule that raised it, [`AlertRule::id`](crate::AlertRule::id).
    pub rule: String,
    /// The layer it is about; `None` if it is about the training or the network as a whole.
    pub layer: Option<String>,
    /// The statistic, or the metric of the training (`train:Loss`).
    pub metric: String,
    /// What has happened to it.
    pub state: AlertState,
    /// How bad it is, now or, if it has ended, at its worst.
    pub severity: Severity,
    /// The epoch of this reading.
    pub epoch: u32,
    /// The epoch in which it was raised.
    pub since: u32,
    /// The reading; `None` if it is not a finite number.
    pub value: Option<f64>,
    /// The threshold that decided: of the severity, or for the end of the alert. `None` where values are not
    /// compared with one.
    pub threshold: Option<f64>,
    /// What is the matter, in a few words: `conv1: filters look like noise`.
    pub title: String,
    /// What was read and what it was compared with, in a sentence.
    pub message: String,
    /// What other statistics suggest about the cause, in sentences; may be empty.
    pub hints: Vec<String>,
    /// The filters or feature maps it is about; may be empty.
    pub units: Vec<u32>,
    /// Whether somebody has silenced it: it is shown, and no action carries it. Left out by writers before there
    /// was a [`Silence`].
    #[serde(default)]
    pub silenced: bool,
}

/// What has happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It is new.
    Raised,
    /// It goes on, and has become better or worse by a level, clearly worse within it, or is about
    /// other filters.
    Updated,
    /// It has ended.
    Resolved,
}

/// Silences an alert, or lets it be heard again. It counts until it is taken back, also for the same alert raised
/// anew and for a run that is continued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Silence {
    /// The rule, [`AlertRule::id`](crate::AlertRule::id).
    pub rule: String,
    /// The layer; `None` for an alert about the training as a whole.
    pub layer: Option<String>,
    /// Whether it is silenced, or heard again.
    pub silenced: bool,
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something is going wrong; the training may still come to something.
    Warning,
    /// Going on makes no sense unless something is changed.
    Critical,
}
