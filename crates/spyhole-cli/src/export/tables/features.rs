use spyhole_protocol::Event;

use super::{EPOCH, HEIGHT, IMAGE, LAYER, LEFT, MAP, RECORD, TOP, Table, WIDTH, column, field};

pub(super) const FEATURES: Table = Table {
    file: "features.csv",
    about: "The strongest activation of a feature map over the probe images after an epoch.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column(
            "list",
            "",
            "strongest: the strongest maps of this epoch; followed: the same maps in every epoch",
        ),
        column("rank", "", "place in the list, counted from 1"),
        MAP,
        IMAGE,
        column("row", "", "row of the strongest unit in the map"),
        column("column", "", "its column"),
        column("value", "as the activation", "its activation; empty: not finite"),
        TOP,
        LEFT,
        HEIGHT,
        WIDTH,
        column(
            "patch",
            "",
            "tile of the record's picture with the image patch; empty: not projected",
        ),
        column("projection", "", "tile with the projection; mid-grey is zero"),
        column(
            "projection_scale",
            "normalised input",
            "white and black in the projection are plus and minus this",
        ),
    ],
    rows: |look, rows| {
        let Event::LayerFeatures(it) = look.event() else { return };
        for (list, views) in [("strongest", &it.strongest), ("followed", &it.followed)] {
            for (i, view) in views.iter().enumerate() {
                let [top, left, height, width] = field(&view.field);
                rows.push(&[
                    look.record(),
                    it.epoch.into(),
                    (&it.layer).into(),
                    list.into(),
                    (i + 1).into(),
                    view.map.into(),
                    view.image.into(),
                    view.row.into(),
                    view.column.into(),
                    view.value.into(),
                    top,
                    left,
                    height,
                    width,
                    view.patch.into(),
                    view.projection.into(),
                    view.projection_scale.into(),
                ]);
            }
        }
    },
};
