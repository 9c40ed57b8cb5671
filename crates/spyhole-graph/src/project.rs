//! The way back: from one unit, or a whole map, to the pixels that it responds to.

use std::collections::HashMap;

use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Int, Shape, Tensor, TensorData};

use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::{Node, ValueId};
use crate::layer::Layer;
use crate::method::Method;
use crate::ops::Value;

/// Where a projection starts: everything else in the layer is set to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seed {
    /// One unit, with its own activation (Zeiler & Fergus 2013).
    Unit {
        /// Position of the image in the batch.
        image: usize,
        /// Feature map.
        map: usize,
        /// Row in the map.
        row: usize,
        /// Column in the map.
        column: usize,
    },
    /// A whole feature map, each unit with its own activation.
    Map {
        /// Position of the image in the batch.
        image: usize,
        /// Feature map.
        map: usize,
    },
}

impl Seed {
    fn image(self) -> usize {
        match self {
            Self::Unit { image, .. } | Self::Map { image, .. } => image,
        }
    }
}

impl Activations<'_> {
    /// Projects units or maps of a layer back to the pixels: one picture `[C, H, W]` per seed, in one
    /// pass, `[seeds, C, H, W]`. The picture has the sign that the method gives it; it is not scaled.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, or a seed does not exist.
    pub fn project(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let activation = self.layer(layer)?;
        let [images, maps, height, width] = activation.dims();
        let check = |what, index, count| {
            (index < count).then_some(()).ok_or(GraphError::OutOfRange { what, index, count })
        };
        let mut mask = vec![0f32; seeds.len() * maps * height * width];
        for (&seed, mask) in seeds.iter().zip(mask.chunks_exact_mut(maps * height * width)) {
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
        let images: Vec<_> = seeds.iter().map(|seed| seed.image()).collect();
        let mask = TensorData::new(mask, [seeds.len(), maps, height, width]);
        let mask = Tensor::<4>::from_data(mask, &self.device).into_dispatch();
        let own = self.select_images(layer.place, activation.into_dispatch(), &images);
        // `mask_where` rather than a product: an activation that is not finite elsewhere in the map
        // must not leak into the seed.
        let zeros = Dispatch::float_mul_scalar(mask.clone(), 0.0.into());
        let chosen = Tensor::<4>::from_dispatch(mask).greater_elem(0.5).into_dispatch();
        let signal = Dispatch::float_mask_where(zeros, chosen, own);
        self.project_back(layer.place, signal, &images, method)
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
        if let Some(&index) = images.iter().find(|&&image| image >= self.batch) {
            return Err(GraphError::OutOfRange { what: "image", index, count: self.batch });
        }
        let expected = self.graph.shape(place, images.len());
        if signal.shape() != expected {
            let (expected, got) = (expected.to_vec(), signal.dims().to_vec());
            return Err(GraphError::SignalShape { expected, got });
        }
        self.project_back(place, signal.into_dispatch(), images, method)
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
                if !graph.value(id).from_images {
                    continue;
                }
                let arriving = node.op.backward(signal.clone(), input, &recall);
                let sum = match signals.remove(&id) {
                    Some(other) => Dispatch::float_add(other, arriving),
                    None => arriving,
                };
                signals.insert(id, sum);
            }
        }
        let pixels = signals.remove(&graph.input).unwrap_or_else(|| {
            let [channels, height, width] = graph.input_shape;
            Tensor::<4>::zeros([images.len(), channels, height, width], &self.device)
                .into_dispatch()
        });
        Ok(Tensor::from_dispatch(pixels))
    }

    /// The part of a tensor that belongs to each of `images`, one after the other.
    fn select_images(&self, id: ValueId, value: Value, images: &[usize]) -> Value {
        let dims = &self.graph.value(id).dims;
        let batch_axis =
            dims.iter().enumerate().find_map(|(axis, dim)| Some((axis, dim.rows_per_image()?)));
        let Some((axis, rows)) = batch_axis else { return value };
        if images.len() == self.batch && images.iter().enumerate().all(|(i, &image)| i == image) {
            return value;
        }
        let indices: Vec<i64> = images
            .iter()
            .flat_map(|image| (image * rows..(image + 1) * rows).map(|row| row as i64))
            .collect();
        let count = indices.len();
        let indices = TensorData::new(indices, [count]);
        let indices = Tensor::<1, Int>::from_data(indices, &self.device).into_dispatch();
        if value.dtype().is_float() {
            Dispatch::float_select(value, axis, indices)
        } else {
            Dispatch::int_select(value, axis, indices)
        }
    }
}

/// What an operation may look up on the way back.
pub(crate) struct Recall<'a> {
    activations: &'a Activations<'a>,
    node: &'a Node,
    images: &'a [usize],
    method: Method,
}

impl Recall<'_> {
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// An input that does not change with the images: a parameter.
    pub(crate) fn constant(&self, input: usize) -> Value {
        self.value(self.node.inputs[input])
    }

    /// An input as it was on the way forward, for the images that the signal belongs to.
    pub(crate) fn input(&self, input: usize) -> Value {
        self.at_images(self.node.inputs[input])
    }

    /// The output as it was on the way forward, for the images that the signal belongs to.
    pub(crate) fn output(&self) -> Value {
        self.at_images(self.node.output)
    }

    fn at_images(&self, id: ValueId) -> Value {
        let value = self.value(id);
        if self.activations.graph.value(id).from_images {
            self.activations.select_images(id, value, self.images)
        } else {
            value
        }
    }

    /// A max pooling's switches, for the images that the signal belongs to.
    pub(crate) fn switches(&self) -> Value {
        let switches = self.activations.memory(self.node.output);
        // A node on the way back was computed on the way forward, so its switches are there.
        let switches = switches.expect("a max pooling keeps its switches");
        self.activations.select_images(self.node.output, switches, self.images)
    }

    /// Shape of an input, for as many images as the signal has.
    pub(crate) fn input_shape(&self, input: usize) -> Shape {
        self.activations.graph.shape(self.node.inputs[input], self.images.len())
    }

    /// A tensor of an input's shape with arbitrary values, for Burn functions that want only the shape.
    pub(crate) fn empty_like_input(&self, input: usize) -> Value {
        let like = self.value(self.node.inputs[input]);
        let (device, dtype) = (TensorMetadata::device(&like), like.dtype());
        Dispatch::float_empty(self.input_shape(input), &device, dtype.into())
    }

    /// Undoes broadcasting: sums the signal over the axes along which the input was repeated.
    pub(crate) fn sum_to_input(&self, signal: Value, input: usize) -> Value {
        let shape = self.input_shape(input);
        let mut signal = signal;
        for (axis, &length) in shape.iter().enumerate() {
            if length == 1 && signal.shape()[axis] != 1 {
                signal = Dispatch::float_sum_dim(signal, axis);
            }
        }
        signal
    }

    fn value(&self, id: ValueId) -> Value {
        // Every value on the way back was computed on the way forward.
        self.activations.get(id).expect("a value on the way back was computed on the way forward")
    }
}
