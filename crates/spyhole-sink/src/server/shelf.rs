//! The runs that a server shows: the one that this process trains, or those of some directories.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use spyhole_protocol::{Branch, RunList, RunSummary, VERSION};

use super::run::Run;
use crate::store::{Digest, number_of, place_of, runs_in, stores_in};
use crate::{Control, Recording, RunLog, SinkError, lock};

/// Runs that are kept open though nobody looks at them. Opening one again takes some milliseconds.
const KEPT_OPEN: usize = 8;

/// The runs that a server shows.
pub struct Shelf {
    source: Source,
}

enum Source {
    /// The run that this process records, or one that was opened by somebody else.
    One(Box<One>),
    /// Whatever runs there are.
    Places { places: Vec<PathBuf>, found: Mutex<Found> },
}

struct One {
    recording: Recording,
    live: bool,
    control: Option<Arc<dyn Control>>,
    shown: Mutex<Shown>,
}

/// What is shown of a recording.
struct Shown {
    run: Arc<Run>,
    digest: Digest,
    /// The other runs in its directory.
    others: Found,
}

impl One {
    fn new(recording: Recording, live: bool, control: Option<Arc<dyn Control>>) -> Self {
        let run = Arc::new(Run::new(recording.log(), live, control.clone()));
        let (digest, others) = (Digest::default(), Found::default());
        Self { recording, live, control, shown: Mutex::new(Shown { run, digest, others }) }
    }

    /// What is recorded now.
    fn now(&self) -> MutexGuard<'_, Shown> {
        let mut shown = lock(&self.shown);
        if shown.run.log.is_over() {
            let run = Run::new(self.recording.log(), self.live, self.control.clone());
            (shown.run, shown.digest) = (Arc::new(run), Digest::default());
        }
        shown
    }
}

impl Shown {
    /// Looks for other runs in the directory of the one that is trained.
    fn look_beside(&mut self) -> Vec<RunSummary> {
        let others = self.run.log.beside();
        if others.is_empty() { Vec::new() } else { self.others.look(&others) }
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::One(one) => f.debug_tuple("Shelf").field(&one.recording).finish(),
            Source::Places { places, .. } => f.debug_tuple("Shelf").field(places).finish(),
        }
    }
}

/// A run that is read from its directory.
impl From<RunLog> for Shelf {
    fn from(log: RunLog) -> Self {
        Self { source: Source::One(Box::new(One::new(log.into(), false, None))) }
    }
}

/// Why there is nothing under a key.
pub(super) enum Missing {
    /// No run has that key.
    Unknown,
    /// The run cannot be read.
    Problem(SinkError),
}

impl Shelf {
    /// The run that this process trains, and who does what dashboards ask for; `None`: nobody, and they are told
    /// so. Earlier runs in the same directory are shown beside it.
    pub fn training(run: impl Into<Recording>, control: Option<Arc<dyn Control>>) -> Self {
        Self { source: Source::One(Box::new(One::new(run.into(), true, control))) }
    }

    /// Runs in these places, of which each is a run directory, a run store or a directory of run directories. They are
    /// looked at anew whenever somebody asks for the list: new runs appear, deleted ones vanish.
    ///
    /// # Errors
    /// When a place does not exist, or holds something else than runs. A directory that is empty, or has only
    /// directories in it, will do: the first run may be about to begin.
    pub fn places(places: impl IntoIterator<Item = PathBuf>) -> Result<Self, SinkError> {
        let places: Vec<_> = places.into_iter().collect();
        for place in &places {
            let has_runs = !stores_at(place).is_empty() || !runs_in(place).is_empty();
            if !has_runs && !is_waiting(place) {
                // Says what is wrong; and if a run has begun in this moment, all is well.
                RunLog::open(place)?;
            }
        }
        // One run alone that cannot be read is a mistake, not a list.
        if let [place] = &places[..]
            && let [store] = &stores_at(place)[..]
        {
            RunLog::open(store)?;
        }
        Ok(Self { source: Source::Places { places, found: Mutex::default() } })
    }

    /// The list of runs as it is now: each with the parts that it has left behind it.
    pub fn list(&self) -> RunList {
        let runs = match &self.source {
            Source::One(one) => {
                let mut shown = one.now();
                let Shown { run, digest, .. } = &mut *shown;
                let summary = digest.renew(&run.log).and_then(|()| digest.summary(&run.log));
                let summary = match summary {
                    Ok(summary) => RunSummary { live: run.live, ..summary },
                    Err(error) => problem(run.log.run_id().into(), &run.log.place(), &error),
                };
                let mut runs = vec![RunSummary { key: run.key(), ..summary }];
                let left = branches(&runs[0], &run.log);
                runs.extend(left);
                if run.live {
                    runs.extend(shown.look_beside());
                }
                runs
            }
            Source::Places { places, found } => {
                let stores: Vec<_> = places.iter().flat_map(|place| stores_near(place)).collect();
                lock(found).look(&stores)
            }
        };
        RunList { version: VERSION, runs }
    }

