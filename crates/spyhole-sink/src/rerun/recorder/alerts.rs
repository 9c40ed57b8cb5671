//! Alerts as a log with levels.

use re_sdk_types::archetypes::TextLog;
use re_sdk_types::components::TextLogLevel;
use spyhole_protocol::{Alert, AlertState, Severity, Silence};

use super::Scene;
use super::paths::alert_path;
use crate::SinkResult;

pub(super) fn alert(scene: &Scene, alert: &Alert) -> SinkResult {
    let level = match (alert.state, alert.severity) {
        (AlertState::Resolved, _) | (_, Severity::Info) => TextLogLevel::INFO,
        (_, Severity::Warning) => TextLogLevel::WARN,
        (_, Severity::Critical) => TextLogLevel::CRITICAL,
    };
    let state = match alert.state {
        AlertState::Raised => "",
        AlertState::Updated => "still: ",
        AlertState::Resolved => "ended: ",
    };
    let silenced = if alert.silenced { " (silenced)" } else { "" };
    let mut text = format!("{state}{}{silenced}. {}", alert.title, alert.message);
    for hint in &alert.hints {
        text.push('\n');
        text.push_str(hint);
    }
    scene.log(alert_path(alert.layer.as_deref()), &TextLog::new(text).with_level(level))
}

pub(super) fn silence(scene: &Scene, silence: &Silence) -> SinkResult {
    let Silence { rule, layer, silenced } = silence;
    let what = if *silenced { "is silenced" } else { "is heard again" };
    let place = layer.as_ref().map(|layer| format!(" on {layer}")).unwrap_or_default();
    let text = TextLog::new(format!("the alert `{rule}`{place} {what}"));
    scene.log(alert_path(layer.as_deref()), &text.with_level(TextLogLevel::INFO))
}
