//! When alerts are raised, change and end.

mod run;

use run::*;
use spyhole_alert::{Alerts, Engine, Hint, Rule, statistic};
use spyhole_protocol::{Alert, EpochAnalysed, Event, LayerHealth, Silence, Split};

fn some<const N: usize>(values: [f64; N]) -> [Option<f64>; N] {
    values.map(Some)
}

#[test]
fn patience_and_hysteresis() {
    check(noise(), &some([0.6, 0.6, 0.4, 0.6, 0.6]), &[]);
    check(noise(), &some([0.6, 0.6, 0.5]), &[(3, Raised, Warning)]);
    // Between the two thresholds nothing happens, on either way.
    check(noise(), &some([0.6, 0.6, 0.6, 0.4, 0.4, 0.4, 0.6]), &[(3, Raised, Warning)]);
    check(
        noise(),
        &some([0.6, 0.6, 0.6, 0.3, 0.4, 0.3, 0.3, 0.3]),
        &[(3, Raised, Warning), (7, Resolved, Warning)],
    );
    // On the threshold: bad for the alert, not yet good for its end.
    check(noise(), &some([0.5, 0.5, 0.5, 0.35, 0.35]), &[(3, Raised, Warning)]);
    check(
        noise(),
        &some([0.6, 0.6, 0.6, 0.1, 0.1, 0.6, 0.6, 0.6]),
        &[(3, Raised, Warning), (5, Resolved, Warning), (8, Raised, Warning)],
    );
}

#[test]
fn without_a_clear_threshold_the_mildest_one_ends_it() {
    let rule = || Rule::at_most("still", statistic::DISTANCE_FROM_START).warning(1e-3);
    check(rule(), &some([1e-3, 2e-3]), &[(1, Raised, Warning), (2, Resolved, Warning)]);
    check(
        rule().clear(1e-2),
        &some([1e-3, 2e-3, 2e-2]),
        &[(1, Raised, Warning), (3, Resolved, Warning)],
    );
}

#[test]
fn frozen_layers_can_be_left_out() {
    let alerts = Alerts::none()
        .with(Rule::at_most("any", statistic::DISTANCE_FROM_START).warning(1e-3))
        .and_then(|alerts| {
            let rule = Rule::at_most("trained", statistic::DISTANCE_FROM_START).warning(1e-3);
            alerts.with(rule.trained_layers())
        })
        .unwrap();
    let frozen = |frozen| spyhole_protocol::Layer { frozen, ..layer(LAYER, true) };
    for (is_frozen, expected) in [(false, vec!["any", "trained"]), (true, vec!["any"])] {
        let mut engine = Engine::new(&alerts);
        engine.observe(&with_layers(1, Some(9), vec![frozen(is_frozen)]));
        let still = Event::LayerHealth(LayerHealth {
            epoch: 1,
            layer: LAYER.into(),
            values: [(statistic::DISTANCE_FROM_START.into(), Some(0.0))].into(),
            ..LayerHealth::default()
        });
        let raised = engine.observe(&still);
        let rules: Vec<_> = raised.iter().map(|alert| alert.rule.as_str()).collect();
        assert_eq!(rules, expected);
        let (_, described) = alerts.describe(&[frozen(is_frozen)], Some(9));
        let looking: Vec<_> = described
            .iter()
            .filter(|rule| !rule.layers.is_empty())
            .map(|rule| rule.id.as_str())
            .collect();
        assert_eq!(looking, expected, "the page says which layers a rule looks at");
    }
}

#[test]
fn epochs_without_a_reading_change_nothing() {
    check(
        noise(),
        &[Some(0.6), None, Some(0.6), None, None, Some(0.6), None, Some(0.1), None, Some(0.1)],
        &[(6, Raised, Warning), (10, Resolved, Warning)],
    );
    let nan = Some(f64::NAN);
    check(noise(), &[Some(0.6), nan, Some(0.6), nan, Some(0.6), nan, nan], &[(5, Raised, Warning)]);
}

#[test]
fn severity_goes_up_and_down() {
    check(
        noise(),
        &some([0.6, 0.6, 0.95, 0.95, 0.95, 0.6, 0.95, 0.6, 0.6, 0.1, 0.1]),
        &[
            (3, Raised, Warning),
            (5, Updated, Critical),
            (9, Updated, Warning),
            (11, Resolved, Critical),
        ],
    );
    check(noise(), &some([0.95, 0.95, 0.95]), &[(3, Raised, Critical)]);
    // Two of the three would be critical, all are a warning.
    check(noise(), &some([0.95, 0.6, 0.95]), &[(3, Raised, Warning)]);
}

