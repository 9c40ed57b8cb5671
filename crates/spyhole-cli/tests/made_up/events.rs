use std::collections::BTreeMap;

use spyhole_protocol::{
    AlertLevel, AlertRule, Atlas, Compare, EpochAnalysed, EpochSimilarity, Event, Fault,
    FieldStatus, FilterPicture, FilterReadings, FilterState, ImageId, Layer, LayerDistributions,
    LayerEvolution, LayerFeatures, LayerFilters, LayerHealth, LayerSettling, LayerState,
    LayerStatus, Metric, NetworkHealth, NullBand, Output, OutputMeaning, Place, PlaceKind, Probe,
    RankCorrelation, ReceptiveField, Region, RunStarted, Scale, Settling, Severity, Silence,
    SmoothnessTest, SnapshotDropped, Split, Statistic, StopAsked, Subject, UnitView, Watchlist,
};

use super::{Plan, number};

/// Where a number belongs: seed, epoch, layer.
pub type Key = [u32; 3];

pub fn at(place: Key, what: u32) -> f64 {
    number(&[place[0], place[1], place[2], what])
}

pub fn atlas(image: &ImageId, count: u32) -> Atlas {
    Atlas { image: image.clone(), tile_height: 2, tile_width: 2, columns: 4, count, original: None }
}

pub fn region(i: u32) -> Region {
    Region { top: i as i32 - 1, left: -2, height: 5, width: 5 + i }
}

pub fn started(plan: &Plan, run_id: &str, probe: &ImageId) -> RunStarted {
    let layer = |(i, name): (usize, &String)| Layer {
        name: name.clone(),
        description: format!("conv 3×3, {} → 4 + relu", if i == 0 { 1 } else { 4 }),
        shape: [4, 8 >> i.min(3), 8 >> i.min(3)],
        receptive_field: Some(ReceptiveField {
            size: [3 + 2 * i as u32; 2],
            status: FieldStatus::Exact,
        }),
        status: if i == 2 {
            LayerStatus::Unsupported { operation: "sort".into() }
        } else {
            LayerStatus::Supported
        },
        outside_definition: (i == 1).then(|| "gelu".into()),
        followed: vec![0, 2],
        first: i == 0,
        frozen: false,
        no_filters: None,
        shares_weights_with: None,
    };
    RunStarted {
        run_id: run_id.into(),
        name: plan.name.clone(),
        spyhole_version: "0.1.0".into(),
        first_epoch: plan.first_epoch,
        last_epoch: plan.last_epoch,
        inspection: false,
        beside: None,
        other_images: None,
        input_shape: [1, 8, 8],
        parameters: 1234,
        layers: plan.layers.iter().enumerate().map(layer).collect(),
        probe: Probe {
            atlas: atlas(probe, 4),
            labels: vec![0, 1, 1, 0],
            class_names: vec!["zero".into(), "one, or \"I\"".into()],
            caution: None,
            not_studied: vec![],
        },
        output: Some(Output {
            meaning: OutputMeaning::Classes,
            count: Some(2),
            names: vec![],
            reason: "there are 2 class names".into(),
        }),
    }
}

pub fn watchlist(plan: &Plan) -> Watchlist {
    let statistic = |name: &str, scale| Statistic {
        name: name.into(),
        label: name.replace('_', " "),
        meaning: format!("What {name} means, in words."),
        formula: "Σ_f x_f / n".into(),
        subject: Subject::Filters,
        scale,
    };
    Watchlist {
        statistics: vec![
            statistic("noise_share", Scale::Share),
            statistic("update_ratio", Scale::Logarithmic),
            statistic("step_cosine", Scale::Signed),
        ],
        rules: vec![AlertRule {
            id: "noisy-filters".into(),
            title: "filters look like noise".into(),
            metric: "noise_share".into(),
            layers: plan.layers.clone(),
            compare: Compare::AtLeast,
            levels: vec![
                AlertLevel { severity: Severity::Warning, threshold: Some(0.5) },
                AlertLevel { severity: Severity::Critical, threshold: Some(0.9) },
            ],
            clear: Some(0.35),
            warm_up: 5,
            patience: 3,
            clear_patience: 2,
            unless: vec!["not-finite".into()],
            meaning: "little was learned".into(),
            causes: vec!["learning rate too low".into()],
            advice: vec!["raise it".into()],
            silenced: false,
        }],
        nulls: plan
            .layers
            .iter()
            .map(|layer| NullBand {
                layer: layer.clone(),
                statistic: "noise_share".into(),
                low: 0.75,
                high: 1.0,
            })
            .collect(),
    }
}

pub fn metrics(plan: &Plan, epoch: u32) -> Vec<Metric> {
    let wobble = |what| 0.1 * number(&[plan.seed, epoch, what]);
    let metric = |split, name: &str, value, unit: Option<&str>, higher_is_better| Metric {
        epoch,
        split,
        name: name.into(),
        value: Some(value),
        unit: unit.map(String::from),
        higher_is_better,
    };
    let loss = |what| 2.0 / f64::from(epoch + 1) + wobble(what);
    let accuracy = 100.0 - 60.0 / f64::from(epoch) - wobble(3);
    vec![
        metric(Split::Train, "Loss", loss(1), None, false),
        metric(Split::Valid, "Loss", loss(2), None, false),
        metric(Split::Valid, "Accuracy", accuracy, Some("%"), true),
    ]
}

