//! The way back in windows: a unit's signal is zero outside its receptive field, so as long as that is
//! small against the plane, only windows of the planes are computed, many units side by side. The result
//! equals the projection through whole planes.
//!
//! On the way back from the unit at `(row, column)` of a layer the window in a tensor starts at
//! `first + jump · (row, column)` and has one size for all units. Where units sit at the border, their
//! windows reach beyond the plane; there is no signal there, and what a transposed convolution puts there
//! is set to zero before it goes on.

use burn::backend::Dispatch;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::kind::Basic;
use burn::tensor::{Device, Int, Shape, Tensor, TensorData};

use crate::field::FieldStatus;
use crate::graph::{Graph, Node, ValueId};
use crate::ops::{Signal, Value};
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Region, Shapes};
use crate::window::Span;

/// A window of more than this share of its plane is not worth its bookkeeping.
const WORTHWHILE: f64 = 0.75;

/// An operation that can send a window of a signal back.
pub(crate) trait WindowOperation {
    /// The signal at input number `input` in the window [`View::arrival`], given a window
    /// `[units, C, h, w]` of the signal at the output.
    fn backward_window(&self, signal: Value, input: usize, view: &View<'_>) -> Signal;
}

/// A unit: its image, row and column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) image: usize,
    pub(crate) position: [usize; 2],
}

/// Where the windows of a tensor lie, rows before columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    first: [i64; 2],
    pub(crate) size: [usize; 2],
    jump: [i64; 2],
}

impl Frame {
    /// Of a layer itself: the units.
    pub(crate) const UNIT: Self = Self { first: [0, 0], size: [1, 1], jump: [1, 1] };

    /// Row and column where a unit's window starts.
    pub(crate) fn start(&self, unit: Unit) -> [i64; 2] {
        [0, 1].map(|axis| self.first[axis] + self.jump[axis] * unit.position[axis] as i64)
    }

    fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The smallest frame that holds both, if their windows move together.
    fn union(self, other: Self) -> Option<Self> {
        let axes = [0, 1].map(|axis| {
            let span = |frame: Self| Span {
                first: frame.first[axis],
                last: frame.first[axis] + frame.size[axis] as i64 - 1,
            };
            span(self).union(span(other))
        });
        (self.jump == other.jump).then(|| Self {
            first: axes.map(|span| span.first),
            size: axes.map(Span::len),
            jump: self.jump,
        })
    }

    /// The frame in an input of an operation that this frame of its output sees.
    pub(crate) fn through(self, graph: &Graph, node: &Node, input: usize) -> Option<Self> {
        let shapes: Vec<Shape> = node.inputs.iter().map(|&id| graph.shape(id, 1)).collect();
        let output = graph.shape(node.output, 1);
        if output.rank() != 4 || shapes[input].rank() != 4 {
            return None;
        }
        let shapes = Shapes { inputs: &shapes, output: &output };
        let seen_from = |step: i64| {
            let span = |axis: usize| {
                let first = self.first[axis] + step * self.jump[axis];
                Positions::run(Span { first, last: first + self.size[axis] as i64 - 1 })
            };
            let region = Region::all(&output).with(2, span(0)).with(3, span(1));
            let reach = node.op.reach(&region, input, &shapes);
            let [seen] = reach.regions.as_slice() else { return None };
            (reach.status == FieldStatus::Exact).then(|| [seen.0[2].hull(), seen.0[3].hull()])
        };
        let (here, next) = (seen_from(0)?, seen_from(1)?);
        let jump = [0, 1].map(|axis| next[axis].first - here[axis].first);
        let size = here.map(Span::len);
        (size == next.map(Span::len) && jump.iter().all(|jump| *jump > 0)).then(|| Self {
            first: here.map(|span| span.first),
            size,
            jump,
        })
    }
}

/// Which tensors are met in windows, and which operations work on them.
pub(crate) struct Plan {
    frames: Vec<Option<Frame>>,
    windowed: Vec<bool>,
    /// Numbers that one unit needs at once, at the worst operation.
    pub(crate) numbers_per_unit: usize,
}

