//! The fold over events.

mod readings;
mod seen;
mod told;
mod watched;
mod wording;

use std::collections::{BTreeMap, BTreeSet};

use spyhole_protocol::{
    Alert, Event, Layer, LayerHealth, Metric, NetworkHealth, RunStarted, Silence,
};

use self::seen::SeenMetrics;
use self::told::Told;
use self::watched::{Found, Moment, Watched};
use crate::alerts::Alerts;
use crate::metric::MetricName;
use crate::rule::Rule;
use crate::validate;

/// Looks at the events of a run and says which alerts are raised, have changed, or have ended.
///
/// It has no clock, no file and no randomness: the same events in the same order give the same alerts.
/// There is one alert per rule and layer (or metric of the training, or the network as a whole) at a time:
///
/// - *Raised* when as many readings running as the rule's patience are beyond the threshold of a level;
///   the severity is that of the worst such level. Epochs of the warm-up are not looked at, an epoch
///   without a reading changes nothing, and neither does a value that is not finite, except in rules
///   that look for just that.
/// - *Updated* when the severity changes: up after the patience of the worse level, down when the level
///   has not been reached for as many readings as the alert would need to end. Also, at most every second
///   epoch, when the value is clearly worse (twice as far beyond the mildest threshold as it was
///   last told, and at least half the threshold's size beyond it), or when most of the filters or maps
///   that the alert is about are others than those last told.
/// - *Resolved* when enough readings running are on the good side of the clear threshold; when another
///   alert on the same layer or on the whole network is raised that explains it (`unless`); or when a run goes on with
///   rules that no longer look.
///
/// An alert that somebody has silenced ([`Silence`]) goes on as any other, with a mark.
///
/// An epoch that comes again takes the place of the readings from there on. A run that goes on from an older
/// checkpoint stands as it stood then: what was read and told of the epochs that it leaves is forgotten, and alerts
/// that were raised in them end when it starts.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Without the silenced ones; what explains others comes before them.
    rules: Vec<Rule>,
    layers: Vec<Layer>,
    last_epoch: Option<u32>,
    subjects: BTreeMap<Subject, Watched>,
    /// While stored events are recalled: the alerts that they say are active.
    recorded: Option<Active>,
    seen: SeenMetrics,
    /// Alerts of a part of the run that is left with the next start.
    left: Active,
    /// Rule and layer of what somebody has silenced.
    silenced: BTreeSet<(String, Option<String>)>,
}

/// Alerts by what they are about, then by rule.
type Active = BTreeMap<Subject, BTreeMap<String, Told>>;

/// What an alert can be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// The network as a whole.
    Network,
    Layer(String),
    /// A metric of the training: `train:Loss`.
    Metric(String),
}

impl Subject {
    fn name(&self) -> &str {
        match self {
            Self::Network => "the network",
            Self::Layer(name) | Self::Metric(name) => name,
        }
    }

    /// What an event brings readings of.
    fn read_by(event: &Event) -> Option<Self> {
        match event {
            Event::LayerHealth(health) => Some(Self::Layer(health.layer.clone())),
            Event::Metric(metric) => Some(Self::Metric(MetricName::from(metric).to_string())),
            Event::NetworkHealth(_) => Some(Self::Network),
            _ => None,
        }
    }

    fn of(alert: &Alert) -> Self {
        match &alert.layer {
            Some(layer) => Self::Layer(layer.clone()),
            None if MetricName::parse(&alert.metric).is_none() => Self::Network,
            None => Self::Metric(alert.metric.clone()),
        }
    }
}

impl Engine {
    /// An engine at the beginning of a run.
    #[must_use]
    pub fn new(alerts: &Alerts) -> Self {
        let all = alerts.rules();
        // `Alerts` holds only rules that can be ordered.
        let order = validate::order(all).unwrap_or_else(|_| (0..all.len()).collect());
        Self {
            rules: order.into_iter().map(|at| &all[at]).filter(|r| !r.silenced).cloned().collect(),
            layers: Vec::new(),
            last_epoch: None,
            subjects: BTreeMap::new(),
            recorded: None,
            left: Active::new(),
            seen: SeenMetrics::default(),
            silenced: BTreeSet::new(),
        }
    }

