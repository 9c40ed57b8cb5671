use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Tensor;
use spyhole_alert::Alerts;
use spyhole_protocol::{
    Event, Fault, Metric, NullBand, RunEnded, RunOutcome, RunStarted, RunState, Split, Watchlist,
};
use spyhole_sink::{Entry, Hub, Picture};

use crate::alerts::StopSignal;
use crate::background;
use crate::beginning::{self, Beginning};
use crate::builder::Settings;
use crate::capture::capture;
use crate::error::SpyholeError;
use crate::events;
use crate::frozen::Frozen;
use crate::meter::{Crew, Meter};
use crate::misuse::{self, Numbering, Plan};
use crate::output;
use crate::probe_set::Probe;
use crate::queue::SnapshotQueue;
use crate::schedule::{Limits, Needs, Schedule};
use crate::settling::Settlement;
use crate::studio::{self, Studio};
use crate::watched_layer::{WatchedLayer, watched_layers};
use crate::worker::Worker;

/// How often the end of a run looks whether the analysis thread is done.
const POLL: Duration = Duration::from_millis(5);

/// The clock does not count further.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long the end of a run waits for the disk.
const FLUSH: Duration = Duration::from_secs(5);

/// A model being watched.
///
/// No call waits for an analysis, except [`finish`](Watch::finish). For your own training loop:
///
/// ```no_run
/// # use burn::{nn::conv::Conv2d, prelude::*};
/// # use spyhole::{ProbeSet, Split, Spyhole};
/// # fn train_one_epoch(net: Conv2d) -> (Conv2d, f64) { (net, 0.0) }
/// # fn example(mut net: Conv2d, images: Tensor<4>) -> Result<(), spyhole::SpyholeError> {
/// let spyhole = Spyhole::builder("runs/mine", ProbeSet::new(images)).build()?;
/// println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));
/// let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
/// watch.epochs(1, Some(20));
/// for epoch in 1..=20 {
///     let loss;
///     (net, loss) = train_one_epoch(net);
///     watch.metric(epoch, Split::Train, "Loss", loss);
///     watch.observe(epoch, &net);
/// }
/// watch.finish();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Watch<M: Module + 'static> {
    shared: Arc<Shared<M>>,
    analysis: Option<Analysis>,
}

/// What a [`Watch`] is started with.
pub(crate) struct Outlook<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) probe: &'a Probe,
    pub(crate) settings: &'a Settings,
    pub(crate) alerts: &'a Alerts,
    pub(crate) stop: &'a StopSignal,
    pub(crate) studio: &'a Arc<Studio>,
}

/// What the training side shares: the model's wrapper, the renderer, the user.
#[derive(Debug)]
pub(crate) struct Shared<M> {
    queue: Mutex<Option<SnapshotQueue<M>>>,
    pub(crate) hub: Hub,
    numbering: Numbering,
    /// The epoch that runs, for trainings that do not tell it.
    next_epoch: AtomicU32,
    /// The epoch that burn-train has begun last, if it tells.
    begun: AtomicU32,
    /// How many times the weights had been changed when burn-train's last epoch was seen to end.
    seen_after: AtomicU64,
    /// Last epoch that a snapshot was taken of.
    observed: AtomicU32,
    /// The training's last epoch, if there was no room for it: it waits for the end.
    held: Mutex<Option<(u32, M)>>,
    /// Whether the run continues an earlier one, and the model that it goes on from was not seen yet.
    awaits_reminder: AtomicBool,
    start: Mutex<Option<Start<M>>>,
    /// Set before the first snapshot.
    beginning: Arc<OnceLock<Beginning>>,
    /// Within epochs a snapshot is taken every so many updates.
    every_steps: Option<NonZeroU64>,
    /// The last update that a snapshot was offered of.
    step: AtomicU64,
    pub(crate) stop: StopSignal,
}

