//! Studies: costly looks at the network, made on a thread of their own, on schedule or when a dashboard asks. It
//! goes on after training, with the last weights, for as long as the [`Spyhole`](crate::Spyhole) lives.

mod agenda;
mod known;
mod schedule;
mod studies;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};
use spyhole_graph::{Graph, Method, Weights};
use spyhole_probe::LayerActivity;
use spyhole_protocol::{Event, Fault, Occasion, Output, Place, Study, StudySubject};
use spyhole_sink::{Entry, Hub, Sheet};

use crate::background;
use crate::beginning::Beginning;
use crate::error::SpyholeError;
use crate::failure::Failure;
use crate::gallery::Gallery;
use crate::meter::{Crew, Measure, Meter, Used};
use crate::probe_set::Probe;
use crate::schedule::Limits;
use crate::watched_layer::StudiedLayer;
use agenda::{Agenda, Errand, Verdict};
use known::Known;
pub use schedule::Studies;
pub(crate) use studies::impossible;
use studies::{Made, Memory, Sitting};

/// How often the progress of a study is shown.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// How long a study waits for the records before it to be written.
const ROOM: Duration = Duration::from_secs(5);

/// How often it is looked whether there is time for the next study.
const PAUSE: Duration = Duration::from_millis(500);

/// How long the end of a run waits for a study to notice that it is over.
const GOODBYE: Duration = Duration::from_secs(3);

/// Everything that is studied, except the weights.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) graph: Arc<Graph>,
    pub(crate) layers: Vec<StudiedLayer>,
    pub(crate) probe: Probe,
    /// What the model puts out.
    pub(crate) output: Output,
    pub(crate) gallery: Option<Gallery>,
    pub(crate) method: Method,
    pub(crate) studies: Studies,
    pub(crate) limits: Limits,
    pub(crate) gives_way: bool,
}

/// What is studied: a model after an epoch. A clone is a handle.
#[derive(Clone, Debug)]
pub(crate) struct Studied(Arc<Model>);

#[derive(Debug)]
struct Model {
    weights: Weights,
    /// The probe images, on the same device.
    images: Tensor<4>,
    /// By layer, the readings of its maps over the probe images: from the analysis of the epoch, or made when a study
    /// needs them.
    activity: OnceLock<HashMap<String, LayerActivity>>,
    /// Where the network's numbers stop being finite, if they do: nothing can be told of what is behind.
    not_finite: Option<Place>,
}

impl Studied {
    /// Weights and the probe images on one device; the readings of all layers' maps, if they were taken; where the
    /// network's numbers stop being finite.
    pub(crate) fn new(
        weights: Weights,
        images: Tensor<4>,
        activity: Option<HashMap<String, LayerActivity>>,
        not_finite: Option<Place>,
    ) -> Self {
        let activity = activity.map_or_else(OnceLock::new, OnceLock::from);
        Self(Arc::new(Model { weights, images, activity, not_finite }))
    }
}

/// The handle: all calls return at once, except [`finish`](Self::finish) and [`close`](Self::close), which wait for
/// a limited time.
#[derive(Debug)]
pub(crate) struct Studio {
    state: Mutex<State>,
    /// Something was put on the agenda, or is over.
    news: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    hub: Hub,
    studies: Studies,
}

#[derive(Debug)]
struct State {
    agenda: Agenda<Studied>,
    /// What can be studied, once that is known.
    known: Option<Known>,
    newest: Option<(u32, Studied)>,
    /// The last epoch for which a round was scheduled.
    round: Option<u32>,
    started: Instant,
    /// The bill of the scheduled studies so far, and what it is of.
    spent: f64,
    measure: Measure,
    /// Nobody trains any longer: there is all the time in the world.
    ending: bool,
    closed: bool,
    working: bool,
}

impl Studio {
    pub(crate) fn new(hub: &Hub, studies: Studies) -> Arc<Self> {
        let state = State {
            agenda: Agenda::new(),
            known: None,
            newest: None,
            round: None,
            started: Instant::now(),
            spent: 0.0,
            measure: Measure::of(&Device::flex()),
            ending: false,
            closed: false,
            working: false,
        };
        let (state, thread) = (Mutex::new(state), Mutex::new(None));
        Arc::new(Self { state, news: Condvar::new(), thread, hub: hub.clone(), studies })
    }

