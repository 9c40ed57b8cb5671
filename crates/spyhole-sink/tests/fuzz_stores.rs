//! Damaged stores: whatever is wrong with the bytes, opening and reading give data or an error in words; nothing
//! panics, hangs or reads what is not there. `SPYHOLE_FUZZ=5000` tries that many; the default keeps CI quick.

mod common;

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock};

use common::*;
use proptest::prelude::*;
use rusqlite::Connection;
use spyhole_protocol::{Document, EmbeddingSheet, Event, Record};
use spyhole_sink::{Entry, Hub, RunLog, STORE_FILE, Sheet, SinkError};

fn cases(default: u32) -> u32 {
    std::env::var("SPYHOLE_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The files of a run: a finished one, and one that was killed, whose write-ahead log is still beside it.
type Files = Vec<(&'static str, Vec<u8>)>;

static FINISHED: LazyLock<Files> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    assert!(recorded(dir.path()).close(PATIENCE));
    files(dir.path())
});

static KILLED: LazyLock<Files> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let hub = recorded(dir.path());
    assert!(hub.flush(PATIENCE));
    files(dir.path())
});

fn document() -> Sheet {
    let sheet = EmbeddingSheet {
        epoch: 3,
        layer: "a".into(),
        points: vec![[0.5, -0.25]; 1000],
        perplexity: 30.0,
        aligned_to: None,
        neighbours: None,
        no_neighbours: None,
    };
    Sheet::new(&Document::Embedding(sheet)).unwrap()
}

fn recorded(dir: &Path) -> Hub {
    let hub = open(dir);
    record(&hub, 1..=40);
    hub.record(Entry::new(fault("a long one ".repeat(2000))).with_document(document()));
    hub.record(Entry::new(analysed(41)).keeping("filters", vec![7; 5000]));
    hub
}

fn files(dir: &Path) -> Files {
    let names = [STORE_FILE, "run.sqlite-wal"];
    let read = |name: &'static str| Some((name, fs::read(dir.join(name)).ok()?));
    names.into_iter().filter_map(read).collect()
}

#[derive(Clone, Debug)]
enum Damage {
    /// One byte is another one, at this share of the file.
    Byte(f64, u8),
    /// As many bytes as a page, or some of them, are overwritten.
    Hole(f64, u16, u8),
    /// The rest of the file is missing.
    Cut(f64),
    /// The beginning of the file follows at its end once more.
    More,
}

