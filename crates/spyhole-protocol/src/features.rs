use serde::{Deserialize, Serialize};

use crate::{Atlas, Region};

/// What excites a layer's feature maps after an epoch, each projected back to pixels with a
/// deconvnet (Zeiler & Fergus 2013).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerFeatures {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
    /// continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
    /// the epoch's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub step: Option<u64>,
    /// The layer's name, as in [`Layer::name`](crate::Layer::name).
    pub layer: String,
    /// The strongest feature maps of this epoch over all probe images, strongest first.
    pub strongest: Vec<UnitView>,
    /// The same feature maps in every epoch, in the order of
    /// [`Layer::followed`](crate::Layer::followed) (Zeiler & Fergus 2013, figure 4).
    pub followed: Vec<UnitView>,
    /// The pictures that [`UnitView::patch`] and [`UnitView::projection`] point into.
    pub atlas: Atlas,
}

/// The strongest activation of one feature map over the probe images, and what caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnitView {
    /// The feature map: a channel of the layer.
    pub map: u32,
    /// The probe image in which the map is strongest.
    pub image: u32,
    /// Row of the strongest unit in the map.
    pub row: u32,
    /// Column of the strongest unit in the map.
    pub column: u32,
    /// Its activation. Not finite values (a diverged model) are `None`.
    pub value: Option<f32>,
    /// The input pixels that the unit can see: its receptive field. Both tiles show this box, moved
    /// so that it has the size that all of the layer's tiles have.
    pub field: Region,
    /// Tile with the image patch, or `None` if the activation is not finite.
    pub patch: Option<u32>,
    /// Tile with the projection, or `None` if the unit could not be projected. Mid-grey is zero.
    pub projection: Option<u32>,
    /// The projection's largest absolute value, in units of normalised input: white and black in the
    /// projection's tile stand for plus and minus this. Zero: nothing reaches the pixels.
    pub projection_scale: Option<f32>,
    /// Why there is no projection, in words that stand for themselves. Left out where there is one, and by writers that
    /// did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub not_projected: Option<String>,
}
