//! Has a layer settled?

/// A layer is quiet when it changes by at most this share of the most that it has ever changed in an epoch. An
/// engineering choice.
pub const QUIET_SHARE: f64 = 0.1;

/// It is quiet, too, when it changes by no more than so many times what can be measured. An engineering choice.
pub const WITHIN_FLOOR: f64 = 2.0;

/// So many quiet readings running, and it has settled. An engineering choice.
pub const QUIET_READINGS: u32 = 3;

/// So many readings running that are not quiet, and it moves again. An engineering choice.
pub const LOUD_READINGS: u32 = 2;

/// Smaller changes are rounding: the layer has not changed at all.
pub const STILL: f64 = 1e-9;

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
}

/// How a layer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettlingState {
    /// Its weights are not trained, and it has not changed since the start.
    Frozen,
    /// It has settled, and has not moved since for [`LOUD_READINGS`] readings running.
    Settled,
    /// It had settled, and changes again.
    MovedAgain,
    /// It still changes, or there are too few readings.
    #[default]
    NotYet,
    /// Its change cannot be told, although there was a snapshot before: no map is active, or values are not
    /// finite.
    Dead,
}

/// How a layer stands after a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it has settled.
    pub state: SettlingState,
    /// The epoch in which it settled, the first quiet one; `None` unless it is settled.
    pub since: Option<u32>,
    /// How often it had settled and moved again.
    pub moved_again: u32,
}

