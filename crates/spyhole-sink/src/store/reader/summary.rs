//! A run in a few words, for lists of runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use spyhole_protocol::{AlertState, Branch, Event, Record, RunSummary, Severity};

use super::RunLog;
use crate::SinkError;
use crate::store::stores_in;

/// The kinds of records that a summary is made of.
const KINDS: [&str; 3] = ["alert", "run_started", "silence"];

/// Rule and layer of an alert.
type Subject = (String, Option<String>);

/// What a summary says about the records up to a certain one, so that only newer ones need a look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digest {
    upto: u64,
    /// What the run had left then.
    branches: Vec<Branch>,
    name: Option<String>,
    started_ms: Option<u64>,
    /// How bad the active ones are.
    alerts: BTreeMap<Subject, Severity>,
    silenced: BTreeSet<Subject>,
}

impl Digest {
    /// Looks at what is new.
    pub(crate) fn renew(&mut self, log: &RunLog) -> Result<(), SinkError> {
        let head = log.head()?;
        if head > self.upto {
            let branches = log.branches()?;
            if branches != self.branches {
                // Of what was looked at, part no longer counts.
                *self = Self { branches, ..Self::default() };
            }
            log.each_record_of_kinds(&KINDS, self.upto, |record| self.note(record))?;
            self.upto = self.upto.max(head);
        }
        Ok(())
    }

    fn note(&mut self, record: &Record) {
        // A record may come in while we read: it is not to be counted again.
        self.upto = self.upto.max(record.seq);
        match &record.event {
            Event::RunStarted(started) => {
                self.name = Some(started.name.clone());
                self.started_ms.get_or_insert(record.time_ms);
            }
            Event::Alert(alert) => {
                let subject = (alert.rule.clone(), alert.layer.clone());
                if alert.state == AlertState::Resolved {
                    self.alerts.remove(&subject);
                } else {
                    self.alerts.insert(subject, alert.severity);
                }
            }
            Event::Silence(silence) => {
                let subject = (silence.rule.clone(), silence.layer.clone());
                if silence.silenced {
                    self.silenced.insert(subject);
                } else {
                    self.silenced.remove(&subject);
                }
            }
            _ => {}
        }
    }

    /// The summary of the log that was looked at.
    pub(crate) fn summary(&self, log: &RunLog) -> Result<RunSummary, SinkError> {
        let (dir, place) = (log.run_dir(), log.place());
        let of_dir = || dir.file_name().unwrap_or(dir.as_os_str()).to_string_lossy().into_owned();
        let heard: Vec<_> = self
            .alerts
            .iter()
            .filter(|(subject, _)| !self.silenced.contains(subject))
            .map(|(_, severity)| *severity)
            .collect();
        Ok(RunSummary {
            key: log.run_id().to_owned(),
            name: self.name.clone().unwrap_or_else(of_dir),
            directory: place.display().to_string(),
            problem: None,
            started_ms: self.started_ms,
            status: log.status()?,
            worst_alert: heard.iter().copied().max(),
            active_alerts: u32::try_from(heard.len()).unwrap_or(u32::MAX),
            live: false,
            branches: self.branches.clone(),
            branch: log.left(),
        })
    }
}

/// What stands for the run in a store.
pub(crate) fn place_of(store: &Path) -> PathBuf {
    let here = Path::new(".");
    let dir = store.parent().map(|dir| if dir.as_os_str().is_empty() { here } else { dir });
    dir.filter(|dir| stores_in(dir).len() < 2).unwrap_or(store).to_owned()
}

impl RunLog {
    /// What stands for the run in commands: its directory or, if that has other runs as well, its store.
    pub fn place(&self) -> PathBuf {
        place_of(self.store())
    }

    /// The stores of the other runs in its directory, in the order in which they were begun.
    pub fn beside(&self) -> Vec<PathBuf> {
        let mut stores = stores_in(self.run_dir());
        stores.retain(|file| file.file_name() != self.store().file_name());
        stores
    }

    /// The run in a few words, as lists of runs show it. `key` is its id, and `live` is not set.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn summary(&self) -> Result<RunSummary, SinkError> {
        let mut digest = Digest::default();
        digest.renew(self)?;
        digest.summary(self)
    }
}
