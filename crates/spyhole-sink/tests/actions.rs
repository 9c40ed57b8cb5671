//! What is done about alerts, against a real web server and real commands.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use common::*;
use serde_json::Value;
use spyhole_protocol::{Alert, AlertState, Event, Severity};
use spyhole_sink::actions::{LogAction, command, webhook};
use spyhole_sink::{Derive, Entry, Hub, RunLog, Sink, SinkError};

fn alert(severity: Severity, title: &str) -> Event {
    Event::Alert(Alert {
        rule: "noisy-filters".into(),
        layer: Some("conv1".into()),
        metric: "noise_share".into(),
        state: AlertState::Raised,
        severity,
        epoch: 7,
        since: 7,
        value: Some(0.81),
        threshold: Some(0.5),
        title: title.into(),
        message: "81 % look like noise.".into(),
        hints: vec![],
        units: vec![1, 2],
        silenced: false,
    })
}

/// A web server on loopback: answers with those status codes in turn, then with 200, and passes on what
/// it was sent.
fn server(codes: Vec<u16>) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    let mut codes = codes.into_iter();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                if connection.read_line(&mut line).unwrap() <= 2 {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let code = codes.next().unwrap_or(200);
            let answer =
                format!("HTTP/1.1 {code} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            connection.get_mut().write_all(answer.as_bytes()).unwrap();
            if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

/// Records events with one sink, and returns the faults that are on record afterwards.
fn run(dir: &Path, sink: impl Sink + 'static, events: Vec<Event>) -> Vec<String> {
    let hub = open_with(dir, options(), vec![Box::new(sink)]);
    for event in events {
        assert!(hub.record(Entry::new(event)));
    }
    assert!(hub.close(PATIENCE));
    faults(&RunLog::open(dir).unwrap().records_after(0, usize::MAX).unwrap())
}

#[test]
fn a_webhook_gets_alerts_of_its_severity_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let (url, received) = server(vec![]);
    let hook = webhook(dir.path(), &url, Severity::Warning).unwrap();
    let events = vec![
        alert(Severity::Info, "mild"),
        analysed(1),
        alert(Severity::Warning, "bad"),
        alert(Severity::Critical, "worse"),
    ];
    assert_eq!(run(dir.path(), hook, events), [""; 0]);
    let first = received.recv_timeout(PATIENCE).unwrap();
    assert_eq!(first["alert"]["title"], "bad");
    assert_eq!(first["alert"]["units"], serde_json::json!([1, 2]));
    assert_eq!(first["run_dir"], dir.path().to_str().unwrap());
    let text = first["text"].as_str().unwrap();
    assert!(text.contains("warning in epoch 7 – bad. 81 % look like noise."), "{text}");
    assert_eq!(received.recv_timeout(PATIENCE).unwrap()["alert"]["title"], "worse");
}

#[test]
fn a_webhook_tries_again() {
    let dir = tempfile::tempdir().unwrap();
    let (url, received) = server(vec![500, 503]);
    let hook = webhook(dir.path(), &url, Severity::Info).unwrap();
    assert_eq!(run(dir.path(), hook, vec![alert(Severity::Info, "again")]), [""; 0]);
    for _ in 0..3 {
        assert_eq!(received.recv_timeout(PATIENCE).unwrap()["alert"]["title"], "again");
    }
}

#[test]
fn a_webhook_that_nobody_answers_is_a_fault_that_counts() {
    let dir = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hook = webhook(dir.path(), &format!("http://{closed}/"), Severity::Info).unwrap();
    let hub = open_with(dir.path(), options(), vec![Box::new(hook)]);
    for title in ["first", "second"] {
        hub.record(Entry::new(alert(Severity::Info, title)));
    }
    let told = || faults(&hub.log().records_after(0, usize::MAX).unwrap());
    eventually("the fault is told while the run goes on", || !told().is_empty());
    assert!(hub.close(PATIENCE));
    let told = told();
    assert!(told[0].starts_with("webhook 127.0.0.1: the alert \"first\" was not delivered"));
    assert!(told[0].contains("3 attempts failed"), "{told:?}");
    assert_eq!(told[1], "webhook 127.0.0.1: 2 alerts were not delivered in all");
}

#[test]
#[cfg(unix)]
fn a_command_gets_the_alert_and_its_failure_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let words = |script: &str| ["sh", "-c", script].map(String::from).to_vec();
    let file = dir.path().join("alert.json");
    let script = format!("cat > '{}'; echo \"$SPYHOLE_ALERT\" >&2", file.display());
    let good = command(dir.path(), &words(&script), Severity::Info).unwrap();
    let told = run(&dir.path().join("good"), good, vec![alert(Severity::Critical, "for a file")]);
    assert_eq!(told, [""; 0]);
    let written: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(written["alert"]["title"], "for a file");

    let script = "echo no paper >&2; exit 3";
    let bad = command(dir.path(), &words(script), Severity::Info).unwrap();
    let told = run(&dir.path().join("bad"), bad, vec![alert(Severity::Info, "lost")]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("exit status: 3: no paper"), "{told:?}");
}

