//! Covering an image piece by piece: what is computed in windows equals the forward pass of each covered image.

mod check;
mod nets;

use std::ops::ControlFlow;

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
use burn::prelude::*;
use burn::tensor::{Distribution, activation};
use check::{numbers, random};
use nets::random::{Net, step};
use nets::zoo::{batch_norm, conv};
use proptest::prelude::*;
use spyhole_graph::{Activations, Cover, Graph, GraphError, Layer, Occluded, Wanted, Weights};

fn go_on(_done: usize, _all: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn output_of(activations: &Activations<'_>) -> Vec<f32> {
    let planes = activations.output::<4>().map(numbers);
    planes.unwrap_or_else(|_| numbers(activations.output::<2>().unwrap()))
}

/// The slow way: every covered image by itself through the whole network.
fn in_full(
    graph: &Graph,
    weights: &Weights,
    image: &Tensor<4>,
    cover: &Cover<'_>,
    wanted: &Wanted<'_>,
) -> Occluded {
    let [_, channels, height, width] = image.dims();
    let sums = |activations: &Activations<'_>| -> Vec<f64> {
        let sum = |&(layer, map): &(&Layer, usize)| {
            let planes = numbers(activations.layer(layer).unwrap());
            let [_, rows, columns] = layer.shape();
            let map = &planes[map * rows * columns..][..rows * columns];
            map.iter().map(|&x| f64::from(x)).sum()
        };
        wanted.maps.iter().map(sum).collect()
    };
    let output = |activations: &Activations<'_>| match wanted.output {
        true => output_of(activations),
        false => vec![],
    };
    let clean = graph.forward(weights, image.clone()).unwrap();
    let (clean_sums, clean_output) = (sums(&clean), output(&clean));
    let mut all = Occluded {
        sums: vec![vec![]; wanted.maps.len()],
        outputs: vec![],
        clean_sums,
        clean_output,
    };
    for &row in cover.rows {
        for &column in cover.columns {
            let mut pixels = numbers(image.clone());
            for channel in 0..channels {
                for y in row..row + cover.size[0] {
                    let at = (channel * height + y) * width + column;
                    pixels[at..at + cover.size[1]]
                        .copy_from_slice(&cover.picture[at..at + cover.size[1]]);
                }
            }
            let pixels = TensorData::new(pixels, [1, channels, height, width]);
            let covered = Tensor::from_data(pixels, &Device::flex());
            let activations = graph.forward(weights, covered).unwrap();
            all.outputs.extend(output(&activations));
            all.sums.iter_mut().zip(sums(&activations)).for_each(|(all, sum)| all.push(sum));
        }
    }
    all
}

/// `shaken` is what is expected of an image whose last digits are others: a norm of a nearly constant plane blows up
/// what they do, and with it what rounding does.
fn assert_same(got: &Occluded, expected: &Occluded, shaken: &Occluded, what: &str) {
    let same = |got: &[f64], expected: &[f64], shaken: &[f64], least: f64, of: &str| {
        assert_eq!(got.len(), expected.len(), "{what}, {of}");
        let scale = expected.iter().fold(least, |scale, x| scale.max(x.abs()));
        let shakes = expected.iter().zip(shaken).map(|(x, shaken)| (x - shaken).abs());
        let tolerance = 1e-4 * scale + 10.0 * shakes.fold(0.0, f64::max);
        for (got, expected) in got.iter().zip(expected) {
            assert!(
                (got - expected).abs() <= tolerance,
                "{what}, {of}: {got} against {expected} ± {tolerance}"
            );
        }
    };
    let wide = |values: &[f32]| -> Vec<f64> { values.iter().map(|&x| x.into()).collect() };
    let [outputs, of_full, of_shaken] = [got, expected, shaken].map(|all| wide(&all.outputs));
    same(&outputs, &of_full, &of_shaken, 1e-2, "output");
    assert_eq!(got.sums.len(), expected.sums.len(), "{what}");
    for (map, sums) in got.sums.iter().enumerate() {
        same(sums, &expected.sums[map], &shaken.sums[map], 0.1, &format!("map {map}"));
    }
}

/// The same image but for its last digits.
fn shaken(image: &Tensor<4>) -> Tensor<4> {
    let noise = Tensor::random(image.dims(), Distribution::Uniform(-1e-6, 1e-6), &image.device());
    image.clone() * (noise + 1.0)
}

/// All layers, each with one of its maps.
fn maps(graph: &Graph) -> Vec<(&Layer, usize)> {
    graph.layers().iter().enumerate().map(|(i, layer)| (layer, i % layer.shape()[0])).collect()
}

