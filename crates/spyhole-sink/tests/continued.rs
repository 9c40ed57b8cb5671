//! Runs that are continued from an earlier epoch, and further runs in the same directory: what readers get.

mod common;

use std::path::Path;

use common::client::Client;
use common::http::{TOKEN, history, key, runs};
use common::*;
use proptest::prelude::*;
use spyhole_protocol::{Alert, AlertState, Event, Record, RunState, Severity};
use spyhole_sink::{Entry, Hub, RunLog, ServerOptions, Shelf, serve};

const LAYERS: [&str; 2] = ["a", "b"];

fn alert(epoch: u32) -> Event {
    Event::Alert(Alert {
        rule: "noisy".into(),
        layer: Some("a".into()),
        metric: "noise_share".into(),
        state: AlertState::Raised,
        severity: Severity::Critical,
        epoch,
        since: epoch,
        value: None,
        threshold: None,
        title: String::new(),
        message: String::new(),
        hints: vec![],
        units: vec![],
        silenced: false,
    })
}

/// A start, or an epoch that is analysed.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start(u32),
    Epoch(u32),
    Alert(u32),
}

use Step::{Epoch, Start};

fn tell(hub: &Hub, step: Step) {
    let events = match step {
        Start(first) => vec![started("run", first)],
        Step::Alert(epoch) => vec![alert(epoch)],
        Epoch(epoch) => {
            let layers = LAYERS.into_iter().map(|layer| health(epoch, layer));
            layers.chain([settling(epoch), analysed(epoch)]).collect()
        }
    };
    events.into_iter().for_each(|event| assert!(hub.record(Entry::new(event))));
}

fn trained(first: u32, last: u32) -> Vec<Step> {
    std::iter::once(Start(first)).chain((first..=last).map(Epoch)).collect()
}

/// The records that count, by the words of the rule.
fn counted(records: &[Record]) -> Vec<Record> {
    let left = |record: &Record| {
        let Some(epoch) = record.event.epoch() else { return false };
        records.iter().filter(|later| later.seq > record.seq).any(|later| match &later.event {
            Event::RunStarted(it) => it.first_epoch == 1 || it.first_epoch <= epoch,
            _ => false,
        })
    };
    records.iter().filter(|record| !left(record)).cloned().collect()
}

/// Every way to read a run tells what counts.
fn check(log: &RunLog) {
    let all = log.records_after(0, usize::MAX).unwrap();
    let expected = counted(&all);
    let mut found = vec![];
    let mut last = 0;
    while let Some((records, upto)) = log.current_after(last, 7).unwrap() {
        found.extend(records);
        last = upto;
    }
    assert_eq!(found, expected);
    for kind in ["layer_health", "settling", "epoch_analysed", "alert", "run_started"] {
        let of = |records: &[Record]| -> Vec<Event> {
            let is = |event: &&Event| serde_json::to_value(event).unwrap()["kind"] == kind;
            records.iter().map(|record| &record.event).filter(is).cloned().collect()
        };
        let mut each = vec![];
        log.each_of_kinds(&[kind], |event| each.push(event.clone())).unwrap();
        assert_eq!(each, of(&expected), "{kind}");
        assert_eq!(of(&log.page(kind, None, None).unwrap().records), of(&expected), "{kind}");
    }
    for layer in LAYERS {
        let is = |record: &&Record| record.event.layer().is_some_and(|it| it == layer);
        let page = log.page("layer_health", Some(layer), None).unwrap().records;
        let health = expected.iter().filter(is).filter(|it| !matches!(it.event, Event::Alert(_)));
        assert_eq!(page, health.cloned().collect::<Vec<_>>(), "{layer}");
    }
    let raised = expected.iter().any(|record| matches!(record.event, Event::Alert(_)));
    assert_eq!(log.summary().unwrap().active_alerts, u32::from(raised));
}

fn step() -> impl Strategy<Value = Step> {
    let epochs = 0..7_u32;
    prop_oneof![
        2 => (1..7_u32).prop_map(Start),
        6 => epochs.clone().prop_map(Epoch),
        1 => epochs.prop_map(Step::Alert),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn all_readers_go_by_the_rule(steps in proptest::collection::vec(step(), 1..25)) {
        let dir = tempfile::tempdir().unwrap();
        let hub = open(dir.path());
        tell(&hub, Start(1));
        steps.iter().for_each(|step| tell(&hub, *step));
        assert!(hub.flush(PATIENCE));
        check(&hub.log());
        for branch in hub.log().branches().unwrap() {
            let left = hub.log().branch(branch.number).unwrap().unwrap();
            check(&left);
            prop_assert_eq!(left.head().unwrap(), branch.left_by - 1);
            prop_assert_eq!(left.history().unwrap().newest(), Some(branch.last_epoch));
        }
        assert!(hub.close(PATIENCE));
        check(&RunLog::open(dir.path()).unwrap());
    }
}

fn options() -> ServerOptions {
    ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() }
}

