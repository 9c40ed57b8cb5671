//! The way back: from units, maps or directions to the pixels that they respond to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::backend::Dispatch;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::{Tensor, TensorData};

use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::{Graph, Node, ValueId};
use crate::helpers::with_help;
use crate::layer::Layer;
use crate::method::Method;
use crate::ops::{Signal, Value};
use crate::recall::Recall;
use crate::seed::{Direction, Seed, SeedValue};
use crate::trial::tried;
use crate::windows::{Frame, Plan, Unit, View, cut, paste};

/// Units in one pass at most: more gain nothing.
const LARGEST_PASS: usize = 64;

fn check(what: &'static str, index: usize, count: usize) -> Result<(), GraphError> {
    (index < count).then_some(()).ok_or(GraphError::OutOfRange { what, index, count })
}

/// The signal that a projection starts with: where the mask is one, ones or the activations.
fn start(mask: Tensor<4>, value: SeedValue, own: impl FnOnce() -> Tensor<4>) -> Tensor<4> {
    match value {
        SeedValue::One => mask,
        // `mask_where` rather than a product: an activation that is not finite elsewhere must not leak
        // into the seed.
        SeedValue::Own => mask.zeros_like().mask_where(mask.greater_elem(0.5), own()),
    }
}

impl Activations<'_> {
    /// Projects units or maps of a layer back to the pixels, with their own activations: one picture
    /// `[C, H, W]` per seed, in one pass, `[seeds, C, H, W]`. The picture has the sign that the method
    /// gives it; it is not scaled.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, or a seed does not exist.
    pub fn project(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        self.project_with(layer, seeds, SeedValue::Own, method)
    }

    /// The same as [`project`](Self::project), starting with the units' own activations or with ones.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, or a seed does not exist.
    pub fn project_with(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        value: SeedValue,
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let [maps, height, width] = layer.shape();
        for &seed in seeds {
            check("image", seed.image(), self.batch)?;
            let (Seed::Unit { map, .. } | Seed::Map { map, .. }) = seed;
            check("feature map", map, maps)?;
            if let Seed::Unit { row, column, .. } = seed {
                check("row", row, height)?;
                check("column", column, width)?;
            }
        }
        let units: Option<Vec<Unit>> = seeds.iter().map(|seed| seed.unit()).collect();
        let plan = Plan::new(self.graph, layer.place, units.is_some());
        in_passes(self.graph, &plan, seeds, |seeds| {
            if plan.frame(layer.place).is_some() {
                self.project_units(layer, seeds, value, method, &plan)
            } else {
                self.project_planes(layer, seeds, value, method)
            }
        })
        .map(|pictures| pictures.unwrap_or_else(|| self.no_pictures()))
    }

    /// Units only: the signal starts as a window of one position.
    fn project_units(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        value: SeedValue,
        method: Method,
        plan: &Plan,
    ) -> Result<Tensor<4>, GraphError> {
        let units: Vec<Unit> = seeds.iter().filter_map(|seed| seed.unit()).collect();
        let maps = layer.shape()[0];
        let mut mask = vec![0f32; seeds.len() * maps];
        for (seed, mask) in seeds.iter().zip(mask.chunks_exact_mut(maps)) {
            mask[seed.map()] = 1.0;
        }
        let mask = TensorData::new(mask, [seeds.len(), maps, 1, 1]);
        let mask = Tensor::<4>::from_data(mask, &self.device);
        let activation = self.layer(layer)?;
        let signal = start(mask, value, || cut(activation, Frame::UNIT, &units));
        let images: Vec<_> = seeds.iter().map(|seed| seed.image()).collect();
        let way = WayBack { plan, units: &units, images: &images, method };
        self.project_back(layer.place, signal.into_dispatch(), &way)
    }

    /// Units and maps through whole planes.
    fn project_planes(
        &self,
        layer: &Layer,
        seeds: &[Seed],
        value: SeedValue,
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let activation = self.layer(layer)?;
        let [_, maps, height, width] = activation.dims();
        let mut mask = vec![0f32; seeds.len() * maps * height * width];
        let size = (maps * height * width).max(1);
        for (&seed, mask) in seeds.iter().zip(mask.chunks_exact_mut(size)) {
            match seed {
                Seed::Unit { map, row, column, .. } => {
                    mask[(map * height + row) * width + column] = 1.0;
                }
                Seed::Map { map, .. } => {
                    mask[map * height * width..(map + 1) * height * width].fill(1.0);
                }
            }
        }
        let images: Vec<_> = seeds.iter().map(|seed| seed.image()).collect();
        let mask = TensorData::new(mask, [seeds.len(), maps, height, width]);
        let mask = Tensor::<4>::from_data(mask, &self.device);
        let signal = start(mask, value, || self.at_images(activation, &images));
        self.project_layer(layer, signal, &images, method)
    }

    /// Projects directions in the space of a layer's channels back to the pixels, one picture each,
    /// `[directions, C, H, W]`. The signal is `v`, times the activation along it, `a · v`, with
    /// [`SeedValue::Own`]: for the k-th unit vector it is that of map k.
    ///
    /// # Errors
    /// When the layer is behind an unsupported operation, a direction has not one number per feature
    /// map, or its image or position does not exist.
    pub fn project_directions(
        &self,
        layer: &Layer,
        directions: &[Direction],
        value: SeedValue,
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let activation = self.layer(layer)?;
        let [images, maps, height, width] = activation.dims();
        let (mut weights, mut mask) = (vec![], vec![0f32; directions.len() * height * width]);
        let size = (height * width).max(1);
        for (direction, mask) in directions.iter().zip(mask.chunks_exact_mut(size)) {
            check("image", direction.image, images)?;
            if direction.weights.len() != maps {
                let (expected, got) = (vec![maps], vec![direction.weights.len()]);
                return Err(GraphError::SignalShape { expected, got });
            }
            weights.extend(&direction.weights);
            match direction.at {
                Some([row, column]) => {
                    check("row", row, height)?;
                    check("column", column, width)?;
                    mask[row * width + column] = 1.0;
                }
                None => mask.fill(1.0),
            }
        }
        if directions.is_empty() {
            return Ok(self.no_pictures());
        }
        let images: Vec<_> = directions.iter().map(|direction| direction.image).collect();
        let count = directions.len();
        let from = |data: Vec<f32>, shape| {
            Tensor::<4>::from_data(TensorData::new(data, shape), &self.device)
        };
        let weights = from(weights, [count, maps, 1, 1]);
        let mask = from(mask, [count, 1, height, width]);
        let along = || (self.at_images(activation, &images) * weights.clone()).sum_dim(1);
        let strength = start(mask, value, along);
        self.project_layer(layer, weights * strength, &images, method)
    }

    /// Projects any signal at the model's output back to the pixels: `signal[i]` starts from image
    /// `images[i]`. For a class's logit, a signal that is one there and zero elsewhere.
    ///
    /// # Errors
    /// When the signal has not the output's shape, or the output is behind an unsupported operation.
    pub fn project_output<const D: usize>(
        &self,
        signal: Tensor<D>,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let place = self.graph.output;
        self.get(place)?;
        for &image in images {
            check("image", image, self.batch)?;
        }
        let expected = self.graph.shape(place, images.len());
        if signal.shape() != expected {
            let (expected, got) = (expected.to_vec(), signal.dims().to_vec());
            return Err(GraphError::SignalShape { expected, got });
        }
        self.project_through_planes(place, signal.into_dispatch(), images, method)
    }

    fn project_layer(
        &self,
        layer: &Layer,
        signal: Tensor<4>,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        // Back to three axes, where the layer works on lines.
        let shape = self.graph.shape(layer.place, images.len());
        let signal = Dispatch::float_reshape(signal.into_dispatch(), shape);
        self.project_through_planes(layer.place, signal, images, method)
    }

    fn project_through_planes(
        &self,
        from: ValueId,
        signal: Value,
        images: &[usize],
        method: Method,
    ) -> Result<Tensor<4>, GraphError> {
        let plan = Plan::new(self.graph, from, false);
        self.project_back(from, signal, &WayBack { plan: &plan, units: &[], images, method })
    }

    fn at_images(&self, activation: Tensor<4>, images: &[usize]) -> Tensor<4> {
        let indices: Vec<i64> = images.iter().map(|&image| image as i64).collect();
        let indices = TensorData::new(indices, [images.len()]);
        activation.select(0, Tensor::from_data(indices, &self.device))
    }

    fn no_pictures(&self) -> Tensor<4> {
        let [channels, height, width] = self.graph.input_shape;
        Tensor::zeros([0, channels, height, width], &self.device)
    }

    fn project_back(
        &self,
        from: ValueId,
        signal: Value,
        way: &WayBack<'_>,
    ) -> Result<Tensor<4>, GraphError> {
        let graph = self.graph;
        let WayBack { plan, units, images, .. } = *way;
        let whole = |signal: Value, id: ValueId| match (plan.frame(id), graph.plane(id)) {
            (Some(frame), Some(plane)) => paste(signal, frame, units, plane, &self.device),
            _ => signal,
        };
        let mut signals = HashMap::from([(from, signal)]);
        for &index in graph.needed_for(&[from]).iter().rev() {
            let node = &graph.nodes[index];
            let Some(mut signal) = signals.remove(&node.output) else { continue };
            if !plan.is_windowed(index) {
                signal = whole(signal, node.output);
            }
            for (input, &id) in node.inputs.iter().enumerate() {
                if !graph.carries_signal(id) {
                    continue;
                }
                let failed = |why: &str| GraphError::Unsupported {
                    operation: format!("{} ({why} on the way back)", node.op.describe()),
                };
                let step = Step { node, input, windowed: plan.is_windowed(index) };
                let arriving = tried(|| self.step_back(&step, signal.clone(), way))
                    .map_err(|panic| failed(&panic.to_string()))??;
                let mut expected = graph.shape(id, images.len());
                if let Some(frame) = plan.frame(id) {
                    (expected[2], expected[3]) = (frame.size[0], frame.size[1]);
                }
                if arriving.shape() != expected {
                    return Err(failed("a signal of another shape"));
                }
                let sum = match signals.remove(&id) {
                    Some(other) => Dispatch::float_add(other, arriving),
                    None => arriving,
                };
                signals.insert(id, sum);
            }
        }
        let [channels, height, width] = graph.input_shape;
        Ok(match signals.remove(&graph.input) {
            Some(pixels) => Tensor::from_dispatch(whole(pixels, graph.input)),
            None => Tensor::zeros([images.len(), channels, height, width], &self.device),
        })
    }

    fn step_back(&self, step: &Step<'_>, signal: Value, way: &WayBack<'_>) -> Signal {
        let Step { node, input, windowed } = *step;
        let recall = Recall { activations: self, node, images: way.images, method: way.method };
        let id = node.inputs[input];
        let wanted = way.plan.frame(id);
        let frames = way.plan.frame(node.output).filter(|_| windowed).and_then(|departure| {
            Some((departure, departure.through(self.graph, node, input)?, self.graph.plane(id)?))
        });
        match (frames, node.op.window()) {
            (Some((departure, arrival, plane)), Some(op)) => {
                View { recall, units: way.units, departure, arrival }
                    .back(op, signal, input, wanted, plane)
            }
            _ => node.op.backward(signal, input, &recall),
        }
    }
}

