//! What cannot be done is said by name, the rest works, and nothing panics.

mod check;
mod nets;

use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv3dConfig, DeformConv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use check::{numbers, random};
use nets::Nothing;
use nets::zoo::conv;
use proptest::prelude::*;
use spyhole_graph::{FieldStatus, Graph, GraphError, Method, Seed, Weights};

#[derive(Module, Debug)]
struct Two {
    a: Conv2d,
    b: Conv2d,
}

impl Two {
    fn new() -> Self {
        Self { a: conv(2, 2, 3, 1, 1), b: conv(2, 2, 3, 1, 1) }
    }
}

/// Why the second of two convolutions is unsupported, with something between them. The first works.
fn between(what: impl Fn(Tensor<4>) -> Tensor<4>) -> Option<String> {
    let net = Two::new();
    let forward = |net: &Two, x| net.b.forward(what(relu(net.a.forward(x))));
    let graph = Graph::capture(&net, [2, 8, 8], forward).unwrap();
    assert_eq!(graph.layer("a").unwrap().unsupported(), None);
    let x = random([3, 2, 8, 8]);
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), x.clone()).unwrap();
    let seed = [Seed::Map { image: 1, map: 0 }];
    let b = graph.layer("b").unwrap();
    assert!(activations.project(graph.layer("a").unwrap(), &seed, Method::Guided).is_ok());
    let picture = activations.project(b, &seed, Method::Guided);
    match b.unsupported() {
        Some(operation) => {
            let error = GraphError::Unsupported { operation: operation.to_owned() };
            assert_eq!(picture.unwrap_err(), error);
            assert_eq!(activations.layer(b).unwrap_err(), error);
        }
        None => {
            assert!(picture.is_ok());
            let expected = numbers(forward(&net, x));
            check::assert_close(
                &numbers(activations.layer(b).unwrap()),
                &expected,
                1e-5,
                "forward",
            );
        }
    }
    b.unsupported().map(str::to_owned)
}

#[test]
fn operations_between_two_layers() {
    let across = |name: &str| Some(format!("{name} across images or with computed weights"));
    assert_eq!(between(|x| x * 2.0), None);
    assert_eq!(between(|x| x.cumsum(2)), Some("CumSum".into()));
    assert_eq!(between(|x| x.sort(3)), Some("Sort".into()));
    assert_eq!(
        between(|x| x.clone() * x.sort_with_indices(3).1.float()),
        Some("SortWithIndices".into())
    );
    // A batch norm that takes its statistics from the batch, a sum over it, a flip of it.
    assert_eq!(between(|x| x.clone() - x.mean_dim(0)), across("MeanDim"));
    assert_eq!(between(|x| x.clone() + x.flip([0])), across("Flip"));
    assert_eq!(between(|x| x.clone() + x.slice(s![0..1, .., .., ..])), across("Slice"));
    assert_eq!(between(|x| x.clone() * x.max().unsqueeze()), Some("Max".into()));
    assert_eq!(
        between(|x| {
            let shape = x.dims();
            x.swap_dims(0, 1).reshape(shape)
        }),
        across("Reshape")
    );
    // Numbers that the forward function computes from the batch size.
    let by_count = |x: Tensor<4>| {
        let count = x.dims()[0] as f32;
        x / count
    };
    assert_eq!(between(by_count), Some("DivScalar that depends on the batch size".into()));
    let cut_by_count = |x: Tensor<4>| {
        let row = x.dims()[0] as i64 - 2;
        x.slice(s![.., .., row..row + 5, ..])
    };
    assert_eq!(between(cut_by_count), Some("Slice that depends on the batch size".into()));
    let data = |x: Tensor<4>| {
        let count = x.dims()[0];
        let data = TensorData::new((0..count * 2).map(|i| i as f32).collect(), [count, 2, 1, 1]);
        x.clone() + Tensor::from_data(data, &x.device())
    };
    let cause = "a tensor made from data that depends on the batch size";
    assert_eq!(between(data), Some(cause.into()));
    // The same for every batch size: fine.
    let ramp = |x: Tensor<4>| {
        let data = TensorData::new((0..8).map(|i| i as f32).collect(), [1, 1, 1, 8]);
        x.clone() + Tensor::from_data(data, &x.device())
    };
    assert_eq!(between(ramp), None);
    assert_eq!(between(|x| x.clone() * (x.zeros_like() + 2.0)), None);
}

