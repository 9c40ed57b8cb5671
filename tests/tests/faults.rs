//! Whatever fails while training becomes an event; training and everything else go on.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use end_to_end::data::images;
use end_to_end::net::{Fill, Residual};
use end_to_end::recorded::{self, Run};
use spyhole::{ProbeSet, Split, Spyhole, Watch};
use spyhole_protocol::{Event, FilterState, LayerStatus, Record, RunOutcome};
use spyhole_sink::testing::{Behaviour, FaultySink};

/// Watches a residual network for some epochs of an own loop, and reads what was recorded.
fn watched(dir: &Path, queue: usize, epochs: impl FnOnce(&Watch<Residual>, Residual)) -> Run {
    let spyhole =
        Spyhole::builder(dir, ProbeSet::new(images(4))).queue(queue).budget(1.0).no_dashboard();
    let spyhole = spyhole.build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    epochs(&watch, net);
    watch.finish();
    drop(spyhole);
    recorded::read(dir)
}

fn outcome(run: &Run) -> Option<(RunOutcome, Option<String>)> {
    let ends = run.events(|event| match event {
        Event::RunEnded(ended) => Some((ended.outcome, ended.reason.clone())),
        _ => None,
    });
    ends.into_iter().next_back()
}

#[test]
fn weights_that_are_not_numbers_are_shown_as_such() {
    let temp = tempfile::tempdir().unwrap();
    for (name, value) in [("nan", f32::NAN), ("infinite", f32::INFINITY), ("zero", 0.0)] {
        let run = watched(&temp.path().join(name), 4, |watch, net| {
            watch.observe(1, &net);
            watch.metric(1, Split::Train, "Loss", f64::from(value));
            watch.observe(2, &net.map(&mut Fill(value)));
        });
        assert_eq!(run.analysed(), [0, 1, 2].into(), "{name}");
        assert_eq!(run.faults(), [""; 0], "{name}");
        let states = run.events(|event| match event {
            Event::LayerFilters(filters) if filters.epoch == 2 => {
                Some(filters.readings.state.clone())
            }
            _ => None,
        });
        assert_eq!(states.len(), 5, "{name}: every convolution has its filters read");
        let expected = if value == 0.0 { FilterState::Zero } else { FilterState::NotFinite };
        assert!(states.iter().flatten().all(|&state| state == expected), "{name}");
        let units = run.events(|event| match event {
            Event::LayerFeatures(features) if features.epoch == 2 => {
                Some(features.followed.clone())
            }
            _ => None,
        });
        for unit in units.iter().flatten() {
            if value == 0.0 {
                assert_eq!((unit.value, unit.projection_scale), (Some(0.0), Some(0.0)), "{name}");
            } else {
                assert!(unit.value.is_none() && unit.projection.is_none(), "{name}: {unit:?}");
            }
        }
        assert_eq!(outcome(&run), Some((RunOutcome::Finished, None)));
    }
}

#[test]
fn snapshots_that_find_no_room_are_dropped_and_counted() {
    let temp = tempfile::tempdir().unwrap();
    let run = watched(temp.path(), 1, |watch, net| {
        watch.epochs(1, Some(200));
        for epoch in 1..=200 {
            watch.observe(epoch, &net);
        }
        // 200 epochs in no time: most find the analysis busy.
        assert!(watch.snapshots_dropped() > 100);
        assert!(watch.time_on_training_thread() < Duration::from_secs(20));
    });
    let dropped = run.events(|event| match event {
        Event::SnapshotDropped(dropped) => Some((dropped.epoch, dropped.total)),
        _ => None,
    });
    let analysed = run.analysed();
    assert_eq!(dropped.len() + analysed.len(), 201, "every epoch is either analysed or dropped");
    assert!(dropped.iter().all(|(epoch, _)| !analysed.contains(epoch)));
    assert!(analysed.contains(&200), "the last epoch is never without a look");
    assert_eq!(dropped.last().unwrap().1, dropped.len() as u64);
    let status = run.log.status().unwrap().unwrap();
    assert_eq!(status.snapshots_dropped, dropped.len() as u64);
}

#[derive(Module, Debug)]
struct Odd {
    near: Conv2d,
    far: Conv2d,
}

