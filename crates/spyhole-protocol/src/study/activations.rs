use serde::{Deserialize, Serialize};

use crate::Atlas;

/// The feature maps of a layer for one probe image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivationSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The layer's name.
    pub layer: String,
    /// The probe image.
    pub image: u32,
    /// Whether an activation can be negative. Then a tile's mid-grey (127.5 of 255) is zero, and black and white
    /// are minus and plus the map's scale; otherwise black is zero and white is the scale.
    pub signed: bool,
    /// Tile `i` shows map `i`, grey. What is not finite is transparent.
    pub atlas: Atlas,
    /// The maps, in order.
    pub maps: Vec<MapView>,
    /// Treves–Rolls sparseness over the maps for this image, of their largest activations: 0 if all maps
    /// respond alike, near 1 if a few do. `None` if none responds.
    pub population_sparseness: Option<f32>,
}

/// A feature map for one image, in numbers. They are taken of |a| where activations can be negative. `None`
/// where all of the map is zero, a value is not finite, or the plane is too small.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MapView {
    /// The largest |activation|: the scale of the map's tile.
    pub scale: Option<f32>,
    /// Whether no probe image excites the map.
    pub dead: bool,
    /// Share of the positions at which it is zero. Independent rectified noise reads .5.
    pub zero_share: Option<f32>,
    /// Hoyer's sparseness (√n − ℓ1/ℓ2)/(√n − 1): 0 if all n positions respond alike, 1 if one does. Noise:
    /// about .5.
    pub hoyer: Option<f32>,
    /// Treves–Rolls sparseness over the positions, (1 − (E a)²/E a²)/(1 − 1/n). Noise: .68.
    pub treves_rolls: Option<f32>,
    /// Gini coefficient of the positions: 0 if all respond alike, near 1 if a few do. Noise: .71.
    pub gini: Option<f32>,
    /// Spread about the centre of mass, over that of an even plane: noise reads 1; below .5 the map is
    /// localised.
    pub localisation: Option<f32>,
    /// Share of the mass in the largest connected patch.
    pub largest_component: Option<f32>,
    /// Correlation with the grey image, −1 to 1. From .8 on, either sign, the map is a near copy of it.
    pub input_correlation: Option<f32>,
}
