//! Covering parts of an image and looking what changes (Zeiler & Fergus 2013, figure 7).

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::dim::batch_axis;
use crate::error::GraphError;
use crate::forward::Activations;
use crate::graph::{Graph, ValueId};
use crate::helpers::with_help;
use crate::layer::Layer;
use crate::ops::Role;
use crate::patches::{Clean, Found, Frame, Pass, Plan, Stack, Track};
use crate::window::Span;

/// Places in one pass at most: more gain nothing.
const LARGEST_PASS: usize = 16;

/// A rectangle that is laid over an image, each time at another place, and what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Cover<'a> {
    /// `[height, width]`.
    pub size: [usize; 2],
    /// Its top rows.
    pub rows: &'a [usize],
    /// Its left columns. The places are all pairs of a row and a column, row by row.
    pub columns: &'a [usize],
    /// What shows inside: the same part of this picture, `[C, H, W]`, in units of the network's input. A grey
    /// cover is a grey picture.
    pub picture: &'a [f32],
}

/// What is to be read at each place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The sum over all positions of a feature map's activation, for some maps of some layers.
    pub maps: &'a [(&'a Layer, usize)],
    /// The model's output.
    pub output: bool,
}

/// What was read at each place of a cover.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Occluded {
    /// For each wanted map, its sum at each place.
    pub sums: Vec<Vec<f64>>,
    /// For each wanted map, its sum without a cover.
    pub clean_sums: Vec<f64>,
    /// The output at each place, `[places, numbers]`; empty if it was not wanted.
    pub outputs: Vec<f32>,
    /// The output without a cover.
    pub clean_output: Vec<f32>,
}

/// What the numbers of a model's output are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputScale {
    /// Anything: of a classifier, the logits.
    Any,
    /// Probabilities: the last operation is a softmax over the last axis, or a sigmoid, of each number by itself.
    Probabilities,
    /// Their logarithms: the last operation is a log-softmax over the last axis, or a log-sigmoid.
    LogProbabilities,
}

impl Graph {
    /// What the model's output is, judged by its last operation, reshapes aside. A softmax or sigmoid that is
    /// written out in parts is not recognised.
    pub fn output_scale(&self) -> OutputScale {
        let mut place = self.output;
        while let Some(node) = self.nodes.iter().find(|node| node.output == place) {
            let last = self.value(place).dims.len().saturating_sub(1);
            match node.op.probabilities() {
                Some((scale, axis)) if axis.is_none_or(|axis| axis == last) => return scale,
                None if node.op.role() == Role::Reshape => place = node.inputs[0],
                _ => return OutputScale::Any,
            }
        }
        OutputScale::Any
    }

    /// Shape of the model's output for one image, without the axis of the images; `None` if there is no such
    /// axis in front.
    pub fn output_shape(&self) -> Option<Vec<usize>> {
        let dims = &self.value(self.output).dims;
        (batch_axis(dims) == Some((0, 1))).then(|| self.shape(self.output, 1)[1..].to_vec())
    }
}

