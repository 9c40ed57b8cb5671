//! Random networks: the gradient is Burn's, nothing leaves a receptive field, nothing panics.

mod check;
mod nets;

use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, GroupNorm, GroupNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig,
    PaddingConfig2d,
};
use burn::prelude::*;
use burn::tensor::activation;
use burn::tensor::ops::PadMode;
use check::{Kind, assert_within_field, autodiff, check_on, random};
use nets::zoo::{batch_norm, conv};
use proptest::prelude::*;
use spyhole_graph::{Graph, Method, Seed, SeedValue, Weights};

/// One step of a random network on `[N, 4, H, W]`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Conv {
        kernel: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
    },
    Transposed,
    Batch,
    Group,
    LayerOfChannels,
    MaxPool {
        kernel: usize,
        ceil: bool,
    },
    AvgPool {
        kernel: usize,
        count: bool,
    },
    Adaptive,
    Resize(u8),
    Pad(u8),
    Flip,
    SwapPlane,
    Crop,
    EveryOther,
    Relu,
    Rectifier(u8),
    Smooth(u8),
    /// Remember this place.
    Save,
    /// Add, multiply, or concatenate and mix with what was remembered, if it has the same shape.
    Add,
    Gate,
    Concat,
    SqueezeExcite,
    SoftmaxOfChannels,
    MaxOfChannels,
    Masked,
    ShuffleChannels,
    RowsIntoBatch,
}

fn step() -> impl Strategy<Value = Step> {
    let conv = (1..=3usize, 1..=2usize, 1..=2usize, prop_oneof![Just(1usize), Just(2), Just(4)]);
    prop_oneof![
        4 => conv.prop_map(|(kernel, stride, dilation, groups)| Step::Conv {
            kernel, stride, dilation, groups
        }),
        1 => Just(Step::Transposed),
        1 => Just(Step::Batch),
        1 => Just(Step::Group),
        1 => Just(Step::LayerOfChannels),
        2 => (2..=3usize, any::<bool>())
            .prop_map(|(kernel, ceil)| Step::MaxPool { kernel, ceil }),
        1 => (2..=3usize, any::<bool>())
            .prop_map(|(kernel, count)| Step::AvgPool { kernel, count }),
        1 => Just(Step::Adaptive),
        1 => (0..3u8).prop_map(Step::Resize),
        1 => (0..3u8).prop_map(Step::Pad),
        1 => Just(Step::Flip),
        1 => Just(Step::SwapPlane),
        1 => Just(Step::Crop),
        1 => Just(Step::EveryOther),
        3 => Just(Step::Relu),
        2 => (0..5u8).prop_map(Step::Rectifier),
        2 => (0..6u8).prop_map(Step::Smooth),
        4 => Just(Step::Save),
        3 => Just(Step::Add),
        2 => Just(Step::Gate),
        2 => Just(Step::Concat),
        1 => Just(Step::SqueezeExcite),
        1 => Just(Step::SoftmaxOfChannels),
        1 => Just(Step::MaxOfChannels),
        1 => Just(Step::Masked),
        1 => Just(Step::ShuffleChannels),
        1 => Just(Step::RowsIntoBatch),
    ]
}

/// Modules of a random network, in the order in which its steps use them.
#[derive(Module, Debug)]
struct Net {
    stem: Conv2d,
    convs: Vec<Conv2d>,
    ups: Vec<ConvTranspose2d>,
    norms: Vec<BatchNorm>,
    groups: Vec<GroupNorm>,
    layers: Vec<LayerNorm>,
    linears: Vec<Linear>,
    tail: Conv2d,
}

impl Net {
    fn new(steps: &[Step]) -> Self {
        let device = Device::flex();
        let mut net = Self {
            stem: conv(2, 4, 3, 1, 1),
            convs: vec![],
            ups: vec![],
            norms: vec![],
            groups: vec![],
            layers: vec![],
            linears: vec![],
            tail: conv(4, 2, 1, 1, 0),
        };
        for step in steps {
            match *step {
                Step::Conv { kernel, stride, dilation, groups } => {
                    let p = dilation * (kernel - 1) / 2;
                    net.convs.push(
                        Conv2dConfig::new([4, 4], [kernel, kernel])
                            .with_stride([stride, stride])
                            .with_dilation([dilation, dilation])
                            .with_groups(groups)
                            .with_padding(PaddingConfig2d::Explicit(p, p, p, p))
                            .init(&device),
                    );
                }
                Step::Concat => net.convs.push(conv(8, 4, 1, 1, 0)),
                Step::Transposed => net.ups.push(
                    ConvTranspose2dConfig::new([4, 4], [3, 2])
                        .with_stride([2, 1])
                        .with_padding([1, 0])
                        .init(&device),
                ),
                Step::Batch => net.norms.push(batch_norm(4)),
                Step::Group => net.groups.push(GroupNormConfig::new(2, 4).init(&device)),
                Step::LayerOfChannels => net.layers.push(LayerNormConfig::new(4).init(&device)),
                Step::SqueezeExcite => net.linears.push(LinearConfig::new(4, 4).init(&device)),
                _ => {}
            }
        }
        net
    }

