//! Max pooling over planes and lines. It remembers its switches, the positions of the maxima, and sends
//! the signal back to them. The first position wins a tie; windows that overlap add up.
//!
//! A line is computed as a plane of one row.

use burn::backend::Dispatch;
use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::ModuleOps;
use burn::tensor::{Int, IntDType, Tensor, TensorData};

use super::conv::{as_plane, from_plane};
use super::shape::reshape;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::error::GraphError;
use crate::patches::{Kernel, Locality, Sliding, SlidingOperation, Stack};
use crate::positions::Sight;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::windows::{View, WindowOperation, cut};

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(module) = op else { return None };
    macro_rules! plane {
        ($pool:expr) => {
            Windows {
                rank: 2,
                kernel: $pool.kernel_size,
                stride: $pool.stride,
                padding: $pool.padding,
                dilation: $pool.dilation,
                ceil_mode: $pool.ceil_mode,
            }
        };
    }
    macro_rules! line {
        ($pool:expr) => {
            Windows {
                rank: 1,
                kernel: [1, $pool.kernel_size],
                stride: [1, $pool.stride],
                padding: [0, $pool.padding],
                dilation: [1, $pool.dilation],
                ceil_mode: $pool.ceil_mode,
            }
        };
    }
    match module {
        ModuleOperationIr::MaxPool2d(pool) => {
            Parsed::new(MaxPool(plane!(pool)), [&pool.x], &pool.out)
        }
        ModuleOperationIr::MaxPool1d(pool) => {
            Parsed::new(MaxPool(line!(pool)), [&pool.x], &pool.out)
        }
        ModuleOperationIr::MaxPool2dWithIndices(pool) => {
            let parsed = Parsed::new(MaxPool(plane!(pool)), [&pool.x], &pool.out)?;
            Some(parsed.and(Switches(plane!(pool)), &pool.out_indices))
        }
        ModuleOperationIr::MaxPool1dWithIndices(pool) => {
            let parsed = Parsed::new(MaxPool(line!(pool)), [&pool.x], &pool.out)?;
            Some(parsed.and(Switches(line!(pool)), &pool.out_indices))
        }
        _ => None,
    }
}

/// The windows of a pooling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// 1 for lines, 2 for planes.
    pub(super) rank: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) ceil_mode: bool,
}

impl Windows {
    /// `2×2, stride 2`
    pub(super) fn words(&self) -> String {
        let [height, width] = self.kernel;
        let size = if self.rank == 1 { width.to_string() } else { format!("{height}×{width}") };
        match self.stride {
            [rows, columns] if rows == columns || self.rank == 1 => {
                format!("{size}, stride {columns}")
            }
            [rows, columns] => format!("{size}, stride {rows}×{columns}"),
        }
    }

    /// `s·i − p + d·t`, `t = 0 … k − 1`
    pub(super) fn reach(&self, region: &Region) -> Region {
        region.map_from(2, |axis, positions| {
            let axis = axis + 2 - self.rank;
            positions.seen_by(Sight {
                taps: self.kernel[axis],
                stride: self.stride[axis] as i64,
                padding: self.padding[axis] as i64,
                dilation: self.dilation[axis] as i64,
            })
        })
    }

    pub(super) fn kernel(&self, outside: f32) -> Kernel {
        let Self { kernel: size, stride, padding, dilation, .. } = *self;
        Kernel { size, stride, padding, dilation, outside }
    }

    /// Windows of `[h, w]` in which every number is folded from those that it sees.
    pub(super) fn fold(
        &self,
        x: &Stack,
        size: [usize; 2],
        fold: impl Fn(f32, f32) -> f32,
    ) -> Stack {
        let [height, width] = x.size;
        let [rows, columns] = size;
        let mut numbers = Vec::with_capacity(x.channels * x.positions * rows * columns);
        for window in x.numbers.chunks_exact((height * width).max(1)) {
            for row in 0..rows {
                let start = numbers.len();
                for tap in 0..self.kernel[0] * self.kernel[1] {
                    let down = row * self.stride[0] + tap / self.kernel[1] * self.dilation[0];
                    let right = tap % self.kernel[1] * self.dilation[1];
                    let seen = window[down * width + right..].iter().step_by(self.stride[1]);
                    if tap == 0 {
                        numbers.extend(seen.take(columns));
                    } else {
                        let folded = numbers[start..].iter_mut().zip(seen);
                        folded.for_each(|(folded, seen)| *folded = fold(*folded, *seen));
                    }
                }
            }
        }
        Stack { channels: x.channels, positions: x.positions, size, numbers }
    }