/// One step on the way back: from an operation's output to one of its inputs.
#[derive(Clone, Copy)]
struct Step<'a> {
    node: &'a Node,
    input: usize,
    windowed: bool,
}

/// What is the same on the whole way back.
#[derive(Clone, Copy)]
struct WayBack<'a> {
    plan: &'a Plan,
    /// Where windows belong; empty for whole planes.
    units: &'a [Unit],
    images: &'a [usize],
    method: Method,
}

/// Splits independent seeds into passes that respect the memory limit, and shares them among the cores.
/// `None` without seeds.
fn in_passes(
    graph: &Graph,
    plan: &Plan,
    seeds: &[Seed],
    project: impl Fn(&[Seed]) -> Result<Tensor<4>, GraphError> + Sync,
) -> Result<Option<Tensor<4>>, GraphError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // A signal, what it becomes, and the columns of a transposed convolution between them.
    let bytes_per_unit = (4 * 4 * plan.numbers_per_unit).max(1);
    let fitting = (graph.pass_bytes / cores / bytes_per_unit).clamp(1, LARGEST_PASS);
    let pass = fitting.min(seeds.len().div_ceil(cores)).max(1);
    let passes: Vec<_> = seeds.chunks(pass).collect();
    if passes.len() <= 1 {
        return passes.first().map(|seeds| project(seeds)).transpose();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = vec![];
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(seeds) = passes.get(index) else { return done };
            done.push((index, project(seeds)));
        }
    };
    let helpers = cores.min(passes.len()) - 1;
    let mut done: Vec<_> = with_help(helpers, work, work).into_iter().flatten().collect();
    done.sort_by_key(|(index, _)| *index);
    let pictures: Result<Vec<_>, _> = done.into_iter().map(|(_, pictures)| pictures).collect();
    pictures.map(|pictures| Some(Tensor::cat(pictures, 0)))
}
