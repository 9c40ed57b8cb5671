//! The run itself: what is trained, which images are looked at, epochs and the end.

use std::fmt::Write;

use re_sdk_types::archetypes::{Scalars, SeriesLines, TextDocument};
use re_sdk_types::components::{MediaType, TextLogLevel};
use spyhole_protocol::{
    EpochAnalysed, LayerStatus, OutputMeaning, RunEnded, RunOutcome, RunStarted,
};

use super::pictures::Pictures;
use super::{Scene, notes};
use crate::SinkResult;

pub(super) fn started(
    scene: &mut Scene,
    started: &RunStarted,
    pictures: &dyn Pictures,
) -> SinkResult {
    let text = TextDocument::new(summary(started)).with_media_type(MediaType::markdown());
    scene.log_static("model", &text)?;
    let line = SeriesLines::new().with_names(["analysis, by the clock [s]"]);
    scene.log_static("analysis/seconds", &line)?;
    scene.log_static("progress/train", &SeriesLines::new().with_names(["share of the epoch"]))?;
    scene.probe = Some(pictures.tiles(&started.probe.atlas)?);
    Ok(())
}

pub(super) fn analysed(scene: &mut Scene, analysed: &EpochAnalysed) -> SinkResult {
    scene.log("analysis/seconds", &Scalars::single(analysed.seconds))?;
    scene.lay_out()
}

pub(super) fn ended(scene: &mut Scene, ended: &RunEnded) -> SinkResult {
    let (how, level) = match ended.outcome {
        RunOutcome::Finished => ("the training has finished", TextLogLevel::INFO),
        RunOutcome::Interrupted => ("the training was interrupted", TextLogLevel::WARN),
        RunOutcome::Failed => ("the training has failed", TextLogLevel::ERROR),
    };
    let reason = ended.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    notes::note(scene, format!("{how}{reason}"), level)?;
    if ended.studies_left_out > 0 {
        let count = ended.studies_left_out;
        let note = format!("no time was left for scheduled studies, {count} were left out");
        notes::note(scene, note, TextLogLevel::INFO)?;
    }
    scene.lay_out()
}

/// In Markdown.
fn summary(started: &RunStarted) -> String {
    let [channels, height, width] = started.input_shape;
    let mut text = format!(
        "# {}\n\n{} parameters, images of {channels} × {height} × {width}, {} probe images. \
         Recorded by spyhole {}.\n\n| layer | computes | maps | plane | sees |\n|---|---|---|---|---|\n",
        started.name, started.parameters, started.probe.atlas.count, started.spyhole_version
    );
    for layer in &started.layers {
        let [maps, height, width] = layer.shape;
        let sees = match (&layer.status, layer.receptive_field) {
            (LayerStatus::Unsupported { operation }, _) => format!("unsupported: {operation}"),
            (LayerStatus::Supported, Some(field)) => {
                format!("{} × {} px", field.size[0], field.size[1])
            }
            (LayerStatus::Supported, None) => String::new(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {maps} | {height} × {width} | {sees} |",
            layer.name, layer.description
        );
    }
    if let Some(output) = &started.output {
        let what = match (output.meaning, output.count) {
            (OutputMeaning::Classes, _) => "a number per class".to_owned(),
            (OutputMeaning::Binary, _) => "one number for two classes".to_owned(),
            (OutputMeaning::Numbers, Some(count)) => format!("{count} numbers"),
            (OutputMeaning::Numbers, None) => "no row of numbers".to_owned(),
        };
        let _ = writeln!(text, "\nPuts out {what}: {}.", output.reason);
    }
    text
}
