use serde::{Deserialize, Serialize};

/// A metric's value for one whole epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Metric {
    /// The epoch, counted from 1.
    pub epoch: u32,
    /// The data it was measured on.
    pub split: Split,
    /// The metric's name, as the training calls it.
    pub name: String,
    /// Its value over the epoch: the mean over items unless the metric defines its own. Not finite
    /// values (a diverged training) are `None`.
    pub value: Option<f64>,
    /// Unit, `%` for example.
    pub unit: Option<String>,
    /// Whether larger values are better.
    pub higher_is_better: bool,
}

/// The data that a metric was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The training data, while the weights were changing.
    Train,
    /// The validation data, after the epoch.
    Valid,
}
