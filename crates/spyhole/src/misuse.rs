//! What is wrong with how a run is told of. Where nothing can be an error any more it is said once, as a fault, and the
//! training goes on.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use spyhole_graph::Graph;
use spyhole_protocol::{Event, Fault};
use spyhole_sink::{Entry, Hub};

use crate::output::Output;
use crate::probe_set::Probe;

/// The last epoch that can be recorded.
pub(crate) const LAST_EPOCH: u32 = u32::MAX - 1;

/// Checks the numbers that a training gives its epochs, and tells of each kind of mistake once.
#[derive(Debug)]
pub(crate) struct Numbering {
    hub: Hub,
    told: Mutex<HashSet<&'static str>>,
}

impl Numbering {
    pub(crate) fn new(hub: &Hub) -> Self {
        Self { hub: hub.clone(), told: Mutex::default() }
    }

    /// An epoch as it is recorded, or 0 for what was before the training.
    pub(crate) fn epoch(&self, epoch: usize) -> Option<u32> {
        let number = recorded(epoch);
        if number.is_none() {
            self.tell(
                "epoch numbers",
                format!(
                    "epoch {epoch} cannot be recorded, and what was given for it is left out: epochs are counted \
                     from 1, to {LAST_EPOCH} at most"
                ),
            );
        }
        number
    }

    /// An epoch that was trained.
    pub(crate) fn trained(&self, epoch: usize) -> Option<u32> {
        if epoch == 0 {
            self.tell(
                "epoch 0",
                "epoch 0 is the network before its training, which is recorded by itself, so what was observed as \
                 epoch 0 is left out. Count epochs from 1: `watch.observe(epoch + 1, &net)`, and the same for \
                 metrics"
                    .into(),
            );
            return None;
        }
        self.epoch(epoch)
    }

    /// The first and the last epoch of a training as they are recorded, and what to tell of them once it has begun.
    pub(crate) fn plan(&self, first: usize, last: Option<usize>) -> Plan {
        let mut wrong = None;
        if first == 0 {
            wrong = Some((
                "epoch 0",
                "the training was announced to begin at epoch 0, which is the network before its training. Count \
                 epochs from 1: `watch.epochs(1, Some(count))`"
                    .to_owned(),
            ));
        } else if let Some(last) = last.filter(|last| last.saturating_add(1) < first) {
            wrong = Some((
                "planned epochs",
                format!(
                    "the training was announced to go from epoch {first} to epoch {last}, which is before it; its \
                     end is taken to be unknown. `watch.epochs(first, last)` wants the numbers of both: \
                     `watch.epochs({first}, Some({}))` for {last} more",
                    first.saturating_add(last).saturating_sub(1)
                ),
            ));
        } else if let Some(epoch) =
            [Some(first), last].into_iter().flatten().find(|&epoch| recorded(epoch).is_none())
        {
            wrong = Some((
                "epoch numbers",
                format!(
                    "the training was announced with epoch {epoch}, which cannot be recorded: epochs are counted \
                     from 1, to {LAST_EPOCH} at most"
                ),
            ));
        }
        // The end of one that has nothing left to train lies right before its start.
        let end = last.and_then(recorded).filter(|&end| end as usize + 1 >= first);
        Plan { first: recorded(first.max(1)).unwrap_or(1), last: end, wrong }
    }

    /// Records a fault, unless one of that part was recorded before.
    pub(crate) fn tell(&self, part: &'static str, message: String) {
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(part) {
            self.hub.record(Entry::new(Event::Fault(fault(part, message))));
        }
    }
}

/// The epochs of a training.
pub(crate) struct Plan {
    pub(crate) first: u32,
    pub(crate) last: Option<u32>,
    /// What is wrong with the numbers, by part.
    pub(crate) wrong: Option<(&'static str, String)>,
}

fn recorded(epoch: usize) -> Option<u32> {
    u32::try_from(epoch).ok().filter(|&epoch| epoch <= LAST_EPOCH)
}

/// What is wrong with the program, whatever it trains. It is no reason not to train.
pub(crate) fn of_the_program() -> Vec<Fault> {
    panics_abort(cfg!(panic = "abort"))
        .map(|message| fault("panics", message))
        .into_iter()
        .collect()
}

/// What is wrong with the probe images' labels, as far as the network is concerned. It is no reason not to train.
pub(crate) fn of_the_labels(graph: &Graph, probe: &Probe) -> Option<Fault> {
    labels(graph, probe).map(|message| fault("labels", message))
}

fn fault(part: &str, message: String) -> Fault {
    tracing::warn!(part, message, "something is wrong with how the training is watched");
    Fault { part: part.into(), message, epoch: None }
}

/// Whether a panic ends the program, wherever it is.
fn panics_abort(abort: bool) -> Option<String> {
    abort.then(|| {
        "this program is compiled with `panic = \"abort\"`: a panic in an analysis then ends the training too. \
         Take `panic = \"abort\"` out of the profile in Cargo.toml (under `[profile.release]`, say) to keep them apart"
            .into()
    })
}

/// Labels or class names that the network has no output for, if its output is one number per class.
fn labels(graph: &Graph, probe: &Probe) -> Option<String> {
    if probe.output == Some(Output::Numbers) || !probe.output_names.is_empty() {
        return None;
    }
    let outputs = match *graph.output_shape()? {
        [outputs] if outputs > 1 => outputs,
        _ => return None,
    };
    let advice = "Check labels and class names; if the outputs are not classes, say so with `.output(Output::Numbers)` on \
                  the probe set";
    let label = probe.labels.iter().enumerate().find(|&(_, &label)| label >= outputs);
    if let Some((image, label)) = label {
        return Some(format!(
            "probe image {image} has label {label}, but the network has {outputs} outputs, for labels 0 to {}. {advice}",
            outputs - 1
        ));
    }
    let names = probe.class_names.len();
    (names > 0 && names != outputs).then(|| {
        format!("there are {names} class names, but the network has {outputs} outputs. {advice}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_aborts_is_told_what_to_change() {
        assert_eq!(panics_abort(false), None);
        let told = panics_abort(true).unwrap_or_default();
        assert!(told.contains("[profile.release]") && told.contains("ends the training"), "{told}");
    }
}