/// Says after every snapshot whether a layer has settled: when in [`QUIET_READINGS`] readings running
///
/// ```text
/// v(t) ≤ max(QUIET_SHARE · max_{s≤t} v(s), WITHIN_FLOOR · floor(t))
/// ```
///
/// A layer also settles because the learning rate has come down, and a layer that has never changed much settles
/// early: *settled* does not mean *good*. A layer that was dead begins anew, but its largest v stays.
///
/// It holds every reading (48 bytes each), so that it can go back when an epoch comes again. For a run that is
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
        match reading.change.filter(|change| change.is_finite()) {
            Some(change) => self.changed(reading, change),
            None if reading.previous.is_some() => self.stopped(SettlingState::Dead),
            None if !reading.trained && self.largest <= STILL => {
                self.stopped(SettlingState::Frozen)
            }
            // There is nothing to compare with: that says nothing.
            None => self,
        }
    }

    fn changed(mut self, reading: &Reading, change: f64) -> Self {
        self.largest = self.largest.max(change);
        if !reading.trained && self.largest <= STILL {
            return self.stopped(SettlingState::Frozen);
        }
        let floor = reading.floor.filter(|floor| floor.is_finite()).unwrap_or(0.0);
        let limit = (QUIET_SHARE * self.largest).max(WITHIN_FLOOR * floor);
        if change <= limit {
            self.quiet_since = if self.quiet == 0 { reading.epoch } else { self.quiet_since };
            (self.quiet, self.loud) = (self.quiet.saturating_add(1), 0);
        } else {
            (self.quiet, self.loud) = (0, self.loud.saturating_add(1));
        }
        let standing = &mut self.standing;
        if standing.since.is_none() && self.quiet >= QUIET_READINGS {
            standing.since = Some(self.quiet_since);
        } else if standing.since.is_some() && self.loud >= LOUD_READINGS {
            (standing.since, standing.moved_again) = (None, standing.moved_again + 1);
        }
        standing.state = match standing {
            Standing { since: Some(_), .. } => SettlingState::Settled,
            Standing { moved_again: 1.., .. } => SettlingState::MovedAgain,
            _ => SettlingState::NotYet,
        };
        self
    }

    /// Neither settled nor settling.
    fn stopped(self, state: SettlingState) -> Self {
        let standing = Standing { state, since: None, ..self.standing };
        Self { standing, quiet: 0, loud: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::SettlingState::{Dead, Frozen, MovedAgain, NotYet, Settled};
    use super::*;

    struct Case {
        name: &'static str,
        /// v at the epochs 1, 2, …; below 0: it cannot be told.
        changes: &'static [f64],
        floor: f64,
        trained: bool,
        /// After the last reading.
        expected: (SettlingState, Option<u32>, u32),
    }

    const fn case(
        name: &'static str,
        changes: &'static [f64],
        expected: (SettlingState, Option<u32>, u32),
    ) -> Case {
        Case { name, changes, floor: 0.0, trained: true, expected }
    }

    fn reading(epoch: u32, change: f64, floor: f64, trained: bool) -> Reading {
        let change = (change >= 0.0).then_some(change);
        Reading { epoch, previous: epoch.checked_sub(1), change, floor: Some(floor), trained }
    }

    fn observed(case: &Case) -> SettlingWatch {
        let mut watch = SettlingWatch::default();
        watch.observe(reading(0, -1.0, case.floor, case.trained));
        for (epoch, &change) in (1..).zip(case.changes) {
            watch.observe(reading(epoch, change, case.floor, case.trained));
        }
        watch
    }

    const CASES: &[Case] = &[
        case("only a first reading", &[], (NotYet, None, 0)),
        case("falling", &[0.5, 0.2, 0.05, 0.04, 0.03], (Settled, Some(3), 0)),
        case("two quiet readings are not enough", &[0.5, 0.2, 0.05, 0.04], (NotYet, None, 0)),
        case("quiet, not running", &[0.5, 0.05, 0.04, 0.06, 0.05, 0.05], (NotYet, None, 0)),
        case("just at the limit", &[0.5, 0.05, 0.05, 0.05], (Settled, Some(2), 0)),
        case("a later maximum counts", &[0.1, 0.05, 0.8, 0.05, 0.05, 0.05], (Settled, Some(4), 0)),
        case("never", &[0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3], (NotYet, None, 0)),
        case(
            "one loud reading is borne",
            &[0.5, 0.01, 0.01, 0.01, 0.3, 0.01],
            (Settled, Some(2), 0),
        ),
        case("two are not", &[0.5, 0.01, 0.01, 0.01, 0.3, 0.3], (MovedAgain, None, 1)),
        case(
            "it may still settle anew",
            &[0.5, 0.01, 0.01, 0.01, 0.3, 0.3, 0.01, 0.02, 0.01],
            (Settled, Some(7), 1),
        ),
        case(
            "it is not settled at once",
            &[0.5, 0.0, 0.0, 0.0, 0.3, 0.3, 0.0],
            (MovedAgain, None, 1),
        ),
        case("it never moved, though it is trained", &[0.0, 0.0, 0.0], (Settled, Some(1), 0)),
        case("dead", &[0.5, 0.01, 0.01, 0.01, -1.0], (Dead, None, 0)),
        case("dead, then alive", &[0.5, 0.01, 0.01, -1.0, 0.01, 0.01], (NotYet, None, 0)),
        case("dead, then settled", &[0.5, 0.01, -1.0, 0.01, 0.01, 0.01], (Settled, Some(4), 0)),
        case("not a number", &[0.5, f64::INFINITY], (Dead, None, 0)),
        Case { floor: 0.06, ..case("noise", &[0.12, 0.1, 0.11], (Settled, Some(1), 0)) },
        Case { floor: 0.04, ..case("more than noise", &[0.12, 0.1, 0.11], (NotYet, None, 0)) },
        Case { trained: false, ..case("frozen", &[0.0, 1e-12, 0.0, 0.0], (Frozen, None, 0)) },
        Case { trained: false, ..case("frozen from the start", &[], (Frozen, None, 0)) },
        Case { trained: false, ..case("its input changes", &[0.0, 0.2, 0.2], (NotYet, None, 0)) },
        Case { trained: false, ..case("frozen and dead", &[0.0, -1.0], (Dead, None, 0)) },
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
                    watch.observe(reading(epoch as u32, *change, case.floor, case.trained));
                }
                assert_eq!(watch.standing(), observed(case).standing(), "{}, {from}", case.name);
                assert_eq!(watch.readings.len(), case.changes.len() + 1);
            }
        }
    }

    #[test]
    fn thawed_layers_have_not_moved_again() {
        let mut watch = SettlingWatch::default();
        for epoch in 0..5 {
            let standing = watch.observe(reading(epoch, 0.0, 0.0, false));
            assert_eq!(standing.state, Frozen);
        }
        watch.observe(reading(5, 0.4, 0.0, true));
        assert_eq!(watch.observe(reading(6, 0.3, 0.0, true)), Standing::default());
    }
}
