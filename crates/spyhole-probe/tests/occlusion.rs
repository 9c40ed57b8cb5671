//! Hiding parts of an image.

use std::ops::ControlFlow;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::{log_sigmoid, log_softmax, relu, sigmoid, softmax};
use spyhole_graph::{Cover, Graph, Method, OutputScale, Wanted, Weights};
use spyhole_probe::{
    Fill, Occlusion, OcclusionGrid, OcclusionRequest, OutputMeaning, ProbeError, agreement,
    map_projections, read_occlusion,
};

fn device() -> Device {
    Device::flex()
}

fn go_on(_done: usize, _all: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn tensor(numbers: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(numbers, shape), &device())
}

/// captum's `BasicModel_ConvNet_One_Conv` (`tests/helpers/basic_models.py`).
#[derive(Module, Debug)]
struct OneConv {
    conv: Conv2d,
    fc: Linear,
}

impl OneConv {
    fn new() -> Self {
        let mut conv = Conv2dConfig::new([1, 2], [3, 3]).init(&device());
        conv.weight = Param::from_tensor(Tensor::ones([2, 1, 3, 3], &device()));
        conv.bias = Some(Param::from_tensor(Tensor::from_floats([-50.0, -75.0], &device())));
        let mut fc = LinearConfig::new(8, 4).init(&device());
        let row = [1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0];
        let rows = Tensor::<2>::from_floats([row; 4], &device());
        fc.weight = Param::from_tensor(rows.transpose());
        fc.bias = Some(Param::from_tensor(Tensor::zeros([4], &device())));
        Self { conv, fc }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        relu(self.fc.forward(relu(self.conv.forward(x)).flatten(1, 3)))
    }
}

#[test]
fn captums_numbers() {
    let net = OneConv::new();
    let graph = Graph::capture(&net, [1, 4, 4], OneConv::forward).unwrap();
    let image = tensor((1..=16).map(|i| i as f32).collect(), [1, 1, 4, 4]);
    let activations = graph.forward(&Weights::of(&net, &device()), image).unwrap();
    // captum tests/attr/test_occlusion.py: x = 0..15 is hidden with 0, and ones are added behind.
    let narrow = [17.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0];
    let narrow = [narrow, [64.0, 65.5, 65.5, 67.0, 64.0, 65.5, 65.5, 67.0]].concat();
    for (size, stride, expected) in [([2, 3], [2, 1], narrow), ([4, 4], [1, 1], vec![67.0; 16])] {
        let grid = OcclusionGrid::new([4, 4], size, stride).unwrap();
        let cover = Cover { size, rows: &grid.rows, columns: &grid.columns, picture: &[1.0; 16] };
        let wanted = Wanted { maps: &[], output: true };
        let found = activations.occlude(0, &cover, &wanted, go_on).unwrap();
        let clean = f64::from(found.clean_output[0]);
        let drops: Vec<f64> =
            found.outputs.chunks_exact(4).map(|output| clean - f64::from(output[0])).collect();
        let pixels: Vec<f64> = grid.per_pixel(&drops).into_iter().flatten().collect();
        assert_eq!(pixels, expected, "{size:?}");
    }
}

/// A class that is decided by what is bright in the upper left quadrant, and by nothing else.
#[derive(Module, Debug)]
struct Quadrant {
    conv: Conv2d,
    head: Linear,
}

impl Quadrant {
    fn new() -> Self {
        let mut conv = Conv2dConfig::new([1, 2], [1, 1]).init(&device());
        conv.weight = Param::from_tensor(tensor(vec![1.0, 0.5], [2, 1, 1, 1]));
        conv.bias = Some(Param::from_tensor(Tensor::zeros([2], &device())));
        let mut head = LinearConfig::new(2, 3).init(&device());
        let rows = [[0.0, 4.0, 0.0], [0.0, 4.0, 0.0]];
        head.weight = Param::from_tensor(Tensor::from_floats(rows, &device()));
        head.bias = Some(Param::from_tensor(Tensor::from_floats([1.0, 0.0, 0.0], &device())));
        Self { conv, head }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let [count, _, height, width] = images.dims();
        let corner = relu(self.conv.forward(images)).slice(s![.., .., ..height / 2, ..width / 2]);
        let means = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(corner);
        self.head.forward(means.reshape([count, 2]))
    }
}

