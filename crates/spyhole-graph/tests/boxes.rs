//! A field that is said to be exact is the smallest box, at every position: compared with what each single
//! pixel does, through networks with positive weights.

mod check;
mod nets;

use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig};
use burn::prelude::*;
use burn::tensor::ops::PadMode;
use burn::tensor::{Distribution, IndexingUpdateOp, Slice};
use check::numbers;
use proptest::prelude::*;
use spyhole_graph::{Field, FieldStatus, Graph, Span};

/// What happens to a tensor on its way.
#[derive(Clone, Debug)]
enum Step {
    Conv(Geometry),
    Transposed(Geometry),
    Average(Geometry),
    To([usize; 2]),
    Resize(InterpolateMode, bool, [usize; 2]),
    Pad(PadMode, [usize; 4]),
    /// Every so many rows, and columns from the end.
    Every(usize, isize),
    /// Rows or columns by a list that the forward function makes.
    Pick(usize, Vec<i64>),
    Gather(usize, i64),
    Flip(usize),
    Roll(usize, i64),
    Repeat(usize),
    Shuffle,
    Unshuffle,
    Overwrite([usize; 2]),
    /// Rows or columns added to what was at others.
    Scatter(usize, Vec<i64>),
    /// Two convolutions, their channels behind each other.
    Branches(Geometry, Geometry),
    /// A convolution, added to what it got.
    Residual(Geometry),
}

#[derive(Clone, Copy, Debug)]
struct Geometry {
    kernel: [usize; 2],
    stride: [usize; 2],
    /// Top, left, bottom, right.
    padding: [usize; 4],
    dilation: [usize; 2],
}

#[derive(Module, Debug)]
struct Net {
    convs: Vec<Conv2d>,
    ups: Vec<ConvTranspose2d>,
}

fn positive(shape: [usize; 4]) -> Param<Tensor<4>> {
    Param::from_tensor(Tensor::random(shape, Distribution::Uniform(0.5, 1.5), &Device::flex()))
}

fn conv([from, to]: [usize; 2], g: Geometry) -> Conv2d {
    let [top, left, bottom, right] = g.padding;
    let mut conv = Conv2dConfig::new([from, to], g.kernel)
        .with_stride(g.stride)
        .with_dilation(g.dilation)
        .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
        .with_bias(false)
        .init(&Device::flex());
    conv.weight = positive(conv.weight.dims());
    conv
}

fn transposed(channels: usize, g: Geometry) -> ConvTranspose2d {
    let mut up = ConvTranspose2dConfig::new([channels, 2], g.kernel)
        .with_stride(g.stride)
        .with_dilation(g.dilation)
        .with_padding([g.padding[0], g.padding[1]])
        .with_bias(false)
        .init(&Device::flex());
    up.weight = positive(up.weight.dims());
    up
}

