//! The command as users run it: its output, its exit status, its server.

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

fn view(dir: &Path) -> (Running, String) {
    let mut child =
        spyhole().arg("view").arg(dir).stdout(Stdio::piped()).spawn().map(Running).unwrap();
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.find_map(|line| line.strip_prefix("Dashboard:  ").map(String::from)).unwrap();
    assert_eq!(lines.next().unwrap(), "Ctrl-C ends.");
    (child, url)
}

fn get(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_run_is_served_until_ctrl_c() {
    let dir = tempfile::tempdir().unwrap();
    make_run(dir.path());
    let (mut child, url) = view(dir.path());
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
    let (_child, url) = view(dir.path());
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
    check(&|dir| fs::create_dir(dir.join("run")).unwrap(), &["no run in", "run.sqlite"]);
    check(&|dir| make_run(&dir.join("run/first")), &["no run in", "did you mean", "run/first"]);
    let foreign = |dir: &Path| {
        fs::create_dir(dir.join("run")).unwrap();
        fs::write(dir.join("run/run.sqlite"), "a diary of mine").unwrap();
    };
    check(&foreign, &["not a run of spyhole", "not an SQLite file", "left as it is"]);
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
