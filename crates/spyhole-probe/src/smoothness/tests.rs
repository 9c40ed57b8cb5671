use super::*;
use proptest::prelude::*;

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

fn read_one(weights: &[f32], shape: FilterShape) -> Reading {
    read_filters(weights, 1, shape).filters.remove(0)
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
        } else if reading.verdict != Verdict::Dead {
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
            prop_assert_eq!(again.rms, reading.rms.map(|rms| rms * f64::from(factor.abs())));
            prop_assert_eq!(Reading { rms: reading.rms, ..again }, reading.clone());
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

/// Independent standard normal numbers: SplitMix64 and the Box–Muller transform.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn filters(&mut self, count: usize, shape: FilterShape) -> Vec<f32> {
        let mut normal = || {
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            (radius * (std::f64::consts::TAU * self.uniform()).cos()) as f32
        };
        (0..count * shape.taps()).map(|_| normal()).collect()
    }
}

/// METRICS, section A: size .049–.055 at three channels, mean of Q exactly the degrees of freedom, and
/// r1 of mean 0 and the variance given. Tolerances are 3.5 standard errors of the simulation.
#[test]
fn noise_reads_as_the_null_model_says() {
    let count = 5000;
    let shapes = [
        shape(3, 3, 3),
        shape(3, 5, 5),
        shape(3, 7, 7),
        shape(3, 11, 11),
        shape(8, 3, 5),
        shape(8, 1, 7),
    ];
    for (i, shape) in shapes.into_iter().enumerate() {
        let layer = read_filters(&Noise(i as u64).filters(count, shape), count, shape);
        let n = count as f64;
        let mean = |of: fn(&Reading) -> f64| layer.filters.iter().map(of).sum::<f64>() / n;

        let size = 1.0 - layer.noise_share.unwrap();
        let slack = 3.5 * (0.05 * 0.95 / n).sqrt();
        assert!((0.049 - slack..0.055 + slack).contains(&size), "{shape:?}: size {size}");

        let freedom = f64::from(layer.null.degrees_of_freedom);
        let q = mean(|r| r.q.unwrap());
        assert!(
            (q - freedom).abs() < 3.5 * (2.0 * freedom / n).sqrt() * 1.1,
            "{shape:?}: mean Q {q}"
        );

        let deviation = layer.null.r1_deviation.unwrap();
        let r1 = mean(|r| r.r1.unwrap());
        assert!(r1.abs() < 3.5 * deviation / n.sqrt(), "{shape:?}: mean r1 {r1}");
        let ratio = mean(|r| r.r1.unwrap().powi(2)) / deviation.powi(2);
        assert!(
            (ratio - 1.0).abs() < 3.5 * (2.0 / n).sqrt(),
            "{shape:?}: r1 variance ratio {ratio}"
        );
    }
}

#[test]
fn square_kernels_have_the_textbook_null_model() {
    for (c, k) in [(1, 5), (3, 3), (3, 11), (64, 3)] {
        let null = NullModel::new(shape(c, k, k));
        let (c, k) = (c as f64, k as f64);
        let variance = k / (2.0 * (k - 1.0) * (c * k * k + 2.0));
        assert!((null.r1_deviation.unwrap().powi(2) / variance - 1.0).abs() < 1e-12);
        assert_eq!(null.degrees_of_freedom, 4);
        // χ²: tabulated 95 % quantile at 4 degrees of freedom.
        assert!((null.q_critical.unwrap() - 9.487729).abs() < 1e-5);
    }
    let row = NullModel::new(shape(16, 1, 7));
    assert_eq!(row.degrees_of_freedom, 1);
    assert!((row.q_critical.unwrap() - 3.841459).abs() < 1e-5);
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
fn dead_and_broken_filters_are_left_out_of_the_share() {
    let shape = shape(3, 5, 5);
    let mut weights = filter(shape, |y, x| (-(y * y + x * x) / 4.0).exp());
    weights.extend(Noise(3).filters(1, shape));
    weights.extend([0.0; 75]);
    for broken in [f32::NAN, f32::INFINITY] {
        weights.extend([1.0; 74]);
        weights.push(broken);
    }
    let layer = read_filters(&weights, 5, shape);
    use Verdict::{Dead, NoiseLike, NotFinite, Smooth};
    let verdicts: Vec<Verdict> = layer.filters.iter().map(|reading| reading.verdict).collect();
    assert_eq!(verdicts, [Smooth, NoiseLike, Dead, NotFinite, NotFinite]);
    assert_eq!(layer.noise_share, Some(0.5));
    assert_eq!((layer.filters[2].rms, layer.filters[2].q), (Some(0.0), None));
    assert_eq!((layer.filters[3].rms, layer.filters[3].q), (None, None));
    assert_eq!(read_filters(&weights[150..], 3, shape).noise_share, None);
}

#[test]
fn small_kernels_say_what_they_cannot_tell() {
    let caution = |c, h, w| NullModel::new(shape(c, h, w)).caution;
    assert_eq!(caution(64, 1, 1), Some(Caution::NoNeighbours));
    assert_eq!(caution(1, 3, 3), Some(Caution::TooFewTaps { taps: 9 }));
    assert_eq!(caution(3, 3, 3), Some(Caution::LowPower { taps: 27 }));
    assert_eq!(caution(16, 3, 3), None);
    assert_eq!(caution(3, 7, 7), None);

    let pointwise = read_filters(&[0.5, 0.5, -1.0, 1.0], 2, shape(2, 1, 1));
    assert_eq!(pointwise.null.q_critical, None);
    assert_eq!(pointwise.noise_share, None);
    assert_eq!(pointwise.filters[0].rms, Some(0.5));
    assert_eq!(pointwise.filters[1].verdict, Verdict::NotApplicable);

    let nine = read_filters(&[1.0; 9], 1, shape(1, 3, 3));
    assert_eq!(nine.noise_share, None);
    assert_eq!(nine.filters[0].verdict, Verdict::NotApplicable);
    assert!(nine.filters[0].q.is_some() && nine.filters[0].r1.is_some());
    assert_eq!(
        nine.null.caution.map(|caution| caution.to_string()).as_deref(),
        Some("too few taps to judge: 9 weights per filter")
    );
}

#[test]
fn missing_weights_are_no_filters() {
    assert_eq!(read_filters(&[1.0; 80], 2, shape(3, 5, 5)).filters.len(), 1);
    for shape in [shape(0, 3, 3), shape(3, 0, 3), shape(3, 3, 0), shape(0, 0, 0)] {
        let layer = read_filters(&[], 2, shape);
        assert_eq!((layer.filters.len(), layer.noise_share), (0, None));
        assert_eq!(read_filters(&[1.0; 4], 2, shape).noise_share, None);
    }
}
