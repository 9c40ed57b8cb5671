//! Filters over the epochs: every state, every number, and what a run that is resumed can know.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{Graph, Layer, Weights};
use spyhole_probe::filters::{GROWN, STUCK_FROM_EPOCH};
use spyhole_probe::smoothness::Caution;
use spyhole_probe::{FilterPicture, FilterState, FilterWatch, LayerFilters, LayerStatistics};

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

/// A convolution with such weights, `[filters, channels, k, k]`.
fn net(weights: &[f32], shape: [usize; 4], groups: usize) -> Net {
    let device = Device::flex();
    let [filters, channels, k, _] = shape;
    let config = Conv2dConfig::new([channels * groups, filters], [k, k]);
    let mut conv = config.with_groups(groups).with_bias(false).init(&device);
    let data = TensorData::new(weights.to_vec(), shape);
    conv.weight = Param::from_tensor(Tensor::from_data(data, &device));
    Net { conv }
}

fn layer_of(net: &Net, shape: [usize; 4], groups: usize) -> Layer {
    let size = [shape[1] * groups, 16, 16];
    let graph = Graph::capture(net, size, |net, x| relu(net.conv.forward(x))).unwrap();
    graph.layers()[0].clone()
}

struct Run {
    watch: FilterWatch,
    shape: [usize; 4],
    groups: usize,
}

impl Run {
    fn new(shape: [usize; 4], groups: usize, trainable: bool, correlation: Option<f64>) -> Self {
        let zeros = vec![0.0; shape.iter().product()];
        let layer = layer_of(&net(&zeros, shape, groups), shape, groups);
        let watch = FilterWatch::new(&layer, trainable, correlation);
        Self { watch, shape, groups }
    }

    fn read(&mut self, epoch: u32, weights: &[f32]) -> LayerFilters {
        let net = net(weights, self.shape, self.groups);
        let weights = Weights::of(&net, &Device::flex());
        self.watch.read(&weights, epoch).unwrap().unwrap()
    }
}

/// Numbers like noise, by a fixed rule; another `seed`, other numbers.
fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = u64::from(seed) * 7919 + 17;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(|_| (0..4).map(|_| next()).sum()).collect()
}

const SHAPE: [usize; 4] = [6, 3, 5, 5];
const TAPS: usize = 75;

fn filter(weights: &mut [f32], index: usize) -> &mut [f32] {
    &mut weights[index * TAPS..(index + 1) * TAPS]
}

fn states(found: &LayerFilters) -> Vec<FilterState> {
    found.readings.iter().map(|reading| reading.state).collect()
}

fn close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-5 * (1.0 + expected.abs()))
}

use FilterState::{
    Duplicate, Exploding, NoiseLike, NotFinite, NotJudged, Oscillating, Smooth, Still, Stuck, Zero,
};

