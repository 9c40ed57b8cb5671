//! Which parameters are being trained: a frozen layer is not a dead one.

use std::collections::HashSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// Paths of the parameters that gradients change.
#[derive(Debug, Default)]
pub(crate) struct Trainable(HashSet<String>);

impl Trainable {
    pub(crate) fn of<M: Module>(model: &M) -> Self {
        let mut collect = Collect::default();
        model.visit(&mut collect);
        Self(collect.found)
    }

    /// A model outside autodiff says nothing: all of it counts as being trained.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.0.is_empty() || self.0.contains(path)
    }
}

#[derive(Default)]
struct Collect {
    path: Vec<String>,
    found: HashSet<String>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.val().is_require_grad() {
            self.found.insert(self.path.join("."));
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn frozen_parameters_are_told_from_trained_ones() {
        let linear = |device: &Device| LinearConfig::new(2, 2).init(device);
        let pair = |device: &Device| vec![linear(device), linear(device).no_grad()];
        let trainable = Trainable::of(&pair(&Device::flex().autodiff()));
        assert!(trainable.contains("0.weight") && !trainable.contains("1.weight"));
        let unknown = Trainable::of(&pair(&Device::flex()));
        assert!(unknown.contains("0.weight") && unknown.contains("1.weight"));
    }
}
