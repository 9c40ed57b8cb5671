use std::collections::VecDeque;

use crate::rule::Rule;

/// So many more readings are kept than a rule counts, for a run that goes on from an older checkpoint.
const SPARE: u32 = 16;

/// The latest readings of a rule, oldest first, with rising epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Readings(VecDeque<(u32, f64)>);

impl Readings {
    /// Takes the place of the readings of this epoch and of later ones.
    pub(super) fn push(&mut self, epoch: u32, value: f64, rule: &Rule) {
        self.go_back(epoch);
        self.0.push_back((epoch, value));
        let kept = rule.patience.max(rule.clear_patience).saturating_add(SPARE) as usize;
        while self.0.len() > kept {
            self.0.pop_front();
        }
    }

    /// Forgets the readings of this epoch and of later ones.
    pub(super) fn go_back(&mut self, epoch: u32) {
        while self.0.back().is_some_and(|&(last, _)| last >= epoch) {
            self.0.pop_back();
        }
    }

    /// How many readings running, up to the latest, are so.
    pub(super) fn running(&self, is_so: impl Fn(f64) -> bool) -> Running {
        let count = self.0.iter().rev().take_while(|&&(_, value)| is_so(value)).count();
        let span =
            match (self.0.len().checked_sub(count).and_then(|at| self.0.get(at)), self.0.back()) {
                (Some((first, _)), Some((last, _))) => u64::from(last - first) + 1,
                _ => 0,
            };
        Running { count: u32::try_from(count).unwrap_or(u32::MAX), gaps: span != count as u64 }
    }

    /// The worst level that one of the latest readings reaches.
    pub(super) fn worst(&self, latest: u32, rule: &Rule) -> Option<usize> {
        let latest = self.0.iter().rev().take(latest as usize);
        latest.filter_map(|&(_, value)| rule.reached(value)).max()
    }
}

/// A series of readings of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Running {
    pub(super) count: u32,
    /// Whether epochs are missing between them.
    pub(super) gaps: bool,
}
