//! Alerts, end to end: on record, by webhook, and as the end of the training.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use burn::module::Module;
use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::train::metric::store::{Aggregate, Direction, Split as StoreSplit};
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ExecutionStrategy, MetricEarlyStoppingStrategy, MultiDeviceOptim, StoppingCondition,
    SupervisedTraining,
};
use end_to_end::data::{images, loader};
use end_to_end::net::{Fill, Residual};
use end_to_end::recorded::{self, Run};
use spyhole::{Alerts, LaunchWatched, ProbeSet, Severity, Spyhole, SpyholeError, Watched};
use spyhole_protocol::{Alert, AlertState, Event, FilterState, RunOutcome};

const EPOCHS: usize = 40;

fn alerts(run: &Run) -> Vec<Alert> {
    run.events(|event| match event {
        Event::Alert(alert) => Some(alert.clone()),
        _ => None,
    })
}

fn ended(run: &Run) -> (RunOutcome, String) {
    let ends = run.events(|event| match event {
        Event::RunEnded(ended) => Some((ended.outcome, ended.reason.clone().unwrap_or_default())),
        _ => None,
    });
    ends.into_iter().next_back().expect("an end")
}

/// A web server on loopback that passes on the JSON it is sent.
fn server() -> (String, Receiver<serde_json::Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let mut length = 0;
            let mut line = String::new();
            while connection.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            connection.get_mut().write_all(answer).unwrap();
            if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn spyhole(dir: &Path, alerts: Alerts) -> Spyhole {
    let builder = Spyhole::builder(dir, ProbeSet::new(images(4))).no_dashboard();
    let builder = builder.queue(EPOCHS + 1).budget(1.0);
    builder.alerts(alerts).build().unwrap()
}

#[test]
fn weights_that_break_down_are_on_record_and_told_and_the_loop_hears_of_it() {
    let temp = tempfile::tempdir().unwrap();
    let (url, received) = server();
    let alerts_wanted =
        Alerts::default().webhook(url, Severity::Critical).unwrap().stop_on("not-finite").unwrap();
    let spyhole = spyhole(temp.path(), alerts_wanted);
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(9));
    watch.observe(1, &net);
    watch.observe(2, &net.clone().map(&mut Fill(f32::NAN)));
    let posted = received.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(posted["alert"]["rule"], "not-finite");
    assert_eq!(posted["alert"]["layer"], serde_json::Value::Null);
    assert_eq!(posted["alert"]["title"], "stem.conv.weight: not finite from here on");
    assert!(posted["text"].as_str().unwrap().contains("critical alert in epoch 2"), "{posted}");
    assert!(watch.should_stop().unwrap().contains("not-finite"));
    watch.finish();
    drop(spyhole);

    let run = recorded::read(temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let raised = alerts(&run);
    assert_eq!(raised.len(), 1, "one for the whole network: {raised:?}");
    let alert = &raised[0];
    assert_eq!((alert.state, alert.severity), (AlertState::Raised, Severity::Critical));
    assert_eq!(alert.epoch, 2);
    assert!(alert.value.is_some_and(|places| places >= 22.0), "every parameter: {alert:?}");
    let states = run.events(|event| match event {
        Event::LayerFilters(filters) if filters.epoch == 2 => Some(filters.readings.state.clone()),
        _ => None,
    });
    assert!(states.iter().flatten().all(|&state| state == FilterState::NotFinite));
    let (outcome, reason) = ended(&run);
    assert_eq!(outcome, RunOutcome::Interrupted);
    assert!(reason.contains("not-finite"), "{reason}");
}

/// A training of burn-train that breaks down in its first epoch, on one device or two.
fn diverging(
    dir: &Path,
    multi: bool,
    connect: impl FnOnce(
        SupervisedTraining<Watched<Residual>>,
        &Spyhole,
    ) -> SupervisedTraining<Watched<Residual>>,
) -> Result<(), SpyholeError> {
    let spyhole = spyhole(dir, Alerts::default().stop_at(Severity::Critical));
    let mut training = SupervisedTraining::new(dir, loader(0, 32), loader(500, 8))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .with_default_checkpointers()
        .num_epochs(EPOCHS);
    if multi {
        let devices = vec![Device::flex(), Device::flex()];
        let strategy = ExecutionStrategy::multi(devices, MultiDeviceOptim::OptimMainDevice);
        training = training.with_training_strategy(strategy.into());
    }
    let model = Residual::new(&Device::flex().autodiff());
    let forward = |net: &Residual, x| net.forward(x);
    connect(training, &spyhole)
        .launch_watched(&spyhole, model, SgdConfig::new().init(), 1e30, forward)
        .map(|_| ())
}

#[test]
fn a_training_that_breaks_down_is_stopped_after_its_checkpoint() {
    let temp = tempfile::tempdir().unwrap();
    let another = || {
        MetricEarlyStoppingStrategy::new(
            &LossMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            StoreSplit::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: EPOCHS },
        )
    };
    for (name, multi, with_another) in
        [("single", false, false), ("multi", true, false), ("beside another", false, true)]
    {
        let dir = temp.path().join(name);
        diverging(&dir, multi, |training, spyhole| {
            if with_another {
                training.early_stopping(spyhole.early_stopping().or(another()))
            } else {
                training.early_stopping(spyhole.early_stopping())
            }
        })
        .unwrap();
        let run = recorded::read(&dir);
        let (outcome, reason) = ended(&run);
        assert_eq!(outcome, RunOutcome::Interrupted, "{name}: {reason}");
        let critical: Vec<_> =
            alerts(&run).into_iter().filter(|a| a.severity == Severity::Critical).collect();
        assert!(reason.contains(&critical[0].rule), "{name}: {reason}");
        let status = run.log.status().unwrap().unwrap();
        assert!(status.epoch < EPOCHS as u32, "{name}: it was not stopped");
        // The last epoch that was trained has its checkpoint.
        let last = format!("model-{}", status.epoch);
        let checkpoints: Vec<_> = std::fs::read_dir(dir.join("checkpoint"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            checkpoints.iter().any(|file| file.strip_suffix(".bpk").unwrap_or(file) == last
                || file.starts_with(&format!("{last}."))),
            "{name}: no {last} among {checkpoints:?}"
        );
    }
}

#[test]
fn a_stop_that_nobody_would_hear_is_an_error_at_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let error = diverging(temp.path(), false, |training, _| training).unwrap_err();
    assert!(error.to_string().contains(".early_stopping(spyhole.early_stopping())"), "{error}");
}

