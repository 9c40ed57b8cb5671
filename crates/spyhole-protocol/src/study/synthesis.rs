use serde::{Deserialize, Serialize};

use crate::Atlas;

/// Images made by gradient ascent to excite a feature map or a class (Erhan et al. 2009). They are synthetic: no such
/// image was ever seen, and other images excite the unit as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SynthesisSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The layer's name; `None` for classes.
    pub layer: Option<String>,
    /// How they were made: `128 steps from noise (seed 1), shifted by up to 2 px, blurred, decayed`.
    pub recipe: String,
    /// The images.
    pub views: Vec<SyntheticView>,
    /// Tile by [`SyntheticView::tile`], without the normalisation.
    pub atlas: Atlas,
}

/// An image made to excite a feature map or a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SyntheticView {
    /// The feature map, or the class where the sheet has no layer.
    pub target: u32,
    /// Its tile; `None` if it could not be made.
    pub tile: Option<u32>,
    /// The target's value (of a map: what was climbed, see the recipe; of a class: its logit) for the noise it
    /// started from.
    pub start: Option<f32>,
    /// The value for the image made.
    pub end: Option<f32>,
    /// The largest value that a probe image reaches.
    pub natural: Option<f32>,
}
