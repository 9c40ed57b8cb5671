use super::*;
use crate::random::Random;
use proptest::prelude::*;
use std::cell::RefCell;

fn shape(channels: usize, height: usize, width: usize) -> FilterShape {
    FilterShape { channels, height, width }
}

/// One filter, the same in every channel, from a function of the row and column about the centre.
fn filter(shape: FilterShape, value: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    let centred = |i: usize, length: usize| i as f64 - (length - 1) as f64 / 2.0;
    (0..shape.taps())
        .map(|i| {
            let (y, x) = (i / shape.width % shape.height, i % shape.width);
            value(centred(y, shape.height), centred(x, shape.width)) as f32
        })
        .collect()
}

/// The test of a shape for Gaussian weights, made once.
fn test_of(shape: FilterShape) -> SmoothnessTest {
    thread_local!(static TESTS: RefCell<Vec<SmoothnessTest>> = const { RefCell::new(vec![]) });
    TESTS.with_borrow_mut(|tests| {
        if let Some(test) = tests.iter().find(|test| test.shape() == shape) {
            return test.clone();
        }
        tests.push(SmoothnessTest::new(shape, None, None));
        tests[tests.len() - 1].clone()
    })
}

/// By χ², which takes no simulation: for what does not depend on the exact p-value.
fn read_one(weights: &[f32], shape: FilterShape) -> Reading {
    SmoothnessTest::with(shape, vec![], None).read(weights)
}

fn read_all(test: &SmoothnessTest, weights: &[f32]) -> Vec<Reading> {
    weights.chunks_exact(test.shape().taps()).map(|filter| test.read(filter)).collect()
}

/// The definitions of Q and r1 taken literally: every pair of taps is looked at.
fn reference(weights: &[f32], shape: FilterShape) -> (f64, f64) {
    let FilterShape { channels, height, width } = shape;
    let w = |c: usize, y: usize, x: usize| f64::from(weights[(c * height + y) * width + x]);
    let energy: f64 = weights.iter().map(|&w| f64::from(w).powi(2)).sum();
    let (n, c) = (weights.len() as f64, channels as f64);
    let (mut sum, mut products, mut pairs) = (0.0, 0.0, 0);
    for (dy, dx) in [(0, 1), (1, 0), (1, 1), (1, -1)] {
        let mut list = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for v in 0..height {
                    for u in 0..width {
                        if v as i32 - y as i32 == dy && u as i32 - x as i32 == dx {
                            list.push(((y, x), (v, u)));
                        }
                    }
                }
            }
        }
        let total = |&((y, x), (v, u)): &((usize, usize), (usize, usize))| -> f64 {
            (0..channels).map(|c| w(c, y, x) * w(c, v, u)).sum()
        };
        let lagged: f64 = list.iter().map(total).sum();
        if !list.is_empty() {
            sum += (lagged / energy).powi(2) / list.len() as f64;
        }
        if dy == 0 || dx == 0 {
            products += lagged;
            pairs += list.len();
        }
    }
    (n * (n + 2.0) / c * sum, (products / (c * pairs as f64)) / (energy / n))
}

fn any_filter() -> impl Strategy<Value = (FilterShape, Vec<f32>)> {
    (1..5_usize, 1..6_usize, 1..6_usize).prop_flat_map(|(c, h, w)| {
        (Just(shape(c, h, w)), prop::collection::vec(-1.0..1.0_f32, c * h * w))
    })
}

