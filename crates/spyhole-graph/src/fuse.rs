//! Several operations of a graph that are one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::{Graph, ValueId};

/// Makes one clamp of clamps behind each other: a layer's activation is what comes after all of them. Where
/// something else reads what is between, that stays, and only the interval of the later one is that of both.
pub(crate) fn clamps(graph: &mut Graph) {
    let mut readers: HashMap<ValueId, usize> = HashMap::from([(graph.output, 1)]);
    let mut makers: HashMap<ValueId, usize> = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        makers.insert(node.output, index);
        for &id in &node.inputs {
            *readers.entry(id).or_default() += 1;
        }
    }
    for index in 0..graph.nodes.len() {
        let Some(own) = graph.nodes[index].op.clamp() else { continue };
        let between = graph.nodes[index].inputs[0];
        let Some(before) = makers.get(&between).map(|&before| &graph.nodes[before]) else {
            continue;
        };
        let Some((first, both)) =
            before.op.clamp().and_then(|first| Some((first, own.after(first)?)))
        else {
            continue;
        };
        if readers.get(&between) == Some(&1) {
            let (both, input) = (both.with_steps_of(first), before.inputs[0]);
            graph.nodes[index].op = Arc::new(both);
            graph.nodes[index].inputs = vec![input];
        } else {
            graph.nodes[index].op = Arc::new(both);
        }
    }
}
