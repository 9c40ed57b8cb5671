use serde::{Deserialize, Serialize};

use crate::{Event, Record, RunStarted};

/// Which records of a run count: the rule that every reader goes by.
///
/// Records are never changed and their numbers never used again, so a run that is continued from an earlier epoch has
/// epochs twice. A start at epoch k ends what was recorded of epoch k and later ones before it: a record of such an
/// epoch is *left*, all others are *current*. What a start leaves is a [`Branch`]. A start at epoch 1 leaves
/// everything, the untrained network too: nothing of another training is told together with it.
///
/// Records of no epoch (starts, watchlists, silences, ends) stay, and so do [faults](crate::Fault), for what failed
/// has failed. Of starts and ends the newest tells how the run stands.
///
/// It is a fold: records go through [`see`](Self::see) in their order, and [`is_current`](Self::is_current) answers
/// for all those before.
///
/// ```
/// use spyhole_protocol::History;
///
/// let mut history = History::default();
/// history.start(1, 1);
/// history.reach(8);
/// history.start(50, 4);
/// assert!(history.counts(20, Some(3)) && !history.counts(40, Some(7)) && history.counts(51, Some(4)));
/// assert_eq!(
///     history.branches()[0].to_string(),
///     "branch 1: epochs 4 to 8, left when the training was continued from epoch 3"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Starts that leave something no later start leaves: their epochs rise with their numbers.
    cuts: Vec<Cut>,
    branches: Vec<Branch>,
    /// The newest epoch that counts.
    newest: Option<u32>,
    starts: u32,
}

/// What was recorded before this number of this epoch, and of later ones, is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    seq: u64,
    from: u32,
}

/// A part of a run that was left when the training was continued from an earlier epoch. It stays in the run store,
/// and can be looked at as the run was when it was left. As text: `branch 1: epochs 4 to 8, left when …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Branch {
    /// 1, 2, 3, … in the order in which they were left.
    pub number: u32,
    /// Its first epoch, counted from 1.
    pub first_epoch: u32,
    /// The newest epoch that was on record when it was left.
    pub last_epoch: u32,
    /// The record of the start that left it: before this number the run is as it was then.
    #[cfg_attr(test, ts(type = "number"))]
    pub left_by: u64,
}

impl History {
    /// Takes the next record into account, and returns the branch that it leaves, if it leaves one.
    pub fn see(&mut self, record: &Record) -> Option<Branch> {
        match &record.event {
            Event::RunStarted(started) => self.start(record.seq, started.first_epoch),
            event => {
                if let Some(epoch) = event.reached() {
                    self.reach(epoch);
                }
                None
            }
        }
    }

    /// The training starts, with this record, at an epoch counted from 1.
    pub fn start(&mut self, seq: u64, first_epoch: u32) -> Option<Branch> {
        let from = left_from(first_epoch);
        self.starts = self.starts.saturating_add(1);
        let newest = self.newest;
        self.newest = newest.zip(from.checked_sub(1)).map(|(newest, before)| newest.min(before));
        self.cuts.retain(|cut| cut.from < from);
        self.cuts.push(Cut { seq, from });
        let (first_epoch, last_epoch) = (from.max(1), newest?);
        if last_epoch < first_epoch {
            return None;
        }
        let number = u32::try_from(self.branches.len() + 1).unwrap_or(u32::MAX);
        let branch = Branch { number, first_epoch, last_epoch, left_by: seq };
        self.branches.push(branch);
        Some(branch)
    }

    /// There is a record of how this epoch went (see [`Event::reached`]).
    pub fn reach(&mut self, epoch: u32) {
        self.newest = self.newest.max(Some(epoch));
    }

    /// Whether a record before those that come next still counts.
    pub fn is_current(&self, record: &Record) -> bool {
        self.counts(record.seq, record.event.branching())
    }

    /// The same for a record of this number and epoch; `None`: of no epoch.
    pub fn counts(&self, seq: u64, epoch: Option<u32>) -> bool {
        // Of the starts behind it the first in the list leaves most.
        let next = self.cuts.partition_point(|cut| cut.seq <= seq);
        match (epoch, self.cuts.get(next)) {
            (Some(epoch), Some(cut)) => epoch < cut.from,
            _ => true,
        }
    }

