//! What excites a layer: the strongest unit of every feature map over the probe images, projected back
//! to the pixels (Zeiler & Fergus 2013, figures 2 and 4).

use burn::tensor::{Int, Tensor};
use spyhole_graph::{Activations, Graph, Layer, Method, Seed, Window};

use crate::crop::{Crop, tile_window};
use crate::error::ProbeError;

/// What is looked at in a layer.
#[derive(Clone, Copy, Debug)]
pub struct FeatureSettings {
    /// How many of the strongest maps are projected. More cost time in proportion.
    pub strongest: usize,
    /// How signals pass rectifiers on the way back.
    pub method: Method,
    /// Units projected in one pass. More need more memory; fewer need more passes.
    pub units_per_pass: usize,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self { strongest: 9, method: Method::Deconvnet, units_per_pass: 16 }
    }
}

/// The strongest unit of a feature map over all probe images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The feature map.
    pub map: usize,
    /// The image in which it is strongest.
    pub image: usize,
    /// Row of the unit.
    pub row: usize,
    /// Column of the unit.
    pub column: usize,
    /// The unit's activation. NaN or infinite if the model has diverged; 0 or less: the map's
    /// rectifier lets nothing through in any probe image.
    pub value: f32,
}

/// A unit with its projection.
#[derive(Clone, Debug)]
pub struct UnitFeature {
    /// The unit.
    pub peak: Peak,
    /// Its receptive field by geometry; it may reach beyond the image.
    pub field: Window,
    /// The window that the projection shows; the same size for all units of the layer.
    pub tile: Window,
    /// The projection in that window, in units of the normalised input. `None` if the activation is not
    /// finite.
    pub projection: Option<Crop>,
}

/// What excites a layer's feature maps.
#[derive(Clone, Debug)]
pub struct LayerFeatures {
    /// The strongest active maps, strongest first.
    pub strongest: Vec<UnitFeature>,
    /// The followed maps, in the order asked for.
    pub followed: Vec<UnitFeature>,
}

/// Strongest unit of every feature map over all images, first image and position first on ties.
///
/// For activations `[N, C, H, W]`: `max over n, y, x of a[n, c, y, x]`, `C` results.
///
/// # Errors
/// When the layer is behind an unsupported operation.
pub fn peaks(activations: &Activations<'_>, layer: &Layer) -> Result<Vec<Peak>, ProbeError> {
    let activation = activations.layer(layer)?;
    let [images, maps, height, width] = activation.dims();
    let per_map: Tensor<2> =
        activation.permute([1, 0, 2, 3]).reshape([maps, images * height * width]);
    let (values, positions) = per_map.max_dim_with_indices(1);
    let values: Vec<f32> = values.into_data().convert::<f32>().try_to_vec()?;
    let positions: Tensor<2, Int> = positions;
    let positions: Vec<i64> = positions.into_data().convert::<i64>().try_to_vec()?;
    let peaks = values.into_iter().zip(positions).enumerate().map(|(map, (value, position))| {
        let position = usize::try_from(position).unwrap_or(0).min(images * height * width - 1);
        let (image, unit) = (position / (height * width), position % (height * width));
        Peak { map, image, row: unit / width, column: unit % width, value }
    });
    Ok(peaks.collect())
}

/// Finds the strongest and the followed maps of a layer and projects their strongest units.
///
/// # Errors
/// When the layer is behind an unsupported operation.
pub fn read_features(
    graph: &Graph,
    activations: &Activations<'_>,
    layer: &Layer,
    followed: &[usize],
    settings: FeatureSettings,
) -> Result<LayerFeatures, ProbeError> {
    let peaks = peaks(activations, layer)?;
    let mut ranked: Vec<_> =
        peaks.iter().copied().filter(|peak| peak.value.is_finite() && peak.value > 0.0).collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    ranked.truncate(settings.strongest);
    let followed: Vec<_> = followed.iter().filter_map(|&map| peaks.get(map).copied()).collect();

    // A map that is both followed and among the strongest is projected once.
    let mut wanted = ranked.clone();
    wanted.extend(followed.iter().filter(|peak| ranked.iter().all(|other| other.map != peak.map)));
    let features = project(graph, activations, layer, &wanted, settings)?;
    let find = |peak: &Peak| features.iter().find(|feature| feature.peak.map == peak.map).cloned();
    Ok(LayerFeatures {
        strongest: ranked.iter().filter_map(find).collect(),
        followed: followed.iter().filter_map(find).collect(),
    })
}

fn project(
    graph: &Graph,
    activations: &Activations<'_>,
    layer: &Layer,
    peaks: &[Peak],
    settings: FeatureSettings,
) -> Result<Vec<UnitFeature>, ProbeError> {
    let [channels, height, width] = graph.input_shape();
    let size = graph.field_size(layer);
    let mut features: Vec<_> = peaks
        .iter()
        .map(|&peak| {
            let field = graph.field(layer, peak.row, peak.column).nominal;
            let tile = tile_window(field, size, [height, width]);
            UnitFeature { peak, field, tile, projection: None }
        })
        .collect();
    let mut finite: Vec<_> =
        features.iter_mut().filter(|feature| feature.peak.value.is_finite()).collect();
    for features in finite.chunks_mut(settings.units_per_pass.max(1)) {
        let seeds: Vec<_> = features
            .iter()
            .map(|feature| {
                let Peak { map, image, row, column, .. } = feature.peak;
                Seed::Unit { image, map, row, column }
            })
            .collect();
        let pictures = activations.project(layer, &seeds, settings.method)?;
        let pictures: Vec<f32> = pictures.into_data().convert::<f32>().try_to_vec()?;
        for (feature, picture) in
            features.iter_mut().zip(pictures.chunks_exact(channels * height * width))
        {
            feature.projection = Some(Crop::cut(picture, graph.input_shape(), feature.tile));
        }
    }
    Ok(features)
}

/// Maps to follow: at most `count`, evenly spread over the layer's channels, the same in every run.
pub fn spread(maps: usize, count: usize) -> Vec<usize> {
    let count = count.min(maps);
    (0..count).map(|i| i * maps / count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followed_maps_are_spread_over_the_layer() {
        assert_eq!(spread(64, 4), [0, 16, 32, 48]);
        assert_eq!(spread(3, 8), [0, 1, 2]);
        assert_eq!(spread(0, 8), [0usize; 0]);
        assert_eq!(spread(10, 4), [0, 2, 5, 7]);
    }
}