#[test]
fn every_state_is_found_and_the_first_wins() {
    let mut weights = noise(1, 8 * TAPS);
    let blob = |i: usize| {
        let (y, x) = ((i / 5 % 5) as f32 - 2.0, (i % 5) as f32 - 2.0);
        (-(y * y + x * x) / 4.0).exp()
    };
    let parity = |i: usize| if (i / 5 % 5 + i % 5).is_multiple_of(2) { 0.5 } else { -0.5 };
    filter(&mut weights, 0).iter_mut().enumerate().for_each(|(i, w)| *w = blob(i));
    filter(&mut weights, 1).iter_mut().enumerate().for_each(|(i, w)| *w = parity(i));
    filter(&mut weights, 3).fill(0.0);
    filter(&mut weights, 4)[7] = f32::NAN;
    // A duplicate, up to sign and size, of filter 2; and one that is also far too large.
    let noisy = filter(&mut weights, 2).to_vec();
    filter(&mut weights, 5).iter_mut().zip(&noisy).for_each(|(w, n)| *w = -1.5 * n);
    filter(&mut weights, 7).iter_mut().for_each(|w| *w *= 30.0);
    let mut run = Run::new([8, 3, 5, 5], 1, true, None);
    let found = run.read(0, &weights);
    assert_eq!(
        states(&found),
        [Smooth, Oscillating, Duplicate, Zero, NotFinite, Duplicate, NoiseLike, Exploding]
    );
    assert_eq!(found.readings[2].duplicate_of, Some(5));
    assert_eq!(found.readings[5].duplicate_of, Some(2));
    assert_eq!(found.readings[3].rms, Some(0.0));
    assert_eq!(found.readings[4].rms, None);
    let numbers = found.statistics;
    assert_eq!((numbers.not_finite, numbers.dead_filters), (Some(0.125), Some(0.125)));
    // Live: all but the dead and the broken one. Of these six two have duplicates, and four are noise,
    // whatever else is the matter.
    assert!(close(numbers.duplicate_filters, 2.0 / 6.0));
    assert!(close(numbers.noise_share, 4.0 / 6.0));
    assert!(close(numbers.max_cosine, 1.0));
    assert!(numbers.dominance.unwrap() > 20.0);
    assert!(numbers.structure_p_value.unwrap() < 1e-6);
    assert_eq!(
        found.units(),
        [
            ("not_finite", vec![4]),
            ("dead_filters", vec![3]),
            ("dominance", vec![7]),
            ("duplicate_filters", vec![2, 5]),
            ("noise_share", vec![6]),
        ]
    );
    assert!(numbers.named().iter().all(|(_, value)| value.is_none_or(f64::is_finite)));
}

/// Each number against its definition, over three epochs.
#[test]
fn numbers_are_those_of_the_definitions() {
    let [w0, w1, w2] = [1, 2, 3].map(|seed| noise(seed, 6 * TAPS));
    // Steps that shrink, so that successive snapshots are alike.
    let mix = |a: &[f32], b: &[f32], share: f32| -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + share * b).collect()
    };
    let (w1, w2) = (mix(&w0, &w1, 0.3), mix(&mix(&w0, &w1, 0.3), &w2, 0.2));
    let mut run = Run::new(SHAPE, 1, true, None);
    let first = run.read(0, &w0);
    let second = run.read(1, &w1);
    let third = run.read(2, &w2);

    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let norm = |a: &[f32]| dot(a, a).sqrt();
    let minus = |a: &[f32], b: &[f32]| mix(a, b, -1.0);
    let numbers = third.statistics;
    assert!(close(numbers.update_ratio, norm(&minus(&w2, &w1)) / norm(&w1)));
    assert!(close(numbers.distance_from_start, norm(&minus(&w2, &w0)) / norm(&w0)));
    let (step, before) = (minus(&w2, &w1), minus(&w1, &w0));
    assert!(close(numbers.step_cosine, dot(&step, &before) / norm(&step) / norm(&before)));
    assert!(close(numbers.rms, norm(&w2) / 450.0_f64.sqrt()));
    let rms: Vec<f64> = w2.chunks(TAPS).map(|w| norm(w) / 75.0_f64.sqrt()).collect();
    let largest = rms.iter().copied().fold(0.0, f64::max);
    assert!(close(numbers.growth, largest / (norm(&w0) / 450.0_f64.sqrt())));
    let mut sorted = rms.clone();
    sorted.sort_by(f64::total_cmp);
    assert!(close(numbers.dominance, largest / ((sorted[2] + sorted[3]) / 2.0)));
    let pairs = || w2.chunks(TAPS).zip(w0.chunks(TAPS));
    let squares: f64 = pairs().map(|(w, s)| (dot(w, s) / norm(w) / norm(s)).powi(2)).sum();
    assert!(close(numbers.start_alignment, squares / 6.0));
    for (i, reading) in third.readings.iter().enumerate() {
        let of = |weights: &[f32]| weights[i * TAPS..(i + 1) * TAPS].to_vec();
        assert!(close(reading.change, norm(&minus(&of(&w2), &of(&w1))) / norm(&of(&w1))));
        assert!(close(reading.distance, norm(&minus(&of(&w2), &of(&w0))) / norm(&of(&w0))));
        assert!(close(reading.rms, rms[i]));
    }
    // What is not known yet.
    let LayerStatistics {
        update_ratio, step_cosine, residual_noise_share, start_alignment, ..
    } = first.statistics;
    assert_eq!((update_ratio, step_cosine, residual_noise_share), (None, None, None));
    assert!(close(start_alignment, 1.0));
    assert!(close(first.statistics.distance_from_start, 0.0));
    assert_eq!(second.statistics.step_cosine, None);
    assert!(second.statistics.update_ratio.is_some());
    assert!(third.statistics.residual_noise_share.unwrap() > 0.5);
}

