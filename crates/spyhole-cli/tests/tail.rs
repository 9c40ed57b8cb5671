//! `spyhole tail` as scripts run it: what it prints, and how it ends.

mod fake;
mod made_up;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use fake::{Connection, Fake, Script, TOKEN};
use made_up::{Plan, alert, events};
use spyhole_protocol::{
    AlertState, Event, Record, RunEnded, RunOutcome, RunState, Severity, Status, VERSION,
};
use spyhole_sink::RunLog;

fn tail(run: impl AsRef<std::ffi::OsStr>, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spyhole"));
    command.arg("tail").arg(run).args(more);
    command
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn run(mut command: Command) -> Said {
    said(command.output().unwrap())
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Said {
    fn check(&self, code: i32, parts: &[&str]) {
        let all = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{all}");
        for part in parts {
            assert!(all.contains(part), "{part:?} is not in\n{all}");
        }
    }

    fn numbers(&self) -> Vec<u64> {
        let record = |line| serde_json::from_str::<Record>(line).unwrap().seq;
        self.out.lines().map(record).collect()
    }
}

/// A run of these events, that has finished as said.
fn recorded(dir: &Path, recorded: &[Event], outcome: RunOutcome) {
    let hub = made_up::open(dir);
    made_up::start(&hub, &Plan::default());
    recorded.iter().for_each(|event| made_up::record(&hub, event.clone()));
    made_up::end(hub, outcome);
}

#[test]
fn the_exit_code_says_how_it_went() {
    use AlertState::{Raised, Resolved};
    use Severity::{Critical, Info, Warning};
    let raised = |severity| alert("a", None, Raised, severity, 1);
    let over = |severity| alert("a", None, Resolved, severity, 2);
    let silenced = || events::silence("a", None, true);
    let finished = RunOutcome::Finished;
    for (recorded_events, outcome, now, from_start) in [
        (vec![], finished, 0, 0),
        (vec![raised(Info)], finished, 0, 0),
        (vec![raised(Warning)], finished, 3, 3),
        (vec![raised(Critical)], finished, 4, 4),
        (vec![raised(Critical), over(Critical)], finished, 0, 4),
        (vec![raised(Critical), silenced()], finished, 0, 0),
        (vec![silenced(), raised(Critical), events::silence("a", None, false)], finished, 4, 4),
        (vec![], RunOutcome::Failed, 5, 5),
        (vec![raised(Critical)], RunOutcome::Interrupted, 5, 5),
    ] {
        let dir = tempfile::tempdir().unwrap();
        recorded(dir.path(), &recorded_events, outcome);
        run(tail(dir.path(), &[])).check(now, &[]);
        run(tail(dir.path(), &["--from-start"])).check(from_start, &[]);
    }
}

#[test]
fn a_finished_run_is_told_in_words_without_escape_codes() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let hub = made_up::open(dir.path());
    made_up::start(&hub, &plan);
    made_up::epoch(&hub, &plan, 0);
    made_up::epoch(&hub, &plan, 1);
    let alert = |state| alert("noisy-filters", Some("conv1"), state, Severity::Warning, 1);
    made_up::record(&hub, alert(AlertState::Raised));
    made_up::record(&hub, events::silence("noisy-filters", Some("conv1"), true));
    made_up::record(&hub, alert(AlertState::Resolved));
    made_up::record(&hub, events::dropped(2, 1));
    made_up::record(&hub, events::stop_asked(2));
    made_up::record(&hub, events::fault("webhook", "no\x1b[31m answer"));
    made_up::end(hub, RunOutcome::Finished);

    let said = run(tail(dir.path(), &["--from-start"]));
    said.check(
        0,
        &[
            "made up: epochs 1 to 3, 3 layers, 1234 parameters\n",
            "epoch 1/3: train Loss ",
            ", valid Accuracy ",
            " %\n",
            "warning: epoch 1: conv1: filters look like noise. 62.5 %",
            "silenced: noisy-filters on conv1\n",
            "over (silenced): epoch 1, since 0: conv1: filters look like noise. ",
            "dropped: epoch 2 was not analysed",
            "stop: the dashboard asked for the end of the training, in epoch 2\n",
            "fault: webhook: no\u{fffd}[31m answer\n",
            "finished (no alerts)\n",
        ],
    );
    assert!(!said.out.contains('\x1b') && !said.out.contains('\r'));
    assert_eq!(said.err, "");

    let all = RunLog::open(dir.path()).unwrap().records_after(0, usize::MAX).unwrap();
    let json = run(tail(dir.path(), &["--from-start", "--json"]));
    let read: Vec<Record> =
        json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, all);
    assert_eq!(run(tail(dir.path(), &["--json"])).out, "");
}

