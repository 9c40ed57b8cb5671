//! A training that is continued from an earlier epoch, one that begins anew where there is a run already, and one of
//! another network there: each is told by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use end_to_end::recorded;
use end_to_end::tiny::{SIDE, Tiny, Training, bars};
use spyhole::{Alerts, ProbeSet, Rule, Split, Spyhole, Studies};
use spyhole_protocol::{Alert, AlertState, Branch, Event, Record, RunState};
use spyhole_sink::RunLog;

/// What makes the recorded numbers of a session its own.
const SCORE: &str = "score";

fn spyhole(dir: &Path) -> Spyhole {
    probed_with(dir, 16)
}

fn probed_with(dir: &Path, images: usize) -> Spyhole {
    let (images, labels) = bars(images, SIDE, &Device::flex());
    let rule =
        Rule::at_least("high-score", "train:score").title("the score is high").warning(106.0);
    Spyhole::builder(dir, ProbeSet::new(images).labels(labels))
        .alerts(Alerts::none().with(rule).unwrap())
        .studies(Studies::on_demand())
        .queue(20)
        .budget(1.0)
        .no_dashboard()
        .build()
        .unwrap()
}

/// Trains epochs `first` to `last`, whose scores are `score` more than the epoch. Returns the network after each, from
/// the one that it goes on from on, and where it was recorded.
fn session(dir: &Path, net: Tiny, [first, last]: [usize; 2], score: f64) -> (Vec<Tiny>, PathBuf) {
    let spyhole = spyhole(dir);
    let mut training = Training::new(32, SIDE, &Device::flex().autodiff());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(first, Some(last));
    let mut nets = vec![net];
    for epoch in first..=last {
        let (net, loss) = training.epoch(nets[nets.len() - 1].clone(), 0.2);
        watch.metric(epoch, Split::Train, "Loss", loss);
        watch.metric(epoch, Split::Train, SCORE, score + epoch as f64);
        watch.observe(epoch, &net);
        nets.push(net);
    }
    watch.finish();
    (nets, spyhole.store())
}

fn untrained(seed: u64) -> Tiny {
    let device = Device::flex().autodiff();
    device.seed(seed);
    Tiny::new(&device)
}

/// All that counts.
fn current(log: &RunLog) -> Vec<Record> {
    log.current_after(0, usize::MAX).unwrap().map_or(vec![], |(records, _)| records)
}

/// The scores that count, by epoch.
fn scores(log: &RunLog) -> BTreeMap<u32, f64> {
    let score = |record: Record| match record.event {
        Event::Metric(metric) if metric.name == SCORE => Some((metric.epoch, metric.value?)),
        _ => None,
    };
    current(log).into_iter().filter_map(score).collect()
}

fn alerts(log: &RunLog) -> Vec<Alert> {
    let mut alerts = vec![];
    log.each_of_kinds(&["alert"], |event| {
        if let Event::Alert(alert) = event {
            alerts.push(alert.clone());
        }
    })
    .unwrap();
    alerts
}

fn expected(parts: &[(std::ops::RangeInclusive<u32>, f64)]) -> BTreeMap<u32, f64> {
    let all = parts.iter().flat_map(|(epochs, score)| {
        epochs.clone().map(move |epoch| (epoch, score + f64::from(epoch)))
    });
    all.collect()
}

#[test]
fn a_run_that_is_continued_from_an_earlier_epoch_leaves_the_later_ones() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (nets, store) = session(dir, untrained(1), [1, 8], 100.0);
    assert_eq!(alerts(&RunLog::open(dir).unwrap()).len(), 1, "raised in epoch 6");
    let (_, again) = session(dir, nets[3].clone(), [4, 5], 0.0);
    assert_eq!(again, store);

    let log = RunLog::open(dir).unwrap();
    let branches = log.branches().unwrap();
    let words: Vec<_> = branches.iter().map(Branch::to_string).collect();
    let left = "branch 1: epochs 4 to 8, left when the training was continued from epoch 3";
    assert_eq!(words, [left]);
    assert_eq!(scores(&log), expected(&[(1..=3, 100.0), (4..=5, 0.0)]));
    // Whatever has an epoch has it once, and is of the training that has it now.
    let start = branches[0].left_by;
    for record in current(&log) {
        if let Some(epoch) = record.event.epoch() {
            assert!(epoch < 4 || record.seq > start, "{record:?}");
        }
    }
    // The alert of epoch 6 is over, and was never raised in what is left.
    let [ended] = &alerts(&log)[..] else { panic!("{:?}", alerts(&log)) };
    assert_eq!((ended.state, ended.epoch), (AlertState::Resolved, 3));
    assert_eq!(log.summary().unwrap().active_alerts, 0);
    // Nothing is compared with what was left: not with epoch 8, though it was the last on record.
    let mut compared = 0;
    log.each_of_kinds(&["layer_evolution"], |event| {
        let Event::LayerEvolution(it) = event else { return };
        assert_eq!(it.previous, it.epoch.checked_sub(1), "{} in epoch {}", it.layer, it.epoch);
        assert!(it.to_earlier.iter().all(|earlier| earlier.epoch < it.epoch));
        compared += usize::from(it.epoch >= 4);
    })
    .unwrap();
    assert!(compared > 0);

    // What was left can be looked at, as it was.
    let branch = log.branch(1).unwrap().unwrap();
    assert_eq!(scores(&branch), expected(&[(1..=8, 100.0)]));
    assert_eq!((branch.branches().unwrap(), branch.left()), (vec![], Some(branches[0])));
    assert_eq!(branch.summary().unwrap().active_alerts, 1);
    let status = branch.status().unwrap().unwrap();
    assert_eq!((status.state, status.epoch, status.last_epoch), (RunState::Ended, 8, Some(8)));
    assert!(log.branch(2).unwrap().is_none());
}

