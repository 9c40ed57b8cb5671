//! Poolings and transposed convolutions against slow loops, on random shapes.

mod check;
mod nets;

use burn::nn::PaddingConfig2d;
use burn::nn::conv::ConvTranspose2dConfig;
use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
use burn::prelude::*;
use check::{assert_close, numbers, random};
use nets::Nothing;
use proptest::prelude::*;
use spyhole_graph::{Graph, Method, Weights};

#[derive(Debug, Clone)]
struct Windows {
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    plane: [usize; 2],
    ceil: bool,
}

fn windows() -> impl Strategy<Value = Windows> {
    let pair = |range: std::ops::RangeInclusive<usize>| [range.clone(), range];
    let sizes = (pair(1..=3), pair(1..=3), pair(0..=1), pair(1..=2), pair(5..=9), any::<bool>());
    sizes.prop_map(|(kernel, stride, padding, dilation, plane, ceil)| {
        // Padding of more than half a window is refused everywhere.
        let padding = [0, 1].map(|i| padding[i].min(kernel[i] / 2));
        Windows { kernel, stride, padding, dilation, plane, ceil }
    })
}

impl Windows {
    /// PyTorch's output size: a window that would begin in the padding at the end is left out.
    fn out(&self, axis: usize, dilation: usize) -> usize {
        let (n, k, s, p) =
            (self.plane[axis], self.kernel[axis], self.stride[axis], self.padding[axis]);
        let room = n + 2 * p - dilation * (k - 1) - 1;
        let count = if self.ceil { room.div_ceil(s) } else { room / s } + 1;
        if self.ceil && (count - 1) * s >= n + p { count - 1 } else { count }
    }

    /// Input positions, perhaps outside, of the window at an output position.
    fn positions(&self, axis: usize, at: usize, dilation: usize) -> impl Iterator<Item = i64> {
        let start = (at * self.stride[axis]) as i64 - self.padding[axis] as i64;
        (0..self.kernel[axis]).map(move |i| start + (i * dilation) as i64)
    }

    fn inside(&self, y: i64, x: i64) -> bool {
        (0..self.plane[0] as i64).contains(&y) && (0..self.plane[1] as i64).contains(&x)
    }
}

/// Forward and back through a pooling: for each output its inputs with their weights.
fn pool(
    case: &Windows,
    x: &[f32],
    signal: &[f32],
    [rows, columns]: [usize; 2],
    dilation: [usize; 2],
    weights: impl Fn(&[(usize, f32)], usize) -> Vec<(usize, f32)>,
    counted: impl Fn(i64, i64) -> bool,
) -> (Vec<f32>, Vec<f32>) {
    let (mut y, mut back) = (vec![], vec![0.0; x.len()]);
    for row in 0..rows {
        for column in 0..columns {
            let (mut window, mut area) = (vec![], 0);
            for i in case.positions(0, row, dilation[0]) {
                for j in case.positions(1, column, dilation[1]) {
                    if case.inside(i, j) {
                        let at = i as usize * case.plane[1] + j as usize;
                        window.push((at, x[at]));
                    }
                    area += usize::from(counted(i, j));
                }
            }
            let mut sum = 0.0;
            for (at, weight) in weights(&window, area) {
                sum += x[at] * weight;
                back[at] += signal[row * columns + column] * weight;
            }
            y.push(sum);
        }
    }
    (y, back)
}

