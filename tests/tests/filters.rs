//! What is said of filters: one verdict per weight, however often it is used; what was measured, and not why.

use std::path::Path;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid};
use end_to_end::data::{Batch, images, loader};
use end_to_end::recorded::{self, Run};
use end_to_end::tiny::{self, Tiny, Training};
use spyhole::{ProbeSet, Spyhole};
use spyhole_protocol::{Alert, Event, FilterState, LayerFilters, LayerHealth, Severity};

fn spyhole(dir: &Path, probe: ProbeSet) -> Spyhole {
    Spyhole::builder(dir, probe).no_dashboard().budget(1.0).queue(99).build().unwrap()
}

fn alerts(run: &Run) -> Vec<Alert> {
    run.events(|event| match event {
        Event::Alert(alert) if alert.severity >= Severity::Warning => Some(alert.clone()),
        _ => None,
    })
}

fn filters(run: &Run) -> Vec<LayerFilters> {
    run.events(|event| match event {
        Event::LayerFilters(filters) => Some(filters.clone()),
        _ => None,
    })
}

fn health(run: &Run) -> Vec<LayerHealth> {
    run.events(|event| match event {
        Event::LayerHealth(health) => Some(health.clone()),
        _ => None,
    })
}

fn conv(from: usize, to: usize, kernel: [usize; 2], device: &Device) -> Conv2d {
    Conv2dConfig::new([from, to], kernel).with_padding(PaddingConfig2d::Same).init(device)
}

/// Streams that share one gate, as in an OSNet.
#[derive(Module, Debug)]
struct Gated {
    stem: Conv2d,
    norm: BatchNorm,
    streams: Vec<Conv2d>,
    squeeze: Conv2d,
    excite: Conv2d,
    head: Linear,
}

impl Gated {
    fn new(device: &Device) -> Self {
        Self {
            stem: conv(3, 16, [3, 3], device),
            norm: BatchNormConfig::new(16).init(device),
            streams: (0..4).map(|_| conv(16, 16, [3, 3], device)).collect(),
            squeeze: conv(16, 4, [1, 1], device),
            excite: conv(4, 16, [1, 1], device),
            head: LinearConfig::new(32, 4).init(device),
        }
    }

    fn gate(&self, x: Tensor<4>) -> Tensor<4> {
        let mean = x.clone().mean_dim(3).mean_dim(2);
        let gate = self.excite.forward(relu(self.squeeze.forward(mean)));
        x * sigmoid(gate)
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.norm.forward(self.stem.forward(images)));
        let streams = self.streams.iter().map(|conv| self.gate(relu(conv.forward(x.clone()))));
        let x = streams.reduce(|sum, stream| sum + stream).unwrap();
        // Where in the picture it is bright is the class.
        let [count, maps, height, width] = x.dims();
        let place = Tensor::<1, Int>::arange(0..width as i64, &x.device()).float() * 0.1;
        let columns = x.clone() * place.clone().reshape([1, 1, 1, width]);
        let rows = x * place.reshape([1, 1, height, 1]);
        let x = Tensor::cat(vec![columns, rows], 1).mean_dim(3).mean_dim(2);
        self.head.forward(x.reshape([count, 2 * maps]))
    }
}

fn accuracy(net: &Gated, batch: Batch) -> f64 {
    let classes = net.forward(batch.images).argmax(1).reshape([-1]);
    let right = classes.equal(batch.labels).int().float().mean();
    f64::from(right.into_data().convert::<f32>().try_to_vec::<f32>().unwrap()[0])
}

#[test]
fn a_gate_that_four_streams_share_is_judged_once_and_a_good_training_raises_nothing() {
    const EPOCHS: usize = 12;
    let device = Device::flex().autodiff();
    let temp = tempfile::tempdir().unwrap();
    let mut most_zero = 0.0;
    for seed in [1] {
        device.seed(seed);
        let dir = temp.path().join(seed.to_string());
        let spyhole = spyhole(&dir, ProbeSet::new(images(32)));
        let mut net = Gated::new(&device);
        let momentum = MomentumConfig::new().with_momentum(0.9);
        let mut optimizer = SgdConfig::new().with_momentum(Some(momentum)).init();
        let watch = spyhole.watch(&net, Gated::forward).unwrap();
        watch.epochs(1, Some(EPOCHS));
        for epoch in 1..=EPOCHS {
            for batch in loader(0, 128).to_device(&device).iter() {
                let batch = batch.unwrap();
                let output = net.forward(batch.images);
                let loss = CrossEntropyLossConfig::new().init(&device);
                let loss = loss.forward(output, batch.labels);
                let gradients = GradientsParams::from_grads(loss.backward(), &net);
                net = optimizer.step(0.01, net, gradients);
            }
            watch.observe(epoch, &net);
        }
        watch.finish();
        drop(spyhole);
        let batches = loader(700, 64).to_device(&device);
        let right: f64 =
            batches.iter().map(|batch| accuracy(&net, batch.unwrap())).sum::<f64>() / 8.0;
        assert!(right >= 0.94, "the training is to be a good one: {right}");

        let run = recorded::read(&dir);
        assert_eq!(run.faults(), [""; 0]);
        // Of the gate nothing, though half of its four maps may be zero on every image, and of no layer that it is dead.
        let of_gate = |name: &str| name.starts_with("squeeze") || name.starts_with("excite");
        let told: Vec<_> = alerts(&run)
            .into_iter()
            .filter(|alert| {
                alert.rule.starts_with("dead") || alert.layer.as_deref().is_some_and(of_gate)
            })
            .map(|alert| alert.message)
            .collect();
        assert_eq!(told, [""; 0], "seed {seed}");
        let zero = health(&run).into_iter().filter(|health| health.layer == "squeeze");
        most_zero = zero.filter_map(|health| health.values["dead_maps"]).fold(most_zero, f64::max);
        let layers = run.layers();
        let uses: Vec<_> =
            layers.iter().filter(|layer| layer.name.starts_with("squeeze")).collect();
        let shared: Vec<_> =
            uses.iter().map(|layer| layer.shares_weights_with.as_deref()).collect();
        assert_eq!(shared, [None, Some("squeeze"), Some("squeeze"), Some("squeeze")]);
        for epoch in 0..=EPOCHS as u32 {
            let names: Vec<_> = filters(&run)
                .into_iter()
                .filter(|filters| filters.epoch == epoch)
                .map(|filters| filters.layer)
                .collect();
            let once =
                ["stem", "streams.0", "squeeze", "excite", "streams.1", "streams.2", "streams.3"];
            assert_eq!(names, once, "epoch {epoch}");
        }
        // The further uses have readings of their maps, which are their own, and none of filters.
        let of_second = health(&run).into_iter().filter(|health| health.layer == "squeeze#2");
        for health in of_second {
            assert!(health.values.contains_key("zero_share"), "{health:?}");
            assert!(!health.values.contains_key("rms"), "{health:?}");
        }
    }
    assert!(most_zero >= 0.25, "the gate is to have maps that are zero on all images: {most_zero}");
}