fn recorded(dir: &Path, steps: &[Step]) -> Hub {
    let hub = open(dir);
    steps.iter().for_each(|step| tell(&hub, *step));
    assert!(hub.flush(PATIENCE));
    hub
}

#[test]
fn a_dashboard_gets_one_history_and_the_way_to_what_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let first = [trained(1, 8), vec![Step::Alert(6)]].concat();
    let hub = recorded(dir.path(), &first);
    let server = serve(Shelf::training(hub.recording(), None), options()).unwrap();
    let (mut early, hello) = Client::connect(server.port(), "?after=0");
    assert_eq!(hello.branches, 0);
    early.read_to(hello.head);
    assert_eq!(epochs(&early.records), (1..=8).collect::<Vec<_>>());

    // Continued from the checkpoint of epoch 3: whoever has more is sent away, and comes back for the rest.
    trained(4, 5).into_iter().for_each(|step| tell(&hub, step));
    let (_, reason) = early.read_to_the_end();
    assert!(reason.contains("epochs 4 to 8"), "{reason}");
    let (mut late, hello) = Client::connect(server.port(), "?after=0");
    assert_eq!(hello.branches, 1);
    assert!(hub.flush(PATIENCE));
    late.read_to(hub.log().head().unwrap());
    assert_eq!(epochs(&late.records), [1, 2, 3, 4, 5]);
    assert!(late.records.iter().all(|record| !matches!(record.event, Event::Alert(_))));
    let key = key(server.port());
    assert_eq!(history(server.port(), &key, "kind=layer_health&layer=a").len(), 5);

    let [run, branch] = &runs(server.port()).runs[..] else { panic!("a run and a branch") };
    assert_eq!((run.active_alerts, run.branches.len()), (0, 1));
    assert_eq!((branch.active_alerts, branch.branch), (1, Some(run.branches[0])));
    assert_eq!(branch.key, format!("{key}~1"));
    assert_eq!(history(server.port(), &branch.key, "kind=layer_health&layer=a").len(), 8);
    let mut left = Client::open_run(server.port(), &branch.key, "?after=0");
    assert!(left.next().is_some(), "a greeting");
    left.read_to(run.branches[0].left_by - 1);
    assert_eq!(epochs(&left.records), (1..=8).collect::<Vec<_>>());
    assert_eq!(Client::try_open(server.port(), &format!("{key}~2"), "").err(), Some(404));
}

#[test]
fn a_further_run_of_the_directory_is_beside_the_earlier_one() {
    let dir = tempfile::tempdir().unwrap();
    assert!(recorded(dir.path(), &trained(1, 6)).close(PATIENCE));
    let earlier = RunLog::open(dir.path()).unwrap();
    let status = earlier.status().unwrap();

    let hub = open(dir.path());
    let server = serve(Shelf::training(hub.recording(), None), options()).unwrap();
    let old_key = key(server.port());
    let (mut client, hello) = Client::connect(server.port(), "?after=0");
    client.read_to(hello.head);
    hub.begin_beside(PATIENCE).unwrap();
    assert!(client.read_to_the_end().1.contains("another run"));
    trained(1, 2).into_iter().for_each(|step| tell(&hub, step));
    assert!(hub.flush(PATIENCE));
    assert_eq!(hub.log().store(), dir.path().join("run-2.sqlite"));
    assert_ne!(hub.run_id(), earlier.run_id());
    let (mut client, _) = Client::connect(server.port(), "?after=0");
    client.read_to(hub.log().head().unwrap());
    assert_eq!(epochs(&client.records), [1, 2]);
    // Both are listed, the one that is trained first.
    let listed = runs(server.port()).runs;
    let keys: Vec<_> = listed.iter().map(|run| (run.key.as_str(), run.live)).collect();
    assert_eq!(keys, [(&*hub.run_id(), true), (&*old_key, false)]);
    assert!(listed[1].directory.ends_with("run.sqlite"), "{}", listed[1].directory);
    assert_eq!(history(server.port(), &old_key, "kind=epoch_analysed").len(), 6);
    drop(server);
    hub.update_status(|status| status.state = RunState::Ended);
    assert!(hub.close(PATIENCE));

    // The earlier one ended as it was found; the directory means the one that was trained last.
    let first = RunLog::open(dir.path().join("run.sqlite")).unwrap();
    assert_eq!(first.status().unwrap().map(|it| it.epoch), status.map(|it| it.epoch));
    assert_eq!(epochs(&first.records_after(0, 999).unwrap()), [1, 2, 3, 4, 5, 6]);
    assert_eq!(RunLog::open(dir.path()).unwrap().store(), dir.path().join("run-2.sqlite"));

    let hub = open(dir.path());
    hub.continue_in(dir.path().join("run.sqlite"), PATIENCE).unwrap();
    trained(7, 7).into_iter().for_each(|step| tell(&hub, step));
    assert!(hub.close(PATIENCE));
    let log = RunLog::open(dir.path()).unwrap();
    assert_eq!(log.store(), dir.path().join("run.sqlite"));
    assert_eq!(epochs(&log.records_after(0, 999).unwrap()), [1, 2, 3, 4, 5, 6, 7]);
}
