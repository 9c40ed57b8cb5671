//! From burn-train's stream of metric entries to one value per epoch.

use std::collections::{BTreeMap, HashMap};

use burn::train::metric::{MetricAttributes, MetricDefinition, MetricId, NumericEntry};
use burn::train::renderer::MetricState;
use spyhole_protocol::{Metric, Split};

/// Values of the epoch that is running, by metric.
#[derive(Debug, Default)]
pub(crate) struct EpochMetrics {
    definitions: HashMap<MetricId, Definition>,
    running: BTreeMap<(Split, String), Running>,
}

#[derive(Clone, Debug)]
struct Definition {
    name: String,
    unit: Option<String>,
    higher_is_better: bool,
}

/// The mean so far, weighted by items; or the metric's own final value.
#[derive(Debug, Default)]
struct Running {
    sum: f64,
    weight: f64,
    last: Option<f64>,
    unit: Option<String>,
    higher_is_better: bool,
}

impl EpochMetrics {
    pub(crate) fn define(&mut self, metric: &MetricDefinition) {
        let (unit, higher_is_better) = match &metric.attributes {
            MetricAttributes::Numeric(numeric) => (numeric.unit.clone(), numeric.higher_is_better),
            MetricAttributes::None => (None, true),
        };
        let definition = Definition { name: metric.name.to_string(), unit, higher_is_better };
        self.definitions.insert(metric.metric_id.clone(), definition);
    }

    pub(crate) fn add(&mut self, split: Split, state: &MetricState) {
        let MetricState::Numeric(entry, Some(value)) = state else { return };
        let Some(Definition { name, unit, higher_is_better }) =
            self.definitions.get(&entry.metric_id).cloned()
        else {
            return;
        };
        let running = self.running.entry((split, name)).or_default();
        (running.unit, running.higher_is_better) = (unit, higher_is_better);
        match value {
            NumericEntry::Value(value) => {
                running.sum += value;
                running.weight += 1.0;
            }
            NumericEntry::Aggregated { aggregated_value, count } => {
                running.sum += aggregated_value * *count as f64;
                running.weight += *count as f64;
            }
            NumericEntry::Final(value) => running.last = Some(*value),
        }
    }

    /// The values of a split that has ended; the next epoch starts afresh.
    pub(crate) fn finish(&mut self, split: Split, epoch: u32) -> Vec<Metric> {
        let ended: Vec<_> =
            self.running.keys().filter(|(other, _)| *other == split).cloned().collect();
        let values = ended.into_iter().filter_map(|key| {
            let running = self.running.remove(&key)?;
            let mean = (running.weight > 0.0).then(|| running.sum / running.weight);
            let value = running.last.or(mean)?;
            // Nothing was measured: the split is empty, and burn-train has divided by zero.
            if running.weight == 0.0 && !value.is_finite() {
                return None;
            }
            Some(Metric {
                epoch,
                split,
                name: key.1,
                value: value.is_finite().then_some(value),
                unit: running.unit,
                higher_is_better: running.higher_is_better,
            })
        });
        values.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::train::metric::{LossMetric, MetricEntry, SerializedEntry};

    use super::*;

    #[test]
    fn an_epoch_has_one_value_per_metric_and_split() {
        let id = MetricId::new(Arc::new("loss".into()));
        let mut definition = MetricDefinition::new(id.clone(), &LossMetric::new());
        definition.attributes = MetricAttributes::None;
        let state = |value| {
            let entry = MetricEntry::new(id.clone(), SerializedEntry::new("".into(), "".into()));
            MetricState::Numeric(entry, value)
        };
        let weighted =
            |aggregated_value, count| NumericEntry::Aggregated { aggregated_value, count };
        let cases = [
            (vec![weighted(1.0, 3), weighted(2.0, 1)], Some(Some(1.25))),
            (vec![NumericEntry::Value(1.0), NumericEntry::Value(2.0)], Some(Some(1.5))),
            (vec![NumericEntry::Value(1.0), NumericEntry::Final(9.0)], Some(Some(9.0))),
            (vec![NumericEntry::Value(f64::NAN)], Some(None)),
            (vec![NumericEntry::Final(0.5)], Some(Some(0.5))),
            (vec![NumericEntry::Final(f64::NAN)], None),
            (vec![], None),
        ];
        for (entries, expected) in cases {
            let mut metrics = EpochMetrics::default();
            metrics.define(&definition);
            entries.iter().for_each(|_| metrics.add(Split::Train, &state(None)));
            for entry in entries {
                metrics.add(Split::Valid, &state(Some(entry)));
            }
            assert!(metrics.finish(Split::Train, 1).is_empty());
            let values: Vec<_> = metrics.finish(Split::Valid, 1).iter().map(|m| m.value).collect();
            assert_eq!(values, expected.into_iter().collect::<Vec<_>>());
            assert!(metrics.finish(Split::Valid, 2).is_empty(), "an epoch starts afresh");
        }
    }
}
