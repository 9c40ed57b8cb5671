//! Several runs at once: what is listed, and what is shown.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::client::Client;
use common::http::{TOKEN, cookie, get, page, runs};
use common::*;
use rusqlite::Connection;
use spyhole_protocol::{
    Alert, AlertState, Event, RunState, RunSummary, Severity, Silence, VERSION,
};
use spyhole_sink::{Entry, STORE_FILE, Server, ServerOptions, Shelf, SinkError, serve};

fn alert(rule: &str, state: AlertState, severity: Severity) -> Event {
    Event::Alert(Alert {
        rule: rule.into(),
        layer: Some("a".into()),
        metric: "noise_share".into(),
        state,
        severity,
        epoch: 1,
        since: 1,
        value: None,
        threshold: None,
        title: String::new(),
        message: String::new(),
        hints: vec![],
        units: vec![],
        silenced: false,
    })
}

fn silence(rule: &str, silenced: bool) -> Event {
    Event::Silence(Silence { rule: rule.into(), layer: Some("a".into()), silenced })
}

/// A finished run.
fn make(dir: &Path, name: &str) {
    let hub = open(dir);
    hub.record(Entry::new(started(name, 1)));
    record(&hub, 1..=3);
    hub.update_status(|status| status.state = RunState::Ended);
    assert!(hub.close(PATIENCE));
    // Times are in milliseconds: the next one shall start later.
    std::thread::sleep(std::time::Duration::from_millis(2));
}

fn options() -> ServerOptions {
    ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() }
}

fn shelf(places: &[&Path]) -> Result<Shelf, SinkError> {
    Shelf::places(places.iter().map(PathBuf::from))
}

fn server(places: &[&Path]) -> Server {
    serve(shelf(places).unwrap(), options()).unwrap()
}

fn names(runs: &[RunSummary]) -> Vec<&str> {
    runs.iter().map(|run| run.name.as_str()).collect()
}

#[test]
fn runs_appear_and_vanish_and_the_newest_is_first() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("runs");
    for name in ["first", "second"] {
        make(&place.join(name), name);
    }
    make(&dir.path().join("elsewhere"), "elsewhere");
    fs::write(place.join("notes.txt"), "not a run").unwrap();
    fs::create_dir(place.join("empty")).unwrap();
    fs::create_dir(place.join("begun")).unwrap();
    fs::write(place.join("begun").join(STORE_FILE), "").unwrap();
    // The same run twice is one.
    let twice = dir.path().join("runs/../runs/first");
    let server = server(&[&place, &dir.path().join("elsewhere"), &twice]);
    let port = server.port();
    let list = runs(port);
    assert_eq!(list.version, VERSION);
    assert_eq!(names(&list.runs), ["elsewhere", "second", "first"]);
    let keys: Vec<_> = list.runs.iter().map(|run| run.key.clone()).collect();
    for run in &list.runs {
        assert_eq!((run.problem.as_ref(), run.live), (None, false));
        assert_eq!(run.status.as_ref().unwrap().state, RunState::Ended);
        assert!(Path::new(&run.directory).ends_with(&run.name), "{}", run.directory);
        assert!(run.started_ms.is_some());
        let mut client = Client::open_run(port, &run.key, "?after=0");
        client.next();
        client.read_to(4);
        client.assert_has_exactly(1..=4);
        let image = format!("/runs/{}/images/{}.png", run.key, picture(2).id().0);
        assert_eq!(get(port, &image, &cookie(port)).body, &picture(2).png()[..]);
        assert_eq!(page(port, &run.key, "kind=epoch_analysed").records.len(), 3);
    }

    let hub = open(&place.join("third"));
    hub.record(Entry::new(started("third", 1)));
    // Before its start is recorded it is listed last.
    let newest_first = ["third", "elsewhere", "second", "first"];
    eventually("it is listed first", || names(&runs(port).runs) == newest_first);
    let list = runs(port).runs;
    // It is followed while it is written.
    let mut client = Client::open_run(port, &list[0].key, "?after=0");
    client.next();
    client.read_to(1);
    record(&hub, 1..=9);
    client.read_to(10);
    client.assert_has_exactly(1..=10);
    assert!(hub.close(PATIENCE));

    fs::remove_dir_all(place.join("second")).unwrap();
    let list = runs(port).runs;
    assert_eq!(names(&list), ["third", "elsewhere", "first"]);
    assert_eq!(list[1..].iter().map(|run| &run.key).collect::<Vec<_>>(), [&keys[0], &keys[2]]);
    let gone = format!("/runs/{}/records?kind=metric", keys[1]);
    assert_eq!(get(port, &gone, &cookie(port)).status, 404);
    assert_eq!(Client::try_open(port, &keys[1], "").err(), Some(404));
}