/// What is recorded when the first epoch's number is known.
#[derive(Debug)]
struct Start<M> {
    /// `None`: an inspection, of which nobody knows it.
    untrained: Option<M>,
    /// Statistics that will not be known.
    unknown: Vec<&'static str>,
    event: RunStarted,
    picture: Picture,
    alerts: Alerts,
    nulls: Vec<NullBand>,
    /// What is wrong with the settings, and no reason not to train.
    wrong: Vec<Fault>,
}

#[derive(Debug)]
struct Analysis {
    thread: JoinHandle<()>,
    abandoned: Arc<AtomicBool>,
    studio: Arc<Studio>,
    patience: Duration,
}

impl<M: Module + 'static> Watch<M> {
    pub(crate) fn start<const D: usize>(
        model: &M,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
        outlook: Outlook<'_>,
    ) -> Result<Self, SpyholeError> {
        let Outlook { hub, probe, settings, alerts, stop, studio } = outlook;
        // Before anything is recorded: where a panic ends the program, this is the last that is heard of it.
        let mut wrong = misuse::of_the_program();
        let images = settings.on_device(&probe.images)?;
        let graph = capture(model, forward, &images)?;
        let untrained = model.valid();
        wrong.extend(misuse::of_the_labels(&graph, probe));
        let graph = Arc::new(graph);

        let needs = Needs {
            weights: 4 * graph.parameters(),
            image: graph.bytes_per_image(),
            images: probe.pictures.len(),
            // One more for what comes within epochs, so that it is in nobody's way.
            snapshots: settings.queue + usize::from(settings.every_steps.is_some()),
        };
        let (limits, smaller) = Limits::new(settings.memory, needs);
        let (queue, snapshots) = SnapshotQueue::new(limits.snapshots, hub);
        let (probe_event, picture) = events::probe(probe)?;
        let output = output::meaning(probe, graph.output_shape().as_deref())?;
        let frozen = Frozen::of(model);
        let layers = watched_layers(&graph, settings.followed, &probe.images, &frozen)?;
        let settlement = Settlement::new(layers.iter(), probe.variety_compared);
        let beginning = Arc::new(OnceLock::new());
        let nulls = layers.iter().flat_map(|watched| {
            let bands = watched.filters.null_bands().into_iter();
            bands.map(|band| events::null_band(&watched.layer, band))
        });
        let nulls = nulls.collect();
        let event = RunStarted {
            run_id: hub.run_id(),
            name: settings.name.clone(),
            spyhole_version: env!("CARGO_PKG_VERSION").into(),
            first_epoch: 1,
            last_epoch: None,
            inspection: false,
            beside: None,
            other_images: None,
            input_shape: probe.shape.map(|length| length as u32),
            parameters: graph.parameters() as u64,
            layers: layers.iter().map(|watched| events::layer(&graph, watched)).collect(),
            probe: probe_event,
            output: Some(output.clone()),
        };
        alerts.check(&event.layers)?;
        studio.open(
            studio::Setting {
                graph: graph.clone(),
                layers: layers.iter().map(WatchedLayer::studied).collect(),
                probe: probe.clone(),
                output,
                gallery: settings.gallery.clone(),
                method: settings.features.method,
                studies: settings.scheduled_studies(),
                limits,
                gives_way: settings.gives_way,
            },
            &beginning,
        )?;
        let abandoned = Arc::new(AtomicBool::new(false));
        let crew = Crew::default();
        let meter = Meter::new(&crew, &images.device());
        let worker = Worker {
            graph,
            layers,
            settlement,
            probe: probe.clone(),
            probe_picture: picture.id().clone(),
            images,
            features: settings.features,
            own: settings.analyses.clone(),
            budget: settings.budget(),
            schedule: Schedule::new(
                settings.budget().analyses_share(),
                !settings.analyses.is_empty(),
                meter.measure,
            ),
            limits,
            memory: settings.memory,
            smaller,
            steps_skipped: queue.steps_skipped(),
            started: Instant::now(),
            crew: crew.clone(),
            meter,
            hub: hub.clone(),
            beginning: beginning.clone(),
            studio: studio.clone(),
            abandoned: abandoned.clone(),
            faults: HashMap::new(),
        };
        let thread = background::spawn("spyhole-analysis", settings.gives_way, crew, move || {
            worker.run(snapshots);
        })?;
        let shared = Shared {
            queue: Mutex::new(Some(queue)),
            hub: hub.clone(),
            numbering: Numbering::new(hub),
            next_epoch: AtomicU32::new(1),
            begun: AtomicU32::new(0),
            seen_after: AtomicU64::new(0),
            observed: AtomicU32::new(0),
            held: Mutex::new(None),
            awaits_reminder: AtomicBool::new(false),
            beginning,
            start: Mutex::new(Some(Start {
                untrained: Some(untrained),
                unknown: vec![],
                event,
                picture,
                alerts: alerts.clone(),
                nulls,
                wrong,
            })),
            every_steps: settings.every_steps,
            step: AtomicU64::new(0),
            stop: stop.clone(),
        };
        let (studio, patience) = (studio.clone(), settings.patience);
        let analysis = Analysis { thread, abandoned, studio, patience };
        Ok(Self { shared: Arc::new(shared), analysis: Some(analysis) })
    }

    /// Tells which epochs will be trained, counted from 1. A run that continues an earlier one starts
    /// above 1: what was recorded from that epoch on is left, and told apart. Without this call the run starts at epoch
    /// 1, with an unknown end; where the run directory holds an earlier run, it is a run of its own beside that
    /// ([`Spyhole::store`](crate::Spyhole::store)). An end before the start is taken to be unknown as well, and said to
    /// be wrong on the dashboard.
    pub fn epochs(&self, first: usize, last: Option<usize>) {
        if let Some(untrained) = self.shared.begin(first, last) {
            self.shared.remind(|| untrained);
        }
    }

    /// Takes a snapshot of the model after an epoch, counted from 1, for the analysis thread. It copies
    /// handles, not weights, and never waits: if the analysis is behind, the snapshot is dropped and
    /// counted.
    ///
    /// Epoch 0 is the model before its training, which is recorded by itself: what is observed as epoch 0 is left
    /// out, and the dashboard says so. So is a model whose weights have other shapes than those of the one that is
    /// watched.
    pub fn observe(&self, epoch: usize, model: &M) {
        self.shared.begin(1, None);
        let Some(epoch) = self.shared.numbering.trained(epoch) else { return };
        let (hub, stopping) = (&self.shared.hub, self.shared.stop.reason());
        hub.update_status(|status| {
            (status.epoch, status.state) = (status.epoch.max(epoch), RunState::Training);
            status.stopping = stopping;
        });
        self.shared.offer(epoch, || model.valid());
    }

    /// Within an epoch, after the optimizer has changed the weights for the `step`-th time since the start: takes a
    /// snapshot if it is one of every [so many](crate::SpyholeBuilder::every_steps), and nothing else waits to be
    /// analysed. Call it after each update, or now and then; without that setting, every call counts. What is
    /// recorded stands for the epoch until its end is observed.
    pub fn observe_step(&self, epoch: usize, step: u64, model: &M) {
        self.shared.begin(1, None);
        let Some(epoch) = self.shared.numbering.trained(epoch) else { return };
        self.shared.hub.update_status(|status| {
            (status.epoch, status.state) = (status.epoch.max(epoch), RunState::Training);
        });
        let every = self.shared.every_steps.unwrap_or(NonZeroU64::MIN);
        self.shared.offer_step(every, epoch, step, || model.valid());
    }

    /// Records a metric's value for a whole epoch, or for the model before its training, which is epoch 0. Larger is
    /// taken to be better unless the name says "loss" or "error".
    pub fn metric(&self, epoch: usize, split: Split, name: &str, value: f64) {
        self.shared.begin(1, None);
        let Some(epoch) = self.shared.numbering.epoch(epoch) else { return };
        let lower = name.to_lowercase();
        let higher_is_better = !lower.contains("loss") && !lower.contains("error");
        self.shared.hub.record(Entry::new(Event::Metric(Metric {
            epoch,
            split,
            name: name.to_owned(),
            value: value.is_finite().then_some(value),
            unit: None,
            higher_is_better,
        })));
    }

    /// Why the training is to end, if an alert ([`Alerts::stop_at`], [`Alerts::stop_on`]) or somebody at the
    /// dashboard asks for it. Ask
    /// after each epoch: `if watch.should_stop().is_some() { break }`. With burn-train,
    /// [`Spyhole::early_stopping`](crate::Spyhole::early_stopping) does it.
    pub fn should_stop(&self) -> Option<String> {
        self.shared.stop.connect();
        self.shared.stop.reason()
    }

    /// Time that the training's own thread has spent on snapshots so far, all epochs together.
    pub fn time_on_training_thread(&self) -> Duration {
        self.shared.with_queue(SnapshotQueue::spent).unwrap_or_default()
    }

    /// Snapshots dropped so far because the analysis was behind.
    pub fn snapshots_dropped(&self) -> u64 {
        self.shared.with_queue(SnapshotQueue::dropped).unwrap_or_default()
    }

    /// Ends the run: waits until the snapshots taken are analysed, at most for the
    /// [patience](crate::SpyholeBuilder::patience).
    pub fn finish(self) {
        let (outcome, reason) = self.shared.outcome();
        let held = self.shared.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.end(outcome, reason, held);
    }

    /// Ends the run when all that was taken is analysed and studied: only where nobody trains.
    pub(crate) fn finish_in_peace(mut self) {
        if let Some(analysis) = &mut self.analysis {
            analysis.patience = LONGEST;
        }
        self.finish();
    }

    /// Ends the run with a last look at a model that no snapshot was taken of, if there is one.
    pub(crate) fn end(
        mut self,
        outcome: RunOutcome,
        reason: Option<String>,
        last: Option<(u32, M)>,
    ) {
        if let Some(analysis) = self.analysis.take() {
            analysis.end(&self.shared, outcome, reason, last);
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared<M>> {
        &self.shared
    }
}

impl Analysis {
    fn end<M: Module>(
        self,
        shared: &Shared<M>,
        outcome: RunOutcome,
        reason: Option<String>,
        last: Option<(u32, M)>,
    ) {
        let hub = &shared.hub;
        let began = shared.start.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        if !began && hub.log().earlier().is_ok_and(|earlier| earlier.is_some()) {
            // Of this start there is nothing to tell, and the earlier run in the directory has had its own end.
            drop(shared.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
            self.abandoned.store(true, Ordering::Relaxed);
            self.studio.finish(false, Instant::now());
            return;
        }
        hub.update_status(|status| (status.state, status.split) = (RunState::Analysing, None));
        let deadline = Instant::now() + self.patience.min(LONGEST);
        // Taking the queue closes it: the thread ends when it has emptied it.
        let queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(queue), Some((epoch, model))) = (queue, last) {
            queue.insist(epoch, model, self.patience);
        }
        while !self.thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
        self.abandoned.store(true, Ordering::Relaxed);
        if !self.thread.is_finished() {
            let fault = Fault {
                part: "analysis".into(),
                message: format!(
                    "the last epochs were not fully analysed within {} s of the end of training",
                    self.patience.as_secs()
                ),
                epoch: None,
            };
            hub.record(Entry::new(Event::Fault(fault)));
        }
        let left_out = self.studio.finish(outcome == RunOutcome::Finished, deadline);
        let studies_left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
        hub.record(Entry::new(Event::RunEnded(RunEnded { outcome, reason, studies_left_out })));
        hub.update_status(|status| (status.state, status.analysing) = (RunState::Ended, None));
        if self.thread.is_finished() {
            hub.flush(FLUSH);
        } else {
            // It has the hub and may keep it for ever: nobody else will be the last to hold it.
            hub.close(FLUSH);
        }
    }
}

impl<M: Module + 'static> Drop for Watch<M> {
    fn drop(&mut self) {
        let Some(mut analysis) = self.analysis.take() else { return };
        // Not finished: the training panicked or gave up. Do not hold it up.
        analysis.patience = analysis.patience.min(Duration::from_secs(2));
        let (outcome, reason) = if std::thread::panicking() {
            (RunOutcome::Failed, "the training panicked")
        } else {
            (RunOutcome::Interrupted, "the training ended without calling `finish`")
        };
        analysis.end(&self.shared, outcome, Some(reason.into()), None);
    }
}

