//! Shared by the integration tests.
#![allow(dead_code, reason = "each test program uses its part")]

pub mod client;
pub mod http;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use spyhole_protocol::{
    Atlas, EpochAnalysed, Event, Fault, ImageId, LayerHealth, Probe, Record, RunStarted, Settling,
};
use spyhole_sink::{Entry, Hub, HubOptions, Picture, Sink};

/// Long enough for any machine: tests wait for what happens, never for time.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn analysed(epoch: u32) -> Event {
    Event::EpochAnalysed(EpochAnalysed { epoch, ..Default::default() })
}

pub fn fault(message: impl Into<String>) -> Event {
    Event::Fault(Fault { part: "test".into(), message: message.into(), epoch: None })
}

/// A reading of a layer: of a kind that is in bulk.
pub fn health(epoch: u32, layer: &str) -> Event {
    let values = [("noise_share".to_owned(), Some(f64::from(epoch) / 8.0))].into();
    Event::LayerHealth(LayerHealth {
        epoch,
        step: None,
        layer: layer.into(),
        state: None,
        values,
        units: BTreeMap::new(),
    })
}

/// Which layers have settled: in bulk, and of no layer.
pub fn settling(epoch: u32) -> Event {
    let statement = format!("nothing settled by {epoch}");
    Event::Settling(Settling { epoch, layers: vec![], order: None, statement })
}

/// What is left of records for somebody far behind: of the kinds in bulk the newest of each layer. The obvious way.
pub fn essence(records: &[Record]) -> Vec<Record> {
    let what = |record: &Record| match &record.event {
        Event::LayerHealth(it) => Some(("health", it.layer.clone())),
        Event::LayerDistributions(it) => Some(("distributions", it.layer.clone())),
        Event::LayerEvolution(it) => Some(("evolution", it.layer.clone())),
        Event::LayerFeatures(it) => Some(("features", it.layer.clone())),
        Event::LayerFilters(it) => Some(("filters", it.layer.clone())),
        Event::Settling(_) => Some(("settling", String::new())),
        _ => None,
    };
    let outdated = |place: usize| {
        let mine = what(&records[place]);
        mine.is_some() && records[place + 1..].iter().any(|later| what(later) == mine)
    };
    (0..records.len()).filter(|place| !outdated(*place)).map(|it| records[it].clone()).collect()
}

/// A picture for `epoch`. (Nothing here looks into it, so any bytes will do.)
pub fn picture(epoch: u32) -> Picture {
    Picture::new(format!("picture of epoch {epoch}").into_bytes())
}

/// Limits with short pauses.
pub fn options() -> HubOptions {
    HubOptions {
        retry: Duration::from_millis(20),
        busy_timeout: Duration::from_millis(20),
        ..HubOptions::default()
    }
}

pub fn open(dir: &Path) -> Hub {
    open_with(dir, options(), Vec::new())
}

pub fn open_with(dir: &Path, options: HubOptions, sinks: Vec<Box<dyn Sink>>) -> Hub {
    Hub::open(dir, options, sinks).unwrap()
}

/// Records epochs `epochs`, each with its picture.
pub fn record(hub: &Hub, epochs: std::ops::RangeInclusive<u32>) {
    for epoch in epochs {
        assert!(hub.record(Entry::with_images(analysed(epoch), vec![picture(epoch)])));
    }
}

pub fn epochs(records: &[Record]) -> Vec<u32> {
    let epoch = |record: &Record| match &record.event {
        Event::EpochAnalysed(analysed) => Some(analysed.epoch),
        _ => None,
    };
    records.iter().filter_map(epoch).collect()
}

pub fn faults(records: &[Record]) -> Vec<String> {
    let text = |record: &Record| match &record.event {
        Event::Fault(fault) => Some(format!("{}: {}", fault.part, fault.message)),
        _ => None,
    };
    records.iter().filter_map(text).collect()
}

/// Fails unless the records are numbered 1, 2, 3, …
pub fn assert_no_gaps(records: &[Record]) {
    let numbers: Vec<_> = records.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, (1..=records.len() as u64).collect::<Vec<_>>());
}

/// Waits until `condition` holds.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The start of a run of no layers.
pub fn started(name: &str, first_epoch: u32) -> Event {
    let image = ImageId("0".repeat(32));
    let atlas =
        Atlas { image, count: 0, columns: 1, tile_width: 1, tile_height: 1, original: None };
    Event::RunStarted(RunStarted {
        run_id: String::new(),
        name: name.into(),
        spyhole_version: "0".into(),
        first_epoch,
        last_epoch: None,
        inspection: false,
        beside: None,
        other_images: None,
        input_shape: [1, 8, 8],
        parameters: 0,
        layers: vec![],
        probe: Probe {
            atlas,
            labels: vec![],
            class_names: vec![],
            caution: None,
            not_studied: vec![],
        },
        output: None,
    })
}
