//! Pictures made from nothing: what is known to excite a unit or a class is found.

use std::ops::ControlFlow;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{
    Crop, Pass, ProbeError, Progress, SynthesisSettings, Synthetic, Target, strongest_natural,
    synthesise,
};

#[derive(Module, Debug)]
struct Net {
    near: Conv2d,
    far: Conv2d,
    head: Linear,
}

const INPUT: [usize; 3] = [3, 16, 18];

/// Evenly in −1..1, the same in every run.
fn noise(i: usize) -> f32 {
    let x = (i as f32 * 12.9898 + 0.5).sin() * 437.585;
    2.0 * (x - x.floor()) - 1.0
}

fn filled<const D: usize>(shape: [usize; D], from: usize, scale: f32) -> Param<Tensor<D>> {
    let count: usize = shape.iter().product();
    let numbers: Vec<f32> = (0..count).map(|i| scale * noise(from + i)).collect();
    Param::from_tensor(Tensor::from_data(TensorData::new(numbers, shape), &Device::flex()))
}

/// Filters of 5×5 and 3×3 pixels, and four classes; the biases of the convolutions are `bias`.
fn net(bias: f32) -> Net {
    let device = Device::flex();
    let conv = |from, to, size: usize, seed| {
        let same = PaddingConfig2d::Same;
        let mut conv: Conv2d =
            Conv2dConfig::new([from, to], [size; 2]).with_padding(same).init(&device);
        conv.weight = filled([to, from, size, size], seed, 0.3);
        conv.bias = Some(Param::from_tensor(Tensor::full([to], bias, &device)));
        conv
    };
    let mut head: Linear = LinearConfig::new(3 * 16 * 18, 4).init(&device);
    head.weight = filled([3 * 16 * 18, 4], 9000, 0.1);
    Net { near: conv(3, 4, 5, 100), far: conv(4, 6, 3, 2000), head }
}

fn both(net: &Net, x: Tensor<4>) -> Tensor<4> {
    let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
    relu(net.far.forward(pool.forward(relu(net.near.forward(x)))))
}

fn on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn make(
    graph: &Graph,
    net: &Net,
    targets: &[Target<'_>],
    settings: &SynthesisSettings,
) -> Vec<Result<Synthetic, ProbeError>> {
    let weights = Weights::of(net, &Device::flex());
    synthesise(graph, &weights, targets, settings, &mut on).unwrap()
}

fn maps<'a>(graph: &'a Graph, layer: usize) -> Vec<Target<'a>> {
    let layer = &graph.layers()[layer];
    (0..layer.shape()[0]).map(|map| Target::Map { layer, map }).collect()
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let mean = |a: &[f32]| a.iter().map(|&a| f64::from(a)).sum::<f64>() / a.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f(f64::from(a) - ma, f64::from(b) - mb)).sum()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

fn rms(pixels: &[f32]) -> f32 {
    (pixels.iter().map(|x| x * x).sum::<f32>() / pixels.len() as f32).sqrt()
}

#[test]
fn a_linear_unit_gets_its_filter() {
    for bias in [0.0, -2.0] {
        let net = net(bias);
        let forwards: [fn(&Net, Tensor<4>) -> Tensor<4>; 2] =
            [|net, x| net.near.forward(x), |net, x| relu(net.near.forward(x))];
        for forward in forwards {
            let graph = Graph::capture(&net, INPUT, forward).unwrap();
            let found = make(&graph, &net, &maps(&graph, 0), &SynthesisSettings::default());
            let filters: Vec<f32> = net.near.weight.val().into_data().try_to_vec().unwrap();
            for (found, filter) in found.iter().zip(filters.chunks_exact(75)) {
                let found = found.as_ref().unwrap();
                let crop = Crop::cut(&found.picture, INPUT, found.field);
                assert_eq!((found.field.size(), found.tile), ([5, 5], found.field));
                // A rectifier that is closed at first is opened.
                assert!(found.end > found.start + 1.0 && found.end > 0.0, "{found:?}");
                let alike = correlation(&crop.pixels, filter);
                assert!(alike > 0.95, "{alike}");
                assert!((1.0..2.5).contains(&rms(&crop.pixels)), "{}", rms(&crop.pixels));
                // What the unit does not see stays empty.
                let rest = rms(&found.picture) * (found.picture.len() as f32).sqrt();
                assert!(rest < 1.01 * rms(&crop.pixels) * 75.0_f32.sqrt());
            }
        }
    }
}

