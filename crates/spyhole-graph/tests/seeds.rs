//! Where a projection starts.

mod check;
mod nets;

use burn::prelude::*;
use check::{assert_close, dot, numbers, random};
use nets::Residual;
use spyhole_graph::{
    Activations, Direction, Graph, GraphError, Layer, Method, Seed, SeedValue, Weights,
};

fn on_a_residual_net(look: impl Fn(&Activations<'_>, &Layer)) {
    let device = Device::flex();
    let net = Residual::new(4, &device);
    let graph = Graph::capture(&net, [3, 16, 20], |net, x| net.forward(x)).unwrap();
    let activations = graph.forward(&Weights::of(&net, &device), random([3, 3, 16, 20])).unwrap();
    look(&activations, graph.layer("blocks.0").unwrap());
}

const METHODS: [Method; 3] = [Method::Deconvnet, Method::Guided, Method::Gradient];

/// Homogeneous for c > 0: a unit with its own value is its value times the unit with one.
#[test]
fn own_value_is_a_multiple_of_one() {
    on_a_residual_net(|activations, layer| {
        let [maps, height, width] = layer.shape();
        let values = numbers(activations.layer(layer).unwrap());
        for (map, row, column) in [(0, 0, 0), (1, 2, 3), (3, 3, 4), (2, 1, 1)] {
            let seed = [Seed::Unit { image: 1, map, row, column }];
            let value = values[((maps + map) * height + row) * width + column];
            for method in METHODS {
                let own = numbers(activations.project(layer, &seed, method).unwrap());
                let one = activations.project_with(layer, &seed, SeedValue::One, method).unwrap();
                assert_close(&own, &numbers(one * value), 1e-5, &format!("{method:?}"));
            }
        }
    });
}

/// The k-th unit vector is map k, at a unit and over the whole map.
#[test]
fn a_unit_vector_is_a_map() {
    on_a_residual_net(|activations, layer| {
        let [maps, ..] = layer.shape();
        let unit = |map| (0..maps).map(|i| f32::from(u8::from(i == map))).collect::<Vec<_>>();
        let directions = [
            Direction { image: 2, weights: unit(1), at: None },
            Direction { image: 0, weights: unit(3), at: Some([2, 4]) },
        ];
        let seeds =
            [Seed::Map { image: 2, map: 1 }, Seed::Unit { image: 0, map: 3, row: 2, column: 4 }];
        for value in [SeedValue::Own, SeedValue::One] {
            for method in METHODS {
                let direction =
                    activations.project_directions(layer, &directions, value, method).unwrap();
                let seed = activations.project_with(layer, &seeds, value, method).unwrap();
                let what = format!("{value:?} {method:?}");
                assert_close(&numbers(direction), &numbers(seed), 1e-6, &what);
            }
        }
    });
}

/// The gradient of `(a · v)²/2` at a position is what its own value projects.
#[test]
fn a_direction_is_a_linear_combination_for_the_gradient() {
    on_a_residual_net(|activations, layer| {
        let [maps, height, width] = layer.shape();
        let weights: Vec<f32> = numbers(random([maps]));
        let (row, column) = (1, 2);
        let at = Some([row, column]);
        let direction = [Direction { image: 1, weights: weights.clone(), at }];
        let values = numbers(activations.layer(layer).unwrap());
        let own: Vec<f32> =
            (0..maps).map(|map| values[((maps + map) * height + row) * width + column]).collect();
        let seeds: Vec<_> =
            (0..maps).map(|map| Seed::Unit { image: 1, map, row, column }).collect();
        let parts =
            activations.project_with(layer, &seeds, SeedValue::One, Method::Gradient).unwrap();
        let weighted = Tensor::<1>::from_floats(weights.as_slice(), &Device::flex());
        let strength = dot(&own, &weights) as f32;
        let expected = (parts * weighted.reshape([maps, 1, 1, 1])).sum_dim(0) * strength;
        let got = activations
            .project_directions(layer, &direction, SeedValue::Own, Method::Gradient)
            .unwrap();
        assert_close(&numbers(got), &numbers(expected), 1e-4, "direction");
    });
}

#[test]
fn seeds_that_do_not_exist() {
    on_a_residual_net(|activations, layer| {
        let none = activations.project(layer, &[], Method::Deconvnet).unwrap();
        assert_eq!(none.dims(), [0, 3, 16, 20]);
        let error = |direction| {
            let picture = activations.project_directions(
                layer,
                &[direction],
                SeedValue::One,
                Method::Deconvnet,
            );
            picture.unwrap_err()
        };
        let weights = vec![1.0; 4];
        let short = Direction { image: 0, weights: vec![1.0; 3], at: None };
        assert_eq!(error(short), GraphError::SignalShape { expected: vec![4], got: vec![3] });
        let late = error(Direction { image: 3, weights: weights.clone(), at: None });
        assert_eq!(late.to_string(), "image 3 does not exist: there are 3");
        let low = error(Direction { image: 0, weights, at: Some([4, 0]) });
        assert_eq!(low.to_string(), "row 4 does not exist: there are 4");
    });
}

/// A number that is not finite elsewhere in the map does not leak into a unit's picture.
#[test]
fn what_is_not_finite_elsewhere_does_not_matter() {
    let net = nets::zoo::conv(1, 1, 1, 1, 0);
    let graph =
        Graph::capture(&net, [1, 2, 2], |net, x| net.forward(x.clone().log() + x.sqrt())).unwrap();
    let x = Tensor::<4>::from_floats([[[[0.0, 1.0], [2.0, -1.0]]]], &Device::flex());
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), x).unwrap();
    let seed = [Seed::Unit { image: 0, map: 0, row: 1, column: 0 }];
    for method in METHODS {
        let picture = numbers(activations.project(&graph.layers()[0], &seed, method).unwrap());
        assert!(picture.iter().all(|x| x.is_finite()) && picture[2] != 0.0, "{picture:?}");
        assert_eq!((picture[0], picture[1], picture[3]), (0.0, 0.0, 0.0));
    }
}