#[test]
fn three_dimensional_convolution_is_named() {
    let net = Conv3dConfig::new([2, 2], [1, 3, 3]).init(&Device::flex());
    let graph = Graph::capture(&net, [2, 8, 8], |net, x| {
        net.forward(x.unsqueeze_dim::<5>(2)).squeeze_dim::<4>(2)
    })
    .unwrap();
    let x = random([1, 2, 8, 8]);
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), x).unwrap();
    assert_eq!(activations.output::<4>().unwrap_err().to_string(), "unsupported: Conv3d");
}

/// A convolution that cannot be done is a layer all the same, and says so.
#[test]
fn deformable_convolution_is_a_layer_that_is_unsupported() {
    let net = DeformConv2dConfig::new([2, 3], [3, 3])
        .with_padding(PaddingConfig2d::Valid)
        .init(&Device::flex());
    let graph = Graph::capture(&net, [2, 8, 8], |net, x| {
        let offset = x.clone().slice(s![.., 0..1, 1..-1, 1..-1]).repeat_dim(1, 18);
        net.forward(x, offset, None)
    })
    .unwrap();
    let [layer] = graph.layers() else { panic!("{:?}", graph.layers()) };
    assert_eq!((layer.shape(), layer.unsupported()), ([3, 6, 6], Some("DeformableConv2d")));
}

/// Filters that are computed from the image: an attention over filters, say.
#[test]
fn computed_filters_are_named() {
    let net = conv(2, 2, 1, 1, 0);
    let graph = Graph::capture(&net, [2, 4, 4], |net, x| {
        let gate = x.clone().mean_dim(0).mean_dim(1).mean_dim(2).mean_dim(3);
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        burn::tensor::module::conv2d(x, net.weight.val() * gate, None, options)
    })
    .unwrap();
    assert!(graph.layers()[0].unsupported().unwrap().starts_with("MeanDim across images"));
}

/// A batch norm written out is as good as the module, and the layer ends behind it.
#[test]
fn a_batch_norm_written_out() {
    #[derive(Module, Debug)]
    struct Net {
        conv: Conv2d,
        mean: Param<Tensor<4>>,
        deviation: Param<Tensor<4>>,
    }
    let net = Net {
        conv: conv(2, 4, 3, 1, 1),
        mean: Param::from_tensor(random([1, 4, 1, 1])),
        deviation: Param::from_tensor(random([1, 4, 1, 1]).abs() + 0.5),
    };
    let graph = Graph::capture(&net, [2, 6, 6], |net, x| {
        let y = net.conv.forward(x);
        relu((y - net.mean.val()) / (net.deviation.val().square() + 1e-5).sqrt())
    })
    .unwrap();
    let layer = &graph.layers()[0];
    assert_eq!(layer.description(), "conv 3×3, 2 → 4 + scale and shift + relu");
    assert_eq!((layer.name(), layer.outside_definition()), ("conv", None));
    assert_eq!(graph.field(layer, 3, 3).status, FieldStatus::Exact);
}

#[test]
fn a_model_without_layers() {
    let net = Nothing::new(&Device::flex());
    let graph = Graph::capture(&net, [1, 4, 4], |_, x| x.mean_dim(2)).unwrap();
    assert!(graph.layers().is_empty());
    let graph = Graph::capture(&net, [1, 4, 4], |net, _| net.unit.clone()).unwrap();
    let activations = graph.forward(&Weights::of(&net, &Device::flex()), random([2, 1, 4, 4]));
    let picture = activations.unwrap().project_output(
        Tensor::<1>::ones([1], &Device::flex()),
        &[0],
        Method::Gradient,
    );
    // An output that does not depend on the image: an empty picture.
    assert!(picture.is_ok_and(|picture| numbers(picture).iter().all(|&x| x == 0.0)));
}

