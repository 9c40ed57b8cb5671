use std::sync::OnceLock;

use burn::backend::TensorMetadata;

use super::stack::Planes;
use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::ValueId;
use crate::ops::flat;

/// The clean image's tensors in host memory, read when they are needed.
pub(crate) struct Clean<'a> {
    pub(crate) activations: &'a Activations<'a>,
    image: usize,
    read: Vec<OnceLock<Option<Vec<f32>>>>,
}

impl<'a> Clean<'a> {
    pub(crate) fn new(activations: &'a Activations<'a>, image: usize) -> Self {
        let read = (0..activations.graph.values.len()).map(|_| OnceLock::new()).collect();
        Self { activations, image, read }
    }

    /// All numbers of a tensor that belong to the image.
    pub(crate) fn numbers(&self, id: ValueId) -> Result<&[f32], GraphError> {
        let value = self.activations.get(id)?;
        let read = self.read[id.0].get_or_init(|| {
            let shape = value.shape();
            let rows = self.activations.graph.value(id).dims.first()?.rows_per_image();
            let numbers = value.dtype().is_float().then(|| flat(value))?;
            let of_image = match rows {
                Some(rows) => {
                    let size = rows * shape.num_elements() / shape[0].max(1);
                    numbers.narrow(0, self.image * size, size)
                }
                None => numbers,
            };
            of_image.into_data().convert::<f32>().try_into_vec().ok()
        });
        read.as_deref().ok_or_else(unreadable)
    }

    /// The sum of one map, all maps being on the second axis.
    pub(crate) fn sum(&self, id: ValueId, map: usize) -> Result<f64, GraphError> {
        Ok(total(self.map(id, map, self.numbers(id)?)))
    }

    /// The numbers of one map of an image's.
    pub(super) fn map<'n>(&self, id: ValueId, map: usize, numbers: &'n [f32]) -> &'n [f32] {
        let maps = self.activations.graph.shape(id, 1)[1].max(1);
        numbers.chunks_exact((numbers.len() / maps).max(1)).nth(map).unwrap_or_default()
    }

    pub(super) fn planes(&self, id: ValueId) -> Result<Planes<'_>, GraphError> {
        let size = self.activations.graph.plane(id).unwrap_or_default();
        Ok(Planes { numbers: self.numbers(id)?, size })
    }
}

pub(super) fn total(numbers: &[f32]) -> f64 {
    numbers.iter().map(|&number| f64::from(number)).sum()
}

pub(super) fn unreadable() -> GraphError {
    GraphError::Unsupported { operation: "numbers that cannot be read from the device".into() }
}
