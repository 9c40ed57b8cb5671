//! The tree of entities.
//!
//! ```text
//! model                                     what is trained, in words (static)
//! probe/image_I                             a probe image (static)
//! metrics/NAME/train, …/valid               the training's metrics
//! progress/train                            the share of the epoch that is done (live only)
//! alerts/LAYER, alerts/training             alerts, with levels
//! log/faults, log/notes                     what else happened
//! analysis/seconds                          how long the analysis of an epoch took
//! occlusion/image_I/drop                    where the prediction looks, over probe/image_I
//! layers/blocks/0/conv1                     a layer, by its parameter path; in it:
//!   filters, filters/states                 the filters and what is to be said of them
//!   features/strongest, features/followed   projections beside patches; in …/maps what they show
//!   evolution/column_CC                     the followed maps over the epochs
//!   statistics/NAME                         health in numbers
//!   change, settled, settling               the layer clock
//!   activations/image_I                     all maps for a probe image
//!   units, synthesis, embedding             what else studies found
//!   occlusion/image_I/drop                  where the strongest map looks
//! ```

use re_sdk::{EntityPath, EntityPathPart};

/// The entity of a layer, or one below it.
pub(in crate::rerun) fn layer_path(layer: &str, below: &str) -> EntityPath {
    let parts = std::iter::once("layers").chain(layer.split('.'));
    let below = below.split('/').filter(|part| !part.is_empty());
    parts.chain(below).map(EntityPathPart::new).collect()
}

/// The entity of a metric, or one below it. Names are the user's: with spaces, say.
pub(in crate::rerun) fn metric_path(name: &str, below: &str) -> EntityPath {
    let below = below.split('/').filter(|part| !part.is_empty());
    ["metrics", name].into_iter().chain(below).map(EntityPathPart::new).collect()
}

/// Where the alerts of a layer go, or of the training.
pub(super) fn alert_path(layer: Option<&str>) -> EntityPath {
    let below: Vec<_> = layer.map_or_else(|| vec!["training"], |layer| layer.split('.').collect());
    std::iter::once("alerts").chain(below).map(EntityPathPart::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_mirror_the_model() {
        assert_eq!(
            layer_path("blocks.0.conv1", "features/strongest").to_string(),
            "/layers/blocks/0/conv1/features/strongest"
        );
        assert_eq!(metric_path("Top 5", "train").to_string(), r"/metrics/Top\ 5/train");
        assert_eq!(alert_path(None).to_string(), "/alerts/training");
        assert_eq!(alert_path(Some("stem.conv")).to_string(), "/alerts/stem/conv");
    }
}
