//! Pages of a run's history.

mod common;

use std::io::Read;

use common::http::{TOKEN, cookie, get, history, key, page};
use common::*;
use flate2::read::GzDecoder;
use rusqlite::Connection;
use spyhole_protocol::{KINDS, Record, RecordPage};
use spyhole_sink::{Entry, Hub, RunLog, STORE_FILE, Server, ServerOptions, Shelf, serve};
use tempfile::TempDir;

const EPOCHS: u32 = 60;

fn options() -> ServerOptions {
    ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() }
}

/// A run with readings of three layers and some large faults.
fn run() -> (TempDir, Hub) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let text = "x".repeat(200_000);
    for epoch in 1..=EPOCHS {
        for layer in ["a", "b.c", "d e"] {
            hub.record(Entry::new(health(epoch, layer)));
        }
        hub.record(Entry::new(settling(epoch)));
        hub.record(Entry::new(fault(format!("{epoch} {text}"))));
        hub.record(Entry::new(analysed(epoch)));
    }
    eventually("all is accepted", || hub.log().head().unwrap() == u64::from(6 * EPOCHS));
    (dir, hub)
}

fn of(records: &[Record], kind: &str, layer: Option<&str>) -> Vec<Record> {
    let is = |record: &&Record| {
        let json = serde_json::to_value(&record.event).unwrap();
        json["kind"] == kind && layer.is_none_or(|layer| json["layer"] == layer)
    };
    records.iter().filter(is).cloned().collect()
}

fn check_all(server: &Server, all: &[Record]) {
    let (port, key) = (server.port(), key(server.port()));
    for kind in KINDS {
        let query = format!("kind={kind}");
        assert_eq!(history(port, &key, &query), of(all, kind, None), "{kind}");
    }
    for (written, layer) in [("a", "a"), ("b.c", "b.c"), ("d%20e", "d e"), ("d+e", "d e")] {
        let query = format!("kind=layer_health&layer={written}");
        let expected = of(all, "layer_health", Some(layer));
        assert_eq!(expected.len(), EPOCHS as usize);
        assert_eq!(history(port, &key, &query), expected, "{layer}");
        // A layer without records of that kind is no mistake.
        let empty = page(port, &key, &format!("kind=layer_features&layer={written}"));
        assert_eq!(empty, RecordPage { records: vec![], before: None });
    }
    // 12 MB of faults: in pages of two or less, none of them empty.
    let first = page(port, &key, "kind=fault");
    assert!(first.records.len() >= 9 && first.records.len() <= 11, "{}", first.records.len());
    assert_eq!(first.before, Some(first.records[0].seq));
    let none = page(port, &key, "kind=fault&before=5");
    assert_eq!(none, RecordPage { records: vec![], before: None });
    let one = page(port, &key, "kind=fault&before=6");
    assert_eq!((one.records.len(), one.before), (1, None));
    let late = page(port, &key, "kind=epoch_analysed&before=18446744073709551615");
    assert_eq!(late.records, of(all, "epoch_analysed", None));
}

#[test]
fn pages_are_the_history_whether_it_is_on_disk_or_not() {
    let (dir, hub) = run();
    let live = serve(Shelf::training(hub.log(), None), options()).unwrap();
    let all = hub.log().records_after(0, usize::MAX).unwrap();
    check_all(&live, &all);

    // A store that another program holds: the newest records wait in memory.
    let locker = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    assert!(hub.flush(PATIENCE));
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    hub.record(Entry::new(health(EPOCHS + 1, "new")));
    hub.record(Entry::new(health(EPOCHS + 2, "a")));
    let (port, key) = (live.port(), key(live.port()));
    let of_a = || page(port, &key, "kind=layer_health&layer=a").records;
    eventually("they are on the page", || of_a().len() == EPOCHS as usize + 1);
    assert_eq!(of_a().last().unwrap().event, health(EPOCHS + 2, "a"));
    let newest = page(port, &key, "kind=layer_health&layer=new").records;
    assert_eq!(newest.len(), 1);
    assert_eq!(newest[0].event, health(EPOCHS + 1, "new"));
    let on_disk = RunLog::open(dir.path()).unwrap().head().unwrap();
    assert_eq!(on_disk, u64::from(6 * EPOCHS), "it was not on disk");
    locker.execute_batch("ROLLBACK").unwrap();
    drop(locker);
    assert!(hub.close(PATIENCE));

    let log = RunLog::open(dir.path()).unwrap();
    let all = log.records_after(0, usize::MAX).unwrap();
    let replay = serve(log, options()).unwrap();
    let whole = history(replay.port(), &key, "kind=layer_health");
    assert_eq!(whole, of(&all, "layer_health", None));
}