impl Plan {
    /// For the way back from units of a tensor; `None` for whole planes from the start.
    pub(crate) fn new(graph: &Graph, from: ValueId, units: bool) -> Self {
        let mut frames = vec![None; graph.values.len()];
        let mut whole = vec![false; graph.values.len()];
        let mut windowed = vec![false; graph.nodes.len()];
        let mut numbers_per_unit = 0;
        if units && graph.plane(from).is_some() {
            frames[from.0] = Some(Frame::UNIT);
        }
        for &index in graph.needed_for(&[from]).iter().rev() {
            let node = &graph.nodes[index];
            let inputs: Vec<_> = (0..node.inputs.len())
                .filter(|&input| graph.carries_signal(node.inputs[input]))
                .collect();
            let arrivals = frames[node.output.0].and_then(|frame: Frame| {
                let [height, width] = graph.plane(node.output)?;
                let small = frame.area() as f64 <= WORTHWHILE * (height * width) as f64;
                node.op.window().filter(|_| small)?;
                let through = |&input: &usize| frame.through(graph, node, input);
                inputs.iter().map(through).collect::<Option<Vec<_>>>()
            });
            windowed[index] = arrivals.is_some();
            for (i, &input) in inputs.iter().enumerate() {
                let id = node.inputs[input].0;
                let arrival = arrivals.as_ref().map(|arrivals| arrivals[i]);
                let united = match (frames[id], arrival) {
                    (None, arrival) => arrival,
                    (Some(there), Some(arrival)) => there.union(arrival),
                    (Some(_), None) => None,
                };
                // One branch through whole planes makes all of them go that way.
                whole[id] |= united.is_none();
                frames[id] = united.filter(|_| !whole[id]);
            }
            let numbers = |id: ValueId| {
                let all = graph.shape(id, 1).num_elements();
                match (frames[id.0], graph.plane(id)) {
                    (Some(frame), Some([height, width])) => {
                        all / (height * width).max(1) * frame.area()
                    }
                    _ => all,
                }
            };
            let together = inputs.iter().map(|&input| numbers(node.inputs[input])).sum::<usize>();
            numbers_per_unit = numbers_per_unit.max(together + numbers(node.output));
        }
        Self { frames, windowed, numbers_per_unit }
    }

    pub(crate) fn frame(&self, id: ValueId) -> Option<Frame> {
        self.frames[id.0]
    }

    pub(crate) fn is_windowed(&self, node: usize) -> bool {
        self.windowed[node]
    }
}

/// What an operation may look up while it sends a window back.
pub(crate) struct View<'a> {
    pub(crate) recall: Recall<'a>,
    pub(crate) units: &'a [Unit],
    /// Where the signal at the output lies.
    pub(crate) departure: Frame,
    /// Where the signal at the input will lie.
    pub(crate) arrival: Frame,
}

impl View<'_> {
    /// Sends the signal back in the window that the plan wants for that input, or through the whole plane
    /// if it wants none.
    pub(crate) fn back(
        self,
        op: &dyn WindowOperation,
        signal: Value,
        input: usize,
        wanted: Option<Frame>,
        plane: [usize; 2],
    ) -> Signal {
        let arriving = op.backward_window(signal, input, &self)?;
        let (units, arrival, device) = (self.units, self.arrival, self.recall.device());
        Ok(match wanted {
            Some(frame) => {
                let arriving = embed(arriving, arrival, frame, device);
                without_padding(arriving, frame, units, plane, device)
            }
            None => paste(arriving, arrival, units, plane, device),
        })
    }
}

