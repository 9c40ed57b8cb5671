//! Average pooling over planes and lines, by fixed windows or to a fixed size. The signal is spread evenly
//! over its window: `g / area`, where the area counts padding only if the forward pass does.
//!
//! A line is computed as a plane of one row.

use burn::backend::ir::{ModuleOperationIr, OperationIr};
use burn::backend::ops::ModuleOps;
use burn::backend::{Dispatch, TensorMetadata};

use burn::tensor::Tensor;

use super::calc::flat;
use super::conv::{as_plane, from_plane};
use super::pool::Windows;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::patches::{Kernel, Locality, Sliding, SlidingOperation, Stack};
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(module) = op else { return None };
    match module {
        ModuleOperationIr::AvgPool2d(pool) => {
            let windows = Windows {
                rank: 2,
                kernel: pool.kernel_size,
                stride: pool.stride,
                padding: pool.padding,
                dilation: [1, 1],
                ceil_mode: pool.ceil_mode,
            };
            let op = AvgPool { windows, count_padding: pool.count_include_pad };
            Parsed::new(op, [&pool.x], &pool.out)
        }
        ModuleOperationIr::AvgPool1d(pool) => {
            let windows = Windows {
                rank: 1,
                kernel: [1, pool.kernel_size],
                stride: [1, pool.stride],
                padding: [0, pool.padding],
                dilation: [1, 1],
                ceil_mode: pool.ceil_mode,
            };
            let op = AvgPool { windows, count_padding: pool.count_include_pad };
            Parsed::new(op, [&pool.x], &pool.out)
        }
        ModuleOperationIr::AdaptiveAvgPool2d(pool) => {
            let op = AdaptiveAvgPool { rank: 2, size: pool.output_size };
            Parsed::new(op, [&pool.x], &pool.out)
        }
        ModuleOperationIr::AdaptiveAvgPool1d(pool) => {
            let op = AdaptiveAvgPool { rank: 1, size: [1, pool.output_size] };
            Parsed::new(op, [&pool.x], &pool.out)
        }
        _ => None,
    }
}

#[derive(Debug)]
struct AvgPool {
    windows: Windows,
    count_padding: bool,
}

impl Operation for AvgPool {
    fn describe(&self) -> String {
        format!("average pool {}", self.windows.words())
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let Windows { rank, kernel, stride, padding, ceil_mode, .. } = self.windows;
        let x = as_plane(inputs[0].clone());
        let y = Dispatch::avg_pool2d(x, kernel, stride, padding, self.count_padding, ceil_mode);
        from_plane(y, rank).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let Windows { rank, kernel, stride, padding, ceil_mode, .. } = self.windows;
        let back = Dispatch::avg_pool2d_backward(
            as_plane(recall.empty_like_input(0)?),
            as_plane(signal),
            kernel,
            stride,
            padding,
            self.count_padding,
            ceil_mode,
        );
        Ok(from_plane(back, rank))
    }

    fn reach(&self, region: &Region, _input: usize, _shapes: &Shapes<'_>) -> Reach {
        Reach::exact(self.windows.reach(region))
    }

    fn locality(&self) -> Locality<'_> {
        if self.windows.rank == 2 { Locality::Sliding(self) } else { Locality::Whole }
    }
}

impl SlidingOperation for AvgPool {
    fn kernel(&self) -> Kernel {
        self.windows.kernel(0.0)
    }

    /// The sum over what lies in the plane, times its weight, which ones tell: `pool(1) / (their number)`.
    fn slide(&self, x: &Stack, view: &Sliding<'_>) -> Option<Stack> {
        let [height, width] = view.plane;
        let ones = Tensor::<4>::ones([1, 1, height, width], view.device).into_dispatch();
        let Windows { kernel, stride, padding, ceil_mode, .. } = self.windows;
        let pooled =
            Dispatch::avg_pool2d(ones, kernel, stride, padding, self.count_padding, ceil_mode);
        let to = pooled.shape().dims::<4>();
        let weights: Vec<f32> = flat(pooled).into_data().try_into_vec().ok()?;
        let seen = self.kernel();
        // How many positions of the plane each output row or column sees.
        let counts = [0, 1].map(|axis| {
            let positions = 0..to[axis + 2] as i64;
            let count = |at| seen.seen_by(axis, Span { first: at, last: at });
            positions.map(|at| count(at).clip(view.plane[axis]).len() as f32).collect::<Vec<_>>()
        });
        let mut pooled = self.windows.fold(x, view.size, |a, b| a + b);
        let area = view.size[0] * view.size[1];
        for (i, window) in pooled.numbers.chunks_exact_mut(area.max(1)).enumerate() {
            let [top, left] = view.starts[i % x.positions].map(|start| start as usize);
            for (j, number) in window.iter_mut().enumerate() {
                let (row, column) = (top + j / view.size[1], left + j % view.size[1]);
                let count = counts[0][row] * counts[1][column];
                *number *= weights[row * to[3] + column] / count.max(1.0);
            }
        }
        Some(pooled)
    }
}

#[derive(Debug)]
struct AdaptiveAvgPool {
    rank: usize,
    size: [usize; 2],
}

impl Operation for AdaptiveAvgPool {
    fn describe(&self) -> String {
        let [height, width] = self.size;
        if self.rank == 1 {
            format!("average pool to {width}")
        } else {
            format!("average pool to {height}×{width}")
        }
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        let y = Dispatch::adaptive_avg_pool2d(as_plane(inputs[0].clone()), self.size);
        from_plane(y, self.rank).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let like = as_plane(recall.empty_like_input(0)?);
        let back = Dispatch::adaptive_avg_pool2d_backward(like, as_plane(signal));
        Ok(from_plane(back, self.rank))
    }

    /// Output position `i` of `m` averages the input positions `⌊i·n/m⌋ … ⌈(i+1)·n/m⌉ − 1` of `n`. A
    /// single average of a whole axis is an upper bound: every unit behind it sees everything.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let (from, to) = (&shapes.inputs[input], shapes.output);
        let seen = region.map_from(2, |axis, positions| {
            let (n, m) = (from[axis + 2] as i64, (to[axis + 2] as i64).max(1));
            positions.each(|at| Span {
                first: (at * n).div_euclid(m),
                last: -(-(at + 1) * n).div_euclid(m) - 1,
            })
        });
        let global = (2..to.rank()).any(|axis| to[axis] == 1 && from[axis] > 1);
        if global { Reach::at_most(seen) } else { Reach::exact(seen) }
    }

    /// To one number, it is the mean of the plane.
    fn locality(&self) -> Locality<'_> {
        match (self.rank, self.size) {
            (2, [1, 1]) => Locality::Sum { axes: [true, true], mean: true },
            _ => Locality::Whole,
        }
    }
}
