use serde::{Deserialize, Serialize};

use crate::{BudgetStatus, Split, StudyProgress};

/// Where the run is right now. It replaces the status before it and is not part of the log: the run
/// store keeps only the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Status {
    /// What the training is doing.
    pub state: RunState,
    /// The epoch being trained, counted from 1; 0 before the first.
    pub epoch: u32,
    /// Last epoch planned, if it is known.
    pub last_epoch: Option<u32>,
    /// The data being gone through, while an epoch runs.
    pub split: Option<Split>,
    /// Items of the split done so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub items_done: u64,
    /// Items in the split.
    #[cfg_attr(test, ts(type = "number"))]
    pub items_total: u64,
    /// Snapshots dropped so far because the analysis was still busy.
    #[cfg_attr(test, ts(type = "number"))]
    pub snapshots_dropped: u64,
    /// The epoch being analysed, if one is.
    pub analysing: Option<u32>,
    /// Studies that wait or run, in the order in which they will be made. Left out by writers before there were
    /// studies.
    #[serde(default)]
    pub studies: Vec<StudyProgress>,
    /// The next epoch for which studies are scheduled, if there is one.
    #[serde(default)]
    pub next_studies: Option<u32>,
    /// Why the training will end after this epoch, if it was asked to.
    #[serde(default)]
    pub stopping: Option<String>,
    /// What the monitoring may take, and what it takes. Left out by writers before there was a budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub budget: Option<BudgetStatus>,
    /// Last sign of life of the training process, in milliseconds since 1970-01-01 UTC. It is renewed
    /// every second or so; a run that is `Training` with an old sign of life has stopped telling: its process was killed
    /// or suspended, or its clock differs from the reader's.
    #[cfg_attr(test, ts(type = "number"))]
    pub alive_ms: u64,
}

/// What the training is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Not yet in the first epoch.
    #[default]
    Starting,
    /// In an epoch.
    Training,
    /// Training is over; the last epoch is still being analysed.
    Analysing,
    /// Nobody trains: models that were trained before are looked into.
    Inspecting,
    /// Training and analysis are over.
    Ended,
}
