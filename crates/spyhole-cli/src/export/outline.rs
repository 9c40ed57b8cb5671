//! What must be known of a run as a whole: little, however long it is.

use std::collections::BTreeSet;

use spyhole_protocol::{Event, Occasion, Record, RunEnded, RunStarted, RunSummary, Watchlist};

use super::Moment;
use crate::alerts::Alerts;

/// A fold over the records of a run.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) starts: Vec<RunStarted>,
    started_ms: Option<u64>,
    /// Of the last start.
    pub(super) watchlist: Option<Watchlist>,
    /// How the last start ended, if it has.
    pub(super) ended: Option<RunEnded>,
    alerts: Alerts,
    /// Epochs of which there are records of the bulk kinds.
    pub(super) bulk_epochs: BTreeSet<u32>,
    /// Epochs of which there are studies made on schedule.
    pub(super) study_epochs: BTreeSet<u32>,
    /// The last record that says which layers have settled.
    pub(super) settling: u64,
}

impl Outline {
    pub(super) fn see(&mut self, record: &Record) {
        self.alerts.see(&record.event);
        if let Some(epoch) = bulk_epoch(&record.event) {
            self.bulk_epochs.insert(epoch);
        }
        match &record.event {
            Event::RunStarted(started) => {
                self.started_ms.get_or_insert(record.time_ms);
                self.starts.push(started.clone());
                self.ended = None;
            }
            Event::Watchlist(watchlist) => self.watchlist = Some(watchlist.clone()),
            Event::RunEnded(ended) => self.ended = Some(ended.clone()),
            Event::Settling(_) => self.settling = record.seq,
            Event::Study(study) if study.occasion == Occasion::Scheduled => {
                self.study_epochs.insert(study.epoch);
            }
            _ => {}
        }
    }

    /// The run in a line of a list.
    pub(super) fn summary(&self, moment: &Moment) -> RunSummary {
        let (directory, place) = (moment.log.run_dir(), moment.log.place());
        let name = match self.starts.last() {
            Some(started) => started.name.clone(),
            None => directory.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        RunSummary {
            key: moment.log.run_id().to_owned(),
            name,
            directory: place.display().to_string(),
            problem: None,
            started_ms: self.started_ms,
            status: moment.status.clone(),
            worst_alert: self.alerts.worst_active(),
            active_alerts: u32::try_from(self.alerts.active()).unwrap_or(u32::MAX),
            live: false,
            branches: moment.history.branches().to_vec(),
            branch: moment.log.left(),
        }
    }
}

/// The epoch of a record of the [`BULK_KINDS`](spyhole_protocol::BULK_KINDS); `None` for the other kinds.
pub(super) fn bulk_epoch(event: &Event) -> Option<u32> {
    match event {
        Event::LayerFeatures(it) => Some(it.epoch),
        Event::LayerFilters(it) => Some(it.epoch),
        Event::LayerHealth(it) => Some(it.epoch),
        Event::LayerDistributions(it) => Some(it.epoch),
        Event::LayerEvolution(it) => Some(it.epoch),
        Event::Settling(it) => Some(it.epoch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use spyhole_protocol::BULK_KINDS;

    use super::*;
    use crate::{made_up, words};

    #[test]
    fn the_bulk_is_what_the_protocol_says() {
        for event in made_up::one_of_each_kind() {
            let kind = words::kind(&event);
            assert_eq!(bulk_epoch(&event).is_some(), BULK_KINDS.contains(&kind), "{kind}");
        }
    }
}
