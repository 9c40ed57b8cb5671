//! What users see as a layer: the activation after a convolution with its normalisation and rectifier.

use std::collections::HashMap;

use crate::graph::{Graph, Node, Source, ValueId};
use crate::ops::Role;

/// A layer: the activation after a convolution, its normalisation and its rectifier, as far as these
/// follow it directly.
#[derive(Clone, Debug)]
pub struct Layer {
    pub(crate) place: ValueId,
    name: String,
    description: String,
    shape: [usize; 3],
    weight: Option<String>,
    first: bool,
    unsupported: Option<String>,
}

impl Layer {
    /// Unique name: the path of the convolution's parameters (`blocks.0.conv1`), with `#2`, `#3` for
    /// further uses of the same convolution.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the layer computes, in words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// `[channels, height, width]` of the activation for one image.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Path of the convolution's weights, shape `[filters, channels / groups, height, width]`. `None`
    /// if the forward function computes them instead of reading a parameter.
    pub fn weight(&self) -> Option<&str> {
        self.weight.as_deref()
    }

    /// Whether the convolution filters the input image itself.
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// The operation because of which the layer can be neither computed nor projected, if there is one.
    pub fn unsupported(&self) -> Option<&str> {
        self.unsupported.as_deref()
    }
}

/// All layers of a graph, in the order of computation.
pub(crate) fn find(graph: &Graph) -> Vec<Layer> {
    let mut uses: HashMap<String, usize> = HashMap::new();
    let convolutions = graph.nodes.iter().filter(|node| {
        node.op.role() == Role::Convolution && graph.value(node.inputs[0]).from_images
    });
    convolutions
        .enumerate()
        .filter_map(|(index, node)| {
            let chain = chain_of(graph, node);
            let place = chain.last()?.output;
            let shape = graph.shape(place, 1);
            let weight = match &graph.value(node.inputs[1]).source {
                Source::Parameter(path) => Some(path.clone()),
                _ => None,
            };
            let base = match &weight {
                Some(path) => {
                    path.rsplit_once('.').map_or(path.clone(), |(module, _)| module.into())
                }
                None => format!("conv[{index}]"),
            };
            let count = uses.entry(base.clone()).or_default();
            *count += 1;
            let name = if *count == 1 { base } else { format!("{base}#{count}") };
            let words: Vec<_> = chain.iter().map(|node| node.op.describe()).collect();
            Some(Layer {
                place,
                name,
                description: words.join(" + "),
                shape: [shape[1], shape[2], shape[3]],
                weight,
                first: node.inputs[0] == graph.input,
                unsupported: graph.value(place).unsupported.clone(),
            })
        })
        .collect()
}

/// A convolution, then a normalisation, then a rectifier, as long as each is the only one to read the
/// one before.
fn chain_of<'g>(graph: &'g Graph, convolution: &'g Node) -> Vec<&'g Node> {
    let mut chain = vec![convolution];
    for role in [Role::Normalization, Role::Rectifier] {
        let Some(last) = chain.last() else { break };
        let mut consumers = graph.consumers(last.output);
        if let (Some(next), None) = (consumers.next(), consumers.next())
            && next.op.role() == role
            && graph.plane(next.output) == graph.plane(last.output)
        {
            chain.push(next);
        }
    }
    chain
}
