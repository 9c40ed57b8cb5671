//! What is said about a feature map's activations: against the definitions, written out, and for noise.

use std::collections::HashMap;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, tanh};
use proptest::prelude::*;
use spyhole_graph::{Activations, Graph, Weights};
use spyhole_probe::activity::COMPONENT_LEVEL;
use spyhole_probe::{ActivityReader, LayerActivity, Pass, PlaneStatistics, read_maps};

type Field = fn(&PlaneStatistics) -> Option<f64>;

const FIELDS: [(&str, Field); 6] = [
    ("zero share", |s| s.zero_share),
    ("hoyer", |s| s.hoyer),
    ("treves rolls", |s| s.treves_rolls),
    ("gini", |s| s.gini),
    ("localisation", |s| s.localisation),
    ("component share", |s| s.component_share),
];

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// `None` for 0/0.
fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn treves_rolls(a: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = a.iter().map(|a| a * a).collect();
    number((1.0 - mean(a).powi(2) / mean(&squares)) / (1.0 - 1.0 / a.len() as f64))
}

/// The definitions, word by word.
fn slow(plane: &[f32], [height, width]: [usize; 2]) -> PlaneStatistics {
    let a: Vec<f64> = plane.iter().map(|&a| f64::from(a).abs()).collect();
    let n = a.len() as f64;
    let mass: f64 = a.iter().sum();
    let length = a.iter().map(|a| a * a).sum::<f64>().sqrt();
    // Gini: the mean distance between two numbers, over twice their mean.
    let distances: f64 = a.iter().flat_map(|a1| a.iter().map(move |a2| (a1 - a2).abs())).sum();
    let place = |i: usize| [(i / width) as f64, (i % width) as f64];
    let centroid = [0, 1]
        .map(|axis| a.iter().enumerate().map(|(i, a)| a * place(i)[axis]).sum::<f64>() / mass);
    let variance: f64 = a
        .iter()
        .enumerate()
        .map(|(i, a)| {
            a * [0, 1].map(|axis| (place(i)[axis] - centroid[axis]).powi(2)).iter().sum::<f64>()
        })
        .sum::<f64>()
        / mass;
    let even = ((height * height) as f64 - 1.0) / 12.0 + ((width * width) as f64 - 1.0) / 12.0;
    PlaneStatistics {
        zero_share: number(a.iter().filter(|&&a| a == 0.0).count() as f64 / n),
        hoyer: number((n.sqrt() - mass / length) / (n.sqrt() - 1.0)),
        treves_rolls: treves_rolls(&a),
        gini: number(distances / (2.0 * n * mass)),
        localisation: number(variance / even),
        component_share: number(heaviest(plane, width) / mass),
    }
}

/// Labels spread to neighbours until none changes.
fn heaviest(plane: &[f32], width: usize) -> f64 {
    let largest = plane.iter().fold(0.0_f32, |largest, a| largest.max(a.abs()));
    let inside = |i: usize| plane[i].abs() > COMPONENT_LEVEL * largest;
    let mut label: Vec<usize> = (0..plane.len()).collect();
    loop {
        let before = label.clone();
        for i in 0..plane.len() {
            for j in 0..plane.len() {
                let [down, across] = [i / width, i % width];
                let steps = down.abs_diff(j / width) + across.abs_diff(j % width);
                if steps == 1 && inside(i) && inside(j) {
                    label[i] = label[i].min(label[j]);
                }
            }
        }
        if label == before {
            break;
        }
    }
    let mut masses: HashMap<usize, f64> = HashMap::new();
    for i in (0..plane.len()).filter(|&i| inside(i)) {
        *masses.entry(label[i]).or_default() += f64::from(plane[i].abs());
    }
    masses.into_values().fold(0.0, f64::max)
}

fn agree(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (found, expected) => found == expected,
    }
}

/// Planes of any form: some zeros, some ties, either sign.
fn planes() -> impl Strategy<Value = (Vec<f32>, [usize; 2])> {
    let value = prop_oneof![Just(0.0_f32), -2.0..2.0_f32, (-3..4_i8).prop_map(f32::from)];
    (1..12_usize, 1..20_usize).prop_flat_map(move |(height, width)| {
        prop::collection::vec(value.clone(), height * width)
            .prop_map(move |plane| (plane, [height, width]))
    })
}

