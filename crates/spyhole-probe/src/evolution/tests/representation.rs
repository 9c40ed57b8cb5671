//! Unbiased linear CKA: against its definition, published numbers, and what must not change it.

use proptest::prelude::*;

use super::{features, moved, representation};
use crate::evolution::Representation;
use crate::random::Random;

type Matrix = Vec<Vec<f64>>;

fn gram(features: &[f32], images: usize) -> Matrix {
    let row = |i: usize| features.chunks_exact(features.len() / images).nth(i).unwrap();
    let dot = |i: usize, j: usize| -> f64 {
        row(i).iter().zip(row(j)).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    (0..images).map(|i| (0..images).map(|j| dot(i, j)).collect()).collect()
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.len();
    let entry = |i: usize, j: usize| (0..n).map(|k| a[i][k] * b[k][j]).sum();
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

fn trace(a: &Matrix) -> f64 {
    (0..a.len()).map(|i| a[i][i]).sum()
}

/// Σ of all entries, 1ᵀA1.
fn total(a: &Matrix) -> f64 {
    a.iter().flatten().sum()
}

/// The three terms of Song et al. (2012), in O(n³).
fn hsic_unbiased(k: &Matrix, l: &Matrix) -> f64 {
    let n = k.len() as f64;
    let hollow = |a: &Matrix| {
        let mut a = a.clone();
        (0..a.len()).for_each(|i| a[i][i] = 0.0);
        a
    };
    let (k, l) = (hollow(k), hollow(l));
    let kl = product(&k, &l);
    let sums = total(&k) * total(&l) / ((n - 1.0) * (n - 2.0));
    (trace(&kl) + sums - 2.0 * total(&kl) / (n - 2.0)) / (n * (n - 3.0))
}

/// tr(KHLH), H = I − 1/n.
fn hsic_biased(k: &Matrix, l: &Matrix) -> f64 {
    let n = k.len();
    let entry = |i: usize, j: usize| f64::from(u8::from(i == j)) - 1.0 / n as f64;
    let h: Matrix = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
    trace(&product(&product(k, &h), &product(l, &h)))
}

fn cka(hsic: fn(&Matrix, &Matrix) -> f64, a: &[f32], b: &[f32], images: usize) -> f64 {
    let (k, l) = (gram(a, images), gram(b, images));
    hsic(&k, &l) / (hsic(&k, &k) * hsic(&l, &l)).sqrt()
}

fn similarity(a: &[f32], b: &[f32], images: usize) -> Option<f64> {
    representation(a, images).similarity(&representation(b, images))
}

fn fixture() -> [Vec<f32>; 2] {
    let text = include_str!("../../../tests/fixtures/cka_1337.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let numbers: Vec<f32> =
        lines.flat_map(str::split_whitespace).map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 2000);
    [numbers[..1000].to_vec(), numbers[1000..].to_vec()]
}

#[test]
fn published_numbers_are_met() {
    let [x, y] = fixture();
    assert!((cka(hsic_biased, &x, &y, 100) - 0.55761).abs() < 5e-6);
    assert!((cka(hsic_unbiased, &x, &y, 100) - 0.51346).abs() < 5e-6);
    let found = similarity(&x, &y, 100).unwrap();
    assert!((found - 0.51346).abs() < 2e-5, "{found}");
    let biased = cka(hsic_biased, &[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0], 4);
    assert!((biased - 0.64).abs() < 1e-12);
}

#[test]
fn unrelated_features_have_nothing_in_common_where_the_biased_form_says_they_do() {
    let noise = |seed: u64| -> Vec<f32> {
        let mut random = Random(seed);
        (0..50 * 1000).map(|_| random.normal() as f32).collect()
    };
    let (x, y) = (noise(1), noise(2));
    assert!(similarity(&x, &y, 50).unwrap().abs() < 0.1);
    assert!(cka(hsic_biased, &x, &y, 50) > 0.9);
}

#[test]
fn rotation_scale_and_offset_change_nothing() {
    let (x, y) = (features(3, 40, 6), features(4, 40, 9));
    let before = similarity(&x, &y, 40).unwrap();
    let (sin, cos) = 0.7_f32.sin_cos();
    let turned: Vec<f32> = x
        .chunks_exact(6)
        .flat_map(|row| {
            let mut row = row.to_vec();
            for k in [0, 2, 4, 1, 3] {
                (row[k], row[k + 1]) =
                    (cos * row[k] - sin * row[k + 1], sin * row[k] + cos * row[k + 1]);
            }
            row
        })
        .collect();
    let scaled: Vec<f32> = x.iter().map(|a| 1e-12 * a).collect();
    let large: Vec<f32> = x.iter().map(|a| 1e20 * a).collect();
    let shifted: Vec<f32> = x.iter().enumerate().map(|(k, a)| a + (k % 6) as f32 * 10.0).collect();
    for other in [turned, scaled, large, shifted] {
        assert!((similarity(&other, &y, 40).unwrap() - before).abs() < 1e-5);
        assert!((similarity(&other, &x, 40).unwrap() - 1.0).abs() < 1e-5);
    }
    // One feature that is stretched does.
    let stretched: Vec<f32> =
        x.iter().enumerate().map(|(k, a)| if k % 6 == 0 { 5.0 * a } else { *a }).collect();
    assert!(similarity(&stretched, &x, 40).unwrap() < 0.9);
}

#[test]
fn layers_that_tell_nothing_apart_have_no_representation() {
    let some = features(5, 8, 3);
    let none = |features: &[f32], images| Representation::of_features(features, images).is_none();
    assert!(!none(&some, 8) && !none(&some[..12], 4));
    assert!(none(&some[..9], 3), "three images");
    assert!(none(&[], 8), "no features");
    assert!(none(&[0.0; 24], 8), "dead");
    assert!(none(&[0.1; 24], 8), "constant");
    let columns: Vec<f32> = (0..24).map(|k| 0.1 + (k % 3) as f32 * 1e4).collect();
    assert!(none(&columns, 8), "constant over the images");
    let mut lone = vec![0.0; 24];
    lone[4] = 3.0;
    assert!(none(&lone, 8), "one image only");
    for broken in [f32::NAN, f32::INFINITY] {
        let mut features = some.clone();
        features[7] = broken;
        assert!(none(&features, 8));
    }
    assert_eq!(representation(&some, 8).similarity(&representation(&some[..12], 4)), None);
}

/// CKA with what is kept is never off by 10⁻³, but for a handful of images; on the spot by much less.
#[test]
fn what_is_kept_is_nearly_the_same() {
    for (images, width) in [(256, 256), (256, 2), (200, 30), (128, 5), (127, 5), (16, 40), (4, 3)] {
        let (start, end) = (features(6, images, width), features(7, images, width));
        // Outliers are hard on rounding.
        let mut start = start;
        start[..width].iter_mut().for_each(|x| *x *= 12.0);
        let now = representation(&end, images);
        for share in [0.0, 0.05, 0.5, 0.9, 1.0] {
            let then = moved(&start, &end, share);
            let exact = cka(hsic_unbiased, &then, &end, images);
            let then = representation(&then, images);
            let found = now.similarity(&then).unwrap();
            let rounding = 1e-4_f64.max(1e-2 / images as f64);
            assert!((found - exact).abs() < rounding, "{images}, {width}: {found}, {exact}");
            let bytes = then.to_bytes();
            assert!(bytes.len() < 34_000, "{}", bytes.len());
            let kept = Representation::from_bytes(&bytes).unwrap();
            let kept = now.similarity(&kept).unwrap();
            assert!(
                (kept - exact).abs() < rounding.max(1e-3),
                "{images}, {width}: {kept}, {exact}"
            );
            assert_eq!(Representation::from_bytes(&then.to_exact_bytes()), Some(then));
        }
        assert!((now.similarity(&now).unwrap() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn small_changes_are_seen() {
    let (start, end) = (features(8, 256, 64), features(9, 256, 64));
    let then = moved(&start, &end, 0.002);
    let exact = 1.0 - cka(hsic_unbiased, &start, &then, 256);
    let found = 1.0 - similarity(&start, &then, 256).unwrap();
    assert!(exact < 2e-5 && (found - exact).abs() < 2e-6, "{found}, {exact}");
}

#[test]
fn damaged_bytes_give_nothing() {
    for images in [9, 130] {
        let whole = representation(&features(10, images, 4), images);
        for bytes in [whole.to_bytes(), whole.to_exact_bytes()] {
            assert!(Representation::from_bytes(&bytes).is_some());
            for length in [0, 1, 4, 5, bytes.len() / 2, bytes.len() - 1] {
                assert_eq!(Representation::from_bytes(&bytes[..length]), None);
            }
            for place in [0, 1, 4, 11, bytes.len() / 2, bytes.len() - 1] {
                let mut damaged = bytes.clone();
                damaged[place] ^= 16;
                assert_eq!(Representation::from_bytes(&damaged), None, "{place}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The fast form is the definition; so are the halves.
    #[test]
    fn cka_is_that_of_the_definition(
        images in 4..24_usize, widths in (1..9_usize, 1..9_usize), seed: u64, share in 0.0..1.0_f32
    ) {
        let x = features(seed, images, widths.0);
        let other = features(seed.wrapping_add(1), images, widths.0);
        for y in [moved(&x, &other, share), features(seed.wrapping_add(2), images, widths.1)] {
            let made = |f: &[f32]| Representation::of_features(f, images);
            let Some((a, b)) = made(&x).zip(made(&y)) else { continue };
            let (found, exact) = (a.similarity(&b).unwrap(), cka(hsic_unbiased, &x, &y, images));
            prop_assert!((found - exact).abs() < 1e-2, "{} {}", found, exact);
            for (parity, (a, b)) in a.halves().into_iter().zip(b.halves()).enumerate() {
                let half = |f: &[f32]| -> Vec<f32> {
                    let rows = f.chunks_exact(f.len() / images).skip(parity).step_by(2);
                    rows.flatten().copied().collect()
                };
                let (Some(a), Some(b)) = (a, b) else { continue };
                let exact = cka(hsic_unbiased, &half(&x), &half(&y), (images + 1 - parity) / 2);
                let found = a.similarity(&b).unwrap();
                prop_assert!((found - exact).abs() < 0.05, "{}: {} {}", parity, found, exact);
            }
        }
    }
}
