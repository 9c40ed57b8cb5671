//! The strongest images of a stream: against sorting everything.

use std::collections::HashSet;

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use proptest::prelude::*;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{Hit, ImageId, ImageKey, LayerTops, MapTops, ProbeError, TopSearch, churn};

#[derive(Module, Debug)]
struct Single {
    conv: Conv2d,
}

/// Passes two channels on as they are: activations are what the test makes of the images.
fn identity() -> Single {
    let device = Device::flex();
    let mut conv: Conv2d = Conv2dConfig::new([2, 2], [1, 1]).with_bias(false).init(&device);
    let weights = TensorData::new(vec![1.0_f32, 0.0, 0.0, 1.0], [2, 2, 1, 1]);
    conv.weight = Param::from_tensor(Tensor::from_data(weights, &device));
    Single { conv }
}

const PLANE: [usize; 2] = [2, 3];
const PIXELS: usize = 2 * 6;

fn tensor(images: &[Vec<f32>], shape: [usize; 3]) -> Tensor<4> {
    let [c, h, w] = shape;
    let pixels = TensorData::new(images.concat(), [images.len(), c, h, w]);
    Tensor::from_data(pixels, &Device::flex())
}

/// A stream of images with numbers, in groups; `[map]` of the hits as (value, number, row, column).
fn search(stream: &[(u64, Vec<f32>)], groups: &[usize], count: usize) -> LayerTops {
    let net = identity();
    let graph =
        Graph::capture(&net, [2, PLANE[0], PLANE[1]], |net, x| net.conv.forward(x)).unwrap();
    let weights = Weights::of(&net, &Device::flex());
    let mut search = TopSearch::new(graph.layers(), count);
    let (mut rest, mut sizes) = (stream, groups.iter().cycle());
    while !rest.is_empty() {
        let (group, later) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        rest = later;
        let pixels: Vec<_> = group.iter().map(|(_, pixels)| pixels.clone()).collect();
        let id = |(number, pixels): &(u64, Vec<f32>)| ImageId {
            key: ImageKey::of(pixels),
            number: *number,
        };
        let ids: Vec<_> = group.iter().map(id).collect();
        let activations =
            graph.forward(&weights, tensor(&pixels, [2, PLANE[0], PLANE[1]])).unwrap();
        search.look(&ids, &activations).unwrap();
    }
    assert_eq!(search.images(), stream.len() as u64);
    search.finish().remove(0).unwrap()
}

type Row = (f32, u64, usize, usize);

fn rows(tops: &MapTops) -> Vec<Row> {
    tops.hits.iter().map(|hit| (hit.value, hit.image.number, hit.row, hit.column)).collect()
}

