use serde::{Deserialize, Serialize};

use crate::Severity;

/// What is measured in every epoch, and which readings raise an alert. Recorded at each start of a run,
/// because rules can be changed between starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Watchlist {
    /// The statistics of the network and of its layers, in the order in which they are shown.
    pub statistics: Vec<Statistic>,
    /// The rules, in the order in which they are looked at.
    pub rules: Vec<AlertRule>,
    /// What layers of independent random weights would read, as far as that is known.
    pub nulls: Vec<NullBand>,
}

/// A number that is measured per epoch, of each layer or of the whole network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Statistic {
    /// Key in [`LayerHealth::values`](crate::LayerHealth::values), or of a statistic of the whole network in
    /// [`NetworkHealth::values`](crate::NetworkHealth::values), and the metric's name in rules.
    pub name: String,
    /// Short name on the screen.
    pub label: String,
    /// What it measures, in plain words, and what a bad reading means.
    pub meaning: String,
    /// How it is computed.
    pub formula: String,
    /// What is looked at.
    pub subject: Subject,
    /// How it is printed and drawn.
    pub scale: Scale,
}

/// What a statistic looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The weights of a convolution's filters.
    Filters,
    /// The activations of a layer's feature maps on the probe images.
    Maps,
    /// The network as a whole.
    Network,
}

/// How a statistic is printed and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A share: 0 to 1, printed in per cent.
    Share,
    /// A correlation or cosine: −1 to 1.
    Signed,
    /// Any number.
    Linear,
    /// A positive number, drawn on a logarithmic axis.
    Logarithmic,
}

/// What a layer of independent random weights would read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NullBand {
    /// The layer.
    pub layer: String,
    /// The statistic.
    pub statistic: String,
    /// Lower end of the band: 2.5 % of such layers read less.
    pub low: f64,
    /// Upper end: 2.5 % read more.
    pub high: f64,
}

/// A rule that raises alerts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AlertRule {
    /// Unique name: `noisy-filters`.
    pub id: String,
    /// What it finds, in a few words.
    pub title: String,
    /// What it looks at: a [`Statistic::name`], or a metric of the training such as `train:Loss` or
    /// `valid:*`.
    pub metric: String,
    /// The layers it looks at, by name; empty for a metric of the training and for a statistic of the whole network.
    pub layers: Vec<String>,
    /// How the value is compared with the thresholds.
    pub compare: Compare,
    /// Thresholds by severity, mildest first.
    pub levels: Vec<AlertLevel>,
    /// An alert ends when the value is on the good side of this; a threshold of its own keeps alerts from
    /// flickering. `None`: the mildest level's threshold.
    pub clear: Option<f64>,
    /// Epochs up to here are not looked at.
    pub warm_up: u32,
    /// So many readings running must be bad before an alert is raised.
    pub patience: u32,
    /// So many readings running must be good before it ends.
    pub clear_patience: u32,
    /// Rules whose alert on the same layer, or on the whole network, keeps this one from being raised, for they explain
    /// it.
    pub unless: Vec<String>,
    /// What an alert means, in plain words.
    pub meaning: String,
    /// Usual causes.
    pub causes: Vec<String>,
    /// What to try.
    pub advice: Vec<String>,
    /// The user has switched it off.
    pub silenced: bool,
}

/// How a rule compares a value with its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Bad: value ≥ threshold.
    AtLeast,
    /// Bad: value ≤ threshold.
    AtMost,
    /// Bad: the value is NaN or infinite. Thresholds are not used.
    NotFinite,
}

/// A threshold of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AlertLevel {
    /// How bad it is to be beyond the threshold.
    pub severity: Severity,
    /// The threshold; `None` where values are not compared with one.
    pub threshold: Option<f64>,
}
