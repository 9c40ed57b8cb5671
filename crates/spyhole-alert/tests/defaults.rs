//! The default rules: silent about a healthy training, and each speaks up where it should.

mod run;

use std::collections::BTreeSet;

use run::*;
use spyhole_alert::{Alerts, Engine, rules, statistic};
use spyhole_protocol::{Alert, AlertState, Event, Severity, Split};

const EPOCHS: u32 = 30;

/// A layer as it develops in a healthy training; noisy and unstructured at first.
fn healthy(epoch: u32) -> Vec<(&'static str, f64)> {
    let progress = f64::from(epoch) / f64::from(EPOCHS);
    let fading = (-f64::from(epoch) / 2.0).exp();
    vec![
        (statistic::NOT_FINITE, 0.0),
        (statistic::DEAD_FILTERS, 0.03),
        (statistic::DISTANCE_FROM_START, 1.5 * progress),
        (statistic::DOMINANCE, 1.2 + progress),
        (statistic::GROWTH, 1.0 + 2.0 * progress),
        (statistic::DUPLICATE_FILTERS, 0.1 * progress),
        (statistic::MAX_COSINE, 0.6),
        (statistic::NOISE_SHARE, 0.95 * fading + 0.1),
        (statistic::STRUCTURE_P_VALUE, 0.5 * fading.powi(4)),
        (statistic::UPDATE_RATIO, 0.2),
        (statistic::STEP_COSINE, 0.3),
        (statistic::START_ALIGNMENT, 1.0 - 0.9 * progress),
        (statistic::RESIDUAL_NOISE_SHARE, 0.1),
        (statistic::RMS, 0.1),
        (statistic::DEAD_MAPS, 0.04),
        (statistic::SATURATED_MAPS, 0.0),
        (statistic::INPUT_COPIES, 0.6 * fading),
        (statistic::INPUT_LIKENESS, 0.2),
        (statistic::ZERO_SHARE, 0.5 + 0.3 * progress),
        (statistic::LIFETIME_SPARSENESS, 0.3 * progress),
        (statistic::POPULATION_SPARSENESS, 0.4),
        (statistic::LOCALISATION, 1.0 - 0.2 * progress),
    ]
}

