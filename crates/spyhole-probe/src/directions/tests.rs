//! Moments, bases and scores by plain loops over images and positions.

use std::ops::ControlFlow;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use proptest::prelude::*;
use spyhole_graph::{Graph, Weights};

use super::basis::{Basis, Rows, gaussian};
use super::moments::Moments;
use super::scores::{Scores, Steps};
use super::{DirectionSettings, LayerDirections, read_directions};
use crate::pass::Pass;
use crate::random::Random;

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

/// What a layer computes whose maps are the channels of the images, and the whole net.
struct Case {
    graph: Graph,
    weights: Weights,
    images: Tensor<4>,
    values: Vec<f32>,
}

impl Case {
    fn new(shape: [usize; 4], values: Vec<f32>) -> Self {
        let (device, maps) = (Device::flex(), shape[1]);
        let mut conv: Conv2d =
            Conv2dConfig::new([maps, maps], [1, 1]).with_bias(false).init(&device);
        conv.weight =
            Param::from_tensor(Tensor::<2>::eye(maps, &device).reshape([maps, maps, 1, 1]));
        let net = Net { conv };
        let graph =
            Graph::capture(&net, [maps, shape[2], shape[3]], |net, x| net.conv.forward(x)).unwrap();
        let images = Tensor::from_data(TensorData::new(values.clone(), shape), &device);
        Self { graph, weights: Weights::of(&net, &device), images, values }
    }

    fn pass(&self, memory: usize) -> Pass<'_> {
        Pass::new(&self.graph, &self.weights, &self.images, memory).unwrap()
    }

    fn at(&self, image: usize, map: usize, position: usize) -> f64 {
        let [_, maps, height, width] = self.images.dims();
        f64::from(self.values[(image * maps + map) * height * width + position])
    }

    fn read(&self, labels: &[usize], settings: &DirectionSettings) -> LayerDirections {
        let mut progress = |_, _| ControlFlow::Continue(());
        let layer = &self.graph.layers()[0];
        read_directions(&self.pass(0), layer, labels, settings, &mut progress).unwrap()
    }
}