/// Every image once, under its smallest number; then everything is sorted.
fn slow(stream: &[(u64, Vec<f32>)], map: usize, count: usize) -> (Vec<Row>, u64) {
    let mut ordered = stream.to_vec();
    ordered.sort_by_key(|(number, _)| *number);
    let mut known: HashSet<Vec<u32>> = HashSet::new();
    let bits = |pixels: &[f32]| pixels.iter().map(|pixel| pixel.to_bits()).collect();
    ordered.retain(|(_, pixels)| known.insert(bits(pixels)));
    let plane = |pixels: &[f32]| pixels[map * 6..(map + 1) * 6].to_vec();
    let mut found = vec![];
    for (number, pixels) in &ordered {
        let plane = plane(pixels);
        let largest = plane.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let at = plane.iter().position(|&a| a == largest).unwrap_or(0);
        if plane.iter().all(|a| a.is_finite()) && largest > 0.0 {
            found.push((largest, *number, at / 3, at % 3));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(count);
    let broken = stream.iter().filter(|(_, pixels)| plane(pixels).iter().any(|a| !a.is_finite()));
    (found, broken.count() as u64)
}

/// Images of few small numbers, so that ties and repetitions abound; numbers in any order.
fn streams() -> impl Strategy<Value = Vec<(u64, Vec<f32>)>> {
    let image = prop::collection::vec((-2..3_i8).prop_map(f32::from), PIXELS);
    prop::collection::vec(image, 1..12).prop_flat_map(|distinct| {
        let picks = prop::collection::vec(0..distinct.len(), 1..40);
        picks.prop_flat_map(move |picks| {
            let picked: Vec<_> = picks.iter().map(|&pick| distinct[pick].clone()).collect();
            let numbers: Vec<u64> = (0..picked.len() as u64).collect();
            Just(numbers)
                .prop_shuffle()
                .prop_map(move |numbers| numbers.into_iter().zip(picked.clone()).collect())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_search_finds_what_sorting_everything_finds(
        mut stream in streams(),
        groups in prop::collection::vec(1..7_usize, 1..5),
        count in 0..6_usize,
        broken in prop::option::of((0..40_usize, 0..PIXELS, prop::sample::select(vec![
            f32::NAN, f32::INFINITY, f32::NEG_INFINITY,
        ]))),
    ) {
        if let Some((image, pixel, value)) = broken {
            let image = image % stream.len();
            // A 1×1 convolution mixes the channels of a position: 0 · NaN is NaN, in both maps.
            stream[image].1[pixel % 6] = value;
            stream[image].1[pixel % 6 + 6] = value;
        }
        let found = search(&stream, &groups, count);
        for (map, tops) in found.maps.iter().enumerate() {
            let (hits, not_finite) = slow(&stream, map, count);
            prop_assert_eq!(rows(tops), hits);
            prop_assert_eq!(tops.not_finite, not_finite);
        }
    }
}

#[test]
fn every_image_needs_an_identity() {
    let net = identity();
    let graph = Graph::capture(&net, [2, 2, 3], |net, x| net.conv.forward(x)).unwrap();
    let weights = Weights::of(&net, &Device::flex());
    let activations = graph.forward(&weights, tensor(&[vec![0.0; PIXELS]], [2, 2, 3])).unwrap();
    let error = TopSearch::new(graph.layers(), 9).look(&[], &activations).unwrap_err();
    assert!(matches!(error, ProbeError::Identities { images: 1, given: 0 }), "{error}");
}

#[test]
fn keys_tell_images_apart() {
    let zeros = ImageKey::of(&[0.0; 6]);
    let others: Vec<Vec<f32>> = vec![
        vec![0.0; 5],
        vec![0.0; 7],
        vec![],
        vec![-0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        vec![0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        vec![0.0, 0.0, 0.0, 0.0, 0.0, f32::from_bits(1)],
    ];
    let mut keys: HashSet<ImageKey> = others.iter().map(|image| ImageKey::of(image)).collect();
    assert!(keys.insert(zeros) && keys.len() == others.len() + 1);
    // Neither lane repeats itself.
    let many: Vec<u128> = (0..100_000).map(|i| ImageKey::of(&[i as f32, 0.0, 1.0]).0).collect();
    for lane in [|key: &u128| (*key >> 64) as u64, |key: &u128| *key as u64] {
        assert_eq!(many.iter().map(lane).collect::<HashSet<_>>().len(), many.len());
    }
    // Keys are kept with recorded runs: they must not change. Computed from the description, in Python.
    assert_eq!(ImageKey::of(&[1.0, -2.0, 0.5]).to_string(), "f23b72c2fde605e253951924a3b8d986");
}

#[test]
fn churn_is_the_share_of_images_that_are_not_common() {
    let tops = |keys: &[u128]| MapTops {
        hits: keys
            .iter()
            .map(|&key| Hit {
                image: ImageId { key: ImageKey(key), number: 0 },
                row: 0,
                column: 0,
                value: 1.0,
            })
            .collect(),
        not_finite: 0,
    };
    for (now, before, expected) in [
        (tops(&[1, 2, 3]), tops(&[3, 1, 2]), Some(0.0)),
        (tops(&[1, 2, 3]), tops(&[2, 3, 4]), Some(0.5)),
        (tops(&[1, 2]), tops(&[3]), Some(1.0)),
        (tops(&[]), tops(&[3]), Some(1.0)),
        (tops(&[]), tops(&[]), None),
    ] {
        assert_eq!(churn(&now, &before), expected);
    }
}
