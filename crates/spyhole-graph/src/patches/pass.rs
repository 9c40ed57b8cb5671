use std::collections::HashMap;

use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Shape, Tensor, TensorData};

use super::clean::{Clean, total, unreadable};
use super::locality::{Locality, Sliding};
use super::plan::{Frame, Plan, is_computed, repeats};
use super::stack::{Placed, Stack};
use crate::error::GraphError;
use crate::graph::{Node, ValueId};
use crate::ops::{Target, Value, flat};
use crate::trial::tried;
use crate::window::Span;

/// What a sweep looks for.
pub(crate) struct Pass<'a> {
    pub(crate) clean: &'a Clean<'a>,
    pub(crate) plan: &'a Plan,
    /// Tensors and maps of which the sum is wanted.
    pub(crate) maps: &'a [(ValueId, usize)],
    /// Whether the output is wanted.
    pub(crate) output: bool,
}

/// What was found at some places of the cover.
pub(crate) struct Found {
    /// How many places.
    pub(crate) places: usize,
    /// For each map, the sum at each place.
    pub(crate) sums: Vec<Vec<f64>>,
    /// The output's numbers, place by place.
    pub(crate) outputs: Vec<f32>,
}

/// A tensor for several places of the cover.
enum Held {
    Windows(Stack),
    Whole(Value),
}

impl Pass<'_> {
    /// Computes some places, given as indices of row and column, with these pixels in the cover.
    pub(crate) fn run(&self, places: &[[usize; 2]], pixels: Stack) -> Result<Found, GraphError> {
        let graph = self.clean.activations.graph;
        let covered = match self.plan.frame(graph.input) {
            Some(_) => Held::Windows(pixels),
            None => Held::Whole(self.covered_images(&pixels, places)?),
        };
        let mut work = Work {
            pass: self,
            places,
            held: HashMap::from([(graph.input, covered)]),
            left: self.plan.reads.clone(),
            // Without windows it is the image itself that differs.
            touched: vec![self.plan.frame(graph.input).is_none(); places.len()],
        };
        for &index in &self.plan.nodes {
            work.step(&graph.nodes[index])?;
        }
        let outputs = if self.output { work.outputs()? } else { vec![] };
        let maps = self.maps.iter();
        let sums = maps.map(|&(id, map)| work.sums(id, map)).collect::<Result<_, _>>()?;
        Ok(Found { places: places.len(), sums, outputs })
    }

    /// The covered images themselves, where nothing is computed in windows.
    fn covered_images(&self, pixels: &Stack, places: &[[usize; 2]]) -> Result<Value, GraphError> {
        let activations = self.clean.activations;
        let graph = activations.graph;
        let placed = Placed { stack: pixels, frame: &self.plan.covered };
        let mut touched = vec![false; places.len()];
        let numbers = placed.paste(self.clean.planes(graph.input)?, places, &mut touched);
        let data = TensorData::new(numbers, graph.shape(graph.input, places.len()));
        let images = Tensor::<4>::from_data(data, &activations.device).into_dispatch();
        Ok(Dispatch::float_cast(images, activations.get(graph.input)?.dtype().into()))
    }
}

/// One pass under way.
struct Work<'a> {
    pass: &'a Pass<'a>,
    places: &'a [[usize; 2]],
    held: HashMap<ValueId, Held>,
    /// How often each tensor will still be read.
    left: Vec<usize>,
    /// Places where something differs beyond the windows. Elsewhere the clean results hold, to the last bit.
    touched: Vec<bool>,
}

impl<'a> Work<'a> {
    fn clean(&self) -> &'a Clean<'a> {
        self.pass.clean
    }

