//! The command as users run it: its output, its exit status, its server.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use spyhole_protocol::{EpochAnalysed, Event};
use spyhole_sink::{Entry, Hub, HubOptions};

fn spyhole() -> Command {
    Command::new(env!("CARGO_BIN_EXE_spyhole"))
}

fn make_run(dir: &Path) {
    let hub = Hub::open(dir, HubOptions::default(), Vec::new()).unwrap();
    hub.record(Entry::new(Event::EpochAnalysed(EpochAnalysed {
        epoch: 1,
        seconds: 0.25,
        ..Default::default()
    })));
    assert!(hub.close(Duration::from_secs(30)));
}

/// Ends the child also when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The running command, the dashboard's address, and the lines before it.
fn view<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> (Running, String, Vec<String>) {
    let mut command = spyhole();
    command.arg("view").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map(Running).unwrap();
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut before = Vec::new();
    let url = loop {
        let line = lines.next().expect("an address");
        match line.strip_prefix("Dashboard:  ") {
            Some(url) => break url.to_owned(),
            None => before.push(line),
        }
    };
    assert_eq!(lines.next().unwrap(), "Ctrl-C ends.");
    (child, url, before)
}

fn get(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    ask(host, host, path)
}

/// Asks the server at `address` for `path`, by the name `host`.
fn ask(address: &str, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_run_is_served_until_ctrl_c() {
    let dir = tempfile::tempdir().unwrap();
    make_run(dir.path());
    let (mut child, url, lines) = view([dir.path()]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(&dir.path().display().to_string()), "{lines:?}");
    assert!(get(&url).starts_with("HTTP/1.1 303 "));

    #[cfg(unix)]
    {
        let id = child.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert!(child.0.wait().unwrap().success());
    }
}

#[test]
fn a_run_is_viewed_while_another_process_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Hub::open(dir.path(), HubOptions::default(), Vec::new()).unwrap();
    let (_child, url, _) = view([dir.path()]);
    assert!(get(&url).starts_with("HTTP/1.1 303 "));
    assert!(hub.close(Duration::from_secs(30)));
}

#[test]
fn what_is_no_run_is_refused_with_a_reason() {
    let check = |prepare: &dyn Fn(&Path), expected: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let Output { status, stderr, stdout } =
            spyhole().arg("view").arg(dir.path().join("run")).output().unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{stderr}");
        assert!(stdout.is_empty());
        for part in expected {
            assert!(stderr.contains(part), "{part:?} is not in {stderr:?}");
        }
    };
    check(&|_| {}, &["no run in", "does not exist"]);
    check(&|dir| fs::write(dir.join("run"), "x").unwrap(), &["is not a directory"]);
    let notes = |dir: &Path| {
        fs::create_dir(dir.join("run")).unwrap();
        fs::write(dir.join("run/notes.txt"), "x").unwrap();
    };
    check(&notes, &["no run in", "run.sqlite"]);
    let beside = |dir: &Path| make_run(&dir.join("ran"));
    check(&beside, &["no run in", "does not exist", "did you mean", "ran"]);
    let foreign = |dir: &Path| {
        fs::create_dir(dir.join("run")).unwrap();
        fs::write(dir.join("run/run.sqlite"), "a diary of mine").unwrap();
    };
    check(&foreign, &["not a run of spyhole", "not an SQLite file", "left as it is"]);
}

#[test]
fn several_runs_are_listed_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["runs/first", "runs/second", "third"] {
        make_run(&dir.path().join(name));
    }
    fs::create_dir(dir.path().join("runs/broken")).unwrap();
    fs::write(dir.path().join("runs/broken/run.sqlite"), "a diary of mine").unwrap();
    let (_child, url, lines) = view([dir.path().join("runs"), dir.path().join("third")]);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[3].contains("cannot be read") && lines[3].contains("not an SQLite file"));
    let list = get(&url.replace("/?", "/runs?"));
    for name in ["first", "second", "third", "broken"] {
        assert!(lines.iter().any(|line| line.contains(name)), "{lines:?}");
        assert!(list.contains(&format!("\"name\":\"{name}\"")), "{list}");
    }
}

#[test]
fn where_there_is_no_run_yet_the_first_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (_child, url, lines) = view([dir.path()]);
    assert!(lines[0].starts_with("No run yet in "), "{lines:?}");
    assert!(lines[0].ends_with(": waiting for the first."), "{lines:?}");
    assert!(get(&url.replace("/?", "/runs?")).ends_with("\"runs\":[]}"));
    make_run(&dir.path().join("later"));
    assert!(get(&url.replace("/?", "/runs?")).contains("\"name\":\"later\""));
}

#[test]
fn other_machines_are_let_in_with_a_warning_and_a_better_way() {
    let dir = tempfile::tempdir().unwrap();
    make_run(dir.path());
    let path = dir.path().as_os_str();
    let words = |words: &[&'static str]| words.iter().map(|&it| OsStr::new(it)).collect::<Vec<_>>();
    let mut arguments = vec![path];
    arguments.extend(words(&["--bind", "0.0.0.0", "--host", "box.lan", "--host", "box"]));
    let (mut child, url, _) = view(arguments);
    let (address, query) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port = address.rsplit(':').next().unwrap();
    for (host, status) in
        [("192.168.7.7", "303"), ("box.lan", "303"), ("box", "303"), ("evil.example", "403")]
    {
        let answer = ask(address, &format!("{host}:{port}"), query);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
    }
    child.0.kill().unwrap();
    let mut warning = String::new();
    child.0.stderr.take().unwrap().read_to_string(&mut warning).unwrap();
    for part in ["warning: ", "not encrypted", &format!("ssh -N -L {port}:127.0.0.1:{port}")] {
        assert!(warning.contains(part), "{part:?} is not in {warning:?}");
    }

    for (arguments, expected) in [
        (words(&["--bind", "everywhere"]), "invalid IP address"),
        (words(&["--host", "http://box"]), "no name of a machine"),
        (words(&["--bind", "192.0.2.1"]), "cannot open port"),
    ] {
        let output = spyhole().arg("view").arg(path).args(&arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    let (mut child, _, _) = view([path]);
    child.0.kill().unwrap();
    let mut quiet = String::new();
    child.0.stderr.take().unwrap().read_to_string(&mut quiet).unwrap();
    assert_eq!(quiet, "");
}

#[test]
fn an_occupied_port_is_named() {
    let dir = tempfile::tempdir().unwrap();
    make_run(dir.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = spyhole().arg("view").arg(dir.path()).args(["--port", &port]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&port) && stderr.contains("--port 0"), "{stderr}");
}
