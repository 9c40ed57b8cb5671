//! The list of studies: one file each. A study computes with `spyhole-probe` and says the result in words of the
//! protocol.

mod activations;
mod directions;
mod embedding;
mod occlusion;
mod synthesis;
mod units;

use std::collections::HashMap;
use std::ops::ControlFlow;

use burn::tensor::Tensor;
use spyhole_graph::Weights;
use spyhole_probe::{ActivityReader, LayerActivity, LayerState, LayerTops, Pass};
use spyhole_protocol::{Document, Event, OcclusionSettings, OutputMeaning, StudySubject};
use spyhole_sink::{Picture, RunLog};

use super::{Model, Setting};
use crate::error::SpyholeError;
use crate::events::layer_state;
use crate::failure::{Failure, caught};
use crate::probe_set::Probe;
use crate::watched_layer::StudiedLayer;

/// What a study is made of.
pub(super) struct Sitting<'a> {
    pub(super) setting: &'a Setting,
    pub(super) weights: &'a Weights,
    /// The probe images, where the weights are.
    pub(super) images: &'a Tensor<4>,
    /// What is known of the weights, or will be once somebody asks.
    pub(super) model: &'a Model,
    pub(super) epoch: u32,
    /// Told how much is done of how much; says whether to go on.
    pub(super) progress: &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>,
}

impl<'a> Sitting<'a> {
    /// The probe images' way through the network.
    fn pass(&self) -> Result<Pass<'a>, Failure> {
        let Setting { graph, limits, .. } = self.setting;
        Ok(Pass::new(graph, self.weights, self.images, limits.pass)?)
    }

    /// That a layer tells the images apart; otherwise why not.
    fn varies(&self, name: &str) -> Result<(), Failure> {
        match self.activity().get(name).and_then(|activity| activity.state) {
            Some(state @ (LayerState::Constant | LayerState::Dead | LayerState::NotFinite)) => {
                let state = layer_state(state);
                let (word, meaning) = (state.name(), state.meaning());
                Err(Failure::Nothing(format!("{name} is {word}. {meaning}")))
            }
            _ => Ok(()),
        }
    }

    /// By layer, the readings of its maps over the probe images; a layer that failed is left out.
    fn activity(&self) -> &'a HashMap<String, LayerActivity> {
        self.model.activity.get_or_init(|| {
            let found = caught(|| {
                let layers: Vec<_> =
                    self.setting.supported().map(|studied| &studied.layer).collect();
                let unjudged = self.setting.probe.variety.state();
                let layers_read = layers.iter().copied();
                let mut reader = ActivityReader::new(self.images, layers_read, unjudged);
                self.pass()?
                    .each(|_| true, |first, activations| reader.look(first, activations))?;
                let named = layers.iter().map(|layer| layer.name().to_owned());
                let found = named.zip(reader.finish());
                Ok(found.filter_map(|(name, activity)| Some((name, activity.ok()?))).collect())
            });
            found.unwrap_or_default()
        })
    }
}

/// The result of a study.
pub(super) struct Made {
    pub(super) document: Document,
    pub(super) images: Vec<Picture>,
}

/// What later studies are compared with.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By layer, the top images of all its maps.
    tops: HashMap<String, Generations<LayerTops>>,
    /// By layer, where the probe images lay.
    embeddings: HashMap<String, Generations<Vec<[f32; 2]>>>,
}

/// The last two epochs' results: a study made again is compared with what it was compared with the first time.
#[derive(Debug)]
struct Generations<T>(Vec<(u32, T)>);

impl<T> Default for Generations<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<T> Generations<T> {
    /// The newest one before an epoch.
    fn before(&self, epoch: u32) -> Option<&(u32, T)> {
        self.0.iter().rev().find(|(earlier, _)| *earlier < epoch)
    }

    fn insert(&mut self, epoch: u32, value: T) {
        self.0.retain(|(other, _)| *other != epoch);
        self.0.push((epoch, value));
        self.0.sort_by_key(|(epoch, _)| *epoch);
        if self.0.len() > 2 {
            self.0.remove(0);
        }
    }
}

