//! Whole networks are captured, named, computed and projected.

mod check;
mod nets;

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::prelude::*;
use burn::tensor::activation::{leaky_relu, relu};
use check::{Kind, assert_within_field, check, numbers, random};
use nets::blocks::{InceptionNet, MobileNet, Modern, SeNet, UNet};
use nets::zoo::{ResNet, Style, batch_norm, conv};
use spyhole_graph::{Graph, Layer, LayerKind, Method, Seed, SeedValue, Weights};

/// Every layer has a name, computes, projects by every method, and sees nothing outside its field.
fn watch<M: Module, const D: usize>(
    what: &str,
    net: &M,
    shape: [usize; 3],
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) -> Graph {
    check(what, Kind::Other, net, shape, &forward);
    let graph = Graph::capture(net, shape, &forward).unwrap();
    let weights = Weights::of(net, &Device::flex());
    let [channels, height, width] = shape;
    let x = random([2, channels, height, width]);
    let activations = graph.forward(&weights, x.clone()).unwrap();
    for layer in graph.layers() {
        let name = format!("{what}, {}", layer.name());
        assert_eq!(layer.unsupported(), None, "{name}");
        let [maps, rows, columns] = layer.shape();
        assert_eq!(activations.layer(layer).unwrap().dims(), [2, maps, rows, columns], "{name}");
        let seeds = [
            Seed::Map { image: 1, map: maps - 1 },
            Seed::Unit { image: 0, map: 0, row: rows / 2, column: columns - 1 },
        ];
        for method in [Method::Deconvnet, Method::Guided, Method::Gradient] {
            let picture = activations.project_with(layer, &seeds, SeedValue::One, method).unwrap();
            assert!(numbers(picture).iter().all(|x| x.is_finite()), "{name}");
        }
        assert_within_field(&graph, &weights, x.clone(), layer, what);
    }
    graph
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.layers().iter().map(|layer| layer.name()).collect()
}

fn description<'g>(graph: &'g Graph, name: &str) -> &'g str {
    graph.layer(name).unwrap().description()
}

#[test]
fn resnet_18() {
    let net = ResNet::new(Style::Basic, [2, 2, 2, 2]);
    let graph = watch("ResNet-18", &net, [3, 64, 64], |net, x| net.forward(x));
    assert_eq!(graph.layers().len(), 1 + 8 * 3 + 3);
    assert_eq!(
        names(&graph)[..8],
        [
            "conv1",
            "layer1.0.conv1",
            "layer1.0.conv2",
            "layer1.0",
            "layer1.1.conv1",
            "layer1.1.conv2",
            "layer1.1",
            "layer2.0.conv1"
        ]
    );
    assert!(names(&graph).contains(&"layer2.0.shortcut"));
    assert_eq!(graph.layer("layer4.1").unwrap().kind(), LayerKind::Residual);
    assert!(graph.layers().iter().all(|layer| layer.outside_definition().is_none()));
}

#[test]
fn inception() {
    let graph = watch("inception", &InceptionNet::new(), [3, 12, 10], |net, x| net.forward(x));
    assert_eq!(graph.layers().len(), 1 + 2 * 7);
    let block = graph.layer("inception2").unwrap();
    assert_eq!((block.kind(), block.shape()), (LayerKind::Concat, [8, 12, 10]));
    assert!(names(&graph).contains(&"inception1.five.1.conv"));
    assert_eq!(graph.field(block, 5, 5).nominal.size(), [11, 11]);
}

#[test]
fn mobile_net() {
    let graph = watch("MobileNet", &MobileNet::new(), [3, 16, 16], |net, x| net.forward(x));
    assert_eq!(
        names(&graph),
        [
            "stem",
            "block.expand",
            "block.depthwise",
            "block.squeeze",
            "block.excite",
            "block.project",
            "block"
        ]
    );
    assert_eq!(description(&graph, "stem"), "conv 3×3, 3 → 4, stride 2 + hard swish");
    assert_eq!(
        description(&graph, "block.depthwise"),
        "conv 3×3, 6 → 6, depthwise + batch norm + hard swish"
    );
    assert_eq!(graph.layer("stem").unwrap().outside_definition(), Some("hard sigmoid after stem"));
}

#[test]
fn u_net() {
    let graph = watch("U-Net", &UNet::new(), [3, 16, 12], |net, x| net.forward(x));
    assert_eq!(
        names(&graph),
        [
            "enc1.conv",
            "enc2.conv",
            "middle.conv",
            "up2",
            "concat",
            "dec2.conv",
            "concat#2",
            "dec1.conv"
        ]
    );
    let up = graph.layer("up2").unwrap();
    assert_eq!((up.kind(), up.weight()), (LayerKind::TransposedConvolution, None));
    assert_eq!(up.description(), "transposed conv 2×2, 5 → 4, stride 2");
}