#[test]
fn evidence_is_found_where_it_was_planted() {
    let net = Quadrant::new();
    let graph = Graph::capture(&net, [1, 8, 8], Quadrant::forward).unwrap();
    let weights = Weights::of(&net, &device());
    let image = Tensor::random([1, 1, 8, 8], Distribution::Uniform(1.0, 2.0), &device());
    let request = OcclusionRequest::new(&graph);
    assert_eq!((request.size, request.stride), ([2, 2], [1, 1]));
    let found = read_occlusion(&graph, &weights, image, &request, go_on).unwrap();
    let classes = found.output.unwrap();
    assert_eq!((classes.class, classes.clean_top), (1, 1));
    assert_eq!(classes.scale, OutputScale::Any);
    let drops = classes.curve.drops();
    assert_eq!(drops.len(), 49);
    let places =
        found.grid.rows.iter().flat_map(|y| found.grid.columns.iter().map(move |x| (y, x)));
    for ((&y, &x), drop) in places.zip(&drops) {
        if y < 4 && x < 4 {
            assert!(*drop > 1e-4, "{y}, {x}: {drop}");
        } else {
            assert_eq!(*drop, 0.0, "{y}, {x}");
        }
    }
    // The map itself sees every pixel.
    let map = found.layers[0].as_ref().unwrap();
    assert_eq!((map.layer.as_str(), map.map), ("conv", 0));
    assert!(map.sum.drops().iter().all(|drop| *drop > 1.0), "{map:?}");
}

/// Two convolutions with a pooling between them.
#[derive(Module, Debug)]
struct Net {
    first: Conv2d,
    second: Conv2d,
    head: Linear,
}

impl Net {
    fn new() -> Self {
        let conv = |from, to| {
            let config = Conv2dConfig::new([from, to], [3, 3]);
            config.with_padding(PaddingConfig2d::Same).init(&device())
        };
        let head = LinearConfig::new(6, 5).init(&device());
        Self { first: conv(3, 4), second: conv(4, 6), head }
    }

    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        let x = pool.forward(relu(self.first.forward(images)));
        let means = AdaptiveAvgPool2dConfig::new([1, 1]).init();
        self.head.forward(means.forward(relu(self.second.forward(x))).flatten(1, 3))
    }
}

fn read(net: &Net, image: &Tensor<4>, fill: Fill) -> Occlusion {
    let [_, channels, height, width] = image.dims();
    let graph = Graph::capture(net, [channels, height, width], Net::features).unwrap();
    let weights = Weights::of(net, &device());
    let request = OcclusionRequest { fill, ..OcclusionRequest::new(&graph) };
    read_occlusion(&graph, &weights, image.clone(), &request, go_on).unwrap()
}

