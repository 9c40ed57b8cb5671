//! What does not depend on the images is computed whatever it is, and filters are read as they are used.

mod check;
mod nets;

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{IndexingUpdateOp, activation};
use check::{assert_close, numbers, random};
use spyhole_graph::{Graph, Method, Seed, Weights};

#[derive(Module, Debug)]
struct Net {
    v: Param<Tensor<4>>,
    g: Param<Tensor<4>>,
}

const SHAPE: [usize; 4] = [4, 2, 3, 3];

fn norm(w: Tensor<4>) -> Tensor<4> {
    w.powi_scalar(2).sum().sqrt().reshape([1, 1, 1, 1])
}

/// Filters computed from two parameters.
type Way = fn(Tensor<4>, Tensor<4>) -> Tensor<4>;

/// Ways to make filters of parameters.
fn ways() -> Vec<(&'static str, Way)> {
    fn flat(w: Tensor<4>) -> Tensor<2> {
        w.reshape([4, 18])
    }
    fn back(w: Tensor<2>) -> Tensor<4> {
        w.reshape(SHAPE)
    }
    vec![
        ("the same", |v, _| v * 1.0),
        ("spectral norm by the Frobenius norm", |v, _| v.clone() / norm(v)),
        ("spectral norm by power iteration", |v, _| {
            let w = flat(v.clone());
            let mut u = Tensor::ones([4, 1], &v.device());
            for _ in 0..3 {
                let right = w.clone().transpose().matmul(u);
                let right = right.clone() / right.square().sum().sqrt().unsqueeze();
                let left = w.clone().matmul(right);
                u = left.clone() / left.square().sum().sqrt().unsqueeze();
            }
            let sigma = (u.clone().transpose().matmul(w.clone())).square().sum().sqrt();
            v / sigma.unsqueeze()
        }),
        ("weight norm", |v, g| {
            let length = v.clone().square().sum_dims(&[1, 2, 3]).sqrt();
            g * v / length
        }),
        ("standardised", |v, _| {
            let w = flat(v);
            let centred = w.clone() - w.clone().mean_dim(1);
            back(centred / (w.var(1) + 1e-5).sqrt())
        }),
        ("mean", |v, _| v.clone() - v.mean().unsqueeze()),
        ("maximum and minimum", |v, _| v.clone() / (v.clone().max() - v.min()).unsqueeze()),
        ("absolute maximum", |v, _| v.clone() / v.max_abs().unsqueeze()),
        ("sorted", |v, _| v.sort(3)),
        ("order", |v, _| v.clone() * v.argsort(3).float()),
        ("sorted with the order", |v, _| {
            let (sorted, order) = v.sort_with_indices(2);
            sorted + order.float()
        }),
        ("top", |v, _| back(flat(v).topk(9, 1).repeat_dim(1, 2))),
        ("cumulative", |v, _| v.clone().cumsum(2) + v.clone().cumprod(3) + v.cummax(1)),
        ("product", |v, _| v.clone() * v.prod_dim(1)),
        ("matrix product", |v, _| {
            back(flat(v.clone()).matmul(flat(v.clone()).transpose()).matmul(flat(v)))
        }),
        ("scattered", |v, g| {
            let at = Tensor::<4, Int>::zeros(SHAPE, &v.device());
            v.scatter(2, at, g.expand(SHAPE), IndexingUpdateOp::Add)
        }),
        ("selected and added", |v, _| {
            let rows = Tensor::<1, Int>::from_ints([2, 0], &v.device());
            let part = v.clone().slice(s![0..2]);
            v.select_assign(0, rows, part, IndexingUpdateOp::Add)
        }),
        ("quantised by a count", |v, _| {
            let positive = v.clone().greater_elem(0.0);
            let many = positive.clone().int().sum().float().unsqueeze();
            v * many + positive.any().float().unsqueeze()
        }),
        ("softmax of filters", |v, _| back(activation::softmax(flat(v), 1))),
        ("angles", |v, g| v.atan2(g.expand(SHAPE))),
    ]
}

#[test]
fn filters_are_computed_from_parameters_whatever_computes_them() {
    let device = Device::flex();
    let net = Net {
        v: Param::from_tensor(random(SHAPE)),
        g: Param::from_tensor(random([4, 1, 1, 1]).abs() + 0.5),
    };
    for (name, way) in ways() {
        let forward = |net: &Net, x: Tensor<4>| {
            let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
            activation::relu(conv2d(x, way(net.v.val(), net.g.val()), None, options))
        };
        let graph = Graph::capture(&net, [2, 7, 8], forward).unwrap();
        let layer = &graph.layers()[0];
        assert_eq!(layer.unsupported(), None, "{name}");
        assert_eq!((layer.weight(), layer.weight_shape()), (None, Some(SHAPE)), "{name}");
        assert!(layer.filter_parameters().iter().any(|path| path == "v"), "{name}");
        let (weights, x) = (Weights::of(&net, &device), random([3, 2, 7, 8]));
        let activations = graph.forward(&weights, x.clone()).unwrap();
        let expected = numbers(forward(&net, x));
        assert_close(&numbers(activations.layer(layer).unwrap()), &expected, 1e-5, name);
        let seed = [Seed::Map { image: 2, map: 1 }];
        assert!(activations.project(layer, &seed, Method::Deconvnet).is_ok(), "{name}");
        // The filters are those that the convolution works with.
        let (shape, filters) = weights.filters(layer).unwrap();
        assert_eq!(shape, SHAPE, "{name}");
        assert_close(&filters, &numbers(way(net.v.val(), net.g.val())), 1e-6, name);
    }
}

