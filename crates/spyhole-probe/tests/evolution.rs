//! Impressions of a network's layers: by a plain search, the same whatever memory allows, and over epochs.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2dConfig;
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{Activations, Graph, Method, Seed, Weights};
use spyhole_probe::evolution::{IMAGES, Picture};
use spyhole_probe::{
    EvolutionReader, EvolutionWatch, Impression, LayerState, Pass, ProbeError, Reading,
    Representation, Request, SettlingWatch,
};

#[derive(Module, Debug)]
struct Net {
    near: Conv2d,
    far: Conv2d,
}

const FOLLOWED: [usize; 3] = [4, 0, 9];

/// The same weights in every call; another `phase`, other weights.
fn net(phase: f32) -> Net {
    let device = Device::flex();
    let filled = |from, to, phase: f32| {
        let mut conv: Conv2d = Conv2dConfig::new([from, to], [3, 3]).with_bias(false).init(&device);
        conv.weight = conv.weight.map(|w| {
            let count = w.shape().num_elements() as i64;
            let numbers = Tensor::<1, Int>::arange(0..count, &device).float();
            numbers.mul_scalar(1.7).add_scalar(phase).sin().reshape(w.shape())
        });
        conv
    };
    Net { near: filled(2, 4, 0.0), far: filled(4, 5, phase) }
}

fn forward(net: &Net, images: Tensor<4>) -> Tensor<4> {
    let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
    let near = pool.forward(relu(net.near.forward(images)));
    relu(net.far.forward(near))
}

fn images(count: usize) -> Tensor<4> {
    let numbers = Tensor::<1, Int>::arange(0..(count * 2 * 12 * 10) as i64, &Device::flex());
    let numbers = numbers.float();
    let noise = numbers.clone().mul_scalar(12.9898).sin().mul_scalar(437.585);
    let noise = noise.clone() - noise.floor();
    (numbers.mul_scalar(0.37).cos() + noise).reshape([count, 2, 12, 10])
}

struct Seen {
    graph: Graph,
    net: Net,
    images: Tensor<4>,
}

impl Seen {
    fn new(net: Net, images: Tensor<4>) -> Self {
        let [_, channels, height, width] = images.dims();
        let graph = Graph::capture(&net, [channels, height, width], forward).unwrap();
        Self { graph, net, images }
    }

    fn read(
        &self,
        watches: &[EvolutionWatch],
        memory: usize,
    ) -> Vec<Result<Impression, ProbeError>> {
        let weights = Weights::of(&self.net, &Device::flex());
        let layers = self.graph.layers();
        let requests: Vec<_> =
            layers.iter().map(|layer| Request { layer, followed: &FOLLOWED }).collect();
        let pass = Pass::new(&self.graph, &weights, &self.images, memory).unwrap();
        let mut reader = EvolutionReader::new(&requests, watches, Method::Deconvnet, None);
        pass.each(|_| true, |first, activations| reader.look(first, activations)).unwrap();
        reader.finish(&pass).unwrap()
    }

    fn impressions(&self, watches: &[EvolutionWatch], memory: usize) -> Vec<Impression> {
        self.read(watches, memory).into_iter().map(Result::unwrap).collect()
    }

    fn activations(&self) -> Activations<'_> {
        let weights = Weights::of(&self.net, &Device::flex());
        self.graph.forward(&weights, self.images.clone()).unwrap()
    }
}

const WHOLE: usize = usize::MAX;

#[test]
fn groups_of_images_give_what_all_together_give() {
    for count in [7, IMAGES + 5] {
        let seen = Seen::new(net(0.0), images(count));
        let whole = seen.impressions(&[], WHOLE);
        assert!(whole.iter().all(|layer| layer.images == count.min(IMAGES)));
        let of_five = 5 * seen.graph.bytes_per_image();
        for memory in [0, of_five, 100 * of_five] {
            assert_eq!(seen.impressions(&[], memory), whole);
        }
        // Images beyond the last one used make no difference.
        if count > IMAGES {
            assert_eq!(Seen::new(net(0.0), images(IMAGES)).impressions(&[], WHOLE), whole);
        }
    }
}

#[test]
fn impressions_are_those_of_a_plain_search() {
    let seen = Seen::new(net(0.0), images(30));
    let found = seen.impressions(&[], WHOLE);
    let activations = seen.activations();
    for (layer, found) in seen.graph.layers().iter().zip(&found) {
        let [maps, height, width] = layer.shape();
        let values: Vec<f32> = activations.layer(layer).unwrap().into_data().try_to_vec().unwrap();
        let at = |i: usize, map: usize, y: usize, x: usize| {
            values[((i * maps + map) * height + y) * width + x]
        };
        let mut features = vec![];
        for i in 0..30 {
            for y in [height / 4, 3 * height / 4] {
                for x in [width / 4, 3 * width / 4] {
                    features.extend((0..maps).map(|map| at(i, map, y, x)));
                }
            }
        }
        let expected = Representation::of_features(&features, 30).unwrap();
        let similarity = expected.similarity(found.representation.as_ref().unwrap()).unwrap();
        assert!((similarity - 1.0).abs() < 1e-9, "{similarity}");
        let strongest = |i: usize, map: usize| {
            let units = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
            let stronger = |a: (f32, usize, usize), b: (f32, usize, usize)| {
                if b.0 > a.0 { b } else { a }
            };
            units.map(|(y, x)| (at(i, map, y, x), y, x)).reduce(stronger).unwrap()
        };
        for map in 0..maps {
            let mut order: Vec<usize> = (0..30).filter(|&i| strongest(i, map).0 > 0.0).collect();
            order.sort_by(|&a, &b| strongest(b, map).0.total_cmp(&strongest(a, map).0));
            order.truncate(9);
            let tops: Vec<usize> = found.tops.of(map).iter().map(|&i| i.into()).collect();
            assert_eq!(tops, order, "{map}");
        }
        let maps: Vec<usize> = found.projections.iter().map(|p| p.pair.map).collect();
        let expected: &[usize] = if layer.shape()[0] == 4 { &[0] } else { &[4, 0] };
        assert_eq!(maps, expected, "maps that do not exist are left out");
        for projection in &found.projections {
            let map = projection.pair.map;
            assert_eq!(projection.pair.images[0], usize::from(found.tops.of(map)[0]));
            for (&image, picture) in projection.pair.images.iter().zip(&projection.pictures) {
                let (_, row, column) = strongest(image, map);
                let seed = Seed::Unit { image, map, row, column };
                let pixels = activations.project(layer, &[seed], Method::Deconvnet).unwrap();
                let pixels: Vec<f32> = pixels.into_data().try_to_vec().unwrap();
                assert_eq!(picture, &Picture::of(&pixels));
                assert!(picture.is_some());
            }
        }
    }
}

