//! The strongest patches of layers over lines, and next to a layer that cannot be computed.

use std::ops::ControlFlow;

use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use spyhole_graph::{Graph, GraphError, Method, Weights};
use spyhole_probe::{Pass, ProbeError, UnitPictures, UnitRequest, Verdict, find_tops};

/// A line of 16 numbers through two convolutions over lines; the second is behind an operation without a way back.
#[derive(Module, Debug)]
struct Lines {
    first: Conv1d,
    second: Conv1d,
}

#[test]
fn lines_are_planes_of_height_one_and_unsupported_layers_fail_alone() {
    let device = Device::flex();
    let line = |from| {
        let padding = burn::nn::PaddingConfig1d::Explicit(1, 1);
        Conv1dConfig::new(from, 3, 3).with_padding(padding).init(&device)
    };
    let net = Lines { first: line(1), second: line(3) };
    let graph = Graph::capture(&net, [1, 1, 16], |net, x| {
        let x = relu(net.first.forward(x.reshape([-1, 1, 16])));
        net.second.forward(x.cumsum(2))
    })
    .unwrap();
    assert!(graph.layers()[1].unsupported().is_some());
    let weights = Weights::of(&net, &device);
    let pixels: Vec<f32> =
        (0..12 * 16).map(|i| ((i % 16 * (i % 16) + 7 * (i / 16)) as f32).sin()).collect();
    let images: Tensor<4> = Tensor::from_data(TensorData::new(pixels, [12, 1, 1, 16]), &device);
    let pass = Pass::new(&graph, &weights, &images, Pass::MEMORY).unwrap();
    let mut tops = find_tops(&pass, graph.layers(), 9).unwrap();
    assert!(matches!(tops.pop(), Some(Err(ProbeError::Graph(GraphError::Unsupported { .. })))));
    let tops = tops.remove(0).unwrap();
    assert!(tops.maps.iter().any(|map| !map.hits.is_empty()));
    let request =
        |layer| UnitRequest { layer, tops: &tops, maps: &[0, 1, 2], projected: &[0, 1, 2] };
    let requests: Vec<_> = graph.layers().iter().map(request).collect();
    let mut pictures = UnitPictures::new(&graph, &weights, &requests, Method::Deconvnet, 0);
    let total = pictures.total();
    let mut last = 0;
    let mut progress = |done, _| {
        last = done;
        ControlFlow::Continue(())
    };
    pictures.look(&images, &mut progress).unwrap();
    let mut found = pictures.finish(&device, &mut progress).unwrap();
    assert_eq!(last, total);
    assert!(matches!(found.pop(), Some(Err(ProbeError::Graph(GraphError::Unsupported { .. })))));
    for unit in found.remove(0).unwrap().iter().flat_map(|map| &map.units) {
        assert_eq!((unit.hit.row, unit.verdict), (0, Verdict::Reproduced));
        let (patch, projection) = (unit.patch.as_ref().unwrap(), unit.projection.as_ref().unwrap());
        assert_eq!([patch.height, patch.width], [1, 3]);
        assert_eq!([projection.height, projection.width], [1, 3]);
    }
}