    fn step(&mut self, node: &Node) -> Result<(), GraphError> {
        let activations = self.clean().activations;
        let graph = activations.graph;
        let failed = |why: &str| GraphError::Unsupported {
            operation: format!("{} ({why} with covered images)", node.op.describe()),
        };
        let frame = self.pass.plan.frame(node.output);
        let computed = match (node.op.locality(), frame) {
            (Locality::Pointwise, Some(frame)) => self.pointwise(node, frame, &failed)?,
            (Locality::Sliding(op), Some(frame)) => {
                let kernel = op.kernel();
                let starts = self.starts(frame);
                let size = [0, 1].map(|i| frame[i].size);
                let seen = [0, 1].map(|axis| {
                    let span = Span { first: 0, last: size[axis] as i64 - 1 };
                    kernel.seen_by(axis, span)
                });
                let from: Vec<_> = starts
                    .iter()
                    .map(|start| {
                        [0, 1]
                            .map(|axis| seen[axis].first + start[axis] * kernel.stride[axis] as i64)
                    })
                    .collect();
                let x = node.inputs[0];
                let stack = self.assemble(x, &from, seen.map(Span::len), kernel.outside)?;
                self.read(x);
                let parameters: Result<Vec<_>, _> =
                    node.inputs[1..].iter().map(|&id| activations.get(id)).collect();
                let view = Sliding {
                    size,
                    starts: &starts,
                    plane: graph.plane(x).unwrap_or_default(),
                    parameters: &parameters?,
                    device: &activations.device,
                };
                let slid = tried(|| op.slide(&stack, &view))
                    .map_err(|panic| failed(&panic.to_string()))?;
                Held::Windows(slid.ok_or_else(unreadable)?)
            }
            (Locality::Sum { axes, mean }, None)
                if self.pass.plan.frame(node.inputs[0]).is_some() =>
            {
                self.summed(node, axes, mean)?
            }
            _ => self.whole_step(node, &failed)?,
        };
        self.held.insert(node.output, computed);
        Ok(())
    }

    fn pointwise(
        &mut self,
        node: &Node,
        frame: &Frame,
        failed: &impl Fn(&str) -> GraphError,
    ) -> Result<Held, GraphError> {
        let activations = self.pass.clean.activations;
        let graph = activations.graph;
        let (starts, size) = (self.starts(frame), [0, 1].map(|i| frame[i].size));
        let mut inputs = vec![];
        for &id in &node.inputs {
            if repeats(graph, id) {
                inputs.push(activations.get(id)?);
                continue;
            }
            let stack = if self.pass.plan.frame(id) == Some(frame) {
                self.take(id)?
            } else {
                let stack = self.assemble(id, &starts, size, 0.0)?;
                self.read(id);
                stack
            };
            inputs.push(stack.into_value(&activations.device));
        }
        let channels = graph.shape(node.output, 1)[1];
        let shape = [1, channels, self.places.len() * size[0], size[1]];
        let value = self.forward(node, inputs, shape.into(), failed)?;
        let stack = Stack::from_value(value, self.places.len(), size).ok_or_else(unreadable)?;
        Ok(Held::Windows(stack))
    }

    /// A sum of planes moves by what the sum of a window moves.
    fn summed(&mut self, node: &Node, axes: [bool; 2], mean: bool) -> Result<Held, GraphError> {
        let pass = self.pass;
        let (clean, x) = (pass.clean, node.inputs[0]);
        let sums = match (self.held.get(&x), pass.plan.frame(x)) {
            (Some(Held::Windows(stack)), Some(frame)) => {
                let sums = clean.numbers(node.output)?;
                let (placed, planes) = (Placed { stack, frame }, clean.planes(x)?);
                let summands: usize =
                    (0..2).map(|axis| if axes[axis] { planes.size[axis] } else { 1 }).product();
                let factor = if mean { 1.0 / summands.max(1) as f64 } else { 1.0 };
                placed.sums(planes, sums, (axes, factor), self.places, &mut self.touched)
            }
            _ => return Err(unreadable()),
        };
        self.read(x);
        let shape = clean.activations.graph.shape(node.output, self.places.len());
        Ok(Held::Whole(self.value(sums, shape)))
    }

    fn whole_step(
        &mut self,
        node: &Node,
        failed: &impl Fn(&str) -> GraphError,
    ) -> Result<Held, GraphError> {
        let graph = self.clean().activations.graph;
        let mut inputs = vec![];
        for &id in &node.inputs {
            inputs.push(self.whole(id)?);
            self.read(id);
        }
        let shape = graph.shape(node.output, self.places.len());
        Ok(Held::Whole(self.forward(node, inputs, shape, failed)?))
    }

    fn forward(
        &self,
        node: &Node,
        inputs: Vec<Value>,
        shape: Shape,
        failed: &impl Fn(&str) -> GraphError,
    ) -> Result<Value, GraphError> {
        let device = match inputs.first() {
            Some(input) => TensorMetadata::device(input),
            None => TensorMetadata::device(&self.clean().activations.get(node.output)?),
        };
        let target = Target { shape: shape.clone(), device };
        let computed = tried(|| {
            let computed = node.op.forward(&inputs, &target);
            // What is handed in must not be held when the result is read.
            drop(inputs);
            computed.output
        });
        let value = computed.map_err(|panic| failed(&panic.to_string()))?;
        if value.shape() == shape { Ok(value) } else { Err(failed("another shape")) }
    }

