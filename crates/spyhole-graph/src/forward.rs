//! Running a graph forward, with every intermediate result kept.

use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Device, Tensor, TensorData};

use crate::error::GraphError;
use crate::graph::{Graph, Source, ValueId};
use crate::layer::Layer;
use crate::ops::{Target, Value};
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
}

impl Graph {
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
        for node in &self.nodes {
            let inputs: Option<Vec<Value>> =
                node.inputs.iter().map(|id| values[id.0].clone()).collect();
            let Some(inputs) = inputs else { continue };
            let shape = self.shape(node.output, batch);
            let target = Target { shape, device: TensorMetadata::device(&images) };
            let computed = node.op.forward(&inputs, &target);
            values[node.output.0] = Some(computed.output);
            memory[node.output.0] = computed.memory;
        }
        Ok(Activations { graph: self, batch, device, values, memory })
    }
}

impl Activations<'_> {
    /// Number of images.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// A layer's activation, `[N, C, H, W]`.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation.
    pub fn layer(&self, layer: &Layer) -> Result<Tensor<4>, GraphError> {
        self.get(layer.place).map(Tensor::from_dispatch)
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
            let operation = self.graph.value(id).unsupported.clone();
            GraphError::Unsupported { operation: operation.unwrap_or_else(|| "unknown".into()) }
        })
    }

    pub(crate) fn memory(&self, id: ValueId) -> Option<Value> {
        self.memory[id.0].clone()
    }
}

/// A recorded constant, whatever its rank. Only float tensors are read by operations known so far.
fn from_data(data: TensorData, device: &Device) -> Option<Value> {
    let shape = data.shape().clone();
    let numbers = data.convert::<f32>().try_to_vec::<f32>().ok()?;
    let flat = TensorData::new(numbers, [shape.num_elements()]);
    Some(Dispatch::float_reshape(Tensor::<1>::from_data(flat, device).into_dispatch(), shape))
}