#[test]
fn what_is_clearly_worse_is_told_again() {
    let rule = || Rule::at_least("large", statistic::GROWTH).warning(10.0);
    check(
        rule(),
        &some([10.0, 14.0, 14.9, 15.0, 20.0, 20.0, 30.0, 39.0, 40.0]),
        &[
            (1, Raised, Warning),
            (4, Updated, Warning),
            (6, Updated, Warning),
            (8, Updated, Warning),
        ],
    );
    check(rule(), &some([40.0, 30.0, 20.0, 11.0, 40.0, 41.0]), &[(1, Raised, Warning)]);
    // Nothing is beyond a threshold of zero by twice nothing.
    let rule = Rule::at_least("zero", statistic::STEP_COSINE).warning(0.0);
    check(rule, &some([0.0, 0.0, 0.0, 0.0]), &[(1, Raised, Warning)]);
}

#[test]
fn other_filters_are_told_again() {
    let mut engine = engine([Rule::at_least("dead", statistic::DEAD_FILTERS).warning(0.1)]);
    let mut found = Vec::new();
    let units = [vec![1, 2], vec![3, 4], vec![1, 3, 4], vec![3, 4], vec![3], vec![]];
    for (epoch, units) in (1..).zip(units) {
        let event = Event::LayerHealth(LayerHealth {
            epoch,
            step: None,
            layer: LAYER.into(),
            state: None,
            values: [(statistic::DEAD_FILTERS.into(), Some(0.2))].into(),
            units: [(statistic::DEAD_FILTERS.into(), units)].into(),
        });
        found.extend(engine.observe(&event));
    }
    let units: Vec<_> = found.iter().map(|alert| (alert.epoch, alert.units.clone())).collect();
    assert_eq!(units, [(1, vec![1, 2]), (3, vec![1, 3, 4])]);
    assert_eq!(
        found[1].message,
        "Filters that stand still of conv1: 20 % (mostly others than before, alert from 10 %, since epoch 1)."
    );
}

#[test]
fn warm_up_is_the_larger_of_epochs_and_share() {
    for (rule, last_epoch, first_alert) in [
        (noise().patience(1, 1), None, 0),
        (noise().patience(1, 1).warm_up(5, 0.1), None, 6),
        (noise().patience(1, 1).warm_up(5, 0.1), Some(30), 6),
        (noise().patience(1, 1).warm_up(5, 0.1), Some(61), 8),
        (noise().patience(3, 1).warm_up(5, 0.1), Some(30), 8),
        // Short plans are looked at as well.
        (noise().patience(3, 1).warm_up(5, 0.1), Some(8), 7),
        (noise().patience(3, 1).warm_up(5, 0.1), Some(4), 4),
        (noise().patience(3, 1).warm_up(5, 0.1), Some(1), 1),
    ] {
        let mut engine = engine([rule]);
        engine.observe(&started(1, last_epoch));
        let raised = (0..20).find(|&epoch| {
            !engine.observe(&health(epoch, LAYER, &[(statistic::NOISE_SHARE, 0.8)])).is_empty()
        });
        assert_eq!(raised, Some(first_alert));
    }
}

#[test]
fn one_alert_per_layer_and_only_in_the_layers_asked_for() {
    let values = [(statistic::NOISE_SHARE, 0.8)];
    for (rule, layers) in [
        (noise(), vec![LAYER, "blocks.0.conv1"]),
        (noise().first_layers(), vec![LAYER]),
        (noise().layers(["blocks.*"]), vec!["blocks.0.conv1"]),
    ] {
        let mut engine = engine([rule.patience(1, 1)]);
        engine.observe(&started(1, None));
        let mut found = Vec::new();
        for name in [LAYER, "blocks.0.conv1", "unknown"] {
            found.extend(engine.observe(&health(1, name, &values)));
        }
        let found: Vec<_> = found.iter().filter_map(|alert| alert.layer.as_deref()).collect();
        assert_eq!(found, layers);
    }
}

