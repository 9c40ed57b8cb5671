//! The second look at what a search has found: the same images, units, patches and projections.

use std::ops::ControlFlow;

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2dConfig;
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{FieldStatus, Graph, GraphError, Method, Seed, Weights};
use spyhole_probe::{
    Crop, Hit, ImageId, ImageKey, LayerTops, MapTops, MapUnits, Pass, ProbeError, TopSearch,
    UnitPictures, UnitRequest, Verdict, find_tops, groups,
};

fn tensor(images: &[Vec<f32>], shape: [usize; 3]) -> Tensor<4> {
    let [c, h, w] = shape;
    let pixels = TensorData::new(images.concat(), [images.len(), c, h, w]);
    Tensor::from_data(pixels, &Device::flex())
}

#[derive(Module, Debug)]
struct Net {
    near: Conv2d,
    far: Conv2d,
}

const SHAPE: [usize; 3] = [2, 20, 24];

/// Strides, padding and pooling: near 3×3/2 padded by 1, pooled 2×2/2, far 3×3 padded by 1.
fn net() -> Net {
    let device = Device::flex();
    let filled = |from, to, stride| {
        let mut conv: Conv2d = Conv2dConfig::new([from, to], [3, 3])
            .with_stride([stride; 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .init(&device);
        conv.weight = conv.weight.map(|w| {
            let count = w.shape().num_elements() as i64;
            let numbers = Tensor::<1, Int>::arange(0..count, &device).float().mul_scalar(1.7).sin();
            numbers.reshape(w.shape())
        });
        conv
    };
    Net { near: filled(2, 4, 2), far: filled(4, 5, 1) }
}

fn capture(net: &Net) -> Graph {
    Graph::capture(net, SHAPE, |net, x| {
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        relu(net.far.forward(pool.forward(relu(net.near.forward(x)))))
    })
    .unwrap()
}

const COUNT: usize = 23;

fn pixels(image: usize) -> Vec<f32> {
    let [c, h, w] = SHAPE;
    (0..c * h * w)
        .map(|i| (0.37 * i as f32 + 5.1 * image as f32 + 0.01 * (i * i % 97) as f32).cos())
        .collect()
}

fn images() -> Vec<Vec<f32>> {
    (0..COUNT).map(pixels).collect()
}

fn go_on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Searches, and looks at a stream again, all maps; some of them projected.
struct Setup {
    net: Net,
    graph: Graph,
    weights: Weights,
    tops: Vec<LayerTops>,
}

const ALL: [usize; 5] = [0, 1, 2, 3, 4];
const PROJECTED: [usize; 2] = [3, 1];

impl Setup {
    fn new() -> Self {
        let net = net();
        let graph = capture(&net);
        let weights = Weights::of(&net, &Device::flex());
        let tops = find(&graph, &weights, usize::MAX);
        Self { net, graph, weights, tops }
    }

    fn requests(&self) -> Vec<UnitRequest<'_>> {
        let request =
            |(layer, tops)| UnitRequest { layer, tops, maps: &ALL, projected: &PROJECTED };
        self.graph.layers().iter().zip(&self.tops).map(request).collect()
    }

    /// Shows groups of a stream again.
    fn again(
        &self,
        weights: &Weights,
        stream: &[Vec<f32>],
        group: usize,
        memory: usize,
    ) -> Vec<Vec<MapUnits>> {
        let requests = self.requests();
        let mut pictures =
            UnitPictures::new(&self.graph, weights, &requests, Method::Deconvnet, memory);
        let total = pictures.total();
        let mut seen = vec![];
        let mut progress = |done, of| {
            seen.push(done);
            assert_eq!(of, total);
            ControlFlow::Continue(())
        };
        for images in stream.chunks(group) {
            pictures.look(&tensor(images, SHAPE), &mut progress).unwrap();
        }
        let missing = pictures.missing();
        let found = pictures.finish(&Device::flex(), &mut progress).unwrap();
        assert!(seen.is_sorted() && (missing > 0 || seen.last() == Some(&total)), "{seen:?}");
        found.into_iter().map(Result::unwrap).collect()
    }
}

fn find(graph: &Graph, weights: &Weights, memory: usize) -> Vec<LayerTops> {
    let images = tensor(&images(), SHAPE);
    let pass = Pass::new(graph, weights, &images, memory).unwrap();
    let found = find_tops(&pass, graph.layers(), 4).unwrap();
    found.into_iter().map(Result::unwrap).collect()
}

fn words(found: &[Vec<MapUnits>]) -> Vec<String> {
    let hits = found.iter().flatten().flat_map(|map| &map.units);
    hits.map(|unit| format!("{:?} {:?} {:?}", unit.hit, unit.verdict, unit.patch)).collect()
}

#[test]
fn groups_of_images_find_what_all_together_find() {
    let setup = Setup::new();
    let place = |tops: &MapTops| -> Vec<_> {
        tops.hits.iter().map(|hit| (hit.image.number, hit.row, hit.column)).collect()
    };
    let places = |tops: &[LayerTops]| -> Vec<_> {
        tops.iter().flat_map(|layer| layer.maps.iter().map(place)).collect()
    };
    let whole = places(&setup.tops);
    assert!(whole.iter().all(|map| map.len() == 4), "{whole:?}");
    for memory in [0, 3 * setup.graph.bytes_per_image()] {
        assert_eq!(places(&find(&setup.graph, &setup.weights, memory)), whole);
        // The same by the stream of groups.
        let images = tensor(&images(), SHAPE);
        let mut search = TopSearch::new(setup.graph.layers(), 4);
        for (first, group) in groups(&setup.graph, &images, memory) {
            let ids = ImageId::of_all(&group, first as u64).unwrap();
            search.look(&ids, &setup.graph.forward(&setup.weights, group).unwrap()).unwrap();
        }
        let found: Vec<_> = search.finish().into_iter().map(Result::unwrap).collect();
        assert_eq!(places(&found), whole);
    }
}

/// The pixel of an image, NaN outside.
fn pixel(image: &[f32], channel: usize, row: i64, column: i64) -> f32 {
    let [_, h, w] = SHAPE;
    if (0..h as i64).contains(&row) && (0..w as i64).contains(&column) {
        image[(channel * h + row as usize) * w + column as usize]
    } else {
        f32::NAN
    }
}

fn bits(crop: &Crop) -> Vec<u32> {
    crop.pixels.iter().map(|pixel| pixel.to_bits()).collect()
}

#[test]
fn what_was_found_is_reproduced_cut_out_and_projected() {
    let setup = Setup::new();
    let found = setup.again(&setup.weights, &images(), 7, usize::MAX);
    for ((layer, tops), maps) in setup.graph.layers().iter().zip(&setup.tops).zip(&found) {
        assert_eq!(maps.len(), layer.shape()[0], "map 4 does not exist in the first layer");
        for (map, units) in maps.iter().enumerate() {
            assert_eq!(units.map, map);
            assert_eq!(units.units.len(), tops.maps[map].hits.len());
            for (unit, &hit) in units.units.iter().zip(&tops.maps[map].hits) {
                assert_eq!((unit.hit, unit.verdict), (hit, Verdict::Reproduced));
                assert_eq!(unit.field, setup.graph.field(layer, hit.row, hit.column));
                assert_eq!(unit.field.status, FieldStatus::Exact);
                assert_eq!(unit.projection.is_some(), PROJECTED.contains(&map));
                let Some(projection) = &unit.projection else { continue };
                // The same as alone.
                let image = pixels(hit.image.number as usize);
                let activations =
                    setup.graph.forward(&setup.weights, tensor(&[image], SHAPE)).unwrap();
                let seed = Seed::Unit { image: 0, map, row: hit.row, column: hit.column };
                let alone = activations.project(layer, &[seed], Method::Deconvnet).unwrap();
                let alone: Vec<f32> = alone.into_data().try_to_vec().unwrap();
                let alone = Crop::cut(&alone, SHAPE, unit.tile);
                let patch = unit.patch.as_ref().unwrap();
                for ((a, b), p) in projection.pixels.iter().zip(&alone.pixels).zip(&patch.pixels) {
                    assert_eq!((a.is_nan(), b.is_nan()), (p.is_nan(), p.is_nan()));
                    assert!(a.is_nan() || (a - b).abs() < 1e-4, "{a} {b}");
                }
            }
        }
    }
}

/// A hit by hand.
fn hit(image: usize, row: usize, column: usize, value: f32) -> Hit {
    let id = ImageId { key: ImageKey::of(&pixels(image)), number: image as u64 };
    Hit { image: id, row, column, value }
}

/// A unit of the near layer sees 2i − 1 … 2i + 1; the pooling 2 × 2 of those; a unit of the far one 3 × 3 of these,
/// 4i − 5 … 4i + 7.
#[test]
fn patches_at_the_border_show_where_the_network_pads() {
    let setup = Setup::new();
    for (index, (stride, before, size)) in [(2, 1, 3), (4, 5, 13)].into_iter().enumerate() {
        let layer = &setup.graph.layers()[index];
        let [_, height, width] = layer.shape();
        let corners = [[0, 0], [0, width - 1], [height - 1, 0], [height - 1, width - 1], [2, 2]];
        let hits: Vec<_> = corners.iter().map(|&[row, column]| hit(3, row, column, 1.0)).collect();
        let tops = LayerTops { maps: vec![MapTops { hits, not_finite: 0 }] };
        let request = UnitRequest { layer, tops: &tops, maps: &[0], projected: &[0] };
        let mut pictures = UnitPictures::new(
            &setup.graph,
            &setup.weights,
            &[request],
            Method::Gradient,
            Pass::MEMORY,
        );
        pictures.look(&tensor(&images(), SHAPE), &mut go_on).unwrap();
        let found = pictures.finish(&Device::flex(), &mut go_on).unwrap().remove(0).unwrap();
        let mut padded = 0;
        for (unit, [row, column]) in found[0].units.iter().zip(corners) {
            let patch = unit.patch.as_ref().unwrap();
            assert_eq!((patch.channels, patch.height, patch.width), (2, size, size));
            let first = |position: usize| (stride * position) as i64 - before;
            let mut expected = vec![];
            for channel in 0..2 {
                for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
                    let (y, x) = (first(row) + y as i64, first(column) + x as i64);
                    expected.push(pixel(&pixels(3), channel, y, x));
                }
            }
            let expected = Crop { channels: 2, height: size, width: size, pixels: expected };
            assert_eq!(bits(patch), bits(&expected), "unit {row}, {column}");
            padded += patch.pixels.iter().filter(|pixel| pixel.is_nan()).count();
            let nan = |crop: &Crop| crop.pixels.iter().map(|p| p.is_nan()).collect::<Vec<_>>();
            assert_eq!(nan(patch), nan(unit.projection.as_ref().unwrap()));
        }
        assert!(padded > 0);
    }
}