impl<M: Module> Shared<M> {
    /// Records the start of the run, once. Of a run that continues an earlier one, the model comes back as
    /// it was when the watch began; epoch 0 is on record there.
    pub(crate) fn begin(&self, first: usize, last: Option<usize>) -> Option<M> {
        let start = self.start.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Start { untrained, unknown, mut event, picture, alerts, mut nulls, wrong } = start?;
        let Plan { first, last, wrong: misnumbered } = self.numbering.plan(first, last);
        (event.first_epoch, event.last_epoch) = (first, last);
        // Set once, for a run starts once.
        let _ = self.beginning.set(beginning::find_run(&self.hub, &mut event));
        self.next_epoch.store(first, Ordering::Relaxed);
        self.hub.update_status(|status| {
            (status.last_epoch, status.stopping) = (event.last_epoch, None);
            status.epoch = first - 1;
        });
        let (mut statistics, mut rules) = alerts.describe(&event.layers, event.last_epoch);
        statistics.retain(|statistic| !unknown.contains(&statistic.name.as_str()));
        rules.retain(|rule| !unknown.contains(&rule.metric.as_str()));
        nulls.retain(|null| !unknown.contains(&null.statistic.as_str()));
        self.hub.record(Entry::with_images(Event::RunStarted(event), vec![picture]));
        let watchlist = Watchlist { statistics, rules, nulls };
        self.hub.record(Entry::new(Event::Watchlist(watchlist)));
        for fault in wrong {
            self.hub.record(Entry::new(Event::Fault(fault)));
        }
        if let Some((part, message)) = misnumbered {
            self.numbering.tell(part, message);
        }
        let untrained = untrained?;
        if first > 1 {
            self.awaits_reminder.store(true, Ordering::Relaxed);
            return Some(untrained);
        }
        self.offer(0, || untrained.clone());
        None
    }