proptest! {
    #[test]
    fn equals_the_literal_definition((shape, weights) in any_filter()) {
        let reading = read_one(&weights, shape);
        if shape.height * shape.width == 1 {
            prop_assert_eq!((reading.q, reading.r1, reading.p_value), (None, None, None));
        } else if weights.iter().any(|&w| w != 0.0) {
            let (q, r1) = reference(&weights, shape);
            prop_assert!((reading.q.unwrap() - q).abs() < 1e-9 * q.max(1.0));
            prop_assert!((reading.r1.unwrap() - r1).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&reading.p_value.unwrap()));
        }
    }

    #[test]
    fn neither_scale_nor_sign_matters((shape, weights) in any_filter(), power in -60..60_i32) {
        let reading = read_one(&weights, shape);
        for factor in [2.0_f32.powi(power), -1.0] {
            let scaled: Vec<f32> = weights.iter().map(|w| w * factor).collect();
            let again = read_one(&scaled, shape);
            prop_assert_eq!(again, reading);
        }
    }

    #[test]
    fn r1_stays_in_its_bounds((shape, weights) in any_filter()) {
        use std::f64::consts::PI;
        if let Some(r1) = read_one(&weights, shape).r1 {
            let cosine = |k: usize| (PI / (k + 1) as f64).cos();
            let scale = shape.taps() as f64 / shape.neighbour_pairs() as f64;
            let bound = scale * (cosine(shape.height) + cosine(shape.width));
            prop_assert!(r1.abs() <= bound + 1e-12);
        }
    }
}

fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut random = Random(seed);
    (0..count).map(|_| random.normal() as f32).collect()
}

/// The mean of Q is exactly the degrees of freedom; r1 has mean 0 and the variance given. Tolerances are 3.5
/// standard errors of the simulation.
#[test]
fn gaussian_noise_has_the_moments_of_the_null_model() {
    let count = 5000;
    let shapes = [shape(3, 3, 3), shape(3, 7, 7), shape(8, 3, 5), shape(8, 1, 7), shape(64, 3, 3)];
    for (i, shape) in shapes.into_iter().enumerate() {
        let test = test_of(shape);
        let readings = read_all(&test, &noise(i as u64, count * shape.taps()));
        let n = count as f64;
        let mean = |of: fn(&Reading) -> f64| readings.iter().map(of).sum::<f64>() / n;

        let freedom = f64::from(test.null().degrees_of_freedom);
        let q = mean(|r| r.q.unwrap());
        let slack = 3.5 * (2.0 * freedom / n).sqrt() * 1.1;
        assert!((q - freedom).abs() < slack, "{shape:?}: mean Q {q}");

        let deviation = test.null().r1_deviation.unwrap();
        let r1 = mean(|r| r.r1.unwrap());
        assert!(r1.abs() < 3.5 * deviation / n.sqrt(), "{shape:?}: mean r1 {r1}");
        let ratio = mean(|r| r.r1.unwrap().powi(2)) / deviation.powi(2);
        assert!((ratio - 1.0).abs() < 3.5 * (2.0 / n).sqrt(), "{shape:?}: r1 variance {ratio}");
    }
}

/// Distributions that χ² does not fit, and the size that METRICS gives for χ² there.
#[derive(Clone, Copy, Debug)]
enum Weights {
    Gaussian,
    Uniform,
    Laplace,
}

impl Weights {
    fn draw(self, random: &mut Random, count: usize) -> Vec<f32> {
        let one = |random: &mut Random| match self {
            Self::Gaussian => random.normal(),
            Self::Uniform => 2.0 * random.uniform() - 1.0,
            Self::Laplace => (1.0 - random.uniform()).ln() * (random.uniform() - 0.5).signum(),
        };
        (0..count).map(|_| one(random) as f32).collect()
    }
}

