//! Feature maps on the probe images: dead, saturated, copies of the image; by definition, and the same
//! whatever memory allows.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::{hard_sigmoid, relu, sigmoid, tanh};
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{
    ActivityReader, FeatureSearch, FeatureSettings, LayerActivity, Pass, Request, input_correlation,
};

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

/// Pictures of a few waves each, `[count, 2, 12, 10]`: neighbouring pixels are alike, images are not.
fn images(count: usize) -> Tensor<4> {
    let mut pixels: Vec<f32> = vec![];
    for image in 0..count {
        for i in 0..2 * 12 * 10 {
            let (c, y, x) = ((i / 120) as f32, (i / 10 % 12) as f32, (i % 10) as f32);
            let turn = image as f32 * 1.3;
            pixels.push((0.5 * (x * turn.cos() + y * turn.sin()) + turn + 0.3 * c).sin());
        }
    }
    Tensor::from_data(TensorData::new(pixels, [count, 2, 12, 10]), &Device::flex())
}

/// Five maps: 0 is zero, 1 copies the grey image, 2 is half of it upside down, 3 is a number, 4 detects edges.
fn net(scale: f32) -> Net {
    let device = Device::flex();
    let mut conv: Conv2d = Conv2dConfig::new([2, 5], [3, 3]).init(&device);
    let mut weights = vec![0.0_f32; 5 * 18];
    for channel in 0..2 {
        weights[18 + 9 * channel + 4] = scale;
        weights[2 * 18 + 9 * channel + 4] = -0.5 * scale;
        weights[4 * 18 + 9 * channel + 3] = scale;
        weights[4 * 18 + 9 * channel + 5] = -scale;
    }
    conv.weight =
        Param::from_tensor(Tensor::from_data(TensorData::new(weights, [5, 2, 3, 3]), &device));
    conv.bias = Some(Param::from_tensor(Tensor::from_data([0.0, 0.0, 0.0, scale, 0.0], &device)));
    Net { conv }
}

fn read(
    net: &Net,
    images: &Tensor<4>,
    memory: usize,
    activation: impl Fn(Tensor<4>) -> Tensor<4>,
) -> LayerActivity {
    let graph = Graph::capture(net, [2, 12, 10], |net, x| activation(net.conv.forward(x))).unwrap();
    let weights = Weights::of(net, &Device::flex());
    let pass = Pass::new(&graph, &weights, images, memory).unwrap();
    let requests: Vec<_> =
        graph.layers().iter().map(|layer| Request { layer, followed: &[] }).collect();
    // Two analyses share the sweep.
    let mut search = FeatureSearch::new(&requests, FeatureSettings::default());
    let mut activity = ActivityReader::new(images, graph.layers(), None);
    let look = |first, activations: &spyhole_graph::Activations<'_>| {
        search.look(first, activations);
        activity.look(first, activations);
    };
    pass.each(|_| true, look).unwrap();
    assert!(search.finish(&pass).unwrap().iter().all(Result::is_ok));
    activity.finish().remove(0).unwrap()
}

const WHOLE: usize = usize::MAX;

#[test]
fn dead_copying_and_other_maps_are_told_apart() {
    let found = read(&net(1.0), &images(12), WHOLE, relu);
    assert_eq!(found.dead, [0]);
    assert_eq!(found.dead_maps, Some(0.2));
    // Rectified, a copy and a negative keep half of the image each.
    assert_eq!(found.copies, [1, 2]);
    assert_eq!(found.input_copies, Some(0.5));
    assert_eq!((found.saturated.len(), found.saturated_maps), (0, None));
    let likeness = &found.likeness;
    assert_eq!((likeness[0], likeness[3]), (None, None), "constant maps correlate with nothing");
    let [copy, edges] = [1, 4].map(|map| likeness[map].unwrap());
    assert!(copy.raw > 0.8 && copy.above_mismatched.unwrap() > 0.4, "{copy:?}");
    assert!(edges.raw < 0.5, "{edges:?}");
    let above = [1, 2, 4].map(|map: usize| likeness[map].unwrap().above_mismatched.unwrap());
    let mean = above.iter().sum::<f64>() / 3.0;
    assert!((found.input_likeness.unwrap() - mean).abs() < 1e-12);
    assert_eq!(found.units(), [("dead_maps", vec![0]), ("input_copies", vec![1, 2])]);
}

