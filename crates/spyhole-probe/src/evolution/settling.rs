//! Has a layer settled?

use crate::states::LayerState;

/// A layer is quiet when it changes by at most this share of the most that it has ever changed in an epoch. An
/// engineering choice.
pub const QUIET_SHARE: f64 = 0.1;

/// And by at most this much per epoch, whatever it did before. An engineering choice.
pub const QUIET_CHANGE: f64 = 0.01;

/// So many quiet readings running, and it has settled. An engineering choice.
pub const QUIET_READINGS: u32 = 3;

/// So many loud readings running, and it moves again. An engineering choice.
pub const LOUD_READINGS: u32 = 2;

/// Smaller changes are none at all: the representations are equal, and so are the layer's weights and all below.
pub const STILL: f64 = 1e-9;

/// Representations are kept with 8 significant bits: what is smaller may come from that, and is no better known.
pub const RESOLUTION: f64 = 2e-6;

/// A layer's change in a snapshot; see [`LayerEvolution`](super::LayerEvolution).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The epoch.
    pub epoch: u32,
    /// The epoch that the change is measured from.
    pub previous: Option<u32>,
    /// v, per epoch.
    pub change: Option<f64>,
    /// How exact v is.
    pub floor: Option<f64>,
    /// Whether the layer's weights are trained.
    pub trained: bool,
    /// Why changes cannot be judged.
    pub state: Option<LayerState>,
}

/// How a layer stands after a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it has settled, or why that cannot be told.
    pub state: LayerState,
    /// The epoch in which it settled, the first quiet one; `None` unless it is settled.
    pub since: Option<u32>,
    /// How often it had settled and moved again.
    pub moved_again: u32,
}

/// Says after every snapshot whether a layer has settled: when [`QUIET_READINGS`] readings running are quiet, and until
/// [`LOUD_READINGS`] running are loud. With the limit L(t) = min(QUIET_SHARE · max_{s≤t} v(s), QUIET_CHANGE) and the
/// floor of v,
///
/// ```text
/// quiet:   v ≤ L and floor ≤ L
/// loud:    v > L and v > floor
/// neither: v ≤ floor and floor > L
/// ```
///
/// What is neither is not known, and ends a row of quiet or loud readings. The floor is [`RESOLUTION`] at least; a
/// change below [`STILL`] is none, and quiet. A layer of which every change was none has not settled: it has never
/// moved, or is frozen.
///
/// A layer also settles because the learning rate has come down, and a layer that has never changed much settles
/// early: *settled* does not mean *good*. A layer that could not be judged begins anew, but its largest v stays.
///
/// It holds every reading (56 bytes each), so that it can go back when an epoch comes again. For a run that is
/// continued, observe the recorded readings again.
#[derive(Clone, Debug, Default)]
pub struct SettlingWatch {
    readings: Vec<Reading>,
    rule: Rule,
}

impl SettlingWatch {
    /// Takes in a reading. When an epoch comes again, or an earlier one, it and all later ones are forgotten
    /// first.
    pub fn observe(&mut self, reading: Reading) -> Standing {
        if self.readings.last().is_some_and(|last| last.epoch >= reading.epoch) {
            self.readings.retain(|earlier| earlier.epoch < reading.epoch);
            self.rule = self.readings.iter().fold(Rule::default(), Rule::after);
        }
        self.readings.push(reading);
        self.rule = self.rule.after(&reading);
        self.rule.standing
    }

