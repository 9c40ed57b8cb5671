//! A layer over the epochs: what is compared, what is remembered, and what a run that is continued knows.

use std::collections::HashMap;

use super::{features, moved, representation};
use crate::evolution::projection::{Pair, Picture, Projection};
use crate::evolution::tops::Strongest;
use crate::evolution::{EvolutionWatch, Impression, LayerEvolution, REMEMBERED};

const IMAGES: usize = 40;
const MAPS: usize = 6;

/// A layer on its way from one set of features to another: at epoch t it has come 1 − 2^(−t/3) of it.
fn impression(epoch: u32) -> Impression {
    let share = 1.0 - (-f64::from(epoch) / 3.0).exp2();
    of_features(&moved(&features(1, IMAGES, MAPS), &features(2, IMAGES, MAPS), share as f32))
}

fn of_features(features: &[f32]) -> Impression {
    let map = |map: usize| {
        let mut strongest = Strongest::default();
        let column = features.chunks_exact(MAPS).map(|row| row[map]);
        column.enumerate().for_each(|(image, value)| strongest.offer(value, image));
        strongest
    };
    let project = |map: usize| Projection {
        pair: Pair { map, images: [1, 30] },
        pictures: [1, 30].map(|i| Picture::of(&features[i * MAPS..(i + 1) * MAPS])),
    };
    Impression {
        images: IMAGES,
        state: None,
        representation: crate::evolution::Representation::of_features(features, IMAGES),
        tops: (0..MAPS).map(map).collect(),
        projections: [0, 3].map(project).to_vec(),
    }
}

fn dead() -> Impression {
    of_features(&[0.0; IMAGES * MAPS])
}

/// What is kept with the run.
#[derive(Default)]
struct Shelf(HashMap<String, Vec<u8>>);

impl Shelf {
    fn keep(&mut self, watch: &mut EvolutionWatch) {
        for (key, bytes) in watch.kept() {
            match bytes {
                Some(bytes) => self.0.insert(key, bytes),
                None => self.0.remove(&key),
            };
        }
    }

    fn restored(&self) -> EvolutionWatch {
        EvolutionWatch::from_kept(&|key| self.0.get(key).cloned())
    }
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-4)
}

#[test]
fn a_first_reading_has_nothing_to_be_compared_with() {
    let found = EvolutionWatch::new().read(0, impression(0));
    let expected =
        LayerEvolution { maps_close_since: vec![None; MAPS], ..LayerEvolution::default() };
    assert_eq!(found, expected);
}

#[test]
fn changes_are_per_epoch_and_floors_from_halves() {
    let mut watch = EvolutionWatch::new();
    watch.read(0, impression(0));
    let [start, now] = [0, 4].map(impression);
    let found = watch.read(4, now.clone());
    let [before, after] = [&start, &now].map(|i| i.representation.clone().unwrap());
    let change = 1.0 - after.similarity(&before).unwrap();
    assert!(change > 0.05);
    assert_eq!((found.previous, found.change), (Some(0), Some(change / 4.0)));
    // Halves from the features.
    let share = 1.0 - (-4.0_f64 / 3.0).exp2() as f32;
    let (x, y) = (features(1, IMAGES, MAPS), features(2, IMAGES, MAPS));
    let y = moved(&x, &y, share);
    let half = |features: &[f32], parity: usize| -> Vec<f32> {
        features.chunks_exact(MAPS).skip(parity).step_by(2).flatten().copied().collect()
    };
    let [even, odd] = [0, 1].map(|parity| {
        let of = |features: &[f32]| representation(&half(features, parity), IMAGES / 2);
        1.0 - of(&x).similarity(&of(&y)).unwrap()
    });
    assert!((even - odd).abs() > 1e-3);
    assert!(close(found.floor, (even - odd).abs() / 2.0 / 4.0), "{:?}", found.floor);
    let overlap = now.tops.overlap(&start.tops).unwrap();
    assert_eq!(found.top_overlap, Some(overlap.jaccard));
    assert_eq!(found.top_rank_overlap, Some(overlap.ranked));
    assert_eq!(found.jumps, Some(overlap.jumps));
    assert!(found.projection_similarity.is_some_and(|similarity| similarity < 1.0));
    let similarity = 1.0 - change;
    assert!(matches!(found.to_earlier[..], [(0, s)] if (s - similarity).abs() < 1e-3));
    // Nothing has changed since.
    let same = watch.read(5, now);
    assert!(same.change.is_some_and(|change| change <= 1e-12), "{:?}", same.change);
    assert!(same.floor.is_some_and(|floor| floor <= 1e-12));
    assert_eq!((same.top_overlap, same.jumps), (Some(1.0), Some(0.0)));
    assert_eq!(same.close_since, Some(4));
    assert!(same.maps_close_since.iter().all(|&since| since <= Some(4) && since.is_some()));
}

