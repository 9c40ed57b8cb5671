//! Analyses of one's own: their numbers are on record, rules look at them, and their faults hurt nobody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use burn::prelude::*;
use end_to_end::data::images;
use end_to_end::net::Residual;
use end_to_end::recorded::{self, Run};
use spyhole::{
    AlertError, Alerts, Analysis, Look, ProbeSet, Readings, Rule, Scale, Spyhole, SpyholeError,
    Statistic, Subject,
};
use spyhole_protocol::{self as protocol, AlertState, Event, RunOutcome};

fn statistic(name: &str) -> Statistic {
    Statistic {
        name: name.into(),
        label: "Epochs".into(),
        meaning: "How many epochs there were.".into(),
        formula: "epoch".into(),
        subject: Subject::Maps,
        scale: Scale::Linear,
    }
}

/// The epoch's number, for the first layer; what it is given is there and fits.
fn epoch(look: &Look<'_>) -> Readings {
    let activations = look.graph.forward(look.weights, look.images.clone())?;
    let layer = &look.graph.layers()[0];
    assert_eq!(activations.layer(layer)?.dims()[0], 4);
    Ok(BTreeMap::from([(layer.name().to_owned(), f64::from(look.epoch))]))
}

fn watched(dir: &Path, alerts: Alerts, analyses: Vec<Analysis>) -> Run {
    within(1.0, 2, dir, alerts, analyses)
}

/// Watches so many epochs within a budget.
fn within(budget: f64, epochs: usize, dir: &Path, alerts: Alerts, analyses: Vec<Analysis>) -> Run {
    let builder = Spyhole::builder(dir, ProbeSet::new(images(4))).alerts(alerts).no_dashboard();
    let builder = builder.budget(budget);
    let spyhole = analyses.into_iter().fold(builder, |builder, each| builder.analysis(each));
    let spyhole = spyhole.build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, images| net.forward(images)).unwrap();
    watch.epochs(1, Some(epochs));
    for epoch in 1..=epochs {
        watch.observe(epoch, &net);
        while spyhole.log().head().unwrap() == 0 || !analysed(&spyhole, epoch as u32) {
            std::thread::yield_now();
        }
    }
    watch.finish();
    drop(spyhole);
    recorded::read(dir)
}

/// Until this thread has used so much CPU time, where the system tells it: sleeping would cost nothing there.
fn work(time: Duration) {
    let used = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let (begin, clock) = (used(), Instant::now());
    let done = || used().zip(begin).map_or_else(|| clock.elapsed(), |(now, begin)| now - begin);
    while done() < time {
        (0..100_000).for_each(|_| std::hint::spin_loop());
    }
}

fn analysed(spyhole: &Spyhole, epoch: u32) -> bool {
    let records = spyhole.log().records_after(0, usize::MAX).unwrap();
    records.iter().any(
        |record| matches!(&record.event, Event::EpochAnalysed(analysed) if analysed.epoch == epoch),
    )
}

fn values(run: &Run, name: &str) -> Vec<(u32, String, Option<f64>)> {
    run.events(|event| match event {
        Event::LayerHealth(health) => {
            health.values.get(name).map(|&value| (health.epoch, health.layer.clone(), value))
        }
        _ => None,
    })
}

#[test]
fn numbers_are_on_record_and_rules_look_at_them() {
    let temp = tempfile::tempdir().unwrap();
    let rule = Rule::at_least("late", "epochs").warning(2.0);
    let alerts = Alerts::default().statistic(statistic("epochs")).unwrap().with(rule).unwrap();
    let dir = temp.path().join("run");
    let run = watched(&dir, alerts, vec![Analysis::new(statistic("epochs"), epoch)]);
    assert_eq!(run.faults(), [""; 0]);
    let found = values(&run, "epochs");
    let first = run.layers()[0].name.clone();
    let expected = [0, 1, 2].map(|epoch| (epoch, first.clone(), Some(f64::from(epoch))));
    assert_eq!(found, expected);
    let listed = run.events(|event| match event {
        Event::Watchlist(list) => Some(list.statistics.contains(&statistic("epochs"))),
        _ => None,
    });
    assert_eq!(listed, [true], "the page knows its label");
    let alerts = run.events(|event| match event {
        Event::Alert(alert) if alert.rule == "late" => {
            Some((alert.epoch, alert.state, alert.message.clone()))
        }
        _ => None,
    });
    let message = format!("Epochs of {first}: 2 (alert from 2).");
    assert_eq!(alerts, [(2, AlertState::Raised, message)]);
}

