use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Device, Int, Shape, Tensor, TensorData};

use crate::dim::batch_axis;
use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::{Node, ValueId};
use crate::method::Method;
use crate::ops::{Value, select_rows};

/// What an operation may look up on the way back.
pub(crate) struct Recall<'a> {
    pub(crate) activations: &'a Activations<'a>,
    pub(crate) node: &'a Node,
    pub(crate) images: &'a [usize],
    pub(crate) method: Method,
}

impl Recall<'_> {
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    pub(crate) fn device(&self) -> &Device {
        &self.activations.device
    }

    /// An input as it was on the way forward, for the images that the signal belongs to.
    pub(crate) fn input(&self, input: usize) -> Result<Value, GraphError> {
        self.at_images(self.node.inputs[input])
    }

    /// An input as it was on the way forward, for all images.
    pub(crate) fn whole_input(&self, input: usize) -> Result<Value, GraphError> {
        self.activations.get(self.node.inputs[input])
    }

    /// The output as it was on the way forward, for the images that the signal belongs to.
    pub(crate) fn output(&self) -> Result<Value, GraphError> {
        self.at_images(self.node.output)
    }

    fn at_images(&self, id: ValueId) -> Result<Value, GraphError> {
        Ok(self.activations.select_images(id, self.activations.get(id)?, self.images))
    }

    /// What the operation remembered (a max pooling its switches), for the images that the signal
    /// belongs to.
    pub(crate) fn memory(&self) -> Result<Value, GraphError> {
        let memory = self.whole_memory()?;
        Ok(self.activations.select_images(self.node.output, memory, self.images))
    }

    /// The same, for all images.
    pub(crate) fn whole_memory(&self) -> Result<Value, GraphError> {
        let forgotten = || GraphError::Unsupported {
            operation: format!("{} (no memory)", self.node.op.describe()),
        };
        self.activations.memory(self.node.output).ok_or_else(forgotten)
    }

    /// Shape of an input, for as many images as the signal has.
    pub(crate) fn input_shape(&self, input: usize) -> Shape {
        self.activations.graph.shape(self.node.inputs[input], self.images.len())
    }

    /// A tensor of an input's shape with arbitrary values, for Burn functions that want only the shape.
    pub(crate) fn empty_like_input(&self, input: usize) -> Result<Value, GraphError> {
        let like = self.activations.get(self.node.inputs[input])?;
        let (device, dtype) = (TensorMetadata::device(&like), like.dtype());
        Ok(Dispatch::float_empty(self.input_shape(input), &device, dtype.into()))
    }

    /// Undoes broadcasting: sums the signal over the axes along which the input was repeated.
    pub(crate) fn sum_to_input(&self, signal: Value, input: usize) -> Result<Value, GraphError> {
        let shape = self.input_shape(input);
        let added = signal.shape().rank().saturating_sub(shape.rank());
        let mut signal = signal;
        for axis in 0..signal.shape().rank() {
            let length = if axis < added { 1 } else { shape[axis - added] };
            if length == 1 && signal.shape()[axis] != 1 {
                signal = Dispatch::float_sum_dim(signal, axis);
            }
        }
        Ok(if added > 0 { Dispatch::float_reshape(signal, shape) } else { signal })
    }
}

impl Activations<'_> {
    /// The part of a tensor that belongs to each of `images`, one after the other.
    pub(crate) fn select_images(&self, id: ValueId, value: Value, images: &[usize]) -> Value {
        let Some((axis, rows)) = batch_axis(&self.graph.value(id).dims) else { return value };
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
        select_rows(value, axis, indices)
    }
}