/// The steps that make sense, with the network for them. Its last convolution, 1×1, is what is looked at.
fn build(steps: &[Step], shape: [usize; 3]) -> (Vec<Step>, Net) {
    let mut net = Net { convs: vec![], ups: vec![] };
    let (mut kept, [mut channels, mut height, mut width]) = (vec![], shape);
    for step in steps {
        let before = (net.convs.len(), net.ups.len());
        let fits = |g: &Geometry| {
            let reach = |axis: usize| g.dilation[axis] * (g.kernel[axis] - 1) + 1;
            height + g.padding[0] + g.padding[2] >= reach(0)
                && width + g.padding[1] + g.padding[3] >= reach(1)
        };
        let possible = match step {
            Step::Conv(g) | Step::Residual(g) if fits(g) => {
                let to = if matches!(step, Step::Conv(_)) { 4 } else { channels };
                net.convs.push(conv([channels, to], *g));
                true
            }
            Step::Transposed(g) => {
                net.ups.push(transposed(channels, *g));
                [height, width].iter().zip(g.padding).all(|(length, padding)| *length > 2 * padding)
            }
            Step::Branches(a, b) if fits(a) && fits(b) => {
                net.convs.extend([conv([channels, 2], *a), conv([channels, 2], *b)]);
                true
            }
            Step::Average(g) => fits(g) && [0, 1].iter().all(|&i| g.padding[i] <= g.kernel[i] / 2),
            Step::Pad(_, sides) => height.min(width) > *sides.iter().max().unwrap_or(&0),
            Step::Shuffle => channels % 4 == 0 && height.max(width) < 12,
            Step::Unshuffle => height % 2 == 0 && width % 2 == 0,
            Step::Every(..) | Step::Flip(_) | Step::Gather(..) => true,
            Step::Repeat(axis) => [height, width][*axis] < 8,
            Step::Roll(axis, by) => *by > 0 && (*by as usize) < [height, width][*axis],
            Step::Pick(axis, list) | Step::Scatter(axis, list) => {
                list.iter().all(|at| (*at as usize) < [height, width][*axis])
            }
            Step::Overwrite([row, column]) => *row < height && *column < width,
            Step::To(_) | Step::Resize(..) => true,
            _ => false,
        };
        let images = Tensor::zeros([1, channels, height, width], &Device::flex());
        let next = [kept.as_slice(), std::slice::from_ref(step)].concat();
        let after = possible.then(|| run(&next[kept.len()..], &net, before, images));
        match after.map(|after| after.dims()) {
            Some([_, c, h, w]) if (1..=40).contains(&h) && (1..=40).contains(&w) && c <= 32 => {
                ([channels, height, width], kept) = ([c, h, w], next);
            }
            _ => {
                net.convs.truncate(before.0);
                net.ups.truncate(before.1);
            }
        }
    }
    let one = Geometry { kernel: [1; 2], stride: [1; 2], padding: [0; 4], dilation: [1; 2] };
    net.convs.push(conv([channels, 1], one));
    (kept, net)
}

