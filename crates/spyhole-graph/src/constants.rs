//! What does not depend on the images: computed from weights, or from what the recording holds alone.

use std::collections::HashMap;

use burn::backend::ops::IntTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Device, Int, Shape, Tensor};

use crate::error::GraphError;
use crate::forward::{compute, from_data};
use crate::graph::{BATCHES, Node, Source, ValueId, ValueInfo, needed_for};
use crate::ops::{Value, flat};
use crate::weights::Weights;

/// Integers that a recorded tensor holds.
pub(crate) struct Numbers {
    values: Vec<i64>,
    shape: Vec<usize>,
}

impl Numbers {
    /// All of them, one behind the other.
    pub(crate) fn whole(self) -> Vec<i64> {
        self.values
    }

    /// Those along an axis, if they are the same wherever else one looks.
    pub(crate) fn along(&self, axis: usize) -> Option<Vec<i64>> {
        let inner: usize = self.shape.get(axis + 1..)?.iter().product();
        let length = *self.shape.get(axis)?;
        let of = |index: usize| index / inner.max(1) % length.max(1);
        let first: Vec<i64> =
            (0..length).map(|at| self.values.get(at * inner).copied()).collect::<Option<_>>()?;
        let same = |(index, value): (usize, &i64)| first[of(index)] == *value;
        self.values.iter().enumerate().all(same).then_some(first)
    }
}

/// Computes a tensor that does not depend on the images. Without weights, one that reads none.
pub(crate) fn evaluate(
    values: &[ValueInfo],
    nodes: &[Node],
    target: ValueId,
    weights: Option<&Weights>,
    device: &Device,
) -> Result<Value, GraphError> {
    let missing = |operation: &str| GraphError::Unsupported { operation: operation.to_owned() };
    let mut held: HashMap<ValueId, Value> = HashMap::new();
    let get = |held: &mut HashMap<ValueId, Value>, id: ValueId| {
        if let Some(value) = held.get(&id) {
            return Ok(value.clone());
        }
        let info = &values[id.0];
        if let Some(operation) = &info.unsupported {
            return Err(missing(operation));
        }
        let value = match &info.source {
            Source::Data(data) => from_data(data.clone(), device),
            Source::Parameter(path) => match weights {
                Some(weights) => {
                    let value = weights.get(path);
                    Some(value.ok_or_else(|| GraphError::MissingParameter { path: path.clone() })?)
                }
                None => None,
            },
            Source::Images | Source::Node => None,
        };
        let value = value.ok_or_else(|| missing("a tensor that is no constant"))?;
        held.insert(id, value.clone());
        Ok(value)
    };
    for index in needed_for(nodes, &[target]) {
        let node = &nodes[index];
        let inputs =
            node.inputs.iter().map(|&id| get(&mut held, id)).collect::<Result<Vec<_>, _>>()?;
        let info = &values[node.output.0];
        if let Some(operation) = &info.unsupported {
            return Err(missing(operation));
        }
        // Any number of images: what is computed here is read only where it is the same for all.
        let shape: Shape =
            info.dims.iter().map(|dim| dim.at(BATCHES[0])).collect::<Vec<_>>().into();
        let place = device.as_dispatch();
        let computed = compute(node, &inputs, shape, place).map_err(|cause| missing(&cause))?;
        held.insert(node.output, computed.output);
    }
    get(&mut held, target)
}

/// The integers that the recording fixes in a tensor. `None` if it reads images or weights.
pub(crate) fn integers(values: &[ValueInfo], nodes: &[Node], id: ValueId) -> Option<Numbers> {
    let value = known(values, nodes, id)?;
    let dtype = value.dtype();
    (!dtype.is_float() && !dtype.is_bool()).then_some(())?;
    let shape = value.shape();
    let flat = Dispatch::int_reshape(value, Shape::new([shape.num_elements()]));
    let data = Tensor::<1, Int>::from_dispatch(flat).into_data().convert::<i64>();
    Some(Numbers { values: data.try_into_vec().ok()?, shape: shape.to_vec() })
}

/// The number that the recording fixes in a whole tensor of floats, if it is everywhere the same.
pub(crate) fn uniform(values: &[ValueInfo], nodes: &[Node], id: ValueId) -> Option<f64> {
    let value = known(values, nodes, id)?;
    value.dtype().is_float().then_some(())?;
    let numbers = flat(value).into_data().convert::<f64>().try_into_vec::<f64>().ok()?;
    let first = *numbers.first()?;
    numbers.iter().all(|&number| number == first).then_some(first)
}

fn known(values: &[ValueInfo], nodes: &[Node], id: ValueId) -> Option<Value> {
    (!values[id.0].from_images).then_some(())?;
    let nodes_before = needed_for(nodes, &[id]);
    let inputs = nodes_before.iter().flat_map(|&index| nodes[index].inputs.iter());
    let reads_weights =
        inputs.chain([&id]).any(|id| matches!(values[id.0].source, Source::Parameter(_)));
    (!reads_weights).then_some(())?;
    evaluate(values, nodes, id, None, &Device::flex()).ok()
}

/// How a layer's filters are computed from parameters.
#[derive(Debug)]
pub(crate) struct Recipe {
    values: Vec<ValueInfo>,
    nodes: Vec<Node>,
    target: ValueId,
}

impl Recipe {
    pub(crate) fn new(values: &[ValueInfo], nodes: &[Node], target: ValueId) -> Self {
        let mut recipe = Self { values: vec![], nodes: vec![], target };
        let mut places: HashMap<ValueId, ValueId> = HashMap::new();
        let mut place = |recipe: &mut Self, id: ValueId| {
            *places.entry(id).or_insert_with(|| {
                recipe.values.push(values[id.0].clone());
                ValueId(recipe.values.len() - 1)
            })
        };
        for index in needed_for(nodes, &[target]) {
            let node = &nodes[index];
            let inputs = node.inputs.iter().map(|&id| place(&mut recipe, id)).collect();
            let output = place(&mut recipe, node.output);
            recipe.nodes.push(Node { op: node.op.clone(), inputs, output });
        }
        recipe.target = place(&mut recipe, target);
        recipe
    }

    /// Whether another one computes the same from the same parameters.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let nodes = |recipe: &Self| format!("{:?} {:?}", recipe.nodes, recipe.target);
        let same_source = |a: &Source, b: &Source| match (a, b) {
            (Source::Parameter(a), Source::Parameter(b)) => a == b,
            (Source::Data(a), Source::Data(b)) => a == b,
            (Source::Images, Source::Images) | (Source::Node, Source::Node) => true,
            _ => false,
        };
        self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(|(a, b)| same_source(&a.source, &b.source))
            && nodes(self) == nodes(other)
    }

    pub(crate) fn compute(&self, weights: &Weights, device: &Device) -> Result<Value, GraphError> {
        evaluate(&self.values, &self.nodes, self.target, Some(weights), device)
    }
}