/// A whole training in which some statistics read something else.
fn training(sick: &[(&'static str, f64)], loss: Option<f64>) -> Vec<Alert> {
    training_with(sick, loss, &[])
}

/// A whole training with parameters that are not finite.
fn training_with(
    sick: &[(&'static str, f64)],
    loss: Option<f64>,
    not_finite: &[&str],
) -> Vec<Alert> {
    let mut engine = Engine::new(&Alerts::default());
    let mut alerts = engine.observe(&started(1, Some(EPOCHS)));
    for epoch in 0..=EPOCHS {
        let mut values = healthy(epoch);
        for &(name, value) in sick {
            values.retain(|&(known, _)| known != name);
            values.push((name, value));
        }
        alerts.extend(engine.observe(&network(epoch, not_finite)));
        alerts.extend(engine.observe(&health(epoch, LAYER, &values)));
        alerts.extend(engine.observe(&metric(epoch, Split::Train, "Loss", loss)));
    }
    alerts
}

#[test]
fn a_healthy_training_raises_nothing() {
    assert_eq!(training(&[], Some(0.5)), []);
}

/// The rule, what is sick, and epoch and severity of the alert.
type Case = (&'static str, &'static [(&'static str, f64)], u32, Severity);

#[test]
fn each_rule_has_a_training_that_raises_it() {
    use spyhole_protocol::Severity::{Critical, Info, Warning};
    // The only alerts: those that others explain are not raised. Epoch of the raising, severity.
    let cases: &[Case] = &[
        ("dead-filters", &[(statistic::DEAD_FILTERS, 0.2)], 4, Warning),
        (
            "dead-filters",
            &[
                (statistic::DEAD_FILTERS, 1.0),
                (statistic::DISTANCE_FROM_START, 0.0),
                (statistic::NOISE_SHARE, 1.0),
                (statistic::DEAD_MAPS, 1.0),
            ],
            4,
            Critical,
        ),
        (
            "stuck-at-start",
            &[(statistic::DISTANCE_FROM_START, 1e-4), (statistic::NOISE_SHARE, 0.95)],
            7,
            Warning,
        ),
        ("dominant-filter", &[(statistic::DOMINANCE, 6.0)], 4, Warning),
        ("growing-weights", &[(statistic::GROWTH, 12.0)], 1, Critical),
        ("duplicate-filters", &[(statistic::DUPLICATE_FILTERS, 0.4)], 8, Warning),
        (
            "noisy-filters",
            &[(statistic::NOISE_SHARE, 0.81), (statistic::STRUCTURE_P_VALUE, 0.3)],
            8,
            Warning,
        ),
        ("noisy-layer", &[(statistic::STRUCTURE_P_VALUE, 0.3)], 8, Warning),
        ("dead-maps", &[(statistic::DEAD_MAPS, 0.2)], 7, Warning),
        (
            "dead-maps",
            &[(statistic::DEAD_MAPS, 0.9), (statistic::SATURATED_MAPS, 0.9)],
            7,
            Critical,
        ),
        ("saturated-maps", &[(statistic::SATURATED_MAPS, 0.2)], 7, Warning),
        ("copies-of-input", &[(statistic::INPUT_COPIES, 0.7)], 8, Info),
    ];
    for (rule, sick, epoch, severity) in cases {
        let mut alerts = training(sick, Some(0.5));
        // Where one rule takes the word from another in the same epoch, only the first is raised.
        alerts.retain(|alert| alert.state == AlertState::Raised);
        let found: Vec<_> = alerts.iter().map(|a| (a.rule.as_str(), a.epoch, a.severity)).collect();
        assert_eq!(found, [(*rule, *epoch, *severity)], "{sick:?}");
    }
    let alerts = training(&[], None);
    assert_eq!((alerts.len(), alerts[0].rule.as_str()), (1, "loss-not-finite"));
    assert_eq!((alerts[0].epoch, alerts[0].severity), (0, Critical));

    // Whatever else is wrong, and in whatever metric of the training.
    let behind =
        [(statistic::NOT_FINITE, 0.01), (statistic::DEAD_MAPS, 1.0), (statistic::GROWTH, 20.0)];
    let alerts = training_with(&behind, None, &["c2.bias", "c3.weight"]);
    let found: Vec<_> =
        alerts.iter().map(|a| (a.rule.as_str(), &a.layer, a.epoch, a.severity)).collect();
    assert_eq!(found, [("not-finite", &None, 0, Critical)]);
    assert_eq!(alerts[0].title, "c2.bias: not finite from here on");

    let raised: BTreeSet<&str> =
        cases.iter().map(|case| case.0).chain(["not-finite", "loss-not-finite"]).collect();
    let rules = rules::defaults();
    assert_eq!(raised, rules.iter().map(|rule| rule.id()).collect());
}

#[test]
fn what_they_say() {
    let noisy = |others: &[(&'static str, f64)]| {
        let mut sick = vec![(statistic::NOISE_SHARE, 0.81)];
        sick.extend(others);
        training(&sick, Some(0.5)).remove(0)
    };
    let undertrained = noisy(&[(statistic::START_ALIGNMENT, 0.9)]);
    assert_eq!(undertrained.title, "conv1: filters look like noise");
    assert_eq!(
        undertrained.message,
        "81 % of conv1's filters cannot be told from noise (alert from 50 %, 3 epochs running)."
    );
    assert_eq!(undertrained.hints.len(), 1);
    assert!(undertrained.hints[0].contains("undertrained"), "{:?}", undertrained.hints);

    let contradicting = noisy(&[
        (statistic::RESIDUAL_NOISE_SHARE, 0.9),
        (statistic::STEP_COSINE, -0.3),
        (statistic::START_ALIGNMENT, 0.3),
    ]);
    assert_eq!(contradicting.hints.len(), 1);
    assert!(contradicting.hints[0].contains("gradient noise"), "{:?}", contradicting.hints);

    for (sick, message) in [
        (
            (statistic::DISTANCE_FROM_START, 4e-4),
            "conv1's weights are 0.0004 of their size away from where they began (alert at 0.001 or less, \
             2 epochs running).",
        ),
        (
            (statistic::GROWTH, 12.5),
            "The largest filter of conv1 is 12.5 times as large as the layer's initial weights (alert from \
             10, 2 epochs running).",
        ),
        (
            (statistic::STRUCTURE_P_VALUE, 0.31),
            "conv1 as a whole cannot be told from noise: random filters look as structured with probability \
             0.31 (alert from 0.01, 3 epochs running).",
        ),
    ] {
        assert_eq!(training(&[sick], Some(0.5))[0].message, message);
    }
    assert_eq!(
        training_with(&[], Some(0.5), &["c2.bias"])[0].message,
        "Numbers that are NaN or infinite begin at the parameter c2.bias (1 of its 16 numbers is NaN); such \
         places in all: 1 (alert from 1)."
    );
    assert_eq!(training(&[], None)[0].message, "train:Loss of the whole epoch is NaN or infinite.");
}

#[test]
fn they_are_complete_and_in_the_contracted_order() {
    let (statistics, described) = Alerts::default().describe(&[layer(LAYER, true)], Some(100));
    let names: Vec<&str> = statistics.iter().map(|statistic| statistic.name.as_str()).collect();
    assert_eq!(
        names.join(" "),
        "not_finite_places not_finite dead_filters distance_from_start dominance growth duplicate_filters max_cosine \
         noise_share structure_p_value update_ratio step_cosine start_alignment residual_noise_share rms \
         sparsity variance_entropy orthogonality dead_maps saturated_maps input_copies input_likeness \
         zero_share lifetime_sparseness population_sparseness localisation"
    );
    let ids: Vec<&str> = described.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids.join(" "),
        "not-finite loss-not-finite dead-filters stuck-at-start dominant-filter growing-weights \
         duplicate-filters noisy-filters noisy-layer dead-maps saturated-maps copies-of-input"
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for rule in &described {
        let texts = [&rule.title, &rule.meaning];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}", rule.id);
        assert!(rule.causes.len() >= 2 && rule.advice.len() >= 2, "{}", rule.id);
        let is_of_all = rule.metric.contains(':') || rule.id == "not-finite";
        assert_eq!(rule.layers.is_empty(), is_of_all, "{}", rule.id);
    }
    let noisy = described.iter().find(|rule| rule.id == "noisy-filters").unwrap();
    assert_eq!(
        (noisy.warm_up, noisy.patience, noisy.clear, noisy.clear_patience),
        (10, 3, Some(0.35), 2)
    );
}

#[test]
fn a_layer_that_never_moved_says_so_and_where_to_look() {
    let frozen = [(statistic::DEAD_FILTERS, 1.0), (statistic::DISTANCE_FROM_START, 0.0)];
    let alert = training(&frozen, Some(0.5)).remove(0);
    assert_eq!(alert.rule, "dead-filters");
    assert_eq!(
        alert.message,
        "100 % of conv1's filters have stood still for two epochs or longer: unchanged, only shrunk as by weight \
         decay, or all zeros (alert from 50 %, 2 epochs running)."
    );
    for place in ["learning rate", "optimizer", "loss"] {
        assert!(alert.hints[0].contains(place), "{:?}", alert.hints);
    }
    let event = Event::Alert(alert);
    let again: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
    assert_eq!(again, event);
}