/// All places of a cover that fit, `stride` apart, and the last one.
fn starts(length: usize, size: usize, stride: usize) -> Vec<usize> {
    let mut starts: Vec<_> = (0..=length - size).step_by(stride).collect();
    if starts.last() != Some(&(length - size)) {
        starts.push(length - size);
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn windows_equal_whole_images(
        steps in prop::collection::vec(step(), 1..12),
        plane in [7..=14usize, 7..=14usize],
        size in [1..=6usize, 1..=6usize],
        stride in [2..=5usize, 3..=6usize],
    ) {
        let net = Net::new(&steps);
        let [height, width] = plane;
        let graph = Graph::capture(&net, [2, height, width], |net, x| net.forward(&steps, x)).unwrap();
        let weights = Weights::of(&net, &Device::flex());
        check_graph(&format!("{steps:?}"), &graph, &weights, 2, (size, stride));
    }
}

/// Compares all layers and the output of a network with the slow way.
fn check_net<M: Module, const D: usize>(
    what: &str,
    net: &M,
    shape: [usize; 3],
    cover: ([usize; 2], [usize; 2]),
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) {
    let graph = Graph::capture(net, shape, forward).unwrap();
    check_graph(what, &graph, &Weights::of(net, &Device::flex()), 1, cover);
}

/// Covers the last of some random images.
fn check_graph(
    what: &str,
    graph: &Graph,
    weights: &Weights,
    batch: usize,
    (size, stride): ([usize; 2], [usize; 2]),
) {
    let [channels, height, width] = graph.input_shape();
    let images = random([batch, channels, height, width]);
    let picture = numbers(random([1, channels, height, width]));
    let cover = Cover {
        size,
        rows: &starts(height, size[0], stride[0]),
        columns: &starts(width, size[1], stride[1]),
        picture: &picture,
    };
    let maps = maps(graph);
    let wanted = Wanted { maps: &maps, output: true };
    let activations = graph.forward(weights, images.clone()).unwrap();
    let got = activations.occlude(batch - 1, &cover, &wanted, go_on).unwrap();
    let image = images.narrow(0, batch - 1, 1);
    let [expected, of_shaken] = [image.clone(), shaken(&image)]
        .map(|image| in_full(graph, weights, &image, &cover, &wanted));
    assert_same(&got, &expected, &of_shaken, what);
}

#[test]
fn a_residual_classifier() {
    let net = nets::Residual::new(4, &Device::flex());
    let forward = |net: &nets::Residual, x| net.forward(x);
    check_net("even", &net, [3, 64, 48], ([8, 8], [8, 8]), forward);
    check_net("odd", &net, [3, 37, 53], ([5, 7], [9, 6]), forward);
    check_net("all hidden", &net, [3, 24, 24], ([24, 24], [1, 1]), forward);
}

/// One convolution of any geometry before and behind a pooling of any geometry.
#[derive(Module, Debug)]
struct Geometry {
    first: Conv2d,
    second: Conv2d,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_geometry(
        kernel in [1..=4usize, 1..=4usize],
        stride in [1..=3usize, 1..=3usize],
        padding in [0..=2usize, 0..=2usize, 0..=2usize, 0..=2usize],
        dilation in [1..=2usize, 1..=2usize],
        groups in prop_oneof![Just(1usize), Just(2), Just(4)],
        (side, apart, around) in (1..=3usize, 1..=3usize, 0..=1usize),
        (average, ceil, count) in (any::<bool>(), any::<bool>(), any::<bool>()),
        plane in [12..=19usize, 12..=19usize],
        size in [1..=9usize, 1..=9usize],
    ) {
        let [top, left, bottom, right] = padding;
        let of_any = |from: usize, to: usize, stride, groups| {
            Conv2dConfig::new([from, to], kernel)
                .with_stride(stride)
                .with_dilation(dilation)
                .with_groups(groups)
                .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
                .init(&Device::flex())
        };
        let net = Geometry { first: of_any(2, 4, stride, 1), second: of_any(4, 4, [1, 1], groups) };
        let around = around.min(side / 2);
        let padding = PaddingConfig2d::Explicit(around, around, around, around);
        let forward = |net: &Geometry, x: Tensor<4>| {
            let mut x = activation::relu(net.first.forward(x));
            let [_, _, height, width] = x.dims();
            if height + 2 * around >= side && width + 2 * around >= side {
                x = if average {
                    AvgPool2dConfig::new([side, side])
                        .with_strides([apart, apart])
                        .with_padding(padding.clone())
                        .with_ceil_mode(ceil)
                        .with_count_include_pad(count)
                        .init()
                        .forward(x)
                } else {
                    MaxPool2dConfig::new([side, side])
                        .with_strides([apart, apart])
                        .with_padding(padding.clone())
                        .with_ceil_mode(ceil)
                        .init()
                        .forward(x)
                };
            }
            let [_, _, height, width] = x.dims();
            let wide = [0, 1].map(|axis| dilation[axis] * (kernel[axis] - 1) + 1);
            if height + top.min(bottom) >= wide[0] && width + left.min(right) >= wide[1] {
                x = net.second.forward(x);
            }
            x
        };
        let shape = [2, plane[0], plane[1]];
        prop_assume!(Graph::capture(&net, shape, forward).is_ok());
        let what = format!("{average} {side} {apart} {around}, {net:?}");
        check_net(&what, &net, shape, (size, [3, 4]), forward);
    }
}

/// Branches of different depth that meet in a sum, a gate and a concatenation.
#[derive(Module, Debug)]
struct Branches {
    stem: Conv2d,
    deep: Vec<Conv2d>,
    norm: burn::nn::BatchNorm,
    mix: Conv2d,
}

#[test]
fn branches_are_united() {
    let net = Branches {
        stem: conv(3, 4, 3, 2, 1),
        deep: vec![conv(4, 4, 3, 1, 1), conv(4, 4, 5, 1, 1)],
        norm: batch_norm(4),
        mix: conv(12, 6, 1, 1, 0),
    };
    let forward = |net: &Branches, x: Tensor<4>| {
        let x = net.stem.forward(x);
        let y = activation::silu(net.norm.forward(net.deep[0].forward(x.clone())));
        let z = net.deep[1].forward(y.clone().pad((1, 1, 1, 1), 0.5));
        let sum = x.clone() + y.clone();
        let gate = x * activation::sigmoid(z.clone());
        let mixed = net.mix.forward(Tensor::cat(vec![sum, gate, y + z], 1));
        activation::softmax(mixed, 1).mean_dim(3)
    };
    check_net("branches", &net, [3, 40, 33], ([6, 5], [7, 7]), forward);
}

#[test]
fn where_nothing_changes_the_clean_numbers_come_out() {
    let net = nets::Residual::new(4, &Device::flex());
    let graph = Graph::capture(&net, [3, 32, 32], |net, x| net.forward(x)).unwrap();
    let image = random([1, 3, 32, 32]);
    // The picture under the cover is the image itself, but for one pixel.
    let mut picture = numbers(image.clone());
    picture[20 * 32 + 20] += 1.0;
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), image).unwrap();
    let places = [0, 8, 16, 24];
    let cover = Cover { size: [8, 8], rows: &places, columns: &places, picture: &picture };
    let maps = maps(&graph);
    let wanted = Wanted { maps: &maps, output: true };
    let got = activations.occlude(0, &cover, &wanted, go_on).unwrap();
    for place in 0..16 {
        let touched = place == 10;
        let output = &got.outputs[place * 10..][..10];
        assert_eq!(output != got.clean_output.as_slice(), touched, "{place}");
        assert_eq!(got.sums[0][place] != got.clean_sums[0], touched, "{place}");
    }
}