/// The formula, with every other image as the mismatched one where there are five.
#[test]
fn likeness_is_that_of_the_definition() {
    let images = images(5);
    let net = net(1.0);
    let found = read(&net, &images, WHOLE, |x| x);
    let device_free = |t: Tensor<4>| -> Vec<f32> { t.into_data().try_to_vec().unwrap() };
    let maps = device_free(net.conv.forward(images.clone()));
    let pixels = device_free(images);
    // The grey image by area: a pixel of the 10×8 plane averages whole pixels ⌊i·n/m⌋ … ⌈(i+1)·n/m⌉ − 1.
    let grey = |image: usize| -> Vec<f64> {
        let mut small = vec![];
        for row in 0..10_usize {
            for column in 0..8_usize {
                let rows = row * 12 / 10..((row + 1) * 12).div_ceil(10);
                let columns = column * 10 / 8..((column + 1) * 10).div_ceil(8);
                let mut sum = 0.0;
                for (y, x) in rows.clone().flat_map(|y| columns.clone().map(move |x| (y, x))) {
                    for c in 0..2 {
                        sum += f64::from(pixels[((image * 2 + c) * 12 + y) * 10 + x]) / 2.0;
                    }
                }
                small.push(sum / (rows.len() * columns.len()) as f64);
            }
        }
        small
    };
    let map = |image: usize, map: usize| -> Vec<f64> {
        maps[(image * 5 + map) * 80..][..80].iter().map(|&a| f64::from(a)).collect()
    };
    let correlation = |a: &[f64], b: &[f64]| {
        let mean = |a: &[f64]| a.iter().sum::<f64>() / a.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    };
    for m in [1, 2, 4] {
        let (mut raw, mut others) = (0.0, 0.0);
        for i in 0..5 {
            for j in 0..5 {
                let value = correlation(&map(i, m), &grey(j)).abs();
                if i == j { raw += value / 5.0 } else { others += value / 20.0 }
            }
        }
        let found = found.likeness[m].unwrap();
        assert!((found.raw - raw).abs() < 1e-5, "{m}: {found:?}, {raw}");
        assert!((found.above_mismatched.unwrap() - (raw - others)).abs() < 1e-5, "{m}");
    }
}

#[test]
fn groups_of_images_give_what_all_together_give() {
    let images = images(7);
    let three = {
        let graph =
            Graph::capture(&net(1.0), [2, 12, 10], |net, x| relu(net.conv.forward(x))).unwrap();
        3 * graph.bytes_per_image()
    };
    for activation in [relu as fn(Tensor<4>) -> Tensor<4>, tanh] {
        let whole = read(&net(3.0), &images, WHOLE, activation);
        for memory in [0, three] {
            assert_eq!(read(&net(3.0), &images, memory, activation), whole);
        }
    }
}

#[test]
fn saturated_maps_are_near_the_bounds_of_their_activation() {
    let images = images(6);
    type Activation = fn(Tensor<4>) -> Tensor<4>;
    // (activation, scale of the weights, saturated maps). Map 0 is always 0, map 3 always the scale.
    let cases: [(Activation, f32, Option<&[usize]>); 8] = [
        (tanh, 0.1, Some(&[])),
        (tanh, 1e4, Some(&[1, 2, 3, 4])),
        (sigmoid, 0.1, Some(&[])),
        (sigmoid, 1e4, Some(&[1, 2, 3, 4])),
        (|x| hard_sigmoid(x, 0.2, 0.5), 1e4, Some(&[1, 2, 3, 4])),
        // Of a bounded ReLU only the ceiling counts: a map that is half at 0 and half at 6 is not saturated.
        (|x| x.clamp(0.0, 6.0), 1e4, Some(&[3])),
        (|x| x.clamp(-1.0, 1.0), 1e4, Some(&[1, 2, 3, 4])),
        (relu, 1e4, None),
    ];
    for (i, (activation, scale, expected)) in cases.into_iter().enumerate() {
        let found = read(&net(scale), &images, WHOLE, activation);
        assert_eq!(found.saturated, expected.unwrap_or(&[]), "case {i}");
        let share = expected.map(|maps| maps.len() as f64 / 5.0);
        assert_eq!(found.saturated_maps, share, "case {i}");
    }
}