fn damage() -> impl Strategy<Value = Damage> {
    // The first bytes say how the file is to be read, so they are hit more often than by chance.
    let place = prop_oneof![3 => 0.0..1.0f64, 1 => 0.0..0.01f64];
    prop_oneof![
        8 => (place.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (place.clone(), 1..5000u16, any::<u8>()).prop_map(|(at, n, byte)| Damage::Hole(at, n, byte)),
        1 => place.prop_map(Damage::Cut),
        1 => Just(Damage::More),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let place = |share: &f64| (share * bytes.len() as f64) as usize;
    match damage {
        Damage::Byte(at, byte) => {
            let at = place(at);
            if let Some(there) = bytes.get_mut(at) {
                *there = *byte;
            }
        }
        Damage::Hole(at, count, byte) => {
            let at = place(at);
            bytes.iter_mut().skip(at).take((*count).into()).for_each(|there| *there = *byte);
        }
        Damage::Cut(at) => {
            let at = place(at);
            bytes.truncate(at);
        }
        Damage::More => bytes.extend_from_within(..bytes.len().min(9000)),
    }
}

/// Everything that anybody reads of a run. What cannot be read is an error with words.
fn read_all(dir: &Path) -> Result<(), SinkError> {
    let log = RunLog::open(dir)?;
    let said = |error: SinkError| {
        let text = error.to_string();
        assert!(text.len() > 20 && text.contains(STORE_FILE), "{text:?}");
    };
    let _ = log.head().map_err(said);
    let _ = log.status().map_err(said);
    let _ = log.kept("filters").map_err(said);
    let _ = log.document(document().id()).map_err(said);
    let _ = log.each_of_kinds(&["fault", "epoch_analysed"], |_| ()).map_err(said);
    let mut after = 0;
    loop {
        match log.records_after(after, 7) {
            Ok(records) if records.is_empty() => break,
            Ok(records) => {
                for record in records {
                    assert!(record.seq > after, "record {} comes after {after}", record.seq);
                    after = record.seq;
                    if let Event::EpochAnalysed(epoch) = record.event {
                        let _ = log.image(picture(epoch.epoch).id()).map_err(said);
                    }
                }
            }
            Err(error) => {
                said(error);
                break;
            }
        }
    }
    Ok(())
}

/// Goes on with the run, as a training would.
fn go_on(dir: &Path) -> Result<(), SinkError> {
    let hub = Hub::open(dir, options(), Vec::new())?;
    record(&hub, 50..=52);
    // Whether the disk takes it depends on the damage; here it is always there.
    let log = hub.log();
    let last = log.records_after(log.head()?.saturating_sub(3), 10);
    assert!(last.is_ok() || last.is_err());
    hub.flush(std::time::Duration::from_millis(300));
    hub.close(std::time::Duration::from_millis(300));
    Ok(())
}

/// Does it on a thread of its own: a hang is a failed test as well.
fn within_patience(what: &'static str, work: impl FnOnce() + Send + 'static) {
    let (done, end) = channel();
    let thread = std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    match end.recv_timeout(PATIENCE) {
        Ok(()) => thread.join().unwrap(),
        Err(RecvTimeoutError::Timeout) => panic!("{what} hangs"),
        Err(RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(thread.join().unwrap_err());
        }
    }
}

fn check(files: &Files, damages: &[(bool, Damage)]) {
    let dir = Arc::new(tempfile::tempdir().unwrap());
    for (index, (name, bytes)) in files.iter().enumerate() {
        let mut bytes = bytes.clone();
        let here = damages.iter().filter(|(log, _)| *log == (index == 1) || files.len() == 1);
        here.for_each(|(_, damage)| apply(&mut bytes, damage));
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let held = dir.clone();
    within_patience("reading", move || {
        let _ = read_all(held.path());
    });
    within_patience("going on", move || {
        if let Err(error) = go_on(dir.path()) {
            assert!(error.to_string().len() > 20, "{error}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(100)))]

    #[test]
    fn a_damaged_run_is_read_or_refused(
        killed: bool,
        damages in proptest::collection::vec((any::<bool>(), damage()), 1..12),
    ) {
        check(if killed { &KILLED } else { &FINISHED }, &damages);
    }
}

/// Two records of a page change places: in a damaged file the numbers need not be in order.
#[test]
fn numbers_that_go_back_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Hub::open(dir.path(), options(), Vec::new()).unwrap();
    record(&hub, 1..=5);
    assert!(hub.close(PATIENCE));
    drop(hub);
    let file = dir.path().join(STORE_FILE);
    let connection = Connection::open(&file).unwrap();
    let number =
        |question| connection.query_row(question, [], |row| row.get::<_, usize>(0)).unwrap();
    let root = number("SELECT rootpage FROM sqlite_schema WHERE name = 'records'");
    let page = number("SELECT page_size FROM pragma_page_size");
    drop(connection);
    let mut bytes = fs::read(&file).unwrap();
    // A leaf begins with its kind and seven bytes more; then come the places of its rows, two bytes each.
    let leaf = (root - 1) * page;
    assert_eq!(bytes[leaf], 13, "all records are in one page");
    let [second, third] = [leaf + 10, leaf + 12];
    for i in 0..2 {
        bytes.swap(second + i, third + i);
    }
    fs::write(&file, bytes).unwrap();
    let log = RunLog::open(dir.path()).unwrap();
    let numbers =
        |records: Vec<Record>| records.iter().map(|record| record.seq).collect::<Vec<_>>();
    assert_eq!(numbers(log.records_after(0, 100).unwrap()), [1, 3, 4, 5]);
    within_patience("reading", move || read_all(dir.path()).unwrap());
}

/// What no chance would find: pages that are in order, with rows that nobody would write.
#[test]
fn rows_that_nobody_would_write_are_told() {
    let cases = [
        "UPDATE records SET body = x'ff00fe' WHERE seq = 3",
        "UPDATE records SET body = 17 WHERE seq = 3",
        "UPDATE records SET body = '' WHERE seq = 3",
        "UPDATE records SET body = (WITH RECURSIVE n(i, t) AS (SELECT 1, '[' UNION ALL SELECT i + 1, t || '[' \
         FROM n WHERE i < 5000) SELECT max(t) FROM n) WHERE seq = 3",
        "UPDATE records SET time_ms = -5 WHERE seq = 3",
        "UPDATE records SET time_ms = 'noon' WHERE seq = 3",
        "UPDATE records SET seq = -7 WHERE seq = 3",
        "UPDATE records SET seq = 9223372036854775807 WHERE seq = 3",
        "UPDATE images SET png = NULL",
        "UPDATE images SET png = 'text'",
        "UPDATE documents SET gzip = x'1f8b08'",
        "UPDATE kept SET body = 4",
        "UPDATE status SET body = '{'",
        "UPDATE meta SET value = x'00' WHERE key = 'run_id'",
        "DROP TABLE records",
        "DROP TABLE images; CREATE VIEW images AS SELECT 1 AS id, 2 AS png",
        "DROP INDEX records_by_kind",
    ];
    for case in cases {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let file = dir.path().join(STORE_FILE);
        fs::write(&file, &FINISHED[0].1).unwrap();
        let connection = Connection::open(&file).unwrap();
        // Not all of these pass what the tables demand.
        let _ = connection.execute_batch(case);
        drop(connection);
        let held = dir.clone();
        within_patience(case, move || {
            let _ = read_all(held.path());
        });
        within_patience(case, move || {
            let _ = go_on(dir.path());
        });
    }
}
