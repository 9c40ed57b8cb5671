//! A convolution's filters with their noise statistics.

use spyhole_graph::{Layer, Weights};

use crate::crop::Crop;
use crate::error::ProbeError;
use crate::smoothness::{self, FilterShape, LayerReading};

/// The filters of a convolution.
#[derive(Clone, Debug)]
pub struct LayerFilters {
    /// Path of the parameter.
    pub parameter: String,
    /// One picture `[channels, height, width]` per filter.
    pub pictures: Vec<Crop>,
    /// Smoothness of each filter, and of the layer.
    pub smoothness: LayerReading,
}

/// Reads the filters of a layer; `None` if its forward function computes them from something else.
///
/// # Errors
/// When the parameter is missing or is no `[filters, channels, height, width]`.
pub fn read_filters(weights: &Weights, layer: &Layer) -> Result<Option<LayerFilters>, ProbeError> {
    let Some(path) = layer.weight() else { return Ok(None) };
    let wrong = |got| ProbeError::FilterShape { path: path.to_owned(), got };
    let (shape, values) = weights.values(path).ok_or_else(|| wrong(vec![]))?;
    let &[filters, channels, height, width] = shape.as_slice() else { return Err(wrong(shape)) };
    let size = channels * height * width;
    let pictures = values
        .chunks_exact(size.max(1))
        .map(|filter| Crop { channels, height, width, pixels: filter.to_vec() })
        .collect();
    let shape = FilterShape { channels, height, width };
    let smoothness = smoothness::read_filters(&values, filters, shape);
    Ok(Some(LayerFilters { parameter: path.to_owned(), pictures, smoothness }))
}
