//! The analysis thread: takes snapshots one after the other, and turns whatever goes wrong into a fault
//! that the user sees.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use crossbeam::channel::Receiver;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::evolution::LEAST_IMAGES;
use spyhole_probe::{
    ActivityReader, EvolutionReader, FeatureSearch, FeatureSettings, Impression, LayerActivity,
    LayerFilters, Pass,
};
use spyhole_protocol::{EpochAnalysed, Event, Fault, ImageId};
use spyhole_sink::{Entry, Hub};

use crate::analysis::{Analysis, Look, Values};
use crate::events;
use crate::failure::{Failure, caught};
use crate::kept;
use crate::probe_set::Probe;
use crate::queue::Snapshot;
use crate::settling::Settlement;
use crate::studio::{Studied, Studio};
use crate::watched_layer::WatchedLayer;

pub(crate) struct Worker {
    pub(crate) graph: Arc<Graph>,
    pub(crate) layers: Vec<WatchedLayer>,
    pub(crate) settlement: Settlement,
    pub(crate) probe: Probe,
    /// Address of the probe images' picture.
    pub(crate) probe_picture: ImageId,
    pub(crate) features: FeatureSettings,
    /// Those of the user.
    pub(crate) analyses: Vec<Analysis>,
    pub(crate) hub: Hub,
    /// Where the weights go next.
    pub(crate) studio: Arc<Studio>,
    /// Set when nobody waits any longer: the queue is emptied without analysing.
    pub(crate) abandoned: Arc<AtomicBool>,
    /// The last fault of each part, so that the same one is not reported every epoch.
    pub(crate) faults: HashMap<String, String>,
}

/// What the feature maps of a layer gave; `None` for what failed or does not apply.
#[derive(Default)]
struct Maps {
    activity: Option<LayerActivity>,
    impression: Option<Impression>,
}

impl Worker {
    pub(crate) fn run<M: Module>(mut self, snapshots: Receiver<Snapshot<M>>) {
        for snapshot in snapshots {
            if self.abandoned.load(Ordering::Relaxed) {
                continue;
            }
            if snapshot.reminder {
                self.remember(snapshot);
                continue;
            }
            let epoch = snapshot.epoch;
            self.hub.update_status(|status| status.analysing = Some(epoch));
            let start = Instant::now();
            if let Some(weights) = self.analyse(snapshot) {
                let seconds = start.elapsed().as_secs_f64();
                let analysed = Event::EpochAnalysed(EpochAnalysed { epoch, seconds });
                let entry = self.keep(Entry::new(analysed), epoch);
                self.hub.record(entry);
                // After the end nobody waits for more.
                if !self.abandoned.load(Ordering::Relaxed) {
                    self.studio.offer(epoch, weights);
                }
            }
            self.hub.update_status(|status| status.analysing = None);
        }
    }

    /// Takes the weights as those that the next ones are measured from.
    fn remember<M: Module>(&mut self, Snapshot { epoch, model, .. }: Snapshot<M>) {
        let read = caught(|| {
            let weights = Weights::of(&model, &Device::flex());
            for WatchedLayer { filters, .. } in &mut self.layers {
                filters.read(&weights, epoch)?;
            }
            Ok(())
        });
        self.or_fault(epoch, "reading the weights", read);
    }

    /// Adds what is needed to go on from here when the run is continued.
    fn keep(&mut self, mut entry: Entry, epoch: u32) -> Entry {
        entry = entry.keeping(kept::PROBE, self.probe_picture.0.as_bytes());
        for WatchedLayer { layer, filters, evolution, .. } in &mut self.layers {
            if epoch == 0
                && let Some(start) = filters.start()
            {
                entry = entry.keeping(kept::start_of_filters(layer), kept::bytes(start));
            }
            for (part, body) in evolution.kept() {
                let key = kept::evolution(layer, &part);
                entry = match body {
                    Some(body) => entry.keeping(key, body),
                    None => entry.forgetting(key),
                };
            }
        }
        entry
    }

