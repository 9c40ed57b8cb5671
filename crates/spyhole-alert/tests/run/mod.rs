//! Made-up runs.
#![allow(dead_code, unused_imports, reason = "every test file uses some of it")]

use spyhole_alert::{Alerts, Engine, Rule, statistic};
use spyhole_protocol::{
    Alert, AlertState, Atlas, Event, ImageId, Layer, LayerHealth, LayerStatus, Metric,
    NetworkHealth, Place, PlaceKind, Probe, RunStarted, Severity, Split,
};

pub use AlertState::{Raised, Resolved, Updated};
pub use Severity::{Critical, Info, Warning};

pub const LAYER: &str = "conv1";

pub fn layer(name: &str, first: bool) -> Layer {
    Layer {
        name: name.into(),
        description: "conv 3×3".into(),
        shape: [8, 16, 16],
        receptive_field: None,
        status: LayerStatus::Supported,
        outside_definition: None,
        followed: Vec::new(),
        first,
        frozen: false,
        no_filters: None,
        shares_weights_with: None,
    }
}

/// A start with the layers `conv1` (the first) and `blocks.0.conv1`.
pub fn started(first_epoch: u32, last_epoch: Option<u32>) -> Event {
    with_layers(first_epoch, last_epoch, vec![layer(LAYER, true), layer("blocks.0.conv1", false)])
}

pub fn with_layers(first_epoch: u32, last_epoch: Option<u32>, layers: Vec<Layer>) -> Event {
    let atlas = Atlas {
        image: ImageId("none".into()),
        tile_height: 32,
        tile_width: 32,
        columns: 0,
        count: 0,
        original: None,
    };
    Event::RunStarted(RunStarted {
        run_id: "run".into(),
        name: "run".into(),
        spyhole_version: "0".into(),
        first_epoch,
        last_epoch,
        inspection: false,
        beside: None,
        other_images: None,
        input_shape: [3, 32, 32],
        parameters: 1,
        layers,
        probe: Probe {
            atlas,
            labels: Vec::new(),
            class_names: Vec::new(),
            caution: None,
            not_studied: Vec::new(),
        },
        output: None,
    })
}

pub fn health(epoch: u32, layer: &str, values: &[(&str, f64)]) -> Event {
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    Event::LayerHealth(LayerHealth {
        epoch,
        step: None,
        layer: layer.into(),
        state: None,
        values: values.iter().map(|&(name, value)| (name.into(), finite(value))).collect(),
        units: Default::default(),
    })
}

/// A reading of the whole network, with parameters that are not finite.
pub fn network(epoch: u32, not_finite: &[&str]) -> Event {
    let place = |&name: &&str| Place {
        kind: PlaceKind::Parameter,
        name: name.into(),
        words: format!("the parameter {name} (1 of its 16 numbers is NaN)"),
    };
    let name = statistic::NOT_FINITE_PLACES;
    Event::NetworkHealth(NetworkHealth {
        epoch,
        step: None,
        values: [(name.into(), Some(not_finite.len() as f64))].into(),
        places: [(name.into(), not_finite.iter().map(place).collect())].into(),
    })
}

pub fn metric(epoch: u32, split: Split, name: &str, value: Option<f64>) -> Event {
    Event::Metric(Metric {
        epoch,
        split,
        name: name.into(),
        value,
        unit: None,
        higher_is_better: false,
    })
}

pub fn engine(rules: impl IntoIterator<Item = Rule>) -> Engine {
    let alerts = rules.into_iter().fold(Alerts::none(), |alerts, rule| alerts.with(rule).unwrap());
    Engine::new(&alerts)
}

pub fn noise() -> Rule {
    Rule::at_least("noise", statistic::NOISE_SHARE)
        .title("filters look like noise")
        .sentence("{value} of {layer}'s filters cannot be told from noise")
        .warning(0.5)
        .critical(0.9)
        .clear(0.35)
        .patience(3, 2)
}

pub type Told = (u32, AlertState, Severity);

pub fn told(alert: &Alert) -> Told {
    (alert.epoch, alert.state, alert.severity)
}

/// What a rule says to the values of its statistic in the epochs 1, 2, 3, …; `None` is no reading.
pub fn check(rule: Rule, values: &[Option<f64>], expected: &[Told]) {
    let name = rule_metric(&rule);
    let mut engine = engine([rule]);
    let mut found = Vec::new();
    engine.observe(&started(1, None));
    for (epoch, value) in (1..).zip(values) {
        let values: Vec<(&str, f64)> = value.iter().map(|&value| (name.as_str(), value)).collect();
        found.extend(engine.observe(&health(epoch, LAYER, &values)).iter().map(told));
    }
    assert_eq!(found, expected, "{values:?}");
}

fn rule_metric(rule: &Rule) -> String {
    let (_, rules) = Alerts::none().with(rule.clone()).unwrap().describe(&[], None);
    rules[0].metric.clone()
}
