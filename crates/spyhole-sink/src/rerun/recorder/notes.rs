//! What else happened, as a log.

use re_sdk_types::archetypes::TextLog;
use re_sdk_types::components::TextLogLevel;
use spyhole_protocol::{Fault, SnapshotDropped, StopAsked};

use super::Scene;
use crate::SinkResult;

pub(super) fn note(scene: &Scene, text: String, level: &str) -> SinkResult {
    scene.log("log/notes", &TextLog::new(text).with_level(level))
}

pub(super) fn fault(scene: &Scene, fault: &Fault) -> SinkResult {
    let text = format!("{}: {}", fault.part, fault.message);
    scene.log("log/faults", &TextLog::new(text).with_level(TextLogLevel::ERROR))
}

pub(super) fn dropped(scene: &Scene, dropped: &SnapshotDropped) -> SinkResult {
    let text = format!(
        "epoch {} was not analysed, because an earlier one still was ({} so far)",
        dropped.epoch, dropped.total
    );
    note(scene, text, TextLogLevel::WARN)
}

pub(super) fn stop_asked(scene: &Scene, asked: &StopAsked) -> SinkResult {
    let text = format!("{} asks for the training's end after epoch {}", asked.by, asked.epoch);
    note(scene, text, TextLogLevel::INFO)
}
