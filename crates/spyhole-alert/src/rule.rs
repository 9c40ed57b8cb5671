use spyhole_protocol::{AlertLevel, AlertRule, Compare, Layer, Scale, Severity, Statistic};

use crate::condition::{Condition, Hint};
use crate::error::Place;
use crate::layers::Layers;
use crate::metric::MetricName;
use crate::statistic;

/// What to look at, when to raise an alert and when to end it, and what to say: a value, without any
/// logic of its own.
///
/// ```
/// use spyhole_alert::{Alerts, Rule, statistic};
///
/// let rule = Rule::at_least("giant-steps", statistic::UPDATE_RATIO)
///     .title("the weights change too much per epoch")
///     .warning(0.5)
///     .critical(2.0)
///     .patience(2, 2)
///     .advice("Lower the learning rate.");
/// let alerts = Alerts::default().with(rule)?;
/// # Ok::<(), spyhole_alert::AlertError>(())
/// ```
///
/// Nothing is checked before the rule is added to [`Alerts`](crate::Alerts).
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The reading in a sentence with `{value}` and `{layer}` or `{metric}`; `None`: a plain one.
    pub(crate) sentence: Option<String>,
    pub(crate) metric: String,
    pub(crate) layers: Layers,
    /// Whether frozen layers are left out.
    pub(crate) trained: bool,
    /// Whether layers whose maps are single numbers are left out.
    pub(crate) planes: bool,
    pub(crate) compare: Compare,
    /// Mildest first, at most one of each severity.
    pub(crate) levels: Vec<AlertLevel>,
    pub(crate) clear: Option<f64>,
    pub(crate) patience: u32,
    pub(crate) clear_patience: u32,
    pub(crate) warm_up: WarmUp,
    pub(crate) unless: Vec<Unless>,
    pub(crate) meaning: String,
    pub(crate) causes: Vec<String>,
    pub(crate) advice: Vec<String>,
    pub(crate) hints: Vec<Hint>,
    pub(crate) silenced: bool,
    /// The statistic that it looks at, if that is not one of the catalogue.
    pub(crate) own: Option<Statistic>,
    /// Where in a file it was written or last changed.
    pub(crate) origin: Option<Place>,
}

/// Epochs at the beginning that a rule does not look at: the larger of the two, but no more than half of the
/// plan, so that a short training is looked at as well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct WarmUp {
    pub(crate) epochs: u32,
    /// Share of the planned epochs, 0 to 1.
    pub(crate) share: f64,
}

impl WarmUp {
    /// In epochs. Without a plan the share counts for nothing.
    pub(crate) fn resolve(self, last_epoch: Option<u32>) -> u32 {
        let Some(last) = last_epoch else { return self.epochs };
        let share = (self.share * f64::from(last)).ceil() as u32;
        self.epochs.max(share).min(last / 2)
    }
}

/// Another rule whose alert explains this one's, if it is at least that severe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unless {
    pub(crate) rule: String,
    pub(crate) from: Severity,
}

impl Rule {
    /// Bad is what is as large as a threshold or larger. `metric` is one of the
    /// [statistics](crate::statistic) of layers or of the whole network, or a metric of the training: `train:NAME`, `valid:NAME`, or
    /// `train:*` for all of them.
    #[must_use]
    pub fn at_least(id: impl Into<String>, metric: impl Into<String>) -> Self {
        Self::new(id.into(), metric.into(), Compare::AtLeast)
    }

    /// Bad is what is as small as a threshold or smaller.
    #[must_use]
    pub fn at_most(id: impl Into<String>, metric: impl Into<String>) -> Self {
        Self::new(id.into(), metric.into(), Compare::AtMost)
    }

    /// Bad is what is NaN or infinite.
    #[must_use]
    pub fn not_finite(
        id: impl Into<String>,
        metric: impl Into<String>,
        severity: Severity,
    ) -> Self {
        let mut rule = Self::new(id.into(), metric.into(), Compare::NotFinite);
        rule.levels = vec![AlertLevel { severity, threshold: None }];
        rule
    }

