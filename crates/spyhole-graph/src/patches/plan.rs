use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};

use super::locality::{Kernel, Locality};
use crate::dim::batch_axis;
use crate::forward::Activations;
use crate::graph::{Graph, Node, ValueId};
use crate::ops::Value;
use crate::window::Span;

/// One axis of a tensor's windows, for each row (or column) where the cover can lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    /// What can change; empty where nothing does.
    pub(crate) changed: Vec<Span>,
    /// Where the windows start; they hold all that can change.
    pub(crate) starts: Vec<i64>,
    /// Their common size.
    pub(crate) size: usize,
}

impl Track {
    /// Windows as large as the longest stretch of changes, moved into the axis.
    pub(crate) fn new(changed: impl IntoIterator<Item = Span>, length: usize) -> Self {
        let changed: Vec<Span> = changed.into_iter().map(|span| span.clip(length)).collect();
        let size = changed.iter().map(|span| span.len()).max().unwrap_or(0).max(1);
        let last = length as i64 - size as i64;
        let start = |span: &Span| if span.is_empty() { 0 } else { span.first.min(last) };
        let starts = changed.iter().map(start).collect();
        Self { changed, starts, size }
    }

    fn union(&self, other: &Self, length: usize) -> Self {
        let pairs = self.changed.iter().zip(&other.changed);
        let unite = |(&a, &b): (&Span, &Span)| match (a.is_empty(), b.is_empty()) {
            (true, _) => b,
            (_, true) => a,
            _ => a.union(b),
        };
        Self::new(pairs.map(unite), length)
    }
}

/// Rows and columns of a tensor's windows.
pub(crate) type Frame = [Track; 2];

/// What is computed in a sweep, and which tensors are met in windows.
pub(crate) struct Plan {
    /// The pixels that the cover changes.
    pub(crate) covered: Frame,
    frames: Vec<Option<Frame>>,
    /// Nodes to compute, in order.
    pub(crate) nodes: Vec<usize>,
    /// How often each tensor is read.
    pub(crate) reads: Vec<usize>,
    /// Numbers that one place of the cover needs at once, at the worst operation.
    pub(crate) numbers_per_position: usize,
}

impl Plan {
    /// For a cover that changes these pixels, up to these tensors.
    pub(crate) fn new(activations: &Activations<'_>, covered: Frame, targets: &[ValueId]) -> Self {
        let graph = activations.graph;
        let count = graph.values.len();
        let mut plan = Self {
            covered: covered.clone(),
            frames: vec![None; count],
            nodes: graph.needed_for(targets),
            reads: vec![0; count],
            numbers_per_position: 0,
        };
        plan.nodes.retain(|&index| is_computed(graph, graph.nodes[index].output));
        let in_windows = |id| is_of_floats(activations, id);
        plan.frames[graph.input.0] = Some(covered).filter(|_| in_windows(graph.input));
        for &target in targets {
            plan.reads[target.0] += 1;
        }
        for &index in &plan.nodes {
            let node = &graph.nodes[index];
            for id in &node.inputs {
                plan.reads[id.0] += 1;
            }
            if in_windows(node.output) {
                plan.frames[node.output.0] = plan.frame_of(activations, node);
            }
            let together = node.inputs.iter().chain([&node.output]);
            let numbers: usize = together.map(|&id| plan.numbers(graph, id)).sum();
            plan.numbers_per_position = plan.numbers_per_position.max(numbers);
        }
        plan
    }

    pub(crate) fn frame(&self, id: ValueId) -> Option<&Frame> {
        self.frames[id.0].as_ref()
    }

    /// The window of a node's output, if it can be computed from windows.
    fn frame_of(&self, activations: &Activations<'_>, node: &Node) -> Option<Frame> {
        let graph = activations.graph;
        let plane = graph.plane(node.output)?;
        match node.op.locality() {
            Locality::Whole | Locality::Sum { .. } => None,
            Locality::Sliding(op) => {
                let others = node.inputs.get(1..).unwrap_or_default();
                let parameters = others.iter().all(|&id| !is_computed(graph, id));
                let frame = self.frame(node.inputs[0])?;
                parameters.then(|| slide(&op.kernel(), frame, plane))
            }
            Locality::Pointwise => {
                let mut united: Option<Frame> = None;
                for &id in &node.inputs {
                    if graph.value(id).from_images {
                        let frame = self.frame(id)?;
                        (graph.plane(id)? == plane).then_some(())?;
                        united = Some(match united {
                            Some(other) => [0, 1].map(|i| other[i].union(&frame[i], plane[i])),
                            None => frame.clone(),
                        });
                    } else {
                        let fits = repeats(graph, id)
                            || (graph.plane(id) == Some(plane) && is_of_floats(activations, id));
                        fits.then_some(())?;
                    }
                }
                united
            }
        }
    }