    /// Runs every analysis on its own: one that fails does not stop the others. Returns the weights, or `None` if
    /// nothing could be computed.
    fn analyse<M: Module>(
        &mut self,
        Snapshot { epoch, model, .. }: Snapshot<M>,
    ) -> Option<Studied> {
        let weights = caught(|| Ok(Weights::of(&model, &Device::flex())));
        // The weights are here now: the training's memory need not be held any longer.
        drop(model);
        let weights = self.or_fault(epoch, "reading the weights", weights)?;
        let mut readings = HashMap::new();
        let filters = self.read_filters(epoch, &weights);
        let maps = self.read_maps(epoch, &weights);
        let mut own = self.read_own(epoch, &weights);
        for (place, (filters, Maps { activity, impression })) in
            filters.into_iter().zip(maps).enumerate()
        {
            let WatchedLayer { layer, evolution, .. } = &mut self.layers[place];
            let own = own.remove(layer.name());
            if filters.is_some() || activity.is_some() || own.is_some() {
                let health = events::health(epoch, layer, filters.as_ref(), activity.as_ref(), own);
                self.hub.record(health);
            }
            if let Some(distributions) =
                activity.as_ref().and_then(|activity| events::distributions(epoch, layer, activity))
            {
                self.hub.record(distributions);
            }
            if let Some(activity) = activity {
                readings.insert(layer.name().to_owned(), activity);
            }
            if let Some(impression) = impression {
                let read = caught(|| Ok(evolution.read(epoch, impression)));
                let layer = layer.clone();
                let part = format!("evolution of {}", layer.name());
                if let Some(evolution) = self.or_fault(epoch, &part, read) {
                    self.settlement.observe(layer.name(), &evolution);
                    let event = events::evolution(&layer, &evolution, filters.as_ref());
                    self.hub.record(Entry::new(event));
                }
            }
        }
        let news = caught(|| Ok(self.settlement.news(epoch)));
        if let Some(settling) = self.or_fault(epoch, "settling", news).flatten() {
            self.hub.record(Entry::new(Event::Settling(settling)));
        }
        Some(Studied::new(weights, readings))
    }

    /// The filters of every convolution; recorded, and returned for the layers' health.
    fn read_filters(&mut self, epoch: u32, weights: &Weights) -> Vec<Option<LayerFilters>> {
        let mut outcomes = vec![];
        for WatchedLayer { layer, filters, .. } in &mut self.layers {
            outcomes.push(caught(|| {
                let Some(filters) = filters.read(weights, epoch)? else { return Ok(None) };
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
    /// are recorded, the rest is returned.
    fn read_maps(&mut self, epoch: u32, weights: &Weights) -> Vec<Maps> {
        let mut found: Vec<_> = self.layers.iter().map(|_| Maps::default()).collect();
        let places: Vec<_> =
            (0..found.len()).filter(|&place| self.layers[place].is_supported()).collect();
        let sweep = caught(|| {
            let watched: Vec<_> = places.iter().map(|&place| &self.layers[place]).collect();
            let requests: Vec<_> = watched.iter().map(|watched| watched.request()).collect();
            let images = &self.probe.images;
            let pass = Pass::new(&self.graph, weights, images, Pass::MEMORY)?;
            let mut search = FeatureSearch::new(&requests, self.features);
            let mut activity = ActivityReader::new(images, requests.iter().map(|r| r.layer));
            let watches = watched.iter().map(|watched| &watched.evolution);
            let mut evolution = EvolutionReader::new(&requests, watches, self.features.method);
            pass.each(
                |_| true,
                |first, activations| {
                    search.look(first, activations);
                    activity.look(first, activations);
                    evolution.look(first, activations);
                },
            )?;
            Ok((search.finish(&pass)?, activity.finish(), evolution.finish(&pass)?))
        });
        let Some((features, activity, impressions)) = self.or_fault(epoch, "features", sweep)
        else {
            return found;
        };
        // Too few images to say how alike two representations are.
        let comparable = self.probe.images.dims()[0] >= LEAST_IMAGES;
        let results = features.into_iter().zip(activity).zip(impressions);
        for (place, ((features, activity), impression)) in places.into_iter().zip(results) {
            let layer = self.layers[place].layer.clone();
            let entry = caught(|| Ok(events::features(epoch, &layer, &features?, &self.probe)?));
            let named = |part: &str| format!("{part} of {}", layer.name());
            if let Some(entry) = self.or_fault(epoch, &named("features"), entry) {
                self.hub.record(entry);
            }
            let activity = activity.map_err(Into::into);
            found[place].activity = self.or_fault(epoch, &named("activity"), activity);
            let impression = impression.map_err(Into::into);
            let impression = self.or_fault(epoch, &named("evolution"), impression);
            found[place].impression = impression.filter(|_| comparable);
        }
        found
    }

    /// The user's own analyses: what each gives, by layer.
    fn read_own(&mut self, epoch: u32, weights: &Weights) -> Values {
        let mut values = Values::new();
        for analysis in self.analyses.clone() {
            let (graph, images) = (&*self.graph, &self.probe.images);
            let read = analysis.read(&Look { epoch, graph, weights, images }, &mut values);
            self.or_fault(epoch, &analysis.part(), read);
        }
        values
    }

    fn or_fault<T>(&mut self, epoch: u32, part: &str, outcome: Result<T, Failure>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.faults.remove(part);
                Some(value)
            }
            Err(Failure::Cancelled) => None,
            Err(Failure::Failed(message) | Failure::Nothing(message)) => {
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
