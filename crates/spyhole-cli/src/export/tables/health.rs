use std::collections::BTreeSet;

use spyhole_protocol::Event;

use super::{Cell, EPOCH, LAYER, RECORD, Table, column};
use crate::words;

pub(super) const HEALTH: Table = Table {
    file: "health.csv",
    about: "A statistic of a layer, or of the whole network, after an epoch. statistics.csv says what each means.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("statistic", "", "as in statistics.csv"),
        column("value", "as the statistic", "empty: not finite"),
        column(
            "units",
            "",
            "filters or feature maps that it found, the dead ones of dead_maps for example; of the whole network, places",
        ),
    ],
    rows: |look, rows| {
        if let Event::NetworkHealth(it) = look.event() {
            for (statistic, value) in &it.values {
                let places = it.places.get(statistic).map(|places| {
                    let names: Vec<_> = places.iter().map(|place| place.name.as_str()).collect();
                    Cell::Text(names.join(" ").into())
                });
                rows.push(&[
                    look.record(),
                    it.epoch.into(),
                    Cell::Empty,
                    statistic.into(),
                    (*value).into(),
                    places.into(),
                ]);
            }
        }
        let Event::LayerHealth(it) = look.event() else { return };
        let statistics: BTreeSet<_> = it.values.keys().chain(it.units.keys()).collect();
        for statistic in statistics {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                statistic.into(),
                it.values.get(statistic).copied().flatten().into(),
                it.units.get(statistic).map(|units| Cell::list(units)).into(),
            ]);
        }
    },
};

pub(super) const STATES: Table = Table {
    file: "states.csv",
    about: "What is to be said of a layer's activations as a whole after an epoch; nothing where they vary from image to image.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("state", "", "not_finite, images_alike, too_few_images, dead or constant"),
        column("meaning", "", "the same in a sentence"),
    ],
    rows: |look, rows| {
        let Event::LayerHealth(it) = look.event() else { return };
        let Some(state) = &it.state else { return };
        rows.push(&[
            look.record(),
            it.epoch.into(),
            (&it.layer).into(),
            words::json_word(state).into(),
            state.meaning().into(),
        ]);
    },
};

pub(super) const DISTRIBUTIONS: Table = Table {
    file: "distributions.csv",
    about: "How a reading is distributed over the live feature maps of a layer after an epoch.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("live", "", "number of live maps"),
        column("reading", "", "as the columns of documents/map-readings.csv"),
        column("p5", "as the reading", "5th percentile"),
        column("p25", "as the reading", "25th percentile"),
        column("p50", "as the reading", "median"),
        column("p75", "as the reading", "75th percentile"),
        column("p95", "as the reading", "95th percentile"),
    ],
    rows: |look, rows| {
        let Event::LayerDistributions(it) = look.event() else { return };
        for (reading, percentiles) in &it.readings {
            let [p5, p25, p50, p75, p95] = percentiles.map(Cell::from);
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                it.live.into(),
                reading.into(),
                p5,
                p25,
                p50,
                p75,
                p95,
            ]);
        }
    },
};
