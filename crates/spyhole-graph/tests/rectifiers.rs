//! A rectifier is one, however it is written: the same layers, pictures and fields.

mod check;
mod nets;

use burn::nn::conv::Conv2d;
use burn::prelude::*;
use burn::tensor::activation::relu;
use check::{Kind, check, numbers, random};
use nets::Nothing;
use nets::zoo::conv;
use spyhole_graph::{Graph, Method, Seed, Weights};

type Function = fn(Tensor<4>) -> Tensor<4>;

const METHODS: [Method; 3] = [Method::Deconvnet, Method::Guided, Method::Gradient];

/// `[1, 1, 1, 1]` of one number, which the forward function makes.
fn one(x: &Tensor<4>, number: f32) -> Tensor<4> {
    Tensor::full([1, 1, 1, 1], number, &x.device())
}

#[test]
fn chains_of_clamps_are_one_rectifier() {
    let six: &[(&str, Function)] = &[
        ("clamp", |x| x.clamp(0.0, 6.0)),
        ("relu, clamp max", |x| relu(x).clamp_max(6.0)),
        ("clamp max, relu", |x| relu(x.clamp_max(6.0))),
        ("clamp min, clamp max", |x| x.clamp_min(0.0).clamp_max(6.0)),
        ("clamp max, clamp min", |x| x.clamp_max(6.0).clamp_min(0.0)),
        ("three", |x| relu(x.clamp_min(-3.0)).clamp_max(6.0)),
        ("four", |x| relu(relu(x).clamp(-1.0, 8.0)).clamp_max(6.0)),
        ("maximum, minimum", |x| {
            let (zeros, sixes) = (x.zeros_like(), x.ones_like() * 6.0);
            x.max_pair(zeros).min_pair(sixes)
        }),
        ("the other way round", |x| {
            let (zeros, sixes) = (x.zeros_like(), x.full_like(6.0));
            sixes.min_pair(zeros.max_pair(x))
        }),
        ("with one number", |x| {
            let (zero, six) = (one(&x, 0.0).expand(x.dims()), one(&x, 6.0).expand(x.dims()));
            x.max_pair(zero).min_pair(six)
        }),
        ("with data", |x| {
            let six = Tensor::<1>::from_floats([6.0], &x.device()).reshape([1, 1, 1, 1]);
            relu(x.clone()).min_pair(six.expand(x.dims()))
        }),
        ("masks", |x| {
            let x = x.clone().mask_fill(x.lower_elem(0.0), 0.0);
            x.clone().mask_fill(x.greater_elem(6.0), 6.0)
        }),
        ("relu6", burn::tensor::activation::relu6),
    ];
    let plain: &[(&str, Function)] = &[
        ("relu", relu),
        ("relu, clamp min", |x| relu(x).clamp_min(0.0)),
        ("clamp below, relu", |x| relu(x.clamp_min(-2.0))),
        ("maximum", |x| x.clone().max_pair(x.zeros_like())),
        ("of zeros", |x| x.zeros_like().max_pair(x)),
        ("where positive", |x| {
            let positive = x.clone().greater_elem(0.0);
            x.zeros_like().mask_where(positive, x)
        }),
    ];
    for (description, bounds, ways) in
        [("relu6", Some((0.0, 6.0, true)), six), ("relu", None, plain)]
    {
        let net = vec![conv(2, 3, 3, 1, 1), conv(3, 2, 3, 1, 1)];
        let mut pictures: Vec<Vec<f32>> = vec![];
        let x = random([2, 2, 7, 8]) * 6.0;
        for (name, rectify) in ways {
            let forward = |net: &Vec<Conv2d>, x| net[1].forward(rectify(net[0].forward(x)));
            let graph = Graph::capture(&net, [2, 7, 8], forward).unwrap();
            let [first, second] = graph.layers() else { panic!("{name}: two layers") };
            assert_eq!(first.description(), format!("conv 3×3, 2 → 3 + {description}"), "{name}");
            assert_eq!(first.bounds().map(|b| (b.low, b.high, b.rectifies)), bounds, "{name}");
            assert_eq!(second.outside_definition(), None, "{name}");
            let activations =
                graph.forward(&Weights::of(&net, &Device::flex()), x.clone()).unwrap();
            let activation = numbers(activations.layer(first).unwrap());
            assert_eq!(activation, numbers(rectify(net[0].forward(x.clone()))), "{name}");
            let unit = Seed::Unit { image: 1, map: 1, row: 3, column: 4 };
            for (i, method) in METHODS.into_iter().enumerate() {
                let picture = activations.project(second, &[unit], method).unwrap();
                let picture = numbers(picture);
                match pictures.get(i) {
                    Some(expected) => assert_eq!(&picture, expected, "{name}, {method:?}"),
                    None => pictures.push(picture),
                }
            }
        }
    }
}