#[test]
fn faults_of_an_analysis_are_shown_and_hurt_nobody() {
    let temp = tempfile::tempdir().unwrap();
    let analyses = vec![
        Analysis::new(statistic("panics"), |_| panic!("no number today")),
        Analysis::new(statistic("fails"), |_| Err("nothing to read".into())),
        Analysis::new(statistic("astray"), |_| Ok(BTreeMap::from([("nowhere".into(), 1.0)]))),
        Analysis::new(statistic("infinite"), |look| {
            Ok(BTreeMap::from([(look.graph.layers()[0].name().into(), f64::INFINITY)]))
        }),
        Analysis::new(statistic("epochs"), epoch),
    ];
    let run = watched(&temp.path().join("run"), Alerts::default(), analyses);
    let faults = run.faults();
    assert_eq!(faults.len(), 3, "each once, though it comes every epoch: {faults:?}");
    for (fault, words) in faults.iter().zip([
        "analysis panics: panicked: no number today",
        "analysis fails: nothing to read",
        "analysis astray: ",
    ]) {
        assert!(fault.starts_with(words), "{fault}");
    }
    assert!(faults[2].contains("nowhere"), "{}", faults[2]);
    assert_eq!(values(&run, "epochs").len(), 3);
    assert!(values(&run, "infinite").iter().all(|(_, _, value)| value.is_none()));
    assert_eq!(values(&run, "infinite").len(), 3);
    assert_eq!(run.analysed(), [0, 1, 2].into());
}

#[test]
fn what_the_budget_does_not_allow_is_left_out_and_said() {
    let temp = tempfile::tempdir().unwrap();
    // More than a run may spend at its beginning.
    let slow = Analysis::new(statistic("epochs"), |look| {
        work(Duration::from_millis(1200));
        epoch(look)
    });
    let run = within(0.001, 3, &temp.path().join("run"), Alerts::default(), vec![slow]);
    assert_eq!(run.faults(), [""; 0]);
    let had: Vec<_> = values(&run, "epochs").into_iter().map(|(epoch, ..)| epoch).collect();
    assert_eq!(had, [0, 3], "the first that was tried, and the last of the training");
    let parts = run.events(|event| match event {
        Event::EpochAnalysed(analysed) => {
            let own = analysed.parts.iter().find(|part| part.analysis == protocol::Analysis::Own);
            Some((analysed.epoch, own.expect("it is listed").clone()))
        }
        _ => None,
    });
    assert_eq!(parts.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [0, 1, 2, 3]);
    for (epoch, part) in parts {
        if had.contains(&epoch) {
            assert!(part.seconds.is_some_and(|seconds| seconds >= 1.2), "{epoch}: {part:?}");
        } else {
            let reason = part.skipped.unwrap_or_default();
            // Epochs are so short here that even the weights have to wait.
            let ways = [
                "more than is left of",
                "it is the turn of the",
                "not read either",
                "the analyses are behind",
            ];
            assert!(ways.iter().any(|way| reason.contains(way)), "{epoch}: {reason}");
        }
    }
    let outlook = run.log.status().unwrap().unwrap().budget.unwrap().analyses;
    let own = outlook.iter().find(|planned| planned.analysis == protocol::Analysis::Own).unwrap();
    assert_eq!((own.epoch, own.skipped), (Some(3), 0));
}

#[test]
fn names_are_checked_before_the_training() {
    let temp = tempfile::tempdir().unwrap();
    let build = |names: &[&str]| {
        let builder = Spyhole::builder(temp.path().join("run"), ProbeSet::new(images(1)));
        let analyses = names.iter().map(|name| Analysis::new(statistic(name), epoch));
        let built = analyses.fold(builder.no_dashboard(), |builder, each| builder.analysis(each));
        built.build().map(drop)
    };
    let twice = build(&["epochs", "epochs"]).unwrap_err();
    assert!(matches!(twice, SpyholeError::AnalysisTwice { .. }), "{twice}");
    for name in ["rms", "", "two words", "train:Loss"] {
        let error = build(&[name]).unwrap_err();
        let refused = matches!(&error, SpyholeError::Alert(AlertError::BadStatistic { .. }));
        assert!(refused, "{name}: {error}");
    }
    build(&["epochs"]).unwrap();
}

#[test]
fn a_training_that_gives_up_does_not_wait_for_its_patience() {
    let temp = tempfile::tempdir().unwrap();
    let (free, freed) = channel::<()>();
    let freed = Mutex::new(freed);
    let hangs = Analysis::new(statistic("hangs"), move |_| {
        let _ = freed.lock().unwrap().recv();
        Ok(BTreeMap::new())
    });
    let builder = Spyhole::builder(temp.path(), ProbeSet::new(images(2))).budget(1.0);
    let spyhole = builder.analysis(hangs).patience(Duration::from_secs(24 * 3600)).build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.observe(1, &net);
    let (sender, ended) = channel();
    let training = std::thread::spawn(move || {
        drop(watch);
        sender.send(()).unwrap();
    });
    let in_time = ended.recv_timeout(Duration::from_secs(60));
    drop(free);
    training.join().unwrap();
    assert!(in_time.is_ok(), "it was still waiting after a minute");
    drop(spyhole);
    let ended = recorded::read(temp.path()).events(|event| match event {
        Event::RunEnded(ended) => Some(ended.outcome),
        _ => None,
    });
    assert_eq!(ended, [RunOutcome::Interrupted]);
}
