//! The hub with a real store: what is recorded arrives, whatever fails.

mod common;

use std::sync::mpsc;
use std::time::Duration;

use common::*;
use rusqlite::Connection;
use spyhole_protocol::{Record, RunState, Status};
use spyhole_sink::testing::{Behaviour, FaultySink, RecordingSink};
use spyhole_sink::{Attached, Entry, HubOptions, RunLog, STORE_FILE, Sink, SinkError, SinkResult};

fn all(log: &RunLog) -> Vec<Record> {
    log.records_after(0, usize::MAX).unwrap()
}

#[test]
fn everything_recorded_is_on_disk_after_closing() {
    let dir = tempfile::tempdir().unwrap();
    let sink = RecordingSink::default();
    let hub = open_with(dir.path(), options(), vec![Box::new(sink.clone())]);
    record(&hub, 1..=500);
    assert!(hub.close(PATIENCE));
    assert!(!hub.record(Entry::new(analysed(501))), "closed");
    assert!(!dir.path().join("run.sqlite-wal").exists(), "a finished run is one file");

    let log = RunLog::open(dir.path()).unwrap();
    let records = all(&log);
    assert_eq!(epochs(&records), (1..=500).collect::<Vec<_>>());
    assert_no_gaps(&records);
    assert_eq!(records, all(&hub.log()));
    for epoch in 1..=500 {
        let picture = picture(epoch);
        assert_eq!(log.image(picture.id()).unwrap().as_ref(), Some(picture.png()));
    }
    let received = sink.received();
    assert_eq!(received.records, records);
    assert_eq!(received.images.len(), 500);
    assert!(received.closed && !received.statuses.is_empty());
}

#[test]
fn an_earlier_run_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let mut ids = Vec::new();
    for start in [1, 11, 21] {
        let hub = open(dir.path());
        ids.push(hub.run_id());
        record(&hub, start..=start + 9);
        assert!(hub.close(PATIENCE));
    }
    assert_eq!((&ids[0], &ids[0]), (&ids[1], &ids[2]), "the run keeps its id");
    let records = all(&RunLog::open(dir.path()).unwrap());
    assert_eq!(epochs(&records), (1..=30).collect::<Vec<_>>());
    assert_no_gaps(&records);
}

#[test]
fn a_start_that_comes_to_nothing_leaves_the_run_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=3);
    hub.update_status(|status| (status.state, status.epoch) = (RunState::Ended, 3));
    assert!(hub.close(PATIENCE));
    drop(hub);
    let status = || RunLog::open(dir.path()).unwrap().status().unwrap().unwrap();
    let before = status();
    assert_eq!((before.state, before.epoch), (RunState::Ended, 3));
    // Refused before anything was recorded.
    let hub = open(dir.path());
    assert_eq!(hub.status().state, RunState::Starting);
    assert!(hub.close(PATIENCE));
    drop(hub);
    assert_eq!(status(), before);
    // Whatever goes on counts.
    let hub = open(dir.path());
    hub.update_status(|status| status.state = RunState::Training);
    assert!(hub.close(PATIENCE));
    assert_eq!(status().state, RunState::Training);
}

#[test]
fn a_run_that_never_began_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    assert!(open(dir.path()).close(PATIENCE));
    let status = RunLog::open(dir.path()).unwrap().status().unwrap().unwrap();
    assert_eq!((status.state, status.epoch), (RunState::Ended, 0));
}

#[test]
fn what_is_kept_is_there_when_the_run_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    for body in [b"first".to_vec(), b"second".to_vec()] {
        let hub = open(dir.path());
        let entry = |epoch| Entry::new(analysed(epoch));
        hub.record(entry(1).keeping("filters", *b"old").keeping("other", *b"stays"));
        hub.record(entry(2).keeping("filters", body.clone()));
        let here = || hub.log().kept("filters").unwrap();
        eventually("this process reads it", || here().as_deref() == Some(body.as_slice()));
        assert!(hub.close(PATIENCE));
        let log = RunLog::open(dir.path()).unwrap();
        assert_eq!(log.kept("filters").unwrap().as_deref(), Some(body.as_slice()));
        assert_eq!(log.kept("other").unwrap().as_deref(), Some(b"stays".as_slice()));
        assert_eq!(log.kept("nobody").unwrap(), None);
    }
    let hub = open(dir.path());
    hub.record(Entry::new(analysed(3)).forgetting("filters"));
    assert!(hub.close(PATIENCE));
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(log.kept("filters").unwrap(), None);
    assert!(log.kept("other").unwrap().is_some());
}