    /// A tensor in whole planes.
    fn whole(&mut self, id: ValueId) -> Result<Value, GraphError> {
        let pass = self.pass;
        let graph = pass.clean.activations.graph;
        if !is_computed(graph, id) {
            return pass.clean.activations.get(id);
        }
        let numbers = match (self.held.get(&id), pass.plan.frame(id)) {
            (Some(Held::Whole(value)), _) => return Ok(value.clone()),
            (Some(Held::Windows(stack)), Some(frame)) => {
                let placed = Placed { stack, frame };
                placed.paste(pass.clean.planes(id)?, self.places, &mut self.touched)
            }
            _ => return Err(unreadable()),
        };
        Ok(self.value(numbers, graph.shape(id, self.places.len())))
    }

    fn value(&self, numbers: Vec<f32>, shape: Shape) -> Value {
        let count = numbers.len();
        let flat = Tensor::<1>::from_data(
            TensorData::new(numbers, [count]),
            &self.clean().activations.device,
        );
        Dispatch::float_reshape(flat.into_dispatch(), shape)
    }

    fn starts(&self, frame: &Frame) -> Vec<[i64; 2]> {
        self.places.iter().map(|place| [0, 1].map(|i| frame[i].starts[place[i]])).collect()
    }

    /// Windows of a tensor, clean or with its changes laid over.
    fn assemble(
        &self,
        id: ValueId,
        starts: &[[i64; 2]],
        size: [usize; 2],
        outside: f32,
    ) -> Result<Stack, GraphError> {
        let placed = match (self.held.get(&id), self.pass.plan.frame(id)) {
            (Some(Held::Windows(stack)), Some(frame)) => Some(Placed { stack, frame }),
            _ => None,
        };
        let clean = self.clean().planes(id)?;
        Ok(Stack::assemble(clean, placed.as_ref(), self.places, starts, size, outside))
    }

    /// The windows themselves; moved out if nothing else reads them.
    fn take(&mut self, id: ValueId) -> Result<Stack, GraphError> {
        self.left[id.0] = self.left[id.0].saturating_sub(1);
        let held = match self.left[id.0] {
            0 => self.held.remove(&id),
            _ => {
                return match self.held.get(&id) {
                    Some(Held::Windows(stack)) => Ok(stack.clone()),
                    _ => Err(unreadable()),
                };
            }
        };
        match held {
            Some(Held::Windows(stack)) => Ok(stack),
            _ => Err(unreadable()),
        }
    }

    /// Says that a tensor was read once more; the last reader frees it.
    fn read(&mut self, id: ValueId) {
        self.left[id.0] = self.left[id.0].saturating_sub(1);
        if self.left[id.0] == 0 {
            self.held.remove(&id);
        }
    }

    fn outputs(&mut self) -> Result<Vec<f32>, GraphError> {
        let pass = self.pass;
        let output = pass.clean.activations.graph.output;
        let value = self.whole(output)?;
        let mut numbers = read_all(value)?;
        let clean = pass.clean.numbers(output)?;
        for (numbers, touched) in numbers.chunks_exact_mut(clean.len().max(1)).zip(&self.touched) {
            if !touched {
                numbers.copy_from_slice(clean);
            }
        }
        Ok(numbers)
    }

    /// The sum of one map at each place.
    fn sums(&mut self, id: ValueId, map: usize) -> Result<Vec<f64>, GraphError> {
        let clean = self.pass.clean;
        let before = clean.sum(id, map)?;
        match (self.held.get(&id), self.pass.plan.frame(id)) {
            (Some(Held::Windows(stack)), Some(frame)) => {
                let placed = Placed { stack, frame };
                let moved = placed.moved(clean.planes(id)?, map, self.places);
                Ok(moved.into_iter().map(|moved| before + moved).collect())
            }
            (Some(Held::Whole(value)), _) => {
                let all = read_all(value.clone())?;
                let size = all.len() / self.places.len().max(1);
                let images = all.chunks_exact(size.max(1)).zip(&self.touched);
                let sum = |image| total(clean.map(id, map, image));
                Ok(images
                    .map(|(image, &touched)| if touched { sum(image) } else { before })
                    .collect())
            }
            _ => Err(unreadable()),
        }
    }
}

fn read_all(value: Value) -> Result<Vec<f32>, GraphError> {
    let flat = value.dtype().is_float().then(|| flat(value)).ok_or_else(unreadable)?;
    flat.into_data().convert::<f32>().try_into_vec().map_err(|_| unreadable())
}
