//! The way back: from units, maps or directions to the pixels that they respond to.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::backend::Dispatch;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::{Tensor, TensorData};

use crate::capture::panic_message;
use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::ValueId;
use crate::layer::Layer;
use crate::method::Method;
use crate::ops::Value;
use crate::recall::Recall;
use crate::seed::{Direction, Seed, SeedValue};

fn check(what: &'static str, index: usize, count: usize) -> Result<(), GraphError> {
    (index < count).then_some(()).ok_or(GraphError::OutOfRange { what, index, count })
}

impl Activations<'_> {
    /// Projects units or maps of a layer back to the pixels, with their own activations: one picture
    /// `[C, H, W]` per seed, in one pass, `[seeds, C, H, W]`. The picture has the sign that the method
    /// gives it; it is not scaled.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, or a seed does not exist.
    pub fn project(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        self.project_with(layer, seeds, SeedValue::Own, method)
    }

    /// The same as [`project`](Self::project), starting with the units' own activations or with ones.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, or a seed does not exist.
    pub fn project_with(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        value: SeedValue,
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let activation = self.layer(layer)?;
        let [images, maps, height, width] = activation.dims();
        let mut mask = vec![0f32; seeds.len() * maps * height * width];
        let size = (maps * height * width).max(1);
        for (&seed, mask) in seeds.iter().zip(mask.chunks_exact_mut(size)) {
            check("image", seed.image(), images)?;
            match seed {
                Seed::Unit { map, row, column, .. } => {
                    check("feature map", map, maps)?;
                    check("row", row, height)?;
                    check("column", column, width)?;
                    mask[(map * height + row) * width + column] = 1.0;
                }
                Seed::Map { map, .. } => {
                    check("feature map", map, maps)?;
                    mask[map * height * width..(map + 1) * height * width].fill(1.0);
                }
            }
        }
        if seeds.is_empty() {
            return Ok(self.no_pictures());
        }
        let images: Vec<_> = seeds.iter().map(|seed| seed.image()).collect();
        let mask = TensorData::new(mask, [seeds.len(), maps, height, width]);
        let mask = Tensor::<4>::from_data(mask, &self.device);
        let signal = match value {
            SeedValue::One => mask,
            // `mask_where` rather than a product: an activation that is not finite elsewhere in the map
            // must not leak into the seed.
            SeedValue::Own => {
                let own = self.at_images(activation, &images);
                mask.zeros_like().mask_where(mask.greater_elem(0.5), own)
            }
        };
        self.project_layer(layer, signal, &images, method)
    }

    /// Projects directions in the space of a layer's channels back to the pixels, one picture each,
    /// `[directions, C, H, W]`. The signal is `v`, times the activation along it, `a · v`, with
    /// [`SeedValue::Own`]: for the k-th unit vector it is that of map k.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, a direction has not one number per feature
    /// map, or its image or position does not exist.
    pub fn project_directions(
        &self,
        layer: &Layer,
        directions: &[Direction],
        value: SeedValue,
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let activation = self.layer(layer)?;
        let [images, maps, height, width] = activation.dims();
        let (mut weights, mut mask) = (vec![], vec![0f32; directions.len() * height * width]);
        let size = (height * width).max(1);
        for (direction, mask) in directions.iter().zip(mask.chunks_exact_mut(size)) {
            check("image", direction.image, images)?;
            if direction.weights.len() != maps {
                let (expected, got) = (vec![maps], vec![direction.weights.len()]);
                return Err(GraphError::SignalShape { expected, got });
            }
            weights.extend(&direction.weights);
            match direction.at {
                Some([row, column]) => {
                    check("row", row, height)?;
                    check("column", column, width)?;
                    mask[row * width + column] = 1.0;
                }
                None => mask.fill(1.0),
            }
        }
        if directions.is_empty() {
            return Ok(self.no_pictures());
        }
        let images: Vec<_> = directions.iter().map(|direction| direction.image).collect();
        let count = directions.len();
        let from = |data: Vec<f32>, shape| {
            Tensor::<4>::from_data(TensorData::new(data, shape), &self.device)
        };
        let weights = from(weights, [count, maps, 1, 1]);
        let mask = from(mask, [count, 1, height, width]);
        let strength = match value {
            SeedValue::One => mask,
            SeedValue::Own => {
                let own = (self.at_images(activation, &images) * weights.clone()).sum_dim(1);
                mask.zeros_like().mask_where(mask.greater_elem(0.5), own)
            }
        };
        self.project_layer(layer, weights * strength, &images, method)
    }

    /// Projects any signal at the model's output back to the pixels: `signal[i]` starts from image
    /// `images[i]`. For a class's logit, a signal that is one there and zero elsewhere.
    ///
    /// # Errors
    /// When the signal has not the output's shape, or the output is behind an unsupported operation.
    pub fn project_output<const D: usize>(
        &self,
        signal: Tensor<D>,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let place = self.graph.output;
        self.get(place)?;
        for &image in images {
            check("image", image, self.batch)?;
        }
        let expected = self.graph.shape(place, images.len());
        if signal.shape() != expected {
            let (expected, got) = (expected.to_vec(), signal.dims().to_vec());
            return Err(GraphError::SignalShape { expected, got });
        }
        self.project_back(place, signal.into_dispatch(), images, method)
    }

    fn project_layer(
        &self,
        layer: &Layer,
        signal: Tensor<4>,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        // Back to three axes, where the layer works on lines.
        let shape = self.graph.shape(layer.place, images.len());
        let signal = Dispatch::float_reshape(signal.into_dispatch(), shape);
        self.project_back(layer.place, signal, images, method)
    }

    fn at_images(&self, activation: Tensor<4>, images: &[usize]) -> Tensor<4> {
        let indices: Vec<i64> = images.iter().map(|&image| image as i64).collect();
        let indices = TensorData::new(indices, [images.len()]);
        activation.select(0, Tensor::from_data(indices, &self.device))
    }

    fn no_pictures(&self) -> Tensor<4> {
        let [channels, height, width] = self.graph.input_shape;
        Tensor::zeros([0, channels, height, width], &self.device)
    }

    fn project_back(
        &self,
        from: ValueId,
        signal: Value,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let graph = self.graph;
        let mut signals = HashMap::from([(from, signal)]);
        for &index in graph.needed_for(&[from]).iter().rev() {
            let node = &graph.nodes[index];
            let Some(signal) = signals.remove(&node.output) else { continue };
            let recall = Recall { activations: self, node, images, method };
            for (input, &id) in node.inputs.iter().enumerate() {
                if !graph.carries_signal(id) {
                    continue;
                }
                let failed = |why: &str| GraphError::Unsupported {
                    operation: format!("{} ({why} on the way back)", node.op.describe()),
                };
                let arriving = catch_unwind(AssertUnwindSafe(|| {
                    node.op.backward(signal.clone(), input, &recall)
                }))
                .map_err(|panic| failed(panic_message(panic.as_ref()).as_str()))??;
                if arriving.shape() != graph.shape(id, images.len()) {
                    return Err(failed("a signal of another shape"));
                }
                let sum = match signals.remove(&id) {
                    Some(other) => Dispatch::float_add(other, arriving),
                    None => arriving,
                };
                signals.insert(id, sum);
            }
        }
        let [channels, height, width] = graph.input_shape;
        Ok(match signals.remove(&graph.input) {
            Some(pixels) => Tensor::from_dispatch(pixels),
            None => Tensor::zeros([images.len(), channels, height, width], &self.device),
        })
    }
}
