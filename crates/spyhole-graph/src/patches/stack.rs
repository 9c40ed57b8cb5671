use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::plan::Frame;
use crate::ops::Value;
use crate::window::Span;

/// Windows of one tensor for several places of the cover, `[channels, positions, height, width]`.
///
/// Channels come first, so that all windows together are one matrix of a row per channel, which a
/// convolution multiplies at once, and one image of tall planes, which pointwise operations take as it is.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) channels: usize,
    pub(crate) positions: usize,
    /// `[height, width]`
    pub(crate) size: [usize; 2],
    pub(crate) numbers: Vec<f32>,
}

/// Where the windows of a stack lie, and what in them is new.
pub(crate) struct Placed<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) frame: &'a Frame,
}

/// A clean tensor of one image, `[channels, height, width]`.
#[derive(Clone, Copy)]
pub(crate) struct Planes<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) size: [usize; 2],
}

/// A stretch of changed numbers in a row: in the stack, and in the clean tensor.
struct Stretch {
    channel: usize,
    position: usize,
    /// Row and first column in the plane.
    at: [usize; 2],
    held: usize,
    clean: usize,
    length: usize,
}

impl Stack {
    /// As one image of tall planes, `[1, channels, positions · height, width]`.
    pub(crate) fn into_value(self, device: &Device) -> Value {
        let shape = self.tall();
        Tensor::<4>::from_data(TensorData::new(self.numbers, shape), device).into_dispatch()
    }

    pub(crate) fn tall(&self) -> [usize; 4] {
        [1, self.channels, self.positions * self.size[0], self.size[1]]
    }

    /// The inverse of [`into_value`](Self::into_value).
    pub(crate) fn from_value(value: Value, positions: usize, size: [usize; 2]) -> Option<Self> {
        let value = Tensor::<4>::from_dispatch(value);
        let [one, channels, height, width] = value.dims();
        let fits = one == 1 && height == positions * size[0] && width == size[1];
        let numbers = value.into_data().try_into_vec().ok()?;
        fits.then_some(Self { channels, positions, size, numbers })
    }

    /// Windows of `size` that start at `starts` in the clean planes, with what has changed laid over them.
    /// Beyond the plane they hold `outside`.
    pub(crate) fn assemble(
        clean: Planes<'_>,
        changed: Option<&Placed<'_>>,
        places: &[[usize; 2]],
        starts: &[[i64; 2]],
        size: [usize; 2],
        outside: f32,
    ) -> Self {
        let [height, width] = clean.size;
        let channels = clean.numbers.len() / (height * width).max(1);
        let (positions, area) = (starts.len(), size[0] * size[1]);
        let mut numbers = vec![outside; channels * positions * area];
        for (i, window) in numbers.chunks_exact_mut(area.max(1)).enumerate() {
            let (channel, position) = (i / positions, i % positions);
            let [top, left] = starts[position];
            let plane = &clean.numbers[channel * height * width..][..height * width];
            let columns = Span { first: left, last: left + size[1] as i64 - 1 };
            let inside = columns.clip(width);
            let fresh = changed.map(|placed| {
                let [row, column] = places[position];
                let [rows, columns] = placed.frame;
                let seen = columns.changed[column];
                let seen =
                    Span { first: seen.first.max(inside.first), last: seen.last.min(inside.last) };
                let start = [rows.starts[row], columns.starts[column]];
                (placed.stack, rows.changed[row], seen, start)
            });
            for (y, row) in (top..).zip(window.chunks_exact_mut(size[1])) {
                if !(0..height as i64).contains(&y) || inside.is_empty() {
                    continue;
                }
                let at = (inside.first - left) as usize;
                let source = y as usize * width + inside.first as usize;
                row[at..at + inside.len()].copy_from_slice(&plane[source..][..inside.len()]);
                if let Some((stack, rows, columns, start)) = fresh
                    && (rows.first..=rows.last).contains(&y)
                    && !columns.is_empty()
                {
                    let held = (i * stack.size[0] + (y - start[0]) as usize) * stack.size[1]
                        + (columns.first - start[1]) as usize;
                    let at = (columns.first - left) as usize;
                    row[at..at + columns.len()]
                        .copy_from_slice(&stack.numbers[held..][..columns.len()]);
                }
            }
        }
        Self { channels, positions, size, numbers }
    }
}