#[test]
fn looking_back_says_since_when_it_has_been_close() {
    let mut watch = EvolutionWatch::new();
    let readings: Vec<_> = (0..=20).map(|epoch| watch.read(epoch, impression(epoch))).collect();
    let exact = |epoch: u32| impression(epoch).representation.unwrap();
    let far = |epoch: u32, now: u32| 1.0 - exact(epoch).similarity(&exact(now)).unwrap();
    for now in [1, 6, 20] {
        let found = &readings[now as usize];
        let all: Vec<u32> = found.to_earlier.iter().map(|&(epoch, _)| epoch).collect();
        assert_eq!(all, (0..now).collect::<Vec<_>>());
        for &(epoch, similarity) in &found.to_earlier {
            assert!((1.0 - similarity - far(epoch, now)).abs() < 1e-3);
        }
        // By the definition, from the far end.
        let is_close = |epoch: u32| far(epoch, now) <= (0.2 * far(0, now)).max(1e-3);
        let since = (0..=now).find(|&start| (start..now).all(is_close));
        assert_eq!(found.close_since, since, "{now}");
        let tops = |epoch: u32| impression(epoch).tops;
        for (map, &found) in found.maps_close_since.iter().enumerate() {
            let same = |epoch: u32| tops(now).jaccard(&tops(epoch), map).unwrap() >= 0.5;
            let since = (0..now).find(|&start| (start..now).all(same));
            assert_eq!(found, since, "{now}, map {map}");
        }
    }
    assert!(readings[20].close_since.is_some_and(|since| since > 1 && since < 15));
}

#[test]
fn frozen_layers_have_been_close_from_the_start() {
    let large = |seed| {
        let features = features(seed, 256, MAPS);
        let representation = Some(representation(&features, 256));
        Impression { images: 256, representation, ..of_features(&features[..IMAGES * MAPS]) }
    };
    // Rounding may make an earlier epoch seem near or far: several layers, so that both happen.
    for seed in 0..6 {
        let mut watch = EvolutionWatch::new();
        for epoch in 0..4 {
            let found = watch.read(epoch, large(seed));
            assert_eq!(found.close_since, (epoch > 0).then_some(0), "{seed}, {epoch}");
            assert!(found.change.is_none_or(|change| change <= 1e-12));
        }
    }
}

#[test]
fn without_epoch_0_it_is_not_known() {
    let mut watch = EvolutionWatch::new();
    watch.read(3, impression(3));
    let found = watch.read(4, impression(4));
    assert_eq!((found.previous, found.close_since), (Some(3), None));
    assert_eq!(found.to_earlier.len(), 1);
}

#[test]
fn dead_layers_have_no_numbers() {
    let mut watch = EvolutionWatch::new();
    watch.read(0, impression(0));
    watch.read(1, dead());
    let found = watch.read(2, dead());
    let expected = LayerEvolution { epoch: 2, previous: Some(1), ..LayerEvolution::default() };
    assert_eq!(found, expected);
    let back = watch.read(3, impression(3));
    assert_eq!((back.previous, back.change, back.jumps), (Some(2), None, None));
    assert_eq!((back.to_earlier.len(), back.close_since), (1, Some(3)));
    assert_eq!(back.maps_close_since, [None; MAPS]);
}

#[test]
fn a_continued_run_goes_on_as_an_unbroken_one() {
    for broken_at in [0, 1, 7, 33, 40] {
        let (mut unbroken, mut first) = (EvolutionWatch::new(), EvolutionWatch::new());
        let mut shelf = Shelf::default();
        for epoch in 0..=broken_at {
            unbroken.read(epoch, impression(epoch));
            first.read(epoch, impression(epoch));
            shelf.keep(&mut first);
        }
        let mut second = shelf.restored();
        for epoch in broken_at + 1..broken_at + 4 {
            let expected = unbroken.read(epoch, impression(epoch));
            assert!(expected.change.is_some() && expected.projection_similarity.is_some());
            assert_eq!(second.read(epoch, impression(epoch)), expected, "{broken_at}, {epoch}");
            shelf.keep(&mut second);
        }
        assert_eq!(shelf.0.len(), 3 + unbroken.remembered());
    }
}

