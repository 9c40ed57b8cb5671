//! The analysis thread: takes snapshots one after the other, computes of each what the budget allows, and turns
//! whatever goes wrong into a fault that the user sees.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use crossbeam::channel::Receiver;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{FeatureSettings, FiniteReader, Impression, LayerActivity, LayerFilters};
use spyhole_protocol::{
    Analysis, AnalysisPart, BudgetStatus, Clock, EpochAnalysed, Event, Fault, ImageId, RunState,
};
use spyhole_sink::{Entry, Hub};

use crate::analysis::{self, Look, Values};
use crate::beginning::Beginning;
use crate::device;
use crate::events::{self, When};
use crate::failure::{Failure, caught};
use crate::kept;
use crate::meter::{Crew, Meter};
use crate::probe_set::Probe;
use crate::queue::{Kind, Snapshot};
use crate::schedule::{Budget, Limits, Moment, Plan, Schedule};
use crate::settling::Settlement;
use crate::studio::{Studied, Studio};
use crate::sweep::{Costs, Sweep};
use crate::watched_layer::WatchedLayer;

pub(crate) struct Worker {
    pub(crate) graph: Arc<Graph>,
    pub(crate) layers: Vec<WatchedLayer>,
    pub(crate) settlement: Settlement,
    pub(crate) probe: Probe,
    /// Address of the probe images' picture.
    pub(crate) probe_picture: ImageId,
    /// The probe images on the device that computes.
    pub(crate) images: Tensor<4>,
    pub(crate) features: FeatureSettings,
    /// Those of the user.
    pub(crate) own: Vec<analysis::Analysis>,
    pub(crate) budget: Budget,
    pub(crate) schedule: Schedule,
    pub(crate) limits: Limits,
    /// The ceiling in bytes, and what it made smaller.
    pub(crate) memory: Option<usize>,
    pub(crate) smaller: Vec<String>,
    /// Snapshots within epochs that found no room.
    pub(crate) steps_skipped: Arc<AtomicU64>,
    pub(crate) started: Instant,
    /// The threads that compute, and what reads what they use.
    pub(crate) crew: Crew,
    pub(crate) meter: Meter,
    pub(crate) hub: Hub,
    /// Known before the first snapshot.
    pub(crate) beginning: Arc<OnceLock<Beginning>>,
    /// Where the weights go next.
    pub(crate) studio: Arc<Studio>,
    /// Set when nobody waits any longer: the queue is emptied without analysing.
    pub(crate) abandoned: Arc<AtomicBool>,
    /// The last fault of each part, so that the same one is not reported every epoch.
    pub(crate) faults: HashMap<String, String>,
}

/// What the feature maps of a layer gave; `None` for what failed, was not planned or does not apply.
#[derive(Default)]
struct Maps {
    activity: Option<LayerActivity>,
    impression: Option<Impression>,
}

impl Worker {
    pub(crate) fn run<M: Module>(mut self, snapshots: Receiver<Snapshot<M>>) {
        self.tell();
        let mut begun = false;
        for snapshot in &snapshots {
            if !begun && let Some(beginning) = self.beginning.get().copied() {
                begun = true;
                self.begin(beginning);
            }
            if self.abandoned.load(Ordering::Relaxed) {
                continue;
            }
            match snapshot.kind {
                Kind::Reminder => self.remember(snapshot),
                // A newer one waits, and will do.
                Kind::Step(_) if !snapshots.is_empty() => {
                    self.steps_skipped.fetch_add(1, Ordering::Relaxed);
                }
                Kind::Epoch | Kind::Step(_) => self.look(snapshot),
            }
        }
    }

    /// Of a run that is continued, what is known of the epochs before is remembered, and nothing of those that it leaves.
    fn begin(&mut self, beginning: Beginning) {
        let Beginning { first, same_probe } = beginning;
        if !beginning.continues() {
            return;
        }
        let log = self.hub.log();
        for at in 0..self.layers.len() {
            let remembered = self.layers[at].remember(&log, first, same_probe);
            let message = match remembered {
                Ok(true) => continue,
                Ok(false) => {
                    "what an earlier start of this run has kept is damaged or of another network"
                        .into()
                }
                Err(error) => error.to_string(),
            };
            let fault = Fault {
                part: format!("memory of {}", self.layers[at].layer.name()),
                message: format!("{message}; what is missing is measured anew from here on"),
                epoch: None,
            };
            self.hub.record(Entry::new(Event::Fault(fault)));
        }
        if same_probe {
            let settlement = &mut self.settlement;
            let recalled = log.each_of_kinds(&["layer_evolution", "settling"], |event| {
                if event.epoch().is_some_and(|epoch| epoch < first) {
                    settlement.recall(event);
                }
            });
            if let Err(error) = recalled {
                let message =
                    format!("{error}; which layers have settled is told anew from here on");
                let fault = Fault { part: "memory of settling".into(), message, epoch: None };
                self.hub.record(Entry::new(Event::Fault(fault)));
            }
        }
    }

