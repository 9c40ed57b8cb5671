//! One number that is not finite, wherever it is: one alert at once, which names where it begins, and no picture of what
//! overflows.

use burn::module::{Module, ModuleMapper, Param};
use burn::nn::conv::{
    Conv1d, Conv1dConfig, Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig,
};
use burn::nn::gru::{Gru, GruConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig1d, PaddingConfig2d,
};
use burn::prelude::*;
use burn::tensor::activation::relu;
use end_to_end::data::images;
use end_to_end::recorded::{self, Run};
use spyhole::{ProbeSet, Split, Spyhole};
use spyhole_protocol::{Alert, AlertState, Event, NetworkHealth, PlaceKind, Severity};

/// One of every kind of parameter.
#[derive(Module, Debug)]
struct Net {
    c1: Conv2d,
    norm: BatchNorm,
    c2: Conv2d,
    up: ConvTranspose2d,
    line: Conv1d,
    memory: Gru,
    scale: Param<Tensor<1>>,
    head: Linear,
    /// Not part of what is watched.
    other_head: Linear,
}

impl Net {
    fn new() -> Self {
        let device = Device::flex();
        device.seed(3);
        let conv = |from, to| {
            Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Same).init(&device)
        };
        Self {
            c1: conv(3, 4),
            norm: BatchNormConfig::new(4).init(&device),
            c2: conv(4, 4),
            up: ConvTranspose2dConfig::new([4, 4], [2, 2]).with_stride([2, 2]).init(&device),
            line: Conv1dConfig::new(4, 4, 3).with_padding(PaddingConfig1d::Same).init(&device),
            memory: GruConfig::new(4, 4, true).init(&device),
            scale: Param::from_tensor(Tensor::ones([4], &device)),
            head: LinearConfig::new(4, 3).init(&device),
            other_head: LinearConfig::new(4, 3).init(&device),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.norm.forward(self.c1.forward(images)));
        let x = relu(self.c2.forward(x));
        let x = relu(self.up.forward(x));
        let lines = relu(self.line.forward(x.mean_dim(2).squeeze_dim::<3>(2)));
        let x = lines.mean_dim(2).squeeze_dim::<2>(2);
        // A recurrent layer's gate.
        let x = relu(self.memory.update_gate.input_transform.forward(x.clone()) + x);
        self.head.forward(x * self.scale.val().unsqueeze::<2>())
    }
}

/// Changes the parameter of that path.
struct Plant<'a> {
    path: &'a str,
    at: Vec<String>,
    change: Change,
    done: bool,
}

#[derive(Clone, Copy)]
enum Change {
    /// The first number becomes this.
    First(f32),
    /// All become so many times as large.
    Times(f32),
}

impl ModuleMapper for Plant<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.at.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.at.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.at.join(".") != self.path {
            return param;
        }
        self.done = true;
        let change = self.change;
        param.map(|tensor| match change {
            Change::Times(factor) => tensor * factor,
            Change::First(value) => {
                let (shape, device) = (tensor.dims(), tensor.device());
                let mut numbers = tensor.into_data().try_to_vec::<f32>().unwrap();
                numbers[0] = value;
                Tensor::from_data(TensorData::new(numbers, shape), &device)
            }
        })
    }
}

fn planted(path: &str, change: Change) -> Net {
    let mut plant = Plant { path, at: vec![], change, done: false };
    let net = Net::new().map(&mut plant);
    assert!(plant.done, "there is no parameter {path}");
    net
}

fn spyhole(dir: &std::path::Path) -> Spyhole {
    let probe = ProbeSet::new(images(6));
    Spyhole::builder(dir, probe).no_dashboard().budget(1.0).queue(9).build().unwrap()
}

/// Six epochs of an own loop in which `broken` comes with epoch 2, without any metric.
fn trained(broken: Net) -> Run {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path());
    let watch = spyhole.watch(&Net::new(), Net::forward).unwrap();
    watch.epochs(1, Some(6));
    watch.observe(1, &Net::new());
    (2..=6).for_each(|epoch| watch.observe(epoch, &broken));
    watch.finish();
    drop(spyhole);
    recorded::read(temp.path())
}

