//! Recording a model's forward function on Burn's capture device, which computes nothing.

use std::collections::HashMap;

use burn::backend::ir::{GraphIr, TensorId};
use burn::backend::{BackendTensor, DispatchTensor, DispatchTensorKind};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::error::GraphError;
use crate::refusal;
use crate::trial::tried;

/// One recording, for one batch size.
pub(crate) struct Recording {
    pub(crate) ir: GraphIr,
    pub(crate) input: TensorId,
    pub(crate) output: TensorId,
    /// Path of every parameter and running statistic that the model brought along.
    pub(crate) parameters: HashMap<TensorId, String>,
    /// Values of the tensors that were made from data, other than parameters.
    pub(crate) values: HashMap<TensorId, TensorData>,
}

pub(crate) fn record<M: Module, const D: usize>(
    model: &M,
    shape: [usize; 3],
    batch: usize,
    forward: &impl Fn(&M, Tensor<4>) -> Tensor<D>,
) -> Result<Recording, GraphError> {
    let device = Device::capture();
    let mut parameters = HashMap::new();
    let mut ends = None;
    let [channels, height, width] = shape;
    let captured = tried(|| {
        device.capture_scope(|scope| {
            // `valid()` first: moving a model that shares running statistics with the one in training
            // would move those too.
            let model = model.valid().fork(&device);
            let mut names = ParameterNames::default();
            model.visit(&mut names);
            parameters = names.found;
            // Made by an operation, so that there are no values to read: a forward function that
            // decides by the pixels must fail here, not be recorded for the pixels it happened to get.
            let images = Tensor::<4>::zeros([batch, channels, height, width], &device);
            let input = captured_id(images.clone().into_dispatch());
            let output = captured_id(forward(&model, images).into_dispatch());
            ends = input.zip(output);
            scope.complete([], [])
        })
    });
    let captured = captured
        .map_err(|panic| refusal::cause(model, [batch, channels, height, width], forward, panic))?
        .map_err(|error| GraphError::Capture(error.to_string()))?;
    let (input, output) = ends.ok_or(GraphError::OutputElsewhere)?;
    let values = captured.values.into_iter().filter(|(id, _)| !parameters.contains_key(id));
    let values = values.collect();
    Ok(Recording { ir: captured.graph, input, output, parameters, values })
}

fn captured_id(tensor: DispatchTensor) -> Option<TensorId> {
    match tensor.kind {
        DispatchTensorKind::Capture(BackendTensor::Float(tensor)) => Some(tensor.id()),
        _ => None,
    }
}

#[derive(Default)]
struct ParameterNames {
    path: Vec<String>,
    found: HashMap<TensorId, String>,
}

impl ModuleVisitor for ParameterNames {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(id) = captured_id(param.val().into_dispatch()) {
            self.found.insert(id, self.path.join("."));
        }
    }
}

/// Everything is computed in f32: weights of another precision are refused.
pub(crate) fn check_precision<M: Module>(model: &M) -> Result<(), GraphError> {
    let mut visitor = Precision::default();
    model.visit(&mut visitor);
    match visitor.other {
        Some((parameter, precision)) => Err(GraphError::Precision { parameter, precision }),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Precision {
    path: Vec<String>,
    /// The first parameter that is not in f32, and what it is in.
    other: Option<(String, String)>,
}

impl ModuleVisitor for Precision {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let precision = param.val().dtype();
        // Quantized weights have no operations to be recorded: they are named as unsupported, layer by layer.
        if self.other.is_none() && precision.is_float() && precision != DType::F32 {
            self.other = Some((self.path.join("."), precision.name().to_owned()));
        }
    }
}
