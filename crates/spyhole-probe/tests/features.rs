//! Strongest and followed maps: against a plain search, and the same whatever memory allows.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::relu;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{FeatureSettings, LayerFeatures, Pass, Request, UnitFeature, read_features};

#[derive(Module, Debug)]
struct Net {
    near: Conv2d,
    far: Conv2d,
}

/// Results for both layers, and the activations of the far one, `[N, C, H, W]`.
fn read(memory: usize) -> (Vec<LayerFeatures>, Vec<f32>) {
    let device = Device::flex();
    let filled = |from, to| {
        let mut conv: Conv2d = Conv2dConfig::new([from, to], [3, 3]).with_bias(false).init(&device);
        // The same weights in every call, whatever the generator did before.
        conv.weight = conv.weight.map(|w| {
            let count = w.shape().num_elements() as i64;
            let numbers = Tensor::<1, Int>::arange(0..count, &device).float().mul_scalar(1.7).sin();
            numbers.reshape(w.shape())
        });
        conv
    };
    let net = Net { near: filled(2, 4), far: filled(4, 5) };
    let forward = |net: &Net, x| relu(net.far.forward(relu(net.near.forward(x))));
    let graph = Graph::capture(&net, [2, 12, 10], forward).unwrap();
    let images =
        Tensor::<1, Int>::arange(0..7 * 2 * 12 * 10, &device).float().mul_scalar(0.37).cos();
    let images: Tensor<4> = images.reshape([7, 2, 12, 10]);
    let weights = Weights::of(&net, &device);
    let followed = [4, 0, 9];
    let requests: Vec<_> =
        graph.layers().iter().map(|layer| Request { layer, followed: &followed }).collect();
    let settings = FeatureSettings { strongest: 3, ..FeatureSettings::default() };
    let pass = Pass::new(&graph, &weights, &images, memory).unwrap();
    let found = read_features(&pass, &requests, settings).unwrap();
    let far = graph.forward(&weights, images).unwrap().layer(&graph.layers()[1]).unwrap();
    let values = far.into_data().try_to_vec().unwrap();
    (found.into_iter().map(Result::unwrap).collect(), values)
}

fn words(features: &[UnitFeature]) -> Vec<String> {
    features.iter().map(|feature| format!("{feature:?}")).collect()
}

#[test]
fn groups_of_images_give_what_all_together_give() {
    let (whole, _) = read(usize::MAX);
    for memory in [0, 100_000] {
        let (grouped, _) = read(memory);
        for (whole, grouped) in whole.iter().zip(&grouped) {
            assert_eq!(words(&whole.strongest), words(&grouped.strongest));
            assert_eq!(words(&whole.followed), words(&grouped.followed));
        }
    }
}

#[test]
fn peaks_are_those_of_a_plain_search() {
    let (found, values) = read(usize::MAX);
    let [maps, height, width] = [5, 8, 6];
    let mut peaks: Vec<(f32, usize, [usize; 3])> = vec![];
    for map in 0..maps {
        let mut best = (f32::NEG_INFINITY, map, [0; 3]);
        for image in 0..7 {
            for (row, column) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let value = values[((image * maps + map) * height + row) * width + column];
                if value > best.0 {
                    best = (value, map, [image, row, column]);
                }
            }
        }
        peaks.push(best);
    }
    let seen = |features: &[UnitFeature]| -> Vec<_> {
        let unit = |feature: &UnitFeature| {
            let peak = feature.peak;
            (peak.value, peak.map, [peak.image, peak.row, peak.column])
        };
        features.iter().map(unit).collect()
    };
    let far = &found[1];
    // Map 9 does not exist: it is left out.
    assert_eq!(seen(&far.followed), [peaks[4], peaks[0]]);
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    peaks.truncate(3);
    peaks.retain(|peak| peak.0 > 0.0);
    assert_eq!(seen(&far.strongest), peaks);
    assert!(far.strongest.iter().all(|feature| feature.tile.size() == [5, 5]));
}

#[test]
fn random_images_do_not_fit_and_say_so() {
    let device = Device::flex();
    let net = Net {
        near: Conv2dConfig::new([2, 4], [3, 3]).init(&device),
        far: Conv2dConfig::new([4, 5], [3, 3]).init(&device),
    };
    let graph = Graph::capture(&net, [2, 12, 10], |net, x| net.near.forward(x)).unwrap();
    let wrong = Tensor::random([2, 2, 9, 9], Distribution::Default, &device);
    let weights = Weights::of(&net, &device);
    let whole = Pass::new(&graph, &weights, &wrong, Pass::MEMORY).unwrap_err();
    let pass = Pass::new(&graph, &weights, &wrong, 0);
    let grouped = pass.and_then(|pass| read_features(&pass, &[], FeatureSettings::default()));
    for error in [whole, grouped.unwrap_err()] {
        assert!(error.to_string().contains("expected images of shape"), "{error}");
    }
}
