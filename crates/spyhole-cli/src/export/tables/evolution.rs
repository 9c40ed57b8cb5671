use spyhole_protocol::Event;

use super::{EPOCH, LAYER, RECORD, Table, column};
use crate::words;

pub(super) const EVOLUTION: Table = Table {
    file: "evolution.csv",
    about: "How much a layer has changed since the snapshot before.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("state", "", "as in settling.csv; empty: nothing to compare with yet"),
        column("previous", "", "epoch of the snapshot before"),
        column("change", "per epoch, 0 to 1", "1 - CKA with the snapshot before"),
        column(
            "floor",
            "per epoch, 0 to 1",
            "how exact that is: half the difference between halves of the probe images",
        ),
        column("weight_change", "1", "relative change of the weights"),
        column(
            "top_overlap",
            "0 to 1",
            "Jaccard index of the maps' nine strongest images now and before, mean",
        ),
        column("top_rank_overlap", "0 to 1", "the same as rank-biased overlap (p = .8)"),
        column(
            "jumps",
            "0 to 1",
            "share of the live maps whose strongest image is another one than before",
        ),
        column(
            "projection_similarity",
            "-2 to 2",
            "cosine of a fixed image's projections now and before, less mismatched",
        ),
        column(
            "close_since",
            "epoch",
            "earliest epoch from which on 1 - CKA with now was at most .2 of the start's",
        ),
        column("top_close_since", "epoch", "the same by the maps' strongest images"),
    ],
    rows: |look, rows| {
        let Event::LayerEvolution(it) = look.event() else { return };
        rows.push(&[
            look.record(),
            it.epoch.into(),
            (&it.layer).into(),
            it.state.as_ref().map(words::json_word).into(),
            it.previous.into(),
            it.change.into(),
            it.floor.into(),
            it.weight_change.into(),
            it.top_overlap.into(),
            it.top_rank_overlap.into(),
            it.jumps.into(),
            it.projection_similarity.into(),
            it.close_since.into(),
            it.top_close_since.into(),
        ]);
    },
};

pub(super) const SIMILARITY: Table = Table {
    file: "similarity.csv",
    about: "How like a layer is to what it was in an earlier epoch.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("earlier", "epoch", "the epoch that it is compared with"),
        column(
            "similarity",
            "0 to 1",
            "unbiased linear CKA; may be slightly below 0 for unrelated ones",
        ),
    ],
    rows: |look, rows| {
        let Event::LayerEvolution(it) = look.event() else { return };
        for earlier in &it.to_earlier {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                earlier.epoch.into(),
                earlier.similarity.into(),
            ]);
        }
    },
};
