//! Where a training begins: in a run of its own, or in an earlier one that it continues. It is known only when the
//! first epoch is, after the run directory was opened.

use std::path::PathBuf;
use std::time::Duration;

use spyhole_protocol::{Event, Fault, RunStarted};
use spyhole_sink::{Earlier, Entry, Hub, RunLog, SinkError};

use crate::kept;

/// How long the beginning waits for a store to be made.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a training begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    /// The first epoch that is trained, counted from 1.
    pub(crate) first: u32,
    /// Whether it continues a run that had the same probe images.
    pub(crate) same_probe: bool,
}

impl Beginning {
    /// Whether there is anything to remember.
    pub(crate) fn continues(self) -> bool {
        self.first > 1
    }
}

/// Goes to the run that a start belongs to, and completes the event: a training that begins at epoch 1, one of another
/// network, and an inspection are runs of their own; one that is continued goes on in the newest run that got as far.
pub(crate) fn find_run(hub: &Hub, event: &mut RunStarted) -> Beginning {
    if let Err(error) = find(hub, event) {
        // What it leaves in the run that is recorded then is told apart all the same.
        let message = format!(
            "{error}. This training could not be given a run of its own; the earlier one goes on, and what was recorded \
             from epoch {} on is left",
            event.first_epoch
        );
        tracing::warn!("{message}");
        let fault = Fault { part: "run store".into(), message, epoch: None };
        hub.record(Entry::new(Event::Fault(fault)));
    }
    event.run_id = hub.run_id();
    let image = event.probe.atlas.image.0.as_bytes();
    let kept = hub.log().kept(kept::PROBE).ok().flatten();
    let same_probe = kept.as_ref().is_some_and(|kept| **kept == *image);
    let beginning = Beginning { first: event.first_epoch, same_probe };
    if beginning.continues() && kept.is_some() && !same_probe {
        // Also where they are the same and an earlier version has drawn them otherwise: no fault.
        let note = format!(
            "The pictures of the probe images are others than before: how layers change and which have settled is told \
             anew from epoch {} on.",
            beginning.first
        );
        tracing::warn!("{note}");
        event.other_images = Some(note);
    }
    beginning
}

fn find(hub: &Hub, event: &mut RunStarted) -> Result<(), SinkError> {
    let log = hub.log();
    let Some(earlier) = log.earlier()? else { return Ok(()) };
    let first = event.first_epoch;
    let continues = first > 1 && !event.inspection;
    if continues
        && !(is_of(event, &earlier) && reaches(&earlier, first))
        && let Some(store) = other(&log, event)?
    {
        hub.continue_in(store, PATIENCE)?;
        let place = hub.log().store().display().to_string();
        tracing::info!(
            "the run in {place} is continued: the newest of the directory that has epoch {}",
            first - 1
        );
        return Ok(());
    }
    // Nothing was trained yet that would have to be told apart.
    let nothing_yet = earlier.newest_epoch == 0 && !event.inspection && !earlier.started.inspection;
    if nothing_yet || continues && is_of(event, &earlier) {
        return Ok(());
    }
    let why = if event.inspection {
        "is an inspection"
    } else if earlier.started.inspection {
        "is a training"
    } else if !same_network(event, &earlier.started) {
        "is of another network"
    } else {
        "begins at epoch 1"
    };
    let (dir, before) = (log.run_dir().to_owned(), name_of(&log));
    hub.begin_beside(PATIENCE)?;
    let log = hub.log();
    let holds = match (earlier.started.inspection, earlier.newest_epoch) {
        (true, _) => "an inspection".to_owned(),
        (false, 1) => "an earlier run, of 1 epoch,".to_owned(),
        (false, epochs) => format!("an earlier run, of {epochs} epochs,"),
    };
    let note = format!(
        "{} holds {holds} in {before}. This one {why}: it is a run of its own, in {}.",
        dir.display(),
        name_of(&log)
    );
    let advice = if first > 1 || event.inspection {
        ""
    } else {
        " To continue a run, begin above epoch 1: with `.checkpoint(EPOCH)` of burn-train, or `watch.epochs(EPOCH + 1, …)`"
    };
    tracing::warn!("{note}{advice}");
    event.beside = Some(note);
    if Some(event.name.as_str()) == dir.file_name().and_then(|name| name.to_str())
        && let Some(number) = number_of(&log)
    {
        // Named after the directory, as the earlier one is.
        event.name = format!("{}-{number}", event.name);
    }
    Ok(())
}

/// The newest of the directory's other runs that a start can continue.
fn other(log: &RunLog, event: &RunStarted) -> Result<Option<PathBuf>, SinkError> {
    let mut stores = log.beside();
    stores.reverse();
    for store in stores {
        // One that cannot be read is in nobody's way.
        let Ok(Some(earlier)) = RunLog::open(&store).and_then(|log| log.earlier()) else {
            continue;
        };
        if is_of(event, &earlier) && reaches(&earlier, event.first_epoch) {
            return Ok(Some(store));
        }
    }
    Ok(None)
}

/// Whether a start is of the same kind and network as an earlier run.
fn is_of(event: &RunStarted, earlier: &Earlier) -> bool {
    event.inspection == earlier.started.inspection && same_network(event, &earlier.started)
}

/// Whether a run has the epoch before one.
fn reaches(earlier: &Earlier, first: u32) -> bool {
    earlier.newest_epoch.saturating_add(1) >= first
}

/// Whether two starts are of one network: what a checkpoint of one could be loaded into the other. The images may have
/// another size. Versions of spyhole need not see the same layers.
fn same_network(a: &RunStarted, b: &RunStarted) -> bool {
    let layers = |started: &RunStarted| -> Vec<(String, u32)> {
        started.layers.iter().map(|layer| (layer.name.clone(), layer.shape[0])).collect()
    };
    a.parameters == b.parameters
        && (a.spyhole_version != b.spyhole_version || layers(a) == layers(b))
}

fn name_of(log: &RunLog) -> String {
    log.store().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Which of the directory's runs it is, as its store is named: `run-2.sqlite`.
fn number_of(log: &RunLog) -> Option<u32> {
    name_of(log).strip_prefix("run-")?.strip_suffix(".sqlite")?.parse().ok()
}
