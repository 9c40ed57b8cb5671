use spyhole_protocol::Event;

use super::{EPOCH, RECORD, TIME, Table, column};
use crate::words;

pub(super) const METRICS: Table = Table {
    file: "metrics.csv",
    about: "A metric of the training for one whole epoch.",
    columns: &[
        RECORD,
        TIME,
        EPOCH,
        column("split", "", "the data it was measured on: train or valid"),
        column("metric", "", "its name, as the training calls it"),
        column(
            "value",
            "see unit",
            "mean over the items, unless the metric defines its own; empty: not finite",
        ),
        column("unit", "", "unit of the value"),
        column("higher_is_better", "", "true or false"),
    ],
    rows: |look, rows| {
        if let Event::Metric(it) = look.event() {
            rows.push(&[
                look.record(),
                look.time(),
                it.epoch.into(),
                words::split(it.split).into(),
                (&it.name).into(),
                it.value.into(),
                it.unit.as_ref().into(),
                it.higher_is_better.into(),
            ]);
        }
    },
};