/// Filters and layers of noise are called structured as often as the level says, whatever the distribution of
/// the weights; χ² alone is off where METRICS says. 4 standard errors.
#[test]
fn noise_is_called_structured_as_often_as_the_level_says() {
    let (layers, filters) = (300, 32);
    let cases = [
        (shape(1, 3, 3), Weights::Uniform, Some(0.071)),
        (shape(1, 3, 3), Weights::Laplace, Some(0.034)),
        (shape(3, 3, 3), Weights::Uniform, None),
        (shape(3, 3, 3), Weights::Gaussian, None),
        (shape(3, 5, 5), Weights::Uniform, None),
        (shape(16, 3, 3), Weights::Laplace, None),
    ];
    for (i, (shape, weights, by_chi_squared)) in cases.into_iter().enumerate() {
        let mut random = Random(100 + i as u64);
        let start = weights.draw(&mut random, 64 * shape.taps());
        let test = SmoothnessTest::new(shape, Some(&start), None);
        let (mut structured, mut above_9_49, mut alarms) = (0, 0, 0);
        for _ in 0..layers {
            let readings = read_all(&test, &weights.draw(&mut random, filters * shape.taps()));
            structured += readings.iter().filter(|r| r.p_value.unwrap() <= LEVEL).count();
            above_9_49 += readings.iter().filter(|r| r.q.unwrap() > 9.487_729).count();
            alarms += usize::from(test.layer_p_value(&readings).unwrap() < 0.05);
        }
        let close = |hits: usize, of: usize, expected: f64| {
            let slack = 4.0 * (expected * (1.0 - expected) / of as f64).sqrt();
            (hits as f64 / of as f64 - expected).abs() < slack
        };
        let all = layers * filters;
        assert!(close(structured, all, LEVEL), "{shape:?} {weights:?}: {structured} of {all}");
        assert!(close(alarms, layers, LEVEL), "{shape:?} {weights:?}: {alarms} of {layers}");
        if let Some(size) = by_chi_squared {
            assert!(close(above_9_49, all, size), "{shape:?} {weights:?}: {above_9_49} of {all}");
            assert!(!close(above_9_49, all, LEVEL));
        }
    }
}

#[test]
fn p_values_fall_without_a_jump_and_never_reach_zero() {
    for shape in [shape(1, 3, 3), shape(3, 5, 5), shape(64, 3, 3), shape(16, 1, 7)] {
        let test = test_of(shape);
        let p: Vec<f64> = (0..4000).map(|i| test.p_value(f64::from(i) * 0.05).unwrap()).collect();
        assert!(p.windows(2).all(|p| p[1] <= p[0] && p[1] > 0.0), "{shape:?}");
        assert!(p.windows(2).all(|p| p[1] > 0.8 * p[0]), "{shape:?}: a jump");
        assert!(p[0] > 0.999 && p[0] <= 1.0);
        let critical = test.null().q_critical.unwrap();
        let [at, above] = [critical, critical * (1.0 + 1e-9)].map(|q| test.p_value(q).unwrap());
        assert!(
            above <= LEVEL && at > LEVEL - 1e-4 && at < LEVEL + 1e-3,
            "{shape:?}: {at} {above}"
        );
    }
}

/// The χ² of textbooks, where it is used: tabulated 95 % quantiles at 4 and 1 degrees of freedom.
#[test]
fn large_filters_are_compared_with_chi_squared() {
    for (shape, freedom, expected) in
        [(shape(64, 3, 3), 4, 9.487_729), (shape(100, 1, 7), 1, 3.841_459)]
    {
        assert!(shape.taps() > SIMULATED_TAPS);
        let test = test_of(shape);
        assert_eq!(test.null().degrees_of_freedom, freedom);
        assert!((test.null().q_critical.unwrap() - expected).abs() < 1e-5);
        assert!((test.p_value(expected).unwrap() - 0.05).abs() < 1e-6);
    }
}

#[test]
fn square_kernels_have_the_textbook_deviation_of_r1() {
    for (c, k) in [(1, 5), (3, 3), (3, 11), (64, 3)] {
        let test = test_of(shape(c, k, k));
        let (c, k) = (c as f64, k as f64);
        let variance = k / (2.0 * (k - 1.0) * (c * k * k + 2.0));
        assert!((test.null().r1_deviation.unwrap().powi(2) / variance - 1.0).abs() < 1e-12);
    }
}

/// Of initial weights that are no sample, nothing is drawn: the test is that for Gaussian weights.
#[test]
fn initial_weights_that_tell_nothing_are_not_used() {
    let shape = shape(3, 3, 3);
    let gaussian = test_of(shape);
    let mut broken = noise(1, 270);
    broken[7] = f32::NAN;
    let signs: Vec<f32> = noise(2, 270).iter().map(|w| w.signum()).collect();
    for start in [vec![], vec![0.0; 270], vec![0.5; 270], signs, broken, noise(3, 20)] {
        assert_eq!(SmoothnessTest::new(shape, Some(&start), None), gaussian);
    }
    let uniform: Vec<f32> = (0..270).map(|i| i as f32 - 130.5).collect();
    let test = SmoothnessTest::new(shape, Some(&uniform), None);
    assert_ne!(test, gaussian);
    assert_eq!(test, SmoothnessTest::new(shape, Some(&uniform), None), "not the same twice");
}