proptest! {
    #[test]
    fn statistics_are_those_of_the_definitions((plane, size) in planes()) {
        let (found, expected) = (PlaneStatistics::of(&plane, size), slow(&plane, size));
        for (name, field) in FIELDS {
            let (found, expected) = (field(&found), field(&expected));
            prop_assert!(agree(found, expected), "{name}: {found:?}, {expected:?}");
        }
    }

    #[test]
    fn planes_that_are_not_finite_have_no_statistics(
        (mut plane, size) in planes(),
        place in 0..400_usize,
        broken in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]),
    ) {
        let place = place % plane.len();
        plane[place] = broken;
        prop_assert_eq!(PlaneStatistics::of(&plane, size), PlaneStatistics::default());
    }
}

#[test]
fn extremes_read_as_documented() {
    let mut single = vec![0.0; 49];
    single[8] = 2.0;
    let found = PlaneStatistics::of(&single, [7, 7]);
    assert_eq!((found.hoyer, found.treves_rolls), (Some(1.0), Some(1.0)));
    assert!(agree(found.gini, Some(48.0 / 49.0)));
    assert_eq!((found.localisation, found.component_share), (Some(0.0), Some(1.0)));
    let found = PlaneStatistics::of(&[-0.5; 49], [7, 7]);
    for (name, field) in FIELDS {
        let expected = if ["localisation", "component share"].contains(&name) { 1.0 } else { 0.0 };
        assert!(agree(field(&found), Some(expected)), "{name}: {found:?}");
    }
    // Two places at opposite corners; diagonal neighbours do not connect.
    let mut corners = vec![0.0; 49];
    (corners[0], corners[48]) = (1.0, 1.0);
    let found = PlaneStatistics::of(&corners, [7, 7]);
    assert!(agree(found.localisation, Some(18.0 / 8.0)) && found.component_share == Some(0.5));
    let found = PlaneStatistics::of(&[1.0, 0.0, 0.0, 1.0], [2, 2]);
    assert_eq!(found.component_share, Some(0.5));
    let silent = PlaneStatistics::of(&[0.0; 9], [3, 3]);
    assert_eq!(silent, PlaneStatistics { zero_share: Some(1.0), ..PlaneStatistics::default() });
}

/// Independent standard normal numbers, the same in every run: SplitMix64, Box and Muller.
fn normal(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut one = || {
        let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * uniform()).cos()) as f32
    };
    (0..count).map(|_| one()).collect()
}

/// What rectified independent Gaussian numbers read, as the documentation says: Hoyer, mean and spread of the
/// localisation, share of the largest component; Treves and Rolls' and Gini's values are those of large planes. The
/// variance about the plane's own centroid misses what the centroid varies, π/n to first order.
#[test]
fn noise_reads_as_documented() {
    let cases = [
        (7, Some(0.505), 0.95, 0.13, 0.42),
        (14, Some(0.468), 0.984, 0.066, 0.21),
        (28, None, 0.996, 0.033, 0.08),
    ];
    for (side, hoyer, localisation, expected_spread, component_share) in cases {
        let found: Vec<_> = normal(1000 * side * side, 7)
            .chunks_exact(side * side)
            .map(|plane| {
                let plane: Vec<f32> = plane.iter().map(|a| a.max(0.0)).collect();
                PlaneStatistics::of(&plane, [side, side])
            })
            .collect();
        let all = |field: Field| -> Vec<f64> {
            found.iter().map(|found| field(found).unwrap()).collect()
        };
        let read = |field| mean(&all(field));
        assert!((read(|s| s.zero_share) - 0.5).abs() < 0.01, "{side}");
        let near_hoyer = |hoyer: f64| (read(|s| s.hoyer) - hoyer).abs() < 0.004;
        assert!(hoyer.is_none_or(near_hoyer), "{side}");
        if side == 28 {
            assert!((read(|s| s.treves_rolls) - 0.682).abs() < 0.003);
            assert!((read(|s| s.gini) - 0.707).abs() < 0.003);
        }
        let places = all(|s| s.localisation);
        let middle = mean(&places);
        let squares: Vec<f64> = places.iter().map(|place| (place - middle).powi(2)).collect();
        assert!((middle - localisation).abs() < 0.015, "{side}: {middle}");
        let spread = mean(&squares).sqrt();
        assert!((spread / expected_spread - 1.0).abs() < 0.12, "{side}: {spread}");
        assert!((read(|s| s.component_share) - component_share).abs() < 0.02, "{side}");
    }
}

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

/// Six maps of images of two channels; map 2 is dead behind a ReLU.
fn net() -> Net {
    let device = Device::flex();
    let mut conv: Conv2d = Conv2dConfig::new([2, 6], [3, 3]).init(&device);
    let mut weights = normal(6 * 18, 3);
    weights[36..54].fill(0.0);
    let weights = TensorData::new(weights, [6, 2, 3, 3]);
    conv.weight = Param::from_tensor(Tensor::from_data(weights, &device));
    let bias = [0.0, -2.0, 0.0, 1.0, -4.0, 0.5];
    conv.bias = Some(Param::from_tensor(Tensor::from_data(bias, &device)));
    Net { conv }
}

