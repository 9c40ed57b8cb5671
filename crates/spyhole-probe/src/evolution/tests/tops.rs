//! Strongest images and projections.

use proptest::prelude::*;

use crate::evolution::projection::{self, Pair, Picture, Projection};
use crate::evolution::tops::{Strongest, TOP, TopImages};
use crate::random::Random;

/// From `[maps][images]`.
fn tops(strengths: &[Vec<f32>]) -> TopImages {
    let strongest = |map: &Vec<f32>| {
        let mut strongest = Strongest::default();
        map.iter().enumerate().for_each(|(image, &value)| strongest.offer(value, image));
        strongest
    };
    strengths.iter().map(strongest).collect()
}

/// One map, whose images are these, strongest first.
fn ranked(images: &[usize]) -> TopImages {
    let mut map = vec![0.0; 32];
    images.iter().zip((1..=9).rev()).for_each(|(&image, value)| map[image] = value as f32);
    tops(&[map])
}

#[test]
fn the_strongest_come_first_and_ties_go_to_the_first() {
    let map = vec![1.0, 3.0, 0.0, 3.0, -1.0, 2.0, 1.0];
    let broken = vec![1.0, f32::NAN, 2.0];
    let found = tops(&[map, vec![-1.0, 0.0, -0.5], broken]);
    assert_eq!(found.of(0), [1, 3, 5, 0, 6]);
    assert_eq!((found.of(1).len(), found.of(2).len(), found.of(3).len()), (0, 0, 0));
    let level = tops(&[vec![1.0; 20]]);
    assert_eq!(level.of(0), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn overlaps_are_those_of_the_definition() {
    let nine: Vec<usize> = (0..9).collect();
    let backwards: Vec<usize> = (0..9).rev().collect();
    // By hand: (images now, images then, Jaccard, rank-biased, jumped)
    let weights = |depth: i32| (1.0 - 0.8_f64.powi(depth)) / 0.2;
    type Case<'a> = (&'a [usize], &'a [usize], f64, f64, f64);
    let cases: [Case<'_>; 6] = [
        (&nine, &nine, 1.0, 1.0, 0.0),
        (&[4], &[4], 1.0, 1.0, 0.0),
        (&[1, 2], &[3, 4], 0.0, 0.0, 1.0),
        (&[1, 2, 3], &[2, 1, 4], 0.5, (0.0 + 0.8 + 0.64 * 2.0 / 3.0) / weights(3), 1.0),
        (&[1], &[1, 2], 0.5, (1.0 + 0.8 / 2.0) / weights(2), 0.0),
        (
            &nine,
            &backwards,
            1.0,
            {
                let shared = |d: i32| f64::from((2 * d - 9).max(0)) / f64::from(d);
                (1..=9).map(|d| 0.8_f64.powi(d - 1) * shared(d)).sum::<f64>() / weights(9)
            },
            1.0,
        ),
    ];
    for (now, then, jaccard, rank, jumps) in cases {
        let found = ranked(now).overlap(&ranked(then)).unwrap();
        assert!((found.jaccard - jaccard).abs() < 1e-12, "{now:?} {then:?}: {found:?}");
        assert!((found.ranked - rank).abs() < 1e-12, "{now:?} {then:?}: {found:?}, {rank}");
        assert_eq!(found.jumps, jumps, "{now:?} {then:?}");
    }
}

#[test]
fn dead_maps_do_not_count_on_either_side() {
    let live = vec![1.0, 2.0, 0.0];
    let (dead, other) = (vec![0.0; 3], vec![0.0, 0.0, 1.0]);
    let now = tops(&[live.clone(), live.clone(), dead.clone(), live.clone()]);
    let then = tops(&[live.clone(), dead.clone(), live, other]);
    let found = now.overlap(&then).unwrap();
    assert_eq!((found.jaccard, found.ranked, found.jumps), (0.5, 0.5, 0.5));
    assert_eq!(now.jaccard(&then, 1), None);
    assert_eq!(tops(std::slice::from_ref(&dead)).overlap(&tops(&[dead])), None);
}

proptest! {
    #[test]
    fn tops_are_those_of_sorting(
        map in prop::collection::vec((-3..9_i8).prop_map(f32::from), 0..40)
    ) {
        let mut images: Vec<usize> = (0..map.len()).filter(|&image| map[image] > 0.0).collect();
        images.sort_by(|&a, &b| map[b].total_cmp(&map[a]));
        images.truncate(TOP);
        let found = tops(&[map]);
        let found_images: Vec<usize> = found.of(0).iter().map(|&image| image.into()).collect();
        prop_assert_eq!(found_images, images);
        let bytes = found.to_bytes();
        prop_assert_eq!(TopImages::from_bytes(&bytes[..bytes.len() - 1]), None);
        prop_assert_eq!(TopImages::from_bytes(&bytes), Some(found));
    }
}

fn picture(seed: u64, pixels: usize) -> Vec<f32> {
    let mut random = Random(seed);
    (0..pixels).map(|_| random.normal() as f32).collect()
}

fn mixed(a: &[f32], b: &[f32], share: f32) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| (1.0 - share) * a + share * b).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn cosines_of_pictures_survive() {
    // (numbers, how exact)
    for (pixels, exact) in [(3 * 32 * 32, 0.01), (3 * 224 * 224, 0.06)] {
        let (a, b) = (picture(1, pixels), picture(2, pixels));
        for share in [0.0, 0.3, 0.5, 1.0] {
            let other = mixed(&a, &b, share);
            let scaled: Vec<f32> = other.iter().map(|x| x * -1e-9).collect();
            let of = |pixels: &[f32]| Picture::of(pixels).unwrap();
            let expected = cosine(&a, &other);
            let found = of(&a).cosine(&of(&other)).unwrap();
            assert!((found - expected).abs() < exact, "{pixels}: {found}, {expected}");
            let found = of(&a).cosine(&of(&scaled)).unwrap();
            assert!((found + expected).abs() < exact, "{pixels}: {found}, −{expected}");
        }
    }
    assert_eq!(Picture::of(&[0.0; 9]), None);
    assert_eq!(Picture::of(&[1.0, f32::NAN]), None);
    assert_eq!(Picture::of(&[1.0]).unwrap().cosine(&Picture::of(&[1.0, 0.0]).unwrap()), None);
}

#[test]
fn projections_are_compared_with_mismatched_ones() {
    let [a, b, c] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]].map(|p| Picture::of(&p));
    let projected = |map: usize, first: &Option<Picture>, second: &Option<Picture>| {
        let pictures = [first.clone(), second.clone()];
        Projection { pair: Pair { map, images: [3, 5] }, pictures }
    };
    let half = 0.5_f64.sqrt();
    type Pictures<'a> = [&'a Option<Picture>; 2];
    // (now, before) → similarity
    let cases: [(Pictures<'_>, Pictures<'_>, Option<f64>); 6] = [
        ([&a, &b], [&a, &b], Some(1.0)),
        ([&b, &a], [&a, &b], Some(-1.0)),
        ([&c, &c], [&c, &c], Some(0.0)),
        ([&a, &b], [&c, &b], Some((half + 1.0) / 2.0 - half / 2.0)),
        ([&a, &None], [&a, &b], None),
        ([&a, &b], [&None, &b], None),
    ];
    for (i, (now, before, expected)) in cases.into_iter().enumerate() {
        let now = projected(0, now[0], now[1]);
        let before = projected(0, before[0], before[1]);
        let silent = projected(1, &None, &None);
        let found = projection::similarity(&[silent.clone(), now], &[silent, before]);
        match (found, expected) {
            (Some(found), Some(expected)) => {
                assert!((found - expected).abs() < 1e-3, "{i}: {found}")
            }
            _ => assert_eq!(found, expected, "{i}"),
        }
    }
    let other_images = Projection { pair: Pair { map: 0, images: [3, 4] }, ..projected(0, &a, &b) };
    assert_eq!(projection::similarity(&[projected(0, &a, &b)], &[other_images]), None);
    let all = vec![projected(0, &a, &b), projected(7, &None, &c)];
    let bytes = projection::to_bytes(&all);
    assert_eq!(projection::from_bytes(&bytes[1..]), None);
    assert_eq!(projection::from_bytes(&bytes), Some(all));
}

#[test]
fn images_to_project_are_the_strongest_and_one_far_from_it() {
    let cases: [(&[f32], Option<[usize; 2]>); 6] = [
        (&[0.0, 5.0, 1.0, 1.0, 2.0, 5.0], Some([1, 4])),
        (&[0.0, 5.0, 1.0, 0.0, 0.0, 0.0], Some([1, 2])),
        (&[1.0, 5.0, f32::NAN, f32::INFINITY], Some([1, 0])),
        (&[0.0, 5.0, 0.0], None),
        (&[-1.0, -2.0], None),
        (&[], None),
    ];
    for (strengths, expected) in cases {
        let found = Pair::choose(2, strengths.iter().copied());
        assert_eq!(found, expected.map(|images| Pair { map: 2, images }), "{strengths:?}");
        let pairs: Vec<Pair> = found.into_iter().collect();
        let bytes = projection::pairs_to_bytes(&pairs);
        assert_eq!(projection::pairs_from_bytes(&bytes), Some(pairs));
    }
}
