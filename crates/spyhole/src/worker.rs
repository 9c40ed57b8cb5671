//! The analysis thread: takes snapshots one after the other, and turns whatever goes wrong into a fault
//! that the user sees.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use crossbeam::channel::Receiver;
use spyhole_graph::{Graph, Layer, Weights};
use spyhole_probe::{FeatureSettings, Request, read_features, read_filters};
use spyhole_protocol::{EpochAnalysed, Event, Fault};
use spyhole_sink::{Entry, Hub};

use crate::error::SpyholeError;
use crate::events;
use crate::probe_set::Probe;
use crate::queue::Snapshot;

/// A layer with the maps that are followed in it.
#[derive(Clone, Debug)]
pub(crate) struct WatchedLayer {
    pub(crate) layer: Layer,
    pub(crate) followed: Vec<usize>,
}

pub(crate) struct Worker {
    pub(crate) graph: Graph,
    pub(crate) layers: Vec<WatchedLayer>,
    pub(crate) probe: Probe,
    pub(crate) features: FeatureSettings,
    pub(crate) hub: Hub,
    /// Set when nobody waits any longer: the queue is emptied without analysing.
    pub(crate) abandoned: Arc<AtomicBool>,
    /// The last fault of each part, so that the same one is not reported every epoch.
    pub(crate) faults: HashMap<String, String>,
}

impl Worker {
    pub(crate) fn run<M: Module>(mut self, snapshots: Receiver<Snapshot<M>>) {
        for snapshot in snapshots {
            if self.abandoned.load(Ordering::Relaxed) {
                continue;
            }
            let epoch = snapshot.epoch;
            self.hub.update_status(|status| status.analysing = Some(epoch));
            let start = Instant::now();
            if self.analyse(snapshot) {
                let seconds = start.elapsed().as_secs_f64();
                let analysed = EpochAnalysed { epoch, seconds };
                self.hub.record(Entry::new(Event::EpochAnalysed(analysed)));
            }
            self.hub.update_status(|status| status.analysing = None);
        }
    }

    /// Runs every analysis on its own: one that fails does not stop the others. False if nothing could
    /// be computed.
    fn analyse<M: Module>(&mut self, Snapshot { epoch, model }: Snapshot<M>) -> bool {
        let weights = caught(|| Ok(Weights::of(&model, &Device::flex())));
        // The weights are here now: the training's memory need not be held any longer.
        drop(model);
        let Some(weights) = self.or_fault(epoch, "reading the weights", weights) else {
            return false;
        };
        let (graph, probe, layers) = (&self.graph, &self.probe, &self.layers);
        let mut outcomes = vec![];
        for WatchedLayer { layer, .. } in layers.iter().filter(|watched| watched.layer.is_first()) {
            let entry = caught(|| {
                let filters = read_filters(&weights, layer)?;
                Ok(filters.map(|filters| events::filters(epoch, layer, &filters)).transpose()?)
            });
            outcomes.push((format!("filters of {}", layer.name()), self.record(entry)));
        }
        let watched: Vec<_> =
            layers.iter().filter(|watched| watched.layer.unsupported().is_none()).collect();
        let requests: Vec<_> = watched
            .iter()
            .map(|WatchedLayer { layer, followed }| Request { layer, followed })
            .collect();
        let features =
            caught(|| Ok(read_features(graph, &weights, &probe.images, &requests, self.features)?));
        match features {
            Ok(features) => {
                for (WatchedLayer { layer, .. }, found) in watched.into_iter().zip(features) {
                    let entry =
                        caught(|| Ok(Some(events::features(epoch, layer, &found?, probe)?)));
                    outcomes.push((format!("features of {}", layer.name()), self.record(entry)));
                }
            }
            Err(error) => outcomes.push(("features".into(), Err(error))),
        }
        for (part, outcome) in outcomes {
            self.or_fault(epoch, &part, outcome);
        }
        true
    }

    fn record(&self, entry: Result<Option<Entry>, Failure>) -> Result<(), Failure> {
        if let Some(entry) = entry? {
            self.hub.record(entry);
        }
        Ok(())
    }

    fn or_fault<T>(&mut self, epoch: u32, part: &str, outcome: Result<T, Failure>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.faults.remove(part);
                Some(value)
            }
            Err(Failure(message)) => {
                tracing::warn!(epoch, part, message, "an analysis failed");
                if self.faults.get(part) != Some(&message) {
                    self.faults.insert(part.to_owned(), message.clone());
                    let fault = Fault { part: part.to_owned(), message, epoch: Some(epoch) };
                    self.hub.record(Entry::new(Event::Fault(fault)));
                }
                None
            }
        }
    }
}

/// Why an analysis gave nothing: an error or a panic, in words.
struct Failure(String);

impl From<spyhole_probe::ProbeError> for Failure {
    fn from(error: spyhole_probe::ProbeError) -> Self {
        Self(error.to_string())
    }
}

impl From<SpyholeError> for Failure {
    fn from(error: SpyholeError) -> Self {
        Self(error.to_string())
    }
}

fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Failure(panic_text(&*panic))))
}

/// The text of a panic.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.map_or("panicked without a message".into(), |text| format!("panicked: {text}"))
}