    /// Before the beginning: nothing is trained, the model that the watch began with was trained before, and these
    /// statistics will not be known.
    pub(crate) fn for_inspection(&self, unknown: &[&'static str]) {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(start) = &mut *start {
            (start.untrained, start.unknown) = (None, unknown.to_vec());
            start.event.inspection = true;
        }
    }

    /// Takes a snapshot, and waits until there is room for it: only where nobody trains.
    pub(crate) fn insist(&self, epoch: u32, model: M) {
        if self.with_queue(|queue| queue.insist(epoch, model, LONGEST)) == Some(true) {
            self.observed.store(epoch, Ordering::Relaxed);
        }
    }

    /// Before the first step of a run that is continued: the model that it goes on from. Does nothing the next
    /// time, and while it is not known whether the run continues another.
    pub(crate) fn remind(&self, model: impl FnOnce() -> M) {
        if self.awaits_reminder.swap(false, Ordering::Relaxed) {
            let before = self.next_epoch.load(Ordering::Relaxed).saturating_sub(1);
            self.with_queue(|queue| queue.remind(before, model()));
        }
    }

    /// burn-train begins to train an epoch.
    pub(crate) fn begun(&self, epoch: u32) {
        self.begun.store(epoch, Ordering::Relaxed);
    }

    /// burn-train has trained an epoch, after which the weights had been changed so many times. It comes here once
    /// more when it is done: without further changes that is no epoch. Its messages arrive one by one, so that the
    /// beginning of this epoch is known by now.
    pub(crate) fn trained(&self, updates: u64, model: impl Fn() -> M) {
        if self.seen_after.fetch_max(updates, Ordering::Relaxed) >= updates {
            return;
        }
        let epoch = match self.begun.load(Ordering::Relaxed) {
            0 => self.next_epoch.load(Ordering::Relaxed),
            begun => begun,
        };
        if self.next_epoch.fetch_max(epoch + 1, Ordering::Relaxed) <= epoch {
            self.offer(epoch, model);
        }
    }

