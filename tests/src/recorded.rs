//! Reading a run from disk, as `spyhole view` does.

use std::collections::BTreeSet;
use std::path::Path;

use spyhole_protocol::{Analysis, AnalysisPart, Event, Layer, Record, RunStarted};
use spyhole_sink::RunLog;

/// A recorded run.
#[derive(Debug)]
pub struct Run {
    /// The log, for its pictures.
    pub log: RunLog,
    /// All of it, in order.
    pub records: Vec<Record>,
}

/// Reads a run.
///
/// # Panics
/// When there is none, or its records have gaps.
pub fn read(dir: &Path) -> Run {
    let log = RunLog::open(dir).unwrap_or_else(|error| panic!("{error}"));
    let records = log.records_after(0, usize::MAX).unwrap_or_else(|error| panic!("{error}"));
    for (i, record) in records.iter().enumerate() {
        assert_eq!(record.seq, i as u64 + 1, "the log has gaps");
    }
    Run { log, records }
}

impl Run {
    /// What `pick` finds in the events, in order.
    pub fn events<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.records.iter().filter_map(|record| pick(&record.event)).collect()
    }

    /// The last start of the run.
    ///
    /// # Panics
    /// When the run has none.
    pub fn started(&self) -> RunStarted {
        let starts = self.events(|event| match event {
            Event::RunStarted(started) => Some(started.clone()),
            _ => None,
        });
        starts.into_iter().next_back().unwrap_or_else(|| panic!("the run has no start"))
    }

    /// The layers of the last start.
    pub fn layers(&self) -> Vec<Layer> {
        self.started().layers
    }

    /// Epochs whose analysis was completed.
    pub fn analysed(&self) -> BTreeSet<u32> {
        let epochs = self.events(|event| match event {
            Event::EpochAnalysed(analysed) => Some(analysed.epoch),
            _ => None,
        });
        epochs.into_iter().collect()
    }

    /// Epochs whose feature maps were looked at: those that the budget left out have none.
    pub fn with_maps(&self) -> BTreeSet<u32> {
        let epochs = self.events(|event| match event {
            Event::EpochAnalysed(analysed) => {
                let left_out =
                    |part: &AnalysisPart| part.analysis == Analysis::Maps && part.skipped.is_some();
                (!analysed.parts.iter().any(left_out)).then_some(analysed.epoch)
            }
            _ => None,
        });
        epochs.into_iter().collect()
    }

    /// Faults in words.
    pub fn faults(&self) -> Vec<String> {
        self.events(|event| match event {
            Event::Fault(fault) => Some(format!("{}: {}", fault.part, fault.message)),
            _ => None,
        })
    }

    /// Checks that every analysed epoch has pictures of every supported layer, and that each picture is
    /// there and is as large as its atlas says. Returns the number of pictures.
    ///
    /// # Panics
    /// When something is missing.
    pub fn check_pictures(&self, decode: impl Fn(&[u8]) -> [u32; 2]) -> usize {
        let mut seen = BTreeSet::new();
        let atlases = self.events(|event| match event {
            Event::LayerFeatures(features) => {
                seen_layer(features.epoch, &features.layer, features.atlas.clone())
            }
            Event::LayerFilters(filters) => Some((None, filters.atlas.clone())),
            Event::RunStarted(started) => Some((None, started.probe.atlas.clone())),
            _ => None,
        });
        for (layer, atlas) in &atlases {
            let png = self.log.image(&atlas.image).unwrap_or_else(|error| panic!("{error}"));
            let png = png.unwrap_or_else(|| panic!("picture {:?} is missing", atlas.image));
            let rows = atlas.count.div_ceil(atlas.columns);
            let expected = [atlas.columns * atlas.tile_width, rows * atlas.tile_height];
            assert_eq!(decode(&png), expected, "{layer:?}");
            seen.extend(layer.clone());
        }
        let layers = self.layers();
        let supported = layers.iter().filter(|layer| layer.receptive_field.is_some());
        for layer in supported {
            for epoch in self.with_maps() {
                assert!(
                    seen.contains(&(epoch, layer.name.clone())),
                    "{} has no pictures of epoch {epoch}",
                    layer.name
                );
            }
        }
        atlases.len()
    }
}

type Seen = (Option<(u32, String)>, spyhole_protocol::Atlas);

fn seen_layer(epoch: u32, layer: &str, atlas: spyhole_protocol::Atlas) -> Option<Seen> {
    Some((Some((epoch, layer.to_owned())), atlas))
}