#[test]
fn broken_runs_are_listed_with_what_is_wrong_and_harm_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let damage = |name: &str, damage: &dyn Fn(&Path)| {
        make(&dir.path().join(name), name);
        damage(&dir.path().join(name).join(STORE_FILE));
    };
    let sql = |file: &Path, sql: &str| Connection::open(file).unwrap().execute_batch(sql).unwrap();
    damage("a diary", &|file| fs::write(file, "dear diary").unwrap());
    damage("truncated", &|file| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
    });
    damage("overwritten", &|file| {
        let mut bytes = fs::read(file).unwrap();
        bytes[100..].fill(0xA5);
        fs::write(file, bytes).unwrap();
    });
    damage("newer", &|file| sql(file, "UPDATE meta SET value = 99 WHERE key = 'protocol'"));
    damage("foreign", &|file| sql(file, "DROP TABLE meta"));
    damage("half", &|file| sql(file, "DROP TABLE records"));
    damage("bad status", &|file| sql(file, "UPDATE status SET body = 'x'"));
    damage("older", &|file| {
        sql(
            file,
            "UPDATE meta SET value = 1 WHERE key = 'protocol'; DROP TABLE documents; DROP TABLE kept; \
             DROP INDEX records_by_kind_and_layer",
        );
    });
    make(&dir.path().join("good"), "good");

    let server = server(&[dir.path()]);
    let port = server.port();
    for _ in 0..2 {
        let list = runs(port).runs;
        assert_eq!(list.len(), 9);
        assert_eq!(names(&list)[..2], ["good", "older"]);
        for run in &list[..2] {
            assert_eq!(run.problem, None);
            let mut client = Client::open_run(port, &run.key, "?after=0");
            client.next();
            client.read_to(4);
            client.assert_has_exactly(1..=4);
        }
        for run in &list[2..] {
            let problem = run.problem.as_ref().unwrap();
            let expected = match run.name.as_str() {
                "a diary" => "not an SQLite file",
                "truncated" | "overwritten" | "bad status" => "is damaged",
                "newer" => "newer spyhole",
                "foreign" => "another program",
                "half" => "no such table",
                other => panic!("{other}"),
            };
            assert!(problem.contains(expected), "{}: {problem}", run.name);
            assert_eq!((run.started_ms, &run.status, run.active_alerts), (None, &None, 0));
            if run.name == "bad status" || run.name == "half" {
                continue;
            }
            let path = format!("/runs/{}/records?kind=metric", run.key);
            let answer = get(port, &path, &cookie(port));
            assert_eq!(answer.status, 500, "{}", run.name);
            assert!(answer.text().contains(expected), "{}", answer.text());
            assert_eq!(Client::try_open(port, &run.key, "").err(), Some(500), "{}", run.name);
        }
        let mut keys: Vec<_> = list.iter().map(|run| &run.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 9);
    }
    // What is repaired is shown again.
    fs::remove_dir_all(dir.path().join("truncated")).unwrap();
    make(&dir.path().join("truncated"), "truncated");
    assert_eq!(names(&runs(port).runs)[0], "truncated");
}

#[test]
fn a_copy_of_a_run_has_a_key_of_its_own_and_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    make(&dir.path().join("run"), "run");
    let server = server(&[dir.path()]);
    let port = server.port();
    let before = runs(port).runs[0].key.clone();
    // Sorts in front of the run it is a copy of.
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(dir.path().join("run").join(STORE_FILE), copy.join(STORE_FILE)).unwrap();
    let hub = open(&copy);
    record(&hub, 4..=9);
    assert!(hub.close(PATIENCE));
    let key_of = |name: &str| {
        let list = runs(port).runs;
        let run = list.iter().find(|run| Path::new(&run.directory).ends_with(name));
        run.map(|run| run.key.clone())
    };
    assert_eq!(key_of("run").as_ref(), Some(&before));
    let other = key_of("copy").unwrap();
    assert!(other.starts_with(&before) && other != before);
    let length = |key: &str| page(port, key, "kind=epoch_analysed").records.len();
    assert_eq!((length(&before), length(&other)), (3, 9));
    fs::remove_dir_all(dir.path().join("run")).unwrap();
    assert_eq!((key_of("run"), key_of("copy").as_ref()), (None, Some(&other)));
}

#[test]
fn more_runs_than_are_kept_open_are_all_shown() {
    let dir = tempfile::tempdir().unwrap();
    let count = 20;
    for i in 0..count {
        make(&dir.path().join(format!("{i:02}")), &i.to_string());
    }
    let server = server(&[dir.path()]);
    let port = server.port();
    let list = runs(port).runs;
    assert_eq!(list.len(), count);
    let mut clients = Vec::new();
    for run in &list {
        let mut client = Client::open_run(port, &run.key, "?after=0");
        client.next();
        clients.push(client);
    }
    for client in &mut clients {
        client.read_to(4);
        client.assert_has_exactly(1..=4);
    }
    assert_eq!(runs(port).runs, list);
}