    /// Numbers that a tensor holds for one place of the cover.
    fn numbers(&self, graph: &Graph, id: ValueId) -> usize {
        let shape = graph.shape(id, 1);
        match self.frame(id) {
            Some([rows, columns]) => shape[1] * rows.size * columns.size,
            None if is_computed(graph, id) => shape.num_elements(),
            None => 0,
        }
    }
}

/// What a kernel makes of changes.
fn slide(kernel: &Kernel, frame: &Frame, plane: [usize; 2]) -> Frame {
    [0, 1].map(|axis| {
        let reached = |span: &Span| match span.is_empty() {
            true => *span,
            false => kernel.reached_from(axis, *span),
        };
        Track::new(frame[axis].changed.iter().map(reached), plane[axis])
    })
}

/// Whether a tensor changes with the images or with how many there are, and so is computed in a sweep.
pub(crate) fn is_computed(graph: &Graph, id: ValueId) -> bool {
    let info = graph.value(id);
    info.from_images || info.dims.iter().any(|dim| !dim.is_fixed())
}

/// Whether a tensor that does not depend on the images is the same at every position of a plane.
pub(crate) fn repeats(graph: &Graph, id: ValueId) -> bool {
    let shape = graph.shape(id, 1);
    !is_computed(graph, id) && (shape.rank() < 4 || (shape.rank() == 4 && flat(&shape)))
}

fn flat(shape: &Shape) -> bool {
    shape[2] == 1 && shape[3] == 1
}

/// Whether windows can be cut out of it: planes of 32-bit floats, one image behind the other.
fn is_of_floats(activations: &Activations<'_>, id: ValueId) -> bool {
    let info = activations.graph.value(id);
    let images = batch_axis(&info.dims);
    let planes = info.dims.len() == 4
        && (images == Some((0, 1)) || info.dims.iter().all(|dim| dim.is_fixed()));
    let floats = |value: Value| value.dtype() == DType::F32;
    planes && info.float && activations.get(id).is_ok_and(floats)
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::{Conv2d, Conv2dConfig};
    use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
    use burn::prelude::*;
    use burn::tensor::activation::relu;

    use super::*;
    use crate::weights::Weights;

    #[test]
    fn windows_grow_by_what_kernels_reach() {
        let conv = |from, to, kernel, stride| -> Conv2d {
            let pad = kernel / 2;
            Conv2dConfig::new([from, to], [kernel, kernel])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
                .init(&Device::flex())
        };
        let net = vec![conv(3, 4, 7, 2), conv(4, 4, 3, 1), conv(4, 4, 3, 1)];
        let forward = |net: &Vec<Conv2d>, x: Tensor<4>| {
            let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
            let x = pool.forward(relu(net[0].forward(x)));
            let y = relu(net[2].forward(relu(net[1].forward(x.clone()))) + x);
            AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(y)
        };
        let graph = Graph::capture(&net, [3, 224, 224], forward).unwrap();
        let images = Tensor::ones([1, 3, 224, 224], &Device::flex());
        let activations = graph.forward(&Weights::of(&net, &Device::flex()), images).unwrap();
        let spans = (0..27).map(|i| Span { first: 8 * i, last: 8 * i + 15 });
        let track = Track::new(spans, 224);
        let plan = Plan::new(&activations, [track.clone(), track], &[graph.output]);
        let size = |node: &Node| plan.frame(node.output).map(|frame| frame[0].size);
        // Stem, ReLU, pool, conv, ReLU, conv, sum, ReLU, mean.
        let expected = [11, 11, 6, 8, 8, 10, 10, 10].map(Some).into_iter().chain([None]);
        assert_eq!(graph.nodes.iter().map(size).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        // In the corner less changes, and its window is moved into the plane.
        let rows = &plan.frame(graph.nodes[5].output).unwrap()[0];
        assert_eq!((rows.changed[0], rows.starts[0]), (Span { first: 0, last: 6 }, 0));
        assert_eq!((rows.changed[26], rows.starts[26]), (Span { first: 49, last: 55 }, 46));
    }

    #[test]
    fn windows_hold_what_changes() {
        let span = |first, last| Span { first, last };
        let track = Track::new([span(-3, 1), span(2, 6), span(5, 4), span(8, 12)], 10);
        assert_eq!(track.size, 5);
        assert_eq!(track.starts, [0, 2, 0, 5]);
        assert_eq!(track.changed, [span(0, 1), span(2, 6), span(5, 4), span(8, 9)]);
        let other = Track::new([span(4, 4), span(9, 9), span(3, 3), span(7, 6)], 10);
        let united = track.union(&other, 10);
        assert_eq!(united.changed, [span(0, 4), span(2, 9), span(3, 3), span(8, 9)]);
        assert_eq!((united.size, united.starts), (8, vec![0, 2, 2, 2]));
    }
}
