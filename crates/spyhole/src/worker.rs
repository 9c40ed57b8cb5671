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
use spyhole_probe::{
    ActivityReader, FeatureSearch, FeatureSettings, FilterWatch, LayerActivity, LayerFilters, Pass,
    Request,
};
use spyhole_protocol::{EpochAnalysed, Event, Fault};
use spyhole_sink::{Entry, Hub};

use crate::error::SpyholeError;
use crate::events;
use crate::kept;
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
    /// One per layer.
    pub(crate) filters: Vec<FilterWatch>,
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
                let mut entry = Entry::new(Event::EpochAnalysed(analysed));
                if epoch == 0 {
                    for (watched, filters) in self.layers.iter().zip(&self.filters) {
                        if let Some(start) = filters.start() {
                            let key = kept::start_of_filters(&watched.layer);
                            entry = entry.keeping(key, kept::bytes(start));
                        }
                    }
                }
                self.hub.record(entry);
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
        let filters = self.read_filters(epoch, &weights);
        let activity = self.read_maps(epoch, &weights);
        for ((WatchedLayer { layer, .. }, filters), activity) in
            self.layers.iter().zip(&filters).zip(&activity)
        {
            if filters.is_some() || activity.is_some() {
                let health = events::health(epoch, layer, filters.as_ref(), activity.as_ref());
                self.hub.record(health);
            }
        }
        true
    }

    /// The filters of every convolution; recorded, and returned for the layers' health.
    fn read_filters(&mut self, epoch: u32, weights: &Weights) -> Vec<Option<LayerFilters>> {
        let mut outcomes = vec![];
        for (watched, watch) in self.layers.iter().zip(&mut self.filters) {
            let layer = &watched.layer;
            outcomes.push(caught(|| {
                let Some(filters) = watch.read(weights, epoch)? else { return Ok(None) };
                let entry = events::filters(epoch, layer, &filters)?;
                Ok(Some((filters, entry)))
            }));
        }
        let mut found = vec![];
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let part = format!("filters of {}", self.layers[index].layer.name());
            let filters = self.or_fault(epoch, &part, outcome).flatten();
            found.push(filters.map(|(filters, entry)| {
                self.hub.record(entry);
                filters
            }));
        }
        found
    }

    /// The feature maps of every layer that can be computed, in one sweep over the probe images: the strongest
    /// are recorded, the activity is returned for the layers' health.
    fn read_maps(&mut self, epoch: u32, weights: &Weights) -> Vec<Option<LayerActivity>> {
        let mut found: Vec<_> = self.layers.iter().map(|_| None).collect();
        let computed = |watched: &WatchedLayer| watched.layer.unsupported().is_none();
        let places: Vec<_> = (0..found.len()).filter(|&at| computed(&self.layers[at])).collect();
        let sweep = caught(|| {
            let watched = places.iter().map(|&place| &self.layers[place]);
            let requests: Vec<_> = watched
                .map(|WatchedLayer { layer, followed }| Request { layer, followed })
                .collect();
            let images = &self.probe.images;
            let pass = Pass::new(&self.graph, weights, images, Pass::MEMORY)?;
            let mut search = FeatureSearch::new(&requests, self.features);
            let mut activity = ActivityReader::new(images, requests.iter().map(|r| r.layer));
            pass.each(
                |_| true,
                |first, activations| {
                    search.look(first, activations);
                    activity.look(first, activations);
                },
            )?;
            Ok((search.finish(&pass)?, activity.finish()))
        });
        let Some((features, activity)) = self.or_fault(epoch, "features", sweep) else {
            return found;
        };
        for ((place, features), activity) in places.into_iter().zip(features).zip(activity) {
            let layer = self.layers[place].layer.clone();
            let entry = caught(|| Ok(events::features(epoch, &layer, &features?, &self.probe)?));
            if let Some(entry) =
                self.or_fault(epoch, &format!("features of {}", layer.name()), entry)
            {
                self.hub.record(entry);
            }
            let part = format!("activity of {}", layer.name());
            found[place] = self.or_fault(epoch, &part, activity.map_err(Into::into));
        }
        found
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