#[test]
fn a_layer_finds_what_no_filter_shows() {
    // 32 filters, each of them just not significant.
    let test = test_of(shape(3, 5, 5));
    let reading = |p| Reading { p_value: Some(p), ..Reading::NONE };
    let faint = [reading(0.1); 32];
    assert!(test.layer_p_value(&faint).unwrap() < 1e-5);
    // Fisher by hand: one p-value is itself, and two have P(χ²₄ ≥ −2 ln p₁p₂) = p₁p₂(1 − ln p₁p₂).
    assert!((test.layer_p_value(&[reading(0.3)]).unwrap() - 0.3).abs() < 1e-9);
    let product = 0.2 * 0.6_f64;
    let both = test.layer_p_value(&[reading(0.2), reading(0.6)]).unwrap();
    assert!((both - product * (1.0 - product.ln())).abs() < 1e-9);
    // What cannot be read has no part in it.
    assert!((test.layer_p_value(&[reading(0.3), Reading::NONE]).unwrap() - 0.3).abs() < 1e-9);
    assert_eq!(test.layer_p_value(&[Reading::NONE]), None);
    assert!(test.layer_p_value(&[reading(0.0); 3]).unwrap() < 1e-300);
}

#[test]
fn known_filters_get_their_verdicts() {
    for shape in [shape(3, 5, 5), shape(3, 7, 7), shape(3, 11, 11), shape(8, 5, 7), shape(64, 3, 3)]
    {
        let half = shape.height as f64 / 4.0;
        let blob = move |y: f64, x: f64| (-(y * y + x * x) / (2.0 * half * half)).exp();
        let wave = 2.0 * shape.height as f64 / std::f64::consts::TAU;
        let gabor = move |y: f64, x: f64| blob(y, x) * ((0.8 * x + 0.6 * y) / wave).sin();
        let edge = |_: f64, x: f64| (x + 0.25).signum();
        let parity = |i: f64| if i.rem_euclid(2.0) < 1.0 { 1.0 } else { -1.0 };
        let checkerboard = move |y: f64, x: f64| parity(y) * parity(x);
        let stripes = move |_: f64, x: f64| parity(x);
        let verdict = |weights: Vec<f32>| read_one(&weights, shape).verdict;
        assert_eq!(verdict(filter(shape, blob)), Verdict::Smooth, "blob {shape:?}");
        assert_eq!(verdict(filter(shape, gabor)), Verdict::Smooth, "Gabor {shape:?}");
        assert_eq!(verdict(filter(shape, edge)), Verdict::Smooth, "edge {shape:?}");
        assert_eq!(verdict(filter(shape, checkerboard)), Verdict::Oscillating, "{shape:?}");
        if shape.height == shape.width {
            assert_eq!(verdict(filter(shape, stripes)), Verdict::Oscillating, "stripes {shape:?}");
        }
    }
}

#[test]
fn zeros_and_broken_filters_are_left_out() {
    let test = test_of(shape(3, 5, 5));
    let smooth = filter(test.shape(), |y, x| (-(y * y + x * x) / 4.0).exp());
    let (mut infinite, mut nan) = ([1.0; 75], [1.0; 75]);
    (infinite[74], nan[3]) = (f32::INFINITY, f32::NAN);
    let all = [smooth, noise(3, 75), vec![0.0; 75], infinite.to_vec(), nan.to_vec()].concat();
    let readings = read_all(&test, &all);
    use Verdict::{NoiseLike, NotApplicable, Smooth};
    let verdicts: Vec<Verdict> = readings.iter().map(|reading| reading.verdict).collect();
    assert_eq!(verdicts, [Smooth, NoiseLike, NotApplicable, NotApplicable, NotApplicable]);
    assert_eq!(readings[2..], [Reading::NONE; 3]);
    assert_eq!(test.noise_share(&readings), Some(0.5));
    assert_eq!(test.noise_share(&readings[2..]), None);
}

