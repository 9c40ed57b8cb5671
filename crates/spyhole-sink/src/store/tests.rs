use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use spyhole_protocol::{Event, Fault, ImageId, Record};
use tempfile::TempDir;

use super::pending::Waiting;
use super::*;
use crate::{Attached, Picture};

const BUSY: Duration = Duration::from_millis(50);

fn record(seq: u64) -> Record {
    let fault = Fault { part: "test".into(), message: format!("number {seq}"), epoch: Some(3) };
    Record { seq, time_ms: 1000 + seq, event: Event::Fault(fault) }
}

fn waiting(seqs: impl Iterator<Item = u64>, images: Vec<Picture>) -> Waiting {
    let rows = seqs.map(|seq| Arc::new(Row::new(&record(seq)).unwrap())).collect();
    Waiting { rows, attached: Attached { images, documents: vec![] }, kept: vec![] }
}

fn numbers(log: &RunLog) -> Vec<u64> {
    log.records_after(0, usize::MAX).unwrap().iter().map(|record| record.seq).collect()
}

/// A store with records 1, 2, 3.
fn store() -> (TempDir, Writer) {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), BUSY).unwrap();
    writer.write(&waiting(1..=3, vec![]), None).unwrap();
    (dir, writer)
}

fn sql(dir: &TempDir, sql: &str) {
    Connection::open(dir.path().join(STORE_FILE)).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn what_is_written_is_read_back_exactly() {
    let (dir, writer) = store();
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(log.records_after(0, 9).unwrap(), [record(1), record(2), record(3)]);
    assert_eq!(log.records_after(1, 1).unwrap(), [record(2)]);
    assert_eq!(log.records_after(3, 9).unwrap(), []);
    assert_eq!(log.records_after(u64::MAX, 9).unwrap(), []);
    assert_eq!(log.records_after(0, 0).unwrap(), []);
    assert_eq!(log.head().unwrap(), 3);
    assert_eq!(log.run_id(), writer.run_id());
    assert_eq!(log.status().unwrap(), None);
    assert_eq!(log.image(&ImageId("00".into())).unwrap(), None);
}

#[test]
fn columns_repeat_what_views_search_by() {
    let (dir, _writer) = store();
    let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    let row: (String, u32, Option<String>) = connection
        .query_row("SELECT kind, epoch, layer FROM records WHERE seq = 2", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(row, ("fault".into(), 3, None));
}

#[test]
fn a_batch_ends_at_its_size_but_holds_one_record_at_least() {
    let (dir, _writer) = store();
    let log = RunLog::open(dir.path()).unwrap();
    let body = Row::new(&record(1)).unwrap().body.len();
    for (bytes, expected) in [(0, 1), (body, 1), (2 * body, 2), (9 * body, 3)] {
        let batch = log.batch(0, BatchLimit { records: 9, bytes }).unwrap();
        assert_eq!(batch.len(), expected, "{bytes} bytes");
    }
}

#[test]
fn a_full_disk_takes_nothing_by_halves_and_works_again_with_room() {
    let (dir, mut writer) = store();
    writer.limit_pages(20);
    let picture = Picture::new(vec![7; 1 << 20]);
    let more = waiting(4..=5, vec![picture.clone()]);
    let error = writer.write(&more, None).unwrap_err();
    assert!(error.to_string().contains("make room on the disk"), "{error}");
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3]);

    writer.limit_pages(10_000);
    writer.write(&more, None).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3, 4, 5]);
    assert_eq!(log.image(picture.id()).unwrap().as_ref(), Some(picture.png()));
}

#[test]
fn a_disk_that_fills_up_amid_the_records_takes_none_of_them() {
    let (dir, mut writer) = store();
    writer.limit_pages(20);
    let message = "x".repeat(1 << 20);
    let event = Event::Fault(Fault { part: "test".into(), message, epoch: None });
    let large = Record { seq: 5, time_ms: 1005, event };
    let mut more = waiting(4..=4, vec![]);
    more.rows.push(Arc::new(Row::new(&large).unwrap()));
    writer.write(&more, None).unwrap_err();
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3]);

    writer.limit_pages(10_000);
    writer.write(&more, None).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3, 4, 5]);
}

#[test]
fn a_deleted_directory_is_noticed_and_restored_when_it_is_back() {
    let (dir, mut writer) = store();
    let log = RunLog::open(dir.path()).unwrap();
    fs::remove_dir_all(dir.path()).unwrap();
    let error = writer.write(&waiting(4..=4, vec![]), None).unwrap_err();
    assert!(matches!(error, SinkError::Gone(_)), "{error}");
    assert_eq!(numbers(&log), [1, 2, 3], "an open log still reads what it can");

    fs::create_dir(dir.path()).unwrap();
    writer.write(&waiting(4..=4, vec![]), None).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3, 4]);
    assert_eq!(numbers(&RunLog::open(dir.path()).unwrap()), [1, 2, 3, 4]);
    let second = Writer::open(dir.path(), BUSY).unwrap_err();
    assert!(matches!(second, SinkError::InUse { .. }), "{second}");
}

#[test]
fn a_deleted_file_is_restored_without_its_old_log() {
    let (dir, mut writer) = store();
    // So much that SQLite moves it into the file: what is in the log then is a part of the run only.
    let pictures: Vec<_> = (0..8).map(|byte| Picture::new(vec![byte; 1 << 20])).collect();
    writer.write(&waiting(4..=4, pictures.clone()), None).unwrap();
    writer.write(&waiting(5..=5, vec![]), None).unwrap();
    fs::remove_file(dir.path().join(STORE_FILE)).unwrap();
    writer.write(&waiting(6..=6, vec![]), None).unwrap();
    drop(writer);
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(numbers(&log), [1, 2, 3, 4, 5, 6]);
    for picture in &pictures {
        assert_eq!(log.image(picture.id()).unwrap().as_ref(), Some(picture.png()));
    }
}

