//! From two recordings of a model to one graph that serves any batch size.

use std::collections::{HashMap, HashSet};

use burn::backend::ir::{
    BaseOperationIr, IrVisitorMut, NumericOperationIr, OperationIr, TensorId, TensorIr,
};
use burn::tensor::Slice;

use crate::capture::Recording;
use crate::dim::{Dim, batch_axis};
use crate::error::GraphError;
use crate::graph::{BATCHES, Graph, Node, PASS_BYTES, Source, ValueId, ValueInfo};
use crate::ops::{Clamp, FAMILIES, Operands, Operation, Role, Step, interpreted, unknown};
use crate::{constants, fuse};

/// Ends the reason why an operation cannot be recorded that is another one for another number of images.
pub const DEPENDS_ON_BATCH: &str = "depends on the batch size";
/// Ends the reason why an operation cannot be recorded that is another one in each call.
pub const CHANGES_BETWEEN_CALLS: &str = "changes from call to call, as if drawn at random";

/// Turns two recordings of a model into one graph.
pub(crate) struct Lowering<'a> {
    first: &'a Recording,
    /// With another batch size.
    second: &'a Recording,
    /// With the first batch size once more.
    again: &'a Recording,
    dims: HashMap<TensorId, Vec<Dim>>,
    /// The names for a tensor of the first recording in the second, and in the one made again.
    twins: HashMap<TensorId, [TensorId; 2]>,
    values: Vec<ValueInfo>,
    known: HashMap<TensorId, ValueId>,
    nodes: Vec<Node>,
    /// Truth values that say where a tensor is below or above one number.
    compared: HashMap<TensorId, Comparison>,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(
        first: &'a Recording,
        second: &'a Recording,
        again: &'a Recording,
    ) -> Result<Self, GraphError> {
        unchanged(first, again)?;
        if let Some((index, left, right)) = difference(first, second) {
            let [first, second] = BATCHES;
            return Err(GraphError::DependsOnBatchSize { first, second, index, left, right });
        }
        let (mut dims, mut twins) = (HashMap::new(), HashMap::new());
        let of = |recording: &'a Recording| recording.ir.operations.iter();
        for ((op, other), repeated) in of(first).zip(of(second)).zip(of(again)) {
            for ((a, b), c) in op.nodes().into_iter().zip(other.nodes()).zip(repeated.nodes()) {
                let pairs = a.shape.iter().zip(b.shape.iter());
                let affine = pairs.map(|(&a, &b)| Dim::from_two(BATCHES[0], a, b)).collect();
                dims.insert(a.id, affine);
                twins.insert(a.id, [b.id, c.id]);
            }
        }
        Ok(Self {
            first,
            second,
            again,
            dims,
            twins,
            values: vec![],
            known: HashMap::new(),
            nodes: vec![],
            compared: HashMap::new(),
        })
    }

    pub(crate) fn run(mut self, input_shape: [usize; 3]) -> Graph {
        let [n, m] = BATCHES;
        let mut dims = vec![Dim::from_two(n, n, m)];
        dims.extend(input_shape.map(|length| Dim::from_two(n, length, length)));
        self.dims.insert(self.first.input, dims);
        let input = self.value_of(self.first.input, true);
        let of = |recording: &'a Recording| recording.ir.operations.iter();
        for ((op, twin), again) in of(self.first).zip(of(self.second)).zip(of(self.again)) {
            // The images themselves are recorded as zeros.
            let images = op.outputs().any(|output| output.id == self.first.input);
            if !images && !matches!(op, OperationIr::Init(_) | OperationIr::Drop(_)) {
                self.lower(op, twin, again);
            }
        }
        let output = self.value_of(self.first.output, true);
        let mut graph = Graph {
            input_shape,
            values: self.values,
            nodes: self.nodes,
            input,
            output,
            layers: vec![],
            parameters: 0,
            pass_bytes: PASS_BYTES,
        };
        // Before and after: what nobody needs reads nothing, as the comparison that a clamp was written with.
        drop_what_nobody_needs(&mut graph);
        fuse::clamps(&mut graph);
        drop_what_nobody_needs(&mut graph);
        graph
    }

    fn lower(&mut self, op: &'a OperationIr, twin: &OperationIr, again: &OperationIr) {
        self.note(op);
        let name = operation_name(op);
        if let Some((step, x, y)) = self.written_out_clamp(op) {
            self.push(Box::new(Clamp::new(step)), &[x], y, None);
            return;
        }
        let parsed = FAMILIES.iter().find_map(|read| read(op));
        let differs = if settings_differ(op, again) {
            Some(CHANGES_BETWEEN_CALLS)
        } else if settings_differ(op, twin) {
            Some(DEPENDS_ON_BATCH)
        } else {
            None
        };
        let Some(parsed) = parsed.filter(|_| differs.is_none()) else {
            let inputs: Vec<_> = op.inputs().collect();
            let cause = differs.map_or(name.clone(), |how| format!("{name} that {how}"));
            let varies = inputs.iter().any(|input| self.depends_on_images(input));
            for output in op.outputs() {
                let constant = (!varies && differs.is_none())
                    .then(|| interpreted(op, output, &name))
                    .flatten();
                match constant {
                    Some(constant) => self.push(constant, &inputs, output, None),
                    None => self.push(unknown(&cause), &inputs, output, Some(cause.clone())),
                }
            }
            return;
        };
        self.push_checked(parsed.op, &parsed.inputs, parsed.output, &name);
        if let Some((op, output)) = parsed.second.filter(|(_, output)| self.is_read(output.id)) {
            self.push_checked(op, &parsed.inputs, output, &name);
        }
    }

    fn is_read(&self, id: TensorId) -> bool {
        self.first.ir.operations.iter().any(|op| op.inputs().any(|tensor| tensor.id == id))
    }

    /// Adds an operation, unless it would mix the images of a batch up or read computed weights.
    fn push_checked(
        &mut self,
        op: Box<dyn Operation>,
        inputs: &[&TensorIr],
        output: &TensorIr,
        name: &str,
    ) {
        let ids: Vec<_> = inputs.iter().map(|tensor| self.input(tensor)).collect();
        let empty = vec![];
        let operands = Operands {
            inputs: ids.iter().map(|id| self.values[id.0].dims.as_slice()).collect(),
            varies: ids.iter().map(|id| self.values[id.0].from_images).collect(),
            output: self.dims.get(&output.id).unwrap_or(&empty),
        };
        let any = operands.varies.contains(&true);
        let clear =
            |dims: &[Dim]| dims.iter().all(|dim| dim.is_fixed()) || batch_axis(dims).is_some();
        let fine =
            !any || (operands.inputs.iter().all(|dims| clear(dims)) && op.accepts(&operands));
        let cause = (!fine).then(|| format!("{name} across images or with computed weights"));
        self.push(op, inputs, output, cause);
    }

    fn push(
        &mut self,
        mut op: Box<dyn Operation>,
        inputs: &[&TensorIr],
        output: &TensorIr,
        unsupported: Option<String>,
    ) {
        let inputs: Vec<_> = inputs.iter().map(|tensor| self.input(tensor)).collect();
        // An operation behind an unsupported one is named after the first of them.
        let cause = inputs.iter().find_map(|id| self.values[id.0].unsupported.clone());
        let from_images = inputs.iter().any(|id| self.values[id.0].from_images);
        let float = output.dtype.is_float();
        let cause = cause.or(unsupported);
        op.learn(&mut |input| constants::integers(&self.values, &self.nodes, *inputs.get(input)?));
        let output = self.define(output.id, Source::Node, from_images, float, cause);
        self.nodes.push(Node { op: op.into(), inputs, output });
    }

    fn input(&mut self, tensor: &TensorIr) -> ValueId {
        self.value_of(tensor.id, tensor.dtype.is_float())
    }

    /// The value of a tensor, which comes from outside the graph if no operation made it so far.
    fn value_of(&mut self, id: TensorId, float: bool) -> ValueId {
        if let Some(&value) = self.known.get(&id) {
            return value;
        }
        let (source, unsupported) = if id == self.first.input {
            (Source::Images, None)
        } else if let Some(path) = self.first.parameters.get(&id) {
            (Source::Parameter(path.clone()), None)
        } else if let Some(data) = self.first.values.get(&id) {
            let differs = |which: usize, recording: &Recording| {
                let twin =
                    self.twins.get(&id).and_then(|twins| recording.values.get(&twins[which]));
                twin.is_none_or(|twin| twin.as_bytes() != data.as_bytes())
            };
            let how = if differs(1, self.again) {
                Some(CHANGES_BETWEEN_CALLS)
            } else if differs(0, self.second) {
                Some(DEPENDS_ON_BATCH)
            } else {
                None
            };
            let cause = how.map(|how| format!("a tensor made from data that {how}"));
            (Source::Data(data.clone()), cause)
        } else {
            (Source::Node, Some("a tensor of unknown origin".to_owned()))
        };
        let from_images = matches!(source, Source::Images);
        self.define(id, source, from_images, float, unsupported)
    }

    fn define(
        &mut self,
        id: TensorId,
        source: Source,
        from_images: bool,
        float: bool,
        unsupported: Option<String>,
    ) -> ValueId {
        let dims = self.dims.get(&id).cloned().unwrap_or_default();
        self.values.push(ValueInfo { dims, source, from_images, float, unsupported });
        let value = ValueId(self.values.len() - 1);
        self.known.insert(id, value);
        value
    }

    fn depends_on_images(&self, tensor: &TensorIr) -> bool {
        match self.known.get(&tensor.id) {
            Some(id) => self.values[id.0].from_images,
            None => tensor.id == self.first.input,
        }
    }

    /// The number that the recording fixes everywhere in a tensor.
    fn uniform(&mut self, tensor: &TensorIr) -> Option<f64> {
        if self.depends_on_images(tensor) || !tensor.dtype.is_float() {
            return None;
        }
        let id = self.input(tensor);
        constants::uniform(&self.values, &self.nodes, id)
    }

    /// Remembers comparisons of a tensor with one number.
    fn note(&mut self, op: &OperationIr) {
        use NumericOperationIr as N;
        let OperationIr::NumericFloat(_, op) = op else { return };
        let (mask, comparison) = match op {
            N::LowerElem(op) | N::LowerEqualElem(op) => {
                (op.out.id, Some(Comparison { of: op.lhs.id, below: true, bound: op.rhs.elem() }))
            }
            N::GreaterElem(op) | N::GreaterEqualElem(op) => {
                (op.out.id, Some(Comparison { of: op.lhs.id, below: false, bound: op.rhs.elem() }))
            }
            N::Lower(op) | N::LowerEqual(op) => (op.out.id, self.compare(&op.lhs, &op.rhs, true)),
            N::Greater(op) | N::GreaterEqual(op) => {
                (op.out.id, self.compare(&op.lhs, &op.rhs, false))
            }
            _ => return,
        };
        self.compared.extend(comparison.map(|comparison| (mask, comparison)));
    }

    /// Where the left one is below the right one, or above it, if one of them is a number.
    fn compare(&mut self, left: &TensorIr, right: &TensorIr, below: bool) -> Option<Comparison> {
        if let Some(bound) = self.uniform(right) {
            return Some(Comparison { of: left.id, below, bound });
        }
        let bound = self.uniform(left)?;
        Some(Comparison { of: right.id, below: !below, bound })
    }

    /// A choice between `x` and a number by a comparison with that number: a clamp by another name.
    /// Returns `x` and the result.
    fn written_out_clamp(
        &mut self,
        op: &'a OperationIr,
    ) -> Option<(Step, &'a TensorIr, &'a TensorIr)> {
        let OperationIr::BaseFloat(op) = op else { return None };
        let (mask, x, y) = match op {
            BaseOperationIr::MaskFill(op) => (op.mask.id, &op.tensor, &op.out),
            BaseOperationIr::MaskWhere(op) => (op.mask.id, &op.tensor, &op.out),
            _ => return None,
        };
        let Comparison { of, below, bound } = *self.compared.get(&mask)?;
        let fill = if below { Step::FillBelow(bound) } else { Step::FillAbove(bound) };
        let (step, x) = match op {
            BaseOperationIr::MaskFill(op) => {
                (x.id == of && op.value.elem::<f64>() == bound).then_some((fill, x))?
            }
            BaseOperationIr::MaskWhere(op) if x.id == of => {
                (self.uniform(&op.value)? == bound).then_some((fill, x))?
            }
            BaseOperationIr::MaskWhere(op) if op.value.id == of => {
                let keep = if below { Step::KeepBelow(bound) } else { Step::KeepAbove(bound) };
                (self.uniform(x)? == bound).then_some((keep, &op.value))?
            }
            _ => return None,
        };
        (x.shape == y.shape).then_some((step, x, y))
    }
}