#[test]
fn projections_stay_with_their_images() {
    let mut watches = [EvolutionWatch::new(), EvolutionWatch::new()];
    let mut pairs = vec![];
    let mut similarities = vec![];
    for (epoch, phase) in [0.0, 0.0, 2.1, 0.0].into_iter().enumerate() {
        let seen = Seen::new(net(phase), images(30));
        let layers = seen.impressions(&watches, 0);
        pairs.push(layers[1].projections.iter().map(|p| p.pair).collect::<Vec<_>>());
        let read = watches.iter_mut().zip(layers).map(|(w, i)| w.read(epoch as u32, i));
        similarities.push(read.map(|found| found.projection_similarity).collect::<Vec<_>>());
    }
    assert!(!pairs[0].is_empty());
    assert!(pairs.iter().all(|later| later.starts_with(&pairs[0])), "{pairs:?}");
    let [first, same, other, back] = similarities.as_slice() else { panic!("{similarities:?}") };
    assert_eq!(first, &[None, None]);
    // Unchanged: 1 less the cosine between two images. The near layer never changes, the far one does.
    assert!(same.iter().all(|same| same.is_some_and(|same| same > 0.1)), "{same:?}");
    assert_eq!((other[0], back[0]), (same[0], same[0]));
    assert!(other[1] < same[1] && back[1] < same[1], "{similarities:?}");
}

#[test]
fn a_frozen_layer_does_not_change_and_the_one_above_does() {
    let mut watches = [EvolutionWatch::new(), EvolutionWatch::new()];
    let mut settling = [SettlingWatch::default(), SettlingWatch::default()];
    for epoch in 0..4 {
        let seen = Seen::new(net(epoch as f32), images(60));
        for (i, impression) in seen.impressions(&watches, WHOLE).into_iter().enumerate() {
            let found = watches[i].read(epoch, impression);
            let (change, floor) = (found.change, found.floor);
            let (previous, state, trained) = (found.previous, found.state, i == 1);
            settling[i].observe(Reading { epoch, previous, change, floor, trained, state });
            if epoch > 0 && i == 0 {
                assert!(change.is_some_and(|change| change <= 1e-12), "{change:?}");
                assert_eq!((found.jumps, found.top_overlap), (Some(0.0), Some(1.0)));
            } else if epoch > 0 {
                assert!(change.is_some_and(|change| change > 0.01), "{change:?}");
            }
        }
    }
    assert_eq!(settling[0].standing().state, LayerState::Frozen);
    assert_eq!(settling[1].standing().state, LayerState::Moving);
}

#[test]
fn broken_and_silent_layers_have_no_representation() {
    for (scale, state) in [(f32::NAN, LayerState::NotFinite), (0.0, LayerState::Dead)] {
        let mut net = net(0.0);
        net.far.weight = net.far.weight.map(|w| w.mul_scalar(scale));
        let found = Seen::new(net, images(30)).impressions(&[], WHOLE);
        assert!(found[0].representation.is_some());
        assert_eq!((found[1].state, &found[1].representation), (Some(state), &None));
        assert!((0..5).all(|map| found[1].tops.of(map).is_empty()));
        assert!(found[1].projections.is_empty());
    }
}

#[test]
fn one_value_that_is_not_finite_breaks_the_layer() {
    // A corner that no position looks at.
    let corner = [3..4, 0..1, 0..1, 0..1];
    let images =
        images(30).slice_assign(corner, Tensor::full([1, 1, 1, 1], -1e38, &Device::flex()));
    let mut net = net(0.0);
    net.near.weight = net.near.weight.map(|w| w.mul_scalar(1e3));
    let found = Seen::new(net, images).impressions(&[], WHOLE);
    assert_eq!((found[0].state, &found[0].representation), (Some(LayerState::NotFinite), &None));
    let broken = (0..4).filter(|&map| found[0].tops.of(map).is_empty()).count();
    assert!((1..4).contains(&broken), "{broken}");
}

#[test]
fn a_layer_that_cannot_be_computed_leaves_the_others_alone() {
    let net = net(0.0);
    let sorted = |net: &Net, x: Tensor<4>| {
        let near = relu(net.near.forward(x));
        relu(net.far.forward(near.sort(3)))
    };
    let graph = Graph::capture(&net, [2, 12, 10], sorted).unwrap();
    let seen = Seen { graph, net, images: images(8) };
    assert!(seen.graph.layers()[1].unsupported().is_some());
    let found = seen.read(&[], WHOLE);
    assert!(found[0].is_ok());
    assert!(matches!(&found[1], Err(ProbeError::Graph(_))), "{:?}", found[1]);
}