/// Noise stays in what was there before; what training adds is smooth.
#[test]
fn the_residual_is_what_training_added() {
    let w0 = noise(4, 6 * TAPS);
    let mut run = Run::new(SHAPE, 1, true, None);
    run.read(0, &w0);
    let smooth = |i: usize| 0.05 * ((i % 5) as f32 - 2.0 + (i / TAPS) as f32 * 0.1);
    let w1: Vec<f32> = w0.iter().enumerate().map(|(i, w)| w + smooth(i)).collect();
    let numbers = run.read(1, &w1).statistics;
    assert!(numbers.noise_share.unwrap() > 0.5, "{numbers:?}");
    assert_eq!(numbers.residual_noise_share, Some(0.0));
}

#[test]
fn filters_that_do_not_change_stand_still_after_two_snapshots() {
    let mut weights = noise(5, 6 * TAPS);
    let mut run = Run::new(SHAPE, 1, true, None);
    let mut frozen = Run::new(SHAPE, 1, false, None);
    let mut still = vec![];
    for epoch in 0..5 {
        let found = run.read(epoch, &weights);
        let is_still = |i: usize| found.readings[i].state == Still;
        still.push([is_still(0), is_still(1), is_still(2)]);
        let frozen = frozen.read(epoch, &weights);
        assert!(!states(&frozen).iter().any(|state| matches!(state, Still | Stuck)));
        // Filter 0 stands still, filter 1 shrinks, the others move.
        filter(&mut weights, 1).iter_mut().for_each(|w| *w *= 0.97);
        for i in 2..6 {
            let step = noise(100 * epoch + i as u32, TAPS);
            filter(&mut weights, i).iter_mut().zip(step).for_each(|(w, s)| *w += 0.2 * s);
        }
    }
    let [alive, gone] = [[false, false, false], [true, true, false]];
    assert_eq!(still, [alive, alive, gone, gone, gone]);
    filter(&mut weights, 0)[3] += 0.5;
    assert_ne!(run.read(5, &weights).readings[0].state, Still);
}

#[test]
fn a_layer_that_hardly_moves_is_stuck_but_not_at_once() {
    let w0 = noise(6, 6 * TAPS);
    let mut run = Run::new(SHAPE, 1, true, None);
    for epoch in 0..4 {
        let jitter = noise(60 + epoch, 6 * TAPS);
        let weights: Vec<f32> =
            w0.iter().zip(jitter).map(|(w, j)| w + 1e-4 * j * epoch.min(1) as f32).collect();
        let found = run.read(epoch, &weights);
        let stuck = states(&found).iter().all(|state| *state == Stuck);
        assert_eq!(stuck, epoch >= STUCK_FROM_EPOCH, "epoch {epoch}");
    }
}

#[test]
fn growth_is_measured_from_the_start() {
    let w0 = noise(7, 6 * TAPS);
    let mut run = Run::new(SHAPE, 1, true, None);
    run.read(0, &w0);
    let grown = run.read(1, &w0.iter().map(|w| w * 12.0).collect::<Vec<_>>());
    assert!(grown.statistics.growth.unwrap() > GROWN);
    assert!(states(&grown).contains(&Exploding));
    assert!(grown.statistics.dominance.unwrap() < 2.0);
}

