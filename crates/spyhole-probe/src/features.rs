//! What excites a layer: the strongest unit of every feature map over the probe images, projected back
//! to the pixels (Zeiler & Fergus 2013, figures 2 and 4).

use std::collections::HashSet;

use burn::tensor::{Int, Tensor};
use spyhole_graph::{Activations, Graph, Layer, Method, Seed, Window};

use crate::crop::{Crop, tile_window};
use crate::error::ProbeError;
use crate::pass::Pass;
use crate::vector::all_finite;

/// What is looked at in a layer.
#[derive(Clone, Copy, Debug)]
pub struct FeatureSettings {
    /// How many of the strongest maps are projected. More cost time in proportion.
    pub strongest: usize,
    /// How signals pass rectifiers on the way back.
    pub method: Method,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self { strongest: 9, method: Method::Deconvnet }
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
    /// The projection in that window, in units of the normalised input. `None` if the activation is not finite, or the
    /// projection [overflows](Self::overflows).
    pub projection: Option<Crop>,
    /// Whether pixels of the projection are NaN or infinite.
    pub overflows: bool,
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

/// A layer to look at, and the maps to follow in it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its followed maps.
    pub followed: &'a [usize],
}

/// Finds the strongest and the followed maps of layers over all images, and projects their strongest units.
/// One result per request: a layer that fails leaves the others alone.
///
/// # Errors
/// When the images do not fit the graph, or weights are missing.
pub fn read_features(
    pass: &Pass<'_>,
    requests: &[Request<'_>],
    settings: FeatureSettings,
) -> Result<Vec<Result<LayerFeatures, ProbeError>>, ProbeError> {
    let mut search = FeatureSearch::new(requests, settings);
    pass.each(|_| true, |first_image, activations| search.look(first_image, activations))?;
    search.finish(pass)
}

/// [`read_features`] in parts, for a sweep over the images that others share: `look` at every group of
/// images, in order, then `finish`.
#[derive(Debug)]
pub struct FeatureSearch<'a> {
    requests: &'a [Request<'a>],
    settings: FeatureSettings,
    found: Vec<Result<Found, ProbeError>>,
}

impl<'a> FeatureSearch<'a> {
    /// Nothing is found yet.
    pub fn new(requests: &'a [Request<'a>], settings: FeatureSettings) -> Self {
        let found = requests.iter().map(|_| Ok(Found::default())).collect();
        Self { requests, settings, found }
    }

    /// Takes over what is stronger in a further group of images.
    pub fn look(&mut self, first_image: usize, activations: &Activations<'_>) {
        for (request, found) in self.requests.iter().zip(&mut self.found) {
            update(found, |found| {
                found.merge(peaks(activations, request.layer)?, first_image);
                Ok(())
            });
        }
    }

    /// Projects what was found, in a second sweep over the groups that hold the strongest units. One result
    /// per request.
    ///
    /// # Errors
    /// When the images do not fit the graph, or weights are missing.
    pub fn finish(
        self,
        pass: &Pass<'_>,
    ) -> Result<Vec<Result<LayerFeatures, ProbeError>>, ProbeError> {
        let Self { requests, settings, mut found } = self;
        let graph = pass.graph();
        for (request, found) in requests.iter().zip(&mut found) {
            update(found, |found| {
                found.choose(graph, request, settings.strongest);
                Ok(())
            });
        }
        let wanted: HashSet<usize> = found
            .iter()
            .flatten()
            .flat_map(|found| found.features.iter().map(|feature| feature.peak.image))
            .collect();
        pass.each(
            |images| images.into_iter().any(|image| wanted.contains(&image)),
            |first, activations| {
                for (request, found) in requests.iter().zip(&mut found) {
                    update(found, |found| {
                        let images = first..first + activations.batch();
                        let here = found.features.iter_mut().filter(|feature| {
                            images.contains(&feature.peak.image) && feature.peak.value.is_finite()
                        });
                        let (layer, method) = (request.layer, settings.method);
                        project(graph, activations, layer, here.collect(), first, method)
                    });
                }
            },
        )?;
        Ok(found.into_iter().map(|found| found.map(Found::into_features)).collect())
    }
}

/// Goes on with what worked so far.
fn update(
    found: &mut Result<Found, ProbeError>,
    work: impl FnOnce(&mut Found) -> Result<(), ProbeError>,
) {
    if let Ok(so_far) = found
        && let Err(error) = work(so_far)
    {
        *found = Err(error);
    }
}

/// What was found in a layer so far.
#[derive(Debug, Default)]
struct Found {
    peaks: Vec<Peak>,
    features: Vec<UnitFeature>,
    /// Maps of the strongest, and followed.
    strongest: Vec<usize>,
    followed: Vec<usize>,
}

impl Found {
    /// Takes over what is stronger in a further group of images.
    fn merge(&mut self, peaks: Vec<Peak>, first_image: usize) {
        let peaks = peaks.into_iter().map(|peak| Peak { image: peak.image + first_image, ..peak });
        if self.peaks.is_empty() {
            self.peaks = peaks.collect();
            return;
        }
        for (old, new) in self.peaks.iter_mut().zip(peaks) {
            if new.value > old.value || new.value.is_nan() {
                *old = new;
            }
        }
    }

    /// Chooses the units to project.
    fn choose(&mut self, graph: &Graph, request: &Request<'_>, strongest: usize) {
        let active = |peak: &&Peak| peak.value.is_finite() && peak.value > 0.0;
        let mut ranked: Vec<Peak> = self.peaks.iter().filter(active).copied().collect();
        ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
        ranked.truncate(strongest);
        self.strongest = ranked.iter().map(|peak| peak.map).collect();
        let known = request.followed.iter().filter(|&&map| map < self.peaks.len());
        self.followed = known.copied().collect();

        // A map that is both followed and among the strongest is projected once.
        let mut maps = self.strongest.clone();
        maps.extend(self.followed.iter().filter(|map| !self.strongest.contains(map)));
        let size = graph.field_size(request.layer);
        let [_, height, width] = graph.input_shape();
        self.features = maps
            .into_iter()
            .map(|map| {
                let peak = self.peaks[map];
                let field = graph.field(request.layer, peak.row, peak.column).nominal;
                let tile = tile_window(field, size, [height, width]);
                UnitFeature { peak, field, tile, projection: None, overflows: false }
            })
            .collect();
    }

    fn into_features(self) -> LayerFeatures {
        let find = |maps: &[usize]| {
            let find = |map: &usize| self.features.iter().find(|feature| feature.peak.map == *map);
            maps.iter().filter_map(find).cloned().collect()
        };
        LayerFeatures { strongest: find(&self.strongest), followed: find(&self.followed) }
    }
}

fn project(
    graph: &Graph,
    activations: &Activations<'_>,
    layer: &Layer,
    features: Vec<&mut UnitFeature>,
    first_image: usize,
    method: Method,
) -> Result<(), ProbeError> {
    let seeds: Vec<_> = features
        .iter()
        .map(|feature| {
            let Peak { map, image, row, column, .. } = feature.peak;
            Seed::Unit { image: image - first_image, map, row, column }
        })
        .collect();
    let pictures = activations.project(layer, &seeds, method)?;
    let pictures: Vec<f32> = pictures.into_data().convert::<f32>().try_to_vec()?;
    let size = graph.input_shape().iter().product::<usize>().max(1);
    for (feature, picture) in features.into_iter().zip(pictures.chunks_exact(size)) {
        feature.overflows = !all_finite(picture);
        feature.projection =
            (!feature.overflows).then(|| Crop::cut(picture, graph.input_shape(), feature.tile));
    }
    Ok(())
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