    /// burn-train tells that an epoch is over, which it does after it has validated. After the last there is another
    /// look in any case.
    pub(crate) fn over(&self, epoch: u32) {
        let unseen = self.next_epoch.fetch_max(epoch.saturating_add(1), Ordering::Relaxed) <= epoch;
        if unseen && self.hub.status().last_epoch != Some(epoch) {
            let message = "no snapshot was taken after this epoch, so it is not analysed: the optimizer made no step \
                           in it, or a training strategy of your own did not call `learner.model().valid()` after it, as \
                           those of burn-train do before they validate";
            let fault =
                Fault { part: "snapshots".into(), message: message.into(), epoch: Some(epoch) };
            self.hub.record(Entry::new(Event::Fault(fault)));
        }
    }

    pub(crate) fn offer(&self, epoch: u32, model: impl Fn() -> M) {
        let is_last = self.hub.status().last_epoch == Some(epoch);
        match self.with_queue(|queue| queue.offer(epoch, is_last, &model)) {
            Some(true) => self.observed.store(epoch, Ordering::Relaxed),
            Some(false) if is_last => {
                let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
                *held = Some((epoch, model()));
            }
            _ => {}
        }
    }

    /// The optimizer has changed the model for the `step`-th time. Several devices that train copies of one model each
    /// say so; the first is heard.
    pub(crate) fn updated(&self, step: u64, model: impl FnOnce() -> M) {
        if let Some(every) = self.every_steps {
            let epoch = self.next_epoch.load(Ordering::Relaxed);
            self.offer_step(every, epoch, step, model);
        }
    }