#[test]
fn a_run_that_is_replaced_is_another_one() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    make(&run, "old");
    let server = server(&[dir.path()]);
    let port = server.port();
    let old = runs(port).runs[0].key.clone();
    let mut client = Client::open_run(port, &old, "?after=0");
    client.next();
    client.read_to(4);
    fs::remove_dir_all(&run).unwrap();
    make(&run, "new");
    let list = runs(port).runs;
    assert_eq!(names(&list), ["new"]);
    assert_ne!(list[0].key, old);
    let (_, reason) = client.read_to_the_end();
    assert!(reason.contains("another run"), "{reason}");
    assert_eq!(Client::try_open(port, &old, "").err(), Some(404));
}

#[test]
fn a_summary_counts_the_alerts_that_are_heard() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let live = serve(Shelf::training(hub.log(), None), options()).unwrap();
    let replay = server(&[dir.path()]);
    let check = |events: Vec<Event>, active: u32, worst: Option<Severity>| {
        let head = hub.log().head().unwrap() + events.len() as u64;
        for event in events {
            hub.record(Entry::new(event));
        }
        eventually("it is accepted", || hub.log().head().unwrap() == head);
        assert!(hub.flush(PATIENCE));
        for (server, is_live) in [(&live, true), (&replay, false)] {
            let run = runs(server.port()).runs.remove(0);
            assert_eq!((run.active_alerts, run.worst_alert), (active, worst));
            assert_eq!(run.live, is_live);
        }
    };
    use AlertState::{Raised, Resolved, Updated};
    use Severity::{Critical, Info, Warning};
    check(vec![], 0, None);
    check(vec![started("x", 1), alert("noise", Raised, Info)], 1, Some(Info));
    check(vec![alert("noise", Updated, Critical)], 1, Some(Critical));
    check(vec![alert("dead", Raised, Warning)], 2, Some(Critical));
    check(vec![silence("noise", true)], 1, Some(Warning));
    check(vec![alert("noise", Updated, Critical)], 1, Some(Warning));
    check(vec![started("x", 1)], 1, Some(Warning));
    check(vec![silence("noise", false)], 2, Some(Critical));
    check(vec![alert("noise", Resolved, Critical)], 1, Some(Warning));
    check(vec![alert("dead", Resolved, Warning)], 0, None);
    assert_eq!(names(&runs(live.port()).runs), ["x"]);
    assert!(hub.close(PATIENCE));
}

#[test]
fn what_is_no_place_for_runs_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    make(&place("runs/good"), "good");
    fs::create_dir(place("empty")).unwrap();
    fs::create_dir_all(place("hollow/later")).unwrap();
    fs::create_dir(place("notes")).unwrap();
    fs::write(place("notes/a.txt"), "x").unwrap();
    fs::write(place("file"), "x").unwrap();
    fs::create_dir(place("broken")).unwrap();
    fs::write(place("broken").join(STORE_FILE), "dear diary").unwrap();
    let text = |name: &str| shelf(&[&place(name)]).map(|_| ()).unwrap_err().to_string();
    for (name, expected) in [
        ("nowhere", "the directory does not exist"),
        ("runs/god", "did you mean"),
        ("notes", "no run in"),
        ("file", "is not a directory"),
        ("broken", "not an SQLite file"),
    ] {
        assert!(text(name).contains(expected), "{name}: {}", text(name));
    }
    assert!(text("runs/god").contains("runs/good"), "{}", text("runs/god"));
    // Beside a good place, a broken run is a line in the list; a place that is none is a mistake.
    assert_eq!(shelf(&[&place("runs"), &place("broken")]).unwrap().list().runs.len(), 2);
    assert!(shelf(&[&place("runs"), &place("nowhere")]).is_err());

    // Where the first run may be about to begin, one waits for it.
    for name in ["empty", "hollow"] {
        let server = server(&[&place(name)]);
        assert_eq!(runs(server.port()).runs, []);
        make(&place(name).join("later"), "later");
        assert_eq!(names(&runs(server.port()).runs), ["later"]);
    }
}

#[test]
fn a_run_with_an_odd_name_for_an_id_can_be_addressed() {
    let dir = tempfile::tempdir().unwrap();
    for (place, id) in ["../../x", "", "a b", "é", &"x".repeat(300)].iter().enumerate() {
        let run = dir.path().join(place.to_string());
        make(&run, "odd");
        let store = Connection::open(run.join(STORE_FILE)).unwrap();
        store.execute("UPDATE meta SET value = ?1 WHERE key = 'run_id'", [id]).unwrap();
    }
    let server = server(&[dir.path()]);
    let port = server.port();
    for run in runs(port).runs {
        assert!(run.key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", run.key);
        assert_eq!(page(port, &run.key, "kind=epoch_analysed").records.len(), 3);
    }
}