    /// The run under a key, or a part that it has left.
    pub(super) fn find(&self, key: &str) -> Result<Arc<Run>, Missing> {
        let Some((of, number)) = key.rsplit_once(BRANCH) else { return self.find_run(key) };
        let run = self.find_run(of)?;
        let number = number.parse().map_err(|_| Missing::Unknown)?;
        let branch = run.log.branch(number).map_err(Missing::Problem)?.ok_or(Missing::Unknown)?;
        Ok(Arc::new(Run::new(branch, false, None)))
    }

    fn find_run(&self, key: &str) -> Result<Arc<Run>, Missing> {
        match &self.source {
            Source::One(one) => {
                let mut shown = one.now();
                if shown.run.key() == key {
                    return Ok(shown.run.clone());
                }
                if !shown.run.live {
                    return Err(Missing::Unknown);
                }
                shown.look_beside();
                shown.others.find(key)
            }
            Source::Places { places, found } => {
                let mut found = lock(found);
                if !found.has(key) {
                    let stores: Vec<_> = places.iter().flat_map(|it| stores_near(it)).collect();
                    found.look(&stores);
                }
                found.find(key)
            }
        }
    }
}

/// Between the key of a run and the number of a part that it has left.
const BRANCH: char = '~';

/// What a run has left, as runs in a list.
fn branches(run: &RunSummary, log: &RunLog) -> Vec<RunSummary> {
    let left = log.branches().unwrap_or_default();
    let summary = |branch: Branch| {
        let summary = log.branch(branch.number).ok()??.summary().ok()?;
        let key = format!("{}{BRANCH}{}", run.key, branch.number);
        Some(RunSummary { key, branch: Some(branch), ..summary })
    };
    left.into_iter().filter_map(summary).collect()
}

/// The stores of a run directory, or the one that is named itself.
fn stores_at(place: &Path) -> Vec<PathBuf> {
    match number_of(place) {
        Some(_) if place.is_file() => vec![place.to_owned()],
        _ => stores_in(place),
    }
}

/// The stores at a place, or those in the directories there.
fn stores_near(place: &Path) -> Vec<PathBuf> {
    let here = stores_at(place);
    if !here.is_empty() {
        return here;
    }
    runs_in(place).iter().flat_map(|dir| stores_in(dir)).collect()
}

/// Whether a directory has nothing in it yet but directories.
fn is_waiting(place: &Path) -> bool {
    let entries = std::fs::read_dir(place);
    entries.is_ok_and(|mut entries| {
        entries.all(|entry| {
            let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
            entry.is_ok_and(|it| it.path().is_dir() || hidden(&it.file_name()))
        })
    })
}

/// The runs that were there at the last look.
#[derive(Default)]
struct Found {
    slots: Vec<Slot>,
    /// Open ones, the last used at the end.
    open: VecDeque<Arc<Run>>,
}

struct Slot {
    /// The store.
    file: PathBuf,
    key: String,
    /// Of what the store says that it is; `None` if it does not.
    run_id: Option<String>,
    /// When the summary was made; `None` if it could not be.
    stamp: Option<Stamp>,
    digest: Digest,
    summary: RunSummary,
    /// What the run has left.
    branches: Vec<RunSummary>,
    run: Weak<Run>,
}

/// What changes when somebody writes to a store: time and size of its files.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp([Option<(SystemTime, u64)>; 2]);

impl Stamp {
    fn of(file: &Path) -> Self {
        let log = file.with_extension("sqlite-wal");
        Self([file.to_owned(), log].map(|file| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        }))
    }
}

impl Found {
    fn has(&self, key: &str) -> bool {
        self.slots.iter().any(|slot| slot.key == key)
    }

    /// The run under a key, of those that were there at the last look.
    fn find(&mut self, key: &str) -> Result<Arc<Run>, Missing> {
        let slot = self.slots.iter().position(|slot| slot.key == key);
        self.open(slot.ok_or(Missing::Unknown)?).map_err(Missing::Problem)
    }