#[test]
fn squeeze_and_excite() {
    let graph = watch("SE", &SeNet::new(), [3, 12, 12], |net, x| net.forward(x));
    assert_eq!(names(&graph), ["stem.conv", "conv.conv", "sum", "head"]);
    assert_eq!(graph.layer("conv.conv").unwrap().outside_definition(), None);
    assert_eq!(graph.layer("head").unwrap().outside_definition(), Some("sigmoid after up"));
}

#[test]
fn group_norm_conv_next_weight_norm_and_a_shared_convolution() {
    let graph = watch("modern", &Modern::new(), [3, 10, 9], |net, x| net.forward(x));
    assert_eq!(names(&graph), ["stem", "depthwise", "sum", "normed", "shared", "shared#2"]);
    assert_eq!(description(&graph, "stem"), "conv 3×3, 3 → 4 + norm + silu");
    assert_eq!(description(&graph, "shared"), "conv 3×3, 4 → 4 + relu");
    assert!(graph.layer("stem").unwrap().is_first());
    let normed = graph.layer("normed").unwrap();
    assert_eq!((normed.weight(), normed.weight_shape().is_some()), (None, true));
    assert_eq!(graph.layer("shared#2").unwrap().weight(), Some("shared.weight"));
}

#[test]
fn bounds_are_those_of_the_activation_that_ends_a_layer() {
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::activation as f;
    let net = Conv2dConfig::new([2, 3], [3, 3]).init(&Device::flex());
    type Activation = fn(Tensor<4>) -> Tensor<4>;
    type Expected = Option<(f32, f32, bool)>;
    let cases: [(&str, Activation, Expected); 14] = [
        ("tanh", f::tanh, Some((-1.0, 1.0, false))),
        ("sigmoid", f::sigmoid, Some((0.0, 1.0, false))),
        ("hard sigmoid", |x| f::hard_sigmoid(x, 0.2, 0.5), Some((0.0, 1.0, false))),
        ("relu6", |x| x.clamp(0.0, 6.0), Some((0.0, 6.0, true))),
        ("relu6 in parts", |x| f::relu(x).clamp_max(6.0), Some((0.0, 6.0, true))),
        ("hard tanh", |x| x.clamp(-2.0, 2.0), Some((-2.0, 2.0, false))),
        ("scaled before", |x| f::tanh(x.mul_scalar(3.0)), Some((-1.0, 1.0, false))),
        ("clamp above", |x| x.clamp_max(1.0), None),
        ("relu", f::relu, None),
        ("gelu", f::gelu, None),
        ("silu", f::silu, None),
        ("hard swish", f::hard_swish, None),
        ("leaky relu", |x| f::leaky_relu(x, 0.1), None),
        ("none", |x| x, None),
    ];
    for (name, activation, expected) in cases {
        let forward = |net: &burn::nn::conv::Conv2d, x| activation(net.forward(x));
        let graph = Graph::capture(&net, [2, 8, 8], forward).unwrap();
        let bounds = graph.layers()[0].bounds().map(|b| (b.low, b.high, b.rectifies));
        assert_eq!(bounds, expected, "{name}");
    }
}

#[test]
fn a_layer_knows_the_shape_of_its_weights() {
    let graph = watch("MobileNet", &MobileNet::new(), [3, 16, 16], |net, x| net.forward(x));
    let depthwise = graph.layer("block.depthwise").unwrap();
    assert_eq!((depthwise.weight_shape(), depthwise.groups()), (Some([6, 1, 3, 3]), 6));
    let stem = graph.layer("stem").unwrap();
    assert_eq!((stem.weight_shape(), stem.groups()), (Some([4, 3, 3, 3]), 1));
    let graph = watch("U-Net", &UNet::new(), [3, 16, 12], |net, x| net.forward(x));
    let up = graph.layer("up2").unwrap();
    assert_eq!((up.weight_shape(), up.groups()), (None, 1));
}

#[test]
fn a_net_on_lines() {
    let device = Device::flex();
    let net = burn::nn::conv::Conv1dConfig::new(3, 4, 5).init(&device);
    let graph = watch("lines", &net, [3, 1, 20], |net, x| {
        burn::tensor::activation::relu(net.forward(x.flatten::<3>(2, 3)))
    });
    let layer = &graph.layers()[0];
    assert_eq!((layer.shape(), layer.weight()), ([4, 1, 16], None));
    assert_eq!(layer.description(), "conv 5, 3 → 4 + relu");
    assert_eq!(graph.field(layer, 0, 3).visible.size(), [1, 5]);
}