    /// Looks at an event as it happens, and returns what is to be recorded because of it.
    pub fn observe(&mut self, event: &Event) -> Vec<Alert> {
        if let Some(mut recorded) = self.recorded.take() {
            for (subject, watched) in &mut self.subjects {
                watched.told = recorded.remove(subject).unwrap_or_default();
            }
            for (subject, told) in recorded {
                self.subjects.entry(subject).or_default().told = told;
            }
        }
        let mut alerts = match event {
            Event::RunStarted(started) => self.end_left(started),
            _ => Vec::new(),
        };
        alerts.extend(self.fold(event));
        alerts
    }

    /// The ends of the alerts that were raised in what a start leaves, and not before.
    fn end_left(&mut self, started: &RunStarted) -> Vec<Alert> {
        let mut ended = Vec::new();
        for (subject, left) in std::mem::take(&mut self.left) {
            let told = self.subjects.get(&subject).map(|watched| &watched.told);
            let goes_on = |rule: &String| told.is_some_and(|told| told.contains_key(rule));
            let over = left.into_iter().filter(|(rule, _)| !goes_on(rule));
            ended.extend(over.map(|(rule, told)| watched::end_left(rule, &subject, told, started)));
        }
        self.mark_silenced(&mut ended);
        ended
    }

    /// Looks at a stored event of a run that is resumed. All stored events of the kinds `run_started`,
    /// `network_health`, `layer_health`, `metric`, `alert` and `silence` that still count
    /// ([`History`](spyhole_protocol::History)) are wanted, in their order, before the first
    /// [`observe`](Self::observe); others are ignored.
    ///
    /// Readings are counted as if they were live, but which alerts are active is what the stored alerts
    /// say: that is what people were told, whatever the rules are now.
    pub fn recall(&mut self, event: &Event) {
        let active = || {
            let told =
                |(subject, watched): (&Subject, &Watched)| (subject.clone(), watched.told.clone());
            self.subjects.iter().map(told).collect()
        };
        let mut recorded = self.recorded.take().unwrap_or_else(active);
        match event {
            Event::Alert(alert) => {
                Told::note(recorded.entry(Subject::of(alert)).or_default(), alert);
            }
            Event::RunStarted(started) => {
                let from = started.leaves_from();
                for told in recorded.values_mut() {
                    told.retain(|_, told| told.since < from);
                    told.values_mut().for_each(|told| told.go_back(from));
                }
            }
            Event::LayerHealth(LayerHealth { epoch, .. })
            | Event::NetworkHealth(NetworkHealth { epoch, .. })
            | Event::Metric(Metric { epoch, .. }) => {
                let subject = Subject::read_by(event);
                let told = subject.and_then(|subject| recorded.get_mut(&subject));
                told.into_iter().flatten().for_each(|(_, told)| told.go_back(*epoch));
            }
            _ => {}
        }
        self.fold(event);
        self.recorded = Some(recorded);
    }

    /// Looks at a stored event that no longer counts, because the run goes on from an earlier epoch: an alert that was
    /// raised in what is left ends with the start that comes next.
    pub fn leave(&mut self, event: &Event) {
        if let Event::Alert(alert) = event {
            Told::note(self.left.entry(Subject::of(alert)).or_default(), alert);
        }
    }

    /// Rules that look at a metric of the training by name, where the training has not reported it in a
    /// whole epoch. A sentence each, and each only once per start of the run.
    pub fn unmatched(&mut self) -> Vec<String> {
        self.seen.unmatched(&self.rules)
    }

    fn fold(&mut self, event: &Event) -> Vec<Alert> {
        let mut alerts = self.readings(event);
        self.mark_silenced(&mut alerts);
        alerts
    }

    fn mark_silenced(&self, alerts: &mut [Alert]) {
        for alert in alerts {
            alert.silenced = self.silenced.contains(&(alert.rule.clone(), alert.layer.clone()));
        }
    }