/// Operations of all kinds, most of them senseless here.
fn anything(code: u8, x: Tensor<4>) -> Tensor<4> {
    let [n, c, h, w] = x.dims();
    match code {
        0 => x.cumsum(3),
        1 => x.clone() - x.mean_dim(0),
        2 => x.swap_dims(0, 1).reshape([n, c, h, w]),
        3 => x.flip([0]),
        4 => x.clone().sort(2),
        5 => x.clone() * x.argmax(3).float(),
        6 => x.permute([2, 3, 0, 1]).mul_scalar(2.0).permute([2, 3, 0, 1]),
        7 => x.reshape([n * c, h * w]).reshape([n, c, h, w]),
        8 => x.reshape([n * c * h * w]).reshape([n, c, h, w]),
        9 => burn::tensor::activation::softmax(x, 0),
        10 => x.clone().select(0, Tensor::arange(0..n as i64, &x.device())),
        11 => x.clone() / x.sum().unsqueeze(),
        12 => x.clone().matmul(x.clone().swap_dims(2, 3)).matmul(x),
        13 => x.repeat_dim(0, 2).slice(s![0..n, .., .., ..]),
        14 => x.clone().log().mask_fill(x.lower_elem(0.1), -2.0),
        15 => (x.clone() / (x.clone() - x)) + 1.0,
        16 => x.powf_scalar(0.5),
        17 => {
            let [a, b] = [0.0, 1.0].map(|v| x.clone().greater_elem(v));
            x.clone() * a.equal(b).float()
        }
        18 => x.clone() * Tensor::<1>::from_floats([n as f32], &x.device()).unsqueeze(),
        19 => x.clone().gather(0, x.argmax(0)).repeat_dim(0, n),
        20 => x.clamp(-9.0, 9.0).round().int().float(),
        21 => x.roll_dim(1, 3),
        _ => relu(x),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_panics_and_nothing_is_wrong(codes in prop::collection::vec(0..24u8, 1..6)) {
        let net = Two::new();
        let forward = |net: &Two, x: Tensor<4>| {
            let x = codes.iter().fold(net.a.forward(x), |x, &code| anything(code, x));
            net.b.forward(x)
        };
        let graph = match Graph::capture(&net, [2, 5, 5], forward) {
            Ok(graph) => graph,
            Err(error) => return Err(TestCaseError::fail(format!("{codes:?}: {error}"))),
        };
        let x = random([4, 2, 5, 5]);
        let weights = Weights::of(&net, &Device::flex());
        let activations = graph.forward(&weights, x.clone()).unwrap();
        for layer in graph.layers() {
            graph.field(layer, 0, 0);
            let seeds = [Seed::Map { image: 3, map: 0 }, Seed::Map { image: 1, map: 1 }];
            let picture = activations.project(layer, &seeds, Method::Deconvnet);
            prop_assert_eq!(picture.is_err(), layer.unsupported().is_some(), "{:?}", layer);
        }
        // What is not refused is right, for a batch size that was never recorded.
        if let Ok(output) = activations.output::<4>() {
            let (got, expected) = (numbers(output), numbers(forward(&net, x)));
            let finite = expected.iter().filter(|x| x.is_finite());
            let scale = finite.fold(1.0f32, |scale, x| scale.max(x.abs()));
            for (got, expected) in got.iter().zip(&expected) {
                let same = got.is_nan() && expected.is_nan()
                    || got == expected
                    || (got - expected).abs() <= 1e-4 * scale;
                prop_assert!(same, "{:?}: {} against {}", codes, got, expected);
            }
        }
    }
}