impl Memory {
    /// What an earlier run has left that is continued with an epoch.
    pub(super) fn recall(log: &RunLog, first_epoch: u32) -> Result<Self, SpyholeError> {
        let mut newest = HashMap::new();
        log.each_of_kinds(&["study"], |event| {
            if let Event::Study(study) = event
                && study.epoch < first_epoch
                && let StudySubject::Embedding { layer } = &study.subject
            {
                newest.insert(layer.clone(), study.document.clone());
            }
        })?;
        let mut memory = Self::default();
        for (layer, id) in newest {
            match log.document(&id) {
                Ok(Some(Document::Embedding(sheet))) => {
                    memory.embeddings.entry(layer).or_default().insert(sheet.epoch, sheet.points);
                }
                Ok(_) => {}
                // The next one starts afresh: no more than that.
                Err(error) => tracing::warn!(%error, "an earlier embedding cannot be read"),
            }
        }
        Ok(memory)
    }
}

/// A round of scheduled studies, cheap ones first; those in one list share their costly part.
pub(super) fn round(setting: &Setting) -> Vec<Vec<StudySubject>> {
    let names: Vec<String> = setting.supported().map(|l| l.layer.name().to_owned()).collect();
    let each = |subject: fn(String) -> StudySubject| -> Vec<Vec<StudySubject>> {
        names.iter().map(|layer| vec![subject(layer.clone())]).collect()
    };
    let mut round = vec![];
    for image in activations::scheduled(setting) {
        let of = |layer: &String| StudySubject::Activations { layer: layer.clone(), image };
        round.push(names.iter().map(of).collect());
    }
    round.push(names.iter().map(|layer| StudySubject::Units { layer: layer.clone() }).collect());
    round.extend(each(|layer| StudySubject::Embedding { layer }));
    let occlusion = |image| {
        let settings = OcclusionSettings::default();
        vec![StudySubject::Occlusion { image, settings }]
    };
    round.extend(occlusion::scheduled(setting).into_iter().map(occlusion));
    round.extend(each(|layer| StudySubject::Directions { layer }));
    round.extend(each(|layer| StudySubject::Synthesis { layer }));
    let a_row = setting.graph.output_shape().is_some_and(|shape| shape.len() == 1);
    if a_row && setting.output.meaning != OutputMeaning::Numbers {
        round.push(vec![StudySubject::SynthesisOfClasses]);
    }
    round
}

/// The kinds of studies, by their names in JSON, that the probe images cannot be used for, whatever the layer; and why.
pub(crate) fn impossible(probe: &Probe) -> Vec<(&'static str, String)> {
    let reasons = [
        ("embedding", embedding::impossible(probe)),
        ("directions", directions::impossible(probe)),
    ];
    reasons.into_iter().filter_map(|(study, reason)| Some((study, reason?))).collect()
}

/// Takes the results, one after the other.
pub(super) type Done<'a> = dyn FnMut(&StudySubject, Result<Made, Failure>) + 'a;

/// Makes studies that share their costly part: those of one list in a [`round`], or a single one. Each result goes to
/// `done` as soon as it is there.
pub(super) fn make(
    mut sitting: Sitting<'_>,
    memory: &mut Memory,
    subjects: &[StudySubject],
    done: &mut Done<'_>,
) {
    let sitting = &mut sitting;
    let mut left = subjects.to_vec();
    let mut each = |subject: &StudySubject, outcome| {
        left.retain(|other| other != subject);
        done(subject, outcome);
    };
    let shared = caught(|| match subjects {
        [StudySubject::Activations { image, .. }, ..] => {
            activations::make(sitting, subjects, *image as usize, &mut each)
        }
        [StudySubject::Units { .. }, ..] => units::make(sitting, memory, subjects, &mut each),
        subjects => {
            for subject in subjects {
                each(subject, caught(|| one(sitting, memory, subject)));
            }
            Ok(())
        }
    });
    // What they share has failed: told once, of the first.
    if let (Err(failure), Some((first, others))) = (shared, left.split_first()) {
        done(first, Err(failure.clone()));
        for other in others {
            let same = format!("as for {}", name(first));
            let cancelled = failure == Failure::Cancelled;
            let outcome = if cancelled { Failure::Cancelled } else { Failure::Nothing(same) };
            done(other, Err(outcome));
        }
    }
}

