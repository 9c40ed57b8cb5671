//! One line per epoch, for terminals that are not one: pipes, logs, CI.

use std::collections::{BTreeMap, HashMap};

use burn::train::LearnerSummary;
use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::{MetricDefinition, MetricId};
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining,
};

/// Prints the validation metrics once per epoch.
#[derive(Default)]
pub struct Plain {
    names: HashMap<MetricId, String>,
    values: BTreeMap<String, String>,
    epochs: usize,
}

impl MetricsRendererTraining for Plain {
    fn update_train(&mut self, _state: MetricState) {}

    fn update_valid(&mut self, state: MetricState) {
        let (MetricState::Generic(entry) | MetricState::Numeric(entry, _)) = state;
        // "epoch 0.12 - batch 0.34": the running value of the epoch is what counts.
        let text = entry.serialized_entry.formatted;
        let value = text.split(" - batch").next().unwrap_or_default().replace("epoch ", "");
        if let Some(name) = self.names.get(&entry.metric_id) {
            self.values.insert(name.clone(), value);
        }
    }

    fn on_train_end(
        &mut self,
        _summary: Option<LearnerSummary>,
    ) -> Result<(), Box<dyn core::error::Error>> {
        Ok(())
    }
}

impl TrainingProgressLogger for Plain {
    fn start(&mut self, epochs: usize, _: usize, _: Option<usize>, _: Option<&str>) {
        self.epochs = epochs;
    }

    fn update_epoch(&mut self, epoch: usize) {
        let values: Vec<_> =
            self.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
        println!("epoch {epoch}/{}  validation: {}", self.epochs, values.join(", "));
    }

    fn start_split(&mut self, _split: &str, _items: usize) {}
    fn update_split(&mut self, _items: usize) {}
    fn end_split(&mut self) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _event: String) {}
}

impl MetricsRendererEvaluation for Plain {
    fn update_test(&mut self, _name: EvaluationName, _state: MetricState) {}
}

impl EvaluationProgressLogger for Plain {
    fn start_global_progress(&mut self, _tests: usize) {}
    fn start_test(&mut self, _name: &str, _items: usize) {}
    fn update_test_progress(&mut self, _items: usize) {}
    fn end_test(&mut self) {}
    fn end_global_progress(&mut self) {}
    fn log_event_evaluation(&mut self, _event: String) {}
}

impl MetricsRenderer for Plain {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name.to_string());
    }
}
