//! Boxes of positions in tensors of any rank, and how an operation looks back from one to another.

use burn::tensor::Shape;

use crate::field::FieldStatus;
use crate::window::Span;

/// A box of positions of a tensor, one span per axis, for one image. As long as only convolutions and
/// the like are passed it may lie partly outside the tensor, where a network pads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region(pub(crate) Vec<Span>);

impl Region {
    pub(crate) fn all(shape: &Shape) -> Self {
        Self(shape.iter().map(|&length| Span::all(length)).collect())
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a.union(*b)).collect())
    }

    pub(crate) fn clip(&self, shape: &Shape) -> Self {
        Self(self.0.iter().zip(shape.iter()).map(|(span, &length)| span.clip(length)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().any(|span| span.is_empty())
    }

    /// The same box with another span on one axis.
    pub(crate) fn with(&self, axis: usize, span: Span) -> Self {
        let mut spans = self.0.clone();
        if let Some(old) = spans.get_mut(axis) {
            *old = span;
        }
        Self(spans)
    }

    /// Applies a rule to the spans of the axes from `first` on; the rule gets the axis counted from there.
    pub(crate) fn map_from(&self, first: usize, rule: impl Fn(usize, Span) -> Span) -> Self {
        let spans = self.0.iter().enumerate();
        Self(spans.map(|(i, &s)| if i < first { s } else { rule(i - first, s) }).collect())
    }

    /// The box where these numbers lie after a reshape. Axes that the reshape leaves alone keep their
    /// spans; where axes are merged or split, the box is the smallest that holds the same stretch of
    /// memory. Says whether nothing was added.
    pub(crate) fn reshape(&self, from: &Shape, to: &Shape) -> (Self, bool) {
        let (mut spans, mut exact) = (Vec::with_capacity(to.rank()), true);
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
            let run = &self.0[start_i..i];
            if old == new {
                spans.extend(run);
                continue;
            }
            let run: Vec<Span> = run.iter().zip(old).map(|(span, &n)| span.clip(n)).collect();
            let offset = |pick: fn(&Span) -> i64| {
                run.iter().zip(old).fold(0, |sum, (span, &n)| sum * n as i64 + pick(span))
            };
            let (mut first, mut last) = (offset(|span| span.first), offset(|span| span.last));
            let mut split = Vec::with_capacity(new.len());
            let mut inner: i64 = new.iter().map(|&n| n as i64).product();
            let mut whole = false;
            for &length in new {
                inner /= (length as i64).max(1);
                if whole {
                    split.push(Span::all(length));
                    continue;
                }
                let (low, high) = (first / inner.max(1), last / inner.max(1));
                split.push(Span { first: low, last: high });
                // Below an axis on which the stretch begins and ends apart, anything may be in it.
                whole = low != high;
                first -= low * inner;
                last -= high * inner;
            }
            let count = |spans: &[Span]| spans.iter().map(|span| span.len()).product::<usize>();
            exact &= count(&run) == count(&split);
            spans.extend(split);
        }
        (Self(spans), exact)
    }
}

/// Shapes around an operation, for one image.
pub(crate) struct Shapes<'a> {
    pub(crate) inputs: &'a [Shape],
    pub(crate) output: &'a Shape,
}

/// What an operation sees of one of its inputs.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub(crate) region: Region,
    pub(crate) status: FieldStatus,
}

impl Reach {
    /// These positions and no others.
    pub(crate) fn exact(region: Region) -> Self {
        Self { region, status: FieldStatus::Exact }
    }

    /// At most these positions.
    pub(crate) fn at_most(region: Region) -> Self {
        Self { region, status: FieldStatus::UpperBound }
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
        let spans = region.0.iter().zip(input.iter().zip(output.iter()));
        let spans = spans.map(
            |(&span, (&input, &output))| {
                if input == 1 && output != 1 { Span::at(0) } else { span }
            },
        );
        Self::exact(Region(spans.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(spans: &[(i64, i64)]) -> Region {
        Region(spans.iter().map(|&(first, last)| Span { first, last }).collect())
    }

    #[test]
    fn a_reshape_keeps_what_it_does_not_touch() {
        let all = [(0, 5), (2, 3), (-1, 4)];
        for (from, to, given, expected, exact) in [
            // Channels regrouped: the plane is untouched, even outside the image.
            (
                vec![6, 4, 5],
                vec![2, 3, 4, 5],
                &all[..],
                &[(0, 1), (0, 2), (2, 3), (-1, 4)][..],
                true,
            ),
            (
                vec![1, 6, 1, 1],
                vec![1, 6],
                &[(0, 0), (0, 5), (0, 0), (0, 0)],
                &[(0, 0), (0, 5)],
                true,
            ),
            (
                vec![1, 6],
                vec![1, 6, 1, 1],
                &[(0, 0), (2, 2)],
                &[(0, 0), (2, 2), (0, 0), (0, 0)],
                true,
            ),
            // A row of a plane is one stretch; a column is not.
            (vec![4, 5], vec![20], &[(2, 2), (0, 4)], &[(10, 14)], true),
            (vec![4, 5], vec![20], &[(1, 2), (3, 3)], &[(8, 13)], false),
            (vec![20], vec![4, 5], &[(8, 13)], &[(1, 2), (0, 4)], false),
        ] {
            let (got, is_exact) = region(given).reshape(&Shape::from(from), &Shape::from(to));
            assert_eq!((got, is_exact), (region(expected), exact), "{given:?}");
        }
    }
}