    pub(crate) fn new(id: String, metric: String, compare: Compare) -> Self {
        Self {
            title: format!("alert of the rule `{id}`"),
            id,
            sentence: None,
            metric,
            layers: Layers::All,
            trained: false,
            planes: false,
            compare,
            levels: Vec::new(),
            clear: None,
            patience: 1,
            clear_patience: 1,
            warm_up: WarmUp::default(),
            unless: Vec::new(),
            meaning: String::new(),
            causes: Vec::new(),
            advice: Vec::new(),
            hints: Vec::new(),
            silenced: false,
            own: None,
            origin: None,
        }
    }

    /// Threshold from which an alert is worth knowing.
    #[must_use]
    pub fn info(self, threshold: f64) -> Self {
        self.level(Severity::Info, threshold)
    }

    /// Threshold from which something is going wrong.
    #[must_use]
    pub fn warning(self, threshold: f64) -> Self {
        self.level(Severity::Warning, threshold)
    }

    /// Threshold from which going on makes no sense.
    #[must_use]
    pub fn critical(self, threshold: f64) -> Self {
        self.level(Severity::Critical, threshold)
    }

    fn level(mut self, severity: Severity, threshold: f64) -> Self {
        self.set_level(severity, Some(AlertLevel { severity, threshold: Some(threshold) }));
        self
    }

    /// Sets or takes away the level of that severity.
    pub(crate) fn set_level(&mut self, severity: Severity, level: Option<AlertLevel>) {
        self.levels.retain(|level| level.severity != severity);
        self.levels.extend(level);
        self.levels.sort_by_key(|level| level.severity);
    }

    /// An alert ends only when the value is beyond this, on the good side. Without it: the mildest
    /// level's threshold.
    #[must_use]
    pub fn clear(mut self, threshold: f64) -> Self {
        self.clear = Some(threshold);
        self
    }

    /// So many readings running must be bad before an alert is raised or becomes worse, and so many
    /// good before it becomes better or ends. Without this: one each. Where the plan has fewer epochs after
    /// the warm-up, as many as it has are enough.
    #[must_use]
    pub fn patience(mut self, bad: u32, good: u32) -> Self {
        self.patience = bad;
        self.clear_patience = good;
        self
    }

    /// Epochs at the beginning that are not looked at: `epochs`, or that share of the planned epochs if
    /// that is more; never more than half of the planned epochs, so that short trainings are looked at as
    /// well. Without this all are looked at, the untrained model (epoch 0) included.
    #[must_use]
    pub fn warm_up(mut self, epochs: u32, share: f64) -> Self {
        self.warm_up = WarmUp { epochs, share };
        self
    }

    /// Looks only at layers whose names match one of the patterns; `*` stands for any characters.
    #[must_use]
    pub fn layers<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.layers = Layers::Named(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Looks only at the layers that see the input image itself.
    #[must_use]
    pub fn first_layers(mut self) -> Self {
        self.layers = Layers::First;
        self
    }

    /// Leaves out layers whose weights were frozen when the training began, on top of what is said of layers
    /// otherwise.
    #[must_use]
    pub fn trained_layers(mut self) -> Self {
        self.trained = true;
        self
    }

    /// Leaves out layers whose feature maps are single numbers (behind a global mean: the layers of a gate), on top of
    /// what is said of layers otherwise.
    #[must_use]
    pub fn layers_of_planes(mut self) -> Self {
        self.planes = true;
        self
    }

    /// Whether it looks at this layer, as far as layers are concerned. Of several uses of the same weights it looks at
    /// the first only.
    pub(crate) fn selects(&self, layer: &Layer) -> bool {
        let [_, height, width] = layer.shape;
        self.layers.select(layer)
            && layer.shares_weights_with.is_none()
            && !(self.trained && layer.frozen)
            && !(self.planes && height * width == 1)
    }

    /// Whether it looks at a statistic of the whole network.
    pub(crate) fn is_of_network(&self) -> bool {
        statistic::is_of_network(&self.metric)
    }

    /// Whether it looks at statistics of layers.
    pub(crate) fn is_of_layers(&self) -> bool {
        self.training_metric().is_none() && !self.is_of_network()
    }

    /// Says nothing about a layer (or metric) as long as that other rule has an alert on it, or on the whole network.
    #[must_use]
    pub fn unless(self, rule: impl Into<String>) -> Self {
        self.unless_at(rule, Severity::Info)
    }

    /// The same, but only for alerts of that severity and above.
    #[must_use]
    pub fn unless_at(mut self, rule: impl Into<String>, from: Severity) -> Self {
        self.unless.push(Unless { rule: rule.into(), from });
        self
    }

    /// What is the matter, in a few words that follow the layer's name: "filters look like noise".
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The reading in a sentence without its full stop. `{value}` stands for the number, `{layer}` and
    /// `{metric}` for the names: "{value} of {layer}'s filters cannot be told from noise". For a statistic of the whole
    /// network, `{place}` stands for the first place that it found.
    #[must_use]
    pub fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = Some(sentence.into());
        self
    }

