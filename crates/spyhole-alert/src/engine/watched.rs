use std::collections::BTreeMap;

use spyhole_protocol::{
    Alert, AlertState, Compare, LayerHealth, NetworkHealth, Place, RunStarted, Severity,
};

use super::Subject;
use super::readings::{Readings, Running};
use super::told::Told;
use super::wording::{self, What};
use crate::rule::{Rule, WarmUp};

/// What is known of a layer, of a metric of the training, or of the network as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    /// By rule.
    readings: BTreeMap<String, Readings>,
    /// The active alerts, by rule.
    pub(super) told: BTreeMap<String, Told>,
}

/// What a rule is shown of an event.
pub(super) struct Moment<'a> {
    pub(super) subject: &'a Subject,
    pub(super) epoch: u32,
    /// The rule's warm-up in epochs.
    pub(super) warm_up: u32,
    /// How many readings running must be bad.
    pub(super) patience: u32,
    /// NaN: not a finite number. `None`: no reading.
    pub(super) value: Option<f64>,
    pub(super) found: Found<'a>,
}

/// What was found beside the value.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    Nothing,
    Layer(&'a LayerHealth),
    Network(&'a NetworkHealth),
}

impl<'a> Found<'a> {
    fn layer(self) -> Option<&'a LayerHealth> {
        match self {
            Self::Layer(health) => Some(health),
            _ => None,
        }
    }

    /// The first place that a rule's statistic of the network found.
    fn place(self, rule: &Rule) -> Option<&'a Place> {
        match self {
            Self::Network(health) => health.places.get(&rule.metric)?.first(),
            _ => None,
        }
    }
}

impl Moment<'_> {
    fn what(&self, rule: &Rule) -> What<'_> {
        What { name: self.subject.name(), place: self.found.place(rule) }
    }
}

/// Why an active alert is told again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    Severity,
    Worse { from: f64 },
    Units,
}

impl Watched {
    /// A start leaves what was read from an epoch on, and the alerts raised then end.
    pub(super) fn start(&mut self, subject: &Subject, started: &RunStarted) -> Vec<Alert> {
        let from = started.leaves_from();
        self.readings.values_mut().for_each(|readings| readings.go_back(from));
        let (left, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.told).into_iter().partition(|(_, told)| told.since >= from);
        self.told = kept;
        self.told.values_mut().for_each(|told| told.go_back(from));
        left.into_iter().map(|(rule, told)| end_left(rule, subject, told, started)).collect()
    }

    /// There are readings of this epoch. Earlier ones of the same epoch stay, because a layer's
    /// statistics may come in several events.
    pub(super) fn reach(&mut self, epoch: u32) {
        self.readings.values_mut().for_each(|readings| readings.go_back(epoch.saturating_add(1)));
        self.told.values_mut().for_each(|told| told.go_back(epoch));
    }

    /// Ends the alerts of rules that no longer look.
    pub(super) fn retain(&mut self, subject: &Subject, looks: impl Fn(&str) -> bool) -> Vec<Alert> {
        let (kept, ended) =
            std::mem::take(&mut self.told).into_iter().partition(|(id, _)| looks(id));
        self.told = kept;
        let ended: BTreeMap<String, Told> = ended;
        ended
            .into_iter()
            .map(|(rule, told)| {
                self.readings.remove(&rule);
                let (epoch, value) = (told.epoch, told.value);
                let message = wording::no_longer_watched(&rule);
                end(rule, subject, told, (epoch, value), None, message)
            })
            .collect()
    }

    /// Looks at one rule's reading. Rules that explain this one must have been looked at before; `network`: the alerts
    /// on the whole network.
    pub(super) fn judge(
        &mut self,
        rule: &Rule,
        moment: &Moment<'_>,
        network: &BTreeMap<String, Told>,
    ) -> Option<Alert> {
        let alert = match self.explanation(rule, network) {
            Some(explanation) => {
                self.give_way(rule, moment.subject, (moment.epoch, moment.value), &explanation)?
            }
            None => self.read(rule, moment)?,
        };
        Told::note(&mut self.told, &alert);
        Some(alert)
    }

    /// The title of an active alert that explains what this rule would find.
    fn explanation(&self, rule: &Rule, network: &BTreeMap<String, Told>) -> Option<String> {
        rule.unless.iter().find_map(|unless| {
            let other = self.told.get(&unless.rule).or_else(|| network.get(&unless.rule))?;
            (other.severity >= unless.from).then(|| other.title.clone())
        })
    }

    /// Ends the alert of a rule that an alert on the whole network explains.
    pub(super) fn give_way_to(
        &mut self,
        rule: &Rule,
        subject: &Subject,
        epoch: u32,
        network: &BTreeMap<String, Told>,
    ) -> Option<Alert> {
        let explanation = self.explanation(rule, network)?;
        self.give_way(rule, subject, (epoch, None), &explanation)
    }

    fn give_way(
        &mut self,
        rule: &Rule,
        subject: &Subject,
        (epoch, value): (u32, Option<f64>),
        to: &str,
    ) -> Option<Alert> {
        self.readings.remove(&rule.id);
        let told = self.told.remove(&rule.id)?;
        let value = value.or(told.value).filter(|value| value.is_finite());
        let message = wording::gives_way(to);
        Some(end(rule.id.clone(), subject, told, (epoch, value), None, message))
    }

