//! Runs that go on.

mod run;

use run::*;
use spyhole_alert::{Alerts, Engine, statistic};
use spyhole_protocol::{Alert, Event};

fn reading(epoch: u32, share: f64) -> Event {
    health(epoch, LAYER, &[(statistic::NOISE_SHARE, share)])
}

/// A run that was watched with the rule [`noise`]: what its store holds.
fn stored(shares: &[f64]) -> Vec<Event> {
    let mut engine = engine([noise()]);
    let mut events = vec![started(1, None)];
    for (epoch, &share) in (1..).zip(shares) {
        let event = reading(epoch, share);
        let alerts = engine.observe(&event);
        events.push(event);
        events.extend(alerts.into_iter().map(Event::Alert));
    }
    events
}

fn resumed(rules: Alerts, stored: &[Event]) -> Engine {
    let mut engine = Engine::new(&rules);
    stored.iter().for_each(|event| engine.recall(event));
    engine
}

fn noise_only() -> Alerts {
    Alerts::none().with(noise()).unwrap()
}

fn tell(engine: &mut Engine, events: impl IntoIterator<Item = Event>) -> Vec<Alert> {
    events.into_iter().flat_map(|event| engine.observe(&event)).collect()
}

#[test]
fn counting_goes_on() {
    let mut engine = resumed(noise_only(), &stored(&[0.6, 0.6]));
    let alerts = tell(&mut engine, [started(3, None), reading(3, 0.6)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(3, Raised, Warning)]);

    let mut engine = resumed(noise_only(), &stored(&[0.95, 0.95, 0.95, 0.1]));
    let alerts = tell(&mut engine, [started(5, None), reading(5, 0.1)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(5, Resolved, Critical)]);
    assert_eq!(alerts[0].since, 3);
}

#[test]
fn an_alert_that_was_lost_in_a_crash_is_raised_again() {
    let mut events = stored(&[0.6, 0.6, 0.6]);
    assert!(matches!(events.pop(), Some(Event::Alert(_))));
    let mut engine = resumed(noise_only(), &events);
    let alerts = tell(&mut engine, [started(4, None), reading(4, 0.6)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(4, Raised, Warning)]);
}

#[test]
fn rules_that_are_gone_end_their_alerts() {
    for rules in [
        Alerts::none(),
        noise_only().silence("noise").unwrap(),
        Alerts::none().with(noise().layers(["blocks.*"])).unwrap(),
    ] {
        let mut engine = resumed(rules, &stored(&[0.6, 0.6, 0.6]));
        let alerts = tell(&mut engine, [started(4, None), reading(4, 0.6)]);
        assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(3, Resolved, Warning)]);
        assert_eq!(
            alerts[0].message,
            "The run goes on with other rules or layers, and `noise` no longer looks here; whether the \
             trouble is over is not known."
        );
        assert_eq!(alerts[0].title, "conv1: filters look like noise");
    }
}

#[test]
fn a_layer_that_is_gone_ends_its_alerts() {
    let mut engine = resumed(noise_only(), &stored(&[0.6, 0.6, 0.6]));
    let other = with_layers(4, None, vec![layer("conv2", true)]);
    assert_eq!(tell(&mut engine, [other]).len(), 1);
}

#[test]
fn changed_thresholds_count_for_what_was_read_before() {
    // The stored run never raised; by the new rule three bad readings are there already.
    let stricter = Alerts::none().with(noise().warning(0.4)).unwrap();
    let mut engine = resumed(stricter, &stored(&[0.45, 0.45, 0.45]));
    let alerts = tell(&mut engine, [started(4, None), reading(4, 0.45)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(4, Raised, Warning)]);

    // The stored run raised; by the new rule it was good all the time.
    let laxer = Alerts::none().with(noise().warning(0.8).clear(0.7)).unwrap();
    let mut engine = resumed(laxer, &stored(&[0.6, 0.6, 0.6]));
    let alerts = tell(&mut engine, [started(4, None), reading(4, 0.6)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(4, Resolved, Warning)]);

    // A level that no longer exists.
    let mut engine = resumed(noise_without_critical(), &stored(&[0.95, 0.95, 0.95]));
    let alerts = tell(&mut engine, [started(4, None), reading(4, 0.95)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(4, Updated, Warning)]);
}