#[test]
fn a_run_from_before_there_was_the_index_is_read_without() {
    let (dir, hub) = run();
    assert!(hub.close(PATIENCE));
    let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    connection.execute_batch("DROP INDEX records_by_kind_and_layer").unwrap();
    drop(connection);
    let log = RunLog::open(dir.path()).unwrap();
    let all = log.records_after(0, usize::MAX).unwrap();
    check_all(&serve(log, options()).unwrap(), &all);
}

#[test]
fn a_damaged_record_is_a_fault_on_its_page_and_in_a_snapshot() {
    let (dir, hub) = run();
    assert!(hub.close(PATIENCE));
    let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    for (seq, body) in [(1, "'{\"kind\":\"layer_health\"}'"), (7, "x'ff00'"), (355, "'x'")] {
        let damage = format!("UPDATE records SET body = {body} WHERE seq = {seq}");
        connection.execute_batch(&damage).unwrap();
    }
    drop(connection);
    let log = RunLog::open(dir.path()).unwrap();
    let server = serve(log, ServerOptions { far_behind: 10, ..options() }).unwrap();
    let port = server.port();
    let records = history(port, &key(port), "kind=layer_health&layer=a");
    assert_eq!(records.len(), EPOCHS as usize);
    let damaged: Vec<_> = faults(&records);
    assert_eq!(damaged.len(), 3, "{damaged:?}");
    assert!(damaged[1].starts_with("run store: record 7 is damaged"), "{damaged:?}");
    let (mut client, _) = client::Client::connect(port, "");
    client.read_to(u64::from(6 * EPOCHS));
    assert_eq!(client.snapshots.len(), 1);
    assert!(faults(&client.records).iter().any(|text| text.contains("record 355 is damaged")));
}

#[test]
fn questions_that_make_no_sense_are_refused_in_words() {
    let (_dir, hub) = run();
    let server = serve(Shelf::training(hub.log(), None), options()).unwrap();
    let (port, key) = (server.port(), key(server.port()));
    for (query, expected) in [
        ("", "give `kind`"),
        ("?layer=a", "give `kind`"),
        ("?kind=", "there is no kind ``"),
        ("?kind=layer_heath", "there is no kind `layer_heath`; expected one of run_started,"),
        ("?kind=layer_health&layer=conv9", "this run has no layer `conv9`"),
        ("?kind=layer_health&layer=", "this run has no layer ``"),
        ("?kind=metric&before=", "`before` must be"),
        ("?kind=metric&before=x", "`before` must be"),
        ("?kind=metric&before=-1", "`before` must be"),
        ("?kind=metric&before=18446744073709551616", "`before` must be"),
        ("?kind=%27%3B+DROP+TABLE+records", "there is no kind `'; DROP TABLE records`"),
    ] {
        let answer = get(port, &format!("/runs/{key}/records{query}"), &cookie(port));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(expected), "{query}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn pages_are_compressed_for_who_takes_it() {
    let (_dir, hub) = run();
    let server = serve(Shelf::training(hub.log(), None), options()).unwrap();
    let port = server.port();
    let path = format!("/runs/{}/records?kind=layer_health", key(port));
    let plain = get(port, &path, &cookie(port));
    assert_eq!(plain.header("content-encoding"), None);
    for (accepts, compressed) in [
        ("gzip", true),
        ("br, GZIP;q=0.5", true),
        ("deflate, gzip ; q=1", true),
        ("gzip;q=0", false),
        ("br", false),
        ("", false),
    ] {
        let headers = format!("{}Accept-Encoding: {accepts}\r\n", cookie(port));
        let answer = get(port, &path, &headers);
        assert_eq!(answer.header("content-encoding").is_some(), compressed, "{accepts}");
        let mut body = Vec::new();
        if compressed {
            GzDecoder::new(&answer.body[..]).read_to_end(&mut body).unwrap();
            assert!(answer.body.len() < plain.body.len() / 2);
        } else {
            body = answer.body;
        }
        assert!(body == plain.body, "{accepts}");
    }
}