#[test]
fn a_run_from_before_anything_was_kept_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=2);
    assert!(hub.close(PATIENCE));
    let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    connection.execute_batch("DROP TABLE kept").unwrap();
    drop(connection);

    let hub = open(dir.path());
    assert_eq!(hub.log().kept("filters").unwrap(), None);
    hub.record(Entry::new(analysed(3)).keeping("filters", *b"new"));
    assert!(hub.close(PATIENCE));
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(log.kept("filters").unwrap().as_deref(), Some(b"new".as_slice()));
    assert_eq!(epochs(&all(&log)), [1, 2, 3]);
    assert_eq!(faults(&all(&log)), [""; 0]);
}

#[test]
fn dropping_the_last_handle_writes_what_is_queued() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub.clone(), 1..=100);
    drop(hub);
    assert_eq!(epochs(&all(&RunLog::open(dir.path()).unwrap())).len(), 100);
}

#[test]
fn two_trainings_do_not_write_the_same_run() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let error = spyhole_sink::Hub::open(dir.path(), options(), Vec::new()).err().unwrap();
    assert!(matches!(error, SinkError::InUse { .. }), "{error}");
    let id = std::process::id().to_string();
    assert!(error.to_string().contains(&id), "names the other: {error}");
    assert!(first.close(PATIENCE));
    assert!(open(dir.path()).close(PATIENCE), "free again");
}

#[test]
fn the_status_reaches_this_process_and_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let other = RunLog::open(dir.path()).unwrap();
    hub.update_status(|status| {
        status.state = RunState::Training;
        status.epoch = 7;
    });
    for log in [hub.log(), other] {
        eventually("the status arrives", || {
            log.status().unwrap().is_some_and(|s| s.epoch == 7 && s.state == RunState::Training)
        });
        let before = log.status().unwrap().unwrap().alive_ms;
        eventually("signs of life", || log.status().unwrap().unwrap().alive_ms > before);
    }
    hub.update_status(|status| status.state = RunState::Ended);
    assert!(hub.close(PATIENCE));
    let status = RunLog::open(dir.path()).unwrap().status().unwrap().unwrap();
    assert_eq!(status.state, RunState::Ended, "the last status is always written");
}

#[test]
fn a_full_queue_loses_and_counts_instead_of_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (entered, in_sink) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let hanging = FaultySink(move |_: &Record| {
        let _ = entered.send(());
        let _ = released.recv();
        Behaviour::Work
    });
    let options = HubOptions { queue_entries: 8, ..options() };
    let hub = open_with(dir.path(), options, vec![Box::new(hanging)]);
    assert!(hub.record(Entry::new(analysed(1))));
    in_sink.recv().unwrap();
    let taken = (2..=100).filter(|epoch| hub.record(Entry::new(analysed(*epoch)))).count();
    assert_eq!(taken, 8);
    assert!(!hub.close(Duration::from_millis(50)), "closing does not wait for a hanging sink");
    drop(release);
    assert!(hub.close(PATIENCE));
    let records = all(&RunLog::open(dir.path()).unwrap());
    assert_eq!(epochs(&records), (1..=9).collect::<Vec<_>>());
    assert_eq!(faults(&records), ["recording: 91 records were lost because the queue was full"]);
    assert_no_gaps(&records);
}