#[test]
fn all_is_read_at_each_place() {
    let net = Net::new();
    let image = Tensor::random([1, 3, 16, 12], Distribution::Normal(0.0, 1.0), &device());
    let pixels: Vec<f32> = image.clone().into_data().try_to_vec().unwrap();
    let found = read(&net, &image, Fill::Grey(vec![0.1, 0.2, 0.3]));
    let (grid, classes) = (found.grid, found.output.unwrap());
    assert_eq!((grid.size, grid.stride), ([3, 3], [1, 1]));
    let place =
        |i: usize| (grid.rows[i / grid.columns.len()], grid.columns[i % grid.columns.len()]);
    for i in 0..grid.places() {
        let (top, left) = place(i);
        let mut covered = pixels.clone();
        for (y, x) in (top..top + 3).flat_map(|y| (left..left + 3).map(move |x| (y, x))) {
            for (channel, grey) in [0.1, 0.2, 0.3].into_iter().enumerate() {
                covered[(channel * 16 + y) * 12 + x] = grey;
            }
        }
        let covered = tensor(covered, [1, 3, 16, 12]);
        let expected: Vec<f32> =
            softmax(net.features(covered.clone()), 1).into_data().try_to_vec().unwrap();
        let got = classes.curve.values[i];
        assert!((got - f64::from(expected[classes.class])).abs() < 1e-5, "{i}: {got}");
        let top = expected.iter().copied().fold(0.0, f32::max);
        assert!(expected[classes.top[i]] > top - 1e-5, "{i}");
        let sum = relu(net.first.forward(covered)).sum_dims(&[2, 3]);
        let sums: Vec<f32> = sums_of(sum);
        let first = found.layers[0].as_ref().unwrap();
        assert!((first.sum.values[i] - f64::from(sums[first.map])).abs() < 1e-3, "{i}");
    }
}

fn sums_of(sums: Tensor<4>) -> Vec<f32> {
    sums.into_data().try_to_vec().unwrap()
}

