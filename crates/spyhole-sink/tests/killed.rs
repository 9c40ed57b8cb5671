//! A training killed by SIGKILL leaves a store with everything that was recorded.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use common::*;
use rusqlite::Connection;
use spyhole_sink::{RunLog, STORE_FILE};

const RUN_DIR: &str = "SPYHOLE_TEST_RUN_DIR";

/// The child: records for ever, and says which records are on disk.
#[test]
#[ignore = "is run by the other test, as the process that gets killed"]
fn child_that_records_until_it_is_killed() {
    let dir = std::env::var_os(RUN_DIR).expect("run by the other test");
    let hub = open(dir.as_ref());
    let disk = RunLog::open(&dir).unwrap();
    for epoch in 1.. {
        record(&hub, epoch..=epoch);
        let mut out = std::io::stdout();
        writeln!(out, "on disk {}", disk.head().unwrap()).and_then(|()| out.flush()).unwrap();
    }
}

#[test]
fn everything_that_was_on_disk_is_readable_and_the_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut at_least = 0;
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_records_until_it_is_killed", "--ignored", "--nocapture"])
            .env(RUN_DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let target = at_least + 1 + round * 17;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((_, head)) = line.split_once("on disk ") else { continue };
            at_least = head.parse().unwrap();
            if at_least >= target {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let log = RunLog::open(dir.path()).unwrap();
        let records = log.records_after(0, usize::MAX).unwrap();
        assert_no_gaps(&records);
        assert!(records.len() as u64 >= at_least, "{} of {at_least}", records.len());
        for epoch in epochs(&records) {
            assert!(log.image(picture(epoch).id()).unwrap().is_some(), "picture of {epoch}");
        }
        assert!(log.status().unwrap().is_some());
        at_least = records.len() as u64;
    }
    // What a rollback journal in memory does to the file in the middle of a write, no few kills will show.
    let file = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    let journal: String = file.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(journal, "wal");
    drop(file);
    let hub = open(dir.path());
    assert_eq!(hub.log().head().unwrap(), at_least, "the lock went with the process");
    assert!(hub.close(PATIENCE));
}