#[test]
fn the_memory_limit_changes_nothing() {
    let net = nets::Residual::new(4, &Device::flex());
    let image = random([1, 3, 40, 40]);
    let read = |bytes: usize| {
        let graph = Graph::capture(&net, [3, 40, 40], |net, x| net.forward(x));
        let graph = graph.unwrap().with_pass_memory(bytes);
        let activations =
            graph.forward(&Weights::of(&net, &Device::flex()), image.clone()).unwrap();
        let starts = starts(40, 6, 5);
        let picture = vec![0.0; 3 * 40 * 40];
        let cover = Cover { size: [6, 6], rows: &starts, columns: &starts, picture: &picture };
        let maps = maps(&graph);
        activations.occlude(0, &cover, &Wanted { maps: &maps, output: true }, go_on).unwrap()
    };
    let at_once = read(usize::MAX / 2);
    assert_same(&read(0), &at_once, &at_once, "memory");
}

#[test]
fn what_does_not_fit_is_said() {
    let net = nets::Residual::new(4, &Device::flex());
    let graph = Graph::capture(&net, [3, 16, 16], |net, x| net.forward(x)).unwrap();
    let activations =
        graph.forward(&Weights::of(&net, &Device::flex()), random([1, 3, 16, 16])).unwrap();
    let picture = vec![0.0; 3 * 16 * 16];
    let cover = Cover { size: [4, 4], rows: &[0, 12], columns: &[3], picture: &picture };
    let layer = graph.layer("stem").unwrap();
    let wanted = Wanted { maps: &[(layer, 3)], output: true };
    let occlude = |cover: Cover<'_>, wanted: &Wanted<'_>| {
        activations.occlude(0, &cover, wanted, go_on).unwrap_err().to_string()
    };
    for (error, expected) in [
        (occlude(Cover { rows: &[13], ..cover }, &wanted), "row 13, column 3 reaches beyond"),
        (occlude(Cover { size: [4, 0], ..cover }, &wanted), "[4, 0] pixels"),
        (occlude(Cover { picture: &[0.0; 7], ..cover }, &wanted), "expected images of shape"),
        (occlude(cover, &Wanted { maps: &[(layer, 4)], output: false }), "feature map 4"),
        (activations.occlude(1, &cover, &wanted, go_on).unwrap_err().to_string(), "image 1"),
    ] {
        assert!(error.contains(expected), "{error}");
    }
    let stopped = activations.occlude(0, &cover, &wanted, |_, _| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err(), GraphError::Cancelled);
    let nowhere = Cover { rows: &[], ..cover };
    let nothing = activations.occlude(0, &nowhere, &wanted, go_on).unwrap();
    assert_eq!((nothing.outputs.len(), nothing.sums), (0, vec![vec![]]));
}