    /// Starts the thread. The `beginning` is known before there is anything to study.
    pub(crate) fn open(
        self: &Arc<Self>,
        setting: Setting,
        beginning: &Arc<OnceLock<Beginning>>,
    ) -> Result<(), SpyholeError> {
        let beginning = beginning.clone();
        let known = Known {
            layers: setting
                .layers
                .iter()
                .map(|StudiedLayer { layer, .. }| {
                    let unsupported = layer.unsupported().map(Into::into);
                    (layer.name().to_owned(), layer.shape()[0], unsupported)
                })
                .collect(),
            images: setting.probe.pictures.len(),
            size: [setting.probe.shape[1], setting.probe.shape[2]],
            round: studies::round(&setting),
        };
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_some() {
            return Err(SpyholeError::AlreadyWatching);
        }
        let mut state = self.lock();
        let studio = self.clone();
        let crew = Crew::default();
        let spawned =
            background::spawn("spyhole-studio", setting.gives_way, crew.clone(), move || {
                studio.work(&setting, &beginning, &crew);
            })?;
        *thread = Some(spawned);
        (state.known, state.working, state.started) = (Some(known), true, Instant::now());
        Ok(())
    }

    /// Takes the newest weights, and puts a round of studies on the list if it is time for one.
    pub(crate) fn offer(&self, epoch: u32, studied: Studied) {
        let last = self.hub.status().last_epoch;
        let mut state = self.lock();
        state.measure = Measure::of(&studied.0.images.device());
        state.newest = Some((epoch, studied));
        // A round that is not done goes on, but the last weights are worth more.
        if self.studies.is_due(epoch, last)
            && !state.ending
            && (Some(epoch) == last || !state.agenda.has_scheduled())
        {
            self.schedule(&mut state);
        }
        let next = self.studies.next_after(epoch, last);
        self.hub.update_status(|status| status.next_studies = next);
        self.tell(&state);
    }

    /// The share of the time that scheduled studies have taken.
    pub(crate) fn used(&self) -> f64 {
        let state = self.lock();
        let elapsed = state.started.elapsed().as_secs_f64();
        state.spent / elapsed.max(f64::MIN_POSITIVE)
    }

    /// Puts a round of studies of the newest weights on the list.
    fn schedule(&self, state: &mut State) {
        let Some((epoch, studied)) = state.newest.clone() else { return };
        let Some(known) = &state.known else { return };
        state.round = Some(epoch);
        state.agenda.schedule(epoch, &studied, known.round.clone());
        self.news.notify_all();
    }

    /// After the last snapshot: if the run came to its `end`, makes the last round and waits for it until `deadline`;
    /// if it did not, nothing more is scheduled. What is asked for is still made later. Returns how many studies of
    /// the last round there was no time for.
    pub(crate) fn finish(&self, end: bool, deadline: Instant) -> usize {
        let (mut state, mut left_out) = (self.lock(), 0);
        state.ending = true;
        let newest = state.newest.as_ref().map(|(epoch, _)| *epoch);
        if !end {
            state.agenda.give_up(false);
        }
        if end && self.studies.every > 0 && newest.is_some() && state.round != newest {
            self.schedule(&mut state);
        }
        self.tell(&state);
        self.news.notify_all();
        while state.working && state.agenda.has_scheduled() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                left_out = state.agenda.give_up(false);
                break;
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.hub.update_status(|status| status.next_studies = None);
        self.tell(&state);
        left_out
    }