impl Placed<'_> {
    /// Calls `look` with every stretch of numbers of these channels that can have changed.
    fn each(
        &self,
        channels: Range<usize>,
        plane: [usize; 2],
        places: &[[usize; 2]],
        mut look: impl FnMut(Stretch),
    ) {
        let Stack { positions, size, .. } = *self.stack;
        for channel in channels {
            for (position, place) in places.iter().enumerate().take(positions) {
                let [rows, columns] = [0, 1].map(|i| self.frame[i].changed[place[i]]);
                let [top, left] = [0, 1].map(|i| self.frame[i].starts[place[i]]);
                if columns.is_empty() {
                    continue;
                }
                for row in rows.first..=rows.last {
                    let window = channel * positions + position;
                    let held = (window * size[0] + (row - top) as usize) * size[1];
                    let at = [row as usize, columns.first as usize];
                    look(Stretch {
                        channel,
                        position,
                        at,
                        held: held + (columns.first - left) as usize,
                        clean: (channel * plane[0] + at[0]) * plane[1] + at[1],
                        length: columns.len(),
                    });
                }
            }
        }
    }

    /// The windows in whole clean planes, `[positions, channels, height, width]`. Marks the places where a
    /// number differs.
    pub(crate) fn paste(
        &self,
        clean: Planes<'_>,
        places: &[[usize; 2]],
        touched: &mut [bool],
    ) -> Vec<f32> {
        let size = clean.numbers.len();
        let mut numbers = Vec::with_capacity(self.stack.positions * size);
        for _ in 0..self.stack.positions {
            numbers.extend_from_slice(clean.numbers);
        }
        self.each(0..self.stack.channels, clean.size, places, |stretch| {
            let fresh = &self.stack.numbers[stretch.held..][..stretch.length];
            let old = &mut numbers[stretch.position * size + stretch.clean..][..stretch.length];
            if old != fresh {
                touched[stretch.position] = true;
                old.copy_from_slice(fresh);
            }
        });
        numbers
    }

    /// The sums over rows, columns, or both, times `factor`, given the clean ones: `[positions, sums]`. Marks
    /// the places where a number differs.
    pub(crate) fn sums(
        &self,
        clean: Planes<'_>,
        clean_sums: &[f32],
        (axes, factor): ([bool; 2], f64),
        places: &[[usize; 2]],
        touched: &mut [bool],
    ) -> Vec<f32> {
        let kept = [0, 1].map(|i| if axes[i] { 1 } else { clean.size[i] });
        let size = clean_sums.len();
        let mut moved = vec![0f64; self.stack.positions * size];
        self.each(0..self.stack.channels, clean.size, places, |stretch| {
            let fresh = &self.stack.numbers[stretch.held..][..stretch.length];
            let old = &clean.numbers[stretch.clean..][..stretch.length];
            if old == fresh {
                return;
            }
            touched[stretch.position] = true;
            let row = if axes[0] { 0 } else { stretch.at[0] };
            let to = stretch.position * size + (stretch.channel * kept[0] + row) * kept[1];
            for (i, (fresh, old)) in fresh.iter().zip(old).enumerate() {
                let column = if axes[1] { 0 } else { stretch.at[1] + i };
                moved[to + column] += f64::from(*fresh) - f64::from(*old);
            }
        });
        let clean = clean_sums.iter().cycle();
        moved.iter().zip(clean).map(|(&by, &sum)| (f64::from(sum) + factor * by) as f32).collect()
    }

    /// By how much the sum of one map differs from the clean one, for each place.
    pub(crate) fn moved(&self, clean: Planes<'_>, map: usize, places: &[[usize; 2]]) -> Vec<f64> {
        let mut moved = vec![0.0; places.len()];
        self.each(map..map + 1, clean.size, places, |stretch| {
            let fresh = &self.stack.numbers[stretch.held..][..stretch.length];
            let old = &clean.numbers[stretch.clean..][..stretch.length];
            let differences = fresh.iter().zip(old);
            let differences = differences.map(|(&fresh, &old)| f64::from(fresh) - f64::from(old));
            moved[stretch.position] += differences.sum::<f64>();
        });
        moved
    }
}
