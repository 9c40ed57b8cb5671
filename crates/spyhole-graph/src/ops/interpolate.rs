//! Resizing planes: nearest, bilinear, bicubic, Lanczos. All are linear, rows and columns by themselves:
//! `y = R x Cᵀ`, with weights `R` for rows and `C` for columns. The way back is the adjoint, `Rᵀ g C`,
//! with the matrices read off what Burn computes for unit vectors.

use std::sync::OnceLock;

use burn::backend::Dispatch;
use burn::backend::ir::{InterpolateModeIr, InterpolateOptionsIr, ModuleOperationIr, OperationIr};
use burn::backend::ops::{FloatTensorOps, ModuleOps};
use burn::tensor::{Device, Shape, Tensor};

use super::calc::flat;
use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::positions::Positions;
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(ModuleOperationIr::Interpolate(op)) = op else { return None };
    let resize = Resize {
        from: [op.x.shape[2], op.x.shape[3]],
        size: op.output_size,
        options: op.options.clone(),
        taps: OnceLock::new(),
    };
    Parsed::new(resize, [&op.x], &op.out)
}

#[derive(Debug)]
struct Resize {
    from: [usize; 2],
    size: [usize; 2],
    options: InterpolateOptionsIr,
    taps: OnceLock<[Option<Vec<Positions>>; 2]>,
}

/// The longest axis of which the weights are looked at.
const LONGEST: usize = 2048;

impl Resize {
    fn resize(&self, x: Value, size: [usize; 2]) -> Value {
        Dispatch::interpolate(x, size, self.options.clone().into())
    }

    /// `[to, from]`: the weights by which numbers on a line become others. Each unit vector is a feature
    /// map of one column.
    fn weights(&self, from: usize, to: usize, device: &Device) -> Value {
        let units = Tensor::<2>::eye(from, device).into_dispatch();
        let units = Dispatch::float_reshape(units, Shape::new([1, from, from, 1]));
        let resized = self.resize(units, [to, 1]);
        Dispatch::float_swap_dims(Dispatch::float_reshape(resized, Shape::new([from, to])), 0, 1)
    }
}

impl Operation for Resize {
    fn describe(&self) -> String {
        let [height, width] = self.size;
        let mode = match self.options.mode {
            InterpolateModeIr::Nearest | InterpolateModeIr::NearestExact => "nearest",
            InterpolateModeIr::Bilinear => "bilinear",
            InterpolateModeIr::Bicubic => "bicubic",
            InterpolateModeIr::Lanczos3 => "lanczos",
        };
        format!("resize to {height}×{width}, {mode}")
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        operands.images_stay_off(&[2, 3])
    }

    fn forward(&self, inputs: &[Value], _target: &Target) -> Computed {
        self.resize(inputs[0].clone(), self.size).into()
    }

    fn backward(&self, signal: Value, _input: usize, recall: &Recall<'_>) -> Signal {
        let [n, c, height, width] = recall.input_shape(0).dims();
        let [rows, columns] = self.size;
        // [n·c, rows, columns] × [columns, width], then the transposed rows from the left.
        let of_columns = self.weights(width, columns, recall.device());
        let of_rows = self.weights(height, rows, recall.device());
        let flat = Dispatch::float_reshape(signal, Shape::new([n * c * rows, columns]));
        let narrow = Dispatch::float_matmul(flat, of_columns);
        let narrow = Dispatch::float_reshape(narrow, Shape::new([n * c, rows, width]));
        let narrow = Dispatch::float_swap_dims(narrow, 1, 2);
        let flat = Dispatch::float_reshape(narrow, Shape::new([n * c * width, rows]));
        let back = Dispatch::float_matmul(flat, of_rows);
        let back = Dispatch::float_reshape(back, Shape::new([n * c, width, height]));
        let back = Dispatch::float_swap_dims(back, 1, 2);
        Ok(Dispatch::float_reshape(back, Shape::new([n, c, height, width])))
    }

    /// The positions that have a weight in what Burn computes; on very long axes those that can have one.
    fn reach(&self, region: &Region, _input: usize, _shapes: &Shapes<'_>) -> Reach {
        let seen = region.map_from(2, |axis, positions| {
            let last = self.size[axis].saturating_sub(1) as i64;
            let positions =
                positions.each(|at| Span { first: at.clamp(0, last), last: at.clamp(0, last) });
            match &self.taps.get_or_init(|| [0, 1].map(|axis| self.taps(axis)))[axis] {
                Some(taps) => Positions::of(
                    positions.iter().flat_map(|at| taps[at as usize].runs().iter().copied()),
                ),
                None => positions.each(|at| self.around(axis, at)),
            }
        });
        let exact = self.from.iter().chain(&self.size).all(|&length| length <= LONGEST);
        if exact { Reach::exact(seen) } else { Reach::at_most(seen) }
    }
}

impl Resize {
    /// For each position of an axis, those that have a weight. `None` for a very long axis.
    fn taps(&self, axis: usize) -> Option<Vec<Positions>> {
        let (from, to) = (self.from[axis], self.size[axis]);
        (from.max(to) <= LONGEST).then_some(())?;
        let weights = flat(self.weights(from, to, &Device::flex()));
        let weights = weights.into_data().try_into_vec::<f32>().ok()?;
        let of_one = |weights: &[f32]| {
            let met = (0..).zip(weights).filter(|(_, weight)| **weight != 0.0);
            Positions::of(met.map(|(at, _)| Span { first: at, last: at }))
        };
        Some(weights.chunks_exact(from.max(1)).map(of_one).collect())
    }

    /// The taps around the source position `s = (i + ½) · n/m − ½`, or `i · (n−1)/(m−1)` with aligned
    /// corners: 1 for nearest, 2 for bilinear, 4 for bicubic, 6 for Lanczos. Taps beyond the border are
    /// moved onto it.
    fn around(&self, axis: usize, at: i64) -> Span {
        let (n, m) = (self.from[axis] as f64, self.size[axis].max(1) as f64);
        let last = (n as i64 - 1).max(0);
        // A hair to both sides, for devices that compute positions in single precision.
        let hair = 1e-4;
        let source = match self.options.mode {
            InterpolateModeIr::Nearest => at as f64 * n / m,
            InterpolateModeIr::NearestExact => (at as f64 + 0.5) * n / m,
            _ if self.options.align_corners => at as f64 * (n - 1.0) / (m - 1.0).max(1.0),
            _ => (at as f64 + 0.5) * n / m - 0.5,
        };
        let (before, after) = match self.options.mode {
            InterpolateModeIr::Nearest | InterpolateModeIr::NearestExact => (0, 0),
            InterpolateModeIr::Bilinear => (0, 1),
            InterpolateModeIr::Bicubic => (1, 2),
            InterpolateModeIr::Lanczos3 => (2, 3),
        };
        let first = (source - hair).floor() as i64 - before;
        let end = (source + hair).floor() as i64 + after;
        Span { first: first.clamp(0, last), last: end.clamp(0, last) }
    }
}
