//! Studies: costly looks at the network, made on a thread of their own, on schedule or when a dashboard asks. It
//! goes on after training, with the last weights, for as long as the [`Spyhole`](crate::Spyhole) lives.

mod agenda;
mod schedule;
mod studies;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use spyhole_graph::{Graph, Method, Weights};
use spyhole_protocol::{Event, Fault, Occasion, OcclusionSettings, Study, StudySubject};
use spyhole_sink::{Entry, Hub, RunLog, Sheet};

use crate::error::SpyholeError;
use crate::failure::{Failure, caught};
use crate::gallery::Gallery;
use crate::probe_set::Probe;
use crate::watched_layer::StudiedLayer;
use agenda::{Agenda, Errand};
pub use schedule::Studies;
use studies::{Memory, Sitting};

/// How often the progress of a study is shown.
const SHOW_EVERY: Duration = Duration::from_millis(100);

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
    pub(crate) gallery: Option<Gallery>,
    pub(crate) method: Method,
    pub(crate) studies: Studies,
}

/// The handle: all calls return at once, except [`finish`](Self::finish) and [`close`](Self::close), which wait for
/// a limited time.
#[derive(Debug)]
pub(crate) struct Studio {
    state: Mutex<State>,
    /// Something was put on the agenda, or is over.
    news: Condvar,
    hub: Hub,
    studies: Studies,
}

#[derive(Debug)]
struct State {
    agenda: Agenda<Weights>,
    /// What can be studied, once that is known.
    known: Option<Known>,
    newest: Option<(u32, Weights)>,
    /// The last epoch for which a round was scheduled.
    round: Option<u32>,
    started: Instant,
    /// What scheduled studies have taken so far.
    spent: Duration,
    /// Nobody trains any longer: there is all the time in the world.
    ending: bool,
    closed: bool,
    working: bool,
}

/// What somebody can ask for.
#[derive(Debug)]
struct Known {
    /// Name, number of maps, and the unsupported operation if there is one.
    layers: Vec<(String, usize, Option<String>)>,
    images: usize,
    /// The shorter side of an image, in pixels.
    side: usize,
    round: Vec<Vec<StudySubject>>,
}

impl Studio {
    pub(crate) fn new(hub: &Hub, studies: Studies) -> Arc<Self> {
        let state = State {
            agenda: Agenda::new(),
            known: None,
            newest: None,
            round: None,
            started: Instant::now(),
            spent: Duration::ZERO,
            ending: false,
            closed: false,
            working: false,
        };
        Arc::new(Self { state: Mutex::new(state), news: Condvar::new(), hub: hub.clone(), studies })
    }

