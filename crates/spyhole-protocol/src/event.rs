use serde::{Deserialize, Serialize};

use crate::{
    Alert, AnalysisPart, LayerDistributions, LayerEvolution, LayerFeatures, LayerFilters,
    LayerHealth, Metric, NetworkHealth, RunStarted, Settling, Silence, Study, Watchlist,
};

/// One event of a run, numbered and dated. Records of a run are never changed once written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Record {
    /// Position in the run's log: 1, 2, 3, … without gaps, continued when a run is resumed.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// When the record was made, in milliseconds since 1970-01-01 UTC.
    #[cfg_attr(test, ts(type = "number"))]
    pub time_ms: u64,
    /// What happened.
    pub event: Event,
}

/// Everything that can happen in a run. `kind` tells the variants apart in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Training is about to start (or to continue, in a run that is resumed).
    RunStarted(RunStarted),
    /// What is measured, and which readings raise an alert; follows each start.
    Watchlist(Watchlist),
    /// A metric's value for one whole epoch.
    Metric(Metric),
    /// What excites a layer's feature maps after an epoch, projected back to pixels.
    LayerFeatures(LayerFeatures),
    /// A convolution's filters after an epoch, with their noise statistics.
    LayerFilters(LayerFilters),
    /// A layer's health in numbers after an epoch.
    LayerHealth(LayerHealth),
    /// The health of the network as a whole after an epoch.
    NetworkHealth(NetworkHealth),
    /// How readings of a layer's feature maps are distributed after an epoch.
    LayerDistributions(LayerDistributions),
    /// An alert is raised, has changed, or has ended.
    Alert(Alert),
    /// Somebody has silenced an alert, or lets it be heard again.
    Silence(Silence),
    /// Somebody has asked for the training's end.
    StopAsked(StopAsked),
    /// How much a layer has changed.
    LayerEvolution(LayerEvolution),
    /// Which layers have settled.
    Settling(Settling),
    /// A costly look at the network was taken.
    Study(Study),
    /// All analyses of an epoch are done and recorded.
    EpochAnalysed(EpochAnalysed),
    /// An epoch was not analysed, because the analysis of an earlier one was still running.
    SnapshotDropped(SnapshotDropped),
    /// Something in the monitoring failed; the training went on.
    Fault(Fault),
    /// Training ended.
    RunEnded(RunEnded),
}

/// All analyses of an epoch are done and recorded, as far as the budget allows them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EpochAnalysed {
    /// The epoch, counted from 1.
    pub epoch: u32,
    /// How long the analyses took, in seconds of wall time. On a busy machine most of it may be waiting for a core; what
    /// they used is in `parts`.
    pub seconds: f64,
    /// What each analysis took and used, and which were skipped and why. Left out by writers before there was a
    /// budget, which skipped nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<AnalysisPart>>"))]
    pub parts: Vec<AnalysisPart>,
}

/// An epoch was not analysed: training never waits for the analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SnapshotDropped {
    /// The epoch that has no pictures, counted from 1.
    pub epoch: u32,
    /// How many snapshots this run has dropped so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub total: u64,
}

/// Somebody has asked for the training's end, after the epoch that it is in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StopAsked {
    /// Who asked, in words for the user: `the dashboard`.
    pub by: String,
    /// The epoch that the training was in, counted from 1.
    pub epoch: u32,
}

/// Something in the monitoring failed; the rest of it and the training go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fault {
    /// Which part failed: the name of an analysis or of a sink.
    pub part: String,
    /// What went wrong, in words for the user.
    pub message: String,
    /// The epoch it concerns, if it concerns one.
    pub epoch: Option<u32>,
}

/// Training ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunEnded {
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why it was interrupted or failed, in the training's own words.
    pub reason: Option<String>,
    /// How many scheduled studies there was no time left for. Left out by writers that told a fault instead.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(test, ts(optional, as = "Option<u32>"))]
    pub studies_left_out: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How a training run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// All planned epochs were trained.
    Finished,
    /// Somebody or an early-stopping rule ended it before.
    Interrupted,
    /// The training reported an error.
    Failed,
}