#[test]
fn the_second_look_does_not_depend_on_how_the_stream_comes() {
    let setup = Setup::new();
    let whole = words(&setup.again(&setup.weights, &images(), COUNT, usize::MAX));
    // Another order, every image twice, single images.
    let mut stream = images();
    stream.reverse();
    stream.extend(images());
    for (group, memory) in [(1, 0), (5, usize::MAX), (2 * COUNT, 2 * setup.graph.bytes_per_image())]
    {
        assert_eq!(words(&setup.again(&setup.weights, &stream, group, memory)), whole);
    }
}

#[test]
fn images_that_do_not_come_again_are_missing() {
    let setup = Setup::new();
    let first = &setup.tops[0].maps[1].hits[0];
    let absent = first.image.number as usize;
    let mut stream = images();
    stream.remove(absent);
    let found = setup.again(&setup.weights, &stream, 4, usize::MAX);
    for unit in found.iter().flatten().flat_map(|map| &map.units) {
        let missing = unit.hit.image.number as usize == absent;
        assert_eq!(unit.verdict == Verdict::Missing, missing);
        assert_eq!(unit.patch.is_none(), missing);
        assert!(!missing || unit.projection.is_none());
    }
    assert_eq!(found[0][1].units[0].verdict, Verdict::Missing);
}