fn one(
    sitting: &mut Sitting<'_>,
    memory: &mut Memory,
    subject: &StudySubject,
) -> Result<Made, Failure> {
    match subject {
        StudySubject::Activations { .. } | StudySubject::Units { .. } => {
            Err(Failure::Failed("is made with others of its kind".into()))
        }
        StudySubject::Unit { layer, map } => units::make_one(sitting, memory, layer, *map as usize),
        StudySubject::Directions { layer } => directions::make(sitting, layer),
        StudySubject::Synthesis { layer } => synthesis::make(sitting, layer, None),
        StudySubject::SynthesisOfMap { layer, map } => {
            synthesis::make(sitting, layer, Some(*map as usize))
        }
        StudySubject::SynthesisOfClasses => synthesis::make_classes(sitting),
        StudySubject::Embedding { layer } => embedding::make(sitting, memory, layer),
        StudySubject::Occlusion { image, settings } => {
            occlusion::make(sitting, *image as usize, None, settings)
        }
        StudySubject::OcclusionOfMap { image, layer, map, settings } => {
            let one = Some((layer.as_str(), *map as usize));
            occlusion::make(sitting, *image as usize, one, settings)
        }
    }
}

/// The name of a study, for faults.
pub(super) fn name(subject: &StudySubject) -> String {
    match subject {
        StudySubject::Activations { layer, image } => {
            format!("activations of {layer}, image {image}")
        }
        StudySubject::Units { layer } => format!("units of {layer}"),
        StudySubject::Unit { layer, map } => format!("unit {map} of {layer}"),
        StudySubject::Directions { layer } => format!("directions of {layer}"),
        StudySubject::Synthesis { layer } => format!("synthetic images of {layer}"),
        StudySubject::SynthesisOfMap { layer, map } => {
            format!("synthetic image of {layer}, map {map}")
        }
        StudySubject::SynthesisOfClasses => "synthetic images of the classes".into(),
        StudySubject::Embedding { layer } => format!("embedding of {layer}"),
        StudySubject::Occlusion { image, .. } => format!("occlusion of image {image}"),
        StudySubject::OcclusionOfMap { image, layer, map, .. } => {
            format!("occlusion of image {image} for {layer}, map {map}")
        }
    }
}

impl Setting {
    /// The layers that can be computed.
    fn supported(&self) -> impl Iterator<Item = &StudiedLayer> {
        self.layers.iter().filter(|studied| studied.layer.unsupported().is_none())
    }

    fn layer(&self, name: &str) -> Result<&StudiedLayer, Failure> {
        let found = self.layers.iter().find(|studied| studied.layer.name() == name);
        found.ok_or_else(|| Failure::Failed(format!("there is no layer {name}")))
    }
}

/// As the protocol has numbers: absent if not finite.
fn number(value: Option<f64>) -> Option<f32> {
    value.map(|value| value as f32).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn a_study_made_again_is_compared_with_the_same_one() {
        let mut tops = Generations::default();
        tops.insert(5, "five");
        assert_eq!(tops.before(5), None);
        assert_eq!(tops.before(10), Some(&(5, "five")));
        tops.insert(10, "ten");
        assert_eq!(tops.before(10), Some(&(5, "five")), "made again");
        tops.insert(7, "seven, late");
        assert_eq!(tops.before(10), Some(&(7, "seven, late")));
        assert_eq!(tops.before(15), Some(&(10, "ten")));
    }
}
