use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How readings of a layer's live feature maps are distributed after an epoch, over the probe images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerDistributions {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
    /// continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
    /// the epoch's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub step: Option<u64>,
    /// The layer's name.
    pub layer: String,
    /// Number of live maps.
    pub live: u32,
    /// By reading, as in [`MapReadings`](crate::MapReadings): its 5th, 25th, 50th, 75th and 95th percentile over the
    /// live maps. What no map has is left out.
    #[cfg_attr(test, ts(type = "{ [key: string]: [number, number, number, number, number] }"))]
    pub readings: BTreeMap<String, [f32; 5]>,
}