#[test]
fn other_weights_are_noticed() {
    let setup = Setup::new();
    let altered = |change: f32| {
        let mut net = setup.net.clone();
        net.near.weight = net.near.weight.map(|w| w.mul_scalar(change));
        Weights::of(&net, &Device::flex())
    };
    let verdicts = |weights: &Weights| -> Vec<Verdict> {
        let found = setup.again(weights, &images(), 9, usize::MAX);
        found.iter().flatten().flat_map(|map| &map.units).map(|unit| unit.verdict).collect()
    };
    // Rounding is not a change; a thousandth is.
    assert!(verdicts(&altered(1.000_01)).iter().all(|v| *v == Verdict::Reproduced));
    let changed = setup.again(&altered(1.001), &images(), 9, usize::MAX);
    for unit in changed.iter().flatten().flat_map(|map| &map.units) {
        let Verdict::Changed { now } = unit.verdict else { panic!("{:?}", unit.verdict) };
        assert!((now / unit.hit.value - 1.001).abs() < 5e-4, "{now} {}", unit.hit.value);
        assert!(unit.patch.is_some());
    }
    for unit in setup.again(&altered(f32::NAN), &images(), 9, usize::MAX).iter().flatten() {
        for unit in &unit.units {
            assert!(matches!(unit.verdict, Verdict::Changed { now } if now.is_nan()));
            assert!(unit.patch.is_some() && unit.projection.is_none());
        }
    }
}