#[test]
fn a_resumed_run_knows_no_start_and_a_repeated_epoch_starts_anew() {
    let [w0, w1, w2] = [8, 9, 10].map(|seed| noise(seed, 6 * TAPS));
    let mut resumed = Run::new(SHAPE, 1, true, None);
    for (epoch, weights) in [(7, &w1), (8, &w2)] {
        let found = resumed.read(epoch, weights);
        let numbers = found.statistics;
        assert_eq!(
            (numbers.distance_from_start, numbers.growth, numbers.start_alignment),
            (None, None, None)
        );
        assert_eq!(numbers.residual_noise_share, None);
        assert!(found.readings.iter().all(|reading| reading.distance.is_none()));
        assert_eq!(numbers.update_ratio.is_some(), epoch == 8);
        assert!(numbers.noise_share.is_some());
    }
    let mut run = Run::new(SHAPE, 1, true, None);
    run.read(0, &w0);
    run.read(1, &w1);
    let once = run.read(2, &w2);
    let again = run.read(2, &w2);
    assert!(once.statistics.step_cosine.is_some());
    assert_eq!((again.statistics.update_ratio, again.statistics.step_cosine), (None, None));
    assert_eq!(again.statistics.distance_from_start, once.statistics.distance_from_start);
    assert_eq!(again.readings[0].q, once.readings[0].q);
    // Back to an earlier epoch, and on from there.
    assert_eq!(run.read(1, &w1).statistics.update_ratio, None);
    assert!(run.read(2, &w2).statistics.update_ratio.is_some());
    // From the very beginning: another start.
    let fresh = run.read(0, &w1);
    assert!(close(fresh.statistics.distance_from_start, 0.0));
}

#[test]
fn the_same_snapshots_read_the_same() {
    let read = || {
        let mut run = Run::new(SHAPE, 1, true, Some(0.9));
        let found: Vec<_> = (0..3).map(|epoch| run.read(epoch, &noise(epoch, 6 * TAPS))).collect();
        format!("{found:?}")
    };
    assert_eq!(read(), read());
}

#[test]
fn what_a_layer_cannot_tell_is_left_out() {
    // (shape, groups, correlation, caution?, noise share?, layer test?)
    let cases = [
        ([6, 3, 5, 5], 1, None, [false, true, true]),
        ([6, 3, 3, 3], 1, None, [true, false, true]),
        ([6, 1, 3, 3], 1, None, [true, false, true]),
        ([6, 1, 3, 3], 6, None, [true, false, true]),
        ([6, 4, 1, 1], 1, None, [true, false, false]),
        ([6, 3, 5, 5], 1, Some(0.1), [true, false, false]),
        ([6, 3, 5, 5], 1, Some(0.8), [false, true, true]),
    ];
    for (shape, groups, correlation, expected) in cases {
        let mut run = Run::new(shape, groups, true, correlation);
        let found = run.read(0, &noise(11, shape.iter().product()));
        let numbers = found.statistics;
        let caution = found.null.caution;
        let found_there =
            [caution.is_some(), numbers.noise_share.is_some(), numbers.structure_p_value.is_some()];
        assert_eq!(found_there, expected, "{shape:?} {groups} {correlation:?}");
        let unjudged = matches!(
            caution,
            Some(
                Caution::NoNeighbours
                    | Caution::TooFewTaps { .. }
                    | Caution::UncorrelatedInput { .. }
            )
        );
        assert_eq!(states(&found).iter().all(|s| *s == NotJudged), unjudged, "{shape:?}");
        // Filters of other groups look at other channels: one per group has no twin.
        assert_eq!(numbers.max_cosine.is_some(), groups == 1);
        assert_eq!(numbers.duplicate_filters.is_some(), groups == 1);
        let band = |name| run.watch.null_bands().iter().any(|band| band.statistic == name);
        assert_eq!([band("noise_share"), band("structure_p_value")], expected[1..]);
        assert_eq!(band("max_cosine"), groups == 1);
        assert_eq!(band("variance_entropy"), shape[2] == 3);
    }
}