#[test]
fn a_linear_class_gets_its_weights() {
    let net = net(0.0);
    let graph =
        Graph::capture(&net, INPUT, |net, x| net.head.forward(x.flatten::<2>(1, 3))).unwrap();
    let targets = [Target::Class { class: 2 }, Target::Class { class: 9 }];
    let found = make(&graph, &net, &targets, &SynthesisSettings::default());
    let weights: Vec<f32> = net.head.weight.val().into_data().try_to_vec().unwrap();
    let of_class: Vec<f32> = weights.iter().skip(2).step_by(4).copied().collect();
    let picture = found[0].as_ref().unwrap();
    assert!(correlation(&picture.picture, &of_class) > 0.9);
    assert!(picture.end > picture.start + 10.0);
    assert_eq!(picture.field.size(), [16, 18]);
    let missing = found[1].as_ref().unwrap_err().to_string();
    assert_eq!(missing, "class 9 does not exist: there are 4");
}

/// Every unit of the upper layer, against photographs' stand-ins of the same energy.
#[test]
fn pictures_excite_more_than_images_do() {
    let net = net(-0.2);
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    let targets = [maps(&graph, 0), maps(&graph, 1)].concat();
    let settings = SynthesisSettings::default();
    let found = make(&graph, &net, &targets, &settings);
    let pixels: Vec<f32> = (0..40 * 3 * 16 * 18).map(|i| 3.0 * noise(70_000 + i)).collect();
    let images = Tensor::from_data(TensorData::new(pixels, [40, 3, 16, 18]), &Device::flex());
    let weights = Weights::of(&net, &Device::flex());
    let pass = Pass::new(&graph, &weights, &images, 7 * graph.bytes_per_image()).unwrap();
    let natural = strongest_natural(&pass, &targets, &mut on).unwrap();
    let activations = graph.forward(&weights, images.clone()).unwrap();
    for (i, (found, natural)) in found.iter().zip(&natural).enumerate() {
        let (found, natural) = (found.as_ref().unwrap(), natural.unwrap());
        let Target::Map { layer, map } = targets[i] else { panic!() };
        let all: Tensor<4> = activations.layer(layer).unwrap().narrow(1, map, 1);
        assert_eq!(all.max().into_scalar::<f32>(), natural);
        assert!(found.end > found.start && found.end > 1.2 * natural, "{i}: {found:?} {natural}");
        // The value is that of the picture.
        let picture = TensorData::new(found.picture.clone(), [1, 3, 16, 18]);
        let picture = Tensor::from_data(picture, &Device::flex());
        let values = graph.forward(&weights, picture).unwrap().layer(layer).unwrap();
        let [_, height, width] = layer.shape();
        let at = values.slice([
            0..1,
            map..map + 1,
            height / 2..height / 2 + 1,
            width / 2..width / 2 + 1,
        ]);
        assert!((at.into_scalar::<f32>() - found.end).abs() < 1e-3 * found.end);
    }
    // The same again, and one by one.
    let words = |found: &[Result<Synthetic, ProbeError>]| format!("{found:?}");
    assert_eq!(words(&make(&graph, &net, &targets, &settings)), words(&found));
    let single = SynthesisSettings { memory: 0, ..settings.clone() };
    for (a, b) in make(&graph, &net, &targets, &single).iter().zip(&found) {
        let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
        assert!((a.end - b.end).abs() < 0.02 * b.end && correlation(&a.picture, &b.picture) > 0.99);
    }
    let other = SynthesisSettings { seed: 7, ..settings };
    assert_ne!(words(&make(&graph, &net, &targets, &other)), words(&found));
}

/// The upper map adds up two lower ones, the second of them one pixel to the right.
#[test]
fn a_planted_pattern_is_found_behind_a_rectifier() {
    let mut net = net(-0.5);
    let mut weights = vec![0.0; 6 * 4 * 9];
    weights[4] = 1.0;
    weights[9 + 5] = 1.0;
    let weights = TensorData::new(weights, [6, 4, 3, 3]);
    net.far.weight = Param::from_tensor(Tensor::from_data(weights, &Device::flex()));
    let forward = |net: &Net, x| relu(net.far.forward(relu(net.near.forward(x))));
    let graph = Graph::capture(&net, INPUT, forward).unwrap();
    let target = maps(&graph, 1)[0];
    let found = make(&graph, &net, &[target], &SynthesisSettings::default()).remove(0).unwrap();
    let crop = Crop::cut(&found.picture, INPUT, found.field);
    assert_eq!([crop.height, crop.width], [7, 7]);
    let filters: Vec<f32> = net.near.weight.val().into_data().try_to_vec().unwrap();
    let mut planted = vec![0.0_f32; 3 * 49];
    for (map, right) in [(0, 0), (1, 1)] {
        for (i, weight) in filters[map * 75..(map + 1) * 75].iter().enumerate() {
            let (channel, row, column) = (i / 25, i / 5 % 5, i % 5);
            planted[channel * 49 + (row + 1) * 7 + column + 1 + right] += weight;
        }
    }
    let alike = correlation(&crop.pixels, &planted);
    assert!(alike > 0.9, "{alike}");
    assert!(found.start < 0.5 && found.end > 5.0, "{found:?}");
}