    fn forward(&self, steps: &[Step], images: Tensor<4>) -> Tensor<4> {
        let mut x = self.stem.forward(images);
        let mut saved = x.clone();
        let (mut convs, mut ups) = (self.convs.iter(), self.ups.iter());
        let (mut norms, mut groups) = (self.norms.iter(), self.groups.iter());
        let (mut layers, mut linears) = (self.layers.iter(), self.linears.iter());
        for step in steps {
            let [n, c, height, width] = x.dims();
            let (side, together) = (height.min(width), x.dims() == saved.dims());
            x = match *step {
                Step::Conv { kernel, dilation, .. } => {
                    let conv = convs.next().unwrap();
                    if side < dilation * (kernel - 1) + 1 { x } else { conv.forward(x) }
                }
                Step::Transposed => {
                    let up = ups.next().unwrap();
                    if height > 12 { x } else { up.forward(x) }
                }
                Step::Batch => norms.next().unwrap().forward(x),
                Step::Group => groups.next().unwrap().forward(x),
                Step::LayerOfChannels => {
                    let norm = layers.next().unwrap();
                    norm.forward(x.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
                }
                Step::MaxPool { kernel, ceil } if side >= kernel => {
                    MaxPool2dConfig::new([kernel; 2])
                        .with_strides([2, 2])
                        .with_ceil_mode(ceil)
                        .init()
                        .forward(x)
                }
                Step::AvgPool { kernel, count } if side >= kernel => {
                    AvgPool2dConfig::new([kernel; 2])
                        .with_strides([1, 2])
                        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                        .with_count_include_pad(count)
                        .init()
                        .forward(x)
                }
                Step::Adaptive => AdaptiveAvgPool2dConfig::new([3, 4]).init().forward(x),
                Step::Resize(mode) => {
                    let modes =
                        [InterpolateMode::Nearest, InterpolateMode::Linear, InterpolateMode::Cubic];
                    let resize = Interpolate2dConfig::new()
                        .with_output_size(Some([7, 5]))
                        .with_mode(modes[mode as usize].clone());
                    resize.init().forward(x)
                }
                Step::Pad(mode) if side > 2 && side < 12 => {
                    let modes = [PadMode::Constant(0.3), PadMode::Reflect, PadMode::Edge];
                    x.pad((1, 2, 0, 1), modes[mode as usize])
                }
                Step::Flip => x.flip([3]),
                Step::SwapPlane => x.swap_dims(2, 3),
                Step::Crop if side > 3 => x.slice(s![.., .., 1.., ..-1]),
                Step::EveryOther if side > 3 => x.slice(s![.., .., ..;2, ..;-1]),
                Step::Relu => activation::relu(x),
                Step::Rectifier(0) => activation::relu6(x * 5.0),
                Step::Rectifier(1) => activation::leaky_relu(x, 0.2),
                Step::Rectifier(2) => activation::hard_swish(x),
                Step::Rectifier(3) => x.clone().mask_fill(x.lower_elem(0.0), 0.0),
                Step::Rectifier(_) => x.clone().abs() - x * 0.5,
                Step::Smooth(0) => activation::gelu(x),
                Step::Smooth(1) => activation::silu(x),
                Step::Smooth(2) => x.tanh(),
                Step::Smooth(3) => activation::softplus(x, 1.0),
                Step::Smooth(4) => (x.square() + 0.5).sqrt(),
                Step::Smooth(_) => x.clone() / (x.square().mean_dim(1) + 1.0),
                Step::Save => {
                    saved = x.clone();
                    x
                }
                Step::Add if together => x + saved.clone(),
                Step::Gate if together => x * activation::sigmoid(saved.clone()),
                Step::Concat => {
                    let mix = convs.next().unwrap();
                    if together { mix.forward(Tensor::cat(vec![x, saved.clone()], 1)) } else { x }
                }
                Step::SqueezeExcite => {
                    let gate = x.clone().mean_dims(&[2, 3]).reshape([n, c]);
                    let gate = activation::sigmoid(linears.next().unwrap().forward(gate));
                    x * gate.reshape([n, c, 1, 1])
                }
                Step::SoftmaxOfChannels => activation::softmax(x, 1) * 4.0,
                Step::MaxOfChannels => x.clone().max_dim(1) - x,
                Step::Masked => {
                    let mask = x.clone().greater_elem(0.2);
                    x.clone().mask_where(mask, x * 0.3)
                }
                Step::ShuffleChannels => x
                    .reshape([n, 2, 2, height, width])
                    .swap_dims(1, 2)
                    .reshape([n, 4, height, width]),
                Step::RowsIntoBatch => {
                    let x = x.swap_dims(1, 2).reshape([n * height, 4, width]);
                    activation::softmax(x, 2).reshape([n, height, 4, width]).swap_dims(1, 2)
                }
                Step::MaxPool { .. }
                | Step::AvgPool { .. }
                | Step::Pad(_)
                | Step::Crop
                | Step::EveryOther
                | Step::Add
                | Step::Gate => x,
            };
        }
        self.tail.forward(x)
    }
}

/// Whether a step neither rectifies nor jumps.
fn is_smooth(step: &Step) -> bool {
    use Step::{Masked, MaxOfChannels, MaxPool, Rectifier, Relu};
    !matches!(step, Relu | Rectifier(_) | MaxPool { .. } | Masked | MaxOfChannels)
}

/// Whether Burn's gradient stays nearly the same when the images change by no more than rounding does. The
/// norm of numbers that ought to be equal, for one, is rounding alone, and no two programs agree on it.
fn is_well_conditioned(
    net: &Net,
    x: Tensor<4>,
    forward: impl Fn(&Net, Tensor<4>) -> Tensor<4>,
) -> bool {
    let signal = random(forward(net, x.clone()).dims());
    let near = x.clone() * (random(x.dims()) * 1e-6 + 1.0);
    let [a, b] = [x, near].map(|x| autodiff(net, x, signal.clone(), &forward));
    let scale = a.iter().fold(1e-3f32, |scale, x| scale.max(x.abs()));
    a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4 * scale)
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
