//! Where numbers stop being finite: the parameters that hold NaN or infinity, and the first operations that make one
//! of finite numbers.
//!
//! One NaN is enough for all that is computed from it, so what is behind the first place says nothing of its own. A
//! rectifier or a maximum may also swallow it, and what is behind looks dead then: every tensor is looked at, not only
//! the output.

use std::cmp::Reverse;

use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{DType, Shape, Tensor};

use crate::forward::Activations;
use crate::graph::{Graph, Node, Source, ValueId};
use crate::layers::{common_module, module_before, parameters_of};
use crate::ops::Value;
use crate::weights::Weights;

/// What holds the numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Holder {
    /// A parameter or a running statistic of the model, by path.
    Parameter {
        /// `blocks.0.conv1.bias`.
        path: String,
        /// Whether the recorded forward function reads it.
        used: bool,
    },
    /// The result of an operation to which only finite numbers went.
    Result {
        /// The operation in words: `linear`.
        operation: String,
        /// The module whose parameters it uses, or else the nearest one before it.
        module: Option<String>,
        /// Whether it uses parameters itself.
        own: bool,
        /// Whether it is the network's output.
        output: bool,
    },
    /// A constant that the forward function brings, where a layer or the output is not finite because of it.
    Constant {
        /// The nearest module before its use.
        module: Option<String>,
    },
}

/// A place where numbers that are not finite begin: nothing that it is computed from holds one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotFinite {
    /// Position in computing order.
    order: (usize, Reverse<bool>, usize),
    /// What holds them.
    pub holder: Holder,
    /// How many numbers are NaN.
    pub nan: usize,
    /// How many are infinite.
    pub infinite: usize,
    /// Of how many numbers.
    pub of: usize,
}

impl NotFinite {
    /// Takes in what a further group of images has in the same place.
    pub fn merge(&mut self, other: &Self) {
        self.nan += other.nan;
        self.infinite += other.infinite;
        self.of += other.of;
    }

    /// Whether the recorded forward function reads it.
    pub fn is_used(&self) -> bool {
        !matches!(self.holder, Holder::Parameter { used: false, .. })
    }

    /// Whether both are the same place.
    pub fn is_at(&self, other: &Self) -> bool {
        self.order == other.order && self.holder == other.holder
    }
}

impl Graph {
    /// The parameters and running statistics with a number that is NaN or infinite, in the order in which the network
    /// computes with them; those that it does not read come last.
    pub fn parameters_not_finite(&self, weights: &Weights) -> Vec<NotFinite> {
        let mut found: Vec<NotFinite> = weights
            .paths()
            .filter_map(|path| {
                let counts = Counts::of_what_is_not_finite(&weights.get(path)?)?;
                let place = self.values.iter().position(|info| {
                    matches!(&info.source, Source::Parameter(parameter) if parameter == path)
                });
                let place = place.map(ValueId);
                let holder = Holder::Parameter { path: path.to_owned(), used: place.is_some() };
                Some(counts.at(place.map_or(NEVER, |place| self.first_read(place)), holder))
            })
            .collect();
        found.sort();
        found
    }

    /// Position in computing order of what is no result: at its first reader, before the result of that.
    fn first_read(&self, place: ValueId) -> (usize, Reverse<bool>, usize) {
        let reads = |node: &Node| node.inputs.iter().position(|&input| input == place);
        let mut readers = self.nodes.iter().enumerate();
        let first = readers.find_map(|(index, node)| Some((index, reads(node)?)));
        first.map_or(NEVER, |(index, input)| (index, Reverse(true), input))
    }

    /// Whether an operation uses parameters itself.
    fn has_parameters(&self, node: &Node) -> bool {
        !parameters_of(self, node.inputs.iter().copied()).is_empty()
    }
}

/// Behind everything.
const NEVER: (usize, Reverse<bool>, usize) = (usize::MAX, Reverse(true), 0);