#[test]
fn layers_that_are_silent_or_broken_say_so() {
    let images = images(4);
    let silent = read(&net(1.0), &images, WHOLE, |x| relu(x.mul_scalar(0.0)));
    assert_eq!((silent.dead.len(), silent.dead_maps), (5, Some(1.0)));
    assert_eq!((silent.input_copies, silent.input_likeness), (None, None));
    let mut broken = net(1.0);
    broken.conv.bias = broken.conv.bias.map(|bias| bias.map(|bias| bias.mul_scalar(f32::NAN)));
    let broken = read(&broken, &images, WHOLE, |x| x);
    assert_eq!((broken.dead.len(), broken.dead_maps, broken.input_copies), (0, None, None));
}

#[test]
fn small_planes_are_not_compared_with_the_image() {
    let net = net(1.0);
    let found = read(&net, &images(4), WHOLE, |x| {
        burn::tensor::module::adaptive_avg_pool2d(relu(x), [3, 5])
    });
    // The layer ends before the pooling: it is the small image that makes the plane small.
    assert!(found.likeness[1].is_some());
    let graph = Graph::capture(&net, [2, 5, 7], |net, x| relu(net.conv.forward(x))).unwrap();
    let images: Tensor<4> = images(4).slice([0..4, 0..2, 0..5, 0..7]);
    let weights = Weights::of(&net, &Device::flex());
    let pass = Pass::new(&graph, &weights, &images, WHOLE).unwrap();
    let mut reader = ActivityReader::new(&images, graph.layers(), None);
    pass.each(|_| true, |first, activations| reader.look(first, activations)).unwrap();
    let found = reader.finish().remove(0).unwrap();
    assert!(found.likeness.iter().all(Option::is_none));
    assert_eq!((found.input_copies, found.input_likeness), (None, None));
    assert_eq!(found.dead, [0]);
}

#[test]
fn one_image_has_nothing_to_be_mismatched_with() {
    let found = read(&net(1.0), &images(1), WHOLE, relu);
    assert!(found.likeness[1].unwrap().raw > 0.8);
    assert_eq!(found.likeness[1].unwrap().above_mismatched, None);
    assert_eq!(found.input_likeness, None);
}

#[test]
fn pictures_are_correlated_and_noise_is_not() {
    let device = Device::flex();
    let read = |images: &Tensor<4>| input_correlation(images).unwrap();
    assert!(read(&images(12)).unwrap() > 0.7);
    let noise: Tensor<4> = Tensor::<1, Int>::arange(0..8 * 300, &device)
        .float()
        .mul_scalar(12.9898)
        .sin()
        .mul_scalar(43758.547)
        .reshape([8, 3, 10, 10]);
    let noise = noise.clone() - noise.floor();
    assert!(read(&noise).unwrap().abs() < 0.1);
    // A picture that all images share does not count: it is the mean image.
    let shared = noise + images(2).slice([0..1, 0..1, 0..10, 0..10]).mul_scalar(50.0);
    assert!(read(&shared).unwrap().abs() < 0.1);
    // A checkerboard in one image and its opposite in the other.
    let board: Tensor<4> = Tensor::<1, Int>::arange(0..36, &device).float().reshape([1, 1, 6, 6]);
    let rows = board.clone().div_scalar(6.0).floor();
    let board = (board + rows).remainder_scalar(2.0).mul_scalar(2.0).sub_scalar(1.0);
    let correlation = read(&Tensor::cat(vec![board.clone(), board.neg()], 0)).unwrap();
    assert!((correlation + 1.0).abs() < 1e-6, "{correlation}");
    for nothing in [
        images(1),
        Tensor::ones([3, 1, 8, 8], &device),
        Tensor::full([3, 1, 8, 8], 0.1, &device),
        Tensor::full([3, 1, 8, 8], f32::NAN, &device),
        noise_pixels(&device),
    ] {
        assert_eq!(read(&nothing), None);
    }
}

fn noise_pixels(device: &Device) -> Tensor<4> {
    Tensor::<1, Int>::arange(0..12, device).float().sin().reshape([4, 3, 1, 1])
}
