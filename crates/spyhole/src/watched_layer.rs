//! A layer with all that is remembered of it between snapshots.

use burn::tensor::Tensor;
use spyhole_graph::{Graph, Layer};
use spyhole_probe::{EvolutionWatch, FilterWatch, Request, input_correlation, spread};
use spyhole_sink::{RunLog, SinkError};

use crate::error::SpyholeError;
use crate::frozen::Frozen;
use crate::kept;

#[derive(Debug)]
pub(crate) struct WatchedLayer {
    pub(crate) layer: Layer,
    /// Its maps that are followed through all epochs.
    pub(crate) followed: Vec<usize>,
    /// Whether gradients change its weights; for a sum of branches, any in the branches.
    pub(crate) trained: bool,
    /// The earlier layer that computes with the same weights, whose filters are read.
    pub(crate) shares_weights_with: Option<String>,
    pub(crate) filters: FilterWatch,
    pub(crate) evolution: EvolutionWatch,
}

/// A layer, for the studies.
#[derive(Clone, Debug)]
pub(crate) struct StudiedLayer {
    pub(crate) layer: Layer,
    pub(crate) followed: Vec<usize>,
}

impl WatchedLayer {
    pub(crate) fn studied(&self) -> StudiedLayer {
        StudiedLayer { layer: self.layer.clone(), followed: self.followed.clone() }
    }

    /// Whether it can be computed.
    pub(crate) fn is_supported(&self) -> bool {
        self.layer.unsupported().is_none()
    }

    /// Goes on from what an earlier start of the run has kept, if it had the same probe images; of this epoch and later
    /// ones nothing is known. False if some of it could not be read.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn remember(
        &mut self,
        log: &RunLog,
        epoch: u32,
        same_probe: bool,
    ) -> Result<bool, SinkError> {
        let start = log.kept(&kept::start_of_filters(&self.layer))?;
        let had_start = start.is_some();
        if let Some(start) = start {
            self.filters = self.filters.clone().starting_from(kept::numbers(&start));
        }
        if same_probe {
            let layer = &self.layer;
            self.evolution = EvolutionWatch::from_kept(&|key| {
                // What cannot be read is missing: the history is shorter then, and nothing else.
                let body = log.kept(&kept::evolution(layer, key)).ok().flatten()?;
                Some(body.to_vec())
            });
            self.evolution.go_back(epoch);
        }
        Ok(!(had_start && self.filters.start().is_none() || self.evolution.is_damaged()))
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request { layer: &self.layer, followed: &self.followed }
    }
}

/// The layers of a graph, of which nothing was seen yet.
///
/// # Errors
/// When there is nothing to watch.
pub(crate) fn watched_layers(
    graph: &Graph,
    followed: usize,
    images: &Tensor<4>,
    frozen: &Frozen,
) -> Result<Vec<WatchedLayer>, SpyholeError> {
    if graph.layers().is_empty() {
        return Err(SpyholeError::NoConvolutions);
    }
    if graph.layers().iter().all(|layer| layer.unsupported().is_some()) {
        return Err(SpyholeError::NothingSupported(reasons(graph)));
    }
    let correlation = input_correlation(images)?;
    let watched = graph.layers().iter().map(|layer| {
        let supported = layer.unsupported().is_none();
        let trained = !frozen.holds(layer);
        let shares_weights_with = first_use(graph, layer);
        let filters = match shares_weights_with {
            Some(_) => FilterWatch::none(),
            None => FilterWatch::new(layer, trained, correlation),
        };
        WatchedLayer {
            layer: layer.clone(),
            followed: if supported { spread(layer.shape()[0], followed) } else { vec![] },
            trained,
            shares_weights_with,
            filters,
            evolution: EvolutionWatch::new(),
        }
    });
    Ok(watched.collect())
}

/// The earlier layer that computes with the same weights, if there is one.
fn first_use(graph: &Graph, layer: &Layer) -> Option<String> {
    let mut before = graph.layers().iter().take_while(|other| other.name() != layer.name());
    Some(before.find(|other| layer.shares_filters_with(other))?.name().to_owned())
}

/// What stands in the way of which layers, each once, and what can be done about it.
fn reasons(graph: &Graph) -> String {
    let mut behind: Vec<(&str, Vec<&str>)> = vec![];
    for layer in graph.layers() {
        let cause = layer.unsupported().unwrap_or("nothing");
        match behind.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, layers)) => layers.push(layer.name()),
            None => behind.push((cause, vec![layer.name()])),
        }
    }
    let words = behind.iter().map(|(cause, layers)| {
        let verb = if layers.len() == 1 { "is" } else { "are" };
        format!("{} {verb} behind {cause}", layers.join(", "))
    });
    let words = words.collect::<Vec<_>>().join("; ");
    let advice = if words.contains(spyhole_graph::DEPENDS_ON_BATCH) {
        "One recording serves any number of images: repeat a tensor for them with `expand` instead of `repeat_dim`, \
         compute nothing from how many there are, and let no image depend on the others"
    } else if words.contains(spyhole_graph::CHANGES_BETWEEN_CALLS) {
        "Leave out of the function that you pass what is drawn at random, and what only the training needs"
    } else {
        "Nothing behind an operation that spyhole does not know can be watched: leave it out of the function that you \
         pass if the model works without it, or watch the part of the model before it"
    };
    format!("{words}. {advice}")
}