#[test]
fn pictures_in_the_queue_are_limited_too() {
    let dir = tempfile::tempdir().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let hanging = FaultySink(move |_: &Record| {
        let _ = released.recv();
        Behaviour::Work
    });
    let options = HubOptions { queue_bytes: 100_000, ..options() };
    let hub = open_with(dir.path(), options, vec![Box::new(hanging)]);
    let large = |byte| {
        Entry::with_images(analysed(1), vec![spyhole_sink::Picture::new(vec![byte; 90_000])])
    };
    let taken = (0..50).filter(|byte| hub.record(large(*byte))).count();
    assert!((1..=3).contains(&taken), "{taken}");
    drop(release);
    assert!(hub.close(PATIENCE));
}

/// A sink that behaves so for each record, and the faults that the log then tells.
#[test]
fn a_failing_sink_is_reported_once_and_counted() {
    let check = |name: &str, behave: fn(u64) -> Behaviour, expected: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        let healthy = RecordingSink::default();
        let faulty = FaultySink(move |record: &Record| match &record.event {
            spyhole_protocol::Event::EpochAnalysed(epoch) => behave(epoch.epoch.into()),
            _ => Behaviour::Fail,
        });
        let hub =
            open_with(dir.path(), options(), vec![Box::new(faulty), Box::new(healthy.clone())]);
        record(&hub, 1..=200);
        assert!(hub.close(PATIENCE));
        let records = all(&RunLog::open(dir.path()).unwrap());
        assert_eq!(faults(&records), expected, "{name}");
        assert_eq!(epochs(&records).len(), 200, "{name}");
        assert_eq!(epochs(&healthy.received().records).len(), 200, "{name}: the other goes on");
        assert_no_gaps(&records);
    };
    check("works", |_| Behaviour::Work, &[]);
    check(
        "fails",
        |_| Behaviour::Fail,
        &["faulty sink: no more paper", "faulty sink: 200 records were not delivered"],
    );
    check(
        "panics",
        |_| Behaviour::Panic,
        &["faulty sink: panicked: out of ink", "faulty sink: 200 records were not delivered"],
    );
    check(
        "recovers",
        |n| if n <= 150 { Behaviour::Panic } else { Behaviour::Work },
        &[
            "faulty sink: panicked: out of ink",
            "faulty sink: works again; 150 records were not delivered",
        ],
    );
    check(
        "one only",
        |n| if n == 100 { Behaviour::Fail } else { Behaviour::Work },
        &["faulty sink: no more paper", "faulty sink: works again; 1 record was not delivered"],
    );
}

/// A sink that panics wherever it is called, its end included.
struct Broken;

impl Sink for Broken {
    fn name(&self) -> &str {
        "broken sink"
    }

    fn deliver(&mut self, _record: &Record, _attached: &Attached) -> SinkResult {
        panic!("no deliveries")
    }

    fn status(&mut self, _status: &Status) -> SinkResult {
        panic!("no status")
    }

    fn troubles(&mut self) -> Vec<String> {
        panic!("no troubles")
    }

    fn close(&mut self) -> SinkResult {
        panic!("no end")
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        panic!("no peace")
    }
}

#[test]
fn a_sink_that_panics_wherever_it_is_called_hurts_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let healthy = RecordingSink::default();
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(Broken), Box::new(healthy.clone())];
    let hub = open_with(dir.path(), options(), sinks);
    record(&hub, 1..=10);
    eventually("all are delivered", || epochs(&healthy.received().records).len() == 10);
    assert!(hub.close(PATIENCE), "everything is on disk");
    let records = all(&RunLog::open(dir.path()).unwrap());
    let expected = [
        "broken sink: panicked: no deliveries",
        "broken sink: 10 records were not delivered",
        "broken sink: closing failed: panicked: no end",
    ];
    assert_eq!(faults(&records), expected);
    let received = healthy.received();
    assert!(received.closed && !received.statuses.is_empty(), "the other goes on to the end");
    assert!(open(dir.path()).close(PATIENCE), "the run is free again");
}

#[test]
fn a_sink_that_comes_and_goes_does_not_fill_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let faulty =
        FaultySink(
            |record: &Record| {
                if record.seq.is_multiple_of(2) { Behaviour::Fail } else { Behaviour::Work }
            },
        );
    let hub = open_with(dir.path(), options(), vec![Box::new(faulty)]);
    record(&hub, 1..=1000);
    assert!(hub.close(PATIENCE));
    let records = all(&RunLog::open(dir.path()).unwrap());
    assert!(faults(&records).len() <= 12, "{:?}", faults(&records));
}

