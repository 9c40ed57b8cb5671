use serde::{Deserialize, Serialize};

/// The probe images laid out in the plane so that those that a layer finds alike lie close together (t-SNE, van
/// der Maaten & Hinton 2008). Distances between far groups mean nothing, nor do the axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EmbeddingSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The layer's name.
    pub layer: String,
    /// Position of each probe image, `[x, y]`, about 0 with a root mean square distance of 1.
    pub points: Vec<[f32; 2]>,
    /// Perplexity: roughly how many neighbours each image looks at.
    pub perplexity: f32,
    /// The epoch that the picture was started from, so that points can be followed; `None` for the first, and where a
    /// fresh start made the better picture.
    pub aligned_to: Option<u32>,
    /// How well neighbours agree on the class, in the layer's own space (not in the picture). `None` without
    /// labels, and where all images are of one class.
    pub neighbours: Option<NeighbourAgreement>,
    /// Why that is not known, in a sentence; `None` where it is, or where nobody wrote why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub no_neighbours: Option<String>,
}

/// Share of the nearest neighbours of an image that are of its class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NeighbourAgreement {
    /// How many neighbours of each image are looked at.
    pub neighbours: u32,
    /// Mean share that is of the image's class, 0 to 1.
    pub value: f32,
    /// What it would be if the classes were dealt at random.
    pub chance: f32,
}