#[test]
fn pixels_stay_in_range() {
    let net = net(0.0);
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    let range = vec![[-1.0, 0.5], [0.0, 1.0], [-0.2, 0.2]];
    let settings = SynthesisSettings { range: Some(range.clone()), ..Default::default() };
    for found in make(&graph, &net, &maps(&graph, 1), &settings) {
        let found = found.unwrap();
        assert!(found.end > found.start);
        for (plane, [low, high]) in found.picture.chunks_exact(16 * 18).zip(&range) {
            assert!(plane.iter().all(|x| low <= x && x <= high));
        }
    }
}

#[test]
fn what_cannot_be_excited_fails_alone() {
    let net = net(0.0);
    let sorted = |net: &Net, x: Tensor<4>| relu(net.far.forward(relu(net.near.forward(x)).sort(3)));
    let graph = Graph::capture(&net, INPUT, sorted).unwrap();
    let [near, far] = [&graph.layers()[0], &graph.layers()[1]];
    let targets = [
        Target::Map { layer: far, map: 0 },
        Target::Map { layer: near, map: 1 },
        Target::Class { class: 0 },
        Target::Map { layer: near, map: 99 },
    ];
    let settings = SynthesisSettings { steps: 5, ..Default::default() };
    let found = make(&graph, &net, &targets, &settings);
    let words: Vec<Option<String>> =
        found.iter().map(|found| found.as_ref().err().map(ToString::to_string)).collect();
    assert!(words[0].as_ref().unwrap().starts_with("unsupported: "), "{words:?}");
    assert_eq!(words[1], None);
    assert!(words[2].as_ref().unwrap().starts_with("unsupported: "), "{words:?}");
    assert_eq!(words[3].as_deref(), Some("feature map 99 does not exist: there are 4"));
    // A map that is made of nothing but its picture.
    let alone = make(&graph, &net, &targets[1..2], &settings);
    assert_eq!(format!("{:?}", alone[0]), format!("{:?}", found[1]));
    // No classes.
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    let found = make(&graph, &net, &[Target::Class { class: 0 }], &settings).remove(0);
    assert!(matches!(found, Err(ProbeError::NoLogits { axes: 4 })), "{found:?}");
    let images: Tensor<4> = Tensor::ones([2, 3, 16, 18], &Device::flex());
    let weights = Weights::of(&net, &Device::flex());
    let pass = Pass::new(&graph, &weights, &images, 0).unwrap();
    let natural = strongest_natural(&pass, &[Target::Class { class: 0 }], &mut on).unwrap();
    assert_eq!(natural, [None]);
}

#[test]
fn diverged_weights_are_said() {
    let mut net = net(0.0);
    net.far.weight = net.far.weight.map(|weight| weight.mul_scalar(f32::NAN));
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    let targets = [maps(&graph, 0), maps(&graph, 1)].concat();
    let mut steps = 0;
    let mut count = |_, _| {
        steps += 1;
        ControlFlow::Continue(())
    };
    let weights = Weights::of(&net, &Device::flex());
    let settings = SynthesisSettings::default();
    let found = synthesise(&graph, &weights, &targets, &settings, &mut count).unwrap();
    assert!(found[..4].iter().all(Result::is_ok));
    for found in &found[4..] {
        assert!(matches!(found, Err(ProbeError::NotFinite)), "{found:?}");
    }
    assert!(steps <= settings.steps + 2, "{steps}: no loop over what is broken");
}

#[test]
fn dead_units_stay_silent() {
    let mut net = net(-1.0);
    net.far.weight = net.far.weight.map(|weight| weight.abs().neg());
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    for found in make(&graph, &net, &maps(&graph, 1), &SynthesisSettings::default()) {
        let found = found.unwrap();
        assert_eq!((found.start, found.end), (0.0, 0.0));
        assert!(found.picture.iter().all(|x| x.is_finite()));
    }
}

#[test]
fn it_ends_when_told_to() {
    let net = net(0.0);
    let graph = Graph::capture(&net, INPUT, both).unwrap();
    let weights = Weights::of(&net, &Device::flex());
    let mut told = vec![];
    let mut stop = |done: usize, total: usize| {
        told.push((done, total));
        if told.len() == 60 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stop: &mut Progress<'_> = &mut stop;
    let targets = [maps(&graph, 0), maps(&graph, 1)].concat();
    let settings = SynthesisSettings::default();
    let stopped = synthesise(&graph, &weights, &targets, &settings, stop).unwrap_err();
    assert!(matches!(stopped, ProbeError::Cancelled), "{stopped}");
    assert_eq!(told.len(), 60);
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[1].1 == 96));
}
