use spyhole_protocol::{Document, OccludedPrediction, OccludedQuantity};

use super::{Cell, EPOCH, IMAGE, RECORD, Table, column};
use crate::words;

const OF: super::Column = column("of", "", "what it is read of: prediction, output, or map");
const WHOSE: super::Column = column("layer", "", "the layer of the map; empty for others");
const WHICH: super::Column = column("map", "", "the feature map; empty for others");

/// A class's probability, or a number that is no class.
fn kind(of: &OccludedPrediction) -> &'static str {
    match of.quantity {
        OccludedQuantity::Probability => "prediction",
        OccludedQuantity::Number => "output",
    }
}

pub(super) const GRIDS: Table = Table {
    file: "documents/occlusion.csv",
    about: "What is left of the prediction, of a number of the output, or of a feature map, when a square covers part of a probe image.",
    columns: &[
        RECORD,
        EPOCH,
        IMAGE,
        OF,
        WHOSE,
        WHICH,
        column("top", "px", "top row of the square"),
        column("left", "px", "its left column"),
        column(
            "value",
            "see of",
            "probability of the class, number of the output, or sum of the map's activation; empty: not finite",
        ),
        column("top_class", "", "for a prediction: the most probable class"),
    ],
    rows: |look, rows| {
        let Some(Document::Occlusion(it)) = look.document else { return };
        let places: Vec<_> = it
            .rows
            .iter()
            .flat_map(|row| it.columns.iter().map(move |column| (row, column)))
            .collect();
        if let Some(prediction) = &it.prediction {
            for (i, (top, left)) in places.iter().enumerate() {
                rows.push(&[
                    look.record(),
                    it.epoch.into(),
                    it.image.into(),
                    kind(prediction).into(),
                    Cell::Empty,
                    Cell::Empty,
                    (**top).into(),
                    (**left).into(),
                    prediction.probabilities.get(i).copied().flatten().into(),
                    prediction.top.get(i).copied().into(),
                ]);
            }
        }
        for layer in &it.layers {
            for (i, (top, left)) in places.iter().enumerate() {
                rows.push(&[
                    look.record(),
                    it.epoch.into(),
                    it.image.into(),
                    "map".into(),
                    (&layer.layer).into(),
                    layer.map.into(),
                    (**top).into(),
                    (**left).into(),
                    layer.sums.get(i).copied().flatten().into(),
                    Cell::Empty,
                ]);
            }
        }
    },
};

pub(super) const SUMMARY: Table = Table {
    file: "documents/occlusion-summary.csv",
    about: "An occlusion as a whole, for the prediction and for each layer.",
    columns: &[
        RECORD,
        EPOCH,
        IMAGE,
        column("square", "px", "side of the square"),
        column("stride", "px", "how far it moves each time"),
        column("fill", "", "what is put into it: grey, mean or blur"),
        OF,
        WHOSE,
        WHICH,
        column(
            "class",
            "",
            "for a prediction: the class whose probability is read; for an output: its number",
        ),
        column("clean", "see of", "the value for the whole image"),
        column(
            "clean_top_class",
            "",
            "for a prediction: the most probable class for the whole image; for an output: the number of the largest \
             magnitude",
        ),
        column(
            "pixels",
            "",
            "tile of the record's picture with the mean drop per pixel; mid-grey is zero",
        ),
        column(
            "pixels_scale",
            "as the value",
            "white and black in that tile are plus and minus this",
        ),
        column("projection", "", "for a map: tile with its deconvnet projection"),
        column(
            "projection_scale",
            "normalised input",
            "white and black in that tile are plus and minus this",
        ),
        column("other_fill", "", "for a prediction or an output: another filling, for comparison"),
        column(
            "other_fill_correlation",
            "-1 to 1",
            "rank correlation of the drops with both fillings",
        ),
        column(
            "correlation",
            "-1 to 1",
            "for a map: rank correlation of the drop and the projection",
        ),
        column("correlation_of_others", "-1 to 1", "what the projections of other images reach"),
        column(
            "overlap",
            "0 to 1",
            "for a map: overlap of the top 20 % of the drop and the projection",
        ),
        column("overlap_of_others", "0 to 1", "what the projections of other images reach"),
    ],
    rows: |look, rows| {
        let Some(Document::Occlusion(it)) = look.document else { return };
        let whole = || -> [Cell<'_>; 6] {
            [
                look.record(),
                it.epoch.into(),
                it.image.into(),
                it.square.into(),
                it.stride.into(),
                words::json_word(&it.fill).into(),
            ]
        };
        if let Some(of) = &it.prediction {
            let rest = [
                kind(of).into(),
                Cell::Empty,
                Cell::Empty,
                of.class.into(),
                of.clean.into(),
                of.clean_top.into(),
                of.pixels.into(),
                of.pixels_scale.into(),
                Cell::Empty,
                Cell::Empty,
                of.other_fill.map(|other| words::json_word(&other.fill)).into(),
                of.other_fill.and_then(|other| other.correlation).into(),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
            ];
            rows.push(&[&whole()[..], &rest[..]].concat());
        }
        for of in &it.layers {
            let rest = [
                "map".into(),
                (&of.layer).into(),
                of.map.into(),
                Cell::Empty,
                of.clean.into(),
                Cell::Empty,
                of.pixels.into(),
                of.pixels_scale.into(),
                of.projection.into(),
                of.projection_scale.into(),
                Cell::Empty,
                Cell::Empty,
                of.agreement.correlation.into(),
                of.agreement.correlation_of_others.into(),
                of.agreement.overlap.into(),
                of.agreement.overlap_of_others.into(),
            ];
            rows.push(&[&whole()[..], &rest[..]].concat());
        }
    },
};
