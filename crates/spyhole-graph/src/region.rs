//! Boxes of positions in tensors of any rank, and how an operation looks back from one to another.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::Shape;

use crate::field::FieldStatus;
use crate::positions::Positions;
use crate::window::Span;

/// Boxes that are kept apart; more are united into one.
const BOXES: usize = 12;
/// Runs of positions on an axis that several axes are merged into.
const RUNS: usize = 1 << 14;

/// A box of positions of a tensor, for one image: all combinations of its positions on each axis, which may
/// have gaps. As long as only convolutions and the like are passed it may lie partly outside the tensor,
/// where a network pads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region(pub(crate) Vec<Positions>);

impl Region {
    pub(crate) fn all(shape: &Shape) -> Self {
        Self(shape.iter().map(|&length| Positions::all(length)).collect())
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a.union(b)).collect())
    }

    fn includes(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a.includes(b))
    }

    pub(crate) fn clip(&self, shape: &Shape) -> Self {
        Self(self.0.iter().zip(shape.iter()).map(|(axis, &length)| axis.clip(length)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().any(Positions::is_empty)
    }

    /// The same box with other positions on one axis.
    pub(crate) fn with(&self, axis: usize, positions: Positions) -> Self {
        let mut axes = self.0.clone();
        if let Some(old) = axes.get_mut(axis) {
            *old = positions;
        }
        Self(axes)
    }

    /// Applies a rule to the axes from `first` on; the rule gets the axis counted from there.
    pub(crate) fn map_from(
        &self,
        first: usize,
        rule: impl Fn(usize, &Positions) -> Positions,
    ) -> Self {
        let axes = self.0.iter().enumerate();
        Self(
            axes.map(|(i, axis)| if i < first { axis.clone() } else { rule(i - first, axis) })
                .collect(),
        )
    }

    /// Where these numbers lie after a reshape. Axes that the reshape leaves alone keep their positions; where
    /// axes are merged or split, what was a box may become several.
    pub(crate) fn reshape(&self, from: &Shape, to: &Shape) -> Reach {
        let mut reach = Reach::exact(Self(vec![]));
        let (mut i, mut j) = (0, 0);
        while i < from.rank() || j < to.rank() {
            // The shortest run of axes on both sides with the same number of elements.
            let (start_i, start_j) = (i, j);
            let (mut a, mut b) = (1, 1);
            loop {
                if i < from.rank() && (a < b || i == start_i) {
                    a *= from[i];
                    i += 1;
                } else if j < to.rank() && (b < a || j == start_j) {
                    b *= to[j];
                    j += 1;
                } else {
                    break;
                }
                if a == b && i > start_i && j > start_j {
                    break;
                }
            }
            let (old, new) = (&from[start_i..i], &to[start_j..j]);
            let axes = &self.0[start_i..i];
            if old == new {
                reach.regions.iter_mut().for_each(|region| region.0.extend_from_slice(axes));
                continue;
            }
            let merged = merged(axes, old).unwrap_or_else(|| {
                reach.status = FieldStatus::UpperBound;
                Positions::run(hull(axes, old))
            });
            let mut parts = split(&merged, new);
            if parts.len() * reach.regions.len() > BOXES {
                reach.loose = true;
                let united = parts.iter().cloned().reduce(|a, b| a.union(&b));
                parts = united.into_iter().collect();
            }
            let boxes = reach.regions.iter().flat_map(|region| {
                parts.iter().map(|part| Self(region.0.iter().chain(&part.0).cloned().collect()))
            });
            reach.regions = boxes.collect();
        }
        reach
    }
}

/// Positions in memory of a box of some axes. `None` if they are too scattered.
fn merged(axes: &[Positions], lengths: &[usize]) -> Option<Positions> {
    let (mut inner, mut size) = (Positions::at(0), 1i64);
    for (axis, &length) in axes.iter().zip(lengths).rev() {
        let axis = axis.clip(length);
        if inner == Positions::all(size as usize) {
            let run =
                |run: &Span| Span { first: run.first * size, last: (run.last + 1) * size - 1 };
            inner = Positions::of(axis.runs().iter().map(run));
        } else {
            let runs = axis.iter().count() * inner.runs().len();
            (runs <= RUNS).then_some(())?;
            let moved = |at: i64| inner.shift(at * size).runs().to_vec();
            inner = Positions::of(axis.iter().flat_map(moved));
        }
        size *= length as i64;
    }
    Some(inner)
}

/// From the first to the last position in memory.
fn hull(axes: &[Positions], lengths: &[usize]) -> Span {
    let spans = axes.iter().zip(lengths).map(|(axis, &n)| (axis.clip(n).hull(), n as i64));
    spans.fold(Span { first: 0, last: 0 }, |sum, (span, n)| Span {
        first: sum.first * n + span.first,
        last: sum.last * n + span.last,
    })
}

/// The boxes of positions in memory, in axes of these lengths.
fn split(positions: &Positions, lengths: &[usize]) -> Vec<Region> {
    let [length, rest @ ..] = lengths else { return vec![Region(vec![])] };
    if rest.is_empty() {
        return vec![Region(vec![positions.clip(*length)])];
    }
    let inner = rest.iter().product::<usize>().max(1) as i64;
    let mut whole = vec![];
    let mut parts: BTreeMap<i64, Vec<Span>> = BTreeMap::new();
    for run in positions.runs() {
        let (first, last) = (run.first.div_euclid(inner), run.last.div_euclid(inner));
        for at in [first, last] {
            let part = Span { first: run.first - at * inner, last: run.last - at * inner };
            parts.entry(at).or_default().push(part.clip(inner as usize));
        }
        whole.push(Span { first: first + 1, last: last - 1 });
    }
    // Positions with the same inside are one box.
    let mut outer: HashMap<Positions, Vec<Span>> = HashMap::new();
    outer.entry(Positions::all(inner as usize)).or_default().extend(whole);
    for (at, part) in parts {
        outer.entry(Positions::of(part)).or_default().push(Span { first: at, last: at });
    }
    let mut boxes: Vec<Region> = vec![];
    for (inside, outer) in outer {
        let outer = Positions::of(outer);
        if outer.is_empty() {
            continue;
        }
        for part in split(&inside, rest) {
            boxes.push(Region([outer.clone()].into_iter().chain(part.0).collect()));
        }
    }
    boxes
}

/// Shapes around an operation, for one image.
pub(crate) struct Shapes<'a> {
    pub(crate) inputs: &'a [Shape],
    pub(crate) output: &'a Shape,
}