    /// Analyses a snapshot as the schedule says.
    fn look<M: Module>(&mut self, snapshot: Snapshot<M>) {
        let Snapshot { epoch, model, kind, taken } = snapshot;
        let status = self.hub.status();
        // Nobody knows whether another epoch comes after one that a stop was asked for in.
        let ending = status.stopping.is_some() || status.state == RunState::Analysing;
        let (moment, step) = match kind {
            Kind::Step(step) => (Moment::Step, Some(step)),
            _ if ending || Some(epoch) == status.last_epoch => (Moment::Last, None),
            _ => (Moment::Epoch, None),
        };
        if step.is_none() {
            let at = taken.saturating_duration_since(self.started);
            self.schedule.epoch_ended(epoch, at);
        }
        let plan = self.schedule.plan(self.started.elapsed(), moment);
        if step.is_some() && !plan.has(Analysis::Weights) {
            self.steps_skipped.fetch_add(1, Ordering::Relaxed);
            self.tell();
            return;
        }
        self.hub.update_status(|status| status.analysing = Some(epoch));
        let mut costs = Costs::new(&self.meter);
        let start = costs.read();
        let studied = if plan.has(Analysis::Weights) {
            self.analyse(When { epoch, step }, model, &plan, &mut costs)
        } else {
            None
        };
        let used = costs.read() - start;
        // Whatever belongs to no analysis is counted with the weights, which are always there.
        if plan.has(Analysis::Weights) {
            costs.add(Analysis::Weights, used - costs.sum());
        }
        for (analysis, used) in costs.each() {
            self.schedule.paid(analysis, self.meter.measure.bill(used.work));
        }
        self.schedule.done(&plan, step.is_none().then_some(epoch));
        let done = studied.is_some() || !plan.has(Analysis::Weights);
        // Studies are of the ends of epochs. After the end of it all nobody waits for more. Offered before the epoch is
        // told, so that who reads of it can ask at once.
        if let Some(studied) = studied.filter(|_| step.is_none())
            && !self.abandoned.load(Ordering::Relaxed)
        {
            self.studio.offer(epoch, studied);
        }
        if done && step.is_none() {
            let (seconds, parts) = (used.seconds, parts(&plan, &costs));
            let analysed = Event::EpochAnalysed(EpochAnalysed { epoch, seconds, parts });
            let entry = self.keep(Entry::new(analysed), epoch);
            self.hub.record(entry);
        }
        self.tell();
        self.hub.update_status(|status| status.analysing = None);
        self.check_device(epoch);
    }

    /// Shows what the budget is, and how it is spent.
    fn tell(&self) {
        let budget = BudgetStatus {
            share: self.budget.share,
            studies_share: self.budget.studies_share(),
            used: self.schedule.used(self.started.elapsed()),
            studies_used: self.studio.used(),
            memory: self.memory.map(|bytes| bytes as u64),
            smaller: self.smaller.clone(),
            device: device::name(&self.images.device()),
            clock: self.meter.measure.clock,
            cores: self.meter.measure.cores,
            analyses: self.schedule.outlook(),
            steps_skipped: self.steps_skipped.load(Ordering::Relaxed),
        };
        self.hub.update_status(|status| status.budget = Some(budget));
    }

    /// If another device than the CPU computes: whether it still does. What has gone is not waited for.
    fn check_device(&mut self, epoch: u32) {
        let device = self.images.device();
        if device == Device::flex() {
            return;
        }
        if let Err(message) = device::check(&device) {
            let message = format!(
                "{} does not answer: {message}. From here on the analyses are computed on the CPU",
                device::name(&device)
            );
            self.images = self.probe.images.clone();
            self.meter = Meter::new(&self.crew, &self.images.device());
            self.schedule.measure(self.meter.measure);
            self.fault(epoch, "analysis device", message);
            self.tell();
        }
    }

