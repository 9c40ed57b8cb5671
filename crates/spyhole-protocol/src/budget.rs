use serde::{Deserialize, Serialize};

/// One of the things that are computed of a snapshot, in order of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Analysis {
    /// The weights are fetched, and every filter is read: what alerts are about first of all.
    Weights,
    /// The strongest and the followed feature maps with their projections.
    Maps,
    /// What the feature maps do on the probe images: dead ones, saturated ones, distributions.
    Activity,
    /// How much the layers have changed, and which have settled.
    Evolution,
    /// The analyses that the user has added, together.
    Own,
    /// The probe images' way through the network, which maps, activity and evolution share.
    Forward,
}

/// What costs are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// CPU time of all threads that compute it, in seconds: what it has used, however long it waited for a core.
    Cpu,
    /// Time by the clock, in seconds: where another device computes, whose results are waited for, or where the system
    /// does not tell a thread's CPU time. All costs were counted so before there was the other.
    #[default]
    Wall,
}

/// What an analysis has cost in one epoch, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AnalysisPart {
    /// The analysis.
    pub analysis: Analysis,
    /// How long it took, in seconds of wall time; `None` if it was skipped. On a busy machine most of it may be waiting
    /// for a core.
    pub seconds: Option<f64>,
    /// The CPU time that it used, in seconds, which is what the budget is charged with; `None` if it was skipped, and
    /// where costs are counted by the [clock](BudgetStatus::clock).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub cpu_seconds: Option<f64>,
    /// Why it was skipped, in words for the user; `None` if it was not.
    pub skipped: Option<String>,
}

/// What the monitoring may take of the machine, and how it gets by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BudgetStatus {
    /// The largest share of the time that analyses and studies together may take, 0 to 1: of CPU time, as a share of
    /// `cores` times the wall time, or of the wall time, as [`clock`](Self::clock) says. From 1 on nothing is skipped.
    pub share: f64,
    /// The part of it that studies may take.
    pub studies_share: f64,
    /// The share that the analyses of epochs have taken since training began.
    pub used: f64,
    /// The share that scheduled studies have taken.
    pub studies_used: f64,
    /// Memory that the analyses may take, in bytes, if a ceiling was set.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub memory: Option<u64>,
    /// What was made smaller to stay below the ceiling, in words.
    pub smaller: Vec<String>,
    /// Where the analyses are computed, in words.
    pub device: String,
    /// What costs are counted in.
    #[serde(default)]
    pub clock: Clock,
    /// How many cores the process may use, whose time it is a share of; 1 by the wall clock.
    #[serde(default = "one")]
    pub cores: u32,
    /// The analyses in order of importance, and how often each can be afforded.
    pub analyses: Vec<PlannedAnalysis>,
    /// Snapshots within epochs that were let go because something else was still being analysed.
    #[cfg_attr(test, ts(type = "number"))]
    pub steps_skipped: u64,
}

/// How an analysis is planned now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlannedAnalysis {
    /// The analysis.
    pub analysis: Analysis,
    /// What it costs each time, in seconds of what is [counted](BudgetStatus::clock), as measured lately; `None` if it
    /// has not run yet.
    pub seconds: Option<f64>,
    /// The newest epoch that it was made for.
    pub epoch: Option<u32>,
    /// It can be afforded every so many epochs, roughly; `None` while that is not known.
    pub every: Option<u32>,
    /// How many epochs it was skipped for since then.
    pub skipped: u32,
}

fn one() -> u32 {
    1
}