    /// The branch that a record is of; `None`: it counts, or was left in an epoch that no branch has (the untrained
    /// network, an epoch that broke off at once).
    pub fn branch_of(&self, record: &Record) -> Option<&Branch> {
        let epoch = record.event.branching()?;
        self.branches
            .iter()
            .find(|it| it.left_by > record.seq && left_from(it.first_epoch) <= epoch)
    }

    /// What was left, in order.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The newest epoch that counts; `None`: nothing is recorded yet.
    pub fn newest(&self) -> Option<u32> {
        self.newest
    }

    /// How many times the training was started.
    pub fn starts(&self) -> u32 {
        self.starts
    }

    /// As pairs of a number and an epoch: what was recorded before the number, of the epoch or a later one, is left.
    pub fn cuts(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.cuts.iter().map(|cut| (cut.seq, cut.from))
    }
}

/// From which epoch on a start leaves what was recorded before it.
fn left_from(first_epoch: u32) -> u32 {
    if first_epoch <= 1 { 0 } else { first_epoch }
}

impl std::fmt::Display for Branch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, first_epoch: first, last_epoch: last, .. } = self;
        write!(f, "branch {number}: ")?;
        if first == last {
            write!(f, "epoch {first}")?;
        } else {
            write!(f, "epochs {first} to {last}")?;
        }
        match first {
            1 => write!(f, ", left when the training began anew"),
            _ => write!(f, ", left when the training was continued from epoch {}", first - 1),
        }
    }
}

impl RunStarted {
    /// From which epoch on it leaves what was recorded before it (see [`History`]): its first; where that is 1, 0,
    /// which is everything.
    pub fn leaves_from(&self) -> u32 {
        left_from(self.first_epoch)
    }
}

impl Event {
    /// The epoch that it is about; `None`: none.
    pub fn epoch(&self) -> Option<u32> {
        match self {
            Self::RunStarted(_) | Self::Watchlist(_) | Self::Silence(_) | Self::RunEnded(_) => None,
            Self::Metric(it) => Some(it.epoch),
            Self::LayerFeatures(it) => Some(it.epoch),
            Self::LayerFilters(it) => Some(it.epoch),
            Self::LayerHealth(it) => Some(it.epoch),
            Self::LayerDistributions(it) => Some(it.epoch),
            Self::NetworkHealth(it) => Some(it.epoch),
            Self::Alert(it) => Some(it.epoch),
            Self::StopAsked(it) => Some(it.epoch),
            Self::LayerEvolution(it) => Some(it.epoch),
            Self::Settling(it) => Some(it.epoch),
            Self::Study(it) => Some(it.epoch),
            Self::EpochAnalysed(it) => Some(it.epoch),
            Self::SnapshotDropped(it) => Some(it.epoch),
            Self::Fault(it) => it.epoch,
        }
    }

    /// The layer that it is about; `None`: none.
    pub fn layer(&self) -> Option<&String> {
        match self {
            Self::LayerFeatures(it) => Some(&it.layer),
            Self::LayerFilters(it) => Some(&it.layer),
            Self::LayerHealth(it) => Some(&it.layer),
            Self::LayerDistributions(it) => Some(&it.layer),
            Self::LayerEvolution(it) => Some(&it.layer),
            Self::Alert(it) => it.layer.as_ref(),
            Self::Silence(it) => it.layer.as_ref(),
            Self::Study(it) => it.subject.layer(),
            _ => None,
        }
    }

    /// The epoch by which a start can leave it; `None`: it stays (see [`History`]).
    pub fn branching(&self) -> Option<u32> {
        match self {
            Self::Fault(_) => None,
            event => event.epoch(),
        }
    }

    /// The epoch, if the record says how one went: a [branch](Branch) ends with the newest of these.
    pub fn reached(&self) -> Option<u32> {
        match self {
            Self::Metric(_) | Self::EpochAnalysed(_) => self.epoch(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
