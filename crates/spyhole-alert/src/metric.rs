use std::fmt;

use spyhole_protocol::{Metric, Split};

/// A metric of the training as rules write it: `train:Loss`, `valid:*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MetricName<'a> {
    split: Split,
    /// `*` stands for all.
    name: &'a str,
}

impl<'a> MetricName<'a> {
    /// `None` if it is no such name: a statistic, or a mistake.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (split, name) = text.split_once(':')?;
        let split = match split {
            "train" => Split::Train,
            "valid" => Split::Valid,
            _ => return None,
        };
        (!name.is_empty()).then_some(Self { split, name })
    }

    pub(crate) fn is_any(self) -> bool {
        self.name == "*"
    }

    /// Whether it stands for that concrete one.
    pub(crate) fn covers(self, concrete: MetricName<'_>) -> bool {
        self.split == concrete.split && (self.is_any() || self.name == concrete.name)
    }
}

impl<'a> From<&'a Metric> for MetricName<'a> {
    fn from(metric: &'a Metric) -> Self {
        Self { split: metric.split, name: &metric.name }
    }
}

impl fmt::Display for MetricName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let split = match self.split {
            Split::Train => "train",
            Split::Valid => "valid",
        };
        write!(f, "{split}:{}", self.name)
    }
}