#[test]
fn a_fresh_start_is_a_run_of_its_own_beside_the_earlier_one() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (nets, first) = session(dir, untrained(1), [1, 6], 100.0);
    let before = recorded::read(dir);
    let (_, second) = session(dir, untrained(77), [1, 3], 200.0);
    assert_eq!(second, dir.join("run-2.sqlite"));

    let log = RunLog::open(dir).unwrap();
    assert_eq!((log.store(), log.branches().unwrap()), (&*second, vec![]));
    assert_eq!(scores(&log), expected(&[(1..=3, 200.0)]));
    assert_eq!(alerts(&log).iter().filter(|alert| alert.epoch < 1).count(), 0);
    let started = recorded::read(dir).started();
    assert_ne!(started.run_id, before.started().run_id);
    let beside = started.beside.unwrap();
    assert!(beside.contains("an earlier run, of 6 epochs, in run.sqlite"), "{beside}");
    assert!(beside.contains("begins at epoch 1") && beside.contains("run-2.sqlite"), "{beside}");
    // The earlier one is as it was.
    let earlier = recorded::read(&first);
    assert_eq!(earlier.records, before.records);
    assert_eq!(earlier.log.status().unwrap().unwrap().epoch, 6);

    // From epoch 7 on only the first can be continued, and then it is the one that is meant by the directory.
    let (_, third) = session(dir, nets[6].clone(), [7, 7], 0.0);
    assert_eq!(third, first);
    let log = RunLog::open(dir).unwrap();
    assert_eq!(scores(&log), expected(&[(1..=6, 100.0), (7..=7, 0.0)]));
    assert_eq!(log.branches().unwrap(), []);
}

#[test]
fn another_network_is_a_run_of_its_own_whatever_its_first_epoch_is() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let _ = session(dir, untrained(1), [1, 3], 100.0);
    let other = Tiny::with_maps([6, 4], 3, &Device::flex().autodiff());
    let (_, second) = session(dir, other, [4, 5], 200.0);
    assert_eq!(second, dir.join("run-2.sqlite"));
    let run = recorded::read(dir);
    assert_eq!(scores(&run.log), expected(&[(4..=5, 200.0)]));
    assert!(run.started().beside.is_some_and(|why| why.contains("is of another network")));
    assert_eq!(run.faults(), [""; 0], "nothing of the other one is remembered");
}

#[test]
fn a_start_that_came_to_nothing_is_no_run_to_keep_apart() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    {
        let spyhole = spyhole(dir);
        let watch = spyhole.watch(&untrained(1), |net, x| net.forward(x)).unwrap();
        watch.epochs(1, Some(3));
    }
    let (_, store) = session(dir, untrained(2), [1, 2], 100.0);
    assert_eq!(store, dir.join("run.sqlite"));
    let log = RunLog::open(dir).unwrap();
    assert_eq!(scores(&log), expected(&[(1..=2, 100.0)]));
    assert_eq!(log.branches().unwrap(), []);
}

#[test]
fn a_start_that_came_to_nothing_leaves_the_end_of_a_finished_run_as_it_was() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    session(dir, untrained(1), [1, 2], 100.0);
    let before = recorded::read(dir);
    for panics in [false, true] {
        let start = || {
            let spyhole = spyhole(dir);
            let _watch = spyhole.watch(&untrained(1), |net, x| net.forward(x)).unwrap();
            assert!(!panics, "there is no checkpoint of that epoch");
        };
        assert_eq!(std::panic::catch_unwind(start).is_err(), panics);
        let run = recorded::read(dir);
        assert_eq!(run.records, before.records);
        let status = run.log.status().unwrap().unwrap();
        assert_eq!((status.state, status.epoch, status.last_epoch), (RunState::Ended, 2, Some(2)));
    }
}

#[test]
fn a_run_that_goes_on_with_other_probe_images_says_what_is_told_anew() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (nets, _) = session(dir, untrained(1), [1, 2], 0.0);
    {
        let spyhole = probed_with(dir, 20);
        let watch = spyhole.watch(&nets[2], |net, x| net.forward(x)).unwrap();
        watch.epochs(3, Some(4));
        watch.observe(3, &nets[2]);
        watch.observe(4, &nets[2]);
        watch.finish();
    }
    let run = recorded::read(dir);
    let notes = run.events(|event| match event {
        Event::RunStarted(started) => Some(started.other_images.clone()),
        _ => None,
    });
    let [None, Some(note)] = &notes[..] else { panic!("{notes:?}") };
    assert!(note.contains("others than before") && note.contains("from epoch 3 on"), "{note}");
    let compared = run.events(|event| match event {
        Event::LayerEvolution(it) => Some((it.epoch, it.previous)),
        _ => None,
    });
    assert!(compared.contains(&(4, Some(3))), "{compared:?}");
    assert!(compared.iter().all(|it| *it != (3, Some(2))), "{compared:?}");
}
