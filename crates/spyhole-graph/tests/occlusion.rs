//! Covering an image piece by piece: what is computed in windows equals the forward pass of each covered image.

mod check;
mod nets;

use std::ops::ControlFlow;

use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation;
use check::{numbers, random};
use nets::random::{Net, step};
use proptest::prelude::*;
use spyhole_graph::{
    Activations, Cover, Graph, GraphError, Layer, Occluded, OutputScale, Wanted, Weights,
};

fn go_on(_done: usize, _all: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The slow way: every covered image by itself through the whole network.
fn in_full(
    graph: &Graph,
    weights: &Weights,
    image: &Tensor<4>,
    cover: &Cover<'_>,
    wanted: &Wanted<'_>,
) -> Occluded {
    let [_, channels, height, width] = image.dims();
    let sums = |activations: &Activations<'_>| -> Vec<f64> {
        let sum = |&(layer, map): &(&Layer, usize)| {
            let planes = numbers(activations.layer(layer).unwrap());
            let [_, rows, columns] = layer.shape();
            let map = &planes[map * rows * columns..][..rows * columns];
            map.iter().map(|&x| f64::from(x)).sum()
        };
        wanted.maps.iter().map(sum).collect()
    };
    let output = |activations: &Activations<'_>| match wanted.output {
        true => numbers(activations.output::<4>().unwrap()),
        false => vec![],
    };
    let clean = graph.forward(weights, image.clone()).unwrap();
    let (clean_sums, clean_output) = (sums(&clean), output(&clean));
    let mut all = Occluded {
        sums: vec![vec![]; wanted.maps.len()],
        outputs: vec![],
        clean_sums,
        clean_output,
    };
    for &row in cover.rows {
        for &column in cover.columns {
            let mut pixels = numbers(image.clone());
            for channel in 0..channels {
                for y in row..row + cover.size[0] {
                    let at = (channel * height + y) * width + column;
                    pixels[at..at + cover.size[1]]
                        .copy_from_slice(&cover.picture[at..at + cover.size[1]]);
                }
            }
            let pixels = TensorData::new(pixels, [1, channels, height, width]);
            let covered = Tensor::from_data(pixels, &Device::flex());
            let activations = graph.forward(weights, covered).unwrap();
            all.outputs.extend(output(&activations));
            all.sums.iter_mut().zip(sums(&activations)).for_each(|(all, sum)| all.push(sum));
        }
    }
    all
}

fn assert_same(got: &Occluded, expected: &Occluded, what: &str) {
    let close = |got: f64, expected: f64, scale: f64, of: &str| {
        assert!((got - expected).abs() <= 1e-4 * scale, "{what}, {of}: {got} against {expected}");
    };
    let largest =
        |all: &[f32]| all.iter().fold(1e-2, |scale: f64, &x| scale.max(f64::from(x.abs())));
    assert_eq!(got.outputs.len(), expected.outputs.len(), "{what}");
    for (&got, &of_full) in got.outputs.iter().zip(&expected.outputs) {
        close(got.into(), of_full.into(), largest(&expected.outputs), "output");
    }
    assert_eq!(got.sums.len(), expected.sums.len(), "{what}");
    for (map, (got, of_full)) in got.sums.iter().zip(&expected.sums).enumerate() {
        assert_eq!(got.len(), of_full.len(), "{what}");
        let scale = of_full.iter().fold(0.1, |scale: f64, x| scale.max(x.abs()));
        for (&got, &of_full) in got.iter().zip(of_full) {
            close(got, of_full, scale, &format!("map {map}"));
        }
    }
}

/// All layers, each with one of its maps.
fn maps(graph: &Graph) -> Vec<(&Layer, usize)> {
    graph.layers().iter().enumerate().map(|(i, layer)| (layer, i % layer.shape()[0])).collect()
}

/// All places of a cover that fit, `stride` apart, and the last one.
fn starts(length: usize, size: usize, stride: usize) -> Vec<usize> {
    let mut starts: Vec<_> = (0..=length - size).step_by(stride).collect();
    if starts.last() != Some(&(length - size)) {
        starts.push(length - size);
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn windows_equal_whole_images(
        steps in prop::collection::vec(step(), 1..12),
        plane in [7..=14usize, 7..=14usize],
        size in [1..=6usize, 1..=6usize],
        stride in [1..=4usize, 2..=5usize],
    ) {
        let net = Net::new(&steps);
        let [height, width] = plane;
        let graph = Graph::capture(&net, [2, height, width], |net, x| net.forward(&steps, x)).unwrap();
        let weights = Weights::of(&net, &Device::flex());
        let images = random([2, 2, height, width]);
        let picture = numbers(random([1, 2, height, width]));
        let cover = Cover {
            size,
            rows: &starts(height, size[0], stride[0]),
            columns: &starts(width, size[1], stride[1]),
            picture: &picture,
        };
        let maps = maps(&graph);
        let wanted = Wanted { maps: &maps, output: true };
        let activations = graph.forward(&weights, images.clone()).unwrap();
        for image in 0..2 {
            let got = activations.occlude(image, &cover, &wanted, go_on).unwrap();
            let one = images.clone().narrow(0, image, 1);
            let expected = in_full(&graph, &weights, &one, &cover, &wanted);
            assert_same(&got, &expected, &format!("{steps:?}"));
        }
    }
}
