use spyhole_protocol::Document;

use super::{EPOCH, HEIGHT, IMAGE, LAYER, LEFT, RECORD, TOP, Table, WIDTH, column, field};
use crate::words;

const BASIS: super::Column = column("basis", "", "raw, standardised or whitened");

pub(super) const DIRECTIONS: Table = Table {
    file: "documents/directions.csv",
    about: "A layer's units against random directions in one basis, from studies of directions.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        BASIS,
        column(
            "units",
            "0 to 1",
            "mean purity of the unit directions' nine top images; empty without labels, with too few images, and where all are of one class",
        ),
        column("random", "0 to 1", "mean purity of the random directions"),
        column("difference", "-1 to 1", "units - random"),
        column("low", "-1 to 1", "lower end of its 95 % interval"),
        column("high", "-1 to 1", "upper end of its 95 % interval"),
        column("directions", "", "how many directions of each kind there were"),
        column("chance", "0 to 1", "purity that nine images picked at random have on average"),
        column("images", "", "how many probe images were ranked"),
        column("statement", "", "what that says"),
    ],
    rows: |look, rows| {
        let Some(Document::Directions(it)) = look.document else { return };
        for basis in &it.bases {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                words::json_word(&basis.basis).into(),
                basis.units.into(),
                basis.random.into(),
                basis.difference.into(),
                basis.low.into(),
                basis.high.into(),
                basis.directions.into(),
                it.chance.into(),
                it.images.into(),
                (&basis.statement).into(),
            ]);
        }
    },
};

pub(super) const HITS: Table = Table {
    file: "documents/direction-hits.csv",
    about: "One of the probe images that lie furthest along a direction, from studies of directions.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        BASIS,
        column("kind", "", "unit or random"),
        column("direction", "", "counted from 0 among those of its kind that are shown"),
        column("map", "", "the feature map, for a unit direction"),
        column("purity", "0 to 1", "of the direction: share of the commonest class among its hits"),
        column("class", "", "that class"),
        column("rank", "", "1 is the furthest"),
        IMAGE,
        column("row", "", "row of the position that is furthest along the direction"),
        column("column", "", "its column"),
        column("value", "", "how far: the centred activation times the direction"),
        TOP,
        LEFT,
        HEIGHT,
        WIDTH,
        column("patch", "", "tile of the record's picture with the image patch"),
    ],
    rows: |look, rows| {
        let Some(Document::Directions(it)) = look.document else { return };
        for basis in &it.bases {
            for (kind, views) in [("unit", &basis.unit_views), ("random", &basis.random_views)] {
                for (direction, view) in views.iter().enumerate() {
                    for (i, hit) in view.hits.iter().enumerate() {
                        let [top, left, height, width] = field(&hit.field);
                        rows.push(&[
                            look.record(),
                            it.epoch.into(),
                            (&it.layer).into(),
                            words::json_word(&basis.basis).into(),
                            kind.into(),
                            direction.into(),
                            view.map.into(),
                            view.purity.into(),
                            view.class.into(),
                            (i + 1).into(),
                            hit.image.into(),
                            hit.row.into(),
                            hit.column.into(),
                            hit.value.into(),
                            top,
                            left,
                            height,
                            width,
                            hit.patch.into(),
                        ]);
                    }
                }
            }
        }
    },
};
