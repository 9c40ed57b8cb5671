//! Numbers that other people's software computed, or that follow from its definitions.

mod nets;

use burn::nn::pool::MaxPool2dConfig;
use burn::prelude::*;
use burn::tensor::TensorData;
use nets::{Nothing, OneConv, ReluStyle};
use spyhole_graph::{Activations, Graph, Method, Weights};

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().expect("floats")
}

fn images<const N: usize>(values: [f32; N], side: usize) -> Tensor<4> {
    let shape = [1, 1, side, side];
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
}

/// captum 0.7, `tests/attr/test_deconvolution.py` and `test_guided_backprop.py`: seed 1 at output 0.
#[test]
fn p1_captum_deconvnet_and_guided_backpropagation() {
    let device = Device::flex();
    let net = OneConv::new(&device);
    let deconvnet = [2., 3., 3., 1., 3., 5., 5., 2., 3., 5., 5., 2., 1., 2., 2., 1.];
    let cases = [
        (0.0, 54.0, Method::Deconvnet, deconvnet),
        (1.0, 67.0, Method::Deconvnet, deconvnet),
        (
            0.0,
            54.0,
            Method::Guided,
            [0., 1., 1., 1., 1., 3., 3., 2., 1., 3., 3., 2., 1., 2., 2., 1.],
        ),
        (
            1.0,
            67.0,
            Method::Guided,
            [1., 2., 2., 1., 2., 4., 4., 2., 2., 4., 4., 2., 1., 2., 2., 1.],
        ),
    ];
    // P5: the module, the function and a clamp are the same rectifier.
    for style in ReluStyle::ALL {
        let graph = Graph::capture(&net, [1, 4, 4], |net, x| net.forward(x, style)).unwrap();
        let weights = Weights::of(&net, &device);
        for (offset, output, method, expected) in cases {
            let x = images(std::array::from_fn::<_, 16, _>(|i| i as f32 + offset), 4);
            let activations = graph.forward(&weights, x).unwrap();
            assert_eq!(numbers(activations.output::<2>().unwrap())[0], output);
            let seed = Tensor::<2>::from_floats([[1.0, 0.0, 0.0, 0.0]], &device);
            let picture = activations.project_output(seed, &[0], method).unwrap();
            assert_eq!(numbers(picture), expected, "{method:?}, {style:?}, x + {offset}");
        }
    }
}

/// A network that is one max pooling.
fn with_pooling<T>(
    pool: &MaxPool2dConfig,
    x: Tensor<4>,
    look: impl FnOnce(&Activations<'_>) -> T,
) -> T {
    let net = Nothing::new(&Device::flex());
    let [_, shape @ ..] = x.dims();
    let graph = Graph::capture(&net, shape, |_, x| pool.init().forward(x)).unwrap();
    look(&graph.forward(&Weights::default(), x).unwrap())
}

/// innvestigate, `tests/references/layer/`: max pooling 2×2, the unit is the strongest, the seed its own
/// value; exactly one number per sample comes back.
#[test]
fn p2_innvestigate_max_pooling() {
    let text = include_str!("data/innvestigate_input.csv");
    let values: Vec<f32> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(',').map(|number| number.parse::<f32>().expect("a number")))
        .collect();
    let expected = [
        (6, 7, 2, 0.9960863),
        (5, 8, 0, 0.9989184),
        (1, 2, 1, 0.9958611),
        (4, 3, 0, 0.9984591),
        (9, 2, 1, 0.9996443),
        (3, 0, 0, 0.9994742),
        (1, 0, 2, 0.9990669),
        (2, 5, 0, 0.9993626),
    ];
    let x = TensorData::new(values, [8, 10, 10, 3]);
    let x = Tensor::<4>::from_data(x, &Device::flex()).permute([0, 3, 1, 2]);
    let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]);
    with_pooling(&pool, x, |activations| {
        let output = activations.output::<4>().unwrap();
        let units = numbers(output.clone());
        let mut seed = vec![0.0f32; units.len()];
        for (sample, units) in units.chunks(75).enumerate() {
            let best = (0..75).max_by(|&a, &b| units[a].total_cmp(&units[b])).unwrap();
            seed[sample * 75 + best] = units[best];
        }
        let seed = Tensor::from_data(TensorData::new(seed, output.dims()), &Device::flex());
        let images: Vec<_> = (0..8).collect();
        for method in [Method::Deconvnet, Method::Guided, Method::Gradient] {
            let picture = activations.project_output::<4>(seed.clone(), &images, method).unwrap();
            for (sample, picture) in numbers(picture).chunks(300).enumerate() {
                let (y, x, c, value) = expected[sample];
                let hits: Vec<_> = (0..300).filter(|&i| picture[i] != 0.0).collect();
                assert_eq!(hits, [c * 100 + y * 10 + x], "sample {sample}");
                assert!((picture[hits[0]] - value).abs() < 1e-6, "sample {sample}");
            }
        }
    });
}

/// PyTorch: the first index wins a tie; windows that overlap add up.
#[test]
fn p3_ties_and_overlapping_windows() {
    let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]);
    with_pooling(&pool, images([7.0; 4], 2), |activations| {
        let one = Tensor::<4>::ones([1, 1, 1, 1], &Device::flex());
        let picture = activations.project_output(one, &[0], Method::Deconvnet).unwrap();
        assert_eq!(numbers(picture), [1.0, 0.0, 0.0, 0.0]);
    });
    let mut lone = [0.0; 25];
    lone[12] = 9.0;
    let pool = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]);
    with_pooling(&pool, images(lone, 5), |activations| {
        let ones = Tensor::<4>::ones([1, 1, 2, 2], &Device::flex());
        let picture = numbers(activations.project_output(ones, &[0], Method::Deconvnet).unwrap());
        assert_eq!(picture[12], 4.0);
        assert_eq!(picture.iter().sum::<f32>(), 4.0);
    });
}

/// ONNX `MaxUnpool`: the switches put 1, 2, 3, 4 back to where the maxima were.
#[test]
fn p4_onnx_max_unpool() {
    let mut x = [0.0; 16];
    for (value, index) in [(1.0, 5), (2.0, 7), (3.0, 13), (4.0, 15)] {
        x[index] = value;
    }
    let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]);
    with_pooling(&pool, images(x, 4), |activations| {
        let pooled = activations.output::<4>().unwrap();
        assert_eq!(numbers(pooled.clone()), [1.0, 2.0, 3.0, 4.0]);
        let picture = activations.project_output(pooled, &[0], Method::Deconvnet).unwrap();
        assert_eq!(numbers(picture), x);
    });
}
