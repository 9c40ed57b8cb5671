use std::collections::HashSet;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Shape, Tensor, TensorData};

use crate::capture::{check_precision, record};
use crate::dim::Dim;
use crate::error::GraphError;
use crate::layer::Layer;
use crate::layers;
use crate::lower::{Lowering, unchanged};
use crate::ops::Operation;
use crate::trial::tried;

/// Memory that projections may take at once; see [`Graph::with_pass_memory`].
pub(crate) const PASS_BYTES: usize = 256 << 20;

/// The batch sizes that a model is recorded with. Two tell which dimensions grow with the batch.
pub(crate) const BATCHES: [usize; 2] = [2, 3];

/// How often a forward function that differs between batch sizes is called again, to see whether it is chance.
const CALLS: usize = 8;

/// A model's computation, recorded from its forward function: every operation, without values.
///
/// It serves any batch size and any weights of the same model. See the [crate's front page](crate)
/// for an example.
#[derive(Debug)]
pub struct Graph {
    pub(crate) input_shape: [usize; 3],
    pub(crate) values: Vec<ValueInfo>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) input: ValueId,
    pub(crate) output: ValueId,
    pub(crate) layers: Vec<Layer>,
    pub(crate) parameters: usize,
    pub(crate) pass_bytes: usize,
}

/// A tensor of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ValueId(pub(crate) usize);

#[derive(Clone, Debug)]
pub(crate) struct ValueInfo {
    pub(crate) dims: Vec<Dim>,
    pub(crate) source: Source,
    /// Whether it changes with the images.
    pub(crate) from_images: bool,
    /// Whether it holds floats, through which a signal can pass.
    pub(crate) float: bool,
    /// The operation that makes it impossible to compute, if there is one.
    pub(crate) unsupported: Option<String>,
}

/// Where a tensor comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Images,
    Parameter(String),
    Data(TensorData),
    Node,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Arc<dyn Operation>,
    pub(crate) inputs: Vec<ValueId>,
    pub(crate) output: ValueId,
}

impl Graph {
    /// Records `forward(model, images)` for images of `input_shape` `[channels, height, width]`.
    ///
    /// Nothing is computed and the model is not changed; it takes milliseconds. The function is called three times,
    /// with two and with three images: what differs between the calls is not taken for the model. The output may
    /// have any rank.
    ///
    /// # Errors
    /// When the forward function cannot be recorded, or does not do the same in every call; each cause has a
    /// [variant](GraphError) of its own. An operation that spyhole does not know is no error: see
    /// [`Layer::unsupported`].
    pub fn capture<M: Module, const D: usize>(
        model: &M,
        input_shape: [usize; 3],
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<Self, GraphError> {
        // Weights that cannot even be initialised are told of by the recording.
        tried(|| check_precision(model)).unwrap_or(Ok(()))?;
        let record = |batch| record(model, input_shape, batch, &forward);
        let [few, more] = BATCHES;
        let (first, second, again) = (record(few)?, record(more)?, record(few)?);
        let lowering = Lowering::new(&first, &second, &again).or_else(|difference| {
            // A coin that was tossed once for each batch size looks like a reason to tell them apart.
            (0..CALLS).try_for_each(|_| unchanged(&first, &record(few)?))?;
            Err(difference)
        });
        let mut graph = lowering?.run(input_shape);
        graph.parameters = model.num_params();
        graph.layers = layers::find(&graph);
        Ok(graph)
    }

    /// `[channels, height, width]` of one input image.
    pub fn input_shape(&self) -> [usize; 3] {
        self.input_shape
    }

    /// Sets how much memory projections may take at once, roughly, in bytes; 256 MiB by default. Less makes
    /// more and smaller passes of many units. One unit per core is the least, whatever it takes.
    pub fn with_pass_memory(mut self, bytes: usize) -> Self {
        self.pass_bytes = bytes;
        self
    }

    /// The model's layers, in the order in which it computes them.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The layer of that name.
    ///
    /// # Errors
    /// When there is none; the error lists the names there are.
    pub fn layer(&self, name: &str) -> Result<&Layer, GraphError> {
        self.layers.iter().find(|layer| layer.name() == name).ok_or_else(|| {
            let known: Vec<_> = self.layers.iter().map(Layer::name).collect();
            GraphError::UnknownLayer { name: name.to_owned(), known: known.join(", ") }
        })
    }

    /// Number of trainable numbers in the model.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    pub(crate) fn value(&self, id: ValueId) -> &ValueInfo {
        &self.values[id.0]
    }

    pub(crate) fn shape(&self, id: ValueId, batch: usize) -> Shape {
        self.value(id).dims.iter().map(|dim| dim.at(batch)).collect::<Vec<_>>().into()
    }

    /// Whether a signal on its way back passes this tensor.
    pub(crate) fn carries_signal(&self, id: ValueId) -> bool {
        self.value(id).from_images && self.value(id).float
    }

    /// `[height, width]` of a tensor `[N, C, H, W]`.
    pub(crate) fn plane(&self, id: ValueId) -> Option<[usize; 2]> {
        let shape = self.shape(id, 1);
        (shape.rank() == 4).then(|| [shape[2], shape[3]])
    }

    /// For each of a node's inputs, whether it depends on the images.
    pub(crate) fn varies(&self, node: &Node) -> Vec<bool> {
        node.inputs.iter().map(|&id| self.value(id).from_images).collect()
    }

    /// Nodes that tensors need, in order.
    pub(crate) fn needed_for(&self, targets: &[ValueId]) -> Vec<usize> {
        needed_for(&self.nodes, targets)
    }
}

/// Nodes that tensors need, in order.
pub(crate) fn needed_for(nodes: &[Node], targets: &[ValueId]) -> Vec<usize> {
    let mut wanted: HashSet<ValueId> = targets.iter().copied().collect();
    let mut needed = vec![];
    for (index, node) in nodes.iter().enumerate().rev() {
        if wanted.contains(&node.output) {
            needed.push(index);
            wanted.extend(&node.inputs);
        }
    }
    needed.reverse();
    needed
}
