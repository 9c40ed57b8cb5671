use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use spyhole_protocol::{
    AlertState, Branch, Event, Record, RunEnded, RunStarted, Settling, Severity, Split, Status,
    Watchlist,
};
use spyhole_sink::{RunLog, SinkError};

use crate::alerts::Alerts;
use crate::interrupt::Interrupt;

/// Records read at once.
const BATCH: usize = 500;

/// What a comparison needs to know of a run.
#[derive(Default)]
pub(crate) struct Facts {
    pub(super) run_id: String,
    pub(super) directory: String,
    pub(super) starts: u32,
    /// What was left, and is not looked at.
    branches: Vec<Branch>,
    /// The last start.
    pub(super) started: Option<RunStarted>,
    pub(super) watchlist: Option<Watchlist>,
    pub(super) status: Option<Status>,
    pub(super) ended: Option<RunEnded>,
    pub(super) metrics: BTreeMap<(Split, String), Series>,
    pub(super) rules: BTreeMap<String, RuleFacts>,
    pub(super) alerts: Alerts,
    pub(super) settling: Option<Settling>,
    pub(super) health_epochs: BTreeSet<u32>,
    pub(super) analysed: BTreeSet<u32>,
    pub(super) analysis_seconds: Vec<f64>,
    pub(super) dropped: u64,
    pub(super) faults: u64,
    /// For every start, when the last metric of each epoch was recorded.
    times: Vec<BTreeMap<u32, u64>>,
}

/// A metric over the epochs.
#[derive(Default)]
pub(super) struct Series {
    pub(super) unit: Option<String>,
    pub(super) higher_is_better: bool,
    /// By epoch; of an epoch that was trained twice, the later value.
    pub(super) values: BTreeMap<u32, Option<f64>>,
}

/// How often a rule has raised an alert.
#[derive(Default)]
pub(super) struct RuleFacts {
    pub(super) raised: u32,
    pub(super) worst: Option<Severity>,
}

impl Facts {
    /// Reads a run, up to what is its last record now.
    pub(crate) fn read(log: &RunLog, interrupt: &Interrupt) -> Result<Self, Box<dyn Error>> {
        let mut facts = Self {
            run_id: log.run_id().to_owned(),
            directory: log.place().display().to_string(),
            branches: log.branches()?,
            status: log.status()?,
            ..Self::default()
        };
        let (mut last, head) = (0, log.head()?);
        while last < head {
            interrupt.check()?;
            let Some((records, upto)) = log.current_after(last, BATCH)? else { break };
            last = upto;
            records.iter().filter(|record| record.seq <= head).for_each(|it| facts.see(it));
        }
        Ok(facts)
    }

    fn see(&mut self, record: &Record) {
        self.alerts.see(&record.event);
        match &record.event {
            Event::RunStarted(it) => {
                self.starts += 1;
                (self.started, self.ended) = (Some(it.clone()), None);
                self.times.push(BTreeMap::new());
            }
            Event::Watchlist(it) => self.watchlist = Some(it.clone()),
            Event::Metric(it) => {
                let series = self.metrics.entry((it.split, it.name.clone())).or_default();
                (series.unit, series.higher_is_better) = (it.unit.clone(), it.higher_is_better);
                series.values.insert(it.epoch, it.value);
                if let Some(times) = self.times.last_mut() {
                    times.insert(it.epoch, record.time_ms);
                }
            }
            Event::LayerHealth(it) => {
                self.health_epochs.insert(it.epoch);
            }
            Event::Alert(it) => {
                // The end of one that was raised in what the run has left says nothing here.
                if it.state != AlertState::Resolved {
                    let rule = self.rules.entry(it.rule.clone()).or_default();
                    rule.raised += u32::from(it.state == AlertState::Raised);
                    rule.worst = rule.worst.max(Some(it.severity));
                }
            }
            Event::Settling(it) => self.settling = Some(it.clone()),
            Event::EpochAnalysed(it) => {
                self.analysed.insert(it.epoch);
                self.analysis_seconds.push(it.seconds);
            }
            Event::SnapshotDropped(_) => self.dropped += 1,
            Event::Fault(_) => self.faults += 1,
            Event::RunEnded(it) => self.ended = Some(it.clone()),
            Event::LayerFeatures(_)
            | Event::LayerFilters(_)
            | Event::LayerDistributions(_)
            | Event::LayerEvolution(_)
            | Event::NetworkHealth(_)
            | Event::Silence(_)
            | Event::StopAsked(_)
            | Event::Study(_) => {}
        }
    }

    /// Median time between the last metrics of two epochs that follow each other in one start, in seconds.
    pub(super) fn seconds_per_epoch(&self) -> Option<f64> {
        let mut steps = vec![];
        for times in &self.times {
            for (epoch, time) in times {
                if let Some(next) = times.get(&(epoch + 1)) {
                    steps.push(next.saturating_sub(*time) as f64 / 1000.0);
                }
            }
        }
        median(&mut steps)
    }

    /// Median time of an epoch's analyses, in seconds.
    pub(super) fn seconds_per_analysis(&self) -> Option<f64> {
        median(&mut self.analysis_seconds.clone())
    }

    /// The last epoch of which anything was recorded.
    pub(super) fn last_epoch(&self) -> u32 {
        let metrics = self.metrics.values().filter_map(|series| series.values.keys().last());
        metrics.chain(self.analysed.last()).copied().max().unwrap_or(0)
    }

    /// What was left, in words.
    pub(super) fn left(&self) -> impl Iterator<Item = String> + '_ {
        self.branches.iter().map(Branch::to_string)
    }

    pub(super) fn layers(&self) -> Vec<String> {
        let layers = self.started.iter().flat_map(|started| &started.layers);
        layers.map(|layer| layer.name.clone()).collect()
    }
}

/// The values of all layers' statistics in an epoch, by layer and statistic.
pub(super) fn health(
    log: &RunLog,
    epoch: u32,
) -> Result<BTreeMap<(String, String), Option<f64>>, SinkError> {
    let mut found = BTreeMap::new();
    log.each_of_kinds(&["layer_health"], |event| {
        if let Event::LayerHealth(it) = event
            && it.epoch == epoch
        {
            for (statistic, value) in &it.values {
                found.insert((it.layer.clone(), statistic.clone()), *value);
            }
        }
    })?;
    Ok(found)
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        for (values, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![4.0, 1.0], Some(2.5)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(&mut values.clone()), expected);
        }
    }
}