    fn pool(&self, x: Value) -> (Value, Value) {
        let pooled = Dispatch::max_pool2d_with_indices(
            x,
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            IntDType::I64,
        );
        (pooled.output, pooled.indices)
    }
}

#[derive(Debug)]
struct MaxPool(Windows);

impl Operation for MaxPool {
    fn describe(&self) -> String {
        format!("max pool {}", self.0.words())
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let (output, switches) = self.0.pool(as_plane(inputs[0].clone()));
        Computed { output: from_plane(output, self.0.rank), memory: Some(switches) }
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let switches = recall.memory()?;
        let back = Dispatch::max_pool2d_with_indices_backward(
            as_plane(recall.empty_like_input(0)?),
            self.0.kernel,
            self.0.stride,
            self.0.padding,
            self.0.dilation,
            self.0.ceil_mode,
            as_plane(signal),
            switches,
        );
        Ok(from_plane(back.x_grad, self.0.rank))
    }

    fn window(&self) -> Option<&dyn WindowOperation> {
        (self.0.rank == 2).then_some(self)
    }

    fn reach(&self, region: &Region, _input: usize, _shapes: &Shapes<'_>) -> Reach {
        Reach::exact(self.0.reach(region))
    }

    fn locality(&self) -> Locality<'_> {
        if self.0.rank == 2 { Locality::Sliding(self) } else { Locality::Whole }
    }
}

impl WindowOperation for MaxPool {
    /// The switches are positions in the whole plane; here they are looked for in the window.
    fn backward_window(&self, signal: Value, _input: usize, view: &View<'_>) -> Signal {
        let [_, _, _, plane_width] = view.recall.input_shape(0).dims();
        let switches = Tensor::<4, Int>::from_dispatch(view.recall.whole_memory()?);
        let switches = cut(switches, view.departure, view.units);
        let [units, channels, rows, columns] = switches.dims();
        let unreadable = |_| GraphError::Unsupported { operation: self.describe() };
        let switches: Vec<i64> =
            switches.into_data().convert::<i64>().try_to_vec().map_err(unreadable)?;
        let signal: Vec<f32> = Tensor::<4>::from_dispatch(signal)
            .into_data()
            .convert::<f32>()
            .try_to_vec()
            .map_err(unreadable)?;
        let [height, width] = view.arrival.size;
        let mut back = vec![0.0f32; units * channels * height * width];
        let per_plane = (rows * columns).max(1);
        let planes = signal.chunks_exact(per_plane).zip(switches.chunks_exact(per_plane));
        for (i, (signal, switches)) in planes.enumerate() {
            let [top, left] = view.arrival.start(view.units[i / channels]);
            let back = &mut back[i * height * width..][..height * width];
            for (&signal, &switch) in signal.iter().zip(switches) {
                if signal == 0.0 {
                    continue; // outside the plane, among others, where the switch means nothing
                }
                let row = switch / plane_width as i64 - top;
                let column = switch % plane_width as i64 - left;
                if (0..height as i64).contains(&row) && (0..width as i64).contains(&column) {
                    back[row as usize * width + column as usize] += signal;
                }
            }
        }
        let back = TensorData::new(back, [units, channels, height, width]);
        Ok(Tensor::<4>::from_data(back, view.recall.device()).into_dispatch())
    }
}

impl SlidingOperation for MaxPool {
    fn kernel(&self) -> Kernel {
        self.0.kernel(f32::NEG_INFINITY)
    }

    fn slide(&self, x: &Stack, view: &Sliding<'_>) -> Option<Stack> {
        let larger = |a: f32, b: f32| if b > a || b.is_nan() { b } else { a };
        Some(self.0.fold(x, view.size, larger))
    }
}

/// The positions of a max pooling's maxima, for forward functions that read them.
#[derive(Debug)]
struct Switches(Windows);

impl Operation for Switches {
    fn describe(&self) -> String {
        "positions of the maxima".into()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        let (_, switches) = self.0.pool(as_plane(inputs[0].clone()));
        reshape(switches, target.shape.clone()).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Err(GraphError::Unsupported { operation: self.describe() })
    }

    fn reach(&self, region: &Region, _input: usize, _shapes: &Shapes<'_>) -> Reach {
        Reach::exact(self.0.reach(region))
    }
}