fn alerts(run: &Run) -> Vec<Alert> {
    run.events(|event| match event {
        Event::Alert(alert) => Some(alert.clone()),
        _ => None,
    })
}

fn health(run: &Run) -> Vec<NetworkHealth> {
    run.events(|event| match event {
        Event::NetworkHealth(health) => Some(health.clone()),
        _ => None,
    })
}

/// The one alert of a run in which that begins in epoch 2.
fn only_alert(run: &Run, what: &str) -> Alert {
    assert_eq!(run.faults(), [""; 0], "{what}");
    let alerts = alerts(run);
    let told: Vec<_> = alerts.iter().map(|alert| (alert.epoch, alert.title.as_str())).collect();
    assert_eq!(told.len(), 1, "{what}: {told:?}");
    let alert = alerts[0].clone();
    assert_eq!((alert.rule.as_str(), alert.epoch, alert.layer.as_ref()), ("not-finite", 2, None));
    assert_eq!((alert.state, alert.severity), (AlertState::Raised, Severity::Critical), "{what}");
    alert
}

#[test]
fn a_parameter_of_any_kind_is_named() {
    // Of every layer one, and every kind of value.
    for (path, value, words) in [
        ("c1.weight", f32::NAN, "the parameter c1.weight, with 1 NaN among 108 numbers"),
        ("norm.gamma", f32::NAN, "the parameter norm.gamma, with 1 NaN among 4 numbers"),
        (
            "norm.running_var",
            f32::INFINITY,
            "the running statistic norm.running_var, with 1 infinite among 4 numbers",
        ),
        ("c2.bias", f32::NEG_INFINITY, "the parameter c2.bias, with 1 infinite among 4 numbers"),
        ("up.weight", f32::NAN, "the parameter up.weight, with 1 NaN among 64 numbers"),
        ("line.weight", f32::NAN, "the parameter line.weight, with 1 NaN among 48 numbers"),
        ("memory.update_gate.input_transform.weight", f32::NAN, "the parameter memory.update_gate"),
        ("scale", f32::NAN, "the parameter scale, with 1 NaN among 4 numbers"),
        ("head.bias", f32::NAN, "the parameter head.bias, with 1 NaN among 3 numbers"),
        (
            "other_head.weight",
            f32::NAN,
            "the parameter other_head.weight, which the watched forward function does not use",
        ),
    ] {
        let run = trained(planted(path, Change::First(value)));
        let alert = only_alert(&run, path);
        assert_eq!(alert.title, format!("{path}: not finite from here on"));
        assert!(alert.message.contains(words), "{path}: {}", alert.message);
        let health = health(&run);
        let values: Vec<_> = health.iter().map(|it| it.values["not_finite_places"]).collect();
        assert_eq!(values, [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0].map(Some), "{path}");
        assert_eq!(health[2].places["not_finite_places"][0].kind, PlaceKind::Parameter);
    }
}

#[test]
fn what_overflows_is_named_by_the_operation_in_which_it_begins() {
    let run = trained(planted("c2.weight", Change::Times(f32::INFINITY)));
    let alert = only_alert(&run, "weights beyond all numbers");
    assert!(alert.title.starts_with("c2.weight"), "{}", alert.title);

    for (path, factor, title, words) in [
        (
            "c2.weight",
            1e38,
            "c2: not finite from here on",
            "of c2, to which only finite numbers went",
        ),
        (
            "head.weight",
            2e38,
            "head: not finite from here on",
            "of head, to which only finite numbers went",
        ),
    ] {
        // The head sees what c1 makes large.
        let mut net = planted("c1.weight", Change::Times(1e3));
        let mut plant = Plant { path, at: vec![], change: Change::Times(factor), done: false };
        if path == "head.weight" {
            let mut scale =
                Plant { path: "scale", at: vec![], change: Change::Times(1e5), done: false };
            net = net.map(&mut scale);
        }
        let alert = only_alert(&trained(net.map(&mut plant)), path);
        assert_eq!(alert.title, title);
        assert!(alert.message.contains(words), "{}", alert.message);
    }
}