#[test]
fn an_explaining_alert_takes_precedence() {
    // The explanation stands behind what it explains, and is looked at first all the same.
    let dead =
        Rule::at_least("dead", statistic::DEAD_FILTERS).title("dead").warning(0.1).critical(0.5);
    let noise = noise().patience(2, 1).unless_at("dead", Critical);
    let alerts = Alerts::none().with(dead).unwrap().with(noise).unwrap();
    let mut engine = Engine::new(&alerts);
    let mut found = Vec::new();
    for (epoch, dead, noise) in [
        (1, 0.0, 0.6),
        (2, 0.2, 0.6), // a few dead filters explain nothing
        (3, 0.8, 0.6),
        (4, 0.8, 0.6),
        (5, 0.0, 0.6), // patience begins anew
        (6, 0.0, 0.6),
    ] {
        let values = [(statistic::DEAD_FILTERS, dead), (statistic::NOISE_SHARE, noise)];
        found.extend(engine.observe(&health(epoch, LAYER, &values)));
    }
    let told: Vec<_> =
        found.iter().map(|a| (a.epoch, a.rule.as_str(), a.state, a.severity)).collect();
    assert_eq!(
        told,
        [
            (2, "dead", Raised, Warning),
            (2, "noise", Raised, Warning),
            (3, "dead", Updated, Critical),
            (3, "noise", Resolved, Warning),
            (5, "dead", Resolved, Critical),
            (6, "noise", Raised, Warning),
        ]
    );
    assert_eq!(
        found[3].message,
        "The alert gives way to another one that explains it (conv1: dead)."
    );
    assert_eq!(found[3].threshold, None);
}

#[test]
fn hints_follow_the_other_statistics() {
    let rule = noise()
        .patience(1, 1)
        .hint(Hint::new("old").when_at_least(statistic::START_ALIGNMENT, 0.5))
        .hint(Hint::new("new").when_at_most(statistic::START_ALIGNMENT, 0.2))
        .hint(
            Hint::new("both")
                .when_at_least(statistic::START_ALIGNMENT, 0.5)
                .when_at_most(statistic::STEP_COSINE, 0.0),
        );
    for (alignment, cosine, expected) in [
        (0.9, 0.5, vec!["old"]),
        (0.9, -0.5, vec!["old", "both"]),
        (0.1, -0.5, vec!["new"]),
        (f64::NAN, -0.5, vec![]),
    ] {
        let values = [
            (statistic::NOISE_SHARE, 0.8),
            (statistic::START_ALIGNMENT, alignment),
            (statistic::STEP_COSINE, cosine),
        ];
        let alerts = engine([rule.clone()]).observe(&health(1, LAYER, &values));
        assert_eq!(alerts[0].hints, expected);
    }
}

#[test]
fn metrics_of_the_training() {
    let rules = [
        Rule::not_finite("broken", "train:*", Critical).title("no longer a number"),
        Rule::at_least("high", "valid:Loss").warning(2.0),
    ];
    let mut engine = engine(rules);
    let mut found: Vec<Alert> = Vec::new();
    for event in [
        metric(1, Split::Train, "Loss", Some(1.0)),
        metric(1, Split::Valid, "Loss", None),
        metric(2, Split::Train, "Loss", None),
        metric(2, Split::Train, "Accuracy", None),
        metric(2, Split::Valid, "Loss", Some(2.5)),
        metric(3, Split::Train, "Loss", Some(1.0)),
    ] {
        found.extend(engine.observe(&event));
    }
    let told: Vec<_> =
        found.iter().map(|a| (a.epoch, a.rule.as_str(), a.metric.as_str(), a.state)).collect();
    assert_eq!(
        told,
        [
            (2, "broken", "train:Loss", Raised),
            (2, "broken", "train:Accuracy", Raised),
            (2, "high", "valid:Loss", Raised),
            (3, "broken", "train:Loss", Resolved),
        ]
    );
    assert!(found.iter().all(|alert| alert.layer.is_none()));
    let messages: Vec<&str> = found.iter().map(|alert| alert.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "train:Loss is not a finite number.",
            "train:Accuracy is not a finite number.",
            "valid:Loss is 2.5 (alert from 2).",
            "train:Loss is 1 (alert ended: a finite number again).",
        ]
    );
}

