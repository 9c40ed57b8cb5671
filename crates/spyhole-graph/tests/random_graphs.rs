//! Random networks: the gradient is Burn's, nothing leaves a receptive field, nothing panics.

mod check;
mod nets;

use burn::prelude::*;
use check::{Kind, assert_within_field, autodiff, check_on, random};
use nets::random::{Net, Step, step};
use proptest::prelude::*;
use spyhole_graph::{Graph, Method, Seed, SeedValue, Weights};

/// Whether a step neither rectifies nor jumps.
fn is_smooth(step: &Step) -> bool {
    use Step::{Masked, MaxOfChannels, MaxPool, Rectifier, Relu};
    !matches!(step, Relu | Rectifier(_) | MaxPool { .. } | Masked | MaxOfChannels)
}

/// Whether Burn's gradient stays nearly the same when the images change by no more than rounding does. The
/// norm of numbers that ought to be equal, for one, is rounding alone, and no two programs agree on it; neither do they
/// on what remains where everything cancels, as behind the norm of two numbers.
fn is_well_conditioned(
    net: &Net,
    x: Tensor<4>,
    forward: impl Fn(&Net, Tensor<4>) -> Tensor<4>,
) -> bool {
    let signal = random(forward(net, x.clone()).dims());
    let near = x.clone() * (random(x.dims()) * 1e-6 + 1.0);
    let [a, b] = [x, near].map(|x| autodiff(net, x, signal.clone(), &forward));
    let scale = a.iter().fold(0.0f32, |scale, x| scale.max(x.abs()));
    scale > 1e-2 && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4 * scale)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_gradient_is_burns_and_stays_in_the_field(
        steps in prop::collection::vec(step(), 1..14),
        plane in [7..=12usize, 7..=12usize],
    ) {
        let net = Net::new(&steps);
        let shape = [2, plane[0], plane[1]];
        let forward = |net: &Net, x: Tensor<4>| net.forward(&steps, x);
        let x = random([2, 2, plane[0], plane[1]]);
        prop_assume!(is_well_conditioned(&net, x.clone(), forward));
        check_on(&format!("{steps:?}"), Kind::Other, 1e-3, &net, x.clone(), forward);

        let graph = Graph::capture(&net, shape, forward).unwrap();
        let weights = Weights::of(&net, &Device::flex());
        for layer in graph.layers() {
            prop_assert_eq!(layer.unsupported(), None);
            assert_within_field(&graph, &weights, x.clone(), layer, &format!("{steps:?}"));
        }
    }

    #[test]
    fn without_rectifiers_all_methods_agree(
        steps in prop::collection::vec(step().prop_filter("smooth", is_smooth), 1..10),
    ) {
        let net = Net::new(&steps);
        let graph = Graph::capture(&net, [2, 9, 8], |net, x| net.forward(&steps, x)).unwrap();
        let x = random([1, 2, 9, 8]);
        let activations = graph.forward(&Weights::of(&net, &Device::flex()), x).unwrap();
        let tail = graph.layer("tail").unwrap();
        let seed = [Seed::Map { image: 0, map: 1 }];
        let picture = |method| {
            let picture = activations.project_with(tail, &seed, SeedValue::One, method);
            check::numbers(picture.unwrap())
        };
        let gradient = picture(Method::Gradient);
        prop_assert_eq!(&picture(Method::Deconvnet), &gradient);
        prop_assert_eq!(&picture(Method::Guided), &gradient);
    }
}