    /// Looks at these stores, and at what is new in each.
    fn look(&mut self, stores: &[PathBuf]) -> Vec<RunSummary> {
        let mut seen = BTreeSet::new();
        // The same file by another name is no other run.
        let mut anew =
            |file: &&PathBuf| seen.insert(file.canonicalize().unwrap_or((*file).clone()));
        let files: Vec<_> = stores.iter().filter(|file| anew(file)).cloned().collect();
        let mut before: HashMap<_, _> =
            self.slots.drain(..).map(|slot| (slot.file.clone(), slot)).collect();
        // Who has a key keeps it.
        let known = files.iter().filter_map(|file| before.remove(file)).collect::<Vec<_>>();
        let is_known = |file: &PathBuf| known.iter().any(|slot| slot.file == *file);
        let new: Vec<_> = files.iter().filter(|file| !is_known(file)).cloned().collect();
        self.slots = known;
        for place in 0..self.slots.len() {
            self.renew(place);
        }
        for file in new {
            self.slots.push(Slot::new(file));
            self.renew(self.slots.len() - 1);
        }
        for slot in &mut self.slots {
            // A further run in the directory gives this one another name.
            slot.summary.directory = place_of(&slot.file).display().to_string();
        }
        self.slots.retain(|slot| slot.run_id.is_some() || slot.summary.problem.is_some());
        let mut slots: Vec<_> = self.slots.iter().collect();
        slots.sort_by_key(|Slot { summary: run, .. }| {
            // One that has not started yet is at its beginning.
            let time = run.started_ms.or(run.status.as_ref().map(|status| status.alive_ms));
            (run.problem.is_some(), std::cmp::Reverse(time), run.directory.clone())
        });
        let with_left = |slot: &Slot| {
            std::iter::once(slot.summary.clone()).chain(slot.branches.clone()).collect::<Vec<_>>()
        };
        slots.into_iter().flat_map(with_left).collect()
    }

    /// Brings a summary up to date.
    fn renew(&mut self, place: usize) {
        let stamp = Stamp::of(&self.slots[place].file);
        if self.slots[place].stamp == Some(stamp) {
            return;
        }
        let renewed = self.open(place).and_then(|run| {
            let slot = &mut self.slots[place];
            slot.digest.renew(&run.log)?;
            let summary = slot.digest.summary(&run.log)?;
            let summary = RunSummary { key: slot.key.clone(), ..summary };
            slot.branches = branches(&summary, &run.log);
            Ok(summary)
        });
        let slot = &mut self.slots[place];
        match renewed {
            // What was written since the stamp was taken is for the next look.
            Ok(summary) => {
                slot.stamp = Some(stamp);
                slot.summary = summary;
            }
            // A store that is still empty is no run yet.
            Err(SinkError::NoRun { .. }) => {
                slot.run_id = None;
                slot.summary = empty(slot.key.clone(), &slot.file);
            }
            Err(error) => {
                slot.stamp = None;
                slot.summary = problem(slot.key.clone(), &slot.file, &error);
            }
        }
    }

    /// An open run; it is opened if it is not.
    fn open(&mut self, place: usize) -> Result<Arc<Run>, SinkError> {
        let run = match self.slots[place].run.upgrade() {
            Some(run) if run.log.head().is_ok() => run,
            _ => self.open_anew(place)?,
        };
        self.open.retain(|kept| !Arc::ptr_eq(kept, &run));
        self.open.push_back(run.clone());
        if self.open.len() > KEPT_OPEN {
            self.open.pop_front();
        }
        Ok(run)
    }

    fn open_anew(&mut self, place: usize) -> Result<Arc<Run>, SinkError> {
        let run = Arc::new(Run::new(RunLog::open(&self.slots[place].file)?, false, None));
        let run_id = run.log.run_id();
        if self.slots[place].run_id.as_deref() != Some(run_id) {
            // It is another run than before, if there was one.
            let plain = run.key();
            let taken = self.slots.iter().any(|slot| slot.key == plain);
            let file = self.slots[place].file.clone();
            let key = if taken { format!("{plain}-{}", name_of(&file)) } else { plain };
            let slot = &mut self.slots[place];
            (slot.key, slot.run_id) = (key, Some(run_id.to_owned()));
            slot.digest = Digest::default();
        }
        self.slots[place].run = Arc::downgrade(&run);
        Ok(run)
    }
}

impl Slot {
    fn new(file: PathBuf) -> Self {
        let key = format!("at-{}", name_of(&file));
        let summary = empty(key.clone(), &file);
        Self {
            file,
            key,
            run_id: None,
            stamp: None,
            digest: Digest::default(),
            summary,
            branches: Vec::new(),
            run: Weak::new(),
        }
    }
}

/// A short name for a store.
fn name_of(file: &Path) -> String {
    crate::hex(&Sha256::digest(file.as_os_str().as_encoded_bytes())[..4])
}

/// Of a run that cannot be read.
fn problem(key: String, place: &Path, error: &SinkError) -> RunSummary {
    RunSummary { problem: Some(error.to_string()), ..empty(key, place) }
}

/// Of a run in a directory or a store.
fn empty(key: String, place: &Path) -> RunSummary {
    let place = place_of(place);
    RunSummary {
        key,
        name: place.file_name().unwrap_or(place.as_os_str()).to_string_lossy().into_owned(),
        directory: place.display().to_string(),
        problem: None,
        started_ms: None,
        status: None,
        worst_alert: None,
        active_alerts: 0,
        live: false,
        branches: vec![],
        branch: None,
    }
}
