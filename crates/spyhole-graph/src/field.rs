//! Receptive fields: which input pixels a unit can see, through branches, dilation and padding.

use burn::tensor::Shape;

use crate::graph::{Graph, ValueId};
use crate::layer::Layer;
use crate::region::{Region, Shapes};
use crate::window::{Span, Window};

/// How far the box of a receptive field can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldStatus {
    /// The box follows from kernels, strides, dilation and padding alone: it is the smallest box that
    /// holds everything the unit sees.
    #[default]
    Exact,
    /// Something on the way looks at whole planes (global pooling, statistics of a plane, attention, a
    /// reshape across rows): the unit sees nothing outside the box, but need not see all of it.
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
        let (nominal, status) = tracer.trace(&unit, false);
        let (visible, _) = tracer.trace(&unit, true);
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
        let all = if rank > 3 { all.with(rank - 2, Span::at(row)) } else { all };
        all.with(rank - 1, Span::at(column))
    }

    /// The box of the image that a box of the tensor depends on. Branches are united.
    fn trace(&self, from: &Region, clip: bool) -> (Window, FieldStatus) {
        let graph = self.graph;
        let mut regions: Vec<Option<Region>> = vec![None; graph.values.len()];
        regions[self.from.0] = Some(from.clone());
        let mut status = FieldStatus::Exact;
        for &index in &self.nodes {
            let node = &graph.nodes[index];
            let Some(region) = regions[node.output.0].take() else { continue };
            let inputs: Vec<Shape> =
                node.inputs.iter().map(|id| self.shapes[id.0].clone()).collect();
            let shapes = Shapes { inputs: &inputs, output: &self.shapes[node.output.0] };
            for (input, &id) in node.inputs.iter().enumerate() {
                if !graph.value(id).from_images {
                    continue;
                }
                let reach = node.op.reach(&region, input, &shapes);
                status = status.max(reach.status);
                let seen = if clip { reach.region.clip(&inputs[input]) } else { reach.region };
                // Nothing but padding, or a gap between strides: this branch does not reach the image.
                if seen.is_empty() {
                    continue;
                }
                let place = &mut regions[id.0];
                *place = Some(place.as_ref().map_or(seen.clone(), |other| other.union(&seen)));
            }
        }
        let nothing = Span { first: 0, last: -1 };
        let window = match regions[graph.input.0].take() {
            Some(region) => Window { rows: region.0[2], columns: region.0[3] },
            None => Window { rows: nothing, columns: nothing },
        };
        (window, status)
    }
}