#[test]
fn it_is_over_when_all_numbers_are_finite_again_and_the_loss_gives_way() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path());
    let watch = spyhole.watch(&Net::new(), Net::forward).unwrap();
    watch.epochs(1, Some(3));
    watch.metric(1, Split::Train, "Loss", f64::NAN);
    watch.observe(1, &planted("c2.bias", Change::First(f32::NAN)));
    watch.observe(2, &Net::new());
    watch.observe(3, &Net::new());
    watch.finish();
    drop(spyhole);
    let run = recorded::read(temp.path());
    let mut told: Vec<_> = alerts(&run).into_iter().map(|a| (a.epoch, a.rule, a.state)).collect();
    // The weights of this training stand still, too.
    told.retain(|(_, rule, _)| rule.ends_with("not-finite"));
    let expected = [
        (1, "loss-not-finite", AlertState::Raised),
        (1, "not-finite", AlertState::Raised),
        (1, "loss-not-finite", AlertState::Resolved),
        (2, "not-finite", AlertState::Resolved),
    ];
    assert_eq!(told, expected.map(|(epoch, rule, state)| (epoch, rule.to_owned(), state)));
}

#[test]
fn an_inspection_says_it_of_pixels_that_overflow_and_draws_nothing_of_them() {
    let temp = tempfile::tempdir().unwrap();
    let probe = ProbeSet::new(images(6) * 1e37);
    let spyhole = Spyhole::builder(temp.path(), probe).no_dashboard().build().unwrap();
    let net = planted("c1.weight", Change::Times(100.0));
    spyhole.inspect(&net, Net::forward).unwrap();
    drop(spyhole);
    let run = recorded::read(temp.path());
    let alerts = alerts(&run);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].title, "c1: not finite from here on");
    let units = run.events(|event| match event {
        Event::LayerFeatures(features) => Some(features.followed.clone()),
        _ => None,
    });
    let units: Vec<_> = units.into_iter().flatten().collect();
    assert!(!units.is_empty());
    for unit in &units {
        assert_eq!(unit.projection.is_none(), unit.not_projected.is_some(), "{unit:?}");
        assert!(unit.projection_scale.is_none_or(f32::is_finite), "{unit:?}");
    }
    assert!(units.iter().any(|unit| unit.not_projected.is_some()));
    // Nor is any study made of it.
    assert_eq!(run.faults(), [""; 0]);
    assert_eq!(run.events(|event| matches!(event, Event::Study(_)).then_some(())).len(), 0);
}

/// Attention writes −∞ where it must not look; that is gone behind the softmax.
#[derive(Module, Debug)]
struct Masked {
    conv: Conv2d,
    head: Linear,
}

#[test]
fn a_mask_of_minus_infinity_is_no_trouble() {
    let device = Device::flex();
    let net = Masked {
        conv: Conv2dConfig::new([3, 4], [4, 4]).with_stride([4, 4]).init(&device),
        head: LinearConfig::new(16, 3).init(&device),
    };
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path());
    let forward = |net: &Masked, images: Tensor<4>| {
        let x = net.conv.forward(images).flatten::<3>(2, 3).swap_dims(1, 2);
        let scores = x.clone().matmul(x.swap_dims(1, 2));
        let [batch, length, _] = scores.dims();
        let mask = Tensor::<2, Bool>::tril_mask([length, length], 0, &scores.device());
        let mask = mask.unsqueeze::<3>().expand([batch, length, length]);
        let scores = scores.mask_fill(mask, f32::NEG_INFINITY);
        net.head
            .forward(burn::tensor::activation::softmax(scores, 2).mean_dim(1).squeeze_dim::<2>(1))
    };
    let watch = spyhole.watch(&net, forward).unwrap();
    watch.observe(1, &net);
    watch.finish();
    drop(spyhole);
    let run = recorded::read(temp.path());
    assert_eq!(alerts(&run), []);
    let values: Vec<_> = health(&run).iter().map(|it| it.values["not_finite_places"]).collect();
    assert_eq!(values, [Some(0.0), Some(0.0)]);
}