    /// Ends the thread; a running study is cancelled. False if it does not end, and has its hand on the run still.
    pub(crate) fn close(&self) -> bool {
        let mut state = self.lock();
        state.closed = true;
        state.agenda.give_up(true);
        self.news.notify_all();
        let deadline = Instant::now() + GOODBYE;
        while state.working {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!("a study does not end; it is left behind");
                return false;
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.tell(&state);
        drop(state);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        thread.is_none_or(|thread| thread.join().is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what waits and runs.
    fn tell(&self, state: &State) {
        let list = state.agenda.list();
        self.hub.update_status(|status| status.studies = list);
    }

    fn fault(&self, part: &str, message: String, epoch: u32) {
        tracing::warn!(epoch, part, message, "a study failed");
        let fault = Fault { part: part.to_owned(), message, epoch: Some(epoch) };
        self.hub.record(Entry::new(Event::Fault(fault)));
    }

    fn work(&self, setting: &Setting, beginning: &OnceLock<Beginning>, crew: &Crew) {
        let _over = Over(self);
        let (mut memory, mut told) = (None, HashMap::new());
        while let Some(errand) = self.next() {
            let memory = memory.get_or_insert_with(|| self.remember(beginning.get()));
            self.make(setting, memory, crew, errand, &mut told);
        }
    }

    /// What an earlier run with the same probe images, which is continued, has left to compare with.
    fn remember(&self, beginning: Option<&Beginning>) -> Memory {
        let beginning = beginning.filter(|it| it.continues() && it.same_probe);
        let Some(&Beginning { first, .. }) = beginning else { return Memory::default() };
        Memory::recall(&self.hub.log(), first).unwrap_or_else(|error| {
            let message = format!("{error}; earlier studies are not compared with");
            self.fault("memory of studies", message, first);
            Memory::default()
        })
    }

    /// Waits for the next study; `None` at the end.
    fn next(&self) -> Option<Errand<Studied>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let in_time = self.affords(&state, 0.0);
            if let Some(newest) = state.newest.clone()
                && let Some(errand) = state.agenda.start(&newest, in_time)
            {
                self.tell(&state);
                return Some(errand);
            }
            state = self.news.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether there is time for what is scheduled, when the running study's bill is `more`.
    fn affords(&self, state: &State, more: f64) -> bool {
        let State { ending, spent, started, measure, .. } = *state;
        ending || self.studies.affords(spent + more, started.elapsed(), measure)
    }

    /// Makes studies and records each. `told`: the faults that were told, so that the same is not told each round.
    fn make(
        &self,
        setting: &Setting,
        memory: &mut Memory,
        crew: &Crew,
        errand: Errand<Studied>,
        told: &mut HashMap<String, String>,
    ) {
        let Errand { id, mut subjects, weights: Some((epoch, studied)), occasion } = errand else {
            return;
        };
        let mut verdict = Verdict::GoOn;
        let model = &*studied.0;
        let Model { weights, images, not_finite, .. } = model;
        let mut pace = Pace::new(Meter::new(crew, &images.device()));
        if let Some(place) = not_finite {
            let message = format!(
                "nothing is told of a network that is not finite: NaN or infinite numbers begin at {}",
                place.words
            );
            for subject in subjects.drain(..) {
                let outcome = Err(Failure::Nothing(message.clone()));
                self.record(epoch, &subject, outcome, 0.0, occasion, told);
            }
        } else {
            let pace = std::cell::RefCell::new(&mut pace);
            let mut progress = |done: usize, total: usize| {
                verdict = self.keep_pace(&mut pace.borrow_mut(), occasion, done, total);
                match verdict {
                    Verdict::GoOn => ControlFlow::Continue(()),
                    Verdict::Stop | Verdict::MakeWay => ControlFlow::Break(()),
                }
            };
            let sitting =
                Sitting { setting, weights, images, model, epoch, progress: &mut progress };
            let wanted = subjects.clone();
            let mut before = 0.0;
            studies::make(sitting, memory, &wanted, &mut |subject, outcome| {
                let worked = pace.borrow().worked().seconds;
                // What studies share is counted with the first of them.
                let seconds = worked - before;
                before = worked;
                if !matches!(outcome, Err(Failure::Cancelled)) {
                    subjects.retain(|each| each != subject);
                    self.record(epoch, subject, outcome, seconds, occasion, told);
                }
            });
        }
        let mut state = self.lock();
        if occasion == Occasion::Scheduled {
            state.spent += pace.bill();
        }
        state.agenda.ended();
        if verdict == Verdict::MakeWay && !subjects.is_empty() {
            let weights = Some((epoch, studied));
            state.agenda.put_back(Errand { id, subjects, weights, occasion });
        }
        self.tell(&state);
        self.news.notify_all();
    }

    /// Notes how far a study is. What is scheduled pauses while it would take more than its share of the time.
    fn keep_pace(&self, pace: &mut Pace, occasion: Occasion, done: usize, total: usize) -> Verdict {
        let mut state = self.lock();
        loop {
            let verdict = state.agenda.progress(done, total);
            if pace.shown.elapsed() >= SHOW_EVERY {
                pace.shown = Instant::now();
                self.tell(&state);
            }
            let in_time = occasion == Occasion::Asked || self.affords(&state, pace.bill());
            if verdict != Verdict::GoOn || in_time {
                return verdict;
            }
            let begin = pace.meter.read();
            state = self.news.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
            pace.paused = pace.paused + (pace.meter.read() - begin);
        }
    }

    fn record(
        &self,
        epoch: u32,
        subject: &StudySubject,
        outcome: Result<Made, Failure>,
        seconds: f64,
        occasion: Occasion,
        told: &mut HashMap<String, String>,
    ) {
        let part = studies::name(subject);
        let outcome = outcome.and_then(|made| {
            let sheet = Sheet::new(&made.document);
            let sheet = sheet.map_err(|error| Failure::Failed(error.to_string()))?;
            let (subject, document) = (subject.clone(), sheet.id().clone());
            let study = Study { epoch, subject, document, seconds, occasion };
            Ok(Entry::with_images(Event::Study(study), made.images).with_document(sheet))
        });
        match outcome {
            Ok(entry) => {
                told.remove(&part);
                // Large pictures must not push the training's own records out of the queue.
                self.hub.flush(ROOM);
                self.hub.record(entry);
            }
            Err(Failure::Cancelled) => {}
            Err(Failure::Nothing(_)) if occasion == Occasion::Scheduled => {}
            Err(Failure::Failed(message) | Failure::Nothing(message)) => {
                let again = told.insert(part.clone(), message.clone()).as_ref() == Some(&message);
                if occasion == Occasion::Asked || !again {
                    self.fault(&part, message, epoch);
                }
            }
        }
    }
}

/// What a study uses, without its pauses.
struct Pace {
    meter: Meter,
    start: Used,
    paused: Used,
    /// When its progress was shown last.
    shown: Instant,
}

impl Pace {
    fn new(meter: Meter) -> Self {
        let (start, paused) = (meter.read(), Used::default());
        Self { meter, start, paused, shown: Instant::now() }
    }

    fn worked(&self) -> Used {
        self.meter.read() - self.start - self.paused
    }

    fn bill(&self) -> f64 {
        self.meter.measure.bill(self.worked().work)
    }
}

/// Tells that the thread is over, however it ends.
struct Over<'a>(&'a Studio);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.working = false;
        state.agenda.ended();
        self.0.news.notify_all();
    }
}

impl Studio {
    /// Puts a study on the list; see [`Control::ask`](spyhole_sink::Control::ask).
    pub(crate) fn ask(&self, subject: &StudySubject) -> Result<u32, String> {
        let mut state = self.lock();
        let known = state.known.as_ref();
        let known = known.ok_or("the training has not started yet: there is nothing to study")?;
        known.check(subject)?;
        if state.newest.is_none() {
            return Err("no epoch was analysed yet: there are no weights to study".into());
        }
        if !state.working || state.closed {
            return Err("the run is over: nothing is computed any more".into());
        }
        let asked = state.agenda.ask(subject);
        let id = asked.ok_or("too many studies wait already: let some of them be made first")?;
        self.tell(&state);
        self.news.notify_all();
        Ok(id)
    }

    /// Ends a study that somebody asked for.
    pub(crate) fn cancel(&self, id: u32) {
        let mut state = self.lock();
        state.agenda.cancel(id);
        self.tell(&state);
        self.news.notify_all();
    }
}