fn cases() -> impl Strategy<Value = ([usize; 4], Vec<f32>)> {
    let shape = (2..9_usize, 1..6_usize, 1..4_usize, 1..4_usize);
    shape.prop_flat_map(|(images, maps, height, width)| {
        let numbers = prop::collection::vec(-2.0..2.0_f32, images * maps * height * width);
        (Just([images, maps, height, width]), numbers)
    })
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 2e-4 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scores_are_those_of_a_plain_search((shape, values) in cases(), seed: u64, memory in 0..2_usize) {
        let case = Case::new(shape, values);
        let [images, maps, height, width] = shape;
        let positions = height * width;
        let pass = case.pass(memory * 3 * case.graph.bytes_per_image());
        let layer = &case.graph.layers()[0];
        let mut progress = |_, _| ControlFlow::Continue(());
        let mut steps = Steps { done: 0, total: 2 * images, progress: &mut progress };
        let found = Moments::read(&pass, layer, &mut steps).unwrap();

        let everywhere = || (0..images).flat_map(|i| (0..positions).map(move |p| (i, p)));
        let count = (images * positions) as f64;
        let mean: Vec<f64> =
            (0..maps).map(|m| everywhere().map(|(i, p)| case.at(i, m, p)).sum::<f64>() / count).collect();
        for a in 0..maps {
            prop_assert!(close(found.mean[a], mean[a]));
            for b in 0..maps {
                let products = everywhere()
                    .map(|(i, p)| (case.at(i, a, p) - mean[a]) * (case.at(i, b, p) - mean[b]));
                let expected = products.sum::<f64>() / count;
                prop_assert!(close(found.covariance.entries[a * maps + b], expected));
            }
        }

        let live = found.live();
        if live.is_empty() {
            return Ok(());
        }
        let mut random = Random(seed);
        let vectors = [gaussian(live.len(), &mut random), gaussian(live.len(), &mut random)];
        let units: Vec<usize> = (0..live.len()).collect();
        let bases = Basis::all(&found, &live);
        let rows: Vec<Rows> = bases.iter().map(|basis| basis.rows(&units, &vectors)).collect();
        let scores = Scores::read(&pass, layer, &found, &live, &rows, &mut steps).unwrap();
        prop_assert_eq!(steps.done, 2 * images);
        let directions: Vec<&[f64]> =
            rows.iter().flat_map(|rows| rows.numbers.chunks_exact(live.len())).collect();
        prop_assert_eq!(directions.len(), 3 * (live.len() + 2));
        for (k, direction) in directions.iter().enumerate() {
            let score = |image: usize, position: usize| -> f64 {
                let off = |map: &usize| case.at(image, *map, position) - mean[*map];
                live.iter().map(off).zip(*direction).map(|(a, v)| a * v).sum()
            };
            for (image, &(found, at)) in scores.of(k).iter().enumerate() {
                let strongest =
                    (0..positions).map(|p| score(image, p)).fold(f64::NEG_INFINITY, f64::max);
                prop_assert!(close(f64::from(found), strongest), "{found} {strongest}");
                prop_assert!(close(score(image, at), strongest));
            }
        }
        // Raw units are axes; standardised ones differ by the spread; whitened directions have no covariance.
        let covariance = |a: &[f64], b: &[f64]| -> f64 {
            let along = |i: usize, p: usize, v: &[f64]| -> f64 {
                live.iter().zip(v).map(|(&map, v)| (case.at(i, map, p) - mean[map]) * v).sum()
            };
            everywhere().map(|(i, p)| along(i, p, a) * along(i, p, b)).sum::<f64>() / count
        };
        let [raw, standardised, whitened] = rows.as_slice() else { panic!("{rows:?}") };
        for (k, unit) in standardised.numbers.chunks_exact(live.len()).take(live.len()).enumerate() {
            prop_assert!((covariance(unit, unit) - 1.0).abs() < 1e-3);
            let raw = &raw.numbers[k * live.len()..][..live.len()];
            prop_assert!(raw.iter().enumerate().all(|(i, &x)| x == f64::from(u8::from(i == k))));
        }
        if bases[2].floored == 0 {
            let rows: Vec<&[f64]> = whitened.numbers.chunks_exact(live.len()).take(live.len()).collect();
            for (i, a) in rows.iter().enumerate() {
                for (j, b) in rows.iter().enumerate() {
                    let expected = f64::from(u8::from(i == j));
                    prop_assert!((covariance(a, b) - expected).abs() < 2e-2, "{i} {j}");
                    prop_assert!(close(a[j], b[i]), "the root is symmetric");
                }
            }
        }
    }
}

#[test]
fn maps_that_never_vary_are_left_out_and_few_images_are_floored() {
    // Map 1 is constant, map 2 twice map 0.
    let noise = |i: usize| ((i as f32 * 12.9898).sin() * 437.585).fract();
    let values = (0..20)
        .flat_map(|i| [noise(i), 0.3, 2.0 * noise(i), noise(100 + i)].map(|x| [x; 4]))
        .flatten();
    let case = Case::new([20, 4, 2, 2], values.collect());
    let labels: Vec<usize> = (0..20).map(|i| i % 2).collect();
    let settings = DirectionSettings { show: Some(vec![3, 1, 9, 2]), ..Default::default() };
    let found = case.read(&labels, &settings);
    assert_eq!((found.images, found.live, found.compared), (20, 3, 3));
    let floored: Vec<usize> = found.bases.iter().map(|reading| reading.floored).collect();
    assert_eq!(floored, [0, 0, 1]);
    for reading in &found.bases {
        let maps: Vec<_> = reading.units.iter().map(|shown| shown.map).collect();
        assert_eq!(maps, [Some(3), Some(2)], "in the order asked for");
        assert_eq!(reading.random.len(), 8);
        assert!(reading.comparison.is_some());
    }
    // Nothing varies: nothing is compared.
    let flat = Case::new([20, 4, 2, 2], vec![0.1; 320]).read(&labels, &settings);
    assert_eq!((flat.live, flat.compared, flat.bases.len()), (0, 0, 0));
}
