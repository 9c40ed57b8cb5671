//! A training killed at any moment, a hundred times over: whatever it had finished is there, nothing is torn, and it
//! goes on.
#![cfg(unix)]

mod training;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use end_to_end::recorded;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use spyhole_protocol::{DocumentId, Event, ImageId, Record, RunOutcome};
use spyhole_sink::{RunLog, STORE_FILE};
use training::*;

const KILLS: u32 = 100;

/// How many records a training may make before it is killed, at most: those of some five epochs.
const MOST: f64 = 60.0;

/// Waits for a moment: for most starts until they have made a number of records, for the others a little, so that
/// they are killed while they start.
fn wait(dir: &Path, records: u64, chance: f64, training: &mut Training) {
    if chance < 0.2 {
        return std::thread::sleep(Duration::from_millis(300).mul_f64(chance));
    }
    let more = ((chance - 0.2) * MOST / 0.8) as u64;
    eventually("records", || {
        assert!(training.child.try_wait().unwrap().is_none(), "it ended by itself");
        RunLog::open(dir).and_then(|log| log.head()).is_ok_and(|head| head >= records + more)
    });
    // Anywhere in what the next records need.
    std::thread::sleep(Duration::from_millis(20).mul_f64(chance * 97.0 % 1.0));
}

/// Numbers from 0 to 1 that look random and are the same every time (the generator is Knuth's).
fn chances() -> impl Iterator<Item = f64> {
    let step = |seed: &u64| {
        Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(2026), step).map(|seed| (seed >> 11) as f64 / (1u64 << 53) as f64)
}

/// What each layer has of an epoch, as kinds of events with the layer.
type Parts = BTreeSet<(String, String)>;

/// Addresses of pictures and documents that a JSON value points to.
fn pointers(value: &Value, found: &mut Vec<(bool, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("image", Value::String(id)) => found.push((true, id.clone())),
                    ("document", Value::String(id)) => found.push((false, id.clone())),
                    _ => pointers(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| pointers(value, found)),
        _ => {}
    }
}

/// What was recorded of each epoch until it was complete.
fn epochs(records: &[Record]) -> Vec<(u32, Parts)> {
    let mut parts: BTreeMap<u64, Parts> = BTreeMap::new();
    let mut complete = vec![];
    for record in records {
        let event = serde_json::to_value(&record.event).unwrap();
        match (&record.event, &event["layer"], event["epoch"].as_u64()) {
            (Event::RunStarted(_), ..) => parts.clear(),
            (Event::EpochAnalysed(analysed), ..) => {
                let epoch = analysed.epoch;
                complete.push((epoch, parts.remove(&epoch.into()).unwrap_or_default()));
            }
            (_, Value::String(layer), Some(epoch)) => {
                let kind = event["kind"].as_str().unwrap().to_owned();
                parts.entry(epoch).or_default().insert((kind, layer.clone()));
            }
            _ => {}
        }
    }
    complete
}

/// Looks at a store that nobody writes. Returns how many records it has, and how many complete epochs.
fn check(dir: &Path, expected: &Parts, round: u32) -> (u64, usize) {
    let run = recorded::read(dir);
    assert_eq!(run.faults(), [""; 0], "round {round}");
    for record in &run.records {
        let mut found = vec![];
        pointers(&serde_json::to_value(&record.event).unwrap(), &mut found);
        for (picture, id) in found {
            let there = match picture {
                true => run.log.image(&ImageId(id.clone())).unwrap().is_some(),
                false => run.log.document(&DocumentId(id.clone())).unwrap().is_some(),
            };
            assert!(there, "round {round}: {id} of record {} is missing", record.seq);
        }
    }
    let epochs = epochs(&run.records);
    for (epoch, parts) in &epochs {
        let missing: Vec<_> = expected.difference(parts).collect();
        assert!(missing.is_empty(), "round {round}: epoch {epoch} lacks {missing:?}");
    }
    let connection =
        Connection::open_with_flags(dir.join(STORE_FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .unwrap();
    let intact: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(intact, "ok", "round {round}");
    (run.records.len() as u64, epochs.len())
}

/// Follows the run as a dashboard does, across all kills: each record once, and never another one in its place.
fn follow(dir: &Path, stop: &AtomicBool, seen: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(5));
        let Ok(log) = RunLog::open(dir) else { continue };
        let mut after = seen.load(Ordering::Relaxed);
        for _ in 0..20 {
            let Ok(records) = log.records_after(after, 50) else { break };
            for record in records {
                assert_eq!(record.seq, after + 1, "no gap, also while it is written");
                after = record.seq;
            }
            seen.store(after, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Moves the write-ahead log into the file again and again, as SQLite does when it has grown.
fn checkpoint(dir: &Path, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let file = dir.join(STORE_FILE);
        if let Ok(connection) = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        {
            let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        std::thread::sleep(Duration::from_millis(15));
    }
}

#[test]
fn a_hundred_kills_tear_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let whole = temp.path().join("whole");
    let ended = Training::start(Some(&whole), &["epochs=3"]).end();
    assert!(ended.success, "{ended:?}");
    let expected: Parts = epochs(&recorded::read(&whole).records)
        .into_iter()
        .map(|(_, parts)| parts)
        .reduce(|all, parts| all.intersection(&parts).cloned().collect())
        .unwrap();
    assert!(expected.len() >= 6, "{expected:?}");

    let dir = temp.path().join("run");
    let (stop, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut records, mut complete, mut in_the_start) = (0, 0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| follow(&dir, &stop, &seen));
        scope.spawn(|| checkpoint(&dir, &stop));
        // The others end with this one, also when it fails.
        let _end = End(&stop);
        for (round, chance) in (1..=KILLS).zip(chances()) {
            let mut training = Training::start(Some(&dir), &["epochs=100000", "pause=30"]);
            wait(&dir, records, chance, &mut training);
            training.child.kill().unwrap();
            training.child.wait().unwrap();
            if RunLog::open(&dir).is_err() {
                assert_eq!(records, 0, "a run that was there is lost");
                continue;
            }
            let (more_records, more) = check(&dir, &expected, round);
            assert!(more_records >= records && more >= complete, "round {round}: records are lost");
            in_the_start += u32::from(more_records == records);
            (records, complete) = (more_records, more);
        }
    });
    assert!(complete > 100, "{complete} epochs: the kills came too early to say anything");
    assert!(in_the_start > 3, "{in_the_start} kills came before the first record of a start");
    assert!(seen.load(Ordering::Relaxed) > records / 2, "the reader was kept away");

    let ended = Training::start(Some(&dir), &["epochs=2"]).end();
    assert!(ended.success && ended.stderr.is_empty(), "{ended:?}");
    check(&dir, &expected, KILLS + 1);
    let outcomes = recorded::read(&dir).events(|event| match event {
        Event::RunEnded(ended) => Some(ended.outcome),
        _ => None,
    });
    assert_eq!(outcomes, [RunOutcome::Finished], "the only start that came to its end");
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
