//! What must hold whatever happens.

mod run;

use std::collections::BTreeMap;

use proptest::prelude::*;
use run::*;
use spyhole_alert::{Alerts, Engine, Rule, statistic};
use spyhole_protocol::{Alert, AlertState, Event, LayerHealth, Severity, Split};

const LAYERS: [&str; 3] = [LAYER, "blocks.0.conv1", "elsewhere"];

/// The default rules, and some that react at once.
fn rules() -> Alerts {
    [
        Rule::at_least("quick", statistic::NOISE_SHARE).info(0.2).warning(0.5).critical(0.9),
        Rule::at_least("slow", statistic::NOISE_SHARE)
            .warning(0.5)
            .clear(0.3)
            .patience(2, 3)
            .unless_at("quick", Severity::Critical),
        Rule::at_most("low", statistic::DISTANCE_FROM_START).warning(0.5).critical(0.1),
        Rule::at_least("high", "valid:Loss").warning(0.5).clear(0.2).patience(2, 2),
    ]
    .into_iter()
    .fold(Alerts::default(), |alerts, rule| alerts.with(rule).unwrap())
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (0..=20u32).prop_map(|v| Some(f64::from(v) / 20.0)),
        1 => Just(None),
        1 => prop_oneof![Just(0.0), Just(100.0), Just(1e300), Just(-1.0)].prop_map(Some),
    ]
}

fn any_health() -> impl Strategy<Value = Event> {
    let names = [
        statistic::NOT_FINITE,
        statistic::DEAD_FILTERS,
        statistic::DISTANCE_FROM_START,
        statistic::GROWTH,
        statistic::NOISE_SHARE,
        statistic::STRUCTURE_P_VALUE,
        statistic::DEAD_MAPS,
    ];
    let values = proptest::collection::btree_map(
        proptest::sample::select(names.to_vec()).prop_map(str::to_owned),
        value(),
        0..6,
    );
    let units = proptest::collection::vec(0..6u32, 0..4);
    (0..LAYERS.len(), values, units).prop_map(|(layer, values, units)| {
        let units = values.keys().map(|name| (name.clone(), units.clone())).collect();
        Event::LayerHealth(LayerHealth {
            epoch: 0,
            step: None,
            layer: LAYERS[layer].into(),
            state: None,
            values,
            units,
        })
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => any_health(),
        2 => (any::<bool>(), value()).prop_map(|(train, value)| {
            metric(0, if train { Split::Train } else { Split::Valid }, "Loss", value)
        }),
        1 => (1..12u32, prop::option::of(1..100u32), any::<bool>()).prop_map(|(first, last, all)| {
            let layers = if all { LAYERS.to_vec() } else { vec![LAYER] };
            let layers = layers.into_iter().map(|name| layer(name, name == LAYER)).collect();
            with_layers(first, last, layers)
        }),
    ]
}

/// Events whose epochs mostly go on, sometimes stay, and sometimes go back.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let step = prop_oneof![8 => Just(1i64), 4 => Just(0), 1 => -8..=8i64];
    proptest::collection::vec((any_event(), step), 0..120).prop_map(|events| {
        let mut now = 0i64;
        events
            .into_iter()
            .map(|(mut event, step)| {
                now = (now + step).max(0);
                let epoch = now as u32;
                match &mut event {
                    Event::LayerHealth(health) => health.epoch = epoch,
                    Event::Metric(metric) => metric.epoch = epoch,
                    Event::RunStarted(started) => now = i64::from(started.first_epoch) - 1,
                    _ => {}
                }
                event
            })
            .collect()
    })
}

/// As the store keeps it.
fn stored(event: &Event) -> Event {
    serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_alert_has_one_beginning_and_one_end(history in history()) {
        let mut engine = Engine::new(&rules());
        let mut active: BTreeMap<(String, Option<String>, String), Severity> = BTreeMap::new();
        for alert in history.iter().flat_map(|event| engine.observe(event)) {
            let Alert { rule, layer, metric, severity, .. } = alert.clone();
            let key = (rule, layer, metric);
            match alert.state {
                AlertState::Raised => prop_assert!(active.insert(key, severity).is_none()),
                AlertState::Updated => {
                    let worst = active.get_mut(&key);
                    prop_assert!(worst.is_some());
                    worst.into_iter().for_each(|worst| *worst = severity.max(*worst));
                }
                AlertState::Resolved => prop_assert_eq!(active.remove(&key), Some(severity)),
            }
            prop_assert!(alert.since <= alert.epoch);
            prop_assert!(alert.value.is_none_or(f64::is_finite));
            let is_sentence = alert.message.ends_with('.') && !alert.message.contains('{');
            prop_assert!(is_sentence, "{}", alert.message);
        }
    }

    #[test]
    fn a_resumed_run_tells_what_an_uninterrupted_one_would(history in history(), at in 0..120usize) {
        let (before, after) = history.split_at(at.min(history.len()));
        let mut uninterrupted = Engine::new(&rules());
        let mut resumed = Engine::new(&rules());
        for event in before {
            let alerts = uninterrupted.observe(event);
            resumed.recall(&stored(event));
            for alert in alerts {
                resumed.recall(&stored(&Event::Alert(alert)));
            }
        }
        for event in after {
            prop_assert_eq!(resumed.observe(event), uninterrupted.observe(event));
        }
    }

    #[test]
    fn what_was_recalled_with_other_rules_still_has_one_end(history in history(), at in 0..120usize) {
        let (before, after) = history.split_at(at.min(history.len()));
        let mut earlier = Engine::new(&rules());
        let mut later = Engine::new(&Alerts::default());
        let mut active = BTreeMap::new();
        let mut note = |alert: &Alert| {
            let key = (alert.rule.clone(), alert.layer.clone(), alert.metric.clone());
            match alert.state {
                AlertState::Raised => active.insert(key, ()).is_none(),
                AlertState::Updated => active.contains_key(&key),
                AlertState::Resolved => active.remove(&key).is_some(),
            }
        };
        for event in before {
            later.recall(event);
            for alert in earlier.observe(event) {
                prop_assert!(note(&alert));
                later.recall(&Event::Alert(alert));
            }
        }
        let start = started(1, None);
        for alert in std::iter::once(&start).chain(after).flat_map(|event| later.observe(event)) {
            prop_assert!(note(&alert), "{:?}", alert);
        }
        for rule in ["quick", "slow", "low", "high"] {
            prop_assert!(active.keys().all(|(active, _, _)| active != rule));
        }
    }
}
