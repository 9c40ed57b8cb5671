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

/// The health of the network as a whole after an epoch, in numbers. It comes before the [`LayerHealth`] of the same
/// epoch, for what is wrong with the whole explains what its layers read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NetworkHealth {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
    /// continued. `None`: the epoch's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub step: Option<u64>,
    /// Value by [`Statistic::name`](crate::Statistic::name); left out where it is not known.
    #[cfg_attr(test, ts(type = "{ [key: string]: number | null }"))]
    pub values: BTreeMap<String, Option<f64>>,
    /// By statistic, the places in the network that it found, in computing order. Left out where there are none.
    #[cfg_attr(test, ts(type = "{ [key: string]: Array<Place> }"))]
    pub places: BTreeMap<String, Vec<Place>>,
}

/// A place in the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Place {
    /// What is there.
    pub kind: PlaceKind,
    /// Its name: a parameter's path, `c2.bias`; of a result the module that it comes from or after, `c2`.
    pub name: String,
    /// The place and what was found there, in words that continue a sentence: `the parameter c2.bias, with 1 NaN
    /// among 16 numbers`.
    pub words: String,
}

/// What is at a place in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A parameter, or a running statistic.
    Parameter,
    /// The result of an operation on the probe images.
    Result,
    /// The network's output.
    Output,
    /// A constant of the forward function.
    Constant,
}
