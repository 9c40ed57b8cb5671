//! Units are projected in windows where that is cheaper: the pictures are those of the whole planes.

mod nets;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::{Distribution, Slice};
use proptest::prelude::*;
use spyhole_graph::{Graph, Layer, Method, Seed, SeedValue, Weights};

const METHODS: [Method; 3] = [Method::Deconvnet, Method::Guided, Method::Gradient];

fn numbers(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("floats")
}

/// Corners, borders and the middle of a layer, for two images.
fn units(layer: &Layer) -> Vec<Seed> {
    let [maps, height, width] = layer.shape();
    let places = |length: usize| [0, 1.min(length - 1), length / 2, length - 1];
    let mut seeds = vec![];
    for (i, row) in places(height).into_iter().enumerate() {
        for (j, column) in places(width).into_iter().enumerate() {
            seeds.push(Seed::Unit { image: (i + j) % 2, map: (3 * i + j) % maps, row, column });
        }
    }
    seeds
}

/// Compares all layers of a network, units together, with units through whole planes.
fn check<M: Module>(net: &M, shape: [usize; 3], forward: impl Fn(&M, Tensor<4>) -> Tensor<4>) {
    let device = Device::flex();
    let [channels, height, width] = shape;
    let Ok(graph) = Graph::capture(net, shape, forward) else { return };
    let x = Tensor::random([2, channels, height, width], Distribution::Normal(0.0, 1.0), &device);
    let activations = graph.forward(&Weights::of(net, &device), x).unwrap();
    for layer in graph.layers() {
        let units = units(layer);
        // A whole map among the seeds makes all of them go through whole planes.
        let with_map: Vec<_> =
            units.iter().copied().chain([Seed::Map { image: 0, map: 0 }]).collect();
        for (method, value) in
            METHODS.into_iter().flat_map(|m| [(m, SeedValue::Own), (m, SeedValue::One)])
        {
            let windows = activations.project_with(layer, &units, value, method).unwrap();
            let planes = activations.project_with(layer, &with_map, value, method).unwrap();
            let (windows, planes) = (numbers(windows), numbers(planes));
            let scale = planes.iter().fold(1e-6f32, |scale, x| scale.max(x.abs()));
            for (i, (window, plane)) in windows.iter().zip(&planes).enumerate() {
                let unit = units[i / (channels * height * width)];
                assert!(
                    (window - plane).abs() <= 1e-5 * scale,
                    "{} {unit:?} {method:?} {value:?}: {window} against {plane}",
                    layer.name()
                );
            }
        }
    }
}

#[derive(Module, Debug)]
struct Stage {
    conv: Conv2d,
    norm: Option<BatchNorm>,
    pool: Option<MaxPool2d>,
}

#[derive(Module, Debug)]
struct Stack {
    stages: Vec<Stage>,
}

#[derive(Clone, Debug)]
struct StageCase {
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
    norm: bool,
    /// Side, stride and padding.
    pool: Option<(usize, usize, usize)>,
}

fn stage() -> impl Strategy<Value = StageCase> {
    let pair = |range: std::ops::RangeInclusive<usize>| [range.clone(), range];
    let pool = proptest::option::of((1..=3usize, 1..=3usize, 0..=1usize));
    let geometry = (pair(1..=3), pair(1..=2), [0..=2usize, 0..=2, 0..=2, 0..=2], pair(1..=2));
    (geometry, any::<bool>(), pool).prop_map(|((kernel, stride, padding, dilation), norm, pool)| {
        StageCase {
            kernel,
            stride,
            padding,
            dilation,
            norm,
            // Padding of half a window at most, as everywhere.
            pool: pool.map(|(side, stride, padding)| (side, stride, padding.min(side / 2))),
        }
    })
}

fn stack(cases: &[StageCase]) -> Stack {
    let device = Device::flex();
    let build = |(i, case): (usize, &StageCase)| {
        let [top, left, bottom, right] = case.padding;
        Stage {
            conv: Conv2dConfig::new([if i == 0 { 2 } else { 4 }, 4], case.kernel)
                .with_stride(case.stride)
                .with_dilation(case.dilation)
                .with_groups(if i % 2 == 1 { 2 } else { 1 })
                .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
                .init(&device),
            norm: case.norm.then(|| BatchNormConfig::new(4).init(&device)),
            pool: case.pool.map(|(side, stride, padding)| {
                MaxPool2dConfig::new([side, side])
                    .with_strides([stride, stride])
                    .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                    .init()
            }),
        }
    };
    Stack { stages: cases.iter().enumerate().map(build).collect() }
}

fn forward(net: &Stack, images: Tensor<4>) -> Tensor<4> {
    let mut x = images;
    for Stage { conv, norm, pool } in &net.stages {
        let before = x.clone();
        x = conv.forward(x);
        if let Some(norm) = norm {
            x = norm.forward(x);
        }
        x = relu(x);
        // A residual branch where the shapes allow it.
        if x.dims() == before.dims() {
            x = x + before;
        }
        if let Some(pool) = pool {
            x = pool.forward(x);
        }
    }
    x
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn windows_equal_planes(cases in proptest::collection::vec(stage(), 1..=4), side in 20..=32usize) {
        check(&stack(&cases), [2, side, side + 3], forward);
    }
}

#[test]
fn windows_equal_planes_in_a_residual_network() {
    let net = nets::Residual::new(4, &Device::flex());
    check(&net, [3, 64, 48], |net, x| net.forward(x).unsqueeze_dims(&[2, 3]));
}

/// A stem that takes every other row and column apart, by slices or by lists of positions, parts of the channels, and
/// two branches side by side.
#[test]
fn windows_equal_planes_where_positions_are_picked() {
    let conv = |from, to| nets::zoo::conv(from, to, 3, 1, 1);
    let net = vec![conv(8, 6), conv(3, 4), conv(3, 4), conv(8, 4)];
    for by_list in [false, true] {
        check(&net, [2, 40, 44], |net: &Vec<Conv2d>, x| {
            let every_other = |x: Tensor<4>, axis: usize, from: usize| {
                let length = x.dims()[axis];
                if by_list {
                    let range = from as i64..length as i64;
                    x.clone().select(axis, Tensor::arange_step(range, 2, &x.device()))
                } else {
                    x.slice_dim(axis, Slice::new(from as isize, None, 2))
                }
            };
            let parts = [[0, 0], [1, 0], [0, 1], [1, 1]]
                .map(|[i, j]| every_other(every_other(x.clone(), 2, i), 3, j));
            let x = relu(net[0].forward(Tensor::cat(parts.to_vec(), 1)));
            let (a, b) = (x.clone().slice(s![.., ..3, .., ..]), x.slice(s![.., 3.., .., ..]));
            let branches = vec![relu(net[1].forward(a)), net[2].forward(b)];
            net[3].forward(Tensor::cat(branches, 1).slice(s![.., .., 2..-1, 1..]))
        });
    }
}

#[test]
fn the_memory_limit_changes_nothing() {
    let net = nets::Residual::new(4, &Device::flex());
    let pictures = |bytes: usize| {
        let graph = Graph::capture(&net, [3, 64, 64], |net, x| net.forward(x));
        let graph = graph.unwrap().with_pass_memory(bytes);
        let x = Tensor::ones([2, 3, 64, 64], &Device::flex());
        let activations = graph.forward(&Weights::of(&net, &Device::flex()), x).unwrap();
        let layer = graph.layer("blocks.0.conv2").unwrap();
        numbers(activations.project(layer, &units(layer), Method::Deconvnet).unwrap())
    };
    assert_eq!(pictures(0), pictures(usize::MAX / 2));
}