#[test]
fn a_softmax_is_not_taken_twice() {
    let net = Net::new();
    let image = Tensor::random([1, 3, 8, 8], Distribution::Normal(0.0, 1.0), &device());
    let weights = Weights::of(&net, &device());
    let forwards: [fn(&Net, Tensor<4>) -> Tensor<2>; 3] = [
        Net::features,
        |net, x| softmax(net.features(x), 1),
        |net, x| log_softmax(net.features(x), 1),
    ];
    let mut seen = vec![];
    let scales = [OutputScale::Any, OutputScale::Probabilities, OutputScale::LogProbabilities];
    for (forward, scale) in forwards.into_iter().zip(scales) {
        let graph = Graph::capture(&net, [3, 8, 8], forward).unwrap();
        assert_eq!(graph.output_scale(), scale);
        let request = OcclusionRequest { class: Some(2), ..OcclusionRequest::new(&graph) };
        let found = read_occlusion(&graph, &weights, image.clone(), &request, go_on).unwrap();
        let classes = found.output.unwrap();
        assert_eq!((classes.class, classes.scale), (2, scale));
        seen.push(classes.curve.values);
    }
    for other in &seen[1..] {
        for (a, b) in seen[0].iter().zip(other) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

/// The same pictures, covered by hand and sent through the network.
fn covered_by_hand(net: &Net, image: &Tensor<4>, grid: &OcclusionGrid) -> Vec<Vec<f32>> {
    let all: Vec<[usize; 2]> =
        grid.rows.iter().flat_map(|&y| grid.columns.iter().map(move |&x| [y, x])).collect();
    let cover = |[y, x]: [usize; 2]| {
        let grey = Tensor::zeros([1, 3, grid.size[0], grid.size[1]], &device());
        let ranges = [0..1, 0..3, y..y + grid.size[0], x..x + grid.size[1]];
        net.features(image.clone().slice_assign(ranges, grey)).into_data().try_to_vec().unwrap()
    };
    all.into_iter().map(cover).collect()
}

#[test]
fn an_output_is_read_as_what_it_is_said_to_be() {
    let net = Net::new();
    let image = Tensor::random([1, 3, 8, 8], Distribution::Normal(0.0, 1.0), &device());
    let weights = Weights::of(&net, &device());
    let clean: Vec<f32> = net.features(image.clone()).into_data().try_to_vec().unwrap();
    let read = |graph: &Graph, meaning, class| {
        let request = OcclusionRequest { meaning, class, ..OcclusionRequest::new(graph) };
        read_occlusion(graph, &weights, image.clone(), &request, go_on)
    };
    let near = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-5, "{got} {expected}");

    let graph = Graph::capture(&net, [3, 8, 8], Net::features).unwrap();
    let found = read(&graph, OutputMeaning::Numbers, None).unwrap();
    let outputs = covered_by_hand(&net, &image, &found.grid);
    let output = found.output.unwrap();
    let largest = clean.iter().copied().map(f32::abs).fold(0.0, f32::max);
    assert_eq!(clean[output.class].abs(), largest);
    assert!(output.top.is_empty());
    near(output.curve.clean, f64::from(clean[output.class]));
    for (got, expected) in output.curve.values.iter().zip(&outputs) {
        near(*got, f64::from(expected[output.class]));
    }
    assert!(read(&graph, OutputMeaning::Binary, None).unwrap().output.is_err());
    let missing = read(&graph, OutputMeaning::Numbers, Some(5)).unwrap_err().to_string();
    assert!(missing.contains("output 5 does not exist"), "{missing}");

    // One logit, with and without an axis of its own, and with the sigmoid in the network.
    fn logit(net: &Net, x: Tensor<4>) -> Tensor<2> {
        net.features(x).narrow(1, 3, 1)
    }
    let graphs = [
        Graph::capture(&net, [3, 8, 8], logit),
        Graph::capture(&net, [3, 8, 8], |net, x| logit(net, x).squeeze_dim::<1>(1)),
        Graph::capture(&net, [3, 8, 8], |net, x| sigmoid(logit(net, x))),
        Graph::capture(&net, [3, 8, 8], |net, x| log_sigmoid(logit(net, x))),
    ];
    let scales = [
        OutputScale::Any,
        OutputScale::Any,
        OutputScale::Probabilities,
        OutputScale::LogProbabilities,
    ];
    let probability = |logit: f32| 1.0 / (1.0 + (-f64::from(logit)).exp());
    for (form, graph) in graphs.into_iter().enumerate() {
        let graph = graph.unwrap();
        for class in [0, 1] {
            let found = read(&graph, OutputMeaning::Binary, Some(class)).unwrap().output.unwrap();
            assert_eq!(found.scale, scales[form], "{form}");
            for (i, (got, output)) in found.curve.values.iter().zip(&outputs).enumerate() {
                let second = probability(output[3]);
                near(*got, if class == 1 { second } else { 1.0 - second });
                assert_eq!(found.top[i], usize::from(second > 0.5), "{form}");
            }
            near(found.curve.values[0] + found.curve.drops()[0], found.curve.clean);
        }
        let classes = read(&graph, OutputMeaning::Classes, None).unwrap();
        assert!(matches!(classes.output, Err(ProbeError::NoClasses { .. })), "{form}");
        let none = read(&graph, OutputMeaning::Binary, Some(2)).unwrap_err().to_string();
        assert!(none.contains("class 2 does not exist: there are 2"), "{none}");
    }
}

#[test]
fn a_blank_image_has_nothing_to_hide() {
    let net = Net::new();
    let grey = Tensor::<4>::full([1, 3, 8, 8], 0.25, &device());
    let fills = [Fill::Grey(vec![0.25]), Fill::Mean];
    for fill in fills {
        let found = read(&net, &grey, fill.clone());
        assert!(found.output.unwrap().curve.drops().iter().all(|drop| *drop == 0.0));
        for layer in found.layers {
            assert!(layer.unwrap().sum.drops().iter().all(|drop| *drop == 0.0), "{fill:?}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let net = Net::new();
    let image = Tensor::ones([1, 3, 8, 8], &device());
    let graph = Graph::capture(&net, [3, 8, 8], Net::features).unwrap();
    let weights = Weights::of(&net, &device());
    let read = |request: OcclusionRequest<'_>| {
        read_occlusion(&graph, &weights, image.clone(), &request, go_on)
    };
    let usual = || OcclusionRequest::new(&graph);
    let layer = &graph.layers()[0];
    for (request, expected) in [
        (OcclusionRequest { size: [9, 2], ..usual() }, "does not fit an image of [8, 8]"),
        (OcclusionRequest { stride: [0, 1], ..usual() }, "strides at least 1"),
        (OcclusionRequest { class: Some(5), ..usual() }, "class 5 does not exist: there are 5"),
        (OcclusionRequest { fill: Fill::Grey(vec![]), ..usual() }, "3 channels"),
    ] {
        let error = read(request).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let layers = vec![(layer, Some(9)), (layer, Some(1))];
    let found = read(OcclusionRequest { layers, ..usual() }).unwrap();
    assert!(found.layers[0].as_ref().unwrap_err().to_string().contains("feature map 9"));
    assert_eq!(found.layers[1].as_ref().unwrap().map, 1);

    let maps = Graph::capture(&net, [3, 8, 8], |net, x| net.first.forward(x)).unwrap();
    let found =
        read_occlusion(&maps, &weights, image.clone(), &OcclusionRequest::new(&maps), go_on)
            .unwrap();
    assert!(matches!(found.output, Err(ProbeError::NoClasses { shape }) if shape == [4, 8, 8]));
    assert!(found.layers[0].is_ok());

    let mut broken = net.clone();
    broken.second.weight = Param::from_tensor(Tensor::full([6, 4, 3, 3], f32::NAN, &device()));
    let weights = Weights::of(&broken, &device());
    let found = read_occlusion(&graph, &weights, image, &usual(), go_on).unwrap();
    assert!(matches!(found.output, Err(ProbeError::NotFinite)), "{:?}", found.output);
    assert!(found.layers[0].is_ok());
    assert!(matches!(found.layers[1], Err(ProbeError::NotFinite)));
}

#[test]
fn it_can_be_stopped() {
    let net = Net::new();
    let image = Tensor::random([1, 3, 32, 32], Distribution::Normal(0.0, 1.0), &device());
    let graph = Graph::capture(&net, [3, 32, 32], Net::features).unwrap();
    let weights = Weights::of(&net, &device());
    let request = OcclusionRequest::new(&graph);
    for calls in [1, 2] {
        let mut left = calls;
        let result = read_occlusion(&graph, &weights, image.clone(), &request, |_, _| {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(result, Err(ProbeError::Cancelled)), "{calls}");
        assert_eq!(left, 0);
    }
    let mut last = (0, 0);
    read_occlusion(&graph, &weights, image, &request, |done, all| {
        assert!(done >= last.0 && done <= all);
        last = (done, all);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(last, (169, 169));
}

#[test]
fn hiding_and_projecting_agree_on_a_bright_spot() {
    let net = Quadrant::new();
    let graph = Graph::capture(&net, [1, 12, 12], Quadrant::forward).unwrap();
    let weights = Weights::of(&net, &device());
    // A bright blob, at another place in each image.
    let image = |y: i32, x: i32| {
        let pixel = |i: i32| {
            let distance = (i / 12 - y).pow(2) + (i % 12 - x).pow(2);
            5.0 * (-f64::from(distance) / 6.0).exp() as f32
        };
        (0..144).map(pixel).collect::<Vec<_>>()
    };
    let images = [image(3, 4), image(9, 9), image(2, 10)].concat();
    let images = tensor(images, [3, 1, 12, 12]);
    let request = OcclusionRequest::new(&graph);
    let first = images.clone().narrow(0, 0, 1);
    let found = read_occlusion(&graph, &weights, first, &request, go_on).unwrap();
    let activations = graph.forward(&weights, images).unwrap();
    let layer = graph.layer("conv").unwrap();
    let projections =
        map_projections(&activations, layer, 0, &[0, 1, 2], Method::Deconvnet).unwrap();
    let drops = found.layers[0].as_ref().unwrap().sum.drops();
    let got = agreement(&found.grid, &drops, &projections[0], &projections[1..]);
    assert!(got.correlation.unwrap() > 0.99, "{got:?}");
    assert!(got.overlap.unwrap() > 0.9, "{got:?}");
    assert!(got.correlation_above_mismatched.unwrap() > 0.5, "{got:?}");
    assert!(got.overlap_above_mismatched.unwrap() > 0.5, "{got:?}");
}
