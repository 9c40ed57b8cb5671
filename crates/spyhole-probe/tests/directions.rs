//! Units against random directions: planted classes, the same after a rotation, and what is left out.

use std::ops::ControlFlow;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::directions::{Basis, TOP};
use spyhole_probe::{
    DirectionSettings, LayerDirections, Pass, ProbeError, Progress, read_directions,
};

const MAPS: usize = 16;
const CLASSES: usize = 8;

#[derive(Module, Debug)]
struct Net {
    near: Conv2d,
    far: Conv2d,
}

/// Evenly in −1..1, the same in every run.
fn noise(i: usize) -> f32 {
    let x = (i as f32 * 12.9898 + 0.5).sin() * 437.585;
    2.0 * (x - x.floor()) - 1.0
}

/// `[count, 16, 5, 6]`: at one position, an image has its class in channels k and k + 8; noise elsewhere.
fn images(count: usize, noisy: f32) -> (Tensor<4>, Vec<usize>) {
    // Sorted by class, as probe images often are.
    let labels: Vec<usize> = (0..count).map(|image| image * CLASSES / count).collect();
    let mut pixels: Vec<f32> = (0..count * MAPS * 30).map(|i| noisy * noise(i)).collect();
    for (image, label) in labels.iter().enumerate() {
        let at = 8 + image % 5;
        for map in [*label, label + CLASSES] {
            pixels[(image * MAPS + map) * 30 + at] += 1.0 + 0.2 * noise(31 * image + map);
        }
    }
    let images = TensorData::new(pixels, [count, MAPS, 5, 6]);
    (Tensor::from_data(images, &Device::flex()), labels)
}

