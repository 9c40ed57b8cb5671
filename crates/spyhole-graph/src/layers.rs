//! Finding a graph's layers and their names.

use std::collections::{HashMap, HashSet};

use crate::constants::Recipe;
use crate::dim::batch_axis;
use crate::graph::{Graph, Node, Source, ValueId};
use crate::layer::{Layer, LayerKind};
use crate::ops::Role;

/// All layers of a graph, in the order of computation.
pub(crate) fn find(graph: &Graph) -> Vec<Layer> {
    let readers = Readers::new(graph);
    let forks = Forks::new(graph);
    let mut uses: HashMap<String, usize> = HashMap::new();
    // Operations that belong to a layer that was found before.
    let mut taken: HashSet<usize> = HashSet::new();
    let mut layers = vec![];
    for (index, node) in graph.nodes.iter().enumerate() {
        let Some(kind) = kind_of(graph, &forks, node) else { continue };
        if taken.contains(&index) {
            continue;
        }
        let chain = readers.chain(index);
        let description = describe(graph, node, &chain);
        taken.extend(chain.iter().flat_map(|part| part.nodes.iter().copied()));
        let place = chain.last().map_or(node.output, |part| part.end);
        let Some(shape) = shape_of(graph, place) else { continue };
        let mut parameters = match kind {
            LayerKind::Convolution | LayerKind::TransposedConvolution => {
                parameters_of(graph, node.inputs[1..].iter().copied())
            }
            LayerKind::Residual | LayerKind::Concat => parameters_between(graph, &forks, node),
        };
        let base = match kind {
            LayerKind::Convolution | LayerKind::TransposedConvolution => {
                common_module(&parameters).unwrap_or_else(|| format!("conv[{}]", layers.len()))
            }
            LayerKind::Residual => branches_name(graph, &forks, node, &parameters, "sum"),
            LayerKind::Concat => branches_name(graph, &forks, node, &parameters, "concat"),
        };
        if parameters.is_empty() {
            parameters = parameters_before(graph, place);
        }
        let count = uses.entry(base.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { base } else { format!("{base}#{count}") };
        let several = batch_axis(&graph.value(place).dims) != Some((0, 1));
        let several = several.then(|| "several parts of an image in one batch".to_owned());
        let filters = filters_of(graph, kind, node);
        let weight_shape = filters.map(|id| graph.shape(id, 1).dims());
        let mut filter_parameters = parameters_of(graph, filters);
        filter_parameters.sort();
        filter_parameters.dedup();
        let (weight, kernel) = match filters.map(|id| (id, &graph.value(id).source)) {
            Some((_, Source::Parameter(path))) => (Some(path.clone()), None),
            Some((id, _)) => (None, Some(Recipe::new(&graph.values, &graph.nodes, id).into())),
            None => (None, None),
        };
        let bounds = chain.last().and_then(|part| graph.nodes[*part.nodes.last()?].op.bounds());
        layers.push(Layer {
            place,
            name,
            kind,
            description,
            shape,
            weight,
            parameters,
            filter_parameters,
            weight_shape,
            kernel,
            groups: weight_shape.map_or(1, |[_, seen, ..]| {
                graph.shape(node.inputs[0], 1)[1].checked_div(seen).unwrap_or(1)
            }),
            bounds,
            over_lines: kind == LayerKind::Convolution
                && graph.value(node.inputs[1]).dims.len() == 3,
            first: kind == LayerKind::Convolution && is_first(graph, node),
            unsupported: graph.value(place).unsupported.clone().or(several),
            outside_definition: outside_definition(graph, place),
        });
    }
    layers
}

/// In words. Scaling and shifting is said once, and not after a normalisation, to which it belongs.
fn describe(graph: &Graph, node: &Node, chain: &[Part]) -> String {
    let mut words = vec![node.op.describe()];
    for part in chain {
        let word = part.words(graph);
        let before = words.last().map(String::as_str);
        let silent = word == SCALE_AND_SHIFT && matches!(before, Some("norm" | SCALE_AND_SHIFT));
        if !silent {
            words.push(word);
        }
    }
    words.join(" + ")
}

/// What kind of layer begins here, if one does.
fn kind_of(graph: &Graph, forks: &Forks, node: &Node) -> Option<LayerKind> {
    let varies = graph.varies(node);
    let of_planes = graph.value(node.output).dims.len() == 4;
    match node.op.role() {
        Role::Convolution if varies[0] && node.inputs.len() > 1 => Some(LayerKind::Convolution),
        Role::TransposedConvolution if varies[0] => Some(LayerKind::TransposedConvolution),
        Role::Sum if of_planes && varies == [true, true] => {
            let [a, b] = [0, 1].map(|i| graph.shape(node.inputs[i], 1));
            // Two ways of looking at the same numbers, `x + f(x)`, are one branch.
            let apart = forks.between(graph, node).iter().any(|&index| {
                matches!(
                    graph.nodes[index].op.role(),
                    Role::Convolution | Role::TransposedConvolution | Role::Other
                )
            });
            (a == b && apart).then_some(LayerKind::Residual)
        }
        Role::Concat if of_planes && varies.iter().filter(|&&varies| varies).count() > 1 => {
            Some(LayerKind::Concat)
        }
        _ => None,
    }
}

/// `[channels, height, width]`, if the tensor has feature maps.
fn shape_of(graph: &Graph, place: ValueId) -> Option<[usize; 3]> {
    match *graph.shape(place, 1).as_slice() {
        [_, channels, height, width] => Some([channels, height, width]),
        [_, channels, length] => Some([channels, 1, length]),
        _ => None,
    }
}

/// A convolution's filters, if parameters have a part in them and images have none.
fn filters_of(graph: &Graph, kind: LayerKind, node: &Node) -> Option<ValueId> {
    let id = *node.inputs.get(1)?;
    let weight = graph.value(id);
    let computed = kind == LayerKind::Convolution && weight.dims.len() == 4 && !weight.from_images;
    (computed && weight.unsupported.is_none() && !parameters_of(graph, [id]).is_empty())
        .then_some(id)
}

/// Whether nothing but scaling, shifting and padding lies between the image and a convolution.
fn is_first(graph: &Graph, convolution: &Node) -> bool {
    let mut place = convolution.inputs[0];
    while place != graph.input {
        let Some(node) = graph.nodes.iter().find(|node| node.output == place) else { return false };
        let varies = graph.varies(node);
        let mut images = node.inputs.iter().zip(&varies).filter(|(_, varies)| **varies);
        let (Some((&before, _)), None) = (images.next(), images.next()) else { return false };
        let plain = matches!(node.op.role(), Role::Pointwise | Role::Sum | Role::Pad);
        if !plain || node.op.outside_definition(&varies) {
            return false;
        }
        place = before;
    }
    true
}

/// The first operation up to a place for which the deconvnet has no rule, and the module that it comes after.
fn outside_definition(graph: &Graph, place: ValueId) -> Option<String> {
    let nodes = graph.needed_for(&[place]);
    let mut nodes = nodes.iter().map(|&index| &graph.nodes[index]);
    let outside = |node: &&Node| {
        graph.carries_signal(node.output) && node.op.outside_definition(&graph.varies(node))
    };
    let node = nodes.find(outside)?;
    let operation = node.op.describe();
    Some(match module_before(graph, node) {
        Some(module) => format!("{operation} after {module}"),
        None => operation,
    })
}

/// The nearest module on the way to a node that has parameters.
pub(crate) fn module_before(graph: &Graph, node: &Node) -> Option<String> {
    let before = graph.needed_for(&[node.output]);
    let nearest_first = before.iter().rev().map(|&index| &graph.nodes[index]);
    let mut parameters =
        nearest_first.map(|node| parameters_of(graph, node.inputs.iter().copied()));
    common_module(&parameters.find(|paths| !paths.is_empty())?)
}

/// Paths of the parameters that tensors are computed from.
pub(crate) fn parameters_of(
    graph: &Graph,
    places: impl IntoIterator<Item = ValueId>,
) -> Vec<String> {
    let places: Vec<_> = places.into_iter().filter(|&id| !graph.value(id).from_images).collect();
    let nodes = graph.needed_for(&places);
    let inputs = nodes.iter().flat_map(|&index| graph.nodes[index].inputs.iter().copied());
    let all = inputs.chain(places.iter().copied());
    all.filter_map(|id| match &graph.value(id).source {
        Source::Parameter(path) => Some(path.clone()),
        _ => None,
    })
    .collect()
}

/// The longest common path of the modules that own these parameters. A parameter of the model itself
/// stands for itself.
pub(crate) fn common_module(paths: &[String]) -> Option<String> {
    let module =
        |path: &str| path.rsplit_once('.').map_or(path.to_owned(), |(module, _)| module.into());
    let mut modules = paths.iter().map(|path| module(path));
    let first = modules.next()?;
    let common = modules.fold(first, |common: String, module| {
        let parts = common.split('.').zip(module.split('.'));
        let same = parts.take_while(|(a, b)| a == b).map(|(a, _)| a.to_owned());
        same.collect::<Vec<_>>().join(".")
    });
    (!common.is_empty()).then_some(common)
}

/// Paths of the parameters in a node's branches.
fn parameters_between(graph: &Graph, forks: &Forks, node: &Node) -> Vec<String> {
    let between = forks.between(graph, node);
    let inputs = between.iter().flat_map(|&index| graph.nodes[index].inputs.iter().copied());
    parameters_of(graph, inputs)
}

/// Paths of all parameters on the way from the image to a tensor.
fn parameters_before(graph: &Graph, place: ValueId) -> Vec<String> {
    let nodes = graph.needed_for(&[place]);
    let inputs = nodes.iter().flat_map(|&index| graph.nodes[index].inputs.iter().copied());
    parameters_of(graph, inputs)
}

fn branches_name(
    graph: &Graph,
    forks: &Forks,
    node: &Node,
    parameters: &[String],
    word: &str,
) -> String {
    let between = forks.between(graph, node);
    let common = common_module(parameters);
    let own_path = |common: &String| {
        between.iter().any(|&index| {
            let node = &graph.nodes[index];
            let convolution =
                matches!(node.op.role(), Role::Convolution | Role::TransposedConvolution);
            convolution
                && common_module(&parameters_of(graph, [node.inputs[1]])).as_ref() == Some(common)
        })
    };
    match common {
        Some(common) if own_path(&common) => format!("{common}.{word}"),
        Some(common) => common,
        None => word.to_owned(),
    }
}

/// Where branches part: for each tensor, the last one that every path from the image to it passes.
struct Forks {
    /// The dominator and the number of dominators above it, by tensor.
    above: HashMap<ValueId, (ValueId, usize)>,
}

impl Forks {
    fn new(graph: &Graph) -> Self {
        let mut forks = Self { above: HashMap::from([(graph.input, (graph.input, 0))]) };
        for node in &graph.nodes {
            if let Some(fork) = forks.of(graph, node) {
                let depth = forks.depth(fork) + 1;
                forks.above.insert(node.output, (fork, depth));
            }
        }
        forks
    }

    fn depth(&self, id: ValueId) -> usize {
        self.above.get(&id).map_or(0, |&(_, depth)| depth)
    }

    /// The last tensor before all inputs of a node that depend on the images.
    fn of(&self, graph: &Graph, node: &Node) -> Option<ValueId> {
        let varying = node.inputs.iter().copied().filter(|&id| graph.value(id).from_images);
        varying.reduce(|mut a, mut b| {
            while a != b {
                let deeper = if self.depth(a) >= self.depth(b) { &mut a } else { &mut b };
                let Some(&(above, _)) = self.above.get(deeper) else { return graph.input };
                *deeper = above;
            }
            a
        })
    }

    /// Operations between where a node's branches part and the node itself.
    fn between(&self, graph: &Graph, node: &Node) -> Vec<usize> {
        let Some(fork) = self.of(graph, node) else { return vec![] };
        let mut wanted: HashSet<ValueId> = node.inputs.iter().copied().collect();
        wanted.remove(&fork);
        let mut between = vec![];
        for (index, node) in graph.nodes.iter().enumerate().rev() {
            if wanted.contains(&node.output) && graph.value(node.output).from_images {
                between.push(index);
                wanted.extend(node.inputs.iter().filter(|&&id| id != fork));
            }
        }
        between.reverse();
        between
    }
}

const SCALE_AND_SHIFT: &str = "scale and shift";

/// Some operations with one way in and one way out.
struct Part {
    nodes: Vec<usize>,
    end: ValueId,
    /// Whether it is a non-linear function of each number: a layer ends with it.
    activation: bool,
}

impl Part {
    fn words(&self, graph: &Graph) -> String {
        let ops = self.nodes.iter().map(|&index| &graph.nodes[index].op);
        let words: Vec<_> = ops.clone().map(|op| op.describe()).collect();
        let plain = |role| matches!(role, Role::Pointwise | Role::Sum);
        if !self.activation && ops.clone().all(|op| plain(op.role())) {
            return SCALE_AND_SHIFT.into();
        }
        if let [one] = words.as_slice() {
            return one.clone();
        }
        if ops.clone().any(|op| op.role() == Role::Statistic) {
            return "norm".into();
        }
        match words.as_slice() {
            [gate, product] if gate == "sigmoid" && product == "multiply" => "silu".into(),
            [gate, product] if gate == "hard sigmoid" && product == "multiply" => {
                "hard swish".into()
            }
            words => words.join(", "),
        }
    }
}

/// Who reads which tensor.
struct Readers<'g> {
    graph: &'g Graph,
    of: Vec<Vec<usize>>,
}