fn noise_without_critical() -> Alerts {
    noise_only().parse("[rules.noise]\ncritical = false").unwrap()
}

#[test]
fn an_older_checkpoint_takes_the_place_of_what_came_after_it() {
    // Epochs 2 and 3 are trained again: of the three bad readings only one is left.
    let mut engine = resumed(noise_only(), &stored(&[0.6, 0.6, 0.4]));
    let again = [started(2, None), reading(2, 0.6), reading(3, 0.6)];
    assert_eq!(
        tell(&mut engine, again).iter().map(told).collect::<Vec<_>>(),
        [(3, Raised, Warning)]
    );

    // The same epoch over and over is one reading.
    let mut engine = engine_after_start();
    assert_eq!(tell(&mut engine, (0..10).map(|_| reading(1, 0.6))), []);

    // An alert that was raised in what is left ends with the start.
    let mut engine = resumed(noise_only(), &stored(&[0.6, 0.6, 0.6, 0.6]));
    let again = [started(2, None), reading(2, 0.1), reading(3, 0.1)];
    let alerts = tell(&mut engine, again);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(1, Resolved, Warning)]);
    assert_eq!(
        alerts[0].message,
        "The training is continued from epoch 1; what was read in epoch 3 belongs to what it leaves."
    );
}

/// What a store of the epochs before `first` tells an engine, and what it tells of the others.
fn continued_from(first: u32, stored: &[Event]) -> Engine {
    let mut engine = Engine::new(&noise_only());
    for event in stored {
        if event.epoch().is_none_or(|epoch| epoch < first) {
            engine.recall(event);
        } else {
            engine.leave(event);
        }
    }
    engine
}

#[test]
fn it_stands_as_it_stood_in_the_epoch_that_it_goes_on_from() {
    let check = |shares: &[f64], first, then: f64, expected: &[run::Told]| {
        let mut engine = continued_from(first, &stored(shares));
        let alerts = tell(&mut engine, [started(first, None), reading(first, then)]);
        assert_eq!(
            alerts.iter().map(told).collect::<Vec<_>>(),
            expected,
            "{shares:?} from {first}"
        );
    };
    // Raised in epoch 3, which is left: two bad readings stay, and a third raises it again.
    check(&[0.6, 0.6, 0.6, 0.6], 3, 0.6, &[(2, Resolved, Warning), (3, Raised, Warning)]);
    check(&[0.6, 0.6, 0.6, 0.6], 3, 0.1, &[(2, Resolved, Warning)]);
    // Raised in epoch 3, and over in 5, which is left: it goes on, and is over after two good ones.
    check(&[0.6, 0.6, 0.6, 0.1, 0.1, 0.1], 5, 0.1, &[(5, Resolved, Warning)]);
    check(&[0.6, 0.6, 0.6, 0.1, 0.1, 0.1], 5, 0.6, &[]);
    // Of another start that stays, too.
    let mut events = stored(&[0.6, 0.6, 0.6]);
    events.push(started(4, None));
    let mut engine = continued_from(3, &events);
    let alerts = tell(&mut engine, [started(3, None)]);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), [(2, Resolved, Warning)]);
    // Worse in epoch 6, which is left: it is a warning again, without a word.
    check(&[0.6, 0.6, 0.6, 0.95, 0.95, 0.95], 6, 0.95, &[(6, Updated, Critical)]);
}

fn engine_after_start() -> Engine {
    let mut engine = Engine::new(&noise_only());
    engine.observe(&started(1, None));
    engine
}
