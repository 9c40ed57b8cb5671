//! What commands tell of a run that was continued from an earlier epoch, and of several runs in one directory.

mod exporting;
mod made_up;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use exporting::{export, failed, spyhole, succeeded};
use made_up::{Plan, alert};
use serde_json::Value;
use spyhole_protocol::{AlertState, Record, RunOutcome, Severity};

const LEFT: &str = "branch 1: epochs 4 to 8, left when the training was continued from epoch 3";

fn plan(seed: u32, first_epoch: u32, epochs: u32) -> Plan {
    let layers = vec!["conv1".into(), "conv2".into()];
    let last_epoch = Some(epochs);
    Plan { seed, first_epoch, epochs, last_epoch, layers, studies_every: 0, ..Plan::default() }
}

/// Records a start and its epochs; an alert in one of them, if wanted.
fn session(dir: &Path, plan: &Plan, alert_in: Option<u32>) {
    let hub = made_up::open(dir);
    made_up::start(&hub, plan);
    for epoch in plan.first_epoch..=plan.epochs {
        made_up::epoch(&hub, plan, epoch);
        if alert_in == Some(epoch) {
            let state = AlertState::Raised;
            made_up::record(&hub, alert("noisy", Some("conv1"), state, Severity::Critical, epoch));
        }
    }
    made_up::end(hub, RunOutcome::Finished);
}

/// Eight epochs with an alert in the sixth; then, from the checkpoint of the third, to the fifth.
fn continued(dir: &Path) {
    session(dir, &plan(1, 1, 8), Some(6));
    session(dir, &plan(2, 4, 5), None);
}

/// How many rows of a table each epoch has.
fn rows(export: &Path, table: &str) -> BTreeMap<u32, usize> {
    let mut csv = csv::Reader::from_path(export.join(table)).unwrap();
    let at = csv.headers().unwrap().iter().position(|name| name == "epoch").unwrap();
    let mut rows = BTreeMap::new();
    for row in csv.records() {
        *rows.entry(row.unwrap()[at].parse().unwrap()).or_default() += 1;
    }
    rows
}

fn epochs(rows: &BTreeMap<u32, usize>) -> Vec<u32> {
    rows.keys().copied().collect()
}

#[test]
fn tables_and_records_have_each_epoch_once_and_what_was_left_apart() {
    let temp = tempfile::tempdir().unwrap();
    let (run, out) = (temp.path().join("run"), temp.path().join("out"));
    continued(&run);
    let said = succeeded(&export(&run, &out, &["--no-pictures"]));
    assert!(said.contains(LEFT) && said.contains("--branch 1"), "{said}");
    for table in ["metrics.csv", "epochs.csv", "health.csv", "evolution.csv", "settling.csv"] {
        let rows = rows(&out, table);
        assert_eq!(epochs(&rows), [1, 2, 3, 4, 5], "{table}");
        assert!(rows.values().all(|count| *count == rows[&1]), "{table}: {rows:?}");
    }
    assert_eq!(rows(&out, "alerts.csv"), BTreeMap::new());
    let lines = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    // Together they are all that was recorded.
    let records: Vec<Record> =
        lines("records.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let left: Vec<Value> =
        lines("left.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        left.iter().all(|line| line["branch"] == 1 && line["event"]["epoch"].as_u64() >= Some(4))
    );
    assert_eq!(records.len() + left.len(), exporting::records(&run).len());
    let json: Value = serde_json::from_str(&lines("run.json")).unwrap();
    assert_eq!(json["branches"][0]["last_epoch"], 8);
    assert_eq!(json["summary"]["active_alerts"], 0);
    assert!(lines("README.txt").contains(LEFT));

    // A branch is a run as it was.
    let branch = temp.path().join("branch");
    let said = succeeded(&export(&run, &branch, &["--no-pictures", "--branch", "1"]));
    assert!(!said.contains("left"), "{said}");
    assert_eq!(epochs(&rows(&branch, "metrics.csv")), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(epochs(&rows(&branch, "alerts.csv")), [6]);
    assert!(!branch.join("left.jsonl").exists());
    let output = export(&run, &temp.path().join("other"), &["--branch", "2"]);
    failed(&output, &["has no branch 2", LEFT]);
}

#[test]
fn tail_and_compare_tell_what_counts() {
    let temp = tempfile::tempdir().unwrap();
    let (run, other) = (temp.path().join("run"), temp.path().join("other"));
    continued(&run);
    session(&other, &plan(1, 1, 3), None);
    let tail = |more: &[&str]| {
        let output =
            spyhole().arg("tail").arg(&run).args(["--from-start", "--json"]).args(more).output();
        let output = output.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let told = |out: &str| -> Vec<u32> {
        let records = out.lines().map(|line| serde_json::from_str::<Record>(line).unwrap());
        records.filter_map(|record| record.event.reached()).collect()
    };
    let (code, out, said) = tail(&[]);
    // The alert was raised in what was left.
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(LEFT) && said.contains("--branch 1"), "{said}");
    assert!(told(&out).is_sorted() && told(&out).last() == Some(&5), "{:?}", told(&out));
    let (code, out, _) = tail(&["--branch", "1"]);
    assert_eq!((code, told(&out).last()), (4, Some(&8)));

    let output = spyhole().arg("compare").args([&run, &other]).arg("--json").output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["runs"][0]["epoch"], 5);
    assert_eq!(json["alerts"], Value::Array(vec![]));
    let last = |run: usize| json["metrics"][0]["runs"][run]["last_epoch"].as_u64();
    assert_eq!((last(0), last(1)), (Some(5), Some(3)));
    let best = json["metrics"][0]["runs"][0]["best_epoch"].as_u64();
    assert!(best <= Some(5), "{best:?}");
    assert!(json["notes"].to_string().contains(LEFT), "{}", json["notes"]);
}

#[test]
fn the_directory_means_the_run_that_was_trained_last_and_a_store_means_itself() {
    let temp = tempfile::tempdir().unwrap();
    let run = temp.path().join("run");
    session(&run, &plan(1, 1, 6), Some(6));
    {
        let hub = made_up::open(&run);
        hub.begin_beside(made_up::PATIENCE).unwrap();
        made_up::start(&hub, &plan(2, 1, 3));
        (1..=3).for_each(|epoch| made_up::epoch(&hub, &plan(2, 1, 3), epoch));
        made_up::end(hub, RunOutcome::Finished);
    }
    for (place, last) in [("", 3), ("run.sqlite", 6), ("run-2.sqlite", 3)] {
        let place = if place.is_empty() { run.clone() } else { run.join(place) };
        let out = temp.path().join(format!("out-{last}"));
        let _ = succeeded(&export(&place, &out, &["--no-pictures", "--force"]));
        assert_eq!(epochs(&rows(&out, "metrics.csv")), (1..=last).collect::<Vec<_>>(), "{place:?}");
        let alerts = rows(&out, "alerts.csv");
        assert_eq!(epochs(&alerts), if last == 6 { vec![6] } else { vec![] }, "{place:?}");
    }
}
