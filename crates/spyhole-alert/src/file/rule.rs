use spyhole_protocol::{AlertLevel, Compare, Severity};

use super::section::{Section, Value};
use crate::alerts::Alerts;
use crate::error::{AlertError, Place};
use crate::layers::Layers;
use crate::rule::{Rule, Unless, WarmUp};
use crate::spelling;

const KEYS: [&str; 17] = [
    "silenced",
    "metric",
    "compare",
    "info",
    "warning",
    "critical",
    "clear",
    "patience",
    "clear_patience",
    "warm_up",
    "layers",
    "unless",
    "title",
    "sentence",
    "meaning",
    "causes",
    "advice",
];

const LEVELS: [(&str, Severity); 3] =
    [("info", Severity::Info), ("warning", Severity::Warning), ("critical", Severity::Critical)];

/// Changes the rule of that name, or adds it.
pub(super) fn apply(
    alerts: &mut Alerts,
    id: &str,
    place: Place,
    section: &Section<'_>,
) -> Result<(), AlertError> {
    section.only(&KEYS)?;
    let metric = section.text("metric")?;
    let compare = compare(section)?;
    let known = alerts.rules().iter().find(|rule| rule.id == id).cloned();
    let is_new = known.is_none();
    let mut rule = match (known, metric, compare) {
        (Some(mut rule), metric, compare) => {
            rule.metric = metric.unwrap_or(rule.metric);
            rule.compare = compare.unwrap_or(rule.compare);
            rule
        }
        (None, Some(metric), Some(compare)) => Rule::new(id.into(), metric, compare),
        (None, _, _) => return Err(incomplete(alerts, id, &place)),
    };
    levels(&mut rule, section)?;
    if is_new && rule.levels.is_empty() {
        return Err(incomplete(alerts, id, &place));
    }
    replace(&mut rule.silenced, section.flag("silenced")?);
    replace(&mut rule.clear, clear(section)?);
    replace(&mut rule.patience, section.whole("patience")?);
    replace(&mut rule.clear_patience, section.whole("clear_patience")?);
    let before = rule.warm_up;
    replace(&mut rule.warm_up, warm_up(section, before)?);
    replace(&mut rule.layers, layers(section)?);
    replace(&mut rule.unless, unless(section)?);
    replace(&mut rule.title, section.text("title")?);
    replace(&mut rule.sentence, section.text("sentence")?.map(Some));
    replace(&mut rule.meaning, section.text("meaning")?);
    replace(&mut rule.causes, section.texts("causes")?);
    replace(&mut rule.advice, section.texts("advice")?);
    rule.origin = Some(place);
    alerts.put(rule);
    Ok(())
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

fn incomplete(alerts: &Alerts, id: &str, place: &Place) -> AlertError {
    let near = spelling::nearest(id, alerts.rules().iter().map(|rule| rule.id.as_str()));
    AlertError::Incomplete {
        rule: id.into(),
        missing: "`metric`, `compare`, and at least one of `info`, `warning`, `critical`",
        hint: near.map(|near| format!("; or did you mean `{near}`?")).unwrap_or_default(),
    }
    .at(Some(place))
}

fn compare(section: &Section<'_>) -> Result<Option<Compare>, AlertError> {
    section.one_of(
        "compare",
        &[
            ("at_least", Compare::AtLeast),
            ("at_most", Compare::AtMost),
            ("not_finite", Compare::NotFinite),
        ],
    )
}

fn levels(rule: &mut Rule, section: &Section<'_>) -> Result<(), AlertError> {
    for (key, severity) in LEVELS {
        let level = match section.value(key) {
            None => continue,
            Some(Value::Flag(false)) => None,
            Some(Value::Flag(true)) => Some(AlertLevel { severity, threshold: None }),
            Some(Value::Number(number)) => Some(AlertLevel { severity, threshold: Some(number) }),
            Some(_) => return Err(section.wrong(key, "a threshold, or false for no such level")),
        };
        rule.set_level(severity, level);
    }
    Ok(())
}

fn clear(section: &Section<'_>) -> Result<Option<Option<f64>>, AlertError> {
    match section.value("clear") {
        None => Ok(None),
        Some(Value::Flag(false)) => Ok(Some(None)),
        Some(Value::Number(number)) => Ok(Some(Some(number))),
        Some(_) => Err(section.wrong("clear", "a number, or false for the mildest threshold")),
    }
}

fn warm_up(section: &Section<'_>, before: WarmUp) -> Result<Option<WarmUp>, AlertError> {
    match section.value("warm_up") {
        None => Ok(None),
        Some(Value::Table(table)) => {
            let inner = section.inner("warm_up", table);
            inner.only(&["epochs", "share"])?;
            Ok(Some(WarmUp {
                epochs: inner.whole("epochs")?.unwrap_or(before.epochs),
                share: inner.number("share")?.unwrap_or(before.share),
            }))
        }
        Some(_) => {
            let expected = "a number of epochs, or { epochs = 5, share = 0.1 }";
            let epochs =
                section.whole("warm_up").map_err(|_| section.wrong("warm_up", expected))?;
            Ok(epochs.map(|epochs| WarmUp { epochs, share: 0.0 }))
        }
    }
}

fn layers(section: &Section<'_>) -> Result<Option<Layers>, AlertError> {
    let expected = "\"all\", \"first\", or a list of names such as [\"conv1\", \"blocks.*\"]";
    match section.value("layers") {
        None => Ok(None),
        Some(Value::Text("all")) => Ok(Some(Layers::All)),
        Some(Value::Text("first")) => Ok(Some(Layers::First)),
        Some(_) => {
            let names = section.texts("layers").map_err(|_| section.wrong("layers", expected))?;
            Ok(names.map(Layers::Named))
        }
    }
}

fn unless(section: &Section<'_>) -> Result<Option<Vec<Unless>>, AlertError> {
    let Some(entries) = section.texts("unless")? else { return Ok(None) };
    let unless = entries.iter().map(|entry| {
        let Some((rule, severity)) = entry.split_once(':') else {
            return Ok(Unless { rule: entry.clone(), from: Severity::Info });
        };
        let from = LEVELS.iter().find(|(name, _)| *name == severity.trim()).ok_or_else(|| {
            section
                .wrong("unless", "rules, each alone or with a severity: \"dead-filters:critical\"")
        })?;
        Ok(Unless { rule: rule.trim().into(), from: from.1 })
    });
    unless.collect::<Result<_, _>>().map(Some)
}
