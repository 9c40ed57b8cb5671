//! Running a graph forward, with every intermediate result kept.

use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchDevice, TensorMetadata};
use burn::tensor::{Bool, Device, Int, Shape, Tensor, TensorData};

use crate::error::GraphError;
use crate::graph::{Graph, Node, Source, ValueId};
use crate::layer::Layer;
use crate::ops::{Computed, Target, Value};
use crate::trial::tried;
use crate::weights::Weights;

/// Every intermediate result of a graph for some images and weights.
#[derive(Debug)]
pub struct Activations<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) batch: usize,
    pub(crate) device: Device,
    values: Vec<Option<Value>>,
    /// What operations remember for the way back, by the tensor they made.
    memory: Vec<Option<Value>>,
    /// Why a tensor has no value.
    missing: Vec<Option<String>>,
}

impl Graph {
    /// Memory that the intermediate results of one image take, roughly, in bytes. [`forward`](Self::forward)
    /// keeps all of them.
    pub fn bytes_per_image(&self) -> usize {
        let numbers = |node: &Node| {
            let info = self.value(node.output);
            let batch = |batch| self.shape(node.output, batch).num_elements();
            if info.from_images { batch(2).saturating_sub(batch(1)) } else { 0 }
        };
        // Four bytes a number; poolings also keep their switches, as eight.
        4 * self.nodes.iter().map(numbers).sum::<usize>() * 5 / 4
    }

    /// Computes all that can be computed, on the device of the images. The weights must be there too.
    ///
    /// # Errors
    /// When the images have another shape than the recording, or a parameter is missing.
    pub fn forward(
        &self,
        weights: &Weights,
        images: Tensor<4>,
    ) -> Result<Activations<'_>, GraphError> {
        let [batch, shape @ ..] = images.dims();
        if shape != self.input_shape {
            let (expected, got) = (self.input_shape, images.dims().to_vec());
            return Err(GraphError::ImageShape { expected, got });
        }
        let device = images.device();
        let images = images.into_dispatch();
        let place_of_images = TensorMetadata::device(&images);
        let mut values = vec![None; self.values.len()];
        let mut memory = vec![None; self.values.len()];
        for (value, info) in values.iter_mut().zip(&self.values) {
            *value = match &info.source {
                Source::Images => Some(images.clone()),
                Source::Data(data) => from_data(data.clone(), &device),
                Source::Parameter(path) => {
                    let missing = || GraphError::MissingParameter { path: path.clone() };
                    Some(weights.get(path).ok_or_else(missing)?)
                }
                Source::Node => None,
            };
        }
        let mut missing: Vec<_> = self.values.iter().map(|info| info.unsupported.clone()).collect();
        for node in &self.nodes {
            let (inputs, place) = (&node.inputs, node.output.0);
            let absent = inputs.iter().find(|id| values[id.0].is_none());
            if let Some(absent) = absent {
                missing[place] = missing[place].take().or_else(|| missing[absent.0].clone());
            }
            if absent.is_some() || missing[place].is_some() {
                continue;
            }
            let inputs: Vec<Value> = inputs.iter().filter_map(|id| values[id.0].clone()).collect();
            let shape = self.shape(node.output, batch);
            match compute(node, &inputs, shape, &place_of_images) {
                Ok(computed) => {
                    values[place] = Some(computed.output);
                    memory[place] = computed.memory;
                }
                Err(cause) => missing[place] = Some(cause),
            }
        }
        Ok(Activations { graph: self, batch, device, values, memory, missing })
    }
}

impl Activations<'_> {
    /// Number of images.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// A layer's activation, `[N, C, H, W]`; of a layer that works on lines, `[N, C, 1, L]`.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation.
    pub fn layer(&self, layer: &Layer) -> Result<Tensor<4>, GraphError> {
        if let Some(operation) = layer.unsupported() {
            return Err(GraphError::Unsupported { operation: operation.to_owned() });
        }
        let value = self.get(layer.place)?;
        let [channels, height, width] = layer.shape();
        let shape = Shape::new([self.batch, channels, height, width]);
        if value.shape() == shape {
            return Ok(Tensor::from_dispatch(value));
        }
        Ok(Tensor::from_dispatch(Dispatch::float_reshape(value, shape)))
    }

    /// The model's output.
    ///
    /// # Errors
    /// When the output is behind an unsupported operation, or has another rank than `D`.
    pub fn output<const D: usize>(&self) -> Result<Tensor<D>, GraphError> {
        let output = self.get(self.graph.output)?;
        let got = output.shape().rank();
        if got == D {
            Ok(Tensor::from_dispatch(output))
        } else {
            Err(GraphError::SignalShape { expected: vec![D], got: vec![got] })
        }
    }

    pub(crate) fn get(&self, id: ValueId) -> Result<Value, GraphError> {
        self.values[id.0].clone().ok_or_else(|| {
            let operation = self.missing[id.0].clone();
            GraphError::Unsupported { operation: operation.unwrap_or_else(|| "unknown".into()) }
        })
    }

    pub(crate) fn memory(&self, id: ValueId) -> Option<Value> {
        self.memory[id.0].clone()
    }
}

/// Computes one operation. A backend may refuse what it was not made for: then its result is missing, for this
/// reason, and the rest works.
pub(crate) fn compute(
    node: &Node,
    inputs: &[Value],
    shape: Shape,
    device: &DispatchDevice,
) -> Result<Computed, String> {
    let target = Target { shape: shape.clone(), device: device.clone() };
    match tried(|| node.op.forward(inputs, &target)) {
        Ok(computed) if computed.output.shape() == shape => Ok(computed),
        Ok(computed) => {
            let got = computed.output.shape();
            Err(format!(
                "{} (the device computes the shape {got:?}, the recording has {shape:?})",
                node.op.describe()
            ))
        }
        Err(panic) => Err(format!("{} (the device failed: {panic})", node.op.describe())),
    }
}

/// A recorded constant, whatever its rank and kind.
pub(crate) fn from_data(data: TensorData, device: &Device) -> Option<Value> {
    let (shape, dtype) = (data.shape().clone(), data.dtype());
    let length = [shape.num_elements()];
    Some(if dtype.is_float() {
        let flat = TensorData::new(data.convert::<f32>().try_to_vec::<f32>().ok()?, length);
        Dispatch::float_reshape(Tensor::<1>::from_data(flat, device).into_dispatch(), shape)
    } else if dtype.is_bool() {
        let flat = TensorData::new(data.convert::<bool>().try_to_vec::<bool>().ok()?, length);
        Dispatch::bool_reshape(Tensor::<1, Bool>::from_data(flat, device).into_dispatch(), shape)
    } else {
        let flat = TensorData::new(data.convert::<i64>().try_to_vec::<i64>().ok()?, length);
        Dispatch::int_reshape(Tensor::<1, Int>::from_data(flat, device).into_dispatch(), shape)
    })
}