    fn silence(&mut self, Silence { rule, layer, silenced }: &Silence) {
        let what = (rule.clone(), layer.clone());
        if *silenced {
            self.silenced.insert(what);
        } else {
            self.silenced.remove(&what);
        }
    }

    fn readings(&mut self, event: &Event) -> Vec<Alert> {
        self.seen.look_at(event);
        let not_finite = f64::NAN;
        match (event, Subject::read_by(event)) {
            (Event::RunStarted(started), _) => self.start(started),
            (Event::Silence(silence), _) => {
                self.silence(silence);
                Vec::new()
            }
            (Event::NetworkHealth(health), Some(subject)) => {
                let found = Found::Network(health);
                let mut alerts = self.judge(&subject, health.epoch, found, |rule| {
                    health.values.get(&rule.metric).map(|value| value.unwrap_or(not_finite))
                });
                alerts.extend(self.give_way_to_network(health.epoch));
                alerts
            }
            (Event::LayerHealth(health), Some(subject)) => {
                self.judge(&subject, health.epoch, Found::Layer(health), |rule| {
                    health.values.get(&rule.metric).map(|value| value.unwrap_or(not_finite))
                })
            }
            (Event::Metric(metric), Some(subject)) => {
                let value = metric.value.unwrap_or(not_finite);
                self.judge(&subject, metric.epoch, Found::Nothing, |_| Some(value))
            }
            _ => Vec::new(),
        }
    }

    fn start(&mut self, started: &RunStarted) -> Vec<Alert> {
        self.layers.clone_from(&started.layers);
        self.last_epoch = started.last_epoch;
        let mut ended = Vec::new();
        for (subject, watched) in &mut self.subjects {
            ended.extend(watched.start(subject, started));
            ended.extend(watched.retain(subject, |rule| {
                self.rules
                    .iter()
                    .any(|known| known.id == rule && looks_at(known, subject, &self.layers))
            }));
        }
        ended
    }

    fn judge(
        &mut self,
        subject: &Subject,
        epoch: u32,
        found: Found<'_>,
        value: impl Fn(&Rule) -> Option<f64>,
    ) -> Vec<Alert> {
        let network = self.told_of_network();
        let watched = self.subjects.entry(subject.clone()).or_default();
        watched.reach(epoch);
        let mut alerts = Vec::new();
        for rule in self.rules.iter().filter(|rule| looks_at(rule, subject, &self.layers)) {
            let moment = Moment {
                subject,
                epoch,
                warm_up: rule.warm_up.resolve(self.last_epoch),
                patience: rule.patience_in(self.last_epoch),
                value: value(rule),
                found,
            };
            alerts.extend(watched.judge(rule, &moment, &network));
        }
        alerts
    }

    fn told_of_network(&self) -> BTreeMap<String, Told> {
        self.subjects.get(&Subject::Network).map(|network| network.told.clone()).unwrap_or_default()
    }

    /// Ends the alerts on layers and metrics that an alert on the whole network explains.
    fn give_way_to_network(&mut self, epoch: u32) -> Vec<Alert> {
        let network = self.told_of_network();
        let mut ended = vec![];
        if network.is_empty() {
            return ended;
        }
        for (subject, watched) in &mut self.subjects {
            for rule in self.rules.iter().filter(|_| *subject != Subject::Network) {
                ended.extend(watched.give_way_to(rule, subject, epoch, &network));
            }
        }
        ended
    }
}

fn looks_at(rule: &Rule, subject: &Subject, layers: &[Layer]) -> bool {
    match (rule.training_metric(), subject) {
        (None, Subject::Network) => rule.is_of_network(),
        (None, Subject::Layer(name)) if rule.is_of_layers() => {
            match layers.iter().find(|layer| layer.name == *name) {
                Some(layer) => rule.selects(layer),
                // Without layers, no start of the run has been seen.
                None => layers.is_empty() && rule.layers.select_named(name, false),
            }
        }
        (Some(metric), Subject::Metric(name)) => {
            MetricName::parse(name).is_some_and(|concrete| metric.covers(concrete))
        }
        _ => false,
    }
}