#[test]
fn while_the_disk_takes_nothing_records_wait_and_are_readable_here() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=3);
    let other = RunLog::open(dir.path()).unwrap();
    eventually("three are written", || other.head().unwrap() == 3);

    let blocker = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    blocker.execute_batch("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap();
    record(&hub, 4..=6);
    let here = hub.log();
    // The fault comes when the first write has failed: of one record or of all three.
    eventually("the fault and the records are told here", || {
        let records = all(&here);
        !faults(&records).is_empty() && epochs(&records) == [1, 2, 3, 4, 5, 6]
    });
    let records = all(&here);
    assert_no_gaps(&records);
    assert!(here.image(picture(6).id()).unwrap().is_some());
    assert_eq!(other.head().unwrap(), 3);
    assert_eq!(here.records_after(4, 1).unwrap(), records[4..5]);

    blocker.execute_batch("ROLLBACK").unwrap();
    eventually("all are written", || epochs(&all(&other)).len() == 6);
    assert!(hub.close(PATIENCE));
    let records = all(&other);
    assert_eq!(records, all(&here));
    let faults = faults(&records);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("another program holds it locked"), "{faults:?}");
    assert!(faults[1].contains("the disk takes records again"), "{faults:?}");
    assert!(other.image(picture(6).id()).unwrap().is_some());
}

#[test]
fn what_memory_cannot_hold_while_the_disk_fails_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open_with(dir.path(), HubOptions { pending_bytes: 50_000, ..options() }, Vec::new());
    let blocker = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    blocker.execute_batch("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap();
    record(&hub, 100..=100);
    eventually("the fault is told", || !faults(&all(&hub.log())).is_empty());
    for byte in 0..10 {
        let image = spyhole_sink::Picture::new(vec![byte; 10_000]);
        assert!(hub.record(Entry::with_images(analysed(byte.into()), vec![image])));
    }
    eventually("all are accepted", || epochs(&all(&hub.log())).len() == 11);
    for _ in 0..100 {
        assert!(hub.record(Entry::new(fault("x".repeat(1000)))));
    }
    eventually("memory is full", || hub.log().head().unwrap() >= 40);
    blocker.execute_batch("ROLLBACK").unwrap();
    assert!(!hub.close(PATIENCE), "something is missing");
    let records = all(&RunLog::open(dir.path()).unwrap());
    assert_no_gaps(&records);
    let mut faults = faults(&records);
    faults.retain(|fault| fault.starts_with("run store"));
    let faults = faults.join("\n");
    assert!(faults.contains("11 pictures and documents were lost"), "{faults}");
    assert!(faults.contains("records were lost because the disk took nothing"), "{faults}");
}

#[tokio::test]
async fn another_process_is_told_of_changes() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    // From the directory alone, as another process would.
    let log = RunLog::open(dir.path()).unwrap();
    let mut changes = log.changes();
    let mut seen = 0;
    for epoch in 1..=3 {
        record(&hub, epoch..=epoch);
        while log.head().unwrap() == seen {
            tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap();
        }
        seen = log.head().unwrap();
    }
    assert_eq!(epochs(&all(&log)), [1, 2, 3]);
    assert!(hub.close(PATIENCE));
}

#[test]
fn readers_follow_a_fast_writer_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    std::thread::scope(|scope| {
        for log in [hub.log(), hub.log(), RunLog::open(dir.path()).unwrap()] {
            scope.spawn(move || {
                let mut after = 0;
                while after < 3000 {
                    for record in log.records_after(after, 37).unwrap() {
                        assert_eq!(record.seq, after + 1);
                        after = record.seq;
                        let image = log.image(picture(after as u32).id()).unwrap();
                        assert!(image.is_some(), "a record's picture is there with it");
                    }
                }
            });
        }
        record(&hub, 1..=3000);
    });
    assert!(hub.close(PATIENCE));
}