#[test]
fn a_running_training_is_followed_to_its_end_or_an_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { studies_every: 0, ..Plan::default() };
    let hub = made_up::open(dir.path());
    made_up::start(&hub, &plan);
    made_up::epoch(&hub, &plan, 1);
    let start = |more: &[&str]| {
        let mut command = tail(dir.path(), more);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        // From here on it follows.
        assert!(lines.any(|line| line.starts_with("so far: 1 epochs")));
        (child, lines)
    };
    let (mut to_the_end, end_lines) = start(&[]);
    let (mut to_epoch, epoch_lines) = start(&["--until-epoch", "2"]);
    made_up::epoch(&hub, &plan, 2);
    assert_eq!(to_epoch.wait().unwrap().code(), Some(0));
    let lines: Vec<_> = epoch_lines.collect();
    assert!(lines.iter().any(|line| line.starts_with("epoch 2/3: train Loss")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("epoch 1/3")), "{lines:?}");

    made_up::record(&hub, alert("a", None, AlertState::Raised, Severity::Critical, 2));
    made_up::epoch(&hub, &plan, 3);
    made_up::end(hub, RunOutcome::Finished);
    assert_eq!(to_the_end.wait().unwrap().code(), Some(4));
    let lines: Vec<_> = end_lines.collect();
    assert!(lines.iter().any(|line| line.starts_with("critical: epoch 2: ")), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "finished (worst alert: critical)");

    // The alert is still active.
    run(tail(dir.path(), &["--until-epoch", "3"])).check(4, &[]);
}

#[test]
fn a_killed_training_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let hub = made_up::open(dir.path());
    made_up::start(&hub, &Plan::default());
    // Closed without an end: what a killed training leaves behind, some seconds later.
    assert!(hub.close(made_up::PATIENCE));
    run(tail(dir.path(), &["--patience", "1"])).check(6, &["no sign of life", "killed"]);
}