/// A network's layers are the same, whichever of its outputs is looked at.
#[test]
fn a_head_whose_output_is_not_taken_is_whole() {
    #[derive(Module, Debug)]
    struct Heads {
        trunk: Conv2d,
        boxes: Conv2d,
        boxes_norm: BatchNorm,
        classes: Conv2d,
        classes_norm: BatchNorm,
        deeper: Conv2d,
    }
    impl Heads {
        fn forward(&self, x: Tensor<4>) -> [Tensor<2>; 2] {
            let x = relu(self.trunk.forward(x));
            let boxes = leaky_relu(self.boxes_norm.forward(self.boxes.forward(x.clone())), 0.1);
            let classes = relu(self.classes_norm.forward(self.classes.forward(x)));
            let classes = relu(self.deeper.forward(classes.clone()) + classes);
            [boxes, classes].map(|head| head.mean_dim(3).mean_dim(2).flatten(1, 3))
        }
    }
    let net = Heads {
        trunk: conv(3, 4, 3, 1, 1),
        boxes: conv(4, 4, 3, 1, 1),
        boxes_norm: batch_norm(4),
        classes: conv(4, 4, 3, 1, 1),
        classes_norm: batch_norm(4),
        deeper: conv(4, 4, 3, 1, 1),
    };
    let [boxes, classes, both] = [0, 1, 2].map(|taken| {
        let forward = move |net: &Heads, x| match (taken, net.forward(x)) {
            (0, [boxes, _]) => boxes,
            (1, [_, classes]) => classes,
            (_, heads) => Tensor::cat(heads.into(), 1),
        };
        let graph = watch(&format!("head {taken}"), &net, [3, 10, 10], forward);
        let of = |layer: &Layer| (layer.name().to_owned(), layer.description().to_owned());
        graph.layers().iter().map(of).collect::<Vec<_>>()
    });
    assert_eq!(both.len(), 5);
    assert_eq!(both[1].1, "conv 3×3, 4 → 4 + batch norm + leaky relu 0.1");
    assert_eq!((&boxes, &classes), (&both, &both));
}

/// Reads a line of text: convolutions, their columns as a sequence through a recurrent layer in both directions, and
/// classes for each column.
#[test]
fn a_network_that_reads_text() {
    #[derive(Module, Debug)]
    struct Crnn {
        convs: Vec<burn::nn::conv::Conv2d>,
        lstm: burn::nn::BiLstm,
        head: burn::nn::Linear,
    }
    let device = Device::flex();
    let net = Crnn {
        convs: vec![nets::zoo::conv(1, 4, 3, 1, 1), nets::zoo::conv(4, 6, 3, 2, 1)],
        lstm: burn::nn::BiLstmConfig::new(6 * 4, 5, true).init(&device),
        head: burn::nn::LinearConfig::new(10, 7).init(&device),
    };
    let relu = burn::tensor::activation::relu::<4>;
    let graph = watch("CRNN", &net, [1, 8, 14], |net, x| {
        let x = net.convs.iter().fold(x, |x, conv| relu(conv.forward(x)));
        let columns = x.permute([0, 3, 1, 2]).flatten::<3>(2, 3);
        net.head.forward(net.lstm.forward(columns, None).0)
    });
    assert_eq!(names(&graph), ["convs.0", "convs.1"]);
    assert_eq!(graph.output_shape(), Some(vec![7, 7]));
}

/// Inverted residuals as burn's own MobileNetV2 writes them: ReLU6 in two parts, each behind a batch norm.
#[test]
fn a_bounded_rectifier_in_two_parts_ends_its_layer() {
    #[derive(Module, Debug)]
    struct Block {
        convs: Vec<burn::nn::conv::Conv2d>,
        norms: Vec<burn::nn::BatchNorm>,
    }
    let device = Device::flex();
    let depthwise = burn::nn::conv::Conv2dConfig::new([8, 8], [3, 3])
        .with_groups(8)
        .with_padding(burn::nn::PaddingConfig2d::Same)
        .init(&device);
    let block = Block {
        convs: vec![nets::zoo::conv(4, 8, 1, 1, 0), depthwise, nets::zoo::conv(8, 4, 1, 1, 0)],
        norms: [8, 8, 4].map(|n| burn::nn::BatchNormConfig::new(n).init(&device)).to_vec(),
    };
    let graph = watch("inverted residual", &block, [4, 9, 8], |block, x| {
        let relu6 = |x| burn::tensor::activation::relu::<4>(x).clamp_max(6);
        let part = |i: usize, x| block.norms[i].forward(block.convs[i].forward(x));
        x.clone() + part(2, relu6(part(1, relu6(part(0, x)))))
    });
    assert!(graph.layers().iter().all(|layer| layer.outside_definition().is_none()));
    assert_eq!(description(&graph, "convs.1"), "conv 3×3, 8 → 8, depthwise + batch norm + relu6");
}