/// Checks that a recording with the same batch size is the same.
pub(crate) fn unchanged(first: &Recording, again: &Recording) -> Result<(), GraphError> {
    match difference(first, again) {
        Some((index, left, right)) => Err(GraphError::ChangesFromCallToCall { index, left, right }),
        None => Ok(()),
    }
}

/// The first operation, counted from 1, that is not the same in two recordings: its name in each.
fn difference(first: &Recording, second: &Recording) -> Option<(usize, String, String)> {
    let (left, right) = (&first.ir.operations, &second.ir.operations);
    let name = |op: Option<&OperationIr>| op.map_or("nothing".into(), operation_name);
    (0..left.len().max(right.len())).find_map(|index| {
        let (a, b) = (left.get(index), right.get(index));
        let ranks = |op: Option<&OperationIr>| -> Vec<usize> {
            let tensors = op.map(OperationIr::nodes).unwrap_or_default();
            tensors.into_iter().map(|tensor| tensor.shape.rank()).collect()
        };
        let differs = name(a) != name(b) || ranks(a) != ranks(b);
        differs.then(|| (index + 1, name(a), name(b)))
    })
}

/// Where a tensor is below a number, or above it.
#[derive(Clone, Copy)]
struct Comparison {
    of: TensorId,
    below: bool,
    bound: f64,
}

