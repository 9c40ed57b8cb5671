//! Embeddings of the probe images: planted groups come apart, the same input gives the same points, and successive
//! embeddings stay where they were.

use std::ops::ControlFlow;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{EmbeddingSettings, LayerEmbedding, Pass, ProbeError, embed};

const CHANNELS: usize = 6;

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

/// Evenly in −1..1, the same in every run.
fn noise(i: usize) -> f32 {
    let x = (i as f32 * 12.9898 + 0.5).sin() * 437.585;
    2.0 * (x - x.floor()) - 1.0
}

/// Images of `groups` kinds, one after the other: a kind has its own means of the channels, and every image is
/// off by `spread` in each.
fn images(count: usize, groups: usize, spread: f32, drift: f32) -> (Tensor<4>, Vec<usize>) {
    let (mut pixels, mut labels) = (vec![], vec![]);
    for image in 0..count {
        let group = image % groups;
        labels.push(group);
        for channel in 0..CHANNELS {
            let i = image * CHANNELS + channel;
            let centre = 3.0 * noise(1000 + group * CHANNELS + channel);
            let mean = centre + spread * noise(5000 + i) + drift * noise(9000 + i);
            pixels.extend((0..12).map(|p| mean + noise(i * 12 + p)));
            let plane = pixels.len() - 12;
            let error = pixels[plane..].iter().sum::<f32>() / 12.0 - mean;
            pixels[plane..].iter_mut().for_each(|pixel| *pixel -= error);
        }
    }
    let images = TensorData::new(pixels, [count, CHANNELS, 3, 4]);
    (Tensor::from_data(images, &Device::flex()), labels)
}

/// The layer's maps are the image's channels.
fn read_all(
    images: &Tensor<4>,
    labels: &[usize],
    before: Option<&[[f32; 2]]>,
    memory: usize,
    progress: &mut spyhole_probe::Progress<'_>,
) -> Result<LayerEmbedding, ProbeError> {
    let device = Device::flex();
    let mut conv: Conv2d =
        Conv2dConfig::new([CHANNELS, CHANNELS], [1, 1]).with_bias(false).init(&device);
    let unit = Tensor::<2>::eye(CHANNELS, &device).reshape([CHANNELS, CHANNELS, 1, 1]);
    conv.weight = Param::from_tensor(unit);
    let net = Net { conv };
    let graph = Graph::capture(&net, [CHANNELS, 3, 4], |net, x| net.conv.forward(x)).unwrap();
    let weights = Weights::of(&net, &device);
    let memory = memory.min(usize::MAX / 2);
    let pass = Pass::new(&graph, &weights, images, memory).unwrap();
    let settings = EmbeddingSettings::default();
    embed(&pass, &graph.layers()[0], labels, before, &settings, progress)
}