/// With very few taps a cosine above .95 is chance.
#[test]
fn few_taps_make_no_duplicates() {
    let shape = [64, 3, 1, 1];
    let mut run = Run::new(shape, 1, true, None);
    let found = run.read(0, &noise(12, 192));
    assert!(found.statistics.max_cosine.unwrap() > 0.99);
    assert_eq!(found.statistics.duplicate_filters, Some(0.0));
}

#[test]
fn pictures_are_weights_where_the_image_is_seen_and_patterns_elsewhere() {
    for (shape, groups, expected) in [
        ([6, 3, 5, 5], 1, FilterPicture::Weights),
        ([6, 1, 5, 5], 1, FilterPicture::Weights),
        ([6, 2, 5, 5], 1, FilterPicture::DominantPattern),
    ] {
        let mut run = Run::new(shape, groups, true, None);
        let mut weights = noise(13, shape.iter().product());
        weights[1] = f32::NAN;
        let found = run.read(0, &weights);
        assert_eq!((found.picture, found.pictures.len()), (expected, 6));
        let channels = if expected == FilterPicture::Weights { shape[1] } else { 1 };
        assert!(found.pictures.iter().all(|p| (p.channels, p.height, p.width) == (channels, 5, 5)));
        assert!(found.pictures[1..].iter().all(|p| p.pixels.iter().all(|w| w.is_finite())));
    }
}

#[test]
fn another_shape_is_an_error_that_says_so() {
    let mut run = Run::new(SHAPE, 1, true, None);
    let other = net(&noise(1, 6 * 27), [6, 3, 3, 3], 1);
    let error = run.watch.read(&Weights::of(&other, &Device::flex()), 0).unwrap_err();
    assert!(error.to_string().contains("conv.weight"), "{error}");
    assert!(run.watch.read(&Weights::default(), 0).is_err());
}

/// A weight-normed convolution, `g · v / ‖v‖`: what is read is what it filters with.
#[test]
fn filters_that_are_computed_are_read_as_they_are_used() {
    #[derive(Module, Debug)]
    struct Normed {
        v: Param<Tensor<4>>,
        g: Param<Tensor<4>>,
    }
    let kernel = |net: &Normed| {
        let length = net.v.val().square().sum_dims(&[1, 2, 3]).sqrt();
        net.g.val() * net.v.val() / length
    };
    let device = Device::flex();
    let of = |v: &[f32], g: &[f32]| Normed {
        v: Param::from_tensor(Tensor::from_data(TensorData::new(v.to_vec(), SHAPE), &device)),
        g: Param::from_tensor(Tensor::<1>::from_floats(g, &device).reshape([6, 1, 1, 1])),
    };
    let v = noise(3, 6 * TAPS);
    let first = of(&v, &[1.0; 6]);
    let graph = Graph::capture(&first, [3, 16, 16], |net, x| {
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        relu(burn::tensor::module::conv2d(x, kernel(net), None, options))
    })
    .unwrap();
    let layer = &graph.layers()[0];
    let mut watch = FilterWatch::new(layer, true, None);
    let mut plain = Run::new(SHAPE, 1, true, None);
    // Twice as long a v makes the same filters; another g does not.
    let longer: Vec<f32> = v.iter().map(|v| 2.0 * v).collect();
    let last = of(&longer, &[1.0, 2.0, 0.0, 1.0, 1.0, 1.0]);
    for (epoch, net) in [(0, first), (1, last)] {
        let found = watch.read(&Weights::of(&net, &device), epoch).unwrap().unwrap();
        let weights: Vec<f32> = kernel(&net).into_data().try_to_vec().unwrap();
        let expected = plain.read(epoch, &weights);
        assert_eq!(states(&found), states(&expected));
        for (found, expected) in found.readings.iter().zip(&expected.readings) {
            assert_eq!(found.rms, expected.rms);
        }
    }
}
