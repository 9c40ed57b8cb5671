use spyhole_protocol::{Compare, LayerHealth};

/// A sentence about the likely cause, said with an alert if the layer's other statistics suggest it.
///
/// ```
/// use spyhole_alert::{Hint, statistic};
///
/// let hint = Hint::new("The filters are still close to their random start: train longer.")
///     .when_at_least(statistic::START_ALIGNMENT, 0.5)
///     .when_at_most(statistic::RESIDUAL_NOISE_SHARE, 0.5);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    pub(crate) text: String,
    pub(crate) when: Vec<Condition>,
}

impl Hint {
    /// A sentence that is said with every alert, unless conditions are added.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), when: Vec::new() }
    }

    /// Only if that statistic of the layer is known and as large as this or larger.
    #[must_use]
    pub fn when_at_least(self, statistic: impl Into<String>, threshold: f64) -> Self {
        self.when(statistic.into(), Compare::AtLeast, threshold)
    }

    /// Only if that statistic of the layer is known and as small as this or smaller.
    #[must_use]
    pub fn when_at_most(self, statistic: impl Into<String>, threshold: f64) -> Self {
        self.when(statistic.into(), Compare::AtMost, threshold)
    }

    fn when(mut self, statistic: String, compare: Compare, threshold: f64) -> Self {
        self.when.push(Condition { statistic, compare, threshold });
        self
    }

    pub(crate) fn applies(&self, health: &LayerHealth) -> bool {
        self.when.iter().all(|condition| condition.holds(health))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) statistic: String,
    compare: Compare,
    pub(crate) threshold: f64,
}

impl Condition {
    fn holds(&self, health: &LayerHealth) -> bool {
        let value = health.values.get(&self.statistic).copied().flatten();
        value.is_some_and(|value| Self::compare(self.compare, value, self.threshold))
    }

    /// Whether the value is bad. What is not finite is bad only where that is asked for.
    pub(crate) fn compare(compare: Compare, value: f64, threshold: f64) -> bool {
        match compare {
            Compare::AtLeast => value.is_finite() && value >= threshold,
            Compare::AtMost => value.is_finite() && value <= threshold,
            Compare::NotFinite => !value.is_finite(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_bad_only_where_that_is_asked_for() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!Condition::compare(Compare::AtLeast, value, 0.5), "{value}");
            assert!(!Condition::compare(Compare::AtMost, value, 0.5), "{value}");
            assert!(Condition::compare(Compare::NotFinite, value, 0.5), "{value}");
        }
        for (value, high, low) in [(0.4, false, true), (0.5, true, true), (0.6, true, false)] {
            assert_eq!(Condition::compare(Compare::AtLeast, value, 0.5), high);
            assert_eq!(Condition::compare(Compare::AtMost, value, 0.5), low);
            assert!(!Condition::compare(Compare::NotFinite, value, 0.5));
        }
    }
}
