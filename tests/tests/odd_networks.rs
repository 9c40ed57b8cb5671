//! Networks that nobody would draw, but that somebody's loop over hyper-parameters makes: layers of no maps, of no
//! pixels, of one pixel. They are an error in words before the first step, or they are watched as far as they go.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BiLstm, BiLstmConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use end_to_end::data::{SIDE, images};
use end_to_end::recorded;
use spyhole::{ProbeSet, Spyhole, Studies};
use spyhole_protocol::Event;

#[derive(Module, Debug)]
struct Two {
    near: Conv2d,
    far: Conv2d,
}

impl Two {
    fn new(near: usize, kernels: [usize; 2], strides: [usize; 2]) -> Self {
        let conv = |from, to, kernel, stride| {
            let config = Conv2dConfig::new([from, to], [kernel, kernel]);
            config.with_stride([stride, stride]).init(&Device::flex())
        };
        Self {
            near: conv(3, near, kernels[0], strides[0]),
            far: conv(near, 4, kernels[1], strides[1]),
        }
    }
}

/// What becomes of a network: the epochs analysed and the faults, or the error at the start.
fn outcome(
    net: impl FnOnce() -> Two + std::panic::UnwindSafe,
    forward: fn(&Two, Tensor<4>) -> Tensor<4>,
) -> Result<(Vec<u32>, Vec<String>), String> {
    // A network that Burn itself does not make is nothing to watch.
    let net = std::panic::catch_unwind(net).map_err(|_| "Burn does not make it".to_owned())?;
    let temp = tempfile::tempdir().unwrap();
    let spyhole =
        Spyhole::builder(temp.path(), ProbeSet::new(images(12))).budget(1.0).no_dashboard();
    let spyhole = spyhole.build().unwrap();
    let watch = spyhole.watch(&net, forward).map_err(|error| error.to_string())?;
    watch.observe(1, &net);
    watch.finish();
    drop(spyhole);
    let run = recorded::read(temp.path());
    Ok((run.analysed().into_iter().collect(), run.faults()))
}

#[test]
fn layers_of_no_size_are_an_error_or_are_watched() {
    type Forward = fn(&Two, Tensor<4>) -> Tensor<4>;
    let plain: Forward = |net, x| net.far.forward(net.near.forward(x));
    let nothing_beside: Forward = |net, x| {
        let y = net.near.forward(x);
        let nothing = y.clone().narrow(1, 0, 0);
        net.far.forward(Tensor::cat(vec![y, nothing], 1))
    };
    let no_pixels: Forward = |net, x| net.far.forward(net.near.forward(x).narrow(3, 0, 0));
    let one_pixel = || Two::new(1, [SIDE, 1], [1, 1]);
    let small = || Two::new(2, [3, 3], [1, 1]);
    let cases: [(&str, Result<_, String>); 5] = [
        ("one pixel", outcome(one_pixel, plain)),
        ("strides beyond the image", outcome(|| Two::new(2, [1, 1], [100, 100]), plain)),
        ("no maps beside others", outcome(small, nothing_beside)),
        ("no pixels", outcome(small, no_pixels)),
        ("no maps", outcome(|| Two::new(0, [3, 3], [1, 1]), plain)),
    ];
    assert_eq!(
        cases[0].1,
        Ok((vec![0, 1], vec![])),
        "a layer of one filter and one pixel is a layer"
    );
    for (name, outcome) in cases {
        match outcome {
            Ok((analysed, _)) => assert_eq!(analysed, [0, 1], "{name}"),
            Err(error) => assert!(error.len() > 20, "{name}: {error:?}"),
        }
    }
}

/// A convolution whose filters are computed (weight norm), a bounded ReLU in two parts, and a recurrent head: all
/// of it is analysed, the filters as they are used.
#[test]
fn computed_filters_clamps_in_parts_and_a_recurrent_head_are_watched() {
    #[derive(Module, Debug)]
    struct Net {
        v: Param<Tensor<4>>,
        g: Param<Tensor<4>>,
        conv: Conv2d,
        lstm: BiLstm,
        head: Linear,
    }
    let device = Device::flex();
    let net = Net {
        v: Param::from_tensor(Tensor::random([6, 3, 5, 5], Distribution::Default, &device)),
        g: Param::from_tensor(Tensor::ones([6, 1, 1, 1], &device)),
        conv: Conv2dConfig::new([6, 4], [3, 3]).with_stride([2, 2]).init(&device),
        lstm: BiLstmConfig::new(4 * ((SIDE - 4 - 3) / 2 + 1), 5, true).init(&device),
        head: LinearConfig::new(5, 4).init(&device),
    };
    let temp = tempfile::tempdir().unwrap();
    let spyhole = Spyhole::builder(temp.path(), ProbeSet::new(images(12))).no_dashboard();
    let spyhole = spyhole.studies(Studies::on_demand()).build().unwrap();
    spyhole
        .inspect(&net, |net, x| {
            let length = net.v.val().powi_scalar(2).sum().sqrt();
            let filters = net.g.val() * net.v.val() / length.unsqueeze();
            let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
            let relu6 = |x| relu::<4>(x).clamp_max(6);
            let x = relu6(net.conv.forward(relu6(conv2d(x, filters, None, options))));
            let columns = x.permute([0, 3, 1, 2]).flatten::<3>(2, 3);
            net.head
                .forward(net.lstm.forward(columns, None).1.hidden.slice(s![0]).squeeze_dim::<2>(0))
        })
        .unwrap();
    drop(spyhole);
    let run = recorded::read(temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let layers = run.layers();
    assert!(layers.iter().all(|layer| layer.outside_definition.is_none()), "{layers:?}");
    let filters = run.events(|event| match event {
        Event::LayerFilters(filters) => Some((filters.parameter.clone(), filters.atlas.count)),
        _ => None,
    });
    let expected = [("computed from g, v", 6), ("conv.weight", 4)];
    assert_eq!(filters, expected.map(|(parameter, count)| (parameter.to_owned(), count)));
}
