//! Recording a model's forward function on Burn's capture device, which computes nothing.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::backend::ir::{GraphIr, TensorId};
use burn::backend::{BackendTensor, DispatchTensor, DispatchTensorKind};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::error::GraphError;

/// One recording, for one batch size.
pub(crate) struct Recording {
    pub(crate) ir: GraphIr,
    pub(crate) input: TensorId,
    pub(crate) output: TensorId,
    /// Path of every parameter and running statistic that the model brought along.
    pub(crate) parameters: HashMap<TensorId, String>,
    /// Values of everything that was not computed: parameters, and tensors made from data.
    pub(crate) values: HashMap<TensorId, TensorData>,
}

pub(crate) fn record<M: Module, const D: usize>(
    model: &M,
    [channels, height, width]: [usize; 3],
    batch: usize,
    forward: &impl Fn(&M, Tensor<4>) -> Tensor<D>,
) -> Result<Recording, GraphError> {
    let device = Device::capture();
    let mut parameters = HashMap::new();
    let mut ends = None;
    let captured = catch_unwind(AssertUnwindSafe(|| {
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
    }));
    let captured = captured
        .map_err(|panic| GraphError::ForwardPanicked {
            channels,
            height,
            width,
            message: panic_message(panic.as_ref()),
        })?
        .map_err(|error| GraphError::Capture(error.to_string()))?;
    let (input, output) = ends.ok_or_else(|| {
        GraphError::Capture(
            "the forward function's output was not computed on its input's device".into(),
        )
    })?;
    let values = captured.values.into_iter().collect();
    Ok(Recording { ir: captured.graph, input, output, parameters, values })
}

/// The text of a panic, if it has one.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
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
