//! Sentences about alerts.

use spyhole_protocol::{Compare, Place, Scale, Severity};

use super::readings::Running;
use super::watched::Change;
use crate::rule::Rule;

/// What a sentence is about.
pub(super) struct What<'a> {
    /// Of a layer, of a metric of the training; of the network as a whole.
    pub(super) name: &'a str,
    /// The first place in the network that was found.
    pub(super) place: Option<&'a Place>,
}

/// "conv1: filters look like noise"; "c2.bias: not finite from here on".
pub(super) fn title(rule: &Rule, what: &What<'_>) -> String {
    format!("{}: {}", what.place.map_or(what.name, |place| &place.name), rule.title)
}

/// "81 % of conv1's filters cannot be told from noise (alert from 50 %, 3 epochs running)."
pub(super) fn raised(
    rule: &Rule,
    what: &What<'_>,
    value: f64,
    level: usize,
    running: Running,
) -> String {
    let mut notes = Vec::from_iter(threshold(rule, level).map(|from| format!("alert {from}")));
    notes.extend(duration(running));
    sentence(rule, what, value, &notes)
}

/// "… (now critical: from 50 %; alert since epoch 7)."
pub(super) fn changed(
    rule: &Rule,
    what: &What<'_>,
    value: f64,
    level: usize,
    since: u32,
    change: Change,
) -> String {
    let from = threshold(rule, level);
    let alert = from.as_ref().map_or_else(|| "alert".into(), |from| format!("alert {from}"));
    let notes = match change {
        Change::Severity => {
            let severity = match rule.levels[level].severity {
                Severity::Info => "for information",
                Severity::Warning => "a warning",
                Severity::Critical => "critical",
            };
            let from = from.map(|from| format!(", {from}")).unwrap_or_default();
            vec![format!("now {severity}{from}"), format!("alert since epoch {since}")]
        }
        Change::Worse { from } => {
            vec![format!("was {}", number(rule, from)), alert, format!("since epoch {since}")]
        }
        Change::Units => {
            vec!["mostly others than before".into(), alert, format!("since epoch {since}")]
        }
    };
    sentence(rule, what, value, &notes)
}

/// "32 % of conv1's filters cannot be told from noise (alert ended: below 35 %, 2 epochs running)."
pub(super) fn ended(rule: &Rule, what: &What<'_>, value: f64, running: Running) -> String {
    let good = match (rule.compare, rule.end()) {
        (Compare::AtLeast, Some(end)) if is_shown_as_zero(rule, end) => {
            format!("no longer above {}", number(rule, end))
        }
        (Compare::AtLeast, Some(end)) => format!("below {}", number(rule, end)),
        (Compare::AtMost, Some(end)) => format!("above {}", number(rule, end)),
        _ => "a finite number again".into(),
    };
    let mut notes = vec![format!("alert ended: {good}")];
    notes.extend(duration(running));
    if rule.compare == Compare::NotFinite {
        // The rule's own sentence speaks of NaN.
        return format!("{} is {} ({}).", what.name, number(rule, value), notes.join(", "));
    }
    sentence(rule, what, value, &notes)
}

pub(super) fn gives_way(to: &str) -> String {
    format!("The alert gives way to another one that explains it ({to}).")
}

/// An alert that was raised in epochs that the run has left.
pub(super) fn left(before: u32, since: u32) -> String {
    match before {
        0 => format!(
            "The training begins anew; what was read in epoch {since} is of the one before."
        ),
        _ => format!(
            "The training is continued from epoch {before}; what was read in epoch {since} belongs to what \
             it leaves."
        ),
    }
}

pub(super) fn no_longer_watched(rule: &str) -> String {
    format!(
        "The run goes on with other rules or layers, and `{rule}` no longer looks here; whether the \
         trouble is over is not known."
    )
}

fn sentence(rule: &Rule, what: &What<'_>, value: f64, notes: &[String]) -> String {
    let plain = || match rule.shown_as() {
        Some((label, _)) if rule.is_of_network() => format!("{label}: {{value}}"),
        Some((label, _)) => format!("{label} of {{layer}}: {{value}}"),
        None => "{metric} is {value}".into(),
    };
    // Without a place, a sentence about places has nothing to say.
    let speaks = |sentence: &String| what.place.is_some() || !sentence.contains(PLACE);
    let template = rule.sentence.clone().filter(speaks).unwrap_or_else(plain);
    let text = fill(&template, &number(rule, value), what);
    if notes.is_empty() { format!("{text}.") } else { format!("{text} ({}).", notes.join(", ")) }
}

const PLACE: &str = "{place}";

/// Puts value, name and place in, in one pass: a layer may be called `{value}`.
fn fill(template: &str, value: &str, what: &What<'_>) -> String {
    let place = what.place.map_or("", |place| &place.words);
    let fillings =
        [("{value}", value), ("{layer}", what.name), ("{metric}", what.name), (PLACE, place)];
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match fillings.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, filling)) => {
                text.push_str(filling);
                rest = &rest[name.len()..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

/// "from 50 %"; nothing where values are not compared with a number.
fn threshold(rule: &Rule, level: usize) -> Option<String> {
    let threshold = rule.levels.get(level)?.threshold?;
    let number = number(rule, threshold);
    match rule.compare {
        Compare::AtLeast if is_shown_as_zero(rule, threshold) => Some(format!("above {number}")),
        Compare::AtLeast => Some(format!("from {number}")),
        Compare::AtMost => Some(format!("at {number} or less")),
        Compare::NotFinite => None,
    }
}

fn is_shown_as_zero(rule: &Rule, threshold: f64) -> bool {
    threshold > 0.0 && number(rule, threshold) == number(rule, 0.0)
}

/// "3 epochs running"; nothing for a single one.
fn duration(running: Running) -> Option<String> {
    let unit = if running.gaps { "readings" } else { "epochs" };
    (running.count > 1).then(|| format!("{} {unit} running", running.count))
}

/// As the statistic's scale wants it, with three significant digits.
fn number(rule: &Rule, value: f64) -> String {
    if !value.is_finite() {
        return "not a finite number".into();
    }
    match rule.shown_as() {
        Some((_, Scale::Share)) if value.abs() < 1e-6 => "0 %".into(),
        Some((_, Scale::Share)) => format!("{} %", significant(100.0 * value)),
        _ => significant(value),
    }
}

fn significant(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e6).contains(&magnitude) {
        let text = format!("{value:.2e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let decimals = (2 - magnitude.log10().floor() as i32).max(0) as usize;
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

/// Without zeros at the end of the decimals.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, expected) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (81.27, "81.3"),
            (-0.123_45, "-0.123"),
            (1234.6, "1235"),
            (1e7, "1e7"),
            (1.234e-5, "1.23e-5"),
            (99.96, "100"),
        ] {
            assert_eq!(significant(value), expected);
        }
    }

    #[test]
    fn fillings_are_not_filled() {
        let what = What { name: "{value}", place: None };
        assert_eq!(fill("{value} of {layer}'s {x} {", "5 %", &what), "5 % of {value}'s {x} {");
    }
}
