use std::collections::{HashMap, HashSet};

use burn::backend::ir::{OperationIr, TensorId, TensorIr};
use burn::module::Module;
use burn::tensor::{Shape, Tensor, TensorData};

use crate::capture::{Recording, record};
use crate::dim::Dim;
use crate::error::GraphError;
use crate::layer::{self, Layer};
use crate::ops::{FAMILIES, Operation};

/// The batch sizes that a model is recorded with. Two tell which dimensions grow with the batch.
const BATCHES: [usize; 2] = [2, 3];

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
    layers: Vec<Layer>,
    parameters: usize,
}

/// A tensor of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ValueId(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct ValueInfo {
    pub(crate) dims: Vec<Dim>,
    pub(crate) source: Source,
    /// Whether it changes with the images.
    pub(crate) from_images: bool,
    /// The operation that makes it impossible to compute, if there is one.
    pub(crate) unsupported: Option<String>,
}

/// Where a tensor comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Images,
    Parameter(String),
    Data(TensorData),
    Node,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Box<dyn Operation>,
    pub(crate) inputs: Vec<ValueId>,
    pub(crate) output: ValueId,
}

impl Graph {
    /// Records `forward(model, images)` for images of `input_shape` `[channels, height, width]`.
    ///
    /// Nothing is computed and the model is not changed; it takes milliseconds. The output may have
    /// any rank.
    ///
    /// # Errors
    /// When the forward function panics on such images, or does not treat every batch size alike. An
    /// operation that spyhole does not know is no error: see [`Layer::unsupported`].
    pub fn capture<M: Module, const D: usize>(
        model: &M,
        input_shape: [usize; 3],
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<Self, GraphError> {
        let [first, second] = BATCHES;
        let first = record(model, input_shape, first, &forward)?;
        let second = record(model, input_shape, second, &forward)?;
        let mut graph = Lowering::new(&first, &second)?.run(input_shape);
        graph.parameters = model.num_params();
        graph.layers = layer::find(&graph);
        Ok(graph)
    }

    /// `[channels, height, width]` of one input image.
    pub fn input_shape(&self) -> [usize; 3] {
        self.input_shape
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

    /// `[height, width]` of a tensor that has feature maps.
    pub(crate) fn plane(&self, id: ValueId) -> Option<[usize; 2]> {
        let shape = self.shape(id, 1);
        (shape.rank() == 4).then(|| [shape[2], shape[3]])
    }

    /// The operations that read a tensor.
    pub(crate) fn consumers(&self, id: ValueId) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |node| node.inputs.contains(&id))
    }
}

/// Turns two recordings of a model into one graph.
struct Lowering<'a> {
    first: &'a Recording,
    dims: HashMap<TensorId, Vec<Dim>>,
    values: Vec<ValueInfo>,
    known: HashMap<TensorId, ValueId>,
    nodes: Vec<Node>,
}

impl<'a> Lowering<'a> {
    fn new(first: &'a Recording, second: &'a Recording) -> Result<Self, GraphError> {
        let mut dims = HashMap::new();
        let (left, right) = (&first.ir.operations, &second.ir.operations);
        for index in 0..left.len().max(right.len()) {
            let name =
                |ops: &[OperationIr]| ops.get(index).map_or("nothing".into(), operation_name);
            let tensors = |ops: &'a [OperationIr]| -> Vec<&'a TensorIr> {
                ops.get(index).map(OperationIr::nodes).unwrap_or_default()
            };
            let (a, b) = (tensors(left), tensors(right));
            let alike = a.len() == b.len()
                && a.iter().zip(&b).all(|(a, b)| a.shape.rank() == b.shape.rank());
            if name(left) != name(right) || !alike {
                let (left, right) = (name(left), name(right));
                let [first, second] = BATCHES;
                return Err(GraphError::DependsOnBatchSize { first, second, index, left, right });
            }
            for (a, b) in a.into_iter().zip(b) {
                let pairs = a.shape.iter().zip(b.shape.iter());
                let affine = pairs.map(|(&a, &b)| Dim::from_two(BATCHES[0], a, b)).collect();
                dims.insert(a.id, affine);
            }
        }
        Ok(Self { first, dims, values: vec![], known: HashMap::new(), nodes: vec![] })
    }