impl Activations<'_> {
    /// Covers one image at each place and reads what is wanted. Only what a cover can reach is computed anew,
    /// many places side by side and shared among the cores; where it cannot change anything, the clean
    /// numbers come out to the last bit. Memory is limited as for projections
    /// ([`Graph::with_pass_memory`]).
    ///
    /// `progress` gets the number of places done and of all, on the calling thread: before the first batch of places,
    /// between batches, and at the end. It can stop the work.
    ///
    /// # Errors
    /// When a place reaches beyond the image, a map does not exist or is behind an unsupported operation, or
    /// `progress` has stopped it ([`GraphError::Cancelled`]).
    pub fn occlude(
        &self,
        image: usize,
        cover: &Cover<'_>,
        wanted: &Wanted<'_>,
        mut progress: impl FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Occluded, GraphError> {
        self.check(image, cover, wanted)?;
        let graph = self.graph;
        let maps: Vec<_> = wanted.maps.iter().map(|&(layer, map)| (layer.place, map)).collect();
        let mut targets: Vec<ValueId> = maps.iter().map(|&(place, _)| place).collect();
        targets.extend(wanted.output.then_some(graph.output));
        let clean = Clean::new(self, image);
        let mut found = Occluded {
            sums: vec![vec![]; maps.len()],
            clean_sums: maps
                .iter()
                .map(|&(id, map)| clean.sum(id, map))
                .collect::<Result<_, _>>()?,
            outputs: vec![],
            clean_output: vec![],
        };
        if wanted.output {
            found.clean_output = clean.numbers(graph.output)?.to_vec();
        }
        let [_, height, width] = graph.input_shape;
        let spans = |starts: &[usize], size: usize| -> Vec<Span> {
            let last = |&first: &usize| (first + size) as i64 - 1;
            starts.iter().map(|first| Span { first: *first as i64, last: last(first) }).collect()
        };
        let covered: Frame = [
            Track::new(spans(cover.rows, cover.size[0]), height),
            Track::new(spans(cover.columns, cover.size[1]), width),
        ];
        let plan = Plan::new(self, covered, &targets);
        let pass = Pass { clean: &clean, plan: &plan, maps: &maps, output: wanted.output };
        let places: Vec<[usize; 2]> = (0..cover.rows.len())
            .flat_map(|row| (0..cover.columns.len()).map(move |column| [row, column]))
            .collect();
        // Where the cover shows what was there before, nothing changes.
        let original = clean.numbers(graph.input)?;
        let differs = |&place: &usize| {
            let under = self.pixels(cover, original, &places[place..=place]);
            under != self.pixels(cover, cover.picture, &places[place..=place])
        };
        let changed: Vec<usize> = (0..places.len()).filter(differs).collect();
        let shown: Vec<_> = changed.iter().map(|&place| places[place]).collect();
        for (all, clean) in found.sums.iter_mut().zip(&found.clean_sums) {
            *all = vec![*clean; places.len()];
        }
        found.outputs = found.clean_output.repeat(places.len());
        let size = found.clean_output.len();
        let (all, unchanged) = (places.len(), places.len() - shown.len());
        let mut tell = |done| progress(unchanged + done, all);
        let results = in_passes(graph, &plan, &shown, &mut tell, |places| {
            pass.run(places, self.stack(cover, places))
        })?;
        let mut to = changed.into_iter();
        for part in results {
            for (i, place) in to.by_ref().take(part.places).enumerate() {
                for (all, part) in found.sums.iter_mut().zip(&part.sums) {
                    all[place] = part[i];
                }
                let output = &mut found.outputs[place * size..][..size];
                output.copy_from_slice(&part.outputs[i * size..][..size]);
            }
        }
        Ok(found)
    }

    fn check(
        &self,
        image: usize,
        cover: &Cover<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<(), GraphError> {
        let graph = self.graph;
        let [channels, height, width] = graph.input_shape;
        let index = |what, index, count| match index < count {
            true => Ok(()),
            false => Err(GraphError::OutOfRange { what, index, count }),
        };
        index("image", image, self.batch)?;
        for &(layer, map) in wanted.maps {
            index("feature map", map, layer.shape()[0])?;
            self.layer(layer)?;
        }
        if cover.picture.len() != channels * height * width {
            let (expected, got) = (graph.input_shape, vec![cover.picture.len()]);
            return Err(GraphError::ImageShape { expected, got });
        }
        let size = cover.size;
        let outside = |start: &&usize, size: usize, length: usize| **start + size > length;
        let row = cover.rows.iter().find(|start| outside(start, size[0], height));
        let column = cover.columns.iter().find(|start| outside(start, size[1], width));
        if row.is_some() || column.is_some() || size.contains(&0) {
            let or_first = |found: Option<&usize>, all: &[usize]| found.or(all.first()).copied();
            return Err(GraphError::CoverOutside {
                size,
                row: or_first(row, cover.rows).unwrap_or(0),
                column: or_first(column, cover.columns).unwrap_or(0),
                image: [height, width],
            });
        }
        if wanted.output {
            self.get(graph.output)?;
            if graph.output_shape().is_none() {
                let operation = "an output that is not one row per image".into();
                return Err(GraphError::Unsupported { operation });
            }
        }
        Ok(())
    }

    /// What the cover shows at some places.
    fn stack(&self, cover: &Cover<'_>, places: &[[usize; 2]]) -> Stack {
        Stack {
            channels: self.graph.input_shape[0],
            positions: places.len(),
            size: cover.size,
            numbers: self.pixels(cover, cover.picture, places),
        }
    }

    /// The part of a picture under the cover, at some places: `[C, places, h, w]`.
    fn pixels(&self, cover: &Cover<'_>, picture: &[f32], places: &[[usize; 2]]) -> Vec<f32> {
        let [channels, height, width] = self.graph.input_shape;
        let mut numbers = vec![];
        for channel in 0..channels {
            for &[row, column] in places {
                let [top, left] = [cover.rows[row], cover.columns[column]];
                for y in top..top + cover.size[0] {
                    let start = (channel * height + y) * width + left;
                    numbers.extend_from_slice(&picture[start..][..cover.size[1]]);
                }
            }
        }
        numbers
    }
}

/// Splits places into passes that respect the memory limit, and shares them among the cores. Results are in
/// the order of the places.
fn in_passes(
    graph: &Graph,
    plan: &Plan,
    places: &[[usize; 2]],
    tell: &mut impl FnMut(usize) -> ControlFlow<()>,
    run: impl Fn(&[[usize; 2]]) -> Result<Found, GraphError> + Sync,
) -> Result<Vec<Found>, GraphError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // A tensor, what it becomes, and the columns of a convolution between them.
    let bytes_per_place = (4 * 4 * plan.numbers_per_position).max(1);
    let fitting = (graph.pass_bytes / cores / bytes_per_place).clamp(1, LARGEST_PASS);
    let size = fitting.min(places.len().div_ceil(cores)).max(1);
    let passes: Vec<_> = places.chunks(size).collect();
    let (next, done, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let work = |after: &mut dyn FnMut(usize) -> ControlFlow<()>| {
        let mut results = vec![];
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(places) = passes.get(index) else { break };
            let result = run(places);
            let failed = result.is_err();
            results.push((index, result));
            let done = done.fetch_add(places.len(), Ordering::Relaxed) + places.len();
            if failed || after(done).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        results
    };
    if tell(0).is_break() {
        return Err(GraphError::Cancelled);
    }
    let mut cancelled = false;
    let silent = || work(&mut |_| ControlFlow::Continue(()));
    let audible = || {
        work(&mut |done| {
            let answer = tell(done);
            cancelled |= answer.is_break();
            answer
        })
    };
    let helpers = cores.min(passes.len()).saturating_sub(1);
    let mut results: Vec<_> = with_help(helpers, silent, audible).into_iter().flatten().collect();
    // The last batch, or every one, may have been another core's, and a stop counts at the end as it does before.
    if cancelled || tell(places.len()).is_break() {
        return Err(GraphError::Cancelled);
    }
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