    fn offer_step(&self, every: NonZeroU64, epoch: u32, step: u64, model: impl FnOnce() -> M) {
        if step.is_multiple_of(every.get()) && self.step.fetch_max(step, Ordering::Relaxed) < step {
            self.with_queue(|queue| queue.offer_step(epoch, step, model));
        }
    }

    /// Last epoch that a snapshot was taken of.
    pub(crate) fn observed(&self) -> u32 {
        self.observed.load(Ordering::Relaxed)
    }

    /// The epoch that the training was in when it ended, if it got that far.
    pub(crate) fn last_epoch(&self) -> Option<u32> {
        Some(self.hub.status().epoch).filter(|&epoch| epoch > 0)
    }

    /// How a training that reports neither an error nor an interruption has ended.
    pub(crate) fn outcome(&self) -> (RunOutcome, Option<String>) {
        let status = self.hub.status();
        let to_the_end = status.last_epoch.is_some_and(|last| status.epoch >= last);
        match self.stop.reason() {
            Some(reason) if !to_the_end => (RunOutcome::Interrupted, Some(reason)),
            _ => (RunOutcome::Finished, None),
        }
    }

    /// The queue, until the run ends. Nobody holds this lock for longer than an `offer`.
    fn with_queue<T>(&self, look: impl FnOnce(&SnapshotQueue<M>) -> T) -> Option<T> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().map(look)
    }
}
