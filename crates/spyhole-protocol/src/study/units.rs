use serde::{Deserialize, Serialize};

use crate::{Atlas, FieldStatus, Region};

/// What excites the feature maps of a layer most: the top images of each (Zeiler & Fergus 2013, figure 2;
/// Girshick 2013), each cut to what the unit sees, beside its deconvnet projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnitSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The layer's name.
    pub layer: String,
    /// The images that were searched.
    pub searched: SearchedImages,
    /// How far the boxes of the patches can be trusted.
    pub field_status: FieldStatus,
    /// The maps, in order. All maps of the layer; in a study of one unit, that one.
    pub units: Vec<UnitTops>,
    /// The epoch that `churn` is measured from, if there is an earlier study of the layer.
    pub earlier: Option<u32>,
    /// The pictures that [`UnitHit::patch`] and [`UnitHit::projection`] point into.
    pub atlas: Atlas,
    /// The readings of the maps over the probe images; the same order as `units`.
    pub readings: MapReadings,
}

/// The images that were searched, each counted once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SearchedImages {
    /// Name of the images: `the probe images`, or as the user called them.
    pub name: String,
    /// How many different ones there were.
    pub count: u32,
    /// How many came again and were left out.
    pub repeated: u32,
    /// Whether they are the probe images, so that [`UnitHit::image`] is the number of a probe image.
    pub probe: bool,
}

/// The images that excite one feature map most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnitTops {
    /// The feature map.
    pub map: u32,
    /// Its top images, strongest first; the same image once. Fewer than nine if fewer of the searched images
    /// excite it; none if none does.
    pub hits: Vec<UnitHit>,
    /// How much of the top images is new since the earlier study: 1 − |A∩B|/|A∪B|. `None` without one.
    pub churn: Option<f32>,
}

/// One of the images that excite a map most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnitHit {
    /// Number of the image among those searched, in the order in which they came.
    pub image: u32,
    /// Its class, if it has a label.
    pub label: Option<u32>,
    /// Row of the unit in the map.
    pub row: u32,
    /// Column of the unit in the map.
    pub column: u32,
    /// Its activation.
    pub value: f32,
    /// The activation at a second look at the same image; `None` if the image did not come again (random
    /// augmentation, for example).
    pub again: Option<f32>,
    /// Whether the second look found the same, to one part in 10,000. If not, the patch is not to be trusted.
    pub reproduced: bool,
    /// The input pixels that the unit can see.
    pub field: Region,
    /// Tile with the image patch; `None` if no pictures were made of this map.
    pub patch: Option<u32>,
    /// Tile with the projection; mid-grey is zero.
    pub projection: Option<u32>,
    /// White and black in the projection's tile stand for plus and minus this, in units of normalised
    /// input. 0: nothing reaches the pixels.
    pub projection_scale: Option<f32>,
    /// Why there is no projection, in words that stand for themselves. Left out where there is one, and by writers that
    /// did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub not_projected: Option<String>,
}

/// The readings of feature maps over the probe images: one entry per map in every list. `None` is what could not
/// be computed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MapReadings {
    /// No probe image excites the map.
    pub dead: Vec<bool>,
    /// The largest |activation| over images and positions.
    pub largest: Vec<Option<f32>>,
    /// Share of zeros over images and positions. Noise: .5.
    pub zero_share: Vec<Option<f32>>,
    /// Hoyer's sparseness over the positions, mean over the images. Noise: about .5.
    pub hoyer: Vec<Option<f32>>,
    /// Treves–Rolls sparseness over the images: 0 if all images excite the map alike, near 1 if a few do.
    pub lifetime_sparseness: Vec<Option<f32>>,
    /// Spread about the centre of mass, mean over the images; below .5 the map is localised. Noise: 1.
    pub localisation: Vec<Option<f32>>,
    /// Mean |correlation| with the grey image; from .8 on the map is a near copy.
    pub input_likeness: Vec<Option<f32>>,
}