#[test]
fn sentences() {
    let mut engine = engine([noise()]);
    let mut messages = Vec::new();
    for (epoch, share) in [0.6, 0.6, 0.81, 0.95, 0.95, 0.95, 0.1].into_iter().enumerate() {
        // The second but last epoch is missing.
        let epoch = if epoch < 5 { epoch } else { epoch + 1 } as u32;
        let event = health(epoch, LAYER, &[(statistic::NOISE_SHARE, share)]);
        messages.extend(engine.observe(&event).into_iter().map(|alert| alert.message));
    }
    let event = health(9, LAYER, &[(statistic::NOISE_SHARE, 0.123_4)]);
    messages.extend(engine.observe(&event).into_iter().map(|alert| alert.message));
    assert_eq!(
        messages,
        [
            "81 % of conv1's filters cannot be told from noise (alert from 50 %, 3 epochs running).",
            "95 % of conv1's filters cannot be told from noise (now critical, from 90 %, alert since epoch 2).",
            "12.3 % of conv1's filters cannot be told from noise (alert ended: below 35 %, 2 readings running).",
        ]
    );
}

#[test]
fn statistics_may_come_in_several_events() {
    let mut engine = engine([noise(), Rule::at_least("dead", statistic::DEAD_MAPS).warning(0.1)]);
    let mut found = Vec::new();
    for epoch in 1..=3 {
        found.extend(engine.observe(&health(epoch, LAYER, &[(statistic::NOISE_SHARE, 0.8)])));
        found.extend(engine.observe(&health(epoch, LAYER, &[(statistic::DEAD_MAPS, 0.0)])));
    }
    assert_eq!(found.iter().map(told).collect::<Vec<_>>(), [(3, Raised, Warning)]);
}

#[test]
fn rules_that_never_meet_their_metric_are_told_once() {
    let rules = [
        Rule::at_least("misspelt", "valid:Los").warning(2.0),
        Rule::at_least("right", "valid:Loss").warning(2.0),
        Rule::not_finite("any", "train:*", Critical),
    ];
    let mut engine = engine(rules);
    let analysed = |epoch| Event::EpochAnalysed(EpochAnalysed { epoch, ..Default::default() });
    engine.observe(&started(1, None));
    for event in [
        analysed(0),
        metric(1, Split::Train, "Loss", Some(1.0)),
        analysed(1),
        metric(1, Split::Valid, "Loss", Some(1.0)),
    ] {
        engine.observe(&event);
        assert_eq!(engine.unmatched(), Vec::<String>::new());
    }
    engine.observe(&metric(2, Split::Train, "Loss", Some(1.0)));
    assert_eq!(
        engine.unmatched(),
        [
            "rule `misspelt` looks at `valid:Los`, which the training has not reported so far; did you mean \
             `valid:Loss`? known: train:Loss, valid:Loss"
        ]
    );
    engine.observe(&analysed(2));
    assert_eq!(engine.unmatched(), Vec::<String>::new());
}

/// What the alerts of readings say about their being silenced, each behind the events before it.
#[test]
fn a_silenced_alert_goes_on_with_a_mark() {
    let rule = || Rule::at_least("noise", statistic::NOISE_SHARE).warning(0.5).clear(0.35);
    let silence = |layer: &str, silenced| {
        let layer = Some(layer.to_owned());
        Event::Silence(Silence { rule: "noise".into(), layer, silenced })
    };
    let read = |epoch, value| health(epoch, LAYER, &[(statistic::NOISE_SHARE, value)]);
    let check = |before: &[Event], expected: &[bool]| {
        let mut engine = engine([rule()]);
        engine.recall(&started(1, Some(9)));
        let (recalled, live) = before.split_at(before.len() / 2);
        recalled.iter().for_each(|event| engine.recall(event));
        live.iter().for_each(|event| assert!(engine.observe(event).is_empty()));
        let readings = [read(1, 0.6), read(2, 0.1)];
        let alerts = readings.iter().flat_map(|event| engine.observe(event));
        let silenced: Vec<_> = alerts.map(|alert| alert.silenced).collect();
        assert_eq!(silenced, expected, "{before:?}");
    };
    check(&[], &[false, false]);
    check(&[silence(LAYER, true)], &[true, true]);
    check(&[silence(LAYER, true), silence(LAYER, true)], &[true, true]);
    check(&[silence(LAYER, true), silence(LAYER, false)], &[false, false]);
    check(&[silence("blocks.0.conv1", true)], &[false, false]);
}

