use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use spyhole_protocol::{OutputMeaning, RankCorrelation, RunState, Scale, Severity, Split};
use spyhole_sink::{RunLog, SinkError};

use super::facts::{Facts, Series, health};
use crate::words;

/// How many differences of health are shown.
const SHOWN: usize = 12;

/// How differences of health are ranked.
const HEALTH_RULE: &str = "ranked by the distance of the furthest values a, b of the runs: |a - b| for shares and \
    correlations, |a - b| / max(|a|, |b|) for other numbers";

/// How runs differ. In every list of values there is one per run, in the order of `runs`.
#[derive(Serialize)]
pub(crate) struct Comparison {
    pub(super) runs: Vec<Run>,
    /// Only what differs.
    pub(super) setup: Vec<Setup>,
    pub(super) metrics: Vec<Metric>,
    pub(super) alerts: Vec<Rule>,
    pub(super) settling: Vec<Layer>,
    /// Whether lower layers settled first, as recorded last.
    pub(super) orders: Vec<Option<Order>>,
    pub(super) health: Option<Health>,
    /// What could not be compared, in words.
    pub(super) notes: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Run {
    /// A, B, C, …
    pub(super) label: String,
    pub(super) name: String,
    pub(super) directory: String,
    run_id: String,
    /// How it stands, in words.
    pub(super) state: String,
    pub(super) starts: u32,
    /// Last epoch of which anything was recorded.
    pub(super) epoch: u32,
    pub(super) planned: Option<u32>,
    pub(super) epochs_analysed: usize,
    pub(super) epochs_dropped: u64,
    pub(super) faults: u64,
    /// Median time between the last metrics of two epochs that follow each other.
    pub(super) seconds_per_epoch: Option<f64>,
    /// Median time of an epoch's analyses.
    pub(super) seconds_per_analysis: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct Setup {
    pub(super) what: String,
    pub(super) values: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Metric {
    #[serde(serialize_with = "split")]
    pub(super) split: Split,
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) higher_is_better: bool,
    pub(super) runs: Vec<Option<Values>>,
    /// Of the last values, each run less the first.
    pub(super) differences: Vec<Option<f64>>,
    /// The run with the best value; `None`: all alike, or not known.
    pub(super) better_best: Option<String>,
    /// The run with the best last value.
    pub(super) better_last: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Values {
    pub(super) best: Option<f64>,
    pub(super) best_epoch: Option<u32>,
    pub(super) last: Option<f64>,
    pub(super) last_epoch: u32,
}

#[derive(Serialize)]
pub(super) struct Rule {
    pub(super) rule: String,
    pub(super) runs: Vec<Raised>,
}

#[derive(Serialize)]
pub(super) struct Raised {
    pub(super) raised: u32,
    pub(super) worst: Option<Severity>,
    /// Alerts that are still active, silenced ones included.
    pub(super) active: usize,
}

#[derive(Serialize)]
pub(super) struct Layer {
    pub(super) layer: String,
    /// `None`: the run has no such layer, or nothing about it.
    pub(super) runs: Vec<Option<Settled>>,
}

#[derive(Serialize)]
pub(super) struct Settled {
    pub(super) state: String,
    pub(super) since: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct Order {
    pub(super) epoch: u32,
    pub(super) statement: String,
    pub(super) tau: Option<RankCorrelation>,
}

#[derive(Serialize)]
pub(super) struct Health {
    /// The last epoch that all runs have.
    pub(super) epoch: u32,
    pub(super) rule: &'static str,
    /// How many pairs of layer and statistic all runs have.
    pub(super) compared: usize,
    /// Those that differ most.
    pub(super) differences: Vec<Difference>,
}

#[derive(Serialize)]
pub(super) struct Difference {
    pub(super) layer: String,
    pub(super) statistic: String,
    pub(super) values: Vec<f64>,
    pub(super) distance: f64,
}

impl Comparison {
    /// Compares runs; `logs` are where the facts are from.
    pub(crate) fn of(facts: &[Facts], logs: &[RunLog]) -> Result<Self, SinkError> {
        let mut notes = vec![];
        let runs: Vec<_> = facts.iter().enumerate().map(run).collect();
        for (run, facts) in runs.iter().zip(facts) {
            if facts.started.is_none() {
                notes.push(format!("{} has not started", run.label));
            }
            notes.extend(facts.left().map(|left| format!("not compared of {}: {left}", run.label)));
        }
        let metrics = metrics(facts, &runs);
        if !metrics.iter().any(|metric| metric.runs.iter().all(Option::is_some)) {
            notes.push("there is no metric that all of them have".into());
        }
        let layers: Vec<BTreeSet<_>> =
            facts.iter().map(|facts| facts.layers().into_iter().collect()).collect();
        let common = layers.iter().cloned().reduce(|a, b| a.intersection(&b).cloned().collect());
        if common.is_none_or(|common| common.is_empty()) {
            notes.push("there is no layer that all of them have".into());
        }
        let health = compare_health(facts, logs)?;
        if health.is_none() {
            notes.push("there is no epoch for which all of them have health statistics".into());
        }
        Ok(Self {
            setup: setup(facts),
            metrics,
            alerts: alerts(facts),
            settling: settling(facts),
            orders: facts.iter().map(order).collect(),
            health,
            notes,
            runs,
        })
    }
}

/// A, B, …, Z, run 27, …
fn label(index: usize) -> String {
    let letter = u8::try_from(index).ok().and_then(|index| b'A'.checked_add(index));
    match letter {
        Some(letter @ b'A'..=b'Z') => char::from(letter).to_string(),
        _ => format!("run {}", index + 1),
    }
}

fn run((index, facts): (usize, &Facts)) -> Run {
    let name = facts.started.as_ref().map(|started| started.name.clone());
    let state = match (&facts.ended, &facts.status) {
        (Some(ended), _) => words::outcome(ended.outcome).to_owned(),
        (None, Some(status)) if status.state == RunState::Ended => "ended".into(),
        (None, Some(status)) => {
            let age = words::now_ms().saturating_sub(status.alive_ms) / 1000;
            if age < 30 { "running".into() } else { "not ended, no sign of life".into() }
        }
        (None, None) => "no status".into(),
    };
    Run {
        label: label(index),
        name: name.unwrap_or_else(|| "(not started)".into()),
        directory: facts.directory.clone(),
        run_id: facts.run_id.clone(),
        state,
        starts: facts.starts,
        epoch: facts.last_epoch(),
        planned: facts.started.as_ref().and_then(|started| started.last_epoch),
        epochs_analysed: facts.analysed.iter().filter(|epoch| **epoch > 0).count(),
        epochs_dropped: facts.dropped,
        faults: facts.faults,
        seconds_per_epoch: facts.seconds_per_epoch(),
        seconds_per_analysis: facts.seconds_per_analysis(),
    }
}

fn setup(facts: &[Facts]) -> Vec<Setup> {
    let mut rows: Vec<(String, Vec<String>)> = vec![];
    let mut row = |what: &str, of: &dyn Fn(&spyhole_protocol::RunStarted) -> String| {
        let values = facts.iter().map(|facts| facts.started.as_ref().map(of).unwrap_or_default());
        rows.push((what.to_owned(), values.collect()));
    };
    row("parameters", &|it| it.parameters.to_string());
    row("input shape", &|it| it.input_shape.map(|n| n.to_string()).join(" x "));
    row("planned epochs", &|it| it.last_epoch.map_or("not known".into(), |n| n.to_string()));
    row("layers", &|it| it.layers.len().to_string());
    row("probe images", &|it| {
        let image = &it.probe.atlas.image.0;
        format!("{} ({})", it.probe.atlas.count, image.get(..8).unwrap_or(image))
    });
    row("classes", &|it| it.probe.class_names.len().to_string());
    row("output", &|it| match &it.output {
        None => "not known".into(),
        Some(output) => match (output.meaning, output.count) {
            (OutputMeaning::Classes, Some(count)) => format!("{count} classes"),
            (OutputMeaning::Binary, _) => "two classes by one number".into(),
            (_, Some(count)) => format!("{count} numbers"),
            (_, None) => "no row of numbers".into(),
        },
    });
    row("spyhole", &|it| it.spyhole_version.clone());
    let mut layers = vec![];
    for layer in facts.iter().flat_map(Facts::layers) {
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    for layer in &layers {
        row(&format!("layer {layer}"), &|it| {
            let found = it.layers.iter().find(|it| it.name == *layer);
            found.map_or("none".into(), |it| it.description.clone())
        });
    }
    // What has not started has nothing to differ in.
    let differs = |values: &[String]| {
        let known: BTreeSet<_> = values.iter().filter(|value| !value.is_empty()).collect();
        known.len() > 1
    };
    rows.retain(|(_, values)| differs(values));
    rows.into_iter().map(|(what, values)| Setup { what, values }).collect()
}

fn metrics(facts: &[Facts], runs: &[Run]) -> Vec<Metric> {
    let names: BTreeSet<_> = facts.iter().flat_map(|facts| facts.metrics.keys()).collect();
    let metric = |name: &(Split, String)| {
        let series: Vec<_> = facts.iter().map(|facts| facts.metrics.get(name)).collect();
        let first = series.iter().find_map(|series| *series);
        let higher = first.is_some_and(|series| series.higher_is_better);
        let values: Vec<_> = series.iter().map(|series| series.and_then(values)).collect();
        let of = |which: &dyn Fn(&Values) -> Option<f64>| -> Vec<Option<f64>> {
            values.iter().map(|values| values.as_ref().and_then(which)).collect()
        };
        let (bests, lasts) = (of(&|it| it.best), of(&|it| it.last));
        let difference = |last: &Option<f64>| last.zip(lasts[0]).map(|(last, first)| last - first);
        Metric {
            split: name.0,
            name: name.1.clone(),
            unit: first.and_then(|series| series.unit.clone()),
            higher_is_better: higher,
            differences: lasts.iter().map(difference).collect(),
            better_best: winner(&bests, higher).map(|index| runs[index].label.clone()),
            better_last: winner(&lasts, higher).map(|index| runs[index].label.clone()),
            runs: values,
        }
    };
    names.into_iter().map(metric).collect()
}

fn values(series: &Series) -> Option<Values> {
    let (last_epoch, last) = series.values.last_key_value()?;
    let known = series.values.iter().filter_map(|(epoch, value)| Some((*epoch, (*value)?)));
    // Of equal values the first one counts.
    let best = known.reduce(|best, it| {
        let better = if series.higher_is_better { it.1 > best.1 } else { it.1 < best.1 };
        if better { it } else { best }
    });
    Some(Values {
        best: best.map(|(_, value)| value),
        best_epoch: best.map(|(epoch, _)| epoch),
        last: *last,
        last_epoch: *last_epoch,
    })
}

/// The only one with the best value, among two or more that have one.
fn winner(values: &[Option<f64>], higher: bool) -> Option<usize> {
    let known: Vec<_> = values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))).collect();
    let sign = if higher { 1.0 } else { -1.0 };
    let (index, best) = *known.iter().max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
    let alone = known.iter().filter(|(_, value)| *value == best).count() == 1;
    (known.len() > 1 && alone).then_some(index)
}

fn alerts(facts: &[Facts]) -> Vec<Rule> {
    let rules: BTreeSet<_> = facts.iter().flat_map(|facts| facts.rules.keys()).collect();
    let of = |facts: &Facts, rule: &str| Raised {
        raised: facts.rules.get(rule).map_or(0, |it| it.raised),
        worst: facts.rules.get(rule).and_then(|it| it.worst),
        active: facts.alerts.active_of(rule),
    };
    let rule = |rule: &String| Rule {
        rule: rule.clone(),
        runs: facts.iter().map(|facts| of(facts, rule)).collect(),
    };
    rules.into_iter().map(rule).collect()
}

fn settling(facts: &[Facts]) -> Vec<Layer> {
    let mut layers: Vec<&String> = vec![];
    for layer in facts.iter().flat_map(|facts| &facts.settling).flat_map(|it| &it.layers) {
        if !layers.contains(&&layer.layer) {
            layers.push(&layer.layer);
        }
    }
    let of = |facts: &Facts, layer: &str| {
        let found = facts.settling.as_ref()?.layers.iter().find(|it| it.layer == layer)?;
        Some(Settled { state: words::json_word(&found.state), since: found.since })
    };
    let row = |layer: &String| Layer {
        layer: layer.clone(),
        runs: facts.iter().map(|facts| of(facts, layer)).collect(),
    };
    layers.into_iter().map(row).collect()
}

fn order(facts: &Facts) -> Option<Order> {
    facts.settling.as_ref().map(|it| Order {
        epoch: it.epoch,
        statement: it.statement.clone(),
        tau: it.order,
    })
}

fn compare_health(facts: &[Facts], logs: &[RunLog]) -> Result<Option<Health>, SinkError> {
    let epochs = facts.iter().map(|facts| facts.health_epochs.clone());
    let common = epochs.reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default();
    let Some(epoch) = common.last().copied() else { return Ok(None) };
    let readings =
        logs.iter().map(|log| health(log, epoch)).collect::<Result<Vec<BTreeMap<_, _>>, _>>()?;
    let scale = |statistic: &str| {
        let all = facts.iter().flat_map(|facts| &facts.watchlist).flat_map(|it| &it.statistics);
        all.into_iter().find(|it| it.name == statistic).map(|it| it.scale)
    };
    let mut differences = vec![];
    for (layer, statistic) in readings[0].keys() {
        let key = (layer.clone(), statistic.clone());
        let values: Option<Vec<f64>> =
            readings.iter().map(|readings| readings.get(&key).copied().flatten()).collect();
        let Some(values) = values else { continue };
        let distance = distance(&values, scale(statistic));
        differences.push(Difference { layer: key.0, statistic: key.1, values, distance });
    }
    let compared = differences.len();
    differences.sort_by(|a, b| b.distance.total_cmp(&a.distance));
    differences.retain(|difference| difference.distance > 0.0);
    differences.truncate(SHOWN);
    Ok(Some(Health { epoch, rule: HEALTH_RULE, compared, differences }))
}

fn distance(values: &[f64], scale: Option<Scale>) -> f64 {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match scale {
        Some(Scale::Share | Scale::Signed) => high - low,
        Some(Scale::Linear | Scale::Logarithmic) | None => {
            let size = low.abs().max(high.abs());
            if size > 0.0 { (high - low) / size } else { 0.0 }
        }
    }
}

fn split<S: serde::Serializer>(split: &Split, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(words::split(*split))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_better_depends_on_the_metric() {
        let check = |values: &[Option<f64>], higher, expected| {
            assert_eq!(winner(values, higher), expected, "{values:?}");
        };
        check(&[Some(1.0), Some(2.0)], true, Some(1));
        check(&[Some(1.0), Some(2.0)], false, Some(0));
        check(&[Some(1.0), Some(1.0)], true, None);
        check(&[Some(1.0), Some(1.0), Some(0.5)], false, Some(2));
        check(&[Some(1.0), None], true, None);
        check(&[None, None], true, None);
        check(&[], true, None);
    }

    #[test]
    fn the_first_of_equal_values_is_the_best() {
        let values_of = |higher_is_better, list: &[(u32, Option<f64>)]| {
            let values = list.iter().copied().collect();
            let series = Series { unit: None, higher_is_better, values };
            super::values(&series).map(|it| (it.best, it.best_epoch, it.last, it.last_epoch))
        };
        let list = [(1, Some(2.0)), (2, Some(1.0)), (3, Some(1.0)), (4, None)];
        assert_eq!(values_of(false, &list), Some((Some(1.0), Some(2), None, 4)));
        assert_eq!(values_of(true, &list), Some((Some(2.0), Some(1), None, 4)));
        assert_eq!(values_of(true, &[(1, None)]), Some((None, None, None, 1)));
        assert_eq!(values_of(true, &[]), None);
    }

    #[test]
    fn distances_are_those_of_the_rule() {
        let check = |values: &[f64], scale, expected: f64| {
            assert!((distance(values, scale) - expected).abs() < 1e-12);
        };
        check(&[0.25, 0.75, 0.5], Some(Scale::Share), 0.5);
        check(&[-0.5, 0.5], Some(Scale::Signed), 1.0);
        check(&[1.0, 4.0], Some(Scale::Logarithmic), 0.75);
        check(&[0.0, 0.0], None, 0.0);
    }
}
