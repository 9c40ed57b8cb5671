//! Positions on one axis of a tensor, with the gaps between them: a stride above its kernel, a dilation or a
//! transposed convolution sees only some of the positions between the first and the last.

use crate::window::Span;

/// Positions on an axis, as runs in order that do not touch each other. They may lie outside the axis, where
/// a network pads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Positions(Vec<Span>);

impl Positions {
    pub(crate) fn at(position: i64) -> Self {
        Self(vec![Span { first: position, last: position }])
    }

    pub(crate) fn all(length: usize) -> Self {
        Self::run(Span::all(length))
    }

    pub(crate) fn run(span: Span) -> Self {
        Self(if span.is_empty() { vec![] } else { vec![span] })
    }

    /// All positions of these runs, which may overlap and come in any order.
    pub(crate) fn of(runs: impl IntoIterator<Item = Span>) -> Self {
        let mut runs: Vec<Span> = runs.into_iter().filter(|span| !span.is_empty()).collect();
        runs.sort_unstable_by_key(|span| span.first);
        let mut apart: Vec<Span> = Vec::with_capacity(runs.len());
        for run in runs {
            match apart.last_mut() {
                Some(before) if run.first <= before.last + 1 => {
                    before.last = before.last.max(run.last);
                }
                _ => apart.push(run),
            }
        }
        Self(apart)
    }

    pub(crate) fn runs(&self) -> &[Span] {
        &self.0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().flat_map(|run| run.first..=run.last)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From the first position to the last.
    pub(crate) fn hull(&self) -> Span {
        match (self.0.first(), self.0.last()) {
            (Some(first), Some(last)) => Span { first: first.first, last: last.last },
            _ => Span { first: 0, last: -1 },
        }
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        if self == other { self.clone() } else { Self::of(self.0.iter().chain(&other.0).copied()) }
    }

    /// Whether all positions of another set are in it.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        let mut own = self.0.iter().peekable();
        other.0.iter().all(|run| {
            while own.next_if(|own| own.last < run.first).is_some() {}
            own.peek().is_some_and(|own| own.first <= run.first && run.last <= own.last)
        })
    }

    /// Those in a stretch.
    pub(crate) fn within(&self, stretch: Span) -> Self {
        let cut = |run: &Span| Span {
            first: run.first.max(stretch.first),
            last: run.last.min(stretch.last),
        };
        Self(self.0.iter().map(cut).filter(|run| !run.is_empty()).collect())
    }

    pub(crate) fn clip(&self, length: usize) -> Self {
        self.within(Span::all(length))
    }

    pub(crate) fn shift(&self, by: i64) -> Self {
        let moved = |run: &Span| Span { first: run.first + by, last: run.last + by };
        Self(self.0.iter().map(moved).collect())
    }

    /// What each position becomes.
    pub(crate) fn each(&self, rule: impl Fn(i64) -> Span) -> Self {
        Self::of(self.iter().map(rule))
    }

    /// What a kernel sees from these positions: `s·i − p + d·t`, `t = 0 … k − 1`.
    pub(crate) fn seen_by(&self, sight: Sight) -> Self {
        let Sight { taps, stride, padding, dilation } = sight;
        let (taps, start) = (taps.max(1) as i64, |at: i64| at * stride - padding);
        let dense = dilation == 1 || taps == 1;
        if dense && stride <= taps {
            let run =
                |run: &Span| Span { first: start(run.first), last: start(run.last) + taps - 1 };
            return Self::of(self.0.iter().map(run));
        }
        if dense {
            return self.each(|at| Span { first: start(at), last: start(at) + taps - 1 });
        }
        let offsets = (0..taps).map(|tap| tap * dilation);
        if stride == 1 {
            let at = |by: i64| self.0.iter().map(move |run| (run, by));
            return Self::of(offsets.flat_map(at).map(|(run, by)| Span {
                first: run.first - padding + by,
                last: run.last - padding + by,
            }));
        }
        Self::of(offsets.flat_map(|by| {
            self.iter().map(move |at| Span { first: start(at) + by, last: start(at) + by })
        }))
    }

    /// What sees these positions through such a kernel, `{i : s·i − p + d·t is one of them}`: what a transposed
    /// convolution looks at.
    pub(crate) fn seeing(&self, sight: Sight) -> Self {
        let Sight { taps, stride, padding, dilation } = sight;
        let (taps, stride) = (taps.max(1) as i64, stride.max(1));
        if dilation == 1 || taps == 1 {
            let ceil = |a: i64| -(-a).div_euclid(stride);
            let reached = |first: i64, last: i64| Span {
                first: ceil(first + padding - (taps - 1)),
                last: (last + padding).div_euclid(stride),
            };
            return match stride <= taps {
                true => Self::of(self.0.iter().map(|run| reached(run.first, run.last))),
                false => self.each(|at| reached(at, at)),
            };
        }
        let taps = (0..taps).map(|tap| padding - tap * dilation);
        let meets = |by: i64| self.iter().map(move |at| at + by);
        let met = taps.flat_map(meets).filter(|at| at.rem_euclid(stride) == 0);
        Self::of(met.map(|at| Span { first: at / stride, last: at / stride }))
    }
}

/// Where a kernel looks along one axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) taps: usize,
    pub(crate) stride: i64,
    /// Before the first position.
    pub(crate) padding: i64,
    pub(crate) dilation: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(list: &[i64]) -> Positions {
        Positions::of(list.iter().map(|&at| Span { first: at, last: at }))
    }

    #[test]
    fn sets_are_runs_apart() {
        let set = positions(&[7, 1, 2, 0, 2]);
        assert_eq!(set.runs(), [Span { first: 0, last: 2 }, Span { first: 7, last: 7 }]);
        assert_eq!(set.hull(), Span { first: 0, last: 7 });
        assert_eq!(set.union(&positions(&[3, 6])).runs().len(), 2);
        assert_eq!(set.clip(2), positions(&[0, 1]));
        assert!(set.includes(&positions(&[1, 7])) && !set.includes(&positions(&[2, 3])));
        assert!(positions(&[]).is_empty() && positions(&[]).hull().is_empty());
    }

    /// Every kernel, against looking at every tap.
    #[test]
    fn kernels_see_what_their_taps_meet() {
        for set in [&[0][..], &[3], &[0, 1, 2], &[1, 2, 5, 9], &[-1, 0, 4]] {
            for (taps, stride, padding, dilation) in [
                (1, 1, 0, 1),
                (3, 1, 1, 1),
                (3, 2, 1, 1),
                (2, 3, 0, 1),
                (1, 3, 1, 2),
                (3, 1, 4, 4),
                (3, 2, 2, 3),
                (2, 4, 1, 2),
                (3, 3, 0, 3),
            ] {
                let sight = Sight { taps, stride, padding, dilation };
                let taps = (0..taps as i64).map(|tap| dilation * tap - padding);
                let set = positions(set);
                let seen: Vec<i64> =
                    taps.clone().flat_map(|by| set.iter().map(move |i| stride * i + by)).collect();
                assert_eq!(set.seen_by(sight), positions(&seen), "{set:?} {sight:?}");
                let meets =
                    |&i: &i64| taps.clone().any(|by| set.includes(&positions(&[stride * i + by])));
                let seeing: Vec<i64> = (-30..30).filter(meets).collect();
                assert_eq!(set.seeing(sight), positions(&seeing), "{set:?} {sight:?}");
            }
        }
    }
}
