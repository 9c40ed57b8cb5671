//! Runs recorded by earlier versions (`tests/fixtures/*/run.sqlite`) open, can be shown whole and go on; a newer one is
//! refused and left as it is.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::*;
use rusqlite::Connection;
use spyhole_protocol::{Event, RunOutcome, VERSION};
use spyhole_sink::{RunLog, STORE_FILE, SinkError};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");

/// A copy of each recorded run, with its name.
fn old_stores() -> Vec<(String, TempDir)> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(FIXTURES).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join(STORE_FILE).exists());
    folders.sort();
    let copy = |folder: PathBuf| {
        let temp = tempfile::tempdir().unwrap();
        fs::copy(folder.join(STORE_FILE), temp.path().join(STORE_FILE)).unwrap();
        (folder.file_name().unwrap().to_string_lossy().into_owned(), temp)
    };
    folders.into_iter().map(copy).collect()
}

fn vocabulary(dir: &Path) -> u32 {
    let connection = Connection::open(dir.join(STORE_FILE)).unwrap();
    let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let text = connection.query_row("SELECT value FROM meta WHERE key = 'protocol'", [], read);
    text.unwrap().parse().unwrap()
}

#[test]
fn an_old_run_is_read_whole_and_goes_on() {
    let stores = old_stores();
    assert!(stores.len() >= 2, "the recorded runs are missing from {FIXTURES}");
    for (name, dir) in stores {
        let before = fs::read(dir.path().join(STORE_FILE)).unwrap();
        assert_eq!(vocabulary(dir.path()), 1, "{name}");
        let log = RunLog::open(dir.path()).unwrap();
        let records = log.records_after(0, usize::MAX).unwrap();
        assert_no_gaps(&records);
        assert_eq!(faults(&records), [""; 0], "{name}: every record is understood");
        assert_eq!(epochs(&records), [0, 1, 2], "{name}");
        let mut layers = 0;
        for record in &records {
            match &record.event {
                Event::RunStarted(started) => {
                    assert_eq!(started.name, "an old run");
                    assert!(started.layers.iter().all(|layer| layer.receptive_field.is_some()));
                    assert!(log.image(&started.probe.atlas.image).unwrap().is_some());
                }
                Event::LayerFilters(filters) => {
                    layers += 1;
                    let readings = &filters.readings;
                    assert_eq!(readings.state.len(), 4, "{name}");
                    assert!(readings.rms.iter().all(Option::is_some), "{name}");
                    assert!(log.image(&filters.atlas.image).unwrap().is_some());
                }
                Event::LayerFeatures(features) => {
                    assert!(log.image(&features.atlas.image).unwrap().is_some());
                }
                Event::Study(study) => {
                    assert!(log.document(&study.document).unwrap().is_some(), "{name}: {study:?}");
                }
                Event::RunEnded(ended) => assert_eq!(ended.outcome, RunOutcome::Finished),
                _ => {}
            }
        }
        assert!(layers >= 3, "{name}");
        let mut told = 0;
        log.each_of_kinds(&["layer_filters", "run_started"], |_| told += 1).unwrap();
        assert_eq!(told, layers + 1, "{name}: a continued run sees them as well");
        assert!(log.status().unwrap().is_some() && log.kept("nothing").unwrap().is_none());
        drop(log);
        assert_eq!(fs::read(dir.path().join(STORE_FILE)).unwrap(), before, "{name}: only read");

        let hub = open(dir.path());
        record(&hub, 3..=3);
        assert!(hub.close(PATIENCE));
        let continued = RunLog::open(dir.path()).unwrap().records_after(0, usize::MAX).unwrap();
        assert_eq!(continued[..records.len()], records);
        assert_eq!(epochs(&continued), [0, 1, 2, 3]);
        assert_eq!(vocabulary(dir.path()), VERSION, "{name}: the old program would misread it now");
    }
}

#[test]
fn a_newer_run_is_refused_and_left_as_it_is() {
    for (key, what) in [("format", "format"), ("protocol", "vocabulary")] {
        for (name, dir) in old_stores() {
            let file = dir.path().join(STORE_FILE);
            let connection = Connection::open(&file).unwrap();
            connection.execute("UPDATE meta SET value = 77 WHERE key = ?1", [key]).unwrap();
            drop(connection);
            let before = fs::read(&file).unwrap();
            let reader = RunLog::open(dir.path()).map(|_| ()).unwrap_err();
            let writer =
                spyhole_sink::Hub::open(dir.path(), options(), Vec::new()).map(|_| ()).unwrap_err();
            for error in [reader, writer] {
                let newer = matches!(error, SinkError::Newer { found: 77, .. });
                let text = error.to_string();
                assert!(newer && text.contains(what) && text.contains("update spyhole"), "{text}");
            }
            assert_eq!(fs::read(&file).unwrap(), before, "{name}");
        }
    }
}