    fn run(mut self, input_shape: [usize; 3]) -> Graph {
        let [n, m] = BATCHES;
        let mut dims = vec![Dim::from_two(n, n, m)];
        dims.extend(input_shape.map(|length| Dim::from_two(n, length, length)));
        self.dims.insert(self.first.input, dims);
        let input = self.value_of(self.first.input);
        for op in &self.first.ir.operations {
            if !matches!(op, OperationIr::Init(_)) {
                self.lower(op);
            }
        }
        let output = self.value_of(self.first.output);
        Graph {
            input_shape,
            values: self.values,
            nodes: self.nodes,
            input,
            output,
            layers: vec![],
            parameters: 0,
        }
    }

    fn lower(&mut self, op: &OperationIr) {
        let Some(parsed) = FAMILIES.iter().find_map(|read| read(op)) else {
            let name = operation_name(op);
            let inputs: Vec<_> = op.inputs().map(|tensor| self.value_of(tensor.id)).collect();
            // An operation behind an unsupported one is named after the first of them.
            let cause = self.cause(&inputs).unwrap_or(name);
            let from_images = self.from_images(&inputs);
            for output in op.outputs() {
                self.define(output.id, Source::Node, from_images, Some(cause.clone()));
            }
            return;
        };
        let inputs: Vec<_> = parsed.inputs.iter().map(|tensor| self.value_of(tensor.id)).collect();
        let (cause, from_images) = (self.cause(&inputs), self.from_images(&inputs));
        let output = self.define(parsed.output.id, Source::Node, from_images, cause);
        self.nodes.push(Node { op: parsed.op, inputs, output });
    }

    fn cause(&self, inputs: &[ValueId]) -> Option<String> {
        inputs.iter().find_map(|id| self.values[id.0].unsupported.clone())
    }

    fn from_images(&self, inputs: &[ValueId]) -> bool {
        inputs.iter().any(|id| self.values[id.0].from_images)
    }

    /// The value of a tensor, which comes from outside the graph if no operation made it so far.
    fn value_of(&mut self, id: TensorId) -> ValueId {
        if let Some(&value) = self.known.get(&id) {
            return value;
        }
        let (source, unsupported) = if id == self.first.input {
            (Source::Images, None)
        } else if let Some(path) = self.first.parameters.get(&id) {
            (Source::Parameter(path.clone()), None)
        } else if let Some(data) = self.first.values.get(&id) {
            (Source::Data(data.clone()), None)
        } else {
            (Source::Node, Some("a tensor of unknown origin".to_owned()))
        };
        let from_images = matches!(source, Source::Images);
        self.define(id, source, from_images, unsupported)
    }

    fn define(
        &mut self,
        id: TensorId,
        source: Source,
        from_images: bool,
        unsupported: Option<String>,
    ) -> ValueId {
        let dims = self.dims.get(&id).cloned().unwrap_or_default();
        self.values.push(ValueInfo { dims, source, from_images, unsupported });
        let value = ValueId(self.values.len() - 1);
        self.known.insert(id, value);
        value
    }
}

/// The recorded operation's own name: `Conv2d`, `Relu`, `Add`.
fn operation_name(op: &OperationIr) -> String {
    if let OperationIr::Custom(custom) = op {
        return custom.id.clone();
    }
    // `NumericFloat(F32, Add(BinaryOpIr { …`: the word before the last bracket before the fields.
    let text = format!("{op:?}");
    let head = text.split('{').next().unwrap_or_default();
    let mut words = head.split(['(', ',', ' ']).filter(|word| !word.is_empty()).rev();
    let _fields = words.next();
    words.next().unwrap_or("operation").to_owned()
}

impl Graph {
    /// Nodes that a tensor needs, in order.
    pub(crate) fn needed_for(&self, targets: &[ValueId]) -> Vec<usize> {
        let mut wanted: HashSet<ValueId> = targets.iter().copied().collect();
        let mut needed = vec![];
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if wanted.contains(&node.output) {
                needed.push(index);
                wanted.extend(&node.inputs);
            }
        }
        needed.reverse();
        needed
    }
}