/// Windows of a tensor `[N, C, H, W]`, one per unit, `[units, C, h, w]`. Positions outside the plane hold
/// arbitrary numbers of it.
pub(crate) fn cut<K: Basic>(tensor: Tensor<4, K>, frame: Frame, units: &[Unit]) -> Tensor<4, K> {
    let [images, channels, height, width] = tensor.dims();
    let [rows, columns] = frame.size;
    let mut indices: Vec<i64> = Vec::with_capacity(units.len() * rows * columns);
    for &unit in units {
        let [top, left] = frame.start(unit);
        for row in top..top + rows as i64 {
            let row = row.clamp(0, height as i64 - 1);
            let start = (unit.image * height) as i64 * width as i64 + row * width as i64;
            indices.extend(
                (left..left + columns as i64)
                    .map(|column| start + column.clamp(0, width as i64 - 1)),
            );
        }
    }
    let device = tensor.device();
    let count = indices.len();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &device);
    tensor
        .permute([0, 2, 3, 1])
        .reshape([images * height * width, channels])
        .select(0, indices)
        .reshape([units.len(), rows, columns, channels])
        .permute([0, 3, 1, 2])
}

/// The same signal in a larger frame.
fn embed(signal: Value, from: Frame, to: Frame, device: &Device) -> Value {
    if from == to {
        return signal;
    }
    let signal = Tensor::<4>::from_dispatch(signal);
    let [units, channels, height, width] = signal.dims();
    let [top, left] = [0, 1].map(|axis| (from.first[axis] - to.first[axis]) as usize);
    let ranges = [0..units, 0..channels, top..top + height, left..left + width];
    Tensor::<4>::zeros([units, channels, to.size[0], to.size[1]], device)
        .slice_assign(ranges, signal)
        .into_dispatch()
}

/// The signal with zeros wherever a window reaches beyond the plane.
fn without_padding(
    signal: Value,
    frame: Frame,
    units: &[Unit],
    plane: [usize; 2],
    device: &Device,
) -> Value {
    let inside = |axis: usize, unit: Unit| {
        let start = frame.start(unit)[axis];
        (start..start + frame.size[axis] as i64).map(move |i| (0..plane[axis] as i64).contains(&i))
    };
    let all_inside = |&unit: &Unit| inside(0, unit).all(|is| is) && inside(1, unit).all(|is| is);
    if units.iter().all(all_inside) {
        return signal;
    }
    let mut mask = Vec::with_capacity(units.len() * frame.area());
    for &unit in units {
        for row in inside(0, unit) {
            mask.extend(inside(1, unit).map(|column| f32::from(row && column)));
        }
    }
    let mask = TensorData::new(mask, [units.len(), 1, frame.size[0], frame.size[1]]);
    let mask = Tensor::<4>::from_data(mask, device).into_dispatch();
    Dispatch::float_mul(signal, mask)
}

/// The windows in whole planes of zeros, `[units, C, H, W]`.
pub(crate) fn paste(
    signal: Value,
    frame: Frame,
    units: &[Unit],
    [height, width]: [usize; 2],
    device: &Device,
) -> Value {
    let signal = Tensor::<4>::from_dispatch(signal);
    let [count, channels, rows, columns] = signal.dims();
    let numbers: Vec<f32> = signal.into_data().convert::<f32>().try_to_vec().unwrap_or_default();
    let mut planes = vec![0.0f32; count * channels * height * width];
    for (i, window) in numbers.chunks_exact((rows * columns).max(1)).enumerate() {
        let [top, left] = frame.start(units[i / channels]);
        // The columns that lie in the plane.
        let from = (-left).clamp(0, columns as i64) as usize;
        let to = (width as i64 - left).clamp(from as i64, columns as i64) as usize;
        for (row, numbers) in window.chunks_exact(columns).enumerate() {
            let y = top + row as i64;
            if from < to && (0..height as i64).contains(&y) {
                let start = (i * height + y as usize) * width + (left + from as i64) as usize;
                planes[start..start + to - from].copy_from_slice(&numbers[from..to]);
            }
        }
    }
    let planes = TensorData::new(planes, [count, channels, height, width]);
    Tensor::<4>::from_data(planes, device).into_dispatch()
}
