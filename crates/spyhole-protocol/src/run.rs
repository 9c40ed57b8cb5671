use serde::{Deserialize, Serialize};

use crate::Atlas;

/// What is about to be trained and watched, or looked into. A resumed run has one of these per start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunStarted {
    /// Identifies the run; kept when the run is resumed.
    pub run_id: String,
    /// The name that the user gave the run.
    pub name: String,
    /// Version of spyhole that wrote this.
    pub spyhole_version: String,
    /// First epoch that this start will train, counted from 1.
    pub first_epoch: u32,
    /// Last epoch planned, if it is known.
    pub last_epoch: Option<u32>,
    /// Nothing is trained: models that were trained before are looked into, one per epoch. Left out of trainings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub inspection: bool,
    /// Why this is a run of its own beside an earlier one in the same directory, and where that is, in words for the
    /// user. Left out where there is no earlier one, and where it is continued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub beside: Option<String>,
    /// What is told anew from here on because the start continues a run that had other probe images, in words for the
    /// user. Left out everywhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub other_images: Option<String>,
    /// Shape of one input image, `[channels, height, width]`.
    pub input_shape: [u32; 3],
    /// Number of trainable numbers in the model.
    #[cfg_attr(test, ts(type = "number"))]
    pub parameters: u64,
    /// The watched layers, in the order in which the model computes them.
    pub layers: Vec<Layer>,
    /// The images that the layers are probed with.
    pub probe: Probe,
    /// What the model puts out for an image. `None`: written before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub output: Option<Output>,
}

/// What a model puts out for an image: whether a probability or a class may be spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Output {
    /// What its numbers are.
    pub meaning: OutputMeaning,
    /// How many numbers; `None` if it is no row of numbers, or cannot be computed.
    pub count: Option<u32>,
    /// Names of the numbers, in order; may be empty. Those of classes are the [`Probe`]'s.
    pub names: Vec<String>,
    /// Why it is taken to be that, in a sentence.
    pub reason: String,
}

impl Output {
    /// What a number of the output is called: a class by its name, where its numbers stand for classes.
    pub fn name(&self, number: u32, class_names: &[String]) -> String {
        let names = if self.meaning == OutputMeaning::Numbers { &self.names } else { class_names };
        let thing = if self.meaning == OutputMeaning::Numbers { "output" } else { "class" };
        match names.get(number as usize) {
            Some(name) => shown_name(name).to_owned(),
            None => format!("{thing} {number}"),
        }
    }
}

/// A name as it is shown: one without a visible character is called so.
pub fn shown_name(name: &str) -> &str {
    if name.chars().all(is_invisible) { "(no name)" } else { name }
}

/// Spaces, control characters, and characters without width or without a picture.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// What the numbers are that a model puts out for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OutputMeaning {
    /// One score or probability per class.
    Classes,
    /// One number: the logit, or the probability, of the second of two classes.
    Binary,
    /// Numbers that are not known to be classes.
    Numbers,
}

/// A layer, as users see one: the activation after a convolution with its normalisation and rectifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Layer {
    /// Unique name: the parameter path of the layer's convolution, `blocks.0.conv1` for example.
    pub name: String,
    /// What it computes, in words: `conv 3×3, 16 → 32, stride 2 + batch norm + relu`.
    pub description: String,
    /// Shape of its activation for one image, `[channels, height, width]`.
    pub shape: [u32; 3],
    /// What one unit sees of the input; `None` for a layer that is not supported.
    pub receptive_field: Option<ReceptiveField>,
    /// Whether its units can be computed and projected back to pixels.
    pub status: LayerStatus,
    /// An operation on the way to the pixels for which the deconvnet of Zeiler & Fergus (2013) has no
    /// rule, so that it passes its derivative: `gelu`, a gate. `None`: the projections are the paper's.
    pub outside_definition: Option<String>,
    /// The feature maps that are followed through all epochs.
    pub followed: Vec<u32>,
    /// Whether this layer sees the input image itself: its filters can be shown as pictures.
    pub first: bool,
    /// Whether its weights (of a sum of branches, all in them) were frozen when the watch began, so that training does
    /// not change them. Left out where they are trained, and by writers that did not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub frozen: bool,
    /// Why its filters are not read, in words: `a sum of branches has no filters of its own`. Left out where they are, and
    /// by writers that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub no_filters: Option<String>,
    /// The earlier layer that computes with the same weights, if there is one: filters and alerts are that layer's.
    /// Left out where there is none, and by writers that did not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub shares_weights_with: Option<String>,
}

/// Receptive field of the units of a layer, in input pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReceptiveField {
    /// Height and width of the largest field of any unit of the layer, not clipped at the image's edge.
    pub size: [u32; 2],
    /// How far that can be trusted.
    pub status: FieldStatus,
}

/// How far the box of a receptive field can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FieldStatus {
    /// The smallest box that holds all that a unit sees.
    Exact,
    /// A unit sees nothing outside the box, but need not see all of it: something on the way looks at
    /// whole planes.
    UpperBound,
    /// Where a unit looks depends on the image; the box is what any image could make it look at.
    DataDependent,
}

/// Whether a layer can be watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum LayerStatus {
    /// Units are computed and projected.
    Supported,
    /// An operation between the input and this layer is not supported: nothing is shown for it.
    Unsupported {
        /// Name of the operation.
        operation: String,
    },
}

/// The images that the layers are probed with: the same in every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Probe {
    /// Tile `i` shows image `i`, without the normalisation.
    pub atlas: Atlas,
    /// Class of each image, as an index into `class_names`; empty if no labels were given.
    pub labels: Vec<u32>,
    /// Names of the classes; may be empty.
    pub class_names: Vec<String>,
    /// Why no layer can be judged by these images, in words: they are alike, or too few. Left out where they can, and by
    /// writers that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub caution: Option<String>,
    /// The studies that these images cannot be used for, and why. Left out where there are none, and by writers that did
    /// not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<NotStudied>>"))]
    pub not_studied: Vec<NotStudied>,
}

/// A kind of study that is not made, whatever the layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotStudied {
    /// The kind, as in the JSON of [`StudySubject`](crate::StudySubject): `embedding`.
    pub study: String,
    /// Why, in words: `needs at least 8 probe images, there are 5`.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_visible_character_is_called_so() {
        for name in
            ["", " ", "\u{a0}", "\0", "\u{200b}\u{2060}", "\u{3164}", "\u{2800}", "\u{feff}"]
        {
            assert_eq!(shown_name(name), "(no name)", "{name:?}");
        }
        for name in ["0", "–", "é", "猫"] {
            assert_eq!(shown_name(name), name);
        }
    }
}
