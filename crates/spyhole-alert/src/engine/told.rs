use std::collections::BTreeMap;

use spyhole_protocol::{Alert, AlertState, Severity};

use crate::rule::Rule;

/// An alert that is active, as it was last told. It follows from the alerts that were told alone, so
/// that a resumed run finds it in its store.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) title: String,
    pub(super) metric: String,
    pub(super) severity: Severity,
    /// The worst severity so far.
    pub(super) worst: Severity,
    pub(super) since: u32,
    /// Epoch of the last telling.
    pub(super) epoch: u32,
    pub(super) value: Option<f64>,
    units: Vec<u32>,
}

impl Told {
    /// Brings a subject's active alerts, by rule, up to date with an alert that is told.
    pub(super) fn note(active: &mut BTreeMap<String, Self>, alert: &Alert) {
        let before = active.remove(&alert.rule);
        if alert.state == AlertState::Resolved {
            return;
        }
        let worst = match (alert.state, before) {
            (AlertState::Updated, Some(before)) => before.worst.max(alert.severity),
            _ => alert.severity,
        };
        let told = Self {
            title: alert.title.clone(),
            metric: alert.metric.clone(),
            severity: alert.severity,
            worst,
            since: alert.since,
            epoch: alert.epoch,
            value: alert.value,
            units: alert.units.clone(),
        };
        active.insert(alert.rule.clone(), told);
    }

    /// The run goes on from an older checkpoint: nothing has been told later than now.
    pub(super) fn go_back(&mut self, epoch: u32) {
        self.since = self.since.min(epoch);
        self.epoch = self.epoch.min(epoch);
    }

    /// Whether the last telling is long enough ago to speak of more than the severity.
    pub(super) fn is_old(&self, epoch: u32) -> bool {
        epoch.saturating_sub(self.epoch) >= 2
    }

    /// Twice as far beyond the mildest threshold as last told, and half its size beyond it.
    pub(super) fn is_clearly_worse(&self, rule: &Rule, value: f64) -> bool {
        let excess = rule.excess(value);
        let before = rule.excess(self.value.unwrap_or(f64::NAN));
        let threshold = rule.levels.first().and_then(|level| level.threshold).unwrap_or(0.0);
        excess > before && excess >= 2.0 * before.max(threshold.abs() / 4.0)
    }

    /// Whether most of these were not told.
    pub(super) fn is_about_others(&self, units: &[u32]) -> bool {
        let new = units.iter().filter(|unit| !self.units.contains(unit)).count();
        2 * new > units.len()
    }
}
