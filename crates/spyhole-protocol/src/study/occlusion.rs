use serde::{Deserialize, Serialize};

use crate::Atlas;

/// What is put into the square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The data set's mean colour: zero in normalised units, or the mean of the probe images if the normalisation is
    /// not known.
    #[default]
    Grey,
    /// The image's own mean colour.
    Mean,
    /// The image itself, blurred.
    Blur,
}

/// How an occlusion is made. What is left out is chosen by the image: a square of a quarter of its shorter side, moved by
/// a quarter of that, or by a 64th of its longer side if that is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OcclusionSettings {
    /// The class whose probability is mapped; left out: the image's own, or the most probable one. Of an output that is
    /// no classes, the number that is mapped; left out: the one of the largest magnitude.
    pub class: Option<u32>,
    /// Side of the square in pixels.
    pub square: Option<u32>,
    /// How far it moves each time, in pixels.
    pub stride: Option<u32>,
    /// What is put into it.
    pub fill: Fill,
}

/// What the prediction and each layer's strongest map lose when a square covers part of a probe image (Zeiler &
/// Fergus 2013, figure 7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OcclusionSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The probe image.
    pub image: u32,
    /// Side of the square, in pixels.
    pub square: u32,
    /// How far it moves each time, in pixels.
    pub stride: u32,
    /// What is put into it.
    pub fill: Fill,
    /// Top rows of the squares, in pixels.
    pub rows: Vec<u32>,
    /// Left columns of the squares. Positions are counted row by row: position `r · columns + c`.
    pub columns: Vec<u32>,
    /// The prediction; `None` if it could not be read.
    pub prediction: Option<OccludedPrediction>,
    /// Why there is no prediction, in a sentence; `None` where there is one, or where nobody wrote why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub no_prediction: Option<String>,
    /// The layers: the one that was asked for, or all.
    pub layers: Vec<OccludedLayer>,
    /// The tiles that [`OccludedPrediction::pixels`], [`OccludedLayer::pixels`] and
    /// [`OccludedLayer::projection`] point to, each as large as the image. Mid-grey is zero.
    pub atlas: Atlas,
}

/// What is read of the prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OccludedQuantity {
    /// A class's probability, 0 to 1.
    #[default]
    Probability,
    /// A number of the output, as the network puts it out.
    Number,
}

/// What becomes of the prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OccludedPrediction {
    /// What is read.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<OccludedQuantity>"))]
    pub quantity: OccludedQuantity,
    /// The class that is mapped, or the number of the output.
    pub class: u32,
    /// Its probability, or the number, for the whole image.
    pub clean: Option<f32>,
    /// The same at each position. `None`: not finite.
    pub probabilities: Vec<Option<f32>>,
    /// The most probable class for the whole image; of numbers, the one of the largest magnitude.
    pub clean_top: u32,
    /// The most probable class at each position; empty for numbers.
    pub top: Vec<u32>,
    /// Tile: for each pixel the mean drop of it over the squares that cover it (captum's
    /// convention).
    pub pixels: Option<u32>,
    /// White and black in that tile stand for plus and minus this.
    pub pixels_scale: f32,
    /// Another filling, for comparison: how far the picture depends on what is put into the square.
    pub other_fill: Option<FillAgreement>,
}

/// How far two fillings agree on the places that matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FillAgreement {
    /// The other filling.
    pub fill: Fill,
    /// Spearman's rank correlation of the drops of the prediction, −1 to 1. `None` if one of them is the same
    /// everywhere.
    pub correlation: Option<f32>,
}

/// What becomes of a feature map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OccludedLayer {
    /// The layer's name.
    pub layer: String,
    /// The feature map: the one asked for, or the one that is strongest on the whole image.
    pub map: u32,
    /// Its activation summed over all positions of the map, for the whole image.
    pub clean: Option<f32>,
    /// The sum at each position of the square. `None`: not finite.
    pub sums: Vec<Option<f32>>,
    /// Tile: for each pixel the mean drop of the sum over the squares that cover it.
    pub pixels: Option<u32>,
    /// White and black in that tile stand for plus and minus this.
    pub pixels_scale: f32,
    /// Tile with the deconvnet's projection of the map.
    pub projection: Option<u32>,
    /// White and black in that tile stand for plus and minus this, in units of normalised input.
    pub projection_scale: f32,
    /// How far the drop of the sum and the projection agree on where the map looks.
    pub agreement: OcclusionAgreement,
}

/// How far an occlusion and a projection agree. Both are compared at the squares' centres; the projection as
/// Σ|pixel| blurred by the square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OcclusionAgreement {
    /// Spearman's rank correlation, −1 to 1. `None` if one of the two is the same everywhere.
    pub correlation: Option<f32>,
    /// What the projections of other images reach on average: what comes from the map alone, or from
    /// images being alike.
    pub correlation_of_others: Option<f32>,
    /// Overlap of the top 20 %: positions in both over positions in one of them, 0 to 1.
    pub overlap: Option<f32>,
    /// What the projections of other images reach on average.
    pub overlap_of_others: Option<f32>,
}