#[test]
fn layers_behind_an_unsupported_operation_are_named_and_the_rest_works() {
    let temp = tempfile::tempdir().unwrap();
    let conv = |from| Conv2dConfig::new([from, 4], [3, 3]).init(&Device::flex());
    let net = Odd { near: conv(3), far: conv(4) };
    let spyhole =
        Spyhole::builder(temp.path(), ProbeSet::new(images(2))).budget(1.0).build().unwrap();
    let forward = |net: &Odd, x| net.far.forward(net.near.forward(x).cumsum(3));
    let watch = spyhole.watch(&net, forward).unwrap();
    watch.observe(1, &net);
    watch.finish();
    let run = recorded::read(temp.path());
    let layers = run.layers();
    assert_eq!(layers[0].status, LayerStatus::Supported);
    assert_eq!(layers[1].status, LayerStatus::Unsupported { operation: "CumSum".into() });
    let shown = run.events(|event| match event {
        Event::LayerFeatures(features) => Some(features.layer.clone()),
        _ => None,
    });
    assert_eq!(shown, ["near", "near"]);
    assert_eq!(run.faults(), [""; 0]);
}

#[test]
fn failing_and_panicking_sinks_do_not_stop_the_rest() {
    let temp = tempfile::tempdir().unwrap();
    for (name, behaviour) in [("failing", Behaviour::Fail), ("panicking", Behaviour::Panic)] {
        let dir = temp.path().join(name);
        let sink = FaultySink(move |_: &Record| behaviour);
        let spyhole = Spyhole::builder(&dir, ProbeSet::new(images(2)))
            .budget(1.0)
            .sink(sink)
            .build()
            .unwrap();
        let net = Residual::new(&Device::flex());
        let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
        watch.observe(1, &net);
        watch.finish();
        drop(spyhole);
        let run = recorded::read(&dir);
        assert_eq!(run.analysed(), [0, 1].into());
        assert!(!run.faults().is_empty(), "the fault is on record");
    }
}

#[test]
fn a_training_that_panics_or_gives_up_leaves_a_readable_run() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("panics");
    let (sender, receiver) = channel();
    let in_thread = dir.clone();
    let training = std::thread::spawn(move || {
        let spyhole =
            Spyhole::builder(&in_thread, ProbeSet::new(images(2))).budget(1.0).build().unwrap();
        let net = Residual::new(&Device::flex());
        let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
        watch.observe(1, &net);
        sender.send(()).unwrap();
        panic!("out of memory, say");
    });
    receiver.recv().unwrap();
    assert!(training.join().is_err());
    let (ended, reason) = outcome(&recorded::read(&dir)).unwrap();
    assert_eq!((ended, reason.as_deref()), (RunOutcome::Failed, Some("the training panicked")));

    let dir = temp.path().join("gives up");
    let spyhole = Spyhole::builder(&dir, ProbeSet::new(images(2))).budget(1.0).build().unwrap();
    let net = Residual::new(&Device::flex());
    drop(spyhole.watch(&net, |net, x| net.forward(x)).unwrap());
    drop(spyhole);
    assert_eq!(outcome(&recorded::read(&dir)).unwrap().0, RunOutcome::Interrupted);
}

#[test]
fn a_run_that_is_continued_keeps_its_history() {
    let temp = tempfile::tempdir().unwrap();
    let session = |first: usize, last: usize| {
        watched(temp.path(), 8, |watch, net| {
            watch.epochs(first, Some(last));
            for epoch in first..=last {
                watch.observe(epoch, &net);
            }
        })
    };
    let id = session(1, 2).started().run_id;
    let run = session(3, 4);
    assert_eq!(run.analysed(), (0..=4).collect());
    let distances = run.events(|event| match event {
        Event::LayerHealth(health) if health.layer == "stem.conv" => {
            Some(health.values.get("distance_from_start").is_some_and(Option::is_some))
        }
        _ => None,
    });
    assert_eq!(distances, [true; 5], "the initial weights are known after the pause as well");
    let start = run.started();
    assert_eq!((start.run_id, start.first_epoch, start.last_epoch), (id, 3, Some(4)));
}