#[test]
fn addresses_and_commands_that_cannot_work_are_errors_at_the_start() {
    for url in ["", "nowhere", "ftp://host/x", "http:///x", "http://"] {
        let error = webhook(".", url, Severity::Info).unwrap_err();
        assert!(matches!(error, SinkError::WebhookUrl(_)), "{url}: {error}");
    }
    for words in [vec![], vec![String::new()], vec!["no-such-program-here".to_owned()]] {
        let error = command(".", &words, Severity::Info).unwrap_err();
        assert!(matches!(error, SinkError::NoSuchProgram { .. }), "{words:?}: {error}");
    }
}

#[test]
fn alerts_are_written_to_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let events = vec![alert(Severity::Info, "a"), alert(Severity::Critical, "b"), analysed(1)];
    assert_eq!(run(dir.path(), LogAction, events), [""; 0]);
}

/// Makes an alert out of every third epoch it has ever seen; panics in epoch 100.
#[derive(Default)]
struct EveryThird(u32);

impl Derive for EveryThird {
    fn name(&self) -> &str {
        "every third"
    }

    fn remembers(&self) -> &'static [&'static str] {
        &["epoch_analysed"]
    }

    fn forget(&mut self) {
        self.0 = 0;
    }

    fn recall(&mut self, event: &Event) {
        assert!(matches!(event, Event::EpochAnalysed(_)));
        self.0 += 1;
    }

    fn derive(&mut self, event: &Event) -> Vec<Event> {
        let Event::EpochAnalysed(analysed) = event else { return vec![] };
        assert!(analysed.epoch != 100, "a hundred is too much");
        self.0 += 1;
        if self.0.is_multiple_of(3) {
            vec![alert(Severity::Info, &self.0.to_string())]
        } else {
            vec![]
        }
    }
}

#[test]
fn derived_events_follow_and_earlier_ones_are_recalled() {
    let dir = tempfile::tempdir().unwrap();
    for epochs in [1..=4, 5..=7, 100..=102] {
        let derive: Vec<Box<dyn Derive>> = vec![Box::new(EveryThird::default())];
        let hub = Hub::open_deriving(dir.path(), options(), derive, vec![]).unwrap();
        record(&hub, epochs);
        assert!(hub.close(PATIENCE));
    }
    let records = RunLog::open(dir.path()).unwrap().records_after(0, usize::MAX).unwrap();
    assert_no_gaps(&records);
    let story: Vec<_> = records
        .iter()
        .map(|record| match &record.event {
            Event::EpochAnalysed(analysed) => analysed.epoch.to_string(),
            Event::Alert(alert) => format!("alert {}", alert.title),
            Event::Fault(fault) => fault.message.clone(),
            other => format!("{other:?}"),
        })
        .collect();
    let panic = "panicked: a hundred is too much";
    let expected = [
        "1", "2", "3", "alert 3", "4", "5", "6", "alert 6", "7", "100", panic, "101", "102",
        "alert 9",
    ];
    assert_eq!(story, expected);
}
