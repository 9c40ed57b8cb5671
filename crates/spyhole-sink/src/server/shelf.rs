//! The runs that a server shows: the one that this process trains, or those of some directories.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use spyhole_protocol::{RunList, RunSummary, VERSION};

use super::run::Run;
use crate::store::{Digest, STORE_FILE, runs_in};
use crate::{Control, RunLog, SinkError, lock};

/// Runs that are kept open though nobody looks at them. Opening one again takes some milliseconds.
const KEPT_OPEN: usize = 8;

/// The runs that a server shows.
pub struct Shelf {
    source: Source,
}

enum Source {
    /// One run that was opened by somebody else.
    One { run: Arc<Run>, digest: Mutex<Digest> },
    /// Whatever runs there are.
    Places { places: Vec<PathBuf>, found: Mutex<Found> },
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::One { run, .. } => f.debug_tuple("Shelf").field(&run.log.run_dir()).finish(),
            Source::Places { places, .. } => f.debug_tuple("Shelf").field(places).finish(),
        }
    }
}

/// A run that is read from its directory.
impl From<RunLog> for Shelf {
    fn from(log: RunLog) -> Self {
        Self::one(Run::new(log, false, None))
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
    /// so.
    pub fn training(log: RunLog, control: Option<Arc<dyn Control>>) -> Self {
        Self::one(Run::new(log, true, control))
    }

    /// Runs in these places, of which each is a run directory or a directory of run directories. They are looked at
    /// anew whenever somebody asks for the list: new runs appear, deleted ones vanish.
    ///
    /// # Errors
    /// When a place does not exist, or holds something else than runs. A directory that is empty, or has only
    /// directories in it, will do: the first run may be about to begin.
    pub fn places(places: impl IntoIterator<Item = PathBuf>) -> Result<Self, SinkError> {
        let places: Vec<_> = places.into_iter().collect();
        for place in &places {
            let has_runs = place.join(STORE_FILE).is_file() || !runs_in(place).is_empty();
            if !has_runs && !is_waiting(place) {
                // Says what is wrong; and if a run has begun in this moment, all is well.
                RunLog::open(place)?;
            }
        }
        // One run alone that cannot be read is a mistake, not a list.
        if let [place] = &places[..]
            && place.join(STORE_FILE).is_file()
        {
            RunLog::open(place)?;
        }
        Ok(Self { source: Source::Places { places, found: Mutex::default() } })
    }

    fn one(run: Run) -> Self {
        Self { source: Source::One { run: Arc::new(run), digest: Mutex::default() } }
    }

    /// The list of runs as it is now.
    pub fn list(&self) -> RunList {
        let runs = match &self.source {
            Source::One { run, digest } => {
                let mut digest = lock(digest);
                let summary = digest.renew(&run.log).and_then(|()| digest.summary(&run.log));
                let summary = match summary {
                    Ok(summary) => RunSummary { live: run.live, ..summary },
                    Err(error) => problem(run.log.run_id().into(), run.log.run_dir(), &error),
                };
                vec![RunSummary { key: run.key(), ..summary }]
            }
            Source::Places { places, found } => lock(found).look(places),
        };
        RunList { version: VERSION, runs }
    }

    /// The run under a key.
    pub(super) fn find(&self, key: &str) -> Result<Arc<Run>, Missing> {
        match &self.source {
            Source::One { run, .. } if run.key() == key => Ok(run.clone()),
            Source::One { .. } => Err(Missing::Unknown),
            Source::Places { places, found } => {
                let mut found = lock(found);
                if !found.slots.iter().any(|slot| slot.key == key) {
                    found.look(places);
                }
                let slot = found.slots.iter().position(|slot| slot.key == key);
                found.open(slot.ok_or(Missing::Unknown)?).map_err(Missing::Problem)
            }
        }
    }
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
    dir: PathBuf,
    key: String,
    /// Of what the store says that it is; `None` if it does not.
    run_id: Option<String>,
    /// When the summary was made; `None` if it could not be.
    stamp: Option<Stamp>,
    digest: Digest,
    summary: RunSummary,
    run: Weak<Run>,
}

/// What changes when somebody writes to a store: time and size of its files.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp([Option<(SystemTime, u64)>; 2]);

impl Stamp {
    fn of(dir: &Path) -> Self {
        let file = dir.join(STORE_FILE);
        let log = file.with_extension("sqlite-wal");
        Self([file, log].map(|file| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        }))
    }
}