pub fn filters(layer: &str, place: Key, image: &ImageId) -> LayerFilters {
    let readings = |what: u32| (0..4).map(|i| Some(at(place, what + i) as f32)).collect();
    LayerFilters {
        step: None,
        epoch: place[1],
        layer: layer.into(),
        parameter: format!("{layer}.weight"),
        picture: if place[2] == 0 {
            FilterPicture::Weights
        } else {
            FilterPicture::DominantPattern
        },
        atlas: atlas(image, 4),
        scale: 0.25,
        readings: FilterReadings {
            state: vec![
                FilterState::Smooth,
                FilterState::NoiseLike,
                FilterState::Zero,
                FilterState::Duplicate,
            ],
            q: readings(10),
            p_value: readings(20),
            r1: vec![Some(-0.25), None, Some(1e-7), Some(0.1)],
            rms: readings(30),
            change: if place[1] == 0 { vec![None; 4] } else { readings(40) },
            distance: readings(50),
            duplicate_of: vec![None, None, None, Some(0)],
        },
        test: SmoothnessTest {
            degrees_of_freedom: 4,
            q_critical: Some(9.487_729_036_781_154),
            level: 0.05,
            r1_null_deviation: Some(0.123),
            caution: (place[2] == 0).then(|| "3×3: low power, judge the layer".into()),
        },
    }
}

pub fn features(layer: &str, place: Key, image: &ImageId) -> LayerFeatures {
    let view = |map: u32, tile: u32| UnitView {
        map,
        image: (map + place[1]) % 4,
        row: map,
        column: 1,
        value: (map != 3).then(|| at(place, 60 + map) as f32),
        field: region(map),
        patch: Some(tile),
        projection: (map != 3).then_some(tile + 1),
        projection_scale: (map != 3).then_some(0.5),
        not_projected: (map == 3).then(|| "its activation is not finite".into()),
    };
    LayerFeatures {
        step: None,
        epoch: place[1],
        layer: layer.into(),
        strongest: vec![view(3, 0), view(0, 2)],
        followed: vec![view(0, 2), view(2, 4)],
        atlas: atlas(image, 6),
    }
}

pub fn network(epoch: u32) -> NetworkHealth {
    let name = "not_finite_places";
    let place = |name: &str| Place {
        kind: PlaceKind::Parameter,
        name: name.into(),
        words: format!("the parameter {name}, with 1 NaN among 8 numbers"),
    };
    NetworkHealth {
        epoch,
        step: None,
        values: [(name.into(), Some(2.0))].into(),
        places: [(name.into(), vec![place("conv1.bias"), place("conv2.weight")])].into(),
    }
}

pub fn health(layer: &str, place: Key) -> LayerHealth {
    let mut values = BTreeMap::from([
        ("noise_share".to_owned(), Some(at(place, 70))),
        ("step_cosine".to_owned(), Some(2.0 * at(place, 71) - 1.0)),
    ]);
    if place[1] > 0 {
        // In epoch 1 it is not a finite number.
        values.insert("update_ratio".into(), (place[1] > 1).then(|| 0.01 * at(place, 72)));
    }
    let units = BTreeMap::from([("noise_share".to_owned(), vec![1, 3])]);
    let state = (place[1] == 2).then_some(LayerState::Constant);
    LayerHealth { epoch: place[1], step: None, layer: layer.into(), state, values, units }
}

pub fn distributions(layer: &str, place: Key) -> LayerDistributions {
    let percentiles = [0.1, 0.2, 0.3, 0.4, 0.5].map(|x: f32| x * at(place, 80) as f32);
    let readings = BTreeMap::from([
        ("zero_share".to_owned(), percentiles),
        ("hoyer".to_owned(), percentiles.map(|x| x / 3.0)),
    ]);
    LayerDistributions { epoch: place[1], step: None, layer: layer.into(), live: 3, readings }
}

pub fn evolution(layer: &str, place: Key) -> LayerEvolution {
    let epoch = place[1];
    let later = |what| (epoch > 0).then(|| at(place, what));
    LayerEvolution {
        epoch,
        layer: layer.into(),
        state: (epoch > 0).then_some(LayerState::Moving),
        previous: epoch.checked_sub(1),
        change: later(90),
        floor: later(91),
        weight_change: later(92),
        top_overlap: later(93),
        top_rank_overlap: later(94),
        jumps: later(95),
        projection_similarity: later(96),
        to_earlier: (0..epoch)
            .map(|epoch| EpochSimilarity { epoch, similarity: at(place, 100 + epoch) })
            .collect(),
        close_since: epoch.checked_sub(2),
        top_close_since: None,
    }
}

pub fn settling(plan: &Plan, epoch: u32) -> Settling {
    let layer = |(i, name): (usize, &String)| {
        let since = 1 + i as u32 + plan.seed;
        let settled = since <= epoch;
        LayerSettling {
            layer: name.clone(),
            state: if settled { LayerState::Settled } else { LayerState::Moving },
            since: settled.then_some(since),
            moved_again: 0,
        }
    };
    Settling {
        epoch,
        layers: plan.layers.iter().enumerate().map(layer).collect(),
        order: (epoch > 2).then_some(RankCorrelation { value: 1.0, low: 0.25, high: 1.0 }),
        statement: format!("lower layers settled first, as of epoch {epoch}"),
    }
}

pub fn analysed(epoch: u32) -> Event {
    Event::EpochAnalysed(EpochAnalysed { epoch, seconds: 0.25, parts: Vec::new() })
}

pub fn dropped(epoch: u32, total: u64) -> Event {
    Event::SnapshotDropped(SnapshotDropped { epoch, total })
}

pub fn fault(part: &str, message: &str) -> Event {
    Event::Fault(Fault { part: part.into(), message: message.into(), epoch: Some(2) })
}

pub fn silence(rule: &str, layer: Option<&str>, silenced: bool) -> Event {
    Event::Silence(Silence { rule: rule.into(), layer: layer.map(String::from), silenced })
}

pub fn stop_asked(epoch: u32) -> Event {
    Event::StopAsked(StopAsked { by: "the dashboard".into(), epoch })
}