    /// How the layer stands after the last reading.
    pub fn standing(&self) -> Standing {
        self.rule.standing
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Rule {
    standing: Standing,
    /// Of all changes.
    largest: f64,
    /// Quiet readings running, and the epoch of the first.
    quiet: u32,
    quiet_since: u32,
    /// Readings running that were not.
    loud: u32,
}

impl Rule {
    fn after(self, reading: &Reading) -> Self {
        if let Some(state) = reading.state {
            return self.stopped(state);
        }
        match reading.change.filter(|change| change.is_finite()) {
            Some(change) => self.changed(reading, change),
            None if reading.previous.is_some() => self.stopped(LayerState::NotKnown),
            None if !reading.trained && self.largest < STILL => self.stopped(LayerState::Frozen),
            // There is nothing to compare with: that says nothing.
            None => self,
        }
    }

    fn changed(mut self, reading: &Reading, change: f64) -> Self {
        self.largest = self.largest.max(change);
        if self.largest < STILL {
            let trained = reading.trained;
            return self.stopped(if trained { LayerState::NeverMoved } else { LayerState::Frozen });
        }
        let floor = reading.floor.filter(|floor| floor.is_finite()).unwrap_or(f64::INFINITY);
        let floor = floor.max(RESOLUTION);
        let limit = (QUIET_SHARE * self.largest).min(QUIET_CHANGE);
        let quiet = change < STILL || change.max(floor) <= limit;
        let loud = !quiet && change > floor;
        if quiet && self.quiet == 0 {
            self.quiet_since = reading.epoch;
        }
        self.quiet = if quiet { self.quiet.saturating_add(1) } else { 0 };
        self.loud = if loud { self.loud.saturating_add(1) } else { 0 };
        let standing = &mut self.standing;
        if standing.since.is_none() && self.quiet >= QUIET_READINGS {
            standing.since = Some(self.quiet_since);
        } else if standing.since.is_some() && self.loud >= LOUD_READINGS {
            (standing.since, standing.moved_again) = (None, standing.moved_again + 1);
        }
        standing.state = match standing {
            Standing { since: Some(_), .. } => LayerState::Settled,
            _ if !quiet && !loud => LayerState::NotKnown,
            Standing { moved_again: 1.., .. } => LayerState::MovedAgain,
            _ => LayerState::Moving,
        };
        self
    }

    /// Neither settled nor settling.
    fn stopped(self, state: LayerState) -> Self {
        let standing = Standing { state, since: None, ..self.standing };
        Self { standing, quiet: 0, loud: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::LayerState::{
        Constant, Dead, Frozen, MovedAgain, Moving, NeverMoved, NotFinite, NotKnown, Settled,
        TooFewImages,
    };
    use super::*;

    struct Case {
        name: &'static str,
        /// v at the epochs 1, 2, …; below 0: it cannot be told.
        changes: &'static [f64],
        floor: f64,
        trained: bool,
        /// Of the epochs in which it cannot be told.
        why: Option<LayerState>,
        /// After the last reading.
        expected: (LayerState, Option<u32>, u32),
    }

    const fn case(
        name: &'static str,
        changes: &'static [f64],
        expected: (LayerState, Option<u32>, u32),
    ) -> Case {
        Case { name, changes, floor: 0.0, trained: true, why: None, expected }
    }

    fn reading(epoch: u32, change: f64, case: &Case) -> Reading {
        let &Case { floor, trained, why, .. } = case;
        Reading {
            epoch,
            previous: epoch.checked_sub(1),
            change: (change >= 0.0).then_some(change),
            floor: Some(floor),
            trained,
            state: why.filter(|_| change < 0.0 && epoch > 0),
        }
    }

    fn observed(case: &Case) -> SettlingWatch {
        let mut watch = SettlingWatch::default();
        watch.observe(reading(0, -1.0, case));
        for (epoch, &change) in (1..).zip(case.changes) {
            watch.observe(reading(epoch, change, case));
        }
        watch
    }

    const CASES: &[Case] = &[
        case("only a first reading", &[], (NotKnown, None, 0)),
        case("falling", &[0.05, 0.02, 0.005, 0.004, 0.003], (Settled, Some(3), 0)),
        case("two quiet readings are not enough", &[0.05, 0.02, 0.005, 0.004], (Moving, None, 0)),
        case("quiet, not running", &[0.05, 0.005, 0.004, 0.006, 0.005, 0.005], (Moving, None, 0)),
        case("just at the limit", &[0.05, 0.005, 0.005, 0.005], (Settled, Some(2), 0)),
        case("little, but not as such", &[0.5, 0.05, 0.04, 0.03, 0.02, 0.011], (Moving, None, 0)),
        case("just at the ceiling", &[0.5, 0.02, 0.01, 0.01, 0.01], (Settled, Some(3), 0)),
        case(
            "a later maximum counts",
            &[0.01, 0.005, 0.8, 0.005, 0.005, 0.005],
            (Settled, Some(4), 0),
        ),
        case("never", &[0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3], (Moving, None, 0)),
        case(
            "one loud reading is borne",
            &[0.5, 0.01, 0.01, 0.01, 0.3, 0.01],
            (Settled, Some(2), 0),
        ),
        case("two are not", &[0.5, 0.01, 0.01, 0.01, 0.3, 0.3], (MovedAgain, None, 1)),
        case(
            "it may still settle anew",
            &[0.5, 0.01, 0.01, 0.01, 0.3, 0.3, 0.01, 0.008, 0.01],
            (Settled, Some(7), 1),
        ),
        case(
            "it is not settled at once",
            &[0.5, 0.0, 0.0, 0.0, 0.3, 0.3, 0.0],
            (MovedAgain, None, 1),
        ),
        case(
            "it never moved, though it is trained",
            &[0.0, 0.0, 1e-16, 0.0],
            (NeverMoved, None, 0),
        ),
        case("it moves late", &[0.0, 0.0, 0.0, 0.0, 0.3], (Moving, None, 0)),
        case(
            "rounding does not move it",
            &[0.5, 0.0, 0.0, 0.0, 1e-16, 1e-16, 1e-16],
            (Settled, Some(2), 0),
        ),
        case(
            "nor does the last bit kept",
            &[0.5, 0.0, 0.0, 0.0, 1e-7, 1e-6, 1e-7],
            (Settled, Some(2), 0),
        ),
        case("less than the bits kept can tell", &[1e-7, 1e-6, 1e-7, 1e-7], (NotKnown, None, 0)),
        case("compared with what was dead", &[0.5, 0.01, 0.01, 0.01, -1.0], (NotKnown, None, 0)),
        case("not a number", &[0.5, f64::INFINITY], (NotKnown, None, 0)),
        Case { why: Some(Dead), ..case("dead", &[0.5, 0.01, 0.01, 0.01, -1.0], (Dead, None, 0)) },
        Case {
            why: Some(Dead),
            ..case("then alive", &[0.5, 0.01, 0.01, -1.0, 0.01, 0.01], (Moving, None, 0))
        },
        Case {
            why: Some(Dead),
            ..case("then settled", &[0.5, 0.01, -1.0, 0.01, 0.01, 0.01], (Settled, Some(4), 0))
        },
        Case {
            why: Some(Constant),
            ..case("constant", &[0.5, -1.0, -1.0, -1.0, -1.0], (Constant, None, 0))
        },
        Case { why: Some(NotFinite), ..case("not finite", &[0.5, -1.0], (NotFinite, None, 0)) },
        Case {
            why: Some(TooFewImages),
            ..case("too few", &[-1.0, -1.0, -1.0, -1.0], (TooFewImages, None, 0))
        },
        Case { floor: 0.06, ..case("noise", &[0.05, 0.04, 0.05, 0.05], (NotKnown, None, 0)) },
        Case {
            floor: 0.06,
            ..case("noise, at first", &[0.5, 0.3, 0.05, 0.001, 0.001], (NotKnown, None, 0))
        },
        Case { floor: 0.04, ..case("more than noise", &[0.12, 0.1, 0.11], (Moving, None, 0)) },
        Case {
            floor: 0.004,
            ..case("noise that is quiet", &[0.2, 0.001, 0.003, 0.002], (Settled, Some(2), 0))
        },
        Case {
            floor: 0.02,
            ..case(
                "noise does not move it",
                &[0.5, 0.0, 0.0, 0.0, 0.01, 0.02],
                (Settled, Some(2), 0),
            )
        },
        Case {
            floor: f64::NAN,
            ..case("no floor", &[0.5, 0.001, 0.001, 0.001], (NotKnown, None, 0))
        },
        Case { trained: false, ..case("frozen", &[0.0, 1e-12, 0.0, 0.0], (Frozen, None, 0)) },
        Case { trained: false, ..case("frozen from the start", &[], (Frozen, None, 0)) },
        Case { trained: false, ..case("its input changes", &[0.0, 0.2, 0.2], (Moving, None, 0)) },
        Case {
            trained: false,
            why: Some(Dead),
            ..case("frozen and dead", &[0.0, -1.0], (Dead, None, 0))
        },
    ];

    #[test]
    fn settling_is_judged_by_the_rule() {
        for case in CASES {
            let Standing { state, since, moved_again } = observed(case).standing();
            assert_eq!((state, since, moved_again), case.expected, "{}", case.name);
        }
    }

    #[test]
    fn going_back_forgets_what_was_later() {
        for case in CASES {
            for from in 0..=case.changes.len() {
                let mut watch = observed(case);
                for (epoch, change) in [-1.0].iter().chain(case.changes).enumerate().skip(from) {
                    watch.observe(reading(epoch as u32, *change, case));
                }
                assert_eq!(watch.standing(), observed(case).standing(), "{}, {from}", case.name);
                assert_eq!(watch.readings.len(), case.changes.len() + 1);
            }
        }
    }

    #[test]
    fn thawed_layers_have_not_moved_again() {
        let mut watch = SettlingWatch::default();
        let frozen = Case { trained: false, ..case("", &[], (Frozen, None, 0)) };
        for epoch in 0..5 {
            assert_eq!(watch.observe(reading(epoch, 0.0, &frozen)).state, Frozen);
        }
        let thawed = Case { trained: true, ..frozen };
        watch.observe(reading(5, 0.4, &thawed));
        let standing = watch.observe(reading(6, 0.3, &thawed));
        assert_eq!(standing, Standing { state: Moving, since: None, moved_again: 0 });
    }
}