/// Output and projection of a network without parameters, for one image of one channel.
fn both(
    x: Tensor<4>,
    shape: [usize; 2],
    signal: &[f32],
    f: impl Fn(Tensor<4>) -> Tensor<4>,
) -> (Vec<f32>, Vec<f32>) {
    let [_, image @ ..] = x.dims();
    let net = Nothing::new(&Device::flex());
    let graph = Graph::capture(&net, image, |_, x| f(x)).unwrap();
    let activations = graph.forward(&Weights::default(), x).unwrap();
    let y = activations.output::<4>().unwrap();
    assert_eq!(y.dims()[2..], shape);
    let signal = Tensor::from_data(TensorData::new(signal.to_vec(), y.dims()), &Device::flex());
    let back = activations.project_output::<4>(signal, &[0], Method::Deconvnet).unwrap();
    (numbers(y), numbers(back))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn max_pooling(case in windows(), coarse in any::<bool>()) {
        let Windows { kernel, stride, padding, dilation, plane, ceil } = case.clone();
        // Whole numbers have many ties: the first position wins.
        let x = random([1, 1, plane[0], plane[1]]);
        let x = if coarse { x.round() } else { x };
        let shape = [0, 1].map(|axis| case.out(axis, dilation[axis]));
        let signal = numbers(random([shape[0] * shape[1]]));
        let config = MaxPool2dConfig::new(kernel)
            .with_strides(stride)
            .with_padding(PaddingConfig2d::Explicit(padding[0], padding[1], padding[0], padding[1]))
            .with_dilation(dilation)
            .with_ceil_mode(ceil)
            .init();
        let first_best = |window: &[(usize, f32)], _| {
            let best = window.iter().fold(None, |best: Option<(usize, f32)>, &(at, value)| {
                if best.is_some_and(|(_, most)| most >= value) { best } else { Some((at, value)) }
            });
            best.map(|(at, _)| vec![(at, 1.0)]).unwrap_or_default()
        };
        let (y, back) =
            pool(&case, &numbers(x.clone()), &signal, shape, dilation, first_best, |_, _| true);
        let (got_y, got_back) = both(x, shape, &signal, |x| config.forward(x));
        assert_close(&got_y, &y, 1e-6, "forward");
        assert_close(&got_back, &back, 1e-6, "back");
    }

    #[test]
    fn average_pooling(case in windows(), count_padding in any::<bool>()) {
        let Windows { kernel, stride, padding, plane, ceil, .. } = case.clone();
        let x = random([1, 1, plane[0], plane[1]]);
        let shape = [0, 1].map(|axis| case.out(axis, 1));
        let signal = numbers(random([shape[0] * shape[1]]));
        let config = AvgPool2dConfig::new(kernel)
            .with_strides(stride)
            .with_padding(PaddingConfig2d::Explicit(padding[0], padding[1], padding[0], padding[1]))
            .with_count_include_pad(count_padding)
            .with_ceil_mode(ceil)
            .init();
        // PyTorch's area: with padding counted, what lies inside the padded plane.
        let counted = |i: i64, j: i64| {
            let [height, width] = [0, 1].map(|axis| (plane[axis] + padding[axis]) as i64);
            if count_padding { i < height && j < width } else { case.inside(i, j) }
        };
        let even = |window: &[(usize, f32)], area: usize| {
            window.iter().map(|&(at, _)| (at, 1.0 / area as f32)).collect()
        };
        let (y, back) = pool(&case, &numbers(x.clone()), &signal, shape, [1, 1], even, counted);
        let (got_y, got_back) = both(x, shape, &signal, |x| config.forward(x));
        assert_close(&got_y, &y, 1e-5, "forward");
        assert_close(&got_back, &back, 1e-5, "back");
    }

    #[test]
    fn transposed_convolution(case in windows(), out in [0..=1usize, 0..=1]) {
        let Windows { kernel, stride, padding, dilation, plane, .. } = case;
        let out = [0, 1].map(|i| out[i].min(stride[i] - 1));
        let net = ConvTranspose2dConfig::new([2, 3], kernel)
            .with_stride(stride)
            .with_padding(padding)
            .with_padding_out(out)
            .with_dilation(dilation)
            .init(&Device::flex());
        let weights = numbers(net.weight.val());
        let [height, width] = plane;
        let graph = Graph::capture(&net, [2, height, width], |net, x| net.forward(x)).unwrap();
        let x = random([1, 2, height, width]);
        let activations = graph.forward(&Weights::of(&net, &Device::flex()), x).unwrap();
        let [_, maps, rows, columns] = activations.output::<4>().unwrap().dims();
        let signal = random([1, maps, rows, columns]);
        let got = activations.project_output(signal.clone(), &[0], Method::Guided).unwrap();
        let signal = numbers(signal);
        let mut expected = vec![0.0; 2 * height * width];
        for (at, expected) in expected.iter_mut().enumerate() {
            let (c, i, j) = (at / (height * width), at / width % height, at % width);
            for m in 0..maps {
                for (ky, kx) in (0..kernel[0]).flat_map(|y| (0..kernel[1]).map(move |x| (y, x))) {
                    let y = (i * stride[0] + ky * dilation[0]).wrapping_sub(padding[0]);
                    let x = (j * stride[1] + kx * dilation[1]).wrapping_sub(padding[1]);
                    if y < rows && x < columns {
                        let weight = weights[((c * maps + m) * kernel[0] + ky) * kernel[1] + kx];
                        *expected += weight * signal[(m * rows + y) * columns + x];
                    }
                }
            }
        }
        assert_close(&numbers(got), &expected, 1e-5, "back");
    }
}