    /// Takes the weights as those that the next ones are measured from.
    fn remember<M: Module>(&mut self, Snapshot { epoch, model, .. }: Snapshot<M>) {
        let read = caught(|| {
            let weights = Weights::of(&model, &self.images.device());
            self.graph.check(&weights)?;
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

    /// Runs every planned analysis on its own: one that fails does not stop the others. Returns the weights, or `None`
    /// if nothing could be computed.
    fn analyse<M: Module>(
        &mut self,
        when: When,
        model: M,
        plan: &Plan,
        costs: &mut Costs,
    ) -> Option<Studied> {
        let epoch = when.epoch;
        let device = self.images.device();
        let (weights, filters, mut finite) = costs.time(Analysis::Weights, || {
            let weights = caught(|| Ok(Weights::of(&model, &device)));
            // The weights are here now: the training's memory need not be held any longer.
            drop(model);
            let weights = self.or_fault(epoch, "reading the weights", weights)?;
            // One cause, told once: no analysis can say anything about another network.
            let same = self.graph.check(&weights).map_err(Failure::from);
            self.or_fault(epoch, "weights", same)?;
            let filters = self.read_filters(when, &weights);
            let finite = caught(|| Ok(FiniteReader::new(&self.graph, &weights)));
            let finite = self.or_fault(epoch, "what is not finite", finite).unwrap_or_default();
            Some((weights, filters, finite))
        })?;
        let maps = self.read_maps(when, &weights, plan, &mut finite, costs);
        let finiteness = finite.finish();
        // Before the layers' health, of which it explains what is bad.
        if let Some(health) = events::network_health(when, &finiteness) {
            self.hub.record(health);
        }
        let not_finite = finiteness.places.iter().find(|place| place.is_used()).map(events::place);
        let verdicts = self.verdicts(&maps);
        let mut readings = HashMap::new();
        let mut own = self.read_own(when, &weights, plan, costs);
        for (place, (Maps { activity, impression }, verdict)) in
            maps.into_iter().zip(verdicts).enumerate()
        {
            let first_use = self.first_use(place);
            let WatchedLayer { layer, evolution, .. } = &mut self.layers[place];
            let (of_weights, filters) = (&filters[first_use], &filters[place]);
            let own = own.remove(layer.name());
            if filters.is_some() || activity.is_some() || own.is_some() {
                let health = events::health(when, layer, filters.as_ref(), verdict.as_ref(), own);
                self.hub.record(health);
            }
            if let Some(distributions) =
                activity.as_ref().and_then(|activity| events::distributions(when, layer, activity))
            {
                self.hub.record(distributions);
            }
            if let Some(activity) = activity {
                readings.insert(layer.name().to_owned(), activity);
            }
            if let Some(impression) = impression {
                let read = costs
                    .time(Analysis::Evolution, || caught(|| Ok(evolution.read(epoch, impression))));
                let layer = layer.clone();
                let part = format!("evolution of {}", layer.name());
                if let Some(evolution) = self.or_fault(epoch, &part, read) {
                    let state = self.settlement.observe(layer.name(), &evolution);
                    let event = events::evolution(&layer, &evolution, state, of_weights.as_ref());
                    self.hub.record(Entry::new(event));
                }
            }
        }
        if plan.has(Analysis::Evolution) {
            let news = caught(|| Ok(self.settlement.news(epoch)));
            if let Some(settling) = self.or_fault(epoch, "settling", news).flatten() {
                self.hub.record(Entry::new(Event::Settling(settling)));
            }
        }
        let readings = plan.has(Analysis::Activity).then_some(readings);
        Some(Studied::new(weights, self.images.clone(), readings, not_finite))
    }

    /// Position of the layer whose filters are those of the layer at `place`: its own, unless it uses the weights of an
    /// earlier one.
    fn first_use(&self, place: usize) -> usize {
        let shared = self.layers[place].shares_weights_with.as_ref();
        let first = |name: &String| self.layers.iter().position(|w| w.layer.name() == name);
        shared.and_then(first).unwrap_or(place)
    }

    /// What is said of the layers' maps: of weights that are used several times, what holds in every use is said of the
    /// first.
    fn verdicts(&self, maps: &[Maps]) -> Vec<Option<LayerActivity>> {
        let of = |place: usize| maps[place].activity.as_ref();
        let verdict = |place: usize| {
            let further = (place + 1..maps.len()).filter(|&other| self.first_use(other) == place);
            Some(of(place)?.in_every_use(further.filter_map(of)))
        };
        (0..maps.len()).map(verdict).collect()
    }

    /// The filters of every convolution; recorded, and returned for the layers' health.
    fn read_filters(&mut self, when: When, weights: &Weights) -> Vec<Option<LayerFilters>> {
        let mut outcomes = vec![];
        for WatchedLayer { layer, filters, .. } in &mut self.layers {
            outcomes.push(caught(|| {
                let filters = match when.step {
                    None => filters.read(weights, when.epoch)?,
                    Some(_) => filters.glance(weights, when.epoch)?,
                };
                let Some(filters) = filters else { return Ok(None) };
                let entry = events::filters(when, layer, &filters)?;
                Ok(Some((filters, entry)))
            }));
        }
        let mut found = vec![];
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let part = format!("filters of {}", self.layers[index].layer.name());
            let filters = self.or_fault(when.epoch, &part, outcome).flatten();
            found.push(filters.map(|(filters, entry)| {
                self.hub.record(entry);
                filters
            }));
        }
        found
    }

    /// The feature maps of every layer that can be computed, in one sweep over the probe images: the strongest
    /// are recorded, the rest is returned.
    fn read_maps(
        &mut self,
        when: When,
        weights: &Weights,
        plan: &Plan,
        finite: &mut FiniteReader,
        costs: &mut Costs,
    ) -> Vec<Maps> {
        let epoch = when.epoch;
        let mut found: Vec<_> = self.layers.iter().map(|_| Maps::default()).collect();
        if !plan.sweeps() {
            return found;
        }
        let places: Vec<_> =
            (0..found.len()).filter(|&place| self.layers[place].is_supported()).collect();
        let swept = caught(|| {
            let Self { graph, images, features, probe, .. } = self;
            let watched: Vec<_> = places.iter().map(|&place| &self.layers[place]).collect();
            let (features, memory) = (*features, self.limits.pass);
            let sweep = Sweep { graph, weights, images, probe, features, memory };
            sweep.run(&watched, plan, finite, costs)
        });
        let Some(swept) = self.or_fault(epoch, "features", swept) else { return found };
        let named = |worker: &Self, place: usize, part: &str| {
            format!("{part} of {}", worker.layers[place].layer.name())
        };
        for (&place, features) in places.iter().zip(swept.features.into_iter().flatten()) {
            let layer = &self.layers[place].layer;
            let entry = costs.time(Analysis::Maps, || {
                caught(|| Ok(events::features(when, layer, &features?, &self.probe)?))
            });
            if let Some(entry) = self.or_fault(epoch, &named(self, place, "features"), entry) {
                self.hub.record(entry);
            }
        }
        for (&place, activity) in places.iter().zip(swept.activity.into_iter().flatten()) {
            let activity = activity.map_err(Into::into);
            found[place].activity = self.or_fault(epoch, &named(self, place, "activity"), activity);
        }
        for (&place, impression) in places.iter().zip(swept.impressions.into_iter().flatten()) {
            let impression = impression.map_err(Into::into);
            found[place].impression =
                self.or_fault(epoch, &named(self, place, "evolution"), impression);
        }
        found
    }

    /// The user's own analyses: what each gives, by layer.
    fn read_own(
        &mut self,
        When { epoch, step }: When,
        weights: &Weights,
        plan: &Plan,
        costs: &mut Costs,
    ) -> Values {
        let mut values = Values::new();
        if !plan.has(Analysis::Own) {
            return values;
        }
        costs.time(Analysis::Own, || {
            for analysis in self.own.clone() {
                let (graph, images) = (&*self.graph, &self.images);
                let look = Look { epoch, step, graph, weights, images };
                let read = analysis.read(&look, &mut values);
                self.or_fault(epoch, &analysis.part(), read);
            }
        });
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
                if self.faults.get(part) != Some(&message) {
                    self.faults.insert(part.to_owned(), message.clone());
                    self.fault(epoch, part, message);
                }
                None
            }
        }
    }

    fn fault(&self, epoch: u32, part: &str, message: String) {
        tracing::warn!(epoch, part, message, "an analysis failed");
        let fault = Fault { part: part.to_owned(), message, epoch: Some(epoch) };
        self.hub.record(Entry::new(Event::Fault(fault)));
    }
}

/// What each analysis used, and why others were left out, in order of importance.
fn parts(plan: &Plan, costs: &Costs) -> Vec<AnalysisPart> {
    let ran = costs.each().map(|(analysis, used)| AnalysisPart {
        analysis,
        seconds: Some(used.seconds),
        cpu_seconds: (costs.measure().clock == Clock::Cpu).then_some(used.work),
        skipped: None,
    });
    let skipped = plan.skipped.iter().map(|(analysis, reason)| AnalysisPart {
        analysis: *analysis,
        seconds: None,
        cpu_seconds: None,
        skipped: Some(reason.clone()),
    });
    let mut parts: Vec<_> = ran.chain(skipped).collect();
    parts.sort_by_key(|part| part.analysis);
    parts
}