fn read(images: &Tensor<4>, labels: &[usize], before: Option<&[[f32; 2]]>) -> LayerEmbedding {
    read_all(images, labels, before, usize::MAX, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Mean distance between the points of the same image.
fn moved(a: &LayerEmbedding, b: &LayerEmbedding) -> f32 {
    let pairs = a.points.iter().zip(&b.points);
    pairs.map(|(&a, &b)| distance(a, b)).sum::<f32>() / a.points.len() as f32
}

/// Share of the points whose five nearest points all have their label.
fn apart(points: &[[f32; 2]], labels: &[usize]) -> f64 {
    let pure = (0..points.len()).filter(|&i| {
        let mut others: Vec<usize> = (0..points.len()).filter(|&j| j != i).collect();
        others.sort_by(|&a, &b| {
            distance(points[i], points[a]).total_cmp(&distance(points[i], points[b]))
        });
        others[..5].iter().all(|&j| labels[j] == labels[i])
    });
    pure.count() as f64 / points.len() as f64
}

#[test]
fn planted_groups_come_apart() {
    for (count, groups) in [(90, 2), (90, 3), (256, 8)] {
        let (images, labels) = images(count, groups, 0.3, 0.0);
        let found = read(&images, &labels, None);
        assert_eq!((found.points.len(), found.aligned), (count, false));
        assert!(apart(&found.points, &labels) > 0.97, "{count} {groups}");
        let [agreement, chance] = [found.neighbour_agreement.unwrap(), found.chance.unwrap()];
        assert!(agreement > 0.97, "{agreement}");
        assert!((chance - 1.0 / groups as f64).abs() < 0.02, "{chance}");
        assert!((0.0..2.0).contains(&found.divergence.unwrap()), "{:?}", found.divergence);
        assert_eq!(found.perplexity, f64::min(30.0, (count - 1) as f64 / 3.0));
        let mean = [0, 1].map(|axis| found.points.iter().map(|p| f64::from(p[axis])).sum::<f64>());
        assert!(mean.iter().all(|mean| mean.abs() < 1e-3), "{mean:?}");
        let square: f32 = found.points.iter().map(|[x, y]| x * x + y * y).sum();
        assert!((square / count as f32 - 1.0).abs() < 1e-4);
    }
}

#[test]
fn images_without_groups_agree_by_chance() {
    let (images, _) = images(120, 1, 1.0, 0.0);
    let labels: Vec<usize> = (0..120).map(|i| (noise(7 * i) > 0.0) as usize).collect();
    let found = read(&images, &labels, None);
    let [agreement, chance] = [found.neighbour_agreement.unwrap(), found.chance.unwrap()];
    assert!((agreement - chance).abs() < 0.1, "{agreement} {chance}");
    let found = read(&images, &[], None);
    assert_eq!((found.neighbour_agreement, found.chance), (None, None));
}

#[test]
fn the_same_input_gives_the_same_points() {
    let (images, labels) = images(100, 3, 1.0, 0.0);
    let whole = read(&images, &labels, None);
    assert_eq!(read(&images, &labels, None), whole);
    let grouped = read_all(&images, &labels, None, 0, &mut |_, _| ControlFlow::Continue(()));
    assert_eq!(grouped.unwrap(), whole);
    let next = read(&images, &labels, Some(&whole.points));
    assert_eq!(read(&images, &labels, Some(&whole.points)), next);
}

#[test]
fn aligned_embeddings_stay_where_they_were() {
    let (first, labels) = images(150, 5, 1.0, 0.0);
    let (second, _) = images(150, 5, 1.0, 0.1);
    let before = read(&first, &labels, None);
    let aligned = read(&second, &labels, Some(&before.points));
    let afresh = read(&second, &labels, None);
    assert!(aligned.aligned);
    let [near, far] = [moved(&before, &aligned), moved(&before, &afresh)];
    assert!(near < 0.15 && near < far / 2.0, "{near} {far}");
    // Nothing is given up for it.
    assert!(aligned.divergence.unwrap() < 1.1 * afresh.divergence.unwrap());
    // An earlier embedding that was turned and mirrored is met as it is.
    let turned: Vec<[f32; 2]> = before.points.iter().map(|[x, y]| [-*y, -*x]).collect();
    let onto = read(&second, &labels, Some(&turned));
    let back: Vec<[f32; 2]> = onto.points.iter().map(|[x, y]| [-*y, -*x]).collect();
    assert!(moved(&before, &LayerEmbedding { points: back, ..onto }) < 0.15);
}

#[test]
fn an_arrangement_of_other_features_is_left_behind() {
    let (images, labels) = images(150, 5, 0.3, 0.0);
    let any: Vec<[f32; 2]> = (0..150).map(|i| [noise(2 * i), noise(2 * i + 1)]).collect();
    let found = read(&images, &labels, Some(&any));
    let afresh = read(&images, &labels, None);
    assert!(found.divergence.unwrap() <= 1.1 * afresh.divergence.unwrap());
    assert!(apart(&found.points, &labels) > 0.97);
}

#[test]
fn an_earlier_embedding_of_other_images_is_not_used() {
    let (images, labels) = images(40, 2, 0.3, 0.0);
    let afresh = read(&images, &labels, None);
    for before in [vec![[0.0, 1.0]; 39], vec![[0.5, 0.5]; 40], vec![[f32::NAN, 0.0]; 40], vec![]] {
        assert_eq!(read(&images, &labels, Some(&before)), afresh);
    }
}

#[test]
fn what_cannot_be_embedded_says_so() {
    let (some, labels) = images(20, 2, 0.3, 0.0);
    let mut go = |_, _| ControlFlow::Continue(());
    let mut fail = |images: &Tensor<4>, labels: &[usize]| {
        read_all(images, labels, None, usize::MAX, &mut go).unwrap_err()
    };
    let few = fail(&some.clone().narrow(0, 0, 7), &[]);
    assert!(matches!(few, ProbeError::TooFewImages { needed: 8, got: 7 }), "{few}");
    let same = fail(&some.clone().narrow(0, 0, 1).repeat_dim(0, 12), &[]);
    assert!(matches!(same, ProbeError::Constant), "{same}");
    let broken = fail(&some.clone().mul_scalar(f32::NAN), &[]);
    assert!(matches!(broken, ProbeError::NotFinite), "{broken}");
    let unlabelled = fail(&some, &labels[..5]);
    assert!(matches!(unlabelled, ProbeError::Labels { expected: 20, got: 5 }), "{unlabelled}");
    // Eight will do; and images that are the same, as long as not all are.
    let least = read(&some.clone().narrow(0, 0, 8), &labels[..8], None);
    assert!(least.perplexity < 2.4 && least.points.len() == 8);
    let twins = Tensor::cat(vec![some.clone(), some.clone(), some.narrow(0, 0, 1)], 0);
    assert_eq!(read(&twins, &[], None).points.len(), 41);
}

#[test]
fn it_ends_when_told_to() {
    let (images, labels) = images(60, 2, 0.3, 0.0);
    let mut told = vec![];
    let mut progress = |done, total| {
        told.push((done, total));
        if told.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = read_all(&images, &labels, None, usize::MAX, &mut progress).unwrap_err();
    assert_eq!(stopped.to_string(), "was cancelled");
    assert_eq!(told.len(), 3);
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 == pair[1].1));
}
