use spyhole_protocol::Document;

use super::{EPOCH, RECORD, Table, column};

pub(super) const SYNTHESIS: Table = Table {
    file: "documents/synthesis.csv",
    about: "An image made by gradient ascent to excite a feature map, a class or a number of the output.",
    columns: &[
        RECORD,
        EPOCH,
        column("layer", "", "the layer of the map; empty for the output"),
        column(
            "target",
            "",
            "the feature map; where there is no layer, the class or the number of the output, as outputs.csv says",
        ),
        column(
            "start",
            "as the activation or logit",
            "the target's value for the noise it started from",
        ),
        column("end", "as the activation or logit", "the value for the image made"),
        column(
            "natural",
            "as the activation or logit",
            "the largest value that a probe image reaches",
        ),
        column("tile", "", "tile of the record's picture; empty: it could not be made"),
        column("recipe", "", "how it was made"),
    ],
    rows: |look, rows| {
        let Some(Document::Synthesis(it)) = look.document else { return };
        for view in &it.views {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                it.layer.as_ref().into(),
                view.target.into(),
                view.start.into(),
                view.end.into(),
                view.natural.into(),
                view.tile.into(),
                (&it.recipe).into(),
            ]);
        }
    },
};
