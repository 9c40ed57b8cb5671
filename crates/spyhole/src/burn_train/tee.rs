//! Sees every metric and every step of the progress, and passes all of it on to the renderer that the
//! user would have had.

use std::sync::Arc;

use burn::module::Module;
use burn::train::LearnerSummary;
use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::MetricDefinition;
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining,
};
use spyhole_protocol::{Event, RunState, Split};
use spyhole_sink::Entry;

use super::metrics::EpochMetrics;
use crate::watch::Shared;

type RenderResult = Result<(), Box<dyn core::error::Error>>;

/// Called on burn-train's own thread behind a short queue: nothing here may wait.
pub(crate) struct Tee<M> {
    inner: Box<dyn MetricsRenderer>,
    shared: Arc<Shared<M>>,
    metrics: EpochMetrics,
    epoch: u32,
    split: Option<Split>,
}

impl<M: Module> Tee<M> {
    pub(crate) fn new(inner: Box<dyn MetricsRenderer>, shared: Arc<Shared<M>>) -> Self {
        Self { inner, shared, metrics: EpochMetrics::default(), epoch: 1, split: None }
    }
}

impl<M: Module> MetricsRendererTraining for Tee<M> {
    fn update_train(&mut self, state: MetricState) {
        self.metrics.add(Split::Train, &state);
        self.inner.update_train(state);
    }

    fn update_valid(&mut self, state: MetricState) {
        self.metrics.add(Split::Valid, &state);
        self.inner.update_valid(state);
    }

    fn on_train_end(&mut self, summary: Option<LearnerSummary>) -> RenderResult {
        self.inner.on_train_end(summary)
    }
}

impl<M: Module> TrainingProgressLogger for Tee<M> {
    fn start(
        &mut self,
        epochs: usize,
        first_epoch: usize,
        items: Option<usize>,
        label: Option<&str>,
    ) {
        self.epoch = first_epoch as u32;
        self.shared.begin(first_epoch, Some(epochs));
        self.inner.start(epochs, first_epoch, items, label);
    }

    fn update_epoch(&mut self, epoch: usize) {
        // By now the model has been seen: burn-train's messages come one by one, and the next validation is far.
        self.shared.over(epoch as u32);
        self.epoch = epoch as u32 + 1;
        self.inner.update_epoch(epoch);
    }

    fn start_split(&mut self, split: &str, items: usize) {
        self.split = match split {
            "train" => Some(Split::Train),
            "valid" => Some(Split::Valid),
            _ => None,
        };
        let (epoch, current) = (self.epoch, self.split);
        if current == Some(Split::Train) {
            self.shared.begun(epoch);
        }
        let stopping = self.shared.stop.reason();
        self.shared.hub.update_status(|status| {
            (status.state, status.epoch, status.split) = (RunState::Training, epoch, current);
            (status.items_done, status.items_total) = (0, items as u64);
            status.stopping = stopping;
        });
        self.inner.start_split(split, items);
    }

    fn update_split(&mut self, items: usize) {
        self.shared.hub.update_status(|status| status.items_done = items as u64);
        self.inner.update_split(items);
    }

    fn end_split(&mut self) {
        if let Some(split) = self.split.take() {
            for metric in self.metrics.finish(split, self.epoch) {
                self.shared.hub.record(Entry::new(Event::Metric(metric)));
            }
        }
        self.inner.end_split();
    }

    fn end(&mut self) {
        self.inner.end();
    }

    fn log_event_training(&mut self, event: String) {
        self.inner.log_event_training(event);
    }
}

// An evaluation after the training goes straight through.

impl<M: Module> MetricsRendererEvaluation for Tee<M> {
    fn update_test(&mut self, name: EvaluationName, state: MetricState) {
        self.inner.update_test(name, state);
    }

    fn on_test_end(&mut self, summary: Option<LearnerSummary>) -> RenderResult {
        self.inner.on_test_end(summary)
    }
}

impl<M: Module> EvaluationProgressLogger for Tee<M> {
    fn start_global_progress(&mut self, tests: usize) {
        self.inner.start_global_progress(tests);
    }

    fn start_test(&mut self, name: &str, items: usize) {
        self.inner.start_test(name, items);
    }

    fn update_test_progress(&mut self, items: usize) {
        self.inner.update_test_progress(items);
    }

    fn end_test(&mut self) {
        self.inner.end_test();
    }

    fn end_global_progress(&mut self) {
        self.inner.end_global_progress();
    }

    fn log_event_evaluation(&mut self, event: String) {
        self.inner.log_event_evaluation(event);
    }
}

impl<M: Module> MetricsRenderer for Tee<M> {
    fn manual_close(&mut self) {
        self.inner.manual_close();
    }

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.metrics.define(&definition);
        self.inner.register_metric(definition);
    }
}