    /// Starts the thread. `log`: an earlier run that is continued.
    pub(crate) fn open(
        self: &Arc<Self>,
        setting: Setting,
        log: &RunLog,
    ) -> Result<(), SpyholeError> {
        let memory = Memory::recall(log)?;
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
            side: setting.probe.shape[1].min(setting.probe.shape[2]),
            round: studies::round(&setting),
        };
        let mut state = self.lock();
        (state.known, state.working, state.started) = (Some(known), true, Instant::now());
        drop(state);
        let studio = self.clone();
        std::thread::Builder::new()
            .name("spyhole-studio".into())
            .spawn(move || studio.work(&setting, memory))?;
        Ok(())
    }

    /// Takes the newest weights, and puts a round of studies on the list if it is time for one.
    pub(crate) fn offer(&self, epoch: u32, weights: &Weights) {
        let last = self.hub.status().last_epoch;
        let mut state = self.lock();
        state.newest = Some((epoch, weights.clone()));
        // A round that is not done goes on, but the last weights are worth more.
        if self.studies.is_due(epoch, last)
            && (Some(epoch) == last || !state.agenda.has_scheduled())
        {
            self.schedule(&mut state);
        }
        let next = self.studies.next_after(epoch, last);
        self.hub.update_status(|status| status.next_studies = next);
        self.tell(&state);
    }

    /// Puts a round of studies of the newest weights on the list.
    fn schedule(&self, state: &mut State) {
        let Some((epoch, weights)) = state.newest.clone() else { return };
        let Some(known) = &state.known else { return };
        state.round = Some(epoch);
        state.agenda.schedule(epoch, &weights, known.round.clone());
        self.news.notify_all();
    }

    /// After the last snapshot: makes the last round, if the run came to its `end` without one, and waits for
    /// what is scheduled until `deadline`. What is asked for is still made later.
    pub(crate) fn finish(&self, end: bool, deadline: Instant) {
        let mut state = self.lock();
        state.ending = true;
        let newest = state.newest.as_ref().map(|(epoch, _)| *epoch);
        if end && self.studies.every > 0 && newest.is_some() && state.round != newest {
            self.schedule(&mut state);
        }
        self.tell(&state);
        self.news.notify_all();
        while state.working && state.agenda.has_scheduled() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let count = state.agenda.give_up(false);
                let message =
                    format!("{count} scheduled studies were left out, because the run is over");
                self.fault("studies", message, newest.unwrap_or_default());
                break;
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.hub.update_status(|status| status.next_studies = None);
        self.tell(&state);
    }

    /// Ends the thread; a running study is cancelled.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.agenda.give_up(true);
        self.news.notify_all();
        let deadline = Instant::now() + GOODBYE;
        while state.working {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!("a study does not end; it is left behind");
                break;
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.tell(&state);
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

    fn work(&self, setting: &Setting, mut memory: Memory) {
        while let Some(errand) = self.next() {
            self.make(setting, &mut memory, errand);
        }
        self.lock().working = false;
        self.news.notify_all();
    }

    /// Waits for the next study; `None` at the end.
    fn next(&self) -> Option<Errand<Weights>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let in_time =
                state.ending || self.studies.affords(state.spent, state.started.elapsed());
            if let Some(newest) = state.newest.clone()
                && let Some(errand) = state.agenda.start(&newest, in_time)
            {
                self.tell(&state);
                return Some(errand);
            }
            state = self.news.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn make(&self, setting: &Setting, memory: &mut Memory, errand: Errand<Weights>) {
        let Some((epoch, weights)) = errand.weights else { return };
        let start = Instant::now();
        let mut shown = start;
        let mut progress = |done: usize, total: usize| {
            let mut state = self.lock();
            let go_on = state.agenda.progress(done, total);
            if shown.elapsed() >= SHOW_EVERY {
                shown = Instant::now();
                self.tell(&state);
            }
            if go_on {
                std::ops::ControlFlow::Continue(())
            } else {
                std::ops::ControlFlow::Break(())
            }
        };
        let outcome = caught(|| {
            if !setting.is_finite(&weights) {
                let message = "the weights are not finite: the model has diverged";
                return Err(Failure::Nothing(message.into()));
            }
            let progress = &mut progress;
            let sitting = Sitting { setting, weights: &weights, epoch, progress };
            Ok(studies::make(sitting, memory, &errand.subjects))
        });
        let outcomes = match outcome {
            Ok(outcomes) => outcomes,
            Err(failure) => errand.subjects.iter().map(|_| Err(failure.clone())).collect(),
        };
        let took = start.elapsed();
        let seconds = took.as_secs_f64() / errand.subjects.len().max(1) as f64;
        for (subject, outcome) in errand.subjects.into_iter().zip(outcomes) {
            let part = studies::name(&subject);
            let outcome = outcome.and_then(|made| {
                let sheet = Sheet::new(&made.document);
                let sheet = sheet.map_err(|error| Failure::Failed(error.to_string()))?;
                let document = sheet.id().clone();
                let occasion = errand.occasion;
                let study = Study { epoch, subject, document, seconds, occasion };
                Ok(Entry::with_images(Event::Study(study), made.images).with_document(sheet))
            });
            match outcome {
                Ok(entry) => {
                    self.hub.record(entry);
                }
                Err(Failure::Cancelled) => {}
                Err(Failure::Nothing(_)) if errand.occasion == Occasion::Scheduled => {}
                Err(Failure::Failed(message) | Failure::Nothing(message)) => {
                    self.fault(&part, message, epoch);
                }
            }
        }
        let mut state = self.lock();
        if errand.occasion == Occasion::Scheduled {
            state.spent += took;
        }
        state.agenda.ended();
        self.tell(&state);
        self.news.notify_all();
    }
}

impl spyhole_sink::Studio for Studio {
    fn ask(&self, subject: &StudySubject) -> Result<u32, String> {
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

    fn cancel(&self, id: u32) {
        let mut state = self.lock();
        state.agenda.cancel(id);
        self.tell(&state);
        self.news.notify_all();
    }
}

impl Known {
    /// Whether there is such a thing to study.
    fn check(&self, subject: &StudySubject) -> Result<(), String> {
        let (mut image, mut map, mut settings) = (None, None, None);
        match subject {
            StudySubject::Activations { image: wanted, .. } => image = Some(*wanted),
            StudySubject::Unit { map: wanted, .. }
            | StudySubject::SynthesisOfMap { map: wanted, .. } => map = Some(*wanted),
            StudySubject::Occlusion { image: wanted, settings: how } => {
                (image, settings) = (Some(*wanted), Some(how));
            }
            StudySubject::OcclusionOfMap { image: wanted, map: also, settings: how, .. } => {
                (image, map, settings) = (Some(*wanted), Some(*also), Some(how));
            }
            StudySubject::Units { .. }
            | StudySubject::Directions { .. }
            | StudySubject::Synthesis { .. }
            | StudySubject::SynthesisOfClasses
            | StudySubject::Embedding { .. } => {}
        }
        if let Some(image) = image {
            in_range("probe image", image, self.images)?;
        }
        if let Some(OcclusionSettings { square, stride, .. }) = settings {
            let side = self.side as u32;
            if !square.is_none_or(|square| (1..=side).contains(&square)) || *stride == Some(0) {
                return Err(format!(
                    "the square's side must be 1 to {side} pixels, and its step at least 1"
                ));
            }
        }
        let Some(wanted) = subject.layer() else { return Ok(()) };
        let Some((_, maps, unsupported)) = self.layers.iter().find(|(name, ..)| name == wanted)
        else {
            let names: Vec<_> = self.layers.iter().map(|(name, ..)| name.as_str()).collect();
            let names = names.join(", ");
            return Err(format!("there is no layer {wanted}; the layers are {names}"));
        };
        if let Some(operation) = unsupported {
            return Err(format!("{wanted} cannot be computed: it is behind {operation}"));
        }
        map.map_or(Ok(()), |map| in_range("feature map", map, *maps))
    }
}

fn in_range(what: &str, index: u32, count: usize) -> Result<(), String> {
    if (index as usize) < count {
        return Ok(());
    }
    Err(format!("there is no {what} {index}: they count from 0 to {}", count.saturating_sub(1)))
}