#[test]
fn what_cannot_be_told_is_said() {
    let caution = |c, h, w| Caution::of(shape(c, h, w), None);
    assert_eq!(caution(64, 1, 1), Some(Caution::NoNeighbours));
    assert_eq!(caution(1, 3, 3), Some(Caution::TooFewTaps { taps: 9 }));
    assert_eq!(caution(3, 3, 3), Some(Caution::LowPower { taps: 27 }));
    assert_eq!(caution(16, 3, 3), None);
    assert_eq!(caution(3, 7, 7), None);
    let of_input = |correlation| Caution::of(shape(3, 7, 7), Some(correlation));
    assert_eq!(of_input(0.31), None);
    assert_eq!(of_input(0.29), Some(Caution::UncorrelatedInput { correlation: 0.29 }));
    assert_eq!(Caution::of(shape(3, 1, 1), Some(0.1)), Some(Caution::NoNeighbours));

    // (shape, correlation of the input) → are there: verdicts, a share of noise, a layer test?
    let cases = [
        (shape(3, 5, 5), None, [true, true, true]),
        (shape(3, 3, 3), None, [true, false, true]),
        (shape(1, 3, 3), None, [false, false, true]),
        (shape(2, 1, 1), None, [false, false, false]),
        (shape(3, 5, 5), Some(0.1), [false, false, false]),
    ];
    for (shape, correlation, expected) in cases {
        let test = SmoothnessTest::new(shape, None, correlation);
        let readings = read_all(&test, &noise(9, 8 * shape.taps()));
        let judged = readings.iter().all(|r| r.verdict != Verdict::NotApplicable);
        let share = test.noise_share(&readings).is_some();
        let layer = test.layer_p_value(&readings).is_some();
        assert_eq!([judged, share, layer], expected, "{shape:?} {correlation:?}");
        let neighbours = shape.height > 1;
        assert!(
            readings.iter().all(|r| r.q.is_some() == neighbours && r.r1.is_some() == neighbours)
        );
        assert_eq!(test.null().q_critical.is_some(), neighbours);
        assert_eq!(test.null().r1_deviation.is_some(), neighbours);
    }
    let text = Caution::TooFewTaps { taps: 9 }.to_string();
    assert_eq!(text, "too few taps to judge: 9 weights per filter");
}

#[test]
fn shapes_without_weights_have_no_test() {
    for shape in [shape(0, 3, 3), shape(3, 0, 3), shape(3, 3, 0), shape(0, 0, 0)] {
        let test = SmoothnessTest::new(shape, None, None);
        assert_eq!(test.read(&[]), Reading::NONE, "{shape:?}");
        assert_eq!((test.p_value(1.0), test.null().q_critical), (None, None), "{shape:?}");
    }
}

#[test]
fn a_kernel_of_one_line_has_its_one_lag_and_no_verdict_in_two_dimensions() {
    for shape in [shape(16, 1, 5), shape(16, 5, 1), shape(2, 1, 30)] {
        let test = test_of(shape);
        assert_eq!(
            (test.null().degrees_of_freedom, test.null().caution),
            (1, Some(Caution::OneLine))
        );
        // Its own null: of noise 5 % are significant.
        let mut random = Random(9);
        let noise: Vec<f32> = (0..4000 * shape.taps()).map(|_| random.normal() as f32).collect();
        let readings = read_all(&test, &noise);
        let significant = readings.iter().filter(|r| r.p_value.is_some_and(|p| p <= LEVEL)).count();
        assert!((140..260).contains(&significant), "{shape:?}: {significant} of 4000");
        assert!(readings.iter().all(|reading| reading.verdict == Verdict::NotApplicable));
        let smooth = test.read(&filter(shape, |y, x| (-(y * y + x * x) / 4.0).exp()));
        assert!(smooth.p_value.unwrap() < 0.01 && smooth.r1.unwrap() > 0.5, "{smooth:?}");
        assert_eq!((test.noise_share(&readings), test.layer_p_value(&readings)), (None, None));
    }
}