    /// What an alert means, in plain words.
    #[must_use]
    pub fn meaning(mut self, meaning: impl Into<String>) -> Self {
        self.meaning = meaning.into();
        self
    }

    /// Adds a usual cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds something to try.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }

    /// Adds a sentence that an alert carries if other statistics of the layer suggest it.
    #[must_use]
    pub fn hint(mut self, hint: Hint) -> Self {
        self.hints.push(hint);
        self
    }

    /// Its unique name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it has been switched off.
    #[must_use]
    pub fn is_silenced(&self) -> bool {
        self.silenced
    }

    /// Position in the levels of the worst one that the value reaches.
    pub(crate) fn reached(&self, value: f64) -> Option<usize> {
        self.levels.iter().rposition(|level| {
            let threshold = level.threshold.unwrap_or(0.0);
            Condition::compare(self.compare, value, threshold)
        })
    }

    /// The threshold beyond which an alert ends; `None` where values are not compared with one.
    /// How many readings running must be bad: the rule's patience, or as many as a short plan has after the
    /// warm-up.
    pub(crate) fn patience_in(&self, last_epoch: Option<u32>) -> u32 {
        let readings = last_epoch.map(|last| last.saturating_sub(self.warm_up.resolve(last_epoch)));
        self.patience.min(readings.unwrap_or(u32::MAX)).max(1)
    }

    pub(crate) fn end(&self) -> Option<f64> {
        self.clear.or_else(|| self.levels.first().and_then(|level| level.threshold))
    }

    /// Whether the value is on the good side of the threshold for the end of an alert.
    pub(crate) fn is_good(&self, value: f64) -> bool {
        match (self.compare, self.end()) {
            (Compare::NotFinite, _) => value.is_finite(),
            (_, None) => false,
            (compare, Some(end)) => value.is_finite() && !Condition::compare(compare, value, end),
        }
    }

    /// How far the value is beyond the mildest threshold; negative on its good side, 0 without one.
    pub(crate) fn excess(&self, value: f64) -> f64 {
        match (self.compare, self.levels.first().and_then(|level| level.threshold)) {
            (Compare::AtLeast, Some(threshold)) => value - threshold,
            (Compare::AtMost, Some(threshold)) => threshold - value,
            _ => 0.0,
        }
    }

    /// Label and scale of the statistic that it looks at; `None` for a metric of the training.
    pub(crate) fn shown_as(&self) -> Option<(&str, Scale)> {
        let own = self.own.as_ref().map(|own| (own.label.as_str(), own.scale));
        own.or_else(|| statistic::shown_as(&self.metric))
    }

    /// The metric of the training that it looks at; `None` for a statistic.
    pub(crate) fn training_metric(&self) -> Option<MetricName<'_>> {
        MetricName::parse(&self.metric)
    }

    /// For the protocol: layers by name, the warm-up in epochs.
    pub(crate) fn describe(&self, layers: &[Layer], last_epoch: Option<u32>) -> AlertRule {
        let selected = |layer: &&Layer| self.is_of_layers() && self.selects(layer);
        AlertRule {
            id: self.id.clone(),
            title: self.title.clone(),
            metric: self.metric.clone(),
            layers: layers.iter().filter(selected).map(|layer| layer.name.clone()).collect(),
            compare: self.compare,
            levels: self.levels.clone(),
            clear: self.clear,
            warm_up: self.warm_up.resolve(last_epoch),
            patience: self.patience_in(last_epoch),
            clear_patience: self.clear_patience,
            unless: self.unless.iter().map(|unless| unless.rule.clone()).collect(),
            meaning: self.meaning.clone(),
            causes: self.causes.clone(),
            advice: self.advice.clone(),
            silenced: self.silenced,
        }
    }
}
