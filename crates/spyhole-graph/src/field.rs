//! Receptive fields: which input pixels a unit can see, through branches, dilation and padding.

use burn::tensor::Shape;

use crate::graph::{Graph, ValueId};
use crate::layer::Layer;
use crate::ops::Operation;
use crate::positions::Positions;
use crate::region::{Reach, Region, Seen, Shapes};
use crate::window::Window;

/// How far the box of a receptive field can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldStatus {
    /// The box follows from kernels, strides, dilation, padding and positions that the forward function fixes:
    /// the visible one is the smallest box that holds every pixel the unit sees, at every position.
    #[default]
    Exact,
    /// Something on the way looks at whole planes (global pooling, statistics of a plane, attention), or
    /// mixes positions in too many ways to follow: the unit sees nothing outside the box, but need not see
    /// what lies at its sides.
    UpperBound,
    /// Where the unit looks depends on the image (values picked by computed positions): the box is what
    /// any image could make it look at.
    DataDependent,
}

/// The receptive field of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The box by the layers' geometry alone. It may reach beyond the image, where the network pads.
    pub nominal: Window,
    /// The pixels of the image that the unit can depend on: no pixel outside this box does anything.
    pub visible: Window,
    /// Whether the boxes are only an upper bound, for one reason or the other: `status` says which.
    pub upper_bound: bool,
    /// How far the boxes can be trusted.
    pub status: FieldStatus,
}

impl Graph {
    /// The receptive field of a unit of a layer.
    pub fn field(&self, layer: &Layer, row: usize, column: usize) -> Field {
        let tracer = Tracer::new(self, layer.place);
        let unit = tracer.unit(row, column);
        let (nominal, _) = tracer.trace(&unit, false);
        let (visible, status) = tracer.trace(&unit, true);
        Field { nominal, visible, upper_bound: status != FieldStatus::Exact, status }
    }

    /// `[height, width]` of the largest receptive field of any unit of a layer, not clipped at the
    /// image's border.
    pub fn field_size(&self, layer: &Layer) -> [usize; 2] {
        let [_, height, width] = layer.shape();
        let tracer = Tracer::new(self, layer.place);
        // Rows and columns do not influence each other, so the diagonal meets every row and column.
        let sizes = (0..height.max(width)).map(|i| {
            let (row, column) = (i.min(height.saturating_sub(1)), i.min(width.saturating_sub(1)));
            tracer.trace(&tracer.unit(row, column), false).0.size()
        });
        sizes.fold([0, 0], |[h, w], [height, width]| [h.max(height), w.max(width)])
    }
}

/// Follows boxes of one tensor back to the image.
struct Tracer<'g> {
    graph: &'g Graph,
    from: ValueId,
    /// Operations between the image and the tensor, last first.
    nodes: Vec<usize>,
    shapes: Vec<Shape>,
}

impl<'g> Tracer<'g> {
    fn new(graph: &'g Graph, from: ValueId) -> Self {
        let mut nodes = graph.needed_for(&[from]);
        nodes.retain(|&index| graph.value(graph.nodes[index].output).from_images);
        nodes.reverse();
        let shapes = (0..graph.values.len()).map(|id| graph.shape(ValueId(id), 1)).collect();
        Self { graph, from, nodes, shapes }
    }

    /// All feature maps at one position: of a plane, or of a line where there are no rows.
    fn unit(&self, row: usize, column: usize) -> Region {
        let all = Region::all(&self.shapes[self.from.0]);
        let rank = all.0.len();
        if rank < 3 {
            return all;
        }
        let at = |position: usize| Positions::at(position as i64);
        let all = if rank > 3 { all.with(rank - 2, at(row)) } else { all };
        all.with(rank - 1, at(column))
    }

    /// The box of the image that a part of the tensor depends on. Branches are united.
    fn trace(&self, from: &Region, clip: bool) -> (Window, FieldStatus) {
        let graph = self.graph;
        let mut seen = vec![Seen::default(); graph.values.len()];
        seen[self.from.0].add(from.clone());
        let mut status = FieldStatus::Exact;
        for &index in &self.nodes {
            let node = &graph.nodes[index];
            let from = std::mem::take(&mut seen[node.output.0]);
            if from.boxes.is_empty() {
                continue;
            }
            let inputs: Vec<Shape> =
                node.inputs.iter().map(|id| self.shapes[id.0].clone()).collect();
            let shapes = Shapes { inputs: &inputs, output: &self.shapes[node.output.0] };
            for (input, &id) in node.inputs.iter().enumerate() {
                if !graph.value(id).from_images {
                    continue;
                }
                let step = Step { op: node.op.as_ref(), input, shapes: &shapes, clip };
                let place = &mut seen[id.0];
                for region in &from.boxes {
                    let reach = step.look_back(region);
                    status = status.max(reach.status);
                    // Of a box that is not seen whole it is not known which positions go with those that
                    // see nothing here.
                    if from.loose && step.loses_some(region) {
                        status = status.max(FieldStatus::UpperBound);
                    }
                    place.loose |= from.loose || reach.loose;
                    // None for padding only, or a gap between strides: this branch does not reach the image.
                    reach.regions.into_iter().for_each(|region| place.add(region));
                }
            }
        }
        let image = &seen[graph.input.0];
        (Window { rows: image.hull(2), columns: image.hull(3) }, status)
    }
}

/// One operation on the way back, and the input that is looked at.
struct Step<'a> {
    op: &'a dyn Operation,
    input: usize,
    shapes: &'a Shapes<'a>,
    clip: bool,
}

impl Step<'_> {
    fn look_back(&self, region: &Region) -> Reach {
        let mut reach = self.op.reach(region, self.input, self.shapes);
        if self.clip {
            let shape = &self.shapes.inputs[self.input];
            reach.regions.iter_mut().for_each(|region| *region = region.clip(shape));
        }
        reach.regions.retain(|region| !region.is_empty());
        reach
    }

    /// Whether there are positions on some axis from which nothing is seen.
    fn loses_some(&self, region: &Region) -> bool {
        region.0.iter().enumerate().any(|(axis, positions)| {
            let blind =
                |at| self.look_back(&region.with(axis, Positions::at(at))).regions.is_empty();
            positions.iter().any(blind)
        })
    }
}
