//! Which parameters are being trained: a frozen layer is not a dead one.

use std::collections::HashSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use spyhole_graph::Layer;

/// Paths of the parameters that gradients do not change (`Module::freeze`, `no_grad`), as it is when the watch begins.
/// A model outside autodiff has none: nothing is known of it.
#[derive(Debug, Default)]
pub(crate) struct Frozen(HashSet<String>);

impl Frozen {
    pub(crate) fn of<M: Module>(model: &M) -> Self {
        let mut collect = Collect::default();
        model.visit(&mut collect);
        Self(collect.found)
    }

    /// Whether nothing that makes the layer what it is gets trained.
    pub(crate) fn holds(&self, layer: &Layer) -> bool {
        // A trained bias alone does not make the filters move.
        let paths = match layer.filter_parameters() {
            [] => layer.parameters(),
            filters => filters,
        };
        !paths.is_empty() && paths.iter().all(|path| self.0.contains(path))
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
        let tensor = param.val();
        if tensor.is_autodiff() && !tensor.is_require_grad() {
            self.found.insert(self.path.join("."));
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::{Conv2d, Conv2dConfig};
    use burn::tensor::{Device, Tensor};
    use spyhole_graph::Graph;

    use super::*;

    #[derive(Module, Debug)]
    struct Net {
        stem: Conv2d,
        block: Block,
    }

    #[derive(Module, Debug)]
    struct Block {
        a: Conv2d,
        b: Conv2d,
    }

    impl Net {
        fn forward(&self, images: Tensor<4>) -> Tensor<4> {
            let x = self.stem.forward(images);
            x.clone() + self.block.b.forward(self.block.a.forward(x))
        }
    }

    fn net(device: &Device) -> Net {
        let conv = || {
            let config = Conv2dConfig::new([1, 1], [3, 3]);
            config.with_padding(PaddingConfig2d::Same).init(device)
        };
        Net { stem: conv(), block: Block { a: conv(), b: conv() } }
    }

    fn frozen(net: &Net) -> Vec<String> {
        let graph = Graph::capture(net, [1, 8, 8], Net::forward).unwrap();
        let frozen = Frozen::of(net);
        let held = graph.layers().iter().filter(|layer| frozen.holds(layer));
        held.map(|layer| layer.name().to_owned()).collect()
    }

    #[test]
    fn what_is_frozen_is_known_and_sums_are_what_their_branches_are() {
        let net = || net(&Device::flex().autodiff());
        assert_eq!(frozen(&net()), [""; 0]);
        assert_eq!(frozen(&Net { stem: net().stem.no_grad(), ..net() }), ["stem"]);
        let half = Block { a: net().block.a.freeze(), ..net().block };
        assert_eq!(frozen(&Net { block: half, ..net() }), ["block.a"]);
        let block = Net { block: net().block.freeze(), ..net() };
        assert_eq!(frozen(&block), ["block.a", "block.b", "block"]);
        assert_eq!(frozen(&net().freeze()).len(), 4, "all of it");
        // Outside autodiff nothing is known.
        assert_eq!(frozen(&self::net(&Device::flex()).freeze()), [""; 0]);
    }
}