const COUNT: usize = 9;
const SIZE: [usize; 2] = [9, 11];

fn images() -> Tensor<4> {
    let pixels = normal(COUNT * 2 * 11 * 13, 5);
    Tensor::from_data(TensorData::new(pixels, [COUNT, 2, 11, 13]), &Device::flex())
}

type Activation = fn(Tensor<4>) -> Tensor<4>;

/// The reading of the only layer, and its activations, `[images, maps, positions]`.
fn read(net: &Net, memory: usize, activation: Activation) -> (LayerActivity, Vec<Vec<Vec<f64>>>) {
    let images = images();
    let graph = Graph::capture(net, [2, 11, 13], |net, x| activation(net.conv.forward(x))).unwrap();
    let weights = Weights::of(net, &Device::flex());
    let pass = Pass::new(&graph, &weights, &images, memory).unwrap();
    let mut reader = ActivityReader::new(&images, graph.layers(), None);
    pass.each(|_| true, |first, activations| reader.look(first, activations)).unwrap();
    let values: Vec<f32> = activation(net.conv.forward(images)).into_data().try_to_vec().unwrap();
    let plane = |plane: &[f32]| plane.iter().map(|&a| f64::from(a)).collect();
    let image = |image: &[f32]| image.chunks_exact(SIZE[0] * SIZE[1]).map(plane).collect();
    let values = values.chunks_exact(6 * SIZE[0] * SIZE[1]).map(image).collect();
    (reader.finish().remove(0).unwrap(), values)
}

#[test]
fn readings_over_all_images_are_those_of_the_definitions() {
    for activation in [relu as Activation, tanh] {
        for memory in [0, usize::MAX] {
            let (found, values) = read(&net(), memory, activation);
            assert_eq!(found.dead, [2]);
            let strength = |image: usize, map: usize| {
                values[image][map].iter().fold(0.0, |largest: f64, a| largest.max(a.abs()))
            };
            let mut sums = [0.0; 3];
            for (map, reading) in found.maps.iter().enumerate() {
                let planes: Vec<PlaneStatistics> = (0..COUNT)
                    .map(|image| {
                        let plane: Vec<f32> =
                            values[image][map].iter().map(|&a| a as f32).collect();
                        slow(&plane, SIZE)
                    })
                    .collect();
                let over = |field: Field| {
                    number(mean(&planes.iter().filter_map(field).collect::<Vec<_>>()))
                };
                let responses: Vec<f64> = (0..COUNT).map(|image| strength(image, map)).collect();
                let lifetime = treves_rolls(&responses);
                let largest = responses.iter().copied().fold(0.0, f64::max);
                let likeness = found.likeness[map].map(|likeness| likeness.raw);
                for (found, expected) in [
                    (reading.zero_share, over(|s| s.zero_share)),
                    (reading.hoyer, over(|s| s.hoyer)),
                    (reading.localisation, over(|s| s.localisation)),
                    (reading.lifetime_sparseness, lifetime),
                    (reading.largest, Some(largest)),
                    (reading.input_likeness, likeness),
                ] {
                    assert!(agree(found, expected), "{map}: {found:?}, {expected:?}");
                }
                if map != 2 {
                    let live = [reading.zero_share, lifetime, reading.localisation];
                    sums.iter_mut().zip(live).for_each(|(sum, live)| *sum += live.unwrap() / 5.0);
                }
            }
            let population: Vec<f64> = (0..COUNT)
                .map(|image| {
                    let responses: Vec<f64> = (0..6).map(|map| strength(image, map)).collect();
                    treves_rolls(&responses).unwrap()
                })
                .collect();
            assert!(agree(found.population_sparseness, Some(mean(&population))));
            for (found, expected) in
                [found.zero_share, found.lifetime_sparseness, found.localisation].iter().zip(sums)
            {
                assert!(agree(*found, Some(expected)), "{found:?}, {expected}");
            }
        }
    }
}

#[test]
fn distributions_are_over_the_live_maps() {
    let (found, _) = read(&net(), usize::MAX, relu);
    let distributions = found.distributions();
    let names: Vec<_> = distributions.iter().map(|(name, _)| *name).collect();
    let all =
        ["zero_share", "hoyer", "lifetime_sparseness", "localisation", "input_likeness", "largest"];
    assert_eq!(names, all);
    let mut largest: Vec<f64> =
        [0, 1, 3, 4, 5].map(|map: usize| found.maps[map].largest.unwrap()).to_vec();
    largest.sort_by(f64::total_cmp);
    let [low, lower, middle, upper, high] = distributions[5].1;
    assert_eq!([lower, middle, upper], [largest[1], largest[2], largest[3]]);
    assert!(agree(Some(low), Some(largest[0] + 0.2 * (largest[1] - largest[0]))));
    assert!(agree(Some(high), Some(largest[3] + 0.8 * (largest[4] - largest[3]))));
}