#[test]
fn rules_that_cannot_work_are_errors_at_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let cases = [
        ("[rules.noisy-filters]\nlayers = [\"conv9\"]", "stem.conv"),
        ("[rules.noisy-filters]\nmetric = \"noise_shar\"", "noise_share"),
        ("[rules.noisy-filters]\npatience = 0", "patience"),
        ("[rules.nosy-filters]\nsilenced = true", "noisy-filters"),
        ("[rules", "line 1"),
        ("[[webhook]]\nurl = \"nowhere\"", "http"),
        ("[[command]]\nrun = [\"no-such-program-here\"]", "no-such-program-here"),
    ];
    for (toml, expected) in cases {
        let watch = || -> Result<(), SpyholeError> {
            let alerts = Alerts::default().parse(toml)?;
            let builder =
                Spyhole::builder(temp.path(), ProbeSet::new(images(1))).alerts(alerts).budget(1.0);
            let spyhole = builder.no_dashboard().build()?;
            let net = Residual::new(&Device::flex());
            spyhole.watch(&net, |net, x| net.forward(x)).map(|_| ())
        };
        let error = watch().expect_err(toml).to_string();
        assert!(error.contains(expected), "{toml}: {expected:?} is not in {error:?}");
    }
}

#[test]
fn a_run_that_is_continued_goes_on_with_its_alerts() {
    let temp = tempfile::tempdir().unwrap();
    let session = |alerts: Alerts, first: usize, value: f32| {
        let spyhole = spyhole(temp.path(), alerts);
        let net = Residual::new(&Device::flex());
        let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
        watch.epochs(first, Some(9));
        watch.observe(first, &if value == 0.0 { net } else { net.map(&mut Fill(value)) });
        watch.finish();
    };
    session(Alerts::default(), 1, f32::NAN);
    let first = alerts(&recorded::read(temp.path())).len();
    session(Alerts::default(), 2, f32::NAN);
    assert_eq!(alerts(&recorded::read(temp.path())).len(), first, "nothing new, nothing again");
    session(Alerts::default(), 3, 0.0);
    let all = alerts(&recorded::read(temp.path()));
    assert_eq!(all.len(), 2 * first);
    assert!(all[first..].iter().all(|alert| alert.state == AlertState::Resolved));
    assert!(all[first..].iter().all(|alert| alert.since == 1));
}