/// A matrix of orthogonal rows of length 1, by Gram and Schmidt.
fn orthogonal() -> Vec<f32> {
    let mut rows: Vec<Vec<f32>> = vec![];
    for i in 0..MAPS {
        let sum = |j: usize| (0..4).map(|k| noise(7000 + (i * MAPS + j) * 4 + k)).sum::<f32>();
        let mut row: Vec<f32> = (0..MAPS).map(sum).collect();
        for other in &rows {
            let along: f32 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            row.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = row.iter().map(|a| a * a).sum::<f32>().sqrt();
        rows.push(row.iter().map(|a| a / length).collect());
    }
    rows.concat()
}

fn identity() -> Vec<f32> {
    (0..MAPS * MAPS).map(|i| f32::from(u8::from(i / MAPS == i % MAPS))).collect()
}

fn conv(weights: Vec<f32>) -> Conv2d {
    let device = Device::flex();
    let mut conv: Conv2d = Conv2dConfig::new([MAPS, MAPS], [1, 1]).with_bias(false).init(&device);
    let weights = TensorData::new(weights, [MAPS, MAPS, 1, 1]);
    conv.weight = Param::from_tensor(Tensor::from_data(weights, &device));
    conv
}

/// The second layer, behind one that copies the images.
fn read_all(
    far: Vec<f32>,
    images: &Tensor<4>,
    labels: &[usize],
    memory: usize,
    settings: &DirectionSettings,
    progress: &mut Progress<'_>,
) -> Result<LayerDirections, ProbeError> {
    let net = Net { near: conv(identity()), far: conv(far) };
    let forward = |net: &Net, x| net.far.forward(net.near.forward(x));
    let graph = Graph::capture(&net, [MAPS, 5, 6], forward).unwrap();
    let weights = Weights::of(&net, &Device::flex());
    let memory = memory.saturating_mul(graph.bytes_per_image());
    let pass = Pass::new(&graph, &weights, images, memory).unwrap();
    read_directions(&pass, &graph.layers()[1], labels, settings, progress)
}

fn read(far: Vec<f32>, images: &Tensor<4>, labels: &[usize]) -> LayerDirections {
    let settings = DirectionSettings::default();
    let mut progress = |_, _| ControlFlow::Continue(());
    read_all(far, images, labels, usize::MAX, &settings, &mut progress).unwrap()
}

#[test]
fn units_that_are_classes_stand_out_and_rotated_ones_do_not() {
    let (images, labels) = images(240, 0.3);
    let aligned = read(identity(), &images, &labels);
    let rotated = read(orthogonal(), &images, &labels);
    assert_eq!((aligned.live, aligned.compared), (MAPS, MAPS));
    let bases: Vec<Basis> = aligned.bases.iter().map(|reading| reading.basis).collect();
    assert_eq!(bases, [Basis::Raw, Basis::Standardised, Basis::Whitened]);
    for reading in &aligned.bases {
        let found = reading.comparison.unwrap();
        assert!((found.chance - 0.31).abs() < 0.01, "{found:?}");
        assert!(found.low > 0.05 && found.units > 0.9, "{found:?}");
        assert!(found.low <= found.difference && found.difference <= found.high);
        assert!(reading.statement().unwrap().contains("units group the images better than"));
        for (shown, map) in reading.units.iter().zip(0..) {
            assert_eq!(shown.map, Some(2 * map), "evenly spread");
            assert_eq!((shown.class, shown.hits.len()), (Some(2 * map % CLASSES), TOP));
            assert!(shown.hits.is_sorted_by(|a, b| a.score >= b.score));
            let hit = shown.hits[0];
            assert_eq!(hit.row * 6 + hit.column, 8 + hit.image % 5);
            assert_eq!((hit.field.size(), hit.tile.size()), ([1, 1], [1, 1]));
            assert_eq!(hit.tile.rows.first, hit.row as i64);
        }
        assert!(reading.random.iter().all(|shown| shown.map.is_none() && shown.hits.len() == TOP));
        let units: f64 = reading.units.iter().map(|shown| shown.purity.unwrap()).sum();
        assert!(units / 8.0 > 0.9);
    }
    for reading in &rotated.bases[..2] {
        let found = reading.comparison.unwrap();
        assert!(found.low <= 0.0, "{found:?}");
        assert!(!reading.statement().unwrap().contains("units group the images better than"));
    }
}

#[test]
fn groups_of_images_give_what_all_together_give() {
    let (images, labels) = images(40, 0.3);
    let settings = DirectionSettings { shown: 3, most: 5, ..DirectionSettings::default() };
    let mut told = vec![];
    let mut read = |memory| {
        let mut progress = |done, total| {
            told.push((done, total));
            ControlFlow::Continue(())
        };
        let found =
            read_all(orthogonal(), &images, &labels, memory, &settings, &mut progress).unwrap();
        assert_eq!(told.last(), Some(&(80, 80)));
        found
    };
    let whole = read(usize::MAX);
    assert_eq!(read(usize::MAX), whole);
    assert_eq!((whole.live, whole.compared), (MAPS, 5));
    for memory in [0, 7] {
        let grouped = read(memory);
        for (whole, grouped) in whole.bases.iter().zip(&grouped.bases) {
            assert_eq!(whole.comparison, grouped.comparison);
            for (a, b) in whole.units.iter().zip(&grouped.units) {
                assert_eq!((a.map, a.purity, a.class), (b.map, b.purity, b.class));
                for (a, b) in a.hits.iter().zip(&b.hits) {
                    assert_eq!(
                        (a.image, a.row, a.column, a.tile),
                        (b.image, b.row, b.column, b.tile)
                    );
                    assert!((a.score - b.score).abs() < 1e-4);
                }
            }
        }
    }
}

#[test]
fn there_is_no_purity_without_labels_and_images_to_take_it_from() {
    let (images, labels) = images(40, 0.3);
    let few = images.clone().narrow(0, 0, 17);
    let mixed: Vec<usize> = (0..17).map(|i| i % 3).collect();
    for (images, labels) in [(&images, &[][..]), (&few, &mixed), (&images, &[4; 40])] {
        let found = read(identity(), images, labels);
        assert_eq!(found.bases.len(), 3);
        for reading in &found.bases {
            assert_eq!((reading.comparison, reading.statement()), (None, None));
            assert_eq!(reading.units[0].hits.len(), TOP);
            assert_eq!(reading.units[0].purity.is_some(), !labels.is_empty());
        }
    }
    let enough = read(identity(), &images.clone().narrow(0, 0, 18), &labels[20..38]);
    assert!(enough.bases[0].comparison.is_some());
    let five = read(identity(), &images.narrow(0, 0, 5), &labels[..5]);
    assert_eq!((five.bases[0].units[0].hits.len(), five.bases[0].units[0].purity), (5, None));
}

#[test]
fn what_cannot_be_compared_says_so() {
    let (images, labels) = images(20, 0.3);
    let settings = DirectionSettings::default();
    let mut go = |_, _| ControlFlow::Continue(());
    let mut fail =
        |far, labels: &[usize]| read_all(far, &images, labels, 3, &settings, &mut go).unwrap_err();
    let broken = fail(vec![f32::NAN; MAPS * MAPS], &labels);
    assert!(matches!(broken, ProbeError::NotFinite), "{broken}");
    let unlabelled = fail(identity(), &labels[..7]);
    assert!(matches!(unlabelled, ProbeError::Labels { expected: 20, got: 7 }), "{unlabelled}");
    for end in [1, 9] {
        let mut told = 0;
        let mut stop = |_, _| {
            told += 1;
            if told == end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = read_all(identity(), &images, &labels, 3, &settings, &mut stop).unwrap_err();
        assert!(matches!(stopped, ProbeError::Cancelled), "{stopped}");
        assert_eq!(told, end);
    }
}

#[test]
fn a_layer_that_cannot_be_computed_fails_alone() {
    let net = Net { near: conv(identity()), far: conv(identity()) };
    let sorted = |net: &Net, x: Tensor<4>| net.far.forward(relu(net.near.forward(x)).sort(3));
    let graph = Graph::capture(&net, [MAPS, 5, 6], sorted).unwrap();
    let weights = Weights::of(&net, &Device::flex());
    let (images, labels) = images(20, 0.3);
    let pass = Pass::new(&graph, &weights, &images, Pass::MEMORY).unwrap();
    let settings = DirectionSettings::default();
    let read = |layer: usize| {
        let mut go = |_, _| ControlFlow::Continue(());
        read_directions(&pass, &graph.layers()[layer], &labels, &settings, &mut go)
    };
    assert!(read(0).is_ok());
    assert!(matches!(read(1), Err(ProbeError::Graph(_))));
}