impl Activations<'_> {
    /// The operations in whose results numbers that are not finite begin, in computing order. What begins in a
    /// [parameter](Graph::parameters_not_finite) is not among them.
    ///
    /// −∞ that a mask puts in, or a logarithm of zero, and that is gone before the next layer, module or output, is
    /// how attention is written and no fault. A product or sum that overflows always is one: a norm divides by it.
    pub fn not_finite(&self) -> Vec<NotFinite> {
        let graph = self.graph;
        let bad = self.all_not_finite();
        if !bad.contains(&true) {
            return vec![];
        }
        // By tensor, where what is not finite in it comes from.
        let mut origins: Vec<Option<Origin>> = vec![None; bad.len()];
        for (place, info) in graph.values.iter().enumerate().filter(|(place, _)| bad[*place]) {
            origins[place] = match info.source {
                Source::Parameter(_) => Some(Origin::Parameter),
                Source::Images | Source::Data(_) => Some(Origin::Constant(ValueId(place))),
                Source::Node => None,
            };
        }
        let mut found: Vec<Origin> = vec![];
        let ends = |place: ValueId| {
            place == graph.output || graph.layers.iter().any(|layer| layer.place == place)
        };
        for (index, node) in graph.nodes.iter().enumerate().filter(|(_, node)| bad[node.output.0]) {
            let before = node.inputs.iter().filter_map(|input| origins[input.0]).min();
            let begins = before.is_none();
            let origin = before.unwrap_or(Origin::Result(index));
            origins[node.output.0] = Some(origin);
            if ends(node.output) || begins && (node.op.overflows() || graph.has_parameters(node)) {
                found.push(origin);
            }
        }
        found.sort();
        found.dedup();
        let mut found: Vec<_> = found.into_iter().filter_map(|from| self.describe(from)).collect();
        found.sort();
        found
    }

    /// By tensor, whether it holds a float that is not finite, or the operation that made it had one on the way to it.
    fn all_not_finite(&self) -> Vec<bool> {
        let mut bad = vec![false; self.graph.values.len()];
        let floats = self.graph.values.iter().enumerate().filter(|(_, info)| info.float);
        let results = floats.filter_map(|(place, _)| Some((place, self.get(ValueId(place)).ok()?)));
        let nodes = self.graph.nodes.iter();
        let between = nodes.filter_map(|node| Some((node.output.0, self.between(node)?)));
        let known: Vec<(usize, Value)> = results.chain(between).collect();
        let sums: Vec<Tensor<1>> = known.iter().map(|(_, value)| sum(value.clone())).collect();
        if sums.is_empty() {
            return bad;
        }
        // One reading of the device for all of them.
        let sums = Tensor::cat(sums, 0).into_data().convert::<f32>().try_to_vec::<f32>();
        for ((place, value), sum) in known.iter().zip(sums.unwrap_or_default()) {
            // A sum may overflow where no number is infinite.
            bad[*place] |= !sum.is_finite() && Counts::of_what_is_not_finite(value).is_some();
        }
        bad
    }

    fn describe(&self, origin: Origin) -> Option<NotFinite> {
        let graph = self.graph;
        let (place, order, holder) = match origin {
            Origin::Parameter => return None,
            Origin::Result(index) => {
                let node = &graph.nodes[index];
                let own = graph.has_parameters(node);
                let module = if own {
                    common_module(&parameters_of(graph, node.inputs.iter().copied()))
                } else {
                    module_before(graph, node)
                };
                let output = node.output == graph.output;
                let operation = node.op.describe();
                let holder = Holder::Result { operation, module, own, output };
                (node.output, (index, Reverse(false), 0), holder)
            }
            Origin::Constant(place) => {
                let order = graph.first_read(place);
                let module = graph.nodes.get(order.0).and_then(|node| module_before(graph, node));
                (place, order, Holder::Constant { module })
            }
        };
        let counts = Counts::of_what_is_not_finite(&self.get(place).ok()?).or_else(|| {
            let Origin::Result(index) = origin else { return None };
            Counts::of_what_is_not_finite(&self.between(&graph.nodes[index])?)
        })?;
        Some(counts.at(order, holder))
    }

    /// What an operation computes on the way to its result, from these images.
    fn between(&self, node: &Node) -> Option<Value> {
        if !node.op.overflows() {
            return None;
        }
        let inputs: Option<Vec<Value>> = node.inputs.iter().map(|&id| self.get(id).ok()).collect();
        node.op.between(&inputs?)
    }
}

/// Where numbers come from that are not finite: the less telling come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Parameter,
    Result(usize),
    Constant(ValueId),
}

struct Counts {
    nan: usize,
    infinite: usize,
    of: usize,
}

impl Counts {
    /// `None` if all numbers are finite.
    fn of_what_is_not_finite(value: &Value) -> Option<Self> {
        let sum = sum(value.clone()).into_data().convert::<f32>().try_to_vec::<f32>().ok()?;
        if sum.iter().all(|sum| sum.is_finite()) {
            return None;
        }
        let flat = Dispatch::float_reshape(value.clone(), flat(value));
        let numbers = Tensor::<1>::from_dispatch(flat).into_data().convert::<f64>();
        let numbers = numbers.try_to_vec::<f64>().ok()?;
        let nan = numbers.iter().filter(|number| number.is_nan()).count();
        let infinite = numbers.iter().filter(|number| number.is_infinite()).count();
        (nan + infinite > 0).then_some(Self { nan, infinite, of: numbers.len() })
    }

    fn at(self, order: (usize, Reverse<bool>, usize), holder: Holder) -> NotFinite {
        let Self { nan, infinite, of } = self;
        NotFinite { order, holder, nan, infinite, of }
    }
}

/// `[1]`; finite only if all numbers are.
fn sum(value: Value) -> Tensor<1> {
    let sum = Dispatch::float_sum(value);
    let sum = Dispatch::float_reshape(sum, Shape::new([1]));
    Tensor::<1>::from_dispatch(sum).cast(DType::F32)
}

fn flat(value: &Value) -> Shape {
    Shape::new([value.shape().num_elements()])
}
