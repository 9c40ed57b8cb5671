use std::collections::HashMap;

use burn::backend::TensorMetadata;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::error::GraphError;
use crate::graph::{Graph, Source};
use crate::layer::Layer;
use crate::ops::{Value, flat};

/// A model's parameters and running statistics by path (`blocks.0.conv1.weight`), without its code.
///
/// Taking them copies handles, not numbers; a later change of the model does not change them.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    by_path: HashMap<String, Value>,
    device: Option<Device>,
}

impl Weights {
    /// The weights of a model on a device. They stay where they are if they are there already;
    /// otherwise they are copied through host memory. The model itself is neither moved nor changed.
    ///
    /// Running statistics are read as they are: pass `model.valid()` to have the newest.
    pub fn of<M: Module>(model: &M, device: &Device) -> Self {
        let mut visitor = Collect { device, path: vec![], by_path: HashMap::new() };
        model.visit(&mut visitor);
        Self { by_path: visitor.by_path, device: Some(device.clone()) }
    }

    /// The paths of all parameters and running statistics, in no particular order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.by_path.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        self.by_path.get(path).cloned()
    }

    /// Shape and numbers of a parameter, copied to host memory. `None` if there is none of that path.
    pub fn values(&self, path: &str) -> Option<(Vec<usize>, Vec<f32>)> {
        numbers(self.get(path)?)
    }

    /// Shape and numbers of the filters that a layer's convolution works with, copied to host memory: of its
    /// parameter, or of what the forward function computes from parameters (weight norm: `g · v / ‖v‖`). `None` for
    /// a layer without filters ([`Layer::weight_shape`]), and if a parameter is missing.
    pub fn filters(&self, layer: &Layer) -> Option<(Vec<usize>, Vec<f32>)> {
        match (layer.weight(), &layer.kernel) {
            (Some(path), _) => self.values(path),
            (None, Some(recipe)) => numbers(recipe.compute(self, self.device.as_ref()?).ok()?),
            (None, None) => None,
        }
    }
}

fn numbers(value: Value) -> Option<(Vec<usize>, Vec<f32>)> {
    let shape = value.shape().to_vec();
    let data = flat(value).into_data().convert::<f32>();
    Some((shape, data.try_to_vec().ok()?))
}

impl Graph {
    /// Whether these are weights of the recorded network: every parameter that it reads is there, in its shape.
    ///
    /// # Errors
    /// The first parameter that is missing, or has another shape or precision.
    pub fn check(&self, weights: &Weights) -> Result<(), GraphError> {
        for info in &self.values {
            let Source::Parameter(path) = &info.source else { continue };
            let missing = || GraphError::MissingParameter { path: path.clone() };
            let value = weights.by_path.get(path).ok_or_else(missing)?;
            let got = value.shape();
            let expected: Vec<_> = info.dims.iter().map(|dim| dim.at(1)).collect();
            if got.as_slice() != expected {
                let (path, got) = (path.clone(), got.to_vec());
                return Err(GraphError::OtherNetwork { path, expected, got });
            }
            if value.dtype().is_float() && value.dtype() != DType::F32 {
                let precision = value.dtype().name().to_owned();
                return Err(GraphError::Precision { parameter: path.clone(), precision });
            }
        }
        Ok(())
    }
}

struct Collect<'a> {
    device: &'a Device,
    path: Vec<String>,
    by_path: HashMap<String, Value>,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val().without_autodiff().to_device(self.device);
        self.by_path.insert(self.path.join("."), value.into_dispatch());
    }
}
