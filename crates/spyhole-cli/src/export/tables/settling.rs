use spyhole_protocol::Event;

use super::{EPOCH, LAYER, RECORD, Table, column};
use crate::words;

pub(super) const SETTLING: Table = Table {
    file: "settling.csv",
    about: "Whether a layer has settled, after an epoch; recorded when something has changed.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column(
            "state",
            "",
            "how it stands, or why that cannot be told: moving, settled, moved_again, frozen, never_moved, constant, dead, not_finite, images_alike, too_few_images, not_known",
        ),
        column("since", "epoch", "the epoch in which it settled"),
        column("moved_again", "", "how often it had settled and moved again"),
        column(
            "order",
            "-1 to 1",
            "of the layers with a verdict: Kendall's tau-b of settling epoch and depth; positive: lower first",
        ),
        column("order_low", "-1 to 1", "lower end of its 95 % interval"),
        column("order_high", "-1 to 1", "upper end of its 95 % interval"),
        column("statement", "", "all of it in a sentence"),
    ],
    rows: |look, rows| {
        let Event::Settling(it) = look.event() else { return };
        for layer in &it.layers {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&layer.layer).into(),
                words::json_word(&layer.state).into(),
                layer.since.into(),
                layer.moved_again.into(),
                it.order.map(|order| order.value).into(),
                it.order.map(|order| order.low).into(),
                it.order.map(|order| order.high).into(),
                (&it.statement).into(),
            ]);
        }
    },
};