/// What is no rectifier is one clamp as well, and says that the paper has no rule for it.
#[test]
fn other_clamps_stay_what_they_are() {
    let cases: [(&str, Function, &str); 6] = [
        ("hard tanh", |x| x.clamp(-1.0, 1.0), "clamp -1 to 1"),
        ("in two parts", |x| x.clamp_max(1.0).clamp_min(-1.0), "clamp -1 to 1"),
        ("a floor above zero", |x| relu(x).clamp_min(1.0), "clamp from 1"),
        ("a ceiling", |x| x.clamp_max(6.0), "clamp up to 6"),
        ("a band", |x| relu(x).clamp(1.0, 2.0), "clamp 1 to 2"),
        (
            "a plane of other numbers",
            |x| {
                let [_, _, h, w] = x.dims();
                let ramp = Tensor::arange(0..(h * w) as i64, &x.device()).float() * 0.01;
                let ramp = ramp.reshape([1, 1, h, w]).expand(x.dims());
                x.max_pair(ramp)
            },
            "mask",
        ),
    ];
    for (name, clamp, operation) in cases {
        let net = conv(2, 3, 3, 1, 1);
        let graph = Graph::capture(&net, [2, 7, 8], |net, x| clamp(net.forward(x))).unwrap();
        let layer = &graph.layers()[0];
        let outside = layer.outside_definition().unwrap_or("nothing");
        assert!(outside.starts_with(operation), "{name}: {outside}");
        // Its activation is what comes after all of it.
        let x = random([2, 2, 7, 8]);
        let activations = graph.forward(&Weights::of(&net, &Device::flex()), x.clone()).unwrap();
        let activation = numbers(activations.layer(layer).unwrap());
        assert_eq!(activation, numbers(clamp(net.forward(x))), "{name}");
        check(name, Kind::Other, &Nothing::new(&Device::flex()), [2, 6, 7], |_, x| clamp(x));
    }
    // Nothing is left of the image: two clamps, and no rectifier with an empty interval.
    let nothing = |x: Tensor<4>| relu(x).clamp_max(-1.0);
    check("nothing", Kind::Other, &Nothing::new(&Device::flex()), [2, 6, 7], |_, x| nothing(x));
}

/// Something else reads what is between: it keeps its own value, and the rest is a rectifier all the same.
#[test]
fn a_value_in_the_middle_of_a_chain_is_kept() {
    let net = vec![conv(2, 3, 3, 1, 1), conv(3, 2, 3, 1, 1), conv(3, 2, 3, 1, 1)];
    let forward = |net: &Vec<Conv2d>, x: Tensor<4>| {
        let between = relu(net[0].forward(x) * 4.0);
        net[1].forward(between.clone()) + net[2].forward(between.clamp_max(6.0))
    };
    let graph = Graph::capture(&net, [2, 7, 8], forward).unwrap();
    assert!(graph.layers().iter().all(|layer| layer.outside_definition().is_none()));
    check("read twice", Kind::Other, &net, [2, 7, 8], forward);
    check("the output itself", Kind::Other, &net, [2, 7, 8], |net, x| relu(net[0].forward(x)));
    // What is not a number stays what Burn makes of it, in each way to write it.
    let ways: [Function; 4] = [
        |x| relu(x).clamp_max(1.0),
        |x| x.clone().max_pair(x.zeros_like()).min_pair(x.ones_like()),
        |x| x.zeros_like().max_pair(x.clone()).min_pair(x.ones_like()),
        |x| x.clone().ones_like().min_pair(x.zeros_like().max_pair(x)),
    ];
    for way in ways {
        let nothing = Nothing::new(&Device::flex());
        let graph = Graph::capture(&nothing, [1, 1, 3], |_, x| way(x)).unwrap();
        let x = Tensor::<1>::from_floats([f32::NAN, 2.0, f32::NEG_INFINITY], &Device::flex());
        let x = x.reshape([1, 1, 1, 3]);
        let activations =
            graph.forward(&Weights::of(&nothing, &Device::flex()), x.clone()).unwrap();
        let (got, expected) = (numbers(activations.output::<4>().unwrap()), numbers(way(x)));
        let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(got), bits(expected));
    }
}