#[test]
fn whoever_asked_can_stop_it() {
    let setup = Setup::new();
    let requests = setup.requests();
    for calls in 0..4 {
        let mut pictures = UnitPictures::new(
            &setup.graph,
            &setup.weights,
            &requests,
            Method::Deconvnet,
            setup.graph.bytes_per_image(),
        );
        let mut left = calls;
        let mut progress = |_, _| {
            left -= 1;
            if left < 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = pictures.look(&tensor(&images(), SHAPE), &mut progress);
        assert!(matches!(stopped, Err(ProbeError::Cancelled)), "{calls}");
    }
}

#[test]
fn requests_that_do_not_fit_fail_alone() {
    let setup = Setup::new();
    let layers = setup.graph.layers();
    let hits = vec![hit(0, 99, 0, 1.0)];
    let wrong = LayerTops { maps: vec![MapTops { hits, not_finite: 0 }] };
    let requests = [
        UnitRequest { layer: &layers[0], tops: &wrong, maps: &[0], projected: &[] },
        UnitRequest { layer: &layers[1], tops: &setup.tops[1], maps: &[2], projected: &[] },
    ];
    let mut pictures =
        UnitPictures::new(&setup.graph, &setup.weights, &requests, Method::Guided, 0);
    assert_eq!(pictures.total(), 4);
    pictures.look(&tensor(&images(), SHAPE), &mut go_on).unwrap();
    assert_eq!(pictures.missing(), 0);
    let small = tensor(&[vec![0.0; 12]], [2, 2, 3]);
    assert!(matches!(
        pictures.look(&small, &mut go_on),
        Err(ProbeError::Graph(GraphError::ImageShape { .. }))
    ));
    let found = pictures.finish(&Device::flex(), &mut go_on).unwrap();
    let error = found[0].as_ref().unwrap_err();
    assert!(error.to_string().contains("row 99 does not exist"), "{error}");
    let units = &found[1].as_ref().unwrap()[0].units;
    assert!(units.iter().all(|unit| unit.verdict == Verdict::Reproduced));
}
