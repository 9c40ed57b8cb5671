use spyhole_protocol::Event;

use super::{Cell, EPOCH, RECORD, TIME, Table, column};
use crate::words;

const ABOUT: super::Column =
    column("layer", "", "the layer it is about; empty: the training as a whole");

pub(super) const ALERTS: Table = Table {
    file: "alerts.csv",
    about: "An alert is raised, has changed, or has ended.",
    columns: &[
        RECORD,
        TIME,
        EPOCH,
        column("rule", "", "the rule that raised it, as in rules.csv"),
        ABOUT,
        column("metric", "", "the statistic, or the metric of the training"),
        column("state", "", "raised, updated or resolved"),
        column("severity", "", "info, warning or critical: now or, if it has ended, at its worst"),
        column("since", "epoch", "the epoch in which it was raised"),
        column("value", "as the metric", "the reading; empty: not finite"),
        column("threshold", "as the metric", "the threshold that decided"),
        column("silenced", "", "true: no action carries it"),
        column("title", "", "what is the matter"),
        column("message", "", "what was read and what it was compared with"),
        column("hints", "", "what other statistics suggest, as a JSON list"),
        column("units", "", "the filters or feature maps it is about"),
    ],
    rows: |look, rows| {
        let Event::Alert(it) = look.event() else { return };
        rows.push(&[
            look.record(),
            look.time(),
            it.epoch.into(),
            (&it.rule).into(),
            it.layer.as_ref().into(),
            (&it.metric).into(),
            words::json_word(&it.state).into(),
            words::severity(it.severity).into(),
            it.since.into(),
            it.value.into(),
            it.threshold.into(),
            it.silenced.into(),
            (&it.title).into(),
            (&it.message).into(),
            serde_json::to_string(&it.hints).unwrap_or_default().into(),
            Cell::list(&it.units),
        ]);
    },
};

pub(super) const SILENCES: Table = Table {
    file: "silences.csv",
    about: "Somebody has silenced an alert, or lets it be heard again.",
    columns: &[
        RECORD,
        TIME,
        column("rule", "", "as in rules.csv"),
        ABOUT,
        column("silenced", "", "true: silenced; false: heard again"),
    ],
    rows: |look, rows| {
        let Event::Silence(it) = look.event() else { return };
        rows.push(&[
            look.record(),
            look.time(),
            (&it.rule).into(),
            it.layer.as_ref().into(),
            it.silenced.into(),
        ]);
    },
};
