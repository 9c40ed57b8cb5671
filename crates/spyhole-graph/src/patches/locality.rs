use burn::tensor::Device;

use super::stack::Stack;
use crate::ops::Value;
use crate::window::Span;

/// How an operation on `[N, C, H, W]` goes together with windows of its planes.
pub(crate) enum Locality<'a> {
    /// It needs whole planes.
    Whole,
    /// Each position by itself: a window of the output is `forward` of the windows of the inputs.
    Pointwise,
    /// A kernel slides over the plane of the first input; the other inputs are parameters.
    Sliding(&'a dyn SlidingOperation),
    /// A sum or mean over rows, columns, or both: it moves by what the sum over the window moves.
    Sum {
        /// Whether rows and columns are summed over.
        axes: [bool; 2],
        mean: bool,
    },
}

/// An operation that computes a window of its output from a window of its input.
pub(crate) trait SlidingOperation {
    /// Where it looks.
    fn kernel(&self) -> Kernel;

    /// Windows of the output. `None` if the device's numbers cannot be read.
    fn slide(&self, x: &Stack, view: &Sliding<'_>) -> Option<Stack>;
}

/// What an operation may look up while it slides over windows.
pub(crate) struct Sliding<'a> {
    /// `[height, width]` of the output's windows.
    pub(crate) size: [usize; 2],
    /// Row and column of the output's plane where each window starts.
    pub(crate) starts: &'a [[i64; 2]],
    /// `[height, width]` of the input's plane.
    pub(crate) plane: [usize; 2],
    /// All inputs but the first.
    pub(crate) parameters: &'a [Value],
    pub(crate) device: &'a Device,
}

/// A kernel on its way over a plane, rows before columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    pub(crate) size: [usize; 2],
    pub(crate) stride: [usize; 2],
    /// At the top and on the left.
    pub(crate) padding: [usize; 2],
    pub(crate) dilation: [usize; 2],
    /// What the padding holds.
    pub(crate) outside: f32,
}

impl Kernel {
    fn width(&self, axis: usize) -> i64 {
        (self.dilation[axis] * self.size[axis].saturating_sub(1)) as i64
    }

    /// Output positions that see one of these input positions: `⌈(l + p − d(k−1)) / s⌉ … ⌊(u + p) / s⌋`.
    pub(crate) fn reached_from(&self, axis: usize, input: Span) -> Span {
        let (stride, padding) = (self.stride[axis].max(1) as i64, self.padding[axis] as i64);
        Span {
            first: -(-(input.first + padding - self.width(axis))).div_euclid(stride),
            last: (input.last + padding).div_euclid(stride),
        }
    }

    /// Input positions that these output positions see: `s·l − p … s·u − p + d(k−1)`.
    pub(crate) fn seen_by(&self, axis: usize, output: Span) -> Span {
        let (stride, padding) = (self.stride[axis] as i64, self.padding[axis] as i64);
        Span {
            first: stride * output.first - padding,
            last: stride * output.last - padding + self.width(axis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_and_backward_reach_agree() {
        for (size, stride, padding, dilation) in
            [(1, 1, 0, 1), (3, 1, 1, 1), (3, 2, 1, 1), (2, 3, 0, 2), (7, 2, 3, 1), (1, 3, 0, 1)]
        {
            let kernel = Kernel {
                size: [size; 2],
                stride: [stride; 2],
                padding: [padding; 2],
                dilation: [dilation; 2],
                outside: 0.0,
            };
            for first in 0..12 {
                for last in first..12 {
                    let touched = Span { first, last };
                    let meets = |output: i64| {
                        let taps = (0..size as i64)
                            .map(|k| stride as i64 * output - padding as i64 + dilation as i64 * k);
                        taps.into_iter().any(|at| (first..=last).contains(&at))
                    };
                    let reached = kernel.reached_from(0, touched);
                    for output in -20..40 {
                        let inside = (reached.first..=reached.last).contains(&output);
                        assert!(inside || !meets(output), "{kernel:?} {touched:?} {output}");
                        // Between the taps of a dilated kernel there may be gaps.
                        let seen = kernel.seen_by(0, Span { first: output, last: output });
                        let overlaps = seen.first <= last && first <= seen.last;
                        assert_eq!(inside, overlaps, "{kernel:?} {touched:?} {output}");
                    }
                }
            }
        }
    }
}
