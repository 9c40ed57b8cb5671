use spyhole_protocol::{Event, LayerStatus, OutputMeaning};

use super::{Cell, IMAGE, LAYER, RECORD, Table, column};
use crate::words;

/// Rows at most of what a model puts out.
const MOST_OUTPUTS: u32 = 100_000;

pub(super) const LAYERS: Table = Table {
    file: "layers.csv",
    about: "A watched layer, in the order in which the model computes them; once for each start of the run.",
    columns: &[
        RECORD,
        LAYER,
        column("folder", "", "what the layer's files and folders are called"),
        column("description", "", "what it computes"),
        column("channels", "", "feature maps of its activation"),
        column("height", "", "rows of its activation"),
        column("width", "", "columns of its activation"),
        column("field_height", "px", "rows of the input that one unit sees"),
        column("field_width", "px", "columns of the input that one unit sees"),
        column("field_status", "", "exact, upper_bound or data_dependent"),
        column(
            "unsupported",
            "",
            "the operation for which nothing is shown of the layer; empty: supported",
        ),
        column(
            "outside_definition",
            "",
            "operation on the way to the pixels that the deconvnet does not define",
        ),
        column("followed", "", "feature maps that are followed through all epochs"),
        column("first", "", "true: it sees the input image itself"),
    ],
    rows: |look, rows| {
        let Event::RunStarted(started) = look.event() else { return };
        for layer in &started.layers {
            let field = layer.receptive_field.as_ref();
            let unsupported = match &layer.status {
                LayerStatus::Supported => None,
                LayerStatus::Unsupported { operation } => Some(operation),
            };
            rows.push(&[
                look.record(),
                (&layer.name).into(),
                look.files.folders.known(&layer.name).into(),
                (&layer.description).into(),
                layer.shape[0].into(),
                layer.shape[1].into(),
                layer.shape[2].into(),
                field.map(|field| field.size[0]).into(),
                field.map(|field| field.size[1]).into(),
                field.map(|field| words::json_word(&field.status)).into(),
                unsupported.into(),
                layer.outside_definition.as_ref().into(),
                Cell::list(&layer.followed),
                layer.first.into(),
            ]);
        }
    },
};

pub(super) const PROBE: Table = Table {
    file: "probe.csv",
    about: "An image that the layers are probed with; once for each start of the run.",
    columns: &[
        RECORD,
        IMAGE,
        column("label", "", "its class, counted from 0; empty if no labels were given"),
        column("class", "", "the class's name"),
    ],
    rows: |look, rows| {
        let Event::RunStarted(started) = look.event() else { return };
        let probe = &started.probe;
        for image in 0..probe.atlas.count {
            let label = probe.labels.get(image as usize);
            let class = label.and_then(|label| probe.class_names.get(*label as usize));
            rows.push(&[look.record(), image.into(), label.copied().into(), class.into()]);
        }
    },
};

pub(super) const OUTPUTS: Table = Table {
    file: "outputs.csv",
    about: "A number that the model puts out for an image, or a class that it speaks for; once for each start of the run.",
    columns: &[
        RECORD,
        column(
            "meaning",
            "",
            "classes, binary (one number for two classes), or numbers that are not known to be classes",
        ),
        column("number", "", "counted from 0; empty: the output is no row of numbers"),
        column("name", "", "its name, or its class's"),
        column("reason", "", "why it is taken to be that"),
    ],
    rows: |look, rows| {
        let Event::RunStarted(started) = look.event() else { return };
        let Some(output) = &started.output else { return };
        let count = match output.meaning {
            OutputMeaning::Binary => Some(2),
            _ => output.count,
        };
        // A store can claim any number.
        let numbers: Vec<_> = match count {
            Some(count) => (0..count.min(MOST_OUTPUTS)).map(Some).collect(),
            None => vec![None],
        };
        for number in numbers {
            let name = number.map(|number| output.name(number, &started.probe.class_names));
            rows.push(&[
                look.record(),
                words::json_word(&output.meaning).into(),
                number.into(),
                name.as_ref().into(),
                (&output.reason).into(),
            ]);
        }
    },
};

pub(super) const STATISTICS: Table = Table {
    file: "statistics.csv",
    about: "A statistic of health.csv; once for each start of the run.",
    columns: &[
        RECORD,
        column("statistic", "", "its name"),
        column("label", "", "short name on the screen"),
        column("subject", "", "what it looks at: filters, maps or network"),
        column("scale", "", "share (0 to 1), signed (-1 to 1), linear or logarithmic"),
        column("meaning", "", "what it measures, and what a bad reading means"),
        column("formula", "", "how it is computed"),
    ],
    rows: |look, rows| {
        let Event::Watchlist(watchlist) = look.event() else { return };
        for it in &watchlist.statistics {
            rows.push(&[
                look.record(),
                (&it.name).into(),
                (&it.label).into(),
                words::json_word(&it.subject).into(),
                words::json_word(&it.scale).into(),
                (&it.meaning).into(),
                (&it.formula).into(),
            ]);
        }
    },
};

pub(super) const RULES: Table = Table {
    file: "rules.csv",
    about: "A level of an alert rule; once for each start of the run. All of a rule is in run.json.",
    columns: &[
        RECORD,
        column("rule", "", "the rule's name"),
        column("title", "", "what it finds"),
        column("metric", "", "the statistic, or the metric of the training, that it looks at"),
        column(
            "layers",
            "",
            "the layers it looks at, as a JSON list; empty list: the training as a whole",
        ),
        column("compare", "", "at_least, at_most or not_finite: when a value is bad"),
        column("severity", "", "how bad it is to be beyond the threshold"),
        column("threshold", "as the metric", "the threshold"),
        column(
            "clear",
            "as the metric",
            "the alert ends on the good side of this; empty: of the mildest threshold",
        ),
        column("warm_up", "epochs", "epochs up to here are not looked at"),
        column("patience", "readings", "so many running must be bad before an alert is raised"),
        column("clear_patience", "readings", "so many running must be good before it ends"),
        column("silenced", "", "true: the user has switched it off"),
    ],
    rows: |look, rows| {
        let Event::Watchlist(watchlist) = look.event() else { return };
        for it in &watchlist.rules {
            let layers = serde_json::to_string(&it.layers).unwrap_or_default();
            for level in &it.levels {
                rows.push(&[
                    look.record(),
                    (&it.id).into(),
                    (&it.title).into(),
                    (&it.metric).into(),
                    layers.clone().into(),
                    words::json_word(&it.compare).into(),
                    words::severity(level.severity).into(),
                    level.threshold.into(),
                    it.clear.into(),
                    it.warm_up.into(),
                    it.patience.into(),
                    it.clear_patience.into(),
                    it.silenced.into(),
                ]);
            }
        }
    },
};

pub(super) const NULLS: Table = Table {
    file: "nulls.csv",
    about: "What 95 % of layers of independent random weights would read; once for each start of the run.",
    columns: &[
        RECORD,
        LAYER,
        column("statistic", "", "as in statistics.csv"),
        column("low", "as the statistic", "2.5 % of such layers read less"),
        column("high", "as the statistic", "2.5 % of such layers read more"),
    ],
    rows: |look, rows| {
        let Event::Watchlist(watchlist) = look.event() else { return };
        for it in &watchlist.nulls {
            rows.push(&[
                look.record(),
                (&it.layer).into(),
                (&it.statistic).into(),
                it.low.into(),
                it.high.into(),
            ]);
        }
    },
};