#[test]
fn a_log_does_not_mix_two_runs() {
    let (dir, writer) = store();
    let log = RunLog::open(dir.path()).unwrap();
    drop(writer);
    fs::remove_dir_all(dir.path()).unwrap();
    let _other = Writer::open(dir.path(), BUSY).unwrap();
    let error = log.head().unwrap_err();
    assert!(matches!(error, SinkError::Replaced(_)), "{error}");
}

#[test]
fn a_damaged_record_becomes_a_fault_and_the_others_stay() {
    let (dir, _writer) = store();
    sql(&dir, "UPDATE records SET body = '{\"kind\":\"from the future\"}' WHERE seq = 2");
    let records = RunLog::open(dir.path()).unwrap().records_after(0, 9).unwrap();
    assert_eq!([&records[0], &records[2]], [&record(1), &record(3)]);
    let Event::Fault(fault) = &records[1].event else { panic!("{:?}", records[1]) };
    assert!(fault.message.starts_with("record 2 is damaged"), "{}", fault.message);
}

#[test]
fn a_log_on_media_that_never_change_is_read_without_a_log_file() {
    let (dir, writer) = store();
    drop(writer);
    let file = dir.path().join(STORE_FILE);
    // `?`, `#`, `%` and blanks mean something in URIs.
    let odd = dir.path().join("a b?c#d%41é.sqlite");
    fs::rename(&file, &odd).unwrap();
    let uri = reader::immutable_uri(&odd);
    let connection = Connection::open_with_flags(
        uri,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI,
    )
    .unwrap();
    let count: u32 =
        connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
}

/// What `run.sqlite` holds instead of a run, and what the writer and the reader say.
#[test]
fn files_that_are_no_run_are_refused_with_a_reason_and_left_alone() {
    let check =
        |name: &str, damage: &dyn Fn(&TempDir), writer_says: &[&str], reader_says: &[&str]| {
            let (dir, writer) = store();
            drop(writer);
            damage(&dir);
            let file = dir.path().join(STORE_FILE);
            let before = fs::read(&file).ok();
            let writer = Writer::open(dir.path(), BUSY).map(|_| ()).unwrap_err().to_string();
            let reader = RunLog::open(dir.path()).map(|_| ()).unwrap_err().to_string();
            for (text, parts) in [(writer, writer_says), (reader, reader_says)] {
                for part in parts {
                    assert!(text.contains(part), "{name}: {part:?} is not in {text:?}");
                }
            }
            assert_eq!(fs::read(&file).ok(), before, "{name}: the file was changed");
        };
    let write =
        |dir: &TempDir, bytes: &[u8]| fs::write(dir.path().join(STORE_FILE), bytes).unwrap();
    let same = |name: &str, damage: &dyn Fn(&TempDir), says: &[&str]| {
        check(name, damage, says, says);
    };
    same("a text", &|dir| write(dir, b"a diary"), &["not a run of spyhole", "not an SQLite file"]);
    same(
        "a directory",
        &|dir| {
            fs::remove_file(dir.path().join(STORE_FILE)).unwrap();
            fs::create_dir(dir.path().join(STORE_FILE)).unwrap();
        },
        &["not a run of spyhole", "it is a directory"],
    );
    same(
        "another program's database",
        &|dir| sql(dir, "DROP TABLE meta"),
        &["not a run of spyhole", "another program"],
    );
    same(
        "another program's table of the same name",
        &|dir| sql(dir, "DROP TABLE meta; CREATE TABLE meta (version)"),
        &["not a run of spyhole", "no `format`"],
    );
    same(
        "a newer format",
        &|dir| sql(dir, "UPDATE meta SET value = 99 WHERE key = 'format'"),
        &["newer spyhole", "format is version 99", "update spyhole"],
    );
    same(
        "a newer vocabulary",
        &|dir| sql(dir, "UPDATE meta SET value = 99 WHERE key = 'protocol'"),
        &["newer spyhole", "vocabulary is version 99"],
    );
    let truncated = |dir: &TempDir| {
        let bytes = fs::read(dir.path().join(STORE_FILE)).unwrap();
        write(dir, &bytes[..bytes.len() / 2]);
    };
    same("a truncated file", &truncated, &["is damaged", "restore it from a copy"]);
    let overwritten = |dir: &TempDir| {
        let mut bytes = fs::read(dir.path().join(STORE_FILE)).unwrap();
        bytes[100..].fill(0xA5);
        write(dir, &bytes);
    };
    same("an overwritten file", &overwritten, &["is damaged"]);
}

#[test]
fn an_empty_file_is_a_run_not_yet_begun() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(STORE_FILE), "").unwrap();
    let error = RunLog::open(dir.path()).unwrap_err();
    assert!(matches!(error, SinkError::NoRun { .. }), "{error}");
    assert_eq!(Writer::open(dir.path(), BUSY).unwrap().head(), 0);
}

#[test]
fn a_run_directory_that_is_a_file_or_below_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Writer::open(&file, BUSY).unwrap_err();
    assert!(matches!(error, SinkError::NotADirectory(_)), "{error}");
    let error = Writer::open(&file.join("below"), BUSY).unwrap_err();
    assert!(matches!(error, SinkError::NotWritable { .. }), "{error}");
}
