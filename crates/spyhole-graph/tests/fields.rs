//! Receptive fields against published numbers, on the published geometry. No forward pass is needed.

mod nets;

use nets::zoo::{ALEXNET, Chain, ResNet, Step, Style, vgg16};
use spyhole_graph::{FieldStatus, Graph};

/// Size, stride and padding of a layer's field: what the first two units see.
fn geometry(graph: &Graph, name: &str) -> [i64; 3] {
    let layer = graph.layer(name).unwrap();
    let [first, second] = [0, 1].map(|i| graph.field(layer, i, i));
    assert_eq!(first.status, FieldStatus::Exact);
    let (rows, columns) = (first.nominal.rows, first.nominal.columns);
    assert_eq!(rows, columns);
    assert_eq!(graph.field_size(layer), first.nominal.size());
    [rows.len() as i64, second.nominal.rows.first - rows.first, -rows.first]
}

fn chain(steps: &[Step], side: usize) -> Graph {
    let net = Chain::new(steps);
    Graph::capture(&net, [3, side, side], |net, x| net.forward(steps, x)).unwrap()
}

/// google-research/receptive_field: alexnet_v2 195/32/64; Araujo et al. (2019) for what is between.
#[test]
fn r1_alexnet_v2() {
    let graph = chain(&ALEXNET, 224);
    for (name, expected) in [
        ("convs.0", [11, 4, 0]),
        ("probes.0", [19, 8, 0]),
        ("convs.1", [51, 8, 16]),
        ("convs.2", [99, 16, 32]),
        ("convs.3", [131, 16, 48]),
        ("convs.4", [163, 16, 64]),
        ("probes.2", [195, 32, 64]),
    ] {
        assert_eq!(geometry(&graph, name), expected, "{name}");
    }
}

/// google-research/receptive_field: vgg_16 212/32/90 at the last pooling.
#[test]
fn r1_vgg_16() {
    let graph = chain(&vgg16(), 224);
    for (pool, expected) in
        [[6, 2, 2], [16, 4, 6], [44, 8, 18], [100, 16, 42], [212, 32, 90]].into_iter().enumerate()
    {
        assert_eq!(geometry(&graph, &format!("probes.{pool}")), expected, "pool {pool}");
    }
}

/// google-research/receptive_field: resnet_v1_50 483/32/239. torchvision has the stride in the 3×3: 427.
#[test]
fn r1_resnet_50() {
    let graph = |style| {
        let net = ResNet::new(style, [3, 4, 6, 3]);
        Graph::capture(&net, [3, 224, 224], |net, x| net.forward(x)).unwrap()
    };
    let stride_in_1x1 = graph(Style::StrideIn1x1);
    assert_eq!(geometry(&stride_in_1x1, "conv1"), [7, 2, 3]);
    assert_eq!(geometry(&stride_in_1x1, "layer1.2"), [35, 4, 15]);
    assert_eq!(geometry(&stride_in_1x1, "layer4.2"), [483, 32, 239]);
    assert_eq!(stride_in_1x1.layers().len(), 1 + 16 * 4 + 3);
    let stride_in_3x3 = graph(Style::StrideIn3x3);
    assert_eq!(geometry(&stride_in_3x3, "layer4.2")[..2], [427, 32]);
}

/// Global pooling sees everything, and only bounds what a unit sees; picking by computed positions depends
/// on the image; both say so.
#[test]
fn status_of_a_field() {
    let net = nets::blocks::SeNet::new();
    let graph = Graph::capture(&net, [3, 16, 16], |net, x| net.forward(x)).unwrap();
    let status = |graph: &Graph, name: &str| {
        let field = graph.field(graph.layer(name).unwrap(), 5, 5);
        assert_eq!(field.upper_bound, field.status != FieldStatus::Exact);
        (field.status, field.visible.size())
    };
    assert_eq!(status(&graph, "conv.conv"), (FieldStatus::Exact, [5, 5]));
    assert_eq!(status(&graph, "head"), (FieldStatus::UpperBound, [16, 16]));

    let net = nets::zoo::conv(3, 2, 3, 1, 1);
    let graph = Graph::capture(&net, [3, 16, 16], |net, x| {
        let brightest = x.clone().argmax(3).repeat_dim(3, 16);
        net.forward(x.gather(3, brightest))
    })
    .unwrap();
    assert_eq!(status(&graph, graph.layers()[0].name()), (FieldStatus::DataDependent, [3, 16]));
}
