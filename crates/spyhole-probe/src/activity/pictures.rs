//! All feature maps of a layer in one image: what a grid of activations shows.

use burn::tensor::Tensor;
use spyhole_graph::{Activations, GraphError, Layer};

use super::likeness::{self, Grey};
use super::plane::PlaneStatistics;
use super::sparseness::Spread;
use crate::error::ProbeError;

/// The feature maps of a layer in one image.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerMaps {
    /// All maps, in order.
    pub maps: Vec<MapPicture>,
    /// How few of the layer's maps answer the image, (1 − A)/(1 − 1/n) with A = (mean r)²/(mean r²) over the n maps,
    /// dead ones too (Treves and Rolls 1991); the response r of a map is its largest |activation|. 0: all answer
    /// alike; 1: a single one. `None` for one map, for a layer that is silent, and one that is not finite.
    pub population_sparseness: Option<f64>,
}

/// A feature map in one image.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPicture {
    /// Its number.
    pub map: usize,
    /// Rows of its plane.
    pub height: usize,
    /// Columns of its plane.
    pub width: usize,
    /// Its activations, row by row, as they are: they may be negative or not finite.
    pub values: Vec<f32>,
    /// Its strongest unit. `None` if an activation is not finite.
    pub peak: Option<MapPeak>,
    /// Whether a value is below 0.
    pub signed: bool,
    /// How its activations are distributed over its plane.
    pub statistics: PlaneStatistics,
    /// Correlation over positions with the grey image (mean over the channels), resized to the plane by area,
    /// between −1 and +1; near these the map is a copy of the image. `None` if one of the two is constant, and for
    /// planes with fewer than 16 units.
    pub input_correlation: Option<f64>,
}

/// The unit with the largest |activation| of a plane; the first one on ties.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapPeak {
    /// Its activation, with sign.
    pub value: f32,
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
}

/// Reads all feature maps of a layer in image number `image` of a group. `images` are the group that the
/// activations were computed from, `[N, C, H, W]`.
///
/// # Errors
/// When the layer is behind an unsupported operation, or there is no such image.
pub fn read_maps(
    activations: &Activations<'_>,
    images: &Tensor<4>,
    layer: &Layer,
    image: usize,
) -> Result<LayerMaps, ProbeError> {
    let count = activations.batch().min(images.dims()[0]);
    if image >= count {
        return Err(GraphError::OutOfRange { what: "image", index: image, count }.into());
    }
    let [_, height, width] = layer.shape();
    let values = activations.layer(layer)?.narrow(0, image, 1);
    let values = values.into_data().convert::<f32>().try_to_vec::<f32>()?;
    let grey = (height * width >= likeness::FEWEST_UNITS)
        .then(|| Grey::of(&images.clone().narrow(0, image, 1)).resized([height, width]))
        .transpose()?;
    let planes = values.chunks_exact((height * width).max(1)).enumerate();
    let maps: Vec<_> = planes
        .map(|(map, plane)| MapPicture {
            map,
            height,
            width,
            values: plane.to_vec(),
            peak: peak(plane, width),
            signed: plane.iter().any(|&a| a < 0.0),
            statistics: PlaneStatistics::of(plane, [height, width]),
            input_correlation: grey.as_ref().and_then(|grey| grey.correlation(plane, 0)),
        })
        .collect();
    let response = |map: &MapPicture| map.peak.map(|peak| f64::from(peak.value.abs()));
    let responses: Option<Spread> = maps.iter().map(response).collect();
    Ok(LayerMaps { maps, population_sparseness: responses.and_then(|r| r.treves_rolls()) })
}

fn peak(plane: &[f32], width: usize) -> Option<MapPeak> {
    let mut peak: Option<(usize, f32)> = None;
    for (position, &value) in plane.iter().enumerate() {
        if !value.is_finite() {
            return None;
        }
        if peak.is_none_or(|(_, largest)| value.abs() > largest.abs()) {
            peak = Some((position, value));
        }
    }
    peak.map(|(position, value)| MapPeak { value, row: position / width, column: position % width })
}