/// Runs steps, with convolutions from there on.
fn run(steps: &[Step], net: &Net, (conv, up): (usize, usize), images: Tensor<4>) -> Tensor<4> {
    let (mut convs, mut ups) = (net.convs[conv..].iter(), net.ups[up..].iter());
    let mut conv = |x: Tensor<4>| convs.next().map(|conv| conv.forward(x)).expect("a convolution");
    steps.iter().fold(images, |x, step| {
        let ([n, c, h, w], device) = (x.dims(), x.device());
        let list = |list: &[i64]| Tensor::<1, Int>::from_data(TensorData::from(list), &device);
        match step {
            Step::Conv(_) => conv(x),
            Step::Transposed(_) => ups.next().map(|up| up.forward(x)).expect("a convolution"),
            Step::Average(g) => AvgPool2dConfig::new(g.kernel)
                .with_strides(g.stride)
                .with_padding(PaddingConfig2d::Explicit(
                    g.padding[0],
                    g.padding[1],
                    g.padding[0],
                    g.padding[1],
                ))
                .init()
                .forward(x),
            Step::To(size) => AdaptiveAvgPool2dConfig::new(*size).init().forward(x),
            Step::Resize(mode, align, size) => Interpolate2dConfig::new()
                .with_output_size(Some(*size))
                .with_mode(mode.clone())
                .with_align_corners(*align)
                .init()
                .forward(x),
            Step::Pad(mode, [top, left, bottom, right]) => {
                x.pad((*left, *right, *top, *bottom), *mode)
            }
            Step::Every(rows, columns) => {
                let columns = Slice::new(0, None, *columns);
                x.slice([
                    Slice::full(),
                    Slice::full(),
                    Slice::new(0, None, *rows as isize),
                    columns,
                ])
            }
            Step::Pick(axis, picked) => x.select(axis + 2, list(picked)),
            Step::Gather(axis, by) => {
                // Positions that are computed from constants, the same in every row and channel.
                let length = [h, w][*axis];
                let at = Tensor::<1, Int>::arange(0..length as i64, &device);
                let at = (at * *by).remainder_scalar(length as i64);
                let mut shape = [1; 4];
                shape[axis + 2] = length;
                x.gather(axis + 2, at.reshape(shape).expand([n, c, h, w]))
            }
            Step::Flip(axis) => x.flip([axis + 2]),
            Step::Roll(axis, by) => x.roll_dim(*by, axis + 2),
            Step::Repeat(axis) => x.repeat_dim(axis + 2, 2),
            Step::Shuffle => x
                .reshape([n, c / 4, 2, 2, h, w])
                .permute([0, 1, 4, 2, 5, 3])
                .reshape([n, c / 4, h * 2, w * 2]),
            Step::Unshuffle => x
                .reshape([n, c, h / 2, 2, w / 2, 2])
                .permute([0, 1, 3, 5, 2, 4])
                .reshape([n, c * 4, h / 2, w / 2]),
            Step::Overwrite([row, column]) => {
                let patch = x.clone().slice(s![.., .., 0..1, 0..1]);
                x.slice_assign(s![.., .., *row..row + 1, *column..column + 1], patch)
            }
            Step::Scatter(axis, to) => {
                let rows = to.len().min([h, w][*axis]);
                let part = x.clone().narrow(axis + 2, 0, rows);
                x.select_assign(axis + 2, list(&to[..rows]), part, IndexingUpdateOp::Add)
            }
            Step::Branches(..) => {
                let (a, b) = (conv(x.clone()), conv(x));
                let size = [0, 1].map(|i| a.dims()[i + 2].min(b.dims()[i + 2]));
                let cut = |x: Tensor<4>| x.slice(s![.., .., ..size[0], ..size[1]]);
                Tensor::cat(vec![cut(a), cut(b)], 1)
            }
            Step::Residual(_) => {
                let y = conv(x.clone());
                if y.dims() == x.dims() { x + y } else { y }
            }
        }
    })
}

/// First and last position that something is at.
fn hull(there: impl Iterator<Item = usize>) -> Option<Span> {
    let spans = there.map(Span::at);
    spans.reduce(Span::union)
}

/// Compares the field of every unit with what single pixels do to it; gives the fields.
fn compare(steps: &[Step], [channels, height, width]: [usize; 3]) -> Vec<Field> {
    let (steps, net) = build(steps, [channels, height, width]);
    let forward = |net: &Net, x: Tensor<4>| {
        net.convs[net.convs.len() - 1].forward(run(&steps, net, (0, 0), x))
    };
    let graph = Graph::capture(&net, [channels, height, width], forward).unwrap();
    let layer = graph.layers().last().unwrap();
    assert_eq!(layer.unsupported(), None, "{steps:?}");
    let size = height * width;
    // Pixel by pixel, lit in all channels.
    let pixels = Tensor::<2>::eye(size, &Device::flex()).reshape([size, 1, height, width]);
    let answers = forward(&net, pixels.repeat_dim(1, channels));
    let [_, _, rows, columns] = answers.dims();
    let answers = numbers(answers);
    let mut fields = vec![];
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        let field = graph.field(layer, row, column);
        let moves = |pixel: &usize| answers[(pixel * rows + row) * columns + column].abs() > 1e-7;
        let seen: Vec<usize> = (0..size).filter(moves).collect();
        let hulls = [
            hull(seen.iter().map(|pixel| pixel / width)),
            hull(seen.iter().map(|pixel| pixel % width)),
        ];
        for (hull, box_) in hulls.into_iter().zip([field.visible.rows, field.visible.columns]) {
            let what = format!("{steps:?}: unit ({row}, {column}) {field:?}, sees {hull:?}");
            match hull {
                Some(hull) if field.status == FieldStatus::Exact => {
                    assert_eq!(box_, hull, "{what}")
                }
                Some(hull) => {
                    assert!(box_.first <= hull.first && hull.last <= box_.last, "{what}");
                }
                None => assert!(box_.is_empty() || field.upper_bound, "{what}"),
            }
        }
        fields.push(field);
    }
    fields
}

