//! Which layers have settled: over a pause as without one, and with layers that are not trained.

use std::path::Path;

use burn::nn::Relu;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use end_to_end::data::{images, loader};
use end_to_end::net::Residual;
use end_to_end::recorded::{self, Run};
use spyhole::{ProbeSet, Spyhole};
use spyhole_protocol::{Event, LayerEvolution, LayerState, Settling};

const EPOCHS: usize = 6;

/// A network after each epoch of its training, from the untrained one on.
fn trained() -> Vec<Residual> {
    let device = Device::flex().autodiff();
    let mut net = Residual::new(&device);
    let mut optimizer = SgdConfig::new().init();
    let mut nets = vec![net.clone()];
    for _ in 0..EPOCHS {
        for batch in loader(0, 64).to_device(&device).iter() {
            let output = net.classify(batch.unwrap());
            let gradients = GradientsParams::from_grads(output.loss.backward(), &net);
            net = optimizer.step(0.05, net, gradients);
        }
        nets.push(net.clone());
    }
    nets
}

/// Watches epochs `first` to `last` of a training that is over.
fn session(dir: &Path, nets: &[Residual], first: usize, last: usize) {
    let spyhole = Spyhole::builder(dir, ProbeSet::new(images(32))).no_dashboard();
    let spyhole = spyhole.queue(EPOCHS + 1).budget(1.0);
    let spyhole = spyhole.build().unwrap();
    let watch = spyhole.watch(&nets[first - 1], |net, x| net.forward(x)).unwrap();
    watch.epochs(first, Some(EPOCHS));
    for (epoch, net) in nets.iter().enumerate().take(last + 1).skip(first) {
        watch.observe(epoch, net);
    }
    watch.finish();
}

fn evolutions(run: &Run) -> Vec<LayerEvolution> {
    run.events(|event| match event {
        Event::LayerEvolution(evolution) => Some(evolution.clone()),
        _ => None,
    })
}

fn settlings(run: &Run) -> Vec<Settling> {
    run.events(|event| match event {
        Event::Settling(settling) => Some(settling.clone()),
        _ => None,
    })
}

#[test]
fn a_run_that_is_continued_has_one_history() {
    let temp = tempfile::tempdir().unwrap();
    let nets = trained();
    let (whole, parts) = (temp.path().join("whole"), temp.path().join("parts"));
    session(&whole, &nets, 1, EPOCHS);
    session(&parts, &nets, 1, 3);
    session(&parts, &nets, 4, EPOCHS);
    let (whole, parts) = (recorded::read(&whole), recorded::read(&parts));
    assert_eq!((whole.faults(), parts.faults()), (vec![], vec![]));
    let (expected, got) = (evolutions(&whole), evolutions(&parts));
    let layers = whole.layers().len();
    assert_eq!(expected.len(), layers * (EPOCHS + 1));
    assert_eq!(got.len(), expected.len());
    for (expected, got) in expected.iter().zip(&got) {
        let place = format!("{} in epoch {}", got.layer, got.epoch);
        assert_eq!((expected.epoch, &expected.layer), (got.epoch, &got.layer));
        assert_eq!(expected.previous, got.previous, "{place}");
        assert_eq!(got.previous, got.epoch.checked_sub(1), "{place}");
        // What is kept is rounded a little.
        let near = |name: &str, expected: Option<f64>, got: Option<f64>| {
            assert_eq!(expected.is_some(), got.is_some(), "{name} of {place}");
            let difference = expected.unwrap_or(0.0) - got.unwrap_or(0.0);
            assert!(difference.abs() < 2e-3, "{name} of {place}: {expected:?}, {got:?}");
        };
        near("change", expected.change, got.change);
        near("top overlap", expected.top_overlap, got.top_overlap);
        near("jumps", expected.jumps, got.jumps);
        near("projections", expected.projection_similarity, got.projection_similarity);
        assert_eq!(expected.to_earlier.len(), got.to_earlier.len(), "{place}");
        assert_eq!(got.to_earlier.len(), got.epoch as usize, "{place}: all epochs are remembered");
        for (a, b) in expected.to_earlier.iter().zip(&got.to_earlier) {
            assert_eq!(a.epoch, b.epoch, "{place}");
            near("likeness", Some(a.similarity), Some(b.similarity));
        }
        if got.epoch > 0 {
            assert!(got.change.is_some_and(|change| change > 0.0), "{place}: it was trained");
            assert!(got.weight_change.is_some() || !got.layer.contains("conv"), "{place}");
        }
    }
    let last = |run: &Run| settlings(run).pop().map(|settling| settling.layers);
    assert_eq!(last(&whole), last(&parts));
    assert!(settlings(&whole)[0].statement.contains("32 probe images"));
}

#[derive(Module, Debug)]
struct Transfer {
    backbone: Conv2d,
    head: Conv2d,
    relu: Relu,
}

#[test]
fn layers_that_are_not_trained_are_frozen_from_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let device = Device::flex().autodiff();
    let conv = |from| Conv2dConfig::new([from, 6], [3, 3]).init(&device);
    let net = Transfer { backbone: conv(3).no_grad(), head: conv(6), relu: Relu::new() };
    let spyhole = Spyhole::builder(temp.path(), ProbeSet::new(images(16)))
        .queue(EPOCHS + 1)
        .budget(1.0)
        .build()
        .unwrap();
    let forward = |net: &Transfer, x| {
        net.relu.forward(net.head.forward(net.relu.forward(net.backbone.forward(x))))
    };
    let watch = spyhole.watch(&net, forward).unwrap();
    for epoch in 1..=EPOCHS {
        // The head is another one in every epoch.
        let net = Transfer { head: conv(6), ..net.clone() };
        watch.observe(epoch, &net);
    }
    watch.finish();
    let run = recorded::read(temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let settling = settlings(&run).pop().unwrap();
    let states: Vec<_> = settling.layers.iter().map(|layer| layer.state).collect();
    assert_eq!(states, [LayerState::Frozen, LayerState::Moving]);
    assert!(settling.statement.contains("backbone is frozen"), "{}", settling.statement);
    let alerts = run.events(|event| match event {
        Event::Alert(alert) => Some(alert.title.clone()),
        _ => None,
    });
    assert!(alerts.iter().all(|title| !title.contains("backbone: filters are dead")), "{alerts:?}");
    let stuck = alerts.iter().any(|title| title.starts_with("backbone") && title.contains("start"));
    assert!(!stuck, "a frozen layer is not stuck: {alerts:?}");
}
