use spyhole_protocol::Event;

use super::{EPOCH, LAYER, RECORD, Table, column};
use crate::words;

pub(super) const FILTERS: Table = Table {
    file: "filters.csv",
    about: "A filter of a convolution after an epoch. Numbers carry four significant digits.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("parameter", "", "the convolution's parameter path"),
        column("filter", "", "counted from 0; its picture is this tile of the record's picture"),
        column("state", "", "the verdict in a word"),
        column(
            "q",
            "",
            "Q, a two-dimensional Ljung-Box statistic: about 4 for noise, larger is more structured",
        ),
        column("p_value", "0 to 1", "probability that independent random weights reach this Q"),
        column(
            "r1",
            "-1.5 to 1.5",
            "correlation of neighbouring weights: 0 for noise, positive for smooth filters",
        ),
        column("rms", "as the weights", "root mean square of the weights"),
        column("change", "1", "relative change since the snapshot before"),
        column("distance", "1", "relative distance from the initial weights"),
        column("duplicate_of", "", "the filter that it is nearly the same as, up to sign"),
    ],
    rows: |look, rows| {
        let Event::LayerFilters(it) = look.event() else { return };
        let readings = &it.readings;
        for (i, state) in readings.state.iter().enumerate() {
            let at = |list: &[Option<f32>]| list.get(i).copied().flatten();
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                (&it.parameter).into(),
                i.into(),
                words::json_word(state).into(),
                at(&readings.q).into(),
                at(&readings.p_value).into(),
                at(&readings.r1).into(),
                at(&readings.rms).into(),
                at(&readings.change).into(),
                at(&readings.distance).into(),
                readings.duplicate_of.get(i).copied().flatten().into(),
            ]);
        }
    },
};

pub(super) const TESTS: Table = Table {
    file: "filter-tests.csv",
    about: "What the filters of a convolution are compared with after an epoch.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("parameter", "", "the convolution's parameter path"),
        column(
            "picture",
            "",
            "weights: tiles show the filters as they are; dominant_pattern: their main pattern",
        ),
        column("scale", "as the weights", "white and black in the tiles are plus and minus this"),
        column("degrees_of_freedom", "", "of Q's chi-squared distribution"),
        column("q_critical", "", "Q above this is significant structure"),
        column("level", "0 to 1", "significance level of one filter's test"),
        column("r1_null_deviation", "", "standard deviation of r1 for independent random weights"),
        column("caution", "", "what a kernel of this size, or the kind of input, cannot tell"),
    ],
    rows: |look, rows| {
        let Event::LayerFilters(it) = look.event() else { return };
        rows.push(&[
            look.record(),
            it.epoch.into(),
            (&it.layer).into(),
            (&it.parameter).into(),
            words::json_word(&it.picture).into(),
            it.scale.into(),
            it.test.degrees_of_freedom.into(),
            it.test.q_critical.into(),
            it.test.level.into(),
            it.test.r1_null_deviation.into(),
            it.test.caution.as_ref().into(),
        ]);
    },
};
