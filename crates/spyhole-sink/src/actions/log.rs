use spyhole_protocol::{AlertState, Event, Record, Severity};

use super::message::in_a_line;
use crate::{Attached, Sink, SinkResult};

/// Writes alerts that nobody has silenced to the program's log with `tracing`: raised and changed ones as warnings, or as errors
/// if critical; those that are over as information.
#[derive(Debug)]
pub struct LogAction;

impl Sink for LogAction {
    fn name(&self) -> &str {
        "log of alerts"
    }

    fn deliver(&mut self, record: &Record, _attached: &Attached) -> SinkResult {
        let Event::Alert(alert) = &record.event else { return Ok(()) };
        if alert.silenced {
            return Ok(());
        }
        let text = in_a_line("spyhole", alert);
        let (rule, layer) = (&alert.rule, alert.layer.as_deref().unwrap_or_default());
        match (alert.state, alert.severity) {
            (AlertState::Resolved, _) | (_, Severity::Info) => {
                tracing::info!(rule, layer, "{text}")
            }
            (_, Severity::Warning) => tracing::warn!(rule, layer, "{text}"),
            (_, Severity::Critical) => tracing::error!(rule, layer, "{text}"),
        }
        Ok(())
    }
}