#[test]
fn filters_are_shared_only_by_those_that_work_with_the_same_ones() {
    let net = Net {
        v: Param::from_tensor(random(SHAPE)),
        g: Param::from_tensor(random([4, 1, 1, 1]).abs() + 0.5),
    };
    type Pair = (Way, Way);
    let cases: [(&str, Pair, bool); 6] = [
        ("one parameter", (|v, _| v, |v, _| v), true),
        ("computed alike", (|v, g| g * v, |v, g| g * v), true),
        ("two halves", (|v, _| v.narrow(0, 0, 2), |v, _| v.narrow(0, 2, 2)), false),
        ("two scales", (|v, _| v * 2.0, |v, _| v * 3.0), false),
        ("turned", (|v, _| v * 1.0, |v, _| v.flip([2])), false),
        ("as it is, and computed", (|v, _| v, |v, g| g * v), false),
    ];
    for (name, (one, other), shared) in cases {
        let forward = |net: &Net, x: Tensor<4>| {
            let both = [one, other].map(|way| {
                let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
                let filters = way(net.v.val(), net.g.val());
                activation::relu(conv2d(x.clone(), filters, None, options))
            });
            Tensor::cat(both.to_vec(), 1)
        };
        let graph = Graph::capture(&net, [2, 7, 8], forward).unwrap();
        let [first, second, ..] = graph.layers() else { panic!("{name}") };
        assert_eq!(first.shares_filters_with(second), shared, "{name}");
        assert_eq!(second.shares_filters_with(first), shared, "{name}");
    }
}

/// Masks, positions and other tensors that the forward function makes by itself, for any number of images.
#[test]
fn tensors_made_on_the_way_are_computed_too() {
    let net = nets::zoo::conv(2, 3, 3, 1, 1);
    type Function = fn(Tensor<4>) -> Tensor<4>;
    let cases: [(&str, Function); 4] = [
        // The position embedding of DETR: a cumulative sum over a mask of ones for each image.
        ("positions", |x| x.clone() + x.ones_like().cumsum(2) * 0.1),
        ("a lower triangle", |x| {
            let [_, _, h, w] = x.dims();
            let lower = Tensor::<2>::ones([h, w], &x.device()).tril(0);
            x * lower.unsqueeze()
        }),
        ("sorted numbers", |x| {
            let ramp = Tensor::arange(0..8, &x.device()).float().neg().sort(0);
            x * ramp.reshape([1, 1, 1, 8])
        }),
        ("of numbers that were never filled", |x| {
            let (all, device) = (x.dims(), x.device());
            Tensor::<4>::empty(all, &device).slice_assign(s![.., .., .., ..], x)
        }),
    ];
    for (name, function) in cases {
        let forward = |net: &burn::nn::conv::Conv2d, x| net.forward(function(x));
        let graph = Graph::capture(&net, [2, 7, 8], forward).unwrap();
        for batch in [1, 4] {
            let x = random([batch, 2, 7, 8]);
            let weights = Weights::of(&net, &Device::flex());
            let output = graph.forward(&weights, x.clone()).unwrap().output::<4>();
            let output = output.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_close(&numbers(output), &numbers(forward(&net, x)), 1e-6, name);
        }
    }
}

/// Filters that no parameter has a part in are no weights, and filters of an image are refused by name.
#[test]
fn fixed_filters_are_no_weights() {
    let net = nets::zoo::conv(2, 3, 3, 1, 1);
    let graph = Graph::capture(&net, [2, 7, 8], |net, x| {
        let blur = Tensor::ones([2, 1, 3, 3], &x.device()) / 9.0;
        net.forward(conv2d(x, blur, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 2)))
    })
    .unwrap();
    let [blur, conv] = graph.layers() else { panic!("{:?}", graph.layers()) };
    let weights = Weights::of(&net, &Device::flex());
    assert_eq!((blur.weight_shape(), weights.filters(blur)), (None, None));
    assert!(blur.filter_parameters().is_empty());
    assert_eq!(conv.filter_parameters(), ["weight"]);
    assert_eq!(weights.filters(conv).map(|(shape, _)| shape), Some(vec![3, 2, 3, 3]));
}