#[test]
fn a_learning_rate_of_zero_is_told_as_what_it_looks_like() {
    let device = Device::flex().autodiff();
    let temp = tempfile::tempdir().unwrap();
    let (images, labels) = tiny::bars(16, tiny::SIDE, &Device::flex());
    let spyhole = spyhole(temp.path(), ProbeSet::new(images).labels(labels));
    let mut training = Training::new(16, tiny::SIDE, &device);
    let mut net = Tiny::new(&device);
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(8));
    for epoch in 1..=8 {
        (net, _) = training.epoch(net, 0.0);
        watch.observe(epoch, &net);
    }
    watch.finish();
    drop(spyhole);
    let run = recorded::read(temp.path());
    let alerts = alerts(&run);
    let raised: Vec<_> =
        alerts.iter().map(|a| (a.rule.as_str(), a.layer.as_deref().unwrap())).collect();
    assert_eq!(raised, [("dead-filters", "near"), ("dead-filters", "far")]);
    for alert in &alerts {
        let name = alert.layer.as_deref().unwrap();
        assert_eq!(
            alert.message,
            format!(
                "100 % of {name}'s filters have stood still for two epochs or longer: unchanged, only shrunk as \
                 by weight decay, or all zeros (alert from 50 %, 2 epochs running)."
            )
        );
        assert!(alert.hints[0].contains("look at the learning rate"), "{:?}", alert.hints);
    }
    let rules = run.events(|event| match event {
        Event::Watchlist(list) => Some(list.rules.clone()),
        _ => None,
    });
    let rule = rules[0].iter().find(|rule| rule.id == "dead-filters").unwrap();
    assert!(rule.causes[0].contains("learning rate is zero"), "{:?}", rule.causes);
    assert!(rule.causes.iter().any(|cause| cause.contains("optimizer")), "{:?}", rule.causes);
    let last = filters(&run).pop().unwrap();
    assert!(last.readings.state.iter().all(|&state| state == FilterState::Still), "{last:?}");
}

/// Kernels of one row and one column.
#[derive(Module, Debug)]
struct Lines {
    wide: Conv2d,
    high: Conv2d,
    head: Linear,
}

impl Lines {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.wide.forward(images));
        let x = relu(self.high.forward(x));
        let [count, maps, ..] = x.dims();
        self.head.forward(x.mean_dim(3).mean_dim(2).reshape([count, maps]))
    }
}

#[test]
fn a_kernel_of_one_line_gets_no_verdict_of_two_dimensions() {
    let device = Device::flex();
    let net = Lines {
        wide: conv(3, 8, [1, 5], &device),
        high: conv(8, 8, [5, 1], &device),
        head: LinearConfig::new(8, 4).init(&device),
    };
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path(), ProbeSet::new(images(8)));
    let watch = spyhole.watch(&net, Lines::forward).unwrap();
    watch.epochs(1, Some(12));
    for epoch in 1..=12 {
        // Random weights throughout, that move: nothing for any other rule.
        let other = Lines {
            high: conv(8, 8, [5, 1], &device),
            wide: conv(3, 8, [1, 5], &device),
            ..net.clone()
        };
        watch.observe(epoch, &other);
    }
    watch.finish();
    drop(spyhole);
    let run = recorded::read(temp.path());
    assert_eq!(alerts(&run), []);
    for filters in filters(&run) {
        assert_eq!(filters.test.degrees_of_freedom, 1);
        assert!(filters.test.caution.as_ref().unwrap().contains("one row or column"));
        assert!(filters.readings.q.iter().all(Option::is_some));
        assert!(filters.readings.state.iter().all(|&state| state == FilterState::NotJudged));
    }
    for health in health(&run) {
        for name in ["noise_share", "structure_p_value", "residual_noise_share"] {
            assert!(!health.values.contains_key(name), "{}: {name}", health.layer);
        }
    }
}