impl<'g> Readers<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut of = vec![vec![]; graph.values.len()];
        for (index, node) in graph.nodes.iter().enumerate() {
            for id in &node.inputs {
                of[id.0].push(index);
            }
        }
        Self { graph, of }
    }

    /// What directly follows a node: normalisations, then an activation function.
    fn chain(&self, index: usize) -> Vec<Part> {
        let mut chain: Vec<Part> = vec![];
        loop {
            let (place, last) = match chain.last() {
                Some(part) => (part.end, part.nodes.last().copied().unwrap_or(index)),
                None => (self.graph.nodes[index].output, index),
            };
            match self.part(place, last) {
                Some(part) => {
                    let done = part.activation;
                    chain.push(part);
                    if done {
                        return chain;
                    }
                }
                None => return chain,
            }
        }
    }

    /// The smallest part that reads a tensor and of which nothing but the end is read elsewhere.
    fn part(&self, place: ValueId, after: usize) -> Option<Part> {
        let graph = self.graph;
        let shape = graph.shape(place, 1);
        let mut inside = HashSet::from([place]);
        let mut nodes: Vec<usize> = vec![];
        for index in after + 1..graph.nodes.len() {
            let node = &graph.nodes[index];
            let varying = || node.inputs.iter().filter(|&&id| graph.value(id).from_images);
            if !varying().any(|id| inside.contains(id)) {
                continue;
            }
            let local = matches!(
                node.op.role(),
                Role::Normalization
                    | Role::Activation
                    | Role::Pointwise
                    | Role::Sum
                    | Role::Statistic
                    | Role::Reshape
            );
            if !local
                || graph.value(node.output).unsupported.is_some()
                || varying().any(|id| !inside.contains(id))
            {
                return None;
            }
            nodes.push(index);
            let read_inside = |id: &ValueId| {
                *id != graph.output && self.of[id.0].iter().all(|r| nodes.contains(r))
            };
            if inside.iter().all(read_inside) && graph.shape(node.output, 1) == shape {
                let end = node.output;
                let ops = || nodes.iter().map(|&index| &graph.nodes[index]);
                let statistic = ops()
                    .any(|node| matches!(node.op.role(), Role::Statistic | Role::Normalization));
                let activation = !statistic
                    && ops().any(|node| {
                        node.op.role() == Role::Activation
                            || node.op.outside_definition(&graph.varies(node))
                    });
                return Some(Part { nodes, end, activation });
            }
            inside.insert(node.output);
        }
        None
    }
}
