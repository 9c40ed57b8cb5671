//! `spyhole compare` as users run it.

mod made_up;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use made_up::{Plan, events};
use serde_json::Value;
use spyhole_protocol::{AlertState, Event, RunOutcome, Severity};

fn spyhole() -> Command {
    Command::new(env!("CARGO_BIN_EXE_spyhole"))
}

fn compare(runs: &[&Path], more: &[&str]) -> String {
    let output = spyhole().arg("compare").args(runs).args(more).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    String::from_utf8(output.stdout).unwrap()
}

fn json(runs: &[&Path]) -> Value {
    serde_json::from_str(&compare(runs, &["--json"])).unwrap()
}

/// Text for comparing: wrapped lines and spaces do not count.
fn assert_has(text: &str, parts: &[&str]) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line:?} is too long");
    }
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn two_runs_are_compared_as_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let first = Plan { name: "first".into(), ..Plan::default() };
    made_up::run(&a, &first);
    let second = Plan {
        name: "second".into(),
        seed: 2,
        epochs: 5,
        last_epoch: Some(8),
        layers: vec!["conv1".into(), "extra".into()],
        ..Plan::default()
    };
    let hub = made_up::open(&b);
    made_up::start(&hub, &second);
    (0..=5).for_each(|epoch| made_up::epoch(&hub, &second, epoch));
    made_up::record(
        &hub,
        made_up::alert("noisy-filters", Some("conv1"), AlertState::Raised, Severity::Warning, 5),
    );
    made_up::record(&hub, events::dropped(4, 1));
    made_up::record(&hub, events::fault("webhook", "no answer"));
    made_up::end(hub, RunOutcome::Interrupted);

    let json = json(&[&a, &b]);
    assert_eq!(json["runs"][0]["name"], "first");
    assert_eq!(json["runs"][1]["state"], "interrupted");
    assert_eq!(json["runs"][1]["epochs_dropped"], 1);
    assert_eq!(json["runs"][1]["faults"], 1);
    assert_eq!(json["runs"][1]["epoch"], 5);
    let setup: Vec<_> =
        json["setup"].as_array().unwrap().iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(
        setup,
        [
            "planned epochs",
            "layers",
            "probe images",
            "layer blocks.0.conv2",
            "layer head",
            "layer extra"
        ]
    );

    let series = |plan: &Plan, epochs| -> Vec<f64> {
        (1..=epochs).map(|epoch| events::metrics(plan, epoch)[2].value.unwrap()).collect()
    };
    let accuracy =
        json["metrics"].as_array().unwrap().iter().find(|it| it["name"] == "Accuracy").unwrap();
    for (i, values) in [series(&first, 3), series(&second, 5)].iter().enumerate() {
        let best = values.iter().copied().fold(f64::MIN, f64::max);
        let run = &accuracy["runs"][i];
        assert_eq!(run["best"], best);
        assert_eq!(run["best_epoch"], values.iter().position(|v| *v == best).unwrap() as u64 + 1);
        assert_eq!(run["last"], *values.last().unwrap());
    }
    assert_eq!(accuracy["better_best"], "B");
    let difference = series(&second, 5)[4] - series(&first, 3)[2];
    assert_eq!(accuracy["differences"][1], difference);

    assert_eq!(json["alerts"][0]["rule"], "noisy-filters");
    assert_eq!(json["alerts"][0]["runs"][0]["raised"], 0);
    assert_eq!(json["alerts"][0]["runs"][1]["active"], 1);
    assert_eq!(json["settling"][0]["runs"][0]["since"], 2);
    assert_eq!(json["settling"][0]["runs"][1]["since"], 3);
    assert_eq!(json["orders"][1]["statement"], "lower layers settled first, as of epoch 5");
    assert_eq!(json["orders"][0]["tau"]["low"], 0.25);

    let health = &json["health"];
    assert_eq!((health["epoch"].as_u64(), health["compared"].as_u64()), (Some(3), Some(3)));
    for it in health["differences"].as_array().unwrap() {
        let statistic = it["statistic"].as_str().unwrap();
        assert_eq!(it["layer"], "conv1");
        for (i, seed) in [1, 2].into_iter().enumerate() {
            let recorded = events::health("conv1", [seed, 3, 0]).values[statistic];
            assert_eq!(it["values"][i].as_f64(), recorded);
        }
    }

    assert_has(
        &compare(&[&a, &b], &[]),
        &[
            "A first",
            "B second",
            "What differs in the set-up",
            "planned epochs 3 8",
            "valid Accuracy [%] best",
            "noisy-filters - 1 raised, worst warning, 1 active",
            "conv1 2 3",
            "tau 1, 95 % interval 0.25 to 1",
            "Health in epoch 3",
            "epochs dropped 0 1",
        ],
    );
}

#[test]
fn alike_runs_and_many_runs() {
    let dir = tempfile::tempdir().unwrap();
    let runs: Vec<_> = (0..5).map(|i| dir.path().join(format!("run{i}"))).collect();
    for (i, run) in runs.iter().enumerate() {
        let seed = if i == 1 { 1 } else { 1 + i as u32 };
        made_up::run(run, &Plan { seed, ..Plan::default() });
    }
    let text = compare(&[&runs[0], &runs[1]], &[]);
    assert_has(&text, &["Set-up: the same", "Alerts: none", "no difference in 9 readings"]);
    let all: Vec<&Path> = runs.iter().map(|run| run.as_path()).collect();
    assert_has(&compare(&all, &[]), &["E made up", "better"]);
    assert_eq!(json(&all)["runs"].as_array().unwrap().len(), 5);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    made_up::run(&path("usual"), &Plan::default());
    let other = Plan { layers: vec!["else".into()], ..Plan::default() };
    made_up::run(&path("layers"), &other);
    made_up::run(&path("one"), &Plan { epochs: 1, ..Plan::default() });
    assert!(made_up::open(&path("empty")).close(made_up::PATIENCE));
    let hub = made_up::open(&path("running"));
    made_up::start(&hub, &Plan::default());
    let mut metric = events::metrics(&Plan::default(), 1).swap_remove(0);
    (metric.name, metric.value) = ("Perplexity".into(), None);
    made_up::record(&hub, Event::Metric(metric));
    assert!(hub.flush(made_up::PATIENCE));

    let check = |other: &str, parts: &[&str]| {
        assert_has(&compare(&[&path("usual"), &path(other)], &[]), parts);
        json(&[&path("usual"), &path(other)]);
    };
    check("layers", &["no layer that all of them have"]);
    check("one", &["epochs 3 of 3 1 of 3"]);
    check("empty", &["B has not started", "no metric that all of them have", "health statistics"]);
    check("running", &["state finished running", "not finite", "no metric that all of them have"]);
    made_up::end(hub, RunOutcome::Finished);
}

#[test]
fn what_is_no_run_is_refused_and_a_closed_pipe_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    made_up::run(&run, &Plan::default());
    let compared = |other: &Path| -> Output {
        spyhole().arg("compare").arg(&run).arg(other).output().unwrap()
    };
    let missing = compared(&dir.path().join("missing"));
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no run in"));
    let alone = spyhole().arg("compare").arg(&run).output().unwrap();
    assert_eq!(alone.status.code(), Some(2));

    let mut child = spyhole()
        .args(["compare", "--json"])
        .args([&run, &run])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}