#[test]
fn what_is_no_run_is_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    run(tail(dir.path().join("missing"), &[])).check(1, &["no run in", "does not exist"]);
    run(tail("http://127.0.0.1:1/", &[])).check(1, &["has no token"]);
    run(tail("https://127.0.0.1:1/?token=a", &[])).check(1, &["speak http"]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = format!("http://127.0.0.1:{free}/?token={TOKEN}");
    run(tail(nobody, &[])).check(1, &["nothing answers at", "run's directory"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_130() {
    let dir = tempfile::tempdir().unwrap();
    let hub = made_up::open(dir.path());
    made_up::start(&hub, &Plan::default());
    assert!(hub.flush(made_up::PATIENCE));
    let mut child = tail(dir.path(), &[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("made up"));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(lines.last().unwrap().starts_with("interrupted; the training goes on"));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    made_up::run(dir.path(), &Plan::default());
    for more in [&["--from-start"][..], &["--from-start", "--json"]] {
        let mut child =
            tail(dir.path(), more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let said = said(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (0, ""));
    }
}

// The server.

/// Records 1 to `count` of a run; the last one is its end.
fn some_records(count: u64) -> Vec<Record> {
    let event = |seq: u64| match seq {
        1 => made_up::one_of_each_kind().swap_remove(0),
        _ if seq == count => Event::RunEnded(RunEnded {
            outcome: RunOutcome::Finished,
            reason: None,
            studies_left_out: 0,
        }),
        _ => events::analysed(seq as u32),
    };
    (1..=count).map(|seq| Record { seq, time_ms: 1_700_000_000_000, event: event(seq) }).collect()
}

fn status(state: RunState) -> Status {
    let json = serde_json::json!({
        "state": state, "epoch": 2, "last_epoch": 9, "split": null, "items_done": 0,
        "items_total": 0, "snapshots_dropped": 0, "analysing": null, "alive_ms": u64::MAX / 2,
    });
    serde_json::from_value(json).unwrap()
}

fn script(script: impl FnOnce(&mut Connection) + Send + 'static) -> Script {
    Box::new(script)
}

#[test]
fn a_server_is_followed_from_now_on() {
    let records = some_records(6);
    let fake = Fake::play(vec![script(move |client| {
        client.hello(4);
        client.status(&status(RunState::Training));
        client.records(&records[..4]);
        client.records(&records[4..]);
        client.status(&status(RunState::Ended));
        client.wait();
    })]);
    let said = run(tail(fake.url(), &["--json"]));
    said.check(0, &["following newest; --run takes others: older", "finished"]);
    assert_eq!(said.numbers(), [5, 6]);
}

#[test]
fn a_lost_connection_goes_on_without_loss_or_repetition() {
    let records = some_records(9);
    let (one, two, three) = (records.clone(), records.clone(), records.clone());
    let fake = Fake::play(vec![
        // The end comes between two messages,
        script(move |client| {
            client.hello(3);
            client.records(&one[..3]);
            client.records(&one[3..5]);
        }),
        // in the middle of a snapshot,
        script(move |client| {
            client.hello(9);
            client.snapshot(&two[5..6], None);
        }),
        // or not at all.
        script(move |client| {
            client.hello(9);
            client.snapshot(&three[5..6], None);
            client.snapshot(&three[7..8], Some(8));
            client.records(&three[8..]);
            client.status(&status(RunState::Ended));
            client.wait();
        }),
    ]);
    let said = run(tail(fake.url(), &["--json", "--from-start"]));
    said.check(
        0,
        &["lost the connection", "trying again", "connected again", "summed up the records 6 to 8"],
    );
    assert_eq!(said.numbers(), [1, 2, 3, 4, 5, 6, 8, 9]);
    assert_eq!(*fake.asked.lock().unwrap(), [0, 5, 5]);
}

#[test]
fn records_that_come_twice_or_are_missing_are_noticed() {
    let records = some_records(6);
    let (one, two) = (records.clone(), records);
    let fake = Fake::play(vec![
        script(move |client| {
            client.hello(6);
            client.records(&one[..3]);
            client.records(&one[2..4]);
            client.records(&one[5..]);
            client.wait();
        }),
        script(move |client| {
            client.hello(6);
            client.records(&two[4..]);
            client.status(&status(RunState::Ended));
            client.wait();
        }),
    ]);
    let said = run(tail(fake.url(), &["--json", "--from-start"]));
    said.check(0, &["records after number 4 are missing"]);
    assert_eq!(said.numbers(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(*fake.asked.lock().unwrap(), [0, 4]);
}

#[test]
fn a_server_that_is_gone_for_good_is_lost() {
    let records = some_records(6);
    let fake = Fake::play(vec![script(move |client| {
        client.hello(3);
        client.records(&records[..3]);
    })]);
    let said = run(tail(fake.url(), &["--patience", "1"]));
    said.check(6, &["lost the connection", "lost sight of the run: nothing answers"]);
}

#[test]
fn a_server_that_goes_after_the_end_is_no_loss() {
    let records = some_records(3);
    let fake = Fake::play(vec![script(move |client| {
        client.hello(2);
        client.records(&records);
    })]);
    run(tail(fake.url(), &[])).check(0, &["finished"]);
}

#[test]
fn nonsense_is_not_taken_for_news() {
    for nonsense in
        ["not JSON", "{\"type\":\"surprise\"}", "{\"type\":\"records\",\"records\":[{}]}"]
    {
        let bad = || {
            script(move |client| {
                client.hello(0);
                client.text(nonsense);
                client.wait();
            })
        };
        let fake = Fake::play(vec![bad(), bad(), bad(), bad()]);
        run(tail(fake.url(), &[])).check(6, &["it sent what is not understood", "again and again"]);
        assert_eq!(fake.asked.lock().unwrap().len(), 3);
    }
}

#[test]
fn another_run_in_its_place_is_not_mixed_in() {
    let records = some_records(6);
    let other = records.clone();
    let fake = Fake::play(vec![
        script(move |client| {
            client.hello(3);
            client.records(&records[..3]);
        }),
        script(move |client| {
            client.hello_of(6, "another", VERSION);
            client.records(&other[3..]);
            client.wait();
        }),
    ]);
    run(tail(fake.url(), &["--json", "--from-start"])).check(6, &["shows another run now"]);
}

#[test]
fn servers_that_cannot_be_followed_are_refused_with_a_reason() {
    let idle = || vec![script(|client| client.hello(0))];
    let fake = Fake::play(idle());
    let wrong = fake.url().replace(TOKEN, "another-token-of-length");
    run(tail(wrong, &[])).check(1, &["does not take the token"]);
    run(tail(fake.url(), &["--run", "x"])).check(1, &["no run `x`", "newest, older"]);

    let fake = Fake::with(fake::list(VERSION + 1), idle());
    run(tail(fake.url(), &[])).check(1, &["speaks version", "use the same version"]);
    let fake = Fake::with(format!("{{\"version\":{VERSION},\"runs\":[]}}"), idle());
    run(tail(fake.url(), &[])).check(1, &["shows no run"]);
    let fake = Fake::with("<html>".into(), idle());
    run(tail(fake.url(), &[])).check(1, &["does not answer like a dashboard"]);

    let other = script(|client| client.hello_of(0, fake::KEY, VERSION + 1));
    run(tail(Fake::play(vec![other]).url(), &[])).check(1, &["speaks version"]);
    let silent = script(|client| client.text("[]"));
    run(tail(Fake::play(vec![silent]).url(), &[])).check(1, &["no greeting"]);
}
