use spyhole_protocol::Document;

use super::{
    Cell, EPOCH, HEIGHT, IMAGE, LAYER, LEFT, MAP, RECORD, TOP, Table, WIDTH, column, field,
};

pub(super) const ACTIVATIONS: Table = Table {
    file: "documents/activations.csv",
    about: "A feature map for one probe image, from studies of activations.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        IMAGE,
        MAP,
        column(
            "scale",
            "as the activation",
            "the largest |activation|: the scale of the map's tile",
        ),
        column("dead", "", "true: no probe image excites the map"),
        column("zero_share", "0 to 1", "share of positions at which it is zero; noise .5"),
        column("hoyer", "0 to 1", "Hoyer's sparseness over the positions; noise about .5"),
        column("treves_rolls", "0 to 1", "Treves-Rolls sparseness over the positions; noise .68"),
        column("gini", "0 to 1", "Gini coefficient of the positions; noise .71"),
        column("localisation", "1", "spread about the centre of mass; noise 1, localised below .5"),
        column("largest_component", "0 to 1", "share of the mass in the largest connected patch"),
        column("input_correlation", "-1 to 1", "correlation with the grey image"),
        column(
            "population_sparseness",
            "0 to 1",
            "of all maps for this image: Treves-Rolls over the maps",
        ),
    ],
    rows: |look, rows| {
        let Some(Document::Activations(it)) = look.document else { return };
        for (map, view) in it.maps.iter().enumerate() {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                it.image.into(),
                map.into(),
                view.scale.into(),
                view.dead.into(),
                view.zero_share.into(),
                view.hoyer.into(),
                view.treves_rolls.into(),
                view.gini.into(),
                view.localisation.into(),
                view.largest_component.into(),
                view.input_correlation.into(),
                it.population_sparseness.into(),
            ]);
        }
    },
};

pub(super) const HITS: Table = Table {
    file: "documents/unit-hits.csv",
    about: "One of the images that excite a feature map most, from studies of units.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        MAP,
        column("rank", "", "1 is the strongest"),
        column("searched", "", "name of the images that were searched"),
        column(
            "image",
            "",
            "number among the images searched; of probe images if those were searched",
        ),
        column("label", "", "its class, if it has a label"),
        column("row", "", "row of the unit in the map"),
        column("column", "", "its column"),
        column("value", "as the activation", "its activation"),
        column(
            "again",
            "as the activation",
            "the activation at a second look; empty: the image did not come again",
        ),
        column("reproduced", "", "true: the second look found the same"),
        TOP,
        LEFT,
        HEIGHT,
        WIDTH,
        column("patch", "", "tile of the record's picture with the image patch"),
        column("projection", "", "tile with the projection; mid-grey is zero"),
        column(
            "projection_scale",
            "normalised input",
            "white and black in the projection are plus and minus this",
        ),
    ],
    rows: |look, rows| {
        let Some(Document::Units(it)) = look.document else { return };
        for unit in &it.units {
            for (i, hit) in unit.hits.iter().enumerate() {
                let [top, left, height, width] = field(&hit.field);
                rows.push(&[
                    look.record(),
                    it.epoch.into(),
                    (&it.layer).into(),
                    unit.map.into(),
                    (i + 1).into(),
                    (&it.searched.name).into(),
                    hit.image.into(),
                    hit.label.into(),
                    hit.row.into(),
                    hit.column.into(),
                    hit.value.into(),
                    hit.again.into(),
                    hit.reproduced.into(),
                    top,
                    left,
                    height,
                    width,
                    hit.patch.into(),
                    hit.projection.into(),
                    hit.projection_scale.into(),
                ]);
            }
        }
    },
};

pub(super) const READINGS: Table = Table {
    file: "documents/map-readings.csv",
    about: "The readings of a feature map over the probe images, from studies of units.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        MAP,
        column("dead", "", "true: no probe image excites the map"),
        column(
            "largest",
            "as the activation",
            "the largest |activation| over images and positions",
        ),
        column("zero_share", "0 to 1", "share of zeros over images and positions; noise .5"),
        column(
            "hoyer",
            "0 to 1",
            "Hoyer's sparseness over the positions, mean over the images; noise about .5",
        ),
        column("lifetime_sparseness", "0 to 1", "Treves-Rolls sparseness over the images"),
        column(
            "localisation",
            "1",
            "spread about the centre of mass, mean over the images; noise 1",
        ),
        column("input_likeness", "0 to 1", "mean |correlation| with the grey image"),
        column("churn", "0 to 1", "how much of the top images is new since the earlier study"),
        column("earlier", "epoch", "the epoch of that study"),
        column("images_searched", "", "how many different images were searched for top images"),
        column("images_repeated", "", "how many came again and were left out"),
    ],
    rows: |look, rows| {
        let Some(Document::Units(it)) = look.document else { return };
        let readings = &it.readings;
        for (i, unit) in it.units.iter().enumerate() {
            let at = |list: &[Option<f32>]| -> Cell<'_> { list.get(i).copied().flatten().into() };
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                unit.map.into(),
                readings.dead.get(i).copied().into(),
                at(&readings.largest),
                at(&readings.zero_share),
                at(&readings.hoyer),
                at(&readings.lifetime_sparseness),
                at(&readings.localisation),
                at(&readings.input_likeness),
                unit.churn.into(),
                it.earlier.into(),
                it.searched.count.into(),
                it.searched.repeated.into(),
            ]);
        }
    },
};