impl Found {
    /// Looks at all places, and at what is new in each run.
    fn look(&mut self, places: &[PathBuf]) -> Vec<RunSummary> {
        let mut dirs = Vec::new();
        let mut seen = BTreeSet::new();
        for place in places {
            let runs = match place.join(STORE_FILE).exists() {
                true => vec![place.clone()],
                false => runs_in(place),
            };
            // The same directory by another name is no other run.
            let anew = |dir: &PathBuf| seen.insert(dir.canonicalize().unwrap_or(dir.clone()));
            dirs.extend(runs.into_iter().filter(anew));
        }
        let mut before: HashMap<_, _> =
            self.slots.drain(..).map(|slot| (slot.dir.clone(), slot)).collect();
        // Who has a key keeps it.
        let known = dirs.iter().filter_map(|dir| before.remove(dir)).collect::<Vec<_>>();
        let is_known = |dir: &PathBuf| known.iter().any(|slot| slot.dir == *dir);
        let new: Vec<_> = dirs.iter().filter(|dir| !is_known(dir)).cloned().collect();
        self.slots = known;
        for place in 0..self.slots.len() {
            self.renew(place);
        }
        for dir in new {
            self.slots.push(Slot::new(dir));
            self.renew(self.slots.len() - 1);
        }
        self.slots.retain(|slot| slot.run_id.is_some() || slot.summary.problem.is_some());
        let mut runs: Vec<_> = self.slots.iter().map(|slot| slot.summary.clone()).collect();
        runs.sort_by_key(|run| {
            // One that has not started yet is at its beginning.
            let time = run.started_ms.or(run.status.as_ref().map(|status| status.alive_ms));
            (run.problem.is_some(), std::cmp::Reverse(time), run.directory.clone())
        });
        runs
    }

    /// Brings a summary up to date.
    fn renew(&mut self, place: usize) {
        let stamp = Stamp::of(&self.slots[place].dir);
        if self.slots[place].stamp == Some(stamp) {
            return;
        }
        let renewed = self.open(place).and_then(|run| {
            let slot = &mut self.slots[place];
            slot.digest.renew(&run.log)?;
            slot.digest.summary(&run.log)
        });
        let slot = &mut self.slots[place];
        match renewed {
            // What was written since the stamp was taken is for the next look.
            Ok(summary) => {
                slot.stamp = Some(stamp);
                slot.summary = RunSummary { key: slot.key.clone(), ..summary };
            }
            // A store that is still empty is no run yet.
            Err(SinkError::NoRun { .. }) => {
                slot.run_id = None;
                slot.summary = empty(slot.key.clone(), &slot.dir);
            }
            Err(error) => {
                slot.stamp = None;
                slot.summary = problem(slot.key.clone(), &slot.dir, &error);
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
        let run = Arc::new(Run::new(RunLog::open(&self.slots[place].dir)?, false, None));
        let run_id = run.log.run_id();
        if self.slots[place].run_id.as_deref() != Some(run_id) {
            // It is another run than before, if there was one.
            let plain = run.key();
            let taken = self.slots.iter().any(|slot| slot.key == plain);
            let dir = self.slots[place].dir.clone();
            let key = if taken { format!("{plain}-{}", name_of(&dir)) } else { plain };
            let slot = &mut self.slots[place];
            (slot.key, slot.run_id) = (key, Some(run_id.to_owned()));
            slot.digest = Digest::default();
        }
        self.slots[place].run = Arc::downgrade(&run);
        Ok(run)
    }
}

impl Slot {
    fn new(dir: PathBuf) -> Self {
        let key = format!("at-{}", name_of(&dir));
        let summary = empty(key.clone(), &dir);
        Self {
            dir,
            key,
            run_id: None,
            stamp: None,
            digest: Digest::default(),
            summary,
            run: Weak::new(),
        }
    }
}

/// A short name for a directory.
fn name_of(dir: &Path) -> String {
    crate::hex(&Sha256::digest(dir.as_os_str().as_encoded_bytes())[..4])
}

/// Of a run that cannot be read.
fn problem(key: String, dir: &Path, error: &SinkError) -> RunSummary {
    RunSummary { problem: Some(error.to_string()), ..empty(key, dir) }
}

fn empty(key: String, dir: &Path) -> RunSummary {
    RunSummary {
        key,
        name: dir.file_name().unwrap_or(dir.as_os_str()).to_string_lossy().into_owned(),
        directory: dir.display().to_string(),
        problem: None,
        started_ms: None,
        status: None,
        worst_alert: None,
        active_alerts: 0,
        live: false,
    }
}
