//! Words for what is printed and exported.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use spyhole_protocol::{Event, Record, RunEnded, RunOutcome, Severity, Split};

/// The word that JSON has for a variant without fields: `noise_like`. Empty for anything else.
pub(crate) fn json_word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

pub(crate) fn outcome(outcome: RunOutcome) -> &'static str {
    match outcome {
        RunOutcome::Finished => "finished",
        RunOutcome::Interrupted => "interrupted",
        RunOutcome::Failed => "failed",
    }
}

/// What there was no time left for.
pub(crate) fn left_out(ended: &RunEnded) -> Option<String> {
    let count = ended.studies_left_out;
    (count > 0).then(|| format!("no time was left for scheduled studies, {count} were left out"))
}

pub(crate) fn split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Valid => "valid",
    }
}

/// A number for reading: four significant digits, or nothing but "not finite".
pub(crate) fn number(value: Option<f64>) -> String {
    match value {
        None => "not finite".into(),
        Some(0.0) => "0".into(),
        Some(value) if !(1e-3..1e6).contains(&value.abs()) => format!("{value:.3e}"),
        Some(value) => {
            let before = value.abs().log10().floor() as i32 + 1;
            let digits = usize::try_from(4 - before.max(0)).unwrap_or(0);
            let text = format!("{value:.digits$}");
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').into(),
                false => text,
            }
        }
    }
}

/// "1 record", "7 records".
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What comes from a run is not trusted with the terminal: control characters are made visible.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The event's kind, as in its JSON.
pub(crate) fn kind(event: &Event) -> &'static str {
    match event {
        Event::RunStarted(_) => "run_started",
        Event::Watchlist(_) => "watchlist",
        Event::Metric(_) => "metric",
        Event::LayerFeatures(_) => "layer_features",
        Event::LayerFilters(_) => "layer_filters",
        Event::LayerHealth(_) => "layer_health",
        Event::NetworkHealth(_) => "network_health",
        Event::LayerDistributions(_) => "layer_distributions",
        Event::Alert(_) => "alert",
        Event::Silence(_) => "silence",
        Event::StopAsked(_) => "stop_asked",
        Event::LayerEvolution(_) => "layer_evolution",
        Event::Settling(_) => "settling",
        Event::Study(_) => "study",
        Event::EpochAnalysed(_) => "epoch_analysed",
        Event::SnapshotDropped(_) => "snapshot_dropped",
        Event::Fault(_) => "fault",
        Event::RunEnded(_) => "run_ended",
    }
}

/// Whether the record stands for one that is damaged in the store (see
/// [`RunLog::records_after`](spyhole_sink::RunLog::records_after)).
pub(crate) fn is_damaged(record: &Record) -> bool {
    matches!(&record.event, Event::Fault(fault) if fault.part == "run store"
        && fault.message.starts_with(&format!("record {} is damaged", record.seq)))
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let check = |value, expected: &str| assert_eq!(number(Some(value)), expected);
        check(0.0, "0");
        check(97.5, "97.5");
        check(0.123456, "0.1235");
        check(-1.0, "-1");
        check(1234.56, "1235");
        check(123_456.0, "123456");
        check(1.5e-7, "1.500e-7");
        check(2e9, "2.000e9");
        assert_eq!(number(None), "not finite");
    }

    #[test]
    fn kinds_are_those_of_the_json() {
        for event in crate::made_up::one_of_each_kind() {
            assert_eq!(serde_json::to_value(&event).unwrap()["kind"], kind(&event));
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\nü"), "a\u{fffd}[2Jb\u{fffd}ü");
    }
}
