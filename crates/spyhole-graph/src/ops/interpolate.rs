//! Resizing planes: nearest, bilinear, bicubic, Lanczos. All are linear, rows and columns by themselves:
//! `y = R x Cᵀ`, with weights `R` for rows and `C` for columns. The way back is the adjoint, `Rᵀ g C`,
//! with the matrices read off what Burn computes for unit vectors.

use burn::backend::Dispatch;
use burn::backend::ir::{InterpolateModeIr, InterpolateOptionsIr, ModuleOperationIr, OperationIr};
use burn::backend::ops::{FloatTensorOps, ModuleOps};
use burn::tensor::{Device, Shape, Tensor};

use super::{Computed, Operands, Operation, Parsed, Signal, Target, Value};
use crate::recall::Recall;
use crate::region::{Reach, Region, Shapes};
use crate::window::Span;

pub(crate) fn read(op: &OperationIr) -> Option<Parsed<'_>> {
    let OperationIr::Module(ModuleOperationIr::Interpolate(op)) = op else { return None };
    let resize = Resize { size: op.output_size, options: op.options.clone() };
    Parsed::new(resize, [&op.x], &op.out)
}

#[derive(Debug)]
struct Resize {
    size: [usize; 2],
    options: InterpolateOptionsIr,
}

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

    /// The taps around the source position `s = (i + ½) · n/m − ½`, or `i · (n−1)/(m−1)` with aligned
    /// corners: 1 for nearest, 2 for bilinear, 4 for bicubic, 6 for Lanczos. Taps beyond the border are
    /// moved onto it.
    fn reach(&self, region: &Region, input: usize, shapes: &Shapes<'_>) -> Reach {
        let (from, to) = (&shapes.inputs[input], shapes.output);
        let seen = region.map_from(2, |axis, span| {
            let (n, m) = (from[axis + 2] as f64, to[axis + 2].max(1) as f64);
            let last = (n as i64 - 1).max(0);
            // A hair to both sides, for devices that compute positions in single precision.
            let hair = 1e-4;
            let source = |i: i64| match self.options.mode {
                InterpolateModeIr::Nearest => i as f64 * n / m,
                InterpolateModeIr::NearestExact => (i as f64 + 0.5) * n / m,
                _ if self.options.align_corners => i as f64 * (n - 1.0) / (m - 1.0).max(1.0),
                _ => (i as f64 + 0.5) * n / m - 0.5,
            };
            let (before, after) = match self.options.mode {
                InterpolateModeIr::Nearest | InterpolateModeIr::NearestExact => (0, 0),
                InterpolateModeIr::Bilinear => (0, 1),
                InterpolateModeIr::Bicubic => (1, 2),
                InterpolateModeIr::Lanczos3 => (2, 3),
            };
            let first = (source(span.first) - hair).floor() as i64 - before;
            let end = (source(span.last) + hair).floor() as i64 + after;
            Span { first: first.clamp(0, last), last: end.clamp(0, last) }
        });
        Reach::exact(seen)
    }
}