#[test]
fn what_is_wrong_with_the_network_has_the_word_at_once_and_until_it_is_over() {
    let network_rule = || {
        Rule::at_least("whole", statistic::NOT_FINITE_PLACES)
            .title("not finite from here on")
            .sentence("it begins at {place}")
            .critical(1.0)
    };
    let of_layer = Rule::at_least("noise", statistic::NOISE_SHARE).warning(0.5).unless("whole");
    let of_training = Rule::not_finite("loss", "train:*", Critical).unless("whole");
    let alerts = Alerts::none().with(network_rule()).unwrap();
    let alerts = alerts.with(of_layer).unwrap().with(of_training).unwrap();
    let events = [
        started(1, Some(9)),
        network(1, &[]),
        health(1, LAYER, &[(statistic::NOISE_SHARE, 0.9)]),
        metric(2, Split::Train, "Loss", None),
        // What was told of the layer and of the loss gives way; what comes later is not told.
        network(2, &["c2.bias"]),
        health(2, LAYER, &[(statistic::NOISE_SHARE, 0.9)]),
        metric(3, Split::Train, "Loss", None),
        // Without a reading it goes on.
        Event::NetworkHealth(spyhole_protocol::NetworkHealth { epoch: 3, ..Default::default() }),
        health(3, LAYER, &[(statistic::NOISE_SHARE, 0.9)]),
        network(4, &[]),
        health(4, LAYER, &[(statistic::NOISE_SHARE, 0.9)]),
    ];
    let mut engine = Engine::new(&alerts);
    let observed = events.iter().flat_map(|event| engine.observe(event)).collect::<Vec<Alert>>();
    let told: Vec<_> = observed.iter().map(|a| (a.epoch, a.rule.as_str(), a.state)).collect();
    assert_eq!(
        told,
        [
            (1, "noise", Raised),
            (2, "loss", Raised),
            (2, "whole", Raised),
            (2, "noise", Resolved),
            (2, "loss", Resolved),
            (4, "whole", Resolved),
            (4, "noise", Raised),
        ]
    );
    let whole = &observed[2];
    assert_eq!((&whole.layer, whole.metric.as_str()), (&None, statistic::NOT_FINITE_PLACES));
    assert_eq!(whole.title, "c2.bias: not finite from here on");
    assert!(whole.message.starts_with("it begins at the parameter c2.bias"), "{}", whole.message);
    assert!(observed[3].message.contains("c2.bias: not finite"), "{}", observed[3].message);
    assert!(
        observed[5].message.starts_with("Places that are not finite: 0"),
        "{}",
        observed[5].message
    );

    // A run that is continued while it is told knows it from its records.
    let mut resumed = Engine::new(&alerts);
    events[..5].iter().for_each(|event| resumed.recall(event));
    observed[..5].iter().for_each(|alert| resumed.recall(&Event::Alert(alert.clone())));
    assert_eq!(resumed.observe(&events[5]), []);
    assert_eq!(resumed.observe(&events[9])[0].state, Resolved);
}

#[test]
fn a_weight_counts_once_and_single_numbers_can_be_left_out() {
    let rule = || Rule::at_least("any", statistic::DEAD_FILTERS).warning(0.5);
    let again = spyhole_protocol::Layer {
        shares_weights_with: Some(LAYER.into()),
        ..layer("conv1#2", false)
    };
    let gate = spyhole_protocol::Layer { shape: [4, 1, 1], ..layer("gate", false) };
    let layers = vec![layer(LAYER, true), again, gate];
    for (rule, expected) in
        [(rule(), vec![LAYER, "gate"]), (rule().layers_of_planes(), vec![LAYER])]
    {
        let alerts = Alerts::none().with(rule).unwrap();
        assert_eq!(alerts.describe(&layers, None).1[0].layers, expected);
        let mut engine = Engine::new(&alerts);
        engine.observe(&with_layers(1, None, layers.clone()));
        let raised = layers.iter().flat_map(|layer| {
            engine.observe(&health(1, &layer.name, &[(statistic::DEAD_FILTERS, 1.0)]))
        });
        let found: Vec<_> = raised.filter_map(|alert| alert.layer).collect();
        assert_eq!(found, expected);
    }
}
