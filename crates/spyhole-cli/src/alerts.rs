//! How the alerts of a run stand: a fold over its events.

use std::collections::{BTreeMap, BTreeSet};

use spyhole_protocol::{Alert, AlertState, Event, Severity};

/// Which alert: its rule, and the layer if it is about one.
type Key = (String, Option<String>);

/// The alerts of a run after the events seen so far. When the run is continued from an earlier epoch, they stand as they
/// stood then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alerts {
    told: BTreeMap<Key, Told>,
    silenced: BTreeSet<Key>,
}

/// What was told of an alert.
#[derive(Clone, Debug, Default)]
struct Told {
    /// In order, silenced ones included.
    all: Vec<Alert>,
    /// How many of them are the past.
    past: usize,
}

impl Told {
    /// As it was last told, if it has not ended.
    fn active(&self) -> Option<&Alert> {
        self.all.last().filter(|alert| alert.state != AlertState::Resolved)
    }

    /// The worst that it was, without the past, and is.
    fn worst(&self) -> Option<Severity> {
        let told = self.all[self.past..].iter().chain(self.active());
        told.filter(|alert| alert.state != AlertState::Resolved).map(|alert| alert.severity).max()
    }
}

impl Alerts {
    /// Takes an event into account.
    pub(crate) fn see(&mut self, event: &Event) {
        match event {
            Event::Alert(alert) => {
                let key = (alert.rule.clone(), alert.layer.clone());
                if alert.silenced {
                    self.silenced.insert(key.clone());
                }
                self.told.entry(key).or_default().all.push(alert.clone());
            }
            Event::Silence(silence) => {
                let key = (silence.rule.clone(), silence.layer.clone());
                if silence.silenced {
                    self.silenced.insert(key);
                } else {
                    self.silenced.remove(&key);
                }
            }
            Event::RunStarted(started) => {
                let from = started.leaves_from();
                for Told { all, past } in self.told.values_mut() {
                    all.retain(|alert| alert.epoch < from);
                    *past = all.len().min(*past);
                }
            }
            _ => {}
        }
    }

    /// Forgets what is over: from now on, only alerts that are active now or later count as seen.
    pub(crate) fn forget_the_past(&mut self) {
        for told in self.told.values_mut() {
            told.past = told.all.len();
        }
    }

    /// How many are active and not silenced.
    pub(crate) fn active(&self) -> usize {
        self.heard().count()
    }

    /// Those that are active and not silenced.
    pub(crate) fn heard(&self) -> impl Iterator<Item = &Alert> {
        let heard = self.told.iter().filter(|(key, _)| !self.silenced.contains(*key));
        heard.filter_map(|(_, told)| told.active())
    }

    /// The worst of those.
    pub(crate) fn worst_active(&self) -> Option<Severity> {
        self.heard().map(|alert| alert.severity).max()
    }

    /// The worst that was seen, whether or not it has ended, of alerts that are not silenced.
    pub(crate) fn worst_seen(&self) -> Option<Severity> {
        let heard = self.told.iter().filter(|(key, _)| !self.silenced.contains(*key));
        heard.filter_map(|(_, told)| told.worst()).max()
    }

    /// Whether the alert is silenced.
    pub(crate) fn is_silenced(&self, alert: &Alert) -> bool {
        self.silenced.contains(&(alert.rule.clone(), alert.layer.clone()))
    }

    /// How many alerts of a rule are active, silenced ones included.
    pub(crate) fn active_of(&self, rule: &str) -> usize {
        self.told.values().filter_map(Told::active).filter(|alert| alert.rule == rule).count()
    }
}

#[cfg(test)]
mod tests {
    use spyhole_protocol::Silence;

    use super::*;
    use crate::made_up::alert;

    fn silence(rule: &str, silenced: bool) -> Event {
        Event::Silence(Silence { rule: rule.into(), layer: None, silenced })
    }

    #[test]
    fn the_fold_follows_what_is_raised_silenced_and_over() {
        use AlertState::{Raised, Resolved, Updated};
        use Severity::{Critical, Info, Warning};
        let check = |events: &[Event], active: usize, worst_active, worst_seen| {
            let mut alerts = Alerts::default();
            events.iter().for_each(|event| alerts.see(event));
            assert_eq!(
                (alerts.active(), alerts.worst_active(), alerts.worst_seen()),
                (active, worst_active, worst_seen),
                "{events:?}"
            );
        };
        let raised = |rule: &str, severity| alert(rule, None, Raised, severity, 3);
        let updated = |rule: &str, severity| alert(rule, None, Updated, severity, 4);
        let over = |rule: &str| alert(rule, None, Resolved, Critical, 5);
        check(&[], 0, None, None);
        check(&[raised("a", Info)], 1, Some(Info), Some(Info));
        check(&[raised("a", Warning), updated("a", Info)], 1, Some(Info), Some(Warning));
        check(&[raised("a", Critical), over("a")], 0, None, Some(Critical));
        check(&[over("a")], 0, None, None);
        check(&[raised("a", Critical), silence("a", true)], 0, None, None);
        check(
            &[silence("a", true), raised("a", Critical), silence("a", false)],
            1,
            Some(Critical),
            Some(Critical),
        );
        check(
            &[raised("a", Critical), raised("b", Info), silence("a", true)],
            1,
            Some(Info),
            Some(Info),
        );
    }

    #[test]
    fn what_was_over_before_is_forgotten() {
        let mut alerts = Alerts::default();
        let raised = |rule, severity| alert(rule, None, AlertState::Raised, severity, 1);
        alerts.see(&raised("a", Severity::Critical));
        alerts.see(&alert("a", None, AlertState::Resolved, Severity::Critical, 2));
        alerts.see(&raised("b", Severity::Warning));
        alerts.forget_the_past();
        assert_eq!(alerts.worst_seen(), Some(Severity::Warning));
    }
}
