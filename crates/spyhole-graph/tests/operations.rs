//! Every operation by itself: one line of data each.

mod check;
mod nets;

use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig, generate_autoregressive_mask};
use burn::nn::conv::{Conv1dConfig, Conv2dConfig, ConvTranspose1dConfig, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{
    AdaptiveAvgPool1dConfig, AdaptiveAvgPool2dConfig, AvgPool1dConfig, AvgPool2dConfig,
    MaxPool1dConfig, MaxPool2dConfig,
};
use burn::nn::{
    BiLstmConfig, GroupNormConfig, GruConfig, InstanceNormConfig, LayerNormConfig, LinearConfig,
    LstmConfig, PReluConfig, PaddingConfig1d, PaddingConfig2d, RmsNormConfig,
};
use burn::prelude::*;
use burn::tensor::ops::PadMode;
use burn::tensor::{IndexingUpdateOp, activation};
use check::{Kind, check, check_on};
use nets::Nothing;

const SHAPE: [usize; 3] = [4, 6, 7];

/// A function without parameters.
fn function<const D: usize>(what: &str, kind: Kind, f: impl Fn(Tensor<4>) -> Tensor<D>) {
    check(what, kind, &Nothing::new(&Device::flex()), SHAPE, |_, x| f(x));
}

/// A function that is only defined, or only smooth, for numbers between 0.2 and 0.8.
fn function_inside<const D: usize>(what: &str, f: impl Fn(Tensor<4>) -> Tensor<D>) {
    let x = Tensor::random(
        [check::BATCH, 4, 6, 7],
        burn::tensor::Distribution::Uniform(0.2, 0.8),
        &Device::flex(),
    );
    check_on(what, Kind::Smooth, 1e-4, &Nothing::new(&Device::flex()), x, |_, x| f(x));
}

#[test]
fn functions_of_one_number() {
    use Kind::{Linear, Other, Smooth};
    function("add", Linear, |x| x + 1.5);
    function("subtract", Linear, |x| x - 1.5);
    function("multiply", Linear, |x| x * -2.5);
    function("divide", Linear, |x| x / 3.0);
    function("negative", Linear, |x| -x);
    function("one minus", Linear, |x| 1.0 - x);
    function("abs", Other, |x| x.abs());
    function("sign", Other, |x| x.clone().sign() * x);
    function("relu", Other, activation::relu);
    function("relu6", Other, |x| activation::relu6(x * 4.0));
    function("clamp", Other, |x| x.clamp(-0.5, 0.7));
    function("clamp min", Other, |x| x.clamp_min(-0.2));
    function("clamp max", Other, |x| x.clamp_max(0.2));
    function("leaky relu", Other, |x| activation::leaky_relu(x, 0.1));
    function("hard sigmoid", Other, |x| activation::hard_sigmoid(x * 2.0, 0.2, 0.5));
    function("hard swish", Other, |x| activation::hard_swish(x * 2.0));
    function("elu", Other, |x| activation::elu(x, 1.3));
    function("celu", Other, |x| activation::celu(x, 1.3));
    function("selu", Other, activation::selu);
    function("softplus", Smooth, |x| activation::softplus(x, 1.2));
    function("mish", Smooth, activation::mish);
    function("gelu", Smooth, activation::gelu);
    function("gelu, approximately", Smooth, activation::gelu_approximate);
    function("silu", Smooth, activation::silu);
    function("sigmoid", Smooth, activation::sigmoid);
    function("log sigmoid", Smooth, activation::log_sigmoid);
    function("tanh", Smooth, |x| x.tanh());
    function("tanhshrink", Smooth, activation::tanhshrink);
    function("exp", Smooth, |x| x.exp());
    function("erf", Smooth, |x| x.erf());
    function("sin", Smooth, |x| x.sin());
    function("cos", Smooth, |x| x.cos());
    function("sinh", Smooth, |x| x.sinh());
    function("cosh", Smooth, |x| x.cosh());
    function("arctan", Smooth, |x| x.atan());
    function("arsinh", Smooth, |x| x.asinh());
    function("square", Smooth, |x| x.square());
    function("cube", Smooth, |x| x.powi_scalar(3));
    function("remainder", Other, |x| x.remainder_scalar(10.0));
    function("floor", Other, |x| x.clone().floor() + x);
    function("round, ceil, trunc", Other, |x| x.clone().round() * x.clone().ceil() + x.trunc());
    function_inside("log", |x| x.log());
    function_inside("log1p", |x| x.log1p());
    function_inside("sqrt", |x| x.sqrt());
    function_inside("reciprocal", |x| x.recip());
    function_inside("power", |x| x.powf_scalar(1.7));
    function_inside("negative power", |x| x.powf_scalar(-0.5));
    function_inside("tan", |x| x.tan());
    function_inside("arcsin", |x| x.asin());
    function_inside("arccos", |x| x.acos());
    function_inside("artanh", |x| x.atanh());
    function_inside("arcosh", |x| (x + 1.5).acosh());
    function_inside("power of itself", |x| x.clone().powf(x));
}

#[test]
fn functions_of_two_tensors() {
    use Kind::{Linear, Other, Smooth};
    function("sum", Linear, |x| x.clone() + x * 2.0);
    function("difference", Linear, |x| x.clone() * 3.0 - x);
    function("product", Smooth, |x| x.clone() * x.sin());
    function("quotient", Smooth, |x| x.clone() / (x.square() + 1.0));
    function("broadcast sum", Linear, |x| x.clone() + x.slice([0..1000, 0..4, 0..1, 0..7]));
    function("gate", Smooth, |x| {
        let gate = activation::sigmoid(x.clone().mean_dim(2).mean_dim(3));
        x * gate
    });
    function("maximum of two", Other, |x| x.clone().max_pair(x * 0.5 + 0.1));
    function("times ones made on the way", Linear, |x| x.clone() * (x.ones_like() * 3.0));
    function("computed mask", Other, |x| {
        let mask = x.clone().greater_elem(0.3);
        x.clone().mask_where(mask, x * 0.1)
    });
    function("mask as numbers", Other, |x| x.clone() * x.lower_elem(0.5).float());
    function("mask of two conditions", Other, |x| {
        let mask = x.clone().greater_elem(0.3).bool_or(x.clone().lower_elem(-0.5));
        x.mask_fill(mask.bool_not(), 2.0)
    });
    function("mask against a tensor", Other, |x| {
        let mask = x.clone().lower(x.clone().flip([2]));
        x.mask_fill(mask, 0.5)
    });
}

#[test]
fn reductions_and_softmax() {
    use Kind::{Linear, Other, Smooth};
    function("sum over rows", Linear, |x| x.sum_dim(2));
    function("mean over columns", Linear, |x| x.mean_dim(3));
    function("mean over planes", Linear, |x| x.mean_dims(&[2, 3]));
    function("sum over channels and rows", Linear, |x| x.sum_dims(&[1, 2]));
    function("variance", Smooth, |x| x.var(1));
    function("maximum over rows", Other, |x| x.max_dim(2));
    function("minimum over channels", Other, |x| x.min_dim(1));
    function("maximum with its position", Other, |x| x.max_dim_with_indices(3).0);
    function("position of the maximum", Other, |x| {
        let (max, position) = x.clone().max_dim_with_indices(3);
        max + x.gather(3, position.clone()) * position.float()
    });
    function("argmax", Other, |x| x.clone().gather(1, x.argmax(1)));
    function("softmax", Smooth, |x| activation::softmax(x, 1));
    function("log softmax", Smooth, |x| activation::log_softmax(x, 1));
    function("softmin over columns", Smooth, |x| activation::softmin(x, 3));
    function("norm by hand", Smooth, |x| {
        let mean = x.clone().mean_dim(1);
        let (variance, mean) = (x.clone().sub(mean.clone()).square().mean_dim(1), mean);
        (x - mean) / (variance + 1e-5).sqrt()
    });
}

#[test]
fn movements() {
    use Kind::Linear;
    function("reshape", Linear, |x| x.reshape([0, 2, 12, 7]));
    function("flatten", Linear, |x| x.flatten::<2>(1, 3));
    function("merge and split planes", Linear, |x| x.reshape([0, 4, 42]).reshape([0, 4, 7, 6]));
    function("into the batch and back", Linear, |x| {
        let [n, ..] = x.dims();
        x.reshape([n * 4, 1, 6, 7]).mul_scalar(2.0).reshape([n, 4, 6, 7])
    });
    function("swap", Linear, |x| x.swap_dims(1, 3));
    function("permute", Linear, |x| x.permute([0, 2, 3, 1]));
    function("images last and back", Linear, |x| {
        let x = x.permute([1, 2, 3, 0]) * 3.0;
        x.permute([3, 0, 1, 2])
    });
    function("flip", Linear, |x| x.flip([1, 3]));
    function("repeat", Linear, |x| x.repeat_dim(2, 3));
    function("expand", Linear, |x| {
        let [n, c, _, w] = x.dims();
        x.mean_dim(2).expand([n, c, 5, w])
    });
    function("unsqueeze", Linear, |x| x.unsqueeze_dim::<5>(2));
    function("concatenate channels", Linear, |x| {
        Tensor::cat(vec![x.clone(), x.clone() * 2.0, x], 1)
    });
    function("concatenate rows", Linear, |x| Tensor::cat(vec![x.clone() * 2.0, x], 2));
    function("slice", Linear, |x| {
        let [n, ..] = x.dims();
        x.slice([0..n, 1..3, 2..6, 0..7])
    });
    function("slice by steps", Linear, |x| x.slice(s![.., .., 1..;2, ..;-2]));
    function("split", Linear, |x| {
        let parts = x.split(2, 1);
        parts[0].clone() * 3.0 - parts[1].clone()
    });
    function("chunk", Linear, |x| x.chunk(2, 2).swap_remove(1));
    function("slice assign", Linear, |x| {
        let part = x.clone().slice(s![.., .., 0..2, ..]) * 5.0;
        x.slice_assign(s![.., .., 3..5, ..], part)
    });
    function("select", Linear, |x| {
        let rows = Tensor::<1, Int>::from_ints([3, 0, 3], &x.device());
        x.select(1, rows)
    });
    function("select and add", Linear, |x| {
        let rows = Tensor::<1, Int>::from_ints([3, 0], &x.device());
        let part = x.clone().slice(s![.., .., 0..2, ..]) * 2.0;
        x.select_assign(2, rows, part, IndexingUpdateOp::Add)
    });
    function("scatter by positions", Linear, |x| {
        let [n, c, h, w] = x.dims();
        let to = Tensor::<1, Int>::from_ints([6, 0, 0, 3, 1, 2, 2], &x.device());
        let to = to.reshape([1, 1, 1, 7]).expand([n, c, h, w]);
        x.zeros_like().scatter(3, to, x, IndexingUpdateOp::Add)
    });
    for (name, mode) in [
        ("constant", PadMode::Constant(0.7)),
        ("reflect", PadMode::Reflect),
        ("edge", PadMode::Edge),
    ] {
        function(&format!("pad, {name}"), Linear, |x| x.pad((1, 2, 3, 2), mode));
    }
    function("cast", Linear, |x| x.cast(burn::tensor::DType::F64).cast(burn::tensor::DType::F32));
    function("matrix product", Kind::Smooth, |x| x.clone().matmul(x.swap_dims(2, 3)));
    function("attention by hand", Kind::Smooth, |x| {
        let weights = activation::softmax(x.clone().matmul(x.clone().swap_dims(2, 3)), 3);
        weights.matmul(x)
    });
    function("attention", Kind::Smooth, |x| {
        burn::tensor::module::attention(
            x.clone(),
            x.clone() * 0.7,
            x.sin(),
            None,
            None,
            Default::default(),
        )
    });
}

#[test]
fn resizing() {
    let nothing = Nothing::new(&Device::flex());
    for mode in [
        InterpolateMode::Nearest,
        InterpolateMode::Linear,
        InterpolateMode::Cubic,
        InterpolateMode::Lanczos,
    ] {
        for (size, align) in
            [([12, 14], false), ([9, 5], false), ([9, 5], true), ([3, 20], false), ([1, 1], true)]
        {
            let resize = Interpolate2dConfig::new()
                .with_output_size(Some(size))
                .with_mode(mode.clone())
                .with_align_corners(align)
                .init();
            let what = format!("{mode:?} to {size:?}, {align}");
            let kind = match mode {
                InterpolateMode::Lanczos => Kind::LinearWithoutAutodiff,
                _ => Kind::Linear,
            };
            check(&what, kind, &nothing, SHAPE, |_, x| resize.forward(x));
        }
    }
}

#[test]
fn pooling() {
    let nothing = Nothing::new(&Device::flex());
    let cases = [
        ([2, 2], [2, 2], [0, 0], [1, 1], false),
        ([3, 2], [2, 1], [1, 0], [1, 1], false),
        ([3, 3], [1, 2], [1, 1], [1, 1], true),
        ([2, 3], [2, 2], [1, 1], [2, 2], false),
        ([3, 3], [2, 3], [0, 1], [1, 1], true),
    ];
    for (kernel, stride, [rows, columns], dilation, ceil) in cases {
        let padding = PaddingConfig2d::Explicit(rows, columns, rows, columns);
        let what = format!("{kernel:?} {stride:?} {padding:?} {dilation:?} {ceil}");
        let max = MaxPool2dConfig::new(kernel)
            .with_strides(stride)
            .with_padding(padding.clone())
            .with_dilation(dilation)
            .with_ceil_mode(ceil)
            .init();
        check(&format!("max {what}"), Kind::Smooth, &nothing, SHAPE, |_, x| {
            // Far apart, so that finite differences cross no tie.
            max.forward(x * 100.0) / 100.0
        });
        for count in [false, true] {
            let average = AvgPool2dConfig::new(kernel)
                .with_strides(stride)
                .with_padding(padding.clone())
                .with_count_include_pad(count)
                .with_ceil_mode(ceil)
                .init();
            let what = format!("average {what} {count}");
            check(&what, Kind::Linear, &nothing, SHAPE, |_, x| average.forward(x));
        }
    }
    for size in [[1, 1], [2, 3], [4, 7], [5, 2]] {
        let pool = AdaptiveAvgPool2dConfig::new(size).init();
        check(&format!("to {size:?}"), Kind::Linear, &nothing, SHAPE, |_, x| pool.forward(x));
    }
    let max = MaxPool1dConfig::new(3).with_stride(2).with_padding(PaddingConfig1d::Explicit(1, 1));
    let average =
        AvgPool1dConfig::new(3).with_stride(2).with_padding(PaddingConfig1d::Explicit(1, 1));
    let (max, average, to) = (max.init(), average.init(), AdaptiveAvgPool1dConfig::new(5).init());
    let line = |x: Tensor<4>| x.flatten::<3>(2, 3);
    check("max on lines", Kind::Other, &nothing, SHAPE, |_, x| max.forward(line(x)));
    check("average on lines", Kind::Linear, &nothing, SHAPE, |_, x| average.forward(line(x)));
    check("lines to five", Kind::Linear, &nothing, SHAPE, |_, x| to.forward(line(x)));
    check("max with switches", Kind::Other, &nothing, SHAPE, |_, x| {
        let options = burn::tensor::ops::MaxPoolOptions::new([2, 2]).with_stride([2, 2]);
        let (y, switches) = burn::tensor::module::max_pool2d_with_indices(x, options);
        y * (switches.float() + 1.0)
    });
}

#[test]
fn normalisations() {
    let device = Device::flex();
    let net = nets::Residual::new(4, &device);
    let [block, ..] = net.blocks.as_slice() else { panic!("two blocks") };
    check("batch norm", Kind::Linear, &block.bn1, SHAPE, |bn, x| bn.forward(x));
    check("batch norm on lines", Kind::Linear, &block.bn1, SHAPE, |bn, x| {
        bn.forward(x.flatten::<3>(2, 3))
    });
    let group = GroupNormConfig::new(2, 4).init(&device);
    check("group norm", Kind::Smooth, &group, SHAPE, |norm, x| norm.forward(x));
    let instance = InstanceNormConfig::new(4).init(&device);
    check("instance norm", Kind::Smooth, &instance, SHAPE, |norm, x| norm.forward(x));
    let layer = LayerNormConfig::new(7).init(&device);
    check("layer norm", Kind::Smooth, &layer, SHAPE, |norm, x| norm.forward(x));
    let channels = LayerNormConfig::new(4).with_bias(false).init(&device);
    check("layer norm of channels", Kind::Smooth, &channels, SHAPE, |norm, x| {
        norm.forward(x.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
    });
    let rms = RmsNormConfig::new(7).init(&device);
    check("rms norm", Kind::Smooth, &rms, SHAPE, |norm, x| norm.forward(x));
    let prelu = PReluConfig::new().with_num_parameters(4).init(&device);
    check("prelu", Kind::Other, &prelu, SHAPE, |prelu, x| prelu.forward(x));
    let linear = LinearConfig::new(7, 3).init(&device);
    check("linear", Kind::Linear, &linear, SHAPE, |linear, x| linear.forward(x));
    let mixed = LinearConfig::new(4 * 6 * 7, 3).with_bias(false).init(&device);
    check("head", Kind::Linear, &mixed, SHAPE, |linear, x| linear.forward(x.flatten::<2>(1, 3)));
}

#[test]
fn convolutions() {
    let device = Device::flex();
    for (kernel, stride, padding, dilation, groups) in [
        ([3, 3], [1, 1], [1, 1], [1, 1], 1),
        ([3, 2], [2, 1], [0, 1], [1, 2], 2),
        ([1, 3], [1, 3], [0, 0], [1, 1], 4),
    ] {
        let [rows, columns] = padding;
        let what = format!("{kernel:?} {stride:?} {padding:?} {dilation:?} {groups}");
        let conv = Conv2dConfig::new([4, 8], kernel)
            .with_stride(stride)
            .with_padding(PaddingConfig2d::Explicit(rows, columns, rows, columns))
            .with_dilation(dilation)
            .with_groups(groups)
            .init(&device);
        check(&what, Kind::Linear, &conv, SHAPE, |conv, x| conv.forward(x));
        for out in [[0, 0], [stride[0] - 1, stride[1] - 1]] {
            let conv = ConvTranspose2dConfig::new([4, 8], kernel)
                .with_stride(stride)
                .with_padding(padding)
                .with_padding_out(out)
                .with_dilation(dilation)
                .with_groups(groups)
                .init(&device);
            let what = format!("transposed {what} {out:?}");
            check(&what, Kind::Linear, &conv, SHAPE, |conv, x| conv.forward(x));
        }
    }
    let conv =
        Conv1dConfig::new(4, 6, 3).with_stride(2).with_groups(2).with_dilation(2).init(&device);
    check("on lines", Kind::Linear, &conv, SHAPE, |conv, x| conv.forward(x.flatten::<3>(2, 3)));
    let conv =
        ConvTranspose1dConfig::new([4, 6], 3).with_stride(2).with_padding_out(1).init(&device);
    check("transposed on lines", Kind::Linear, &conv, SHAPE, |conv, x| {
        conv.forward(x.flatten::<3>(2, 3))
    });
}

/// The columns of the planes as a sequence, `[N, columns, channels · rows]`.
fn columns(x: Tensor<4>) -> Tensor<3> {
    x.permute([0, 3, 1, 2]).flatten::<3>(2, 3)
}

#[test]
fn recurrent_layers() {
    let device = Device::flex();
    let lstm = LstmConfig::new(24, 5, true).init(&device);
    check("lstm", Kind::Smooth, &lstm, SHAPE, |lstm, x| lstm.forward(columns(x), None).0);
    let reverse = LstmConfig::new(24, 5, true).with_reverse(true).init(&device);
    check("its last state", Kind::Smooth, &reverse, SHAPE, |lstm, x| {
        lstm.forward(columns(x), None).1.hidden
    });
    let both = BiLstmConfig::new(24, 5, true).init(&device);
    check("bilstm", Kind::Smooth, &both, SHAPE, |lstm, x| lstm.forward(columns(x), None).0);
    let gru = GruConfig::new(24, 5, true).init(&device);
    check("gru", Kind::Smooth, &gru, SHAPE, |gru, x| gru.forward(columns(x), None));
}

#[test]
fn attention_with_masks() {
    let device = Device::flex();
    let attention = MultiHeadAttentionConfig::new(24, 3).with_dropout(0.0).init(&device);
    check("attention to what came before", Kind::Smooth, &attention, SHAPE, |attention, x| {
        let x = columns(x);
        let [n, length, _] = x.dims();
        let mask = generate_autoregressive_mask(n, length, &x.device());
        attention.forward(MhaInput::self_attn(x).mask_attn(mask)).context
    });
    check("attention without the padding", Kind::Smooth, &attention, SHAPE, |attention, x| {
        let x = columns(x);
        let [n, length, _] = x.dims();
        let positions = Tensor::<1, Int>::arange(0..length as i64, &x.device());
        let padding = positions.greater_equal_elem(5).unsqueeze::<2>().expand([n, length]);
        attention.forward(MhaInput::self_attn(x).mask_pad(padding)).context
    });
}