/// Removes operations whose results neither the output nor a convolution reads, nor come after a convolution that
/// leads to neither: that is another head, whose norm and rectifier belong to it.
fn drop_what_nobody_needs(graph: &mut Graph) {
    let convolutions = graph
        .nodes
        .iter()
        .filter(|node| matches!(node.op.role(), Role::Convolution | Role::TransposedConvolution));
    let convolutions: Vec<_> = convolutions.map(|node| node.output).collect();
    let mut targets = convolutions.clone();
    targets.push(graph.output);
    let needed = graph.needed_for(&targets);
    let read: HashSet<ValueId> =
        needed.iter().flat_map(|&index| graph.nodes[index].inputs.iter().copied()).collect();
    let ends = convolutions.into_iter().filter(|id| !read.contains(id) && *id != graph.output);
    let mut behind: HashSet<ValueId> = ends.collect();
    for node in &graph.nodes {
        if node.inputs.iter().any(|id| behind.contains(id)) {
            behind.insert(node.output);
        }
    }
    targets.extend(behind);
    let needed: HashSet<usize> = graph.needed_for(&targets).into_iter().collect();
    let mut index = 0;
    graph.nodes.retain(|_| {
        index += 1;
        needed.contains(&(index - 1))
    });
}

/// Whether two recordings of an operation differ in what is neither a tensor nor a range along an axis that another
/// number of images makes longer.
fn settings_differ(first: &OperationIr, second: &OperationIr) -> bool {
    #[derive(Default)]
    struct Copied(Vec<TensorIr>, Vec<Slice>);
    impl IrVisitorMut for Copied {
        fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
            self.0.push(tensor.clone());
        }
        fn visit_range_mut(&mut self, range: &mut Slice) {
            self.1.push(*range);
        }
    }
    struct Pasted(std::vec::IntoIter<TensorIr>, std::vec::IntoIter<Slice>);
    impl IrVisitorMut for Pasted {
        fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
            if let Some(other) = self.0.next() {
                *tensor = other;
            }
        }
        fn visit_range_mut(&mut self, range: &mut Slice) {
            if let Some(other) = self.1.next() {
                *range = other;
            }
        }
    }
    let (mut copy, mut twin) = (first.clone(), second.clone());
    let (mut ours, mut theirs) = (Copied::default(), Copied::default());
    copy.visit_mut(&mut ours);
    twin.visit_mut(&mut theirs);
    // Ranges are of the first tensor, axis by axis.
    if let (Some(a), Some(b)) = (ours.0.first(), theirs.0.first()) {
        let mut ranges = ours.1.iter().zip(&theirs.1).zip(a.shape.iter().zip(b.shape.iter()));
        if ranges.any(|((ours, theirs), (a, b))| ours != theirs && a == b) {
            return true;
        }
    }
    twin.visit_mut(&mut Pasted(ours.0.into_iter(), ours.1.into_iter()));
    // Not equal to itself: a setting that is not a number. Nothing can be said, so nothing is refused.
    copy != twin && copy == first.clone()
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