    fn read(&mut self, rule: &Rule, moment: &Moment<'_>) -> Option<Alert> {
        let value = moment.value?;
        let is_readable = value.is_finite() || rule.compare == Compare::NotFinite;
        // Epoch 0 is looked at where there is no warm-up.
        let is_early = moment.epoch <= moment.warm_up && rule.warm_up != WarmUp::default();
        if !is_readable || is_early {
            return None;
        }
        let readings = self.readings.entry(rule.id.clone()).or_default();
        readings.push(moment.epoch, value, rule);
        let reached = reached(rule, readings, moment.patience);
        let Some(told) = self.told.get(&rule.id) else {
            let (level, running) = reached?;
            return Some(raise(rule, moment, value, level, running));
        };
        let good = readings.running(|value| rule.is_good(value));
        if good.count >= rule.clear_patience {
            let message = wording::ended(rule, &moment.what(rule), value, good);
            let told = told.clone();
            let reading = (moment.epoch, Some(value).filter(|value| value.is_finite()));
            return Some(end(rule.id.clone(), moment.subject, told, reading, rule.end(), message));
        }
        let level = level_now(rule, readings, told.severity, reached.map(|(level, _)| level));
        let units = units(rule, moment);
        let change = if rule.levels[level].severity != told.severity {
            Change::Severity
        } else if !told.is_old(moment.epoch) {
            return None;
        } else if told.is_clearly_worse(rule, value) {
            Change::Worse { from: told.value? }
        } else if rule.reached(value).is_some() && told.is_about_others(units) {
            Change::Units
        } else {
            return None;
        };
        let message = wording::changed(rule, &moment.what(rule), value, level, told.since, change);
        Some(alert(rule, moment, value, level, (AlertState::Updated, told.since), message))
    }
}

/// The worst level that enough readings running reach, and those readings.
fn reached(rule: &Rule, readings: &Readings, patience: u32) -> Option<(usize, Running)> {
    (0..rule.levels.len()).rev().find_map(|level| {
        let running = readings.running(|value| rule.reached(value) >= Some(level));
        (running.count >= patience).then_some((level, running))
    })
}

/// The level of an active alert: up at once when enough readings reach a worse one, down when the present
/// one has not been reached for as long as the alert's end would take.
fn level_now(
    rule: &Rule,
    readings: &Readings,
    severity: Severity,
    reached: Option<usize>,
) -> usize {
    // The rule may have other levels now than when the alert was raised.
    let present = rule.levels.iter().rposition(|level| level.severity <= severity).unwrap_or(0);
    let milder = readings.running(|value| rule.reached(value) < Some(present));
    match reached {
        Some(level) if level > present => level,
        _ if milder.count >= rule.clear_patience => {
            readings.worst(rule.clear_patience, rule).unwrap_or(0)
        }
        _ => present,
    }
}

fn units<'a>(rule: &Rule, moment: &Moment<'a>) -> &'a [u32] {
    let health = moment.found.layer();
    health.and_then(|health| health.units.get(&rule.metric)).map_or(&[], Vec::as_slice)
}

fn raise(rule: &Rule, moment: &Moment<'_>, value: f64, level: usize, running: Running) -> Alert {
    let message = wording::raised(rule, &moment.what(rule), value, level, running);
    alert(rule, moment, value, level, (AlertState::Raised, moment.epoch), message)
}

fn alert(
    rule: &Rule,
    moment: &Moment<'_>,
    value: f64,
    level: usize,
    (state, since): (AlertState, u32),
    message: String,
) -> Alert {
    let health = moment.found.layer();
    let hints = rule.hints.iter().filter(|hint| health.is_some_and(|health| hint.applies(health)));
    Alert {
        rule: rule.id.clone(),
        layer: layer(moment.subject),
        metric: metric(rule, moment.subject),
        state,
        severity: rule.levels[level].severity,
        epoch: moment.epoch,
        since,
        value: Some(value).filter(|value| value.is_finite()),
        threshold: rule.levels[level].threshold,
        title: wording::title(rule, &moment.what(rule)),
        message,
        hints: hints.map(|hint| hint.text.clone()).collect(),
        units: units(rule, moment).to_vec(),
        silenced: false,
    }
}

fn end(
    rule: String,
    subject: &Subject,
    told: Told,
    (epoch, value): (u32, Option<f64>),
    threshold: Option<f64>,
    message: String,
) -> Alert {
    Alert {
        rule,
        layer: layer(subject),
        metric: told.metric,
        state: AlertState::Resolved,
        severity: told.worst,
        epoch,
        since: told.since,
        value,
        threshold,
        title: told.title,
        message,
        hints: Vec::new(),
        units: Vec::new(),
        silenced: false,
    }
}

/// The end of an alert that was raised in epochs that a start leaves.
pub(super) fn end_left(
    rule: String,
    subject: &Subject,
    mut told: Told,
    started: &RunStarted,
) -> Alert {
    let before = started.first_epoch.saturating_sub(1);
    let message = wording::left(before, told.since);
    let value = told.value;
    // It ends with the epoch that the run goes on from, and cannot have begun later.
    told.since = told.since.min(before);
    end(rule, subject, told, (before, value), None, message)
}

fn layer(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Layer(name) => Some(name.clone()),
        Subject::Network | Subject::Metric(_) => None,
    }
}

fn metric(rule: &Rule, subject: &Subject) -> String {
    match subject {
        Subject::Network | Subject::Layer(_) => rule.metric.clone(),
        Subject::Metric(name) => name.clone(),
    }
}