fn geometry() -> impl Strategy<Value = Geometry> {
    let pair = |range: std::ops::RangeInclusive<usize>| [range.clone(), range];
    let padding = [0..=4usize, 0..=4, 0..=4, 0..=4];
    (pair(1..=4), pair(1..=4), padding, pair(1..=4)).prop_map(
        |(kernel, stride, padding, dilation)| Geometry { kernel, stride, padding, dilation },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let mode = || prop_oneof![Just(InterpolateMode::Nearest), Just(InterpolateMode::Linear)];
    let pad =
        prop_oneof![Just(PadMode::Constant(0.0)), Just(PadMode::Reflect), Just(PadMode::Edge)];
    prop_oneof![
        4 => geometry().prop_map(Step::Conv),
        2 => geometry().prop_map(Step::Transposed),
        2 => geometry().prop_map(|g| {
            let [top, left, ..] = g.padding;
            Step::Average(Geometry { padding: [top, left, top, left], dilation: [1; 2], ..g })
        }),
        1 => [2..6usize, 2..6].prop_map(Step::To),
        1 => (mode(), any::<bool>(), [2..14usize, 2..14]).prop_map(|(m, a, s)| Step::Resize(m, a, s)),
        1 => (pad, [0..4usize, 0..4, 0..4, 0..4]).prop_map(|(mode, sides)| Step::Pad(mode, sides)),
        1 => (1..4usize, -3..0isize).prop_map(|(rows, columns)| Step::Every(rows, columns)),
        1 => (0..2usize, prop::collection::vec(0..9i64, 1..6)).prop_map(|(a, l)| Step::Pick(a, l)),
        1 => (0..2usize, 1..4i64).prop_map(|(axis, by)| Step::Gather(axis, by)),
        1 => (0..2usize).prop_map(Step::Flip),
        1 => (0..2usize, 1..5i64).prop_map(|(axis, by)| Step::Roll(axis, by)),
        1 => (0..2usize).prop_map(Step::Repeat),
        1 => Just(Step::Shuffle),
        1 => Just(Step::Unshuffle),
        1 => [0..9usize, 0..9].prop_map(Step::Overwrite),
        1 => (0..2usize, prop::collection::vec(0..9i64, 1..4)).prop_map(|(a, l)| Step::Scatter(a, l)),
        2 => (geometry(), geometry()).prop_map(|(a, b)| Step::Branches(a, b)),
        1 => geometry().prop_map(Step::Residual),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn boxes_are_the_smallest_at_every_position(
        steps in prop::collection::vec(step(), 1..5),
        side in 9..13usize,
    ) {
        for field in compare(&steps, [2, side, side + 2]) {
            prop_assert_eq!(field.status, FieldStatus::Exact, "{:?}", &steps);
        }
    }
}

fn square(kernel: usize, stride: usize, padding: usize, dilation: usize) -> Geometry {
    Geometry {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 4],
        dilation: [dilation; 2],
    }
}

/// Each of these has gaps between the positions that a unit sees. All are exact, and followed to the end.
#[test]
fn gaps_between_positions_are_followed() {
    let plain = Step::Conv(square(3, 1, 1, 1));
    let dilated = Geometry { padding: [4, 3, 5, 2], ..square(3, 1, 0, 4) };
    let cases = [
        ("dilated at the border", vec![plain.clone(), Step::Conv(dilated)]),
        ("stride above the kernel", vec![Step::Conv(square(2, 3, 1, 1)), plain.clone()]),
        ("behind it, from the other side", vec![plain.clone(), Step::Conv(square(1, 4, 2, 1))]),
        ("twice", vec![Step::Conv(square(1, 3, 1, 1)), Step::Conv(square(2, 3, 1, 2))]),
        ("transposed", vec![Step::Transposed(square(2, 3, 0, 1)), plain.clone()]),
        ("transposed and dilated", vec![Step::Transposed(square(3, 2, 1, 2)), plain.clone()]),
        ("stride of a pooling", vec![Step::Average(square(2, 3, 1, 1)), plain.clone()]),
        (
            "shuffled",
            vec![plain.clone(), Step::Shuffle, plain.clone(), Step::Unshuffle, plain.clone()],
        ),
        ("picked", vec![plain.clone(), Step::Pick(0, vec![7, 0, 3]), plain.clone()]),
        ("bicubic", vec![Step::Resize(InterpolateMode::Cubic, false, [18, 7]), plain.clone()]),
        (
            "a cross",
            vec![
                Step::Branches(
                    Geometry { kernel: [1, 5], padding: [0, 2, 0, 2], ..square(1, 1, 0, 1) },
                    Geometry { kernel: [5, 1], padding: [2, 0, 2, 0], ..square(1, 1, 0, 1) },
                ),
                Step::Conv(square(1, 3, 2, 1)),
            ],
        ),
    ];
    for (name, steps) in cases {
        for field in compare(&steps, [2, 10, 12]) {
            assert_eq!(field.status, FieldStatus::Exact, "{name}");
        }
    }
}

/// The first layers of YOLOX: a space-to-depth stem, then 3×3 convolutions with strides.
#[test]
fn a_focus_stem_by_select_sees_what_it_sees_by_slices() {
    let layers = [(12, 1), (4, 2), (4, 1), (4, 2)].map(|(from, stride)| {
        let geometry = Geometry { stride: [stride; 2], ..square(3, 1, 1, 1) };
        conv([from, 4], geometry)
    });
    let net = layers.to_vec();
    let through = |net: &Vec<Conv2d>, parts: Vec<Tensor<4>>| {
        net.iter().fold(Tensor::cat(parts, 1), |x, conv| conv.forward(x))
    };
    let by_select = |net: &Vec<Conv2d>, x: Tensor<4>| {
        let ([_, _, h, w], device) = (x.dims(), x.device());
        let every_other = |x: &Tensor<4>, axis: usize, from: i64, to: usize| {
            x.clone().select(axis, Tensor::arange_step(from..to as i64, 2, &device))
        };
        let parts = [[0, 0], [1, 0], [0, 1], [1, 1]]
            .map(|[i, j]| every_other(&every_other(&x, 2, i, h), 3, j, w));
        through(net, parts.to_vec())
    };
    let by_slices = |net: &Vec<Conv2d>, x: Tensor<4>| {
        let part = |i: isize, j: isize| {
            let all = Slice::full();
            x.clone().slice([all, all, Slice::new(i, None, 2), Slice::new(j, None, 2)])
        };
        through(net, vec![part(0, 0), part(1, 0), part(0, 1), part(1, 1)])
    };
    let [a, b] = [
        Graph::capture(&net, [3, 32, 32], by_select).unwrap(),
        Graph::capture(&net, [3, 32, 32], by_slices).unwrap(),
    ];
    let sizes = a.layers().iter().filter(|layer| layer.name() != "concat");
    let sizes: Vec<_> = sizes.map(|layer| a.field_size(layer)[0]).collect();
    assert_eq!(sizes, [6, 10, 18, 26]);
    for (a_layer, b_layer) in a.layers().iter().zip(b.layers()) {
        let [_, rows, columns] = a_layer.shape();
        for (row, column) in (0..rows).zip(0..columns) {
            let field = a.field(a_layer, row, column);
            assert_eq!(field, b.field(b_layer, row, column), "{}", a_layer.name());
            assert_eq!(field.status, FieldStatus::Exact);
        }
    }
}
