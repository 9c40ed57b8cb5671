//! Studies: costly looks at the network, made on schedule or when somebody asks. A record of one is small; its
//! numbers are in a document of their own, fetched when they are looked at.

mod activations;
mod directions;
mod embedding;
mod occlusion;
mod synthesis;
mod units;

use serde::{Deserialize, Serialize};

pub use activations::{ActivationSheet, MapView};
pub use directions::{Basis, BasisSheet, DirectionHit, DirectionSheet, DirectionView};
pub use embedding::{EmbeddingSheet, NeighbourAgreement};
pub use occlusion::{
    Fill, FillAgreement, OccludedLayer, OccludedPrediction, OccludedQuantity, OcclusionAgreement,
    OcclusionSettings, OcclusionSheet,
};
pub use synthesis::{SynthesisSheet, SyntheticView};
pub use units::{MapReadings, SearchedImages, UnitHit, UnitSheet, UnitTops};

/// Content address of a document: the first 32 hexadecimal digits of the SHA-256 of its JSON text. It is
/// served as `/documents/ID.json`, and the same for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct DocumentId(pub String);

/// A study was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Study {
    /// The epoch whose weights were studied, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// What was studied. A later study of the same subject and epoch replaces this one.
    pub subject: StudySubject,
    /// Where the [`Document`] with its result is.
    pub document: DocumentId,
    /// How long it took, in seconds of wall time, without its pauses. On a busy machine most of it may be waiting for a
    /// core.
    pub seconds: f64,
    /// Why it was made.
    pub occasion: Occasion,
}

/// What a study looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "study", rename_all = "snake_case")]
pub enum StudySubject {
    /// The feature maps of a layer for one probe image: an [`ActivationSheet`].
    Activations {
        /// The layer's name.
        layer: String,
        /// The probe image.
        image: u32,
    },
    /// The images that excite each feature map of a layer most: a [`UnitSheet`].
    Units {
        /// The layer's name.
        layer: String,
    },
    /// The same for one feature map, with pictures even if the layer has too many maps for all of them: a
    /// [`UnitSheet`] with one entry.
    Unit {
        /// The layer's name.
        layer: String,
        /// The feature map.
        map: u32,
    },
    /// A layer's units against random directions: a [`DirectionSheet`].
    Directions {
        /// The layer's name.
        layer: String,
    },
    /// Images made to excite the followed maps of a layer: a [`SynthesisSheet`].
    Synthesis {
        /// The layer's name.
        layer: String,
    },
    /// An image made to excite one feature map: a [`SynthesisSheet`] with one entry.
    SynthesisOfMap {
        /// The layer's name.
        layer: String,
        /// The feature map.
        map: u32,
    },
    /// Images made to excite the classes: a [`SynthesisSheet`].
    SynthesisOfClasses,
    /// The probe images by how alike a layer finds them: an [`EmbeddingSheet`].
    Embedding {
        /// The layer's name.
        layer: String,
    },
    /// What covering parts of a probe image does to the prediction and to the strongest map of every layer: an
    /// [`OcclusionSheet`].
    Occlusion {
        /// The probe image.
        image: u32,
        /// How.
        settings: OcclusionSettings,
    },
    /// The same for one feature map.
    OcclusionOfMap {
        /// The probe image.
        image: u32,
        /// The layer's name.
        layer: String,
        /// The feature map.
        map: u32,
        /// How.
        settings: OcclusionSettings,
    },
}

impl StudySubject {
    /// The layer that it is about; `None` if it is about several or none.
    pub fn layer(&self) -> Option<&String> {
        match self {
            Self::Activations { layer, .. }
            | Self::Units { layer }
            | Self::Unit { layer, .. }
            | Self::Directions { layer }
            | Self::Synthesis { layer }
            | Self::SynthesisOfMap { layer, .. }
            | Self::OcclusionOfMap { layer, .. }
            | Self::Embedding { layer } => Some(layer),
            Self::SynthesisOfClasses | Self::Occlusion { .. } => None,
        }
    }
}

/// Why a study was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It was time for it.
    Scheduled,
    /// Somebody asked for it.
    Asked,
}

/// The result of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "document", rename_all = "snake_case")]
pub enum Document {
    /// Of [`StudySubject::Activations`].
    Activations(ActivationSheet),
    /// Of [`StudySubject::Units`] and [`StudySubject::Unit`].
    Units(UnitSheet),
    /// Of [`StudySubject::Directions`].
    Directions(DirectionSheet),
    /// Of [`StudySubject::Synthesis`], [`StudySubject::SynthesisOfMap`] and
    /// [`StudySubject::SynthesisOfClasses`].
    Synthesis(SynthesisSheet),
    /// Of [`StudySubject::Embedding`].
    Embedding(EmbeddingSheet),
    /// Of [`StudySubject::Occlusion`] and [`StudySubject::OcclusionOfMap`].
    Occlusion(OcclusionSheet),
}

/// A study that waits or runs; see [`Status::studies`](crate::Status::studies).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StudyProgress {
    /// Number of the study, to cancel it by.
    pub id: u32,
    /// What is studied.
    pub subject: StudySubject,
    /// Why.
    pub occasion: Occasion,
    /// The epoch whose weights are studied; `None` while it waits for its turn, because then it takes the
    /// newest.
    pub epoch: Option<u32>,
    /// Parts done so far.
    pub done: u32,
    /// Parts in all; 0 while that is not known.
    pub total: u32,
}
