use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LayerState;

/// A layer's health in numbers after an epoch: statistics of its weights and of its activations on the
/// probe images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerHealth {
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
    /// What is to be said of the layer's activations as a whole: that they are not finite, that the probe images are
    /// alike or too few to judge them, that they are dead, or constant. Left out where they vary from image to image,
    /// where they were not read, and by writers that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub state: Option<LayerState>,
    /// Value by [`Statistic::name`](crate::Statistic::name). `None`: not a finite number. A statistic
    /// that does not apply to the layer, or is not known yet, is left out.
    #[cfg_attr(test, ts(type = "{ [key: string]: number | null }"))]
    pub values: BTreeMap<String, Option<f64>>,
    /// By statistic, the filters or feature maps that it found: the dead ones of `dead_maps`, for
    /// example. Left out where there are none.
    #[cfg_attr(test, ts(type = "{ [key: string]: Array<number> }"))]
    pub units: BTreeMap<String, Vec<u32>>,
}