/// What an operation sees of one of its inputs.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub(crate) regions: Vec<Region>,
    /// Of each box every position on every axis is seen, but not every combination.
    pub(crate) loose: bool,
    pub(crate) status: FieldStatus,
}

impl Reach {
    /// These positions and no others.
    pub(crate) fn exact(region: Region) -> Self {
        Self::all_of(vec![region])
    }

    /// The positions of these boxes and no others.
    pub(crate) fn all_of(regions: Vec<Region>) -> Self {
        Self { regions, loose: false, status: FieldStatus::Exact }
    }

    /// At most these positions.
    pub(crate) fn at_most(region: Region) -> Self {
        Self { status: FieldStatus::UpperBound, ..Self::exact(region) }
    }

    /// Possibly every position.
    pub(crate) fn everything(shape: &Shape) -> Self {
        Self::at_most(Region::all(shape))
    }

    /// The same position of an input that was repeated along its axes of length one.
    pub(crate) fn elementwise(region: &Region, input: &Shape, output: &Shape) -> Self {
        if input.rank() != output.rank() {
            return Self::everything(input);
        }
        let axes = region.0.iter().zip(input.iter().zip(output.iter()));
        let axes = axes.map(|(axis, (&input, &output))| {
            if input == 1 && output != 1 && !axis.is_empty() {
                Positions::at(0)
            } else {
                axis.clone()
            }
        });
        Self::exact(Region(axes.collect()))
    }
}

/// What is seen of a tensor on all ways to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) boxes: Vec<Region>,
    pub(crate) loose: bool,
}

