//! What must hold for any network: compared with Burn's own autodiff, with slow loops, and with itself.

mod nets;

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use nets::Residual;
use proptest::prelude::*;
use spyhole_graph::{Graph, GraphError, LayerKind, Method, Seed, Weights};

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().expect("floats")
}

fn assert_close(got: &[f32], expected: &[f32], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-6f32, |scale, x| scale.max(x.abs()));
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= 2e-5 * scale, "{what}: {i}: {got} against {expected}");
    }
}

fn random(shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

#[test]
fn a_residual_network_is_named_computed_and_differentiated() {
    let device = Device::flex();
    let net = Residual::new(6, &device);
    let graph = Graph::capture(&net, [3, 32, 24], |net, x| net.forward(x)).unwrap();
    let layers: Vec<_> = graph.layers().iter().map(|layer| (layer.name(), layer.shape())).collect();
    assert_eq!(
        layers,
        [
            ("stem", [6, 16, 12]),
            ("blocks.0.conv1", [6, 8, 6]),
            ("blocks.0.conv2", [6, 8, 6]),
            ("blocks.0", [6, 8, 6]),
            ("blocks.1.conv1", [6, 8, 6]),
            ("blocks.1.conv2", [6, 8, 6]),
            ("blocks.1", [6, 8, 6]),
        ]
    );
    assert_eq!(graph.layers()[0].description(), "conv 7×7, 3 → 6, stride 2 + relu");
    assert_eq!(graph.layers()[1].description(), "conv 3×3, 6 → 6 + batch norm + relu");
    assert_eq!(graph.layers()[2].description(), "conv 3×3, 6 → 6 + batch norm");
    assert_eq!(graph.layers()[3].description(), "add + relu");
    assert_eq!(graph.layers()[3].kind(), LayerKind::Residual);
    assert!(graph.layers().iter().all(|layer| layer.outside_definition().is_none()));
    assert!(graph.layers()[0].is_first() && !graph.layers()[1].is_first());
    assert_eq!(graph.layers()[1].weight(), Some("blocks.0.conv1.weight"));

    // Another batch size than any that was recorded.
    let images = random([5, 3, 32, 24], &device);
    let activations = graph.forward(&Weights::of(&net, &device), images.clone()).unwrap();
    let output = activations.output::<2>().unwrap();
    assert_eq!(numbers(output), numbers(net.forward(images.clone())), "the same arithmetic");

    let signal = Tensor::<2>::random([5, 10], Distribution::Normal(0.0, 1.0), &device);
    let picture =
        activations.project_output(signal.clone(), &[0, 1, 2, 3, 4], Method::Gradient).unwrap();
    let autodiff = Device::flex().autodiff();
    let x = Tensor::<4>::from_inner(images).require_grad();
    // Batch norm uses its running statistics: `valid`, with the graph kept for the input.
    let net = net.to_device(&autodiff).freeze();
    let loss = (net.forward(x.clone()) * Tensor::from_inner(signal)).sum();
    let expected = x.grad(&loss.backward()).expect("a gradient");
    assert_close(&numbers(picture), &numbers(expected), "gradient");
}

#[test]
fn many_units_in_one_pass_equal_one_at_a_time() {
    let device = Device::flex();
    let net = Residual::new(4, &device);
    let graph = Graph::capture(&net, [3, 32, 32], |net, x| net.forward(x)).unwrap();
    let images = random([3, 3, 32, 32], &device);
    let activations = graph.forward(&Weights::of(&net, &device), images).unwrap();
    let layer = graph.layer("blocks.1.conv1").unwrap();
    let seeds = [
        Seed::Unit { image: 2, map: 1, row: 0, column: 7 },
        Seed::Unit { image: 0, map: 3, row: 4, column: 4 },
        Seed::Map { image: 2, map: 0 },
        Seed::Unit { image: 2, map: 1, row: 7, column: 0 },
    ];
    for method in [Method::Deconvnet, Method::Guided, Method::Gradient] {
        let together = numbers(activations.project(layer, &seeds, method).unwrap());
        for (seed, together) in seeds.iter().zip(together.chunks(3 * 32 * 32)) {
            let alone = numbers(activations.project(layer, &[*seed], method).unwrap());
            assert_close(together, &alone, &format!("{seed:?} {method:?}"));
        }
    }
}

#[test]
fn nothing_outside_the_receptive_field_gets_a_signal() {
    let device = Device::flex();
    let net = Residual::new(4, &device);
    let graph = Graph::capture(&net, [3, 64, 64], |net, x| net.forward(x)).unwrap();
    let activations =
        graph.forward(&Weights::of(&net, &device), random([1, 3, 64, 64], &device)).unwrap();
    for (layer, size) in graph.layers().iter().zip([7, 17, 25, 25, 33, 41, 41]) {
        assert_eq!(graph.field_size(layer), [size, size], "{}", layer.name());
        let [_, height, width] = layer.shape();
        for (row, column) in [(0, 0), (height / 2, width / 3), (height - 1, width - 1)] {
            let field = graph.field(layer, row, column);
            assert!(!field.upper_bound);
            let seed = Seed::Unit { image: 0, map: 0, row, column };
            let picture = activations.project(layer, &[seed], Method::Gradient).unwrap();
            for (i, value) in numbers(picture).into_iter().enumerate() {
                let (y, x) = ((i / 64 % 64) as i64, (i % 64) as i64);
                let (rows, columns) = (field.visible.rows, field.visible.columns);
                let inside = (rows.first..=rows.last).contains(&y)
                    && (columns.first..=columns.last).contains(&x);
                assert!(inside || value == 0.0, "{}: {y}, {x} sees {value}", layer.name());
            }
        }
    }
}

#[test]
fn a_first_layer_unit_projects_to_its_filter_times_its_activation() {
    let device = Device::flex();
    let net = Residual::new(4, &device);
    let graph = Graph::capture(&net, [3, 32, 32], |net, x| net.forward(x)).unwrap();
    let activations =
        graph.forward(&Weights::of(&net, &device), random([1, 3, 32, 32], &device)).unwrap();
    let stem = graph.layer("stem").unwrap();
    let values = numbers(activations.layer(stem).unwrap());
    let weights = numbers(net.stem.weight.val());
    let (map, row, column) = (2, 6, 9);
    let value = values[(map * 16 + row) * 16 + column];
    let seed = Seed::Unit { image: 0, map, row, column };
    let picture = numbers(activations.project(stem, &[seed], Method::Deconvnet).unwrap());
    let field = graph.field(stem, row, column).nominal;
    for c in 0..3 {
        for (ky, y) in (field.rows.first..=field.rows.last).enumerate() {
            for (kx, x) in (field.columns.first..=field.columns.last).enumerate() {
                let got = picture[(c * 32 + y as usize) * 32 + x as usize];
                let expected = value * weights[((map * 3 + c) * 7 + ky) * 7 + kx];
                assert!((got - expected).abs() < 1e-5, "{got} against {expected}");
            }
        }
    }
}

#[derive(Debug, Clone)]
struct ConvCase {
    groups: usize,
    ins: usize,
    outs: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
    plane: [usize; 2],
}

fn conv_case() -> impl Strategy<Value = ConvCase> {
    let pair = |range: std::ops::RangeInclusive<usize>| [range.clone(), range];
    let sizes = (1..=2usize, 1..=2usize, 1..=2usize);
    let shape = (pair(1..=3), pair(1..=3), pair(1..=2), pair(6..=10));
    (sizes, shape, [0..=2usize, 0..=2, 0..=2, 0..=2]).prop_map(
        |((groups, ins, outs), (kernel, stride, dilation, plane), padding)| ConvCase {
            groups,
            ins: ins * groups,
            outs: outs * groups,
            kernel,
            stride,
            padding,
            dilation,
            plane,
        },
    )
}

/// The slow, obvious transposed convolution: every weight sends every signal to the input it came from.
fn adjoint_by_loops(case: &ConvCase, weights: &[f32], signal: &[f32], out: [usize; 2]) -> Vec<f32> {
    let [height, width] = case.plane;
    let mut back = vec![0.0; case.ins * height * width];
    let (ins, outs) = (case.ins / case.groups, case.outs / case.groups);
    for o in 0..case.outs {
        for (row, column) in (0..out[0]).flat_map(|y| (0..out[1]).map(move |x| (y, x))) {
            for i in 0..ins {
                for (ky, kx) in
                    (0..case.kernel[0]).flat_map(|y| (0..case.kernel[1]).map(move |x| (y, x)))
                {
                    let y = (row * case.stride[0] + ky * case.dilation[0]) as i64;
                    let x = (column * case.stride[1] + kx * case.dilation[1]) as i64;
                    let (y, x) = (y - case.padding[0] as i64, x - case.padding[1] as i64);
                    if (0..height as i64).contains(&y) && (0..width as i64).contains(&x) {
                        let channel = o / outs * ins + i;
                        let weight =
                            weights[((o * ins + i) * case.kernel[0] + ky) * case.kernel[1] + kx];
                        back[(channel * height + y as usize) * width + x as usize] +=
                            weight * signal[(o * out[0] + row) * out[1] + column];
                    }
                }
            }
        }
    }
    back
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_convolution_projects_by_its_adjoint(case in conv_case()) {
        let device = Device::flex();
        let [top, left, bottom, right] = case.padding;
        let net: Conv2d = Conv2dConfig::new([case.ins, case.outs], case.kernel)
            .with_stride(case.stride)
            .with_dilation(case.dilation)
            .with_groups(case.groups)
            .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
            .init(&device);
        let [height, width] = case.plane;
        let graph = Graph::capture(&net, [case.ins, height, width], |net, x| net.forward(x)).unwrap();
        let weights = Weights::of(&net, &device);
        let x = random([1, case.ins, height, width], &device);
        let activations = graph.forward(&weights, x).unwrap();
        let out = activations.output::<4>().unwrap().dims();
        let signal = random(out, &device);
        let picture = activations.project_output(signal.clone(), &[0], Method::Deconvnet).unwrap();
        let expected = adjoint_by_loops(
            &case, &numbers(net.weight.val()), &numbers(signal), [out[2], out[3]]);
        assert_close(&numbers(picture), &expected, "adjoint");
    }
}

#[derive(Module, Debug)]
struct Odd {
    a: Conv2d,
    b: Conv2d,
}

#[test]
fn what_cannot_be_done_is_said_by_name() {
    let device = Device::flex();
    let conv = || Conv2dConfig::new([2, 2], [3, 3]).init(&device);
    let net = Odd { a: conv(), b: conv() };

    // An unknown operation between two layers: the first works, the second is named unsupported.
    let graph = Graph::capture(&net, [2, 8, 8], |net, x| net.b.forward(net.a.forward(x).cumsum(2)))
        .unwrap();
    assert_eq!(graph.layer("a").unwrap().unsupported(), None);
    assert_eq!(graph.layer("b").unwrap().unsupported(), Some("CumSum"));
    let activations =
        graph.forward(&Weights::of(&net, &device), random([1, 2, 8, 8], &device)).unwrap();
    assert!(activations.layer(graph.layer("a").unwrap()).is_ok());
    let error = activations.layer(graph.layer("b").unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "unsupported: CumSum");

    // A convolution used twice is two layers.
    let twice = Graph::capture(&net, [2, 8, 8], |net, x| net.a.forward(net.a.forward(x))).unwrap();
    let names: Vec<_> = twice.layers().iter().map(|layer| layer.name()).collect();
    assert_eq!(names, ["a", "a#2"]);

    let wrong = graph.forward(&Weights::of(&net, &device), random([1, 2, 9, 8], &device));
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "expected images of shape [batch, [2, 8, 8]], got [1, 2, 9, 8]"
    );
    let missing = graph.forward(&Weights::default(), random([1, 2, 8, 8], &device)).unwrap_err();
    assert!(matches!(missing, GraphError::MissingParameter { .. }), "{missing}");
    let a = graph.layer("a").unwrap();
    let outside = Seed::Unit { image: 0, map: 2, row: 0, column: 0 };
    assert_eq!(
        activations.project(a, &[outside], Method::Deconvnet).unwrap_err().to_string(),
        "feature map 2 does not exist: there are 2"
    );
    assert!(graph.layer("c").unwrap_err().to_string().ends_with("its layers are: a, b"));
}