#[test]
fn damaged_and_missing_parts_are_left_out() {
    let mut watch = EvolutionWatch::new();
    let mut shelf = Shelf::default();
    for epoch in 0..=6 {
        watch.read(epoch, impression(epoch));
        shelf.keep(&mut watch);
    }
    let whole = shelf.restored().read(7, impression(7));
    let keys: Vec<String> = shelf.0.keys().cloned().collect();
    assert_eq!(keys.len(), 10);
    for key in &keys {
        let length = shelf.0[key].len();
        for damage in [0, length / 3, length - 1] {
            let load = |wanted: &str| {
                let mut bytes = shelf.0.get(wanted).cloned()?;
                if wanted == key {
                    bytes[damage] ^= 64;
                }
                Some(bytes)
            };
            let found = EvolutionWatch::from_kept(&load).read(7, impression(7));
            let earlier: Vec<u32> = found.to_earlier.iter().map(|&(epoch, _)| epoch).collect();
            match key.as_str() {
                "index" => assert_eq!((found.previous, earlier.len()), (None, 0)),
                "before" => assert_eq!((found.previous, earlier.len()), (None, 7)),
                "images" => assert_eq!(found, whole),
                epoch => {
                    let epoch: u32 = epoch.strip_prefix("epoch/").unwrap().parse().unwrap();
                    let others: Vec<u32> = (0..=6).filter(|&other| other != epoch).collect();
                    assert_eq!((found.previous, earlier), (Some(6), others));
                }
            }
        }
    }
    assert_eq!(EvolutionWatch::from_kept(&|_| None).pairs(), []);
}

#[test]
fn going_back_forgets_what_was_later() {
    let mut straight = EvolutionWatch::new();
    let mut bent = EvolutionWatch::new();
    for epoch in 0..=4 {
        straight.read(epoch, impression(epoch));
        bent.read(epoch, impression(epoch));
    }
    for epoch in 5..=9 {
        bent.read(epoch, impression(epoch + 20));
    }
    let (expected, found) = (straight.read(5, impression(5)), bent.read(5, impression(5)));
    // The one before is the remembered one: rounded, and without pictures.
    assert_eq!(found.previous, Some(4));
    assert!((found.change.unwrap() - expected.change.unwrap()).abs() < 1e-3);
    assert_eq!(found.projection_similarity, None);
    assert_eq!((&found.to_earlier, found.jumps), (&expected.to_earlier, expected.jumps));
    let (expected, found) = (straight.read(6, impression(6)), bent.read(6, impression(6)));
    assert_eq!(found, expected);
    assert_eq!(bent.read(0, impression(0)).previous, None);
    assert_eq!(bent.remembered(), 1);
}

#[test]
fn other_images_or_maps_begin_anew() {
    let mut watch = EvolutionWatch::new();
    watch.read(0, impression(0));
    watch.read(1, impression(1));
    let other = Impression { images: IMAGES - 1, ..impression(2) };
    let found = watch.read(2, other);
    assert_eq!((found.previous, found.to_earlier.len(), watch.remembered()), (None, 0, 1));
}

#[test]
fn a_thousand_epochs_take_no_more_memory_than_a_hundred() {
    let mut watch = EvolutionWatch::new();
    let mut shelf = Shelf::default();
    let (start, end) = (features(1, IMAGES, MAPS), features(2, IMAGES, MAPS));
    let [start, end] = [start, end].map(|features| of_features(&features));
    let mut most = [0; 2];
    for epoch in 0..1000 {
        let impression = if epoch % 2 == 0 { start.clone() } else { end.clone() };
        let found = watch.read(epoch, impression);
        assert!(found.to_earlier.len() <= REMEMBERED + 1);
        assert!(watch.remembered() <= REMEMBERED + 1);
        shelf.keep(&mut watch);
        assert!(shelf.0.len() <= REMEMBERED + 4);
        let bytes: usize = shelf.0.values().map(Vec::len).sum();
        let half = usize::from(epoch >= 100);
        most[half] = most[half].max(bytes);
    }
    assert!(most[1] <= most[0], "{most:?}");
    assert!(watch.remembered() > REMEMBERED / 2);
}