impl Seen {
    pub(crate) fn add(&mut self, mut region: Region) {
        // A box that differs from another on one axis only is one with it.
        while let Some(index) = self.boxes.iter().position(|other| are_one(other, &region)) {
            region = region.union(&self.boxes.swap_remove(index));
        }
        self.boxes.push(region);
        if self.boxes.len() > BOXES {
            let united = self.boxes.drain(..).reduce(|a, b| a.union(&b));
            self.boxes.extend(united);
            self.loose = true;
        }
    }

    /// The smallest box around all that is seen.
    pub(crate) fn hull(&self, axis: usize) -> Span {
        let spans = self.boxes.iter().filter_map(|region| Some(region.0.get(axis)?.hull()));
        spans.reduce(Span::union).unwrap_or(Span { first: 0, last: -1 })
    }
}

/// Whether the union of two boxes is a box.
fn are_one(a: &Region, b: &Region) -> bool {
    let mut differ = a.0.iter().zip(&b.0).filter(|(a, b)| a != b);
    differ.next().is_none() || differ.next().is_none() || a.includes(b) || b.includes(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(axes: &[(i64, i64)]) -> Region {
        Region(axes.iter().map(|&(first, last)| Positions::run(Span { first, last })).collect())
    }

    #[test]
    fn a_reshape_keeps_what_it_does_not_touch() {
        let all = [(0, 5), (2, 3), (-1, 4)];
        for (from, to, given, expected) in [
            // Channels regrouped: the plane is untouched, even outside the image.
            (
                vec![6, 4, 5],
                vec![2, 3, 4, 5],
                &all[..],
                vec![&[(0, 1), (0, 2), (2, 3), (-1, 4)][..]],
            ),
            (
                vec![1, 6, 1, 1],
                vec![1, 6],
                &[(0, 0), (0, 5), (0, 0), (0, 0)],
                vec![&[(0, 0), (0, 5)]],
            ),
            (
                vec![1, 6],
                vec![1, 6, 1, 1],
                &[(0, 0), (2, 2)],
                vec![&[(0, 0), (2, 2), (0, 0), (0, 0)]],
            ),
            // A row of a plane is one stretch.
            (vec![4, 5], vec![20], &[(2, 2), (0, 4)], vec![&[(10, 14)]]),
            // A stretch is the end of a row and the beginning of the next, with whole rows between.
            (vec![20], vec![4, 5], &[(8, 13)], vec![&[(1, 1), (3, 4)], &[(2, 2), (0, 3)]]),
            (
                vec![20],
                vec![4, 5],
                &[(3, 15)],
                vec![&[(0, 0), (3, 4)], &[(1, 2), (0, 4)], &[(3, 3), (0, 0)]],
            ),
        ] {
            let mut got = region(given).reshape(&Shape::from(from), &Shape::from(to));
            got.regions.sort_by_key(|region| region.0[0].hull().first);
            let expected: Vec<_> = expected.into_iter().map(region).collect();
            assert_eq!((got.regions, got.loose, got.status), (expected, false, FieldStatus::Exact));
        }
        // A column has a gap at every row, and comes back from there.
        let column = region(&[(1, 2), (3, 3)]);
        let [plane, line] = [vec![4, 5], vec![20]].map(Shape::from);
        let there = column.reshape(&plane, &line).regions;
        let runs = [8, 13].map(|at| Span { first: at, last: at });
        assert_eq!(there, [Region(vec![Positions::of(runs)])]);
        assert_eq!(there[0].reshape(&line, &plane).regions, [column]);
    }

    #[test]
    fn boxes_stay_apart_unless_they_are_one() {
        let mut seen = Seen::default();
        // A row and a column: a cross is no box.
        seen.add(region(&[(3, 3), (0, 6)]));
        seen.add(region(&[(0, 6), (3, 3)]));
        assert_eq!((seen.boxes.len(), seen.hull(0)), (2, Span { first: 0, last: 6 }));
        // What lies inside, and what makes one longer, adds none.
        seen.add(region(&[(3, 3), (2, 4)]));
        seen.add(region(&[(3, 3), (7, 9)]));
        assert_eq!((seen.boxes.len(), seen.loose), (2, false));
        for i in 0..20 {
            seen.add(region(&[(2 * i, 2 * i), (5 * i, 5 * i)]));
        }
        assert!(seen.loose && seen.hull(1) == Span { first: 0, last: 95 });
    }
}
