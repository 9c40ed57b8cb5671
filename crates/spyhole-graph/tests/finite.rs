//! What overflows on the way is found where it begins, also where a later operation makes it finite again; what masks and
//! sigmoids are written with is not.

mod check;
mod nets;

use burn::module::{Module, ModuleMapper, Param};
use burn::nn::conv::Conv2d;
use burn::nn::{
    GroupNorm, GroupNormConfig, InstanceNorm, InstanceNormConfig, LayerNorm, LayerNormConfig,
};
use burn::prelude::*;
use burn::tensor::activation::{relu, softmax};
use check::random;
use nets::zoo::conv;
use spyhole_graph::{Graph, Holder, Weights};

#[derive(Module, Debug)]
struct Net {
    first: Conv2d,
    group: GroupNorm,
    instance: InstanceNorm,
    layer: LayerNorm,
    last: Conv2d,
}

impl Net {
    fn new() -> Self {
        let device = Device::flex();
        Self {
            first: conv(2, 4, 3, 1, 1),
            group: GroupNormConfig::new(2, 4).init(&device),
            instance: InstanceNormConfig::new(4).init(&device),
            layer: LayerNormConfig::new(8).init(&device),
            last: conv(4, 2, 3, 1, 1),
        }
    }
}

struct Large;

impl ModuleMapper for Large {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor * 1e20)
    }
}

type Between = fn(&Net, Tensor<4>) -> Tensor<4>;

/// Where the numbers begin that are not finite, for weights of usual size and for large ones in the first convolution.
fn places(between: Between) -> [Vec<String>; 2] {
    let net = Net::new();
    let forward =
        |net: &Net, x| net.last.forward(relu(between(net, net.first.forward(x)).clamp_max(10.0)));
    let graph = Graph::capture(&net, [2, 8, 8], forward).unwrap();
    assert_eq!(graph.layer("last").unwrap().unsupported(), None);
    let large = Net { first: net.first.clone().map(&mut Large), ..net.clone() };
    [net, large].map(|net| {
        let weights = Weights::of(&net, &Device::flex());
        let found = graph.forward(&weights, random([3, 2, 8, 8])).unwrap().not_finite();
        let words = found.into_iter().map(|place| {
            assert!(place.nan + place.infinite > 0 && place.of >= place.nan + place.infinite);
            match place.holder {
                Holder::Result { operation, module, .. } => {
                    format!("{operation} after {}", module.unwrap_or_default())
                }
                other => format!("{other:?}"),
            }
        });
        words.collect()
    })
}

#[test]
fn an_overflow_in_a_norm_is_one_though_zeros_come_out() {
    let cases: [(&str, Between, &str); 4] = [
        ("group norm", |net, x| net.group.forward(x), "after first"),
        ("instance norm", |net, x| net.instance.forward(x), "after first"),
        ("layer norm", |net, x| net.layer.forward(x), "layer norm after"),
        ("l2 norm", |_, x| x.clone() / x.powi_scalar(2).sum_dim(1).sqrt(), "after first"),
    ];
    for (name, between, expected) in cases {
        let [usual, large] = places(between);
        assert_eq!(usual, [""; 0], "{name}");
        assert_eq!(large.len(), 1, "{name}: {large:?}");
        assert!(large[0].contains(expected), "{name}: {large:?}");
    }
}

#[test]
fn what_sigmoids_and_masks_are_written_with_is_no_overflow() {
    let cases: [(&str, Between); 3] = [
        ("a sigmoid by hand", |_, x| (relu(x).exp() + 1.0).recip()),
        ("a mask of the lowest number", |_, x| {
            let mask = x.ones_like().triu(1).bool();
            let scores = x.clone().tanh().mask_fill(mask.clone(), f32::MIN);
            softmax(scores.mask_fill(mask, f32::NEG_INFINITY), 3) * x.tanh()
        }),
        ("a logarithm of zero", |_, x| x.sign().abs().sub_scalar(1.0).log().exp()),
    ];
    for (name, between) in cases {
        assert_eq!(places(between), [Vec::<String>::new(), vec![]], "{name}");
    }
}