#[test]
fn what_is_silent_or_not_finite_has_no_values() {
    let (silent, _) = read(&net(), usize::MAX, |x| relu(x.mul_scalar(0.0)));
    assert_eq!((silent.zero_share, silent.population_sparseness), (None, None));
    assert_eq!((silent.maps[0].zero_share, silent.maps[0].hoyer), (Some(1.0), None));
    assert!(silent.distributions().is_empty());
    let mut broken = net();
    let bias = Tensor::from_data([0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0], &Device::flex());
    broken.conv.bias = Some(Param::from_tensor(bias));
    let (broken, _) = read(&broken, usize::MAX, |x| x);
    assert_eq!(broken.maps[1], spyhole_probe::MapReading::default());
    assert!(broken.maps[0].hoyer.is_some(), "other maps have theirs");
    let layer = [broken.zero_share, broken.lifetime_sparseness, broken.localisation];
    assert_eq!((layer, broken.population_sparseness), ([None; 3], None));
    assert!(broken.distributions().is_empty());
}

fn with_activations(net: &Net, activation: Activation, see: impl Fn(&Graph, &Activations<'_>)) {
    let graph = Graph::capture(net, [2, 11, 13], |net, x| activation(net.conv.forward(x))).unwrap();
    let weights = Weights::of(net, &Device::flex());
    see(&graph, &graph.forward(&weights, images()).unwrap());
}

#[test]
fn a_grid_shows_what_was_computed() {
    let (_, values) = read(&net(), usize::MAX, tanh);
    let [height, width] = SIZE;
    with_activations(&net(), tanh, |graph, activations| {
        let layer = &graph.layers()[0];
        let grid = read_maps(activations, &images(), layer, 4).unwrap();
        let mut responses = vec![];
        for (map, picture) in grid.maps.iter().enumerate() {
            let expected: Vec<f32> = values[4][map].iter().map(|&a| a as f32).collect();
            assert_eq!((picture.map, [picture.height, picture.width]), (map, [height, width]));
            assert_eq!(picture.values, expected);
            assert_eq!(picture.signed, map != 2);
            let statistics = slow(&expected, SIZE);
            for (name, field) in FIELDS {
                assert!(agree(field(&picture.statistics), field(&statistics)), "{map}: {name}");
            }
            let peak = picture.peak.unwrap();
            assert_eq!(peak.value, expected[peak.row * width + peak.column]);
            let largest = expected.iter().fold(0.0_f32, |largest, a| largest.max(a.abs()));
            assert_eq!(peak.value.abs(), largest);
            responses.push(f64::from(largest));
        }
        assert!(agree(grid.population_sparseness, treves_rolls(&responses)));
        assert_eq!(grid.maps[2].input_correlation, None, "a constant correlates with nothing");
        let error = read_maps(activations, &images(), layer, COUNT).unwrap_err().to_string();
        assert!(error.contains("image 9 does not exist"), "{error}");
    });
}

/// A map that copies the first channel upside down, of images whose channels are the same.
#[test]
fn copies_of_the_image_have_their_sign() {
    let mut net = net();
    let mut weights = vec![0.0_f32; 6 * 18];
    (weights[4], weights[18 + 4]) = (1.0, -1.0);
    let weights = TensorData::new(weights, [6, 2, 3, 3]);
    net.conv.weight = Param::from_tensor(Tensor::from_data(weights, &Device::flex()));
    // Waves so long that shrinking the image by two pixels hardly changes it.
    let wave = |i: usize| (0.2 * (i / 13) as f32 + 0.3 * (i % 13) as f32).sin();
    let picture = (0..11 * 13).map(wave).collect::<Vec<_>>().repeat(2);
    let images = Tensor::from_data(TensorData::new(picture, [1, 2, 11, 13]), &Device::flex());
    let graph = Graph::capture(&net, [2, 11, 13], |net, x| net.conv.forward(x)).unwrap();
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), images.clone()).unwrap();
    let grid = read_maps(&activations, &images, &graph.layers()[0], 0).unwrap();
    let [copy, negative] = [0, 1].map(|map| grid.maps[map].input_correlation.unwrap());
    assert!(copy > 0.98 && (copy + negative).abs() < 1e-6, "{copy} {negative}");
}
