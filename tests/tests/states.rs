//! How layers stand, and why that cannot be told: what is unknown is not dead, and chance does not settle.

use std::path::Path;

use burn::nn::conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use end_to_end::data::images;
use end_to_end::recorded::{self, Run};
use spyhole::{ProbeSet, Spyhole, Studies};
use spyhole_protocol::LayerState::{
    self, Constant, Dead, ImagesAlike, Moving, NeverMoved, NotFinite, Settled, TooFewImages,
};
use spyhole_protocol::{Event, Settling};

#[derive(Module, Debug)]
struct Net {
    c1: Conv2d,
    c2: Conv2d,
    c3: Conv2d,
    head: Linear,
}

impl Net {
    fn new(seed: u64) -> Self {
        let device = Device::flex();
        device.seed(seed);
        let conv = |from| Conv2dConfig::new([from, 6], [3, 3]).init(&device);
        let head = LinearConfig::new(6, 4).init(&device);
        Self { c1: conv(3), c2: conv(6), c3: conv(6), head }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.c2.forward(relu(self.c1.forward(images))));
        let x = relu(self.c3.forward(x)).mean_dim(3).mean_dim(2);
        self.head.forward(x.reshape([-1, 6]))
    }
}

/// Networks one after the other, as epochs from 0 on.
fn inspected(dir: &Path, images: Tensor<4>, nets: impl IntoIterator<Item = Net>) -> Run {
    let spyhole = Spyhole::builder(dir, ProbeSet::new(images)).studies(Studies::on_demand());
    let spyhole = spyhole.no_dashboard().build().unwrap();
    spyhole.inspect_epochs(nets.into_iter().enumerate(), Net::forward).unwrap();
    drop(spyhole);
    let run = recorded::read(dir);
    assert_eq!(run.faults(), [""; 0]);
    run
}

fn last_settling(run: &Run) -> Settling {
    let told = run.events(|event| match event {
        Event::Settling(settling) => Some(settling.clone()),
        _ => None,
    });
    told.last().expect("how the layers stand").clone()
}

/// What is said of the layers' activations after the last epoch, with the share of dead maps.
fn activations(run: &Run, epochs: u32) -> Vec<(Option<LayerState>, Option<f64>)> {
    run.events(|event| match event {
        Event::LayerHealth(health) if health.epoch + 1 == epochs => {
            Some((health.state, health.values.get("dead_maps").copied().flatten()))
        }
        _ => None,
    })
}

struct Case {
    name: &'static str,
    images: Tensor<4>,
    /// The network of an epoch, made of two others.
    net: fn(&[Net; 2], u64) -> Net,
    /// At last.
    states: [LayerState; 3],
    /// Which of the layers' activations have a state of their own.
    activations: [Option<LayerState>; 3],
    /// In the statement.
    said: &'static str,
}

const EPOCHS: u32 = 8;

fn filled([net, _]: &[Net; 2], weight: f32, bias: f32) -> Net {
    let mut net = net.clone();
    net.c2.weight = net.c2.weight.map(|w| w.mul_scalar(0.0).add_scalar(weight));
    net.c2.bias = net.c2.bias.map(|values| values.map(|b| b.mul_scalar(0.0).add_scalar(bias)));
    net
}

/// On its way from one to the other, which it nears fast.
fn trained([start, goal]: &[Net; 2], epoch: u64) -> Net {
    let share = 1.0 - (-3.0 * epoch as f32).exp();
    let between = |from: &Conv2d, to: &Conv2d| {
        let goal = to.weight.val();
        let weight = from.weight.clone();
        let weight = weight.map(|w| w.mul_scalar(1.0 - share) + goal.mul_scalar(share));
        Conv2d { weight, ..from.clone() }
    };
    Net {
        c1: between(&start.c1, &goal.c1),
        c2: between(&start.c2, &goal.c2),
        c3: between(&start.c3, &goal.c3),
        head: start.head.clone(),
    }
}

fn bias(conv: &Conv2d) -> Option<Tensor<1>> {
    conv.bias.as_ref().map(|bias| bias.val())
}

fn unchanged([net, _]: &[Net; 2], _epoch: u64) -> Net {
    net.clone()
}

#[test]
fn layers_are_said_to_be_what_they_are_and_unknown_where_that_cannot_be_told() {
    let nets = [1, 2].map(Net::new);
    // Weights are drawn when they are first looked at: once for all.
    for Net { c1, c2, c3, head } in &nets {
        let _ = ([c1, c2, c3].map(|conv| (conv.weight.val(), bias(conv))), head.weight.val());
    }
    let one = || images(1).repeat_dim(0, 64);
    let alike = Some(ImagesAlike);
    let few = Some(TooFewImages);
    let cases = [
        Case {
            name: "copies of one image",
            images: one(),
            net: trained,
            states: [ImagesAlike; 3],
            activations: [alike; 3],
            said: "all 64 probe images are alike",
        },
        Case {
            name: "black images",
            images: one() * 0.0,
            net: unchanged,
            states: [ImagesAlike; 3],
            activations: [alike; 3],
            said: "all 64 probe images are alike",
        },
        Case {
            name: "copies of five",
            images: images(5).repeat_dim(0, 8),
            net: trained,
            states: [TooFewImages; 3],
            activations: [few; 3],
            said: "only 5 of the 40 probe images differ",
        },
        Case {
            name: "three images",
            images: images(3),
            net: trained,
            states: [TooFewImages; 3],
            activations: [few; 3],
            said: "there are only 3 probe images",
        },
        Case {
            name: "a constant layer",
            images: images(32),
            net: |nets, _| filled(nets, 0.0, 0.7),
            states: [NeverMoved, Constant, Constant],
            activations: [None, Some(Constant), Some(Constant)],
            said: "c1 has never moved; c2 and c3 are constant",
        },
        Case {
            name: "a dead layer",
            images: images(32),
            net: |nets, _| filled(nets, 0.0, -0.7),
            states: [NeverMoved, Dead, Constant],
            activations: [None, Some(Dead), Some(Constant)],
            said: "c1 has never moved; c3 is constant; c2 is dead",
        },
        Case {
            name: "an overflow",
            images: images(32) * 1e20,
            net: |nets, _| filled(nets, 1e20, 0.0),
            states: [NeverMoved, NotFinite, NotFinite],
            activations: [None, Some(NotFinite), Some(NotFinite)],
            said: "c1 has never moved; c2 and c3 are not finite",
        },
        Case {
            name: "a learning rate of 0",
            images: images(32),
            net: unchanged,
            states: [NeverMoved; 3],
            activations: [None; 3],
            said: "c1, c2 and c3 have never moved",
        },
        Case {
            name: "a training",
            images: images(64),
            net: trained,
            states: [Settled; 3],
            activations: [None; 3],
            said: "settled: c1 at epoch",
        },
    ];
    for Case { name, images, net, states, activations: expected, said } in cases {
        let temp = tempfile::tempdir().unwrap();
        let epochs = (0..u64::from(EPOCHS)).map(|epoch| net(&nets, epoch));
        let run = inspected(temp.path(), images, epochs);
        let settling = last_settling(&run);
        let found: Vec<_> = settling.layers.iter().map(|layer| layer.state).collect();
        assert_eq!(found, states, "{name}: {}", settling.statement);
        assert!(settling.statement.contains(said), "{name}: {}", settling.statement);
        let of_images = expected[0].is_some();
        assert_eq!(run.started().probe.caution.is_some(), of_images, "{name}");
        let activations = activations(&run, EPOCHS);
        assert_eq!(
            activations.iter().map(|(state, _)| *state).collect::<Vec<_>>(),
            expected,
            "{name}"
        );
        // Of a dead layer all maps are dead; where nothing can be told, no share is.
        for (state, dead_maps) in activations {
            match state {
                None => {
                    assert!(dead_maps.is_some_and(|share| share < 1.0), "{name}: {dead_maps:?}")
                }
                Some(Dead) => assert_eq!(dead_maps, Some(1.0), "{name}"),
                Some(_) => assert_eq!(dead_maps, None, "{name}"),
            }
        }
        let stated = run.events(|event| match event {
            Event::LayerEvolution(it) if it.epoch + 1 == EPOCHS => Some(it.state),
            _ => None,
        });
        assert_eq!(stated, states.map(Some), "{name}: epoch by epoch as on the whole");
    }
}

#[test]
fn too_few_images_for_an_embedding_are_told_at_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let run = inspected(temp.path(), images(5), [Net::new(1)]);
    let not_studied = run.started().probe.not_studied;
    let told: Vec<_> =
        not_studied.iter().map(|it| (it.study.as_str(), it.reason.as_str())).collect();
    assert_eq!(told, [("embedding", "needs at least 8 probe images, there are 5")]);
    let settling = last_settling(&run);
    assert_eq!(settling.layers.len(), 3);
    assert!(settling.statement.contains("there are only 5 probe images"), "{}", settling.statement);
}

#[test]
fn a_new_random_network_in_every_epoch_does_not_settle() {
    for seed in 0..3 {
        for count in [4, 8, 16, 24, 64] {
            let temp = tempfile::tempdir().unwrap();
            let nets = (0..11).map(|epoch| Net::new(1000 * seed + epoch));
            let run = inspected(temp.path(), images(count), nets);
            let settling = last_settling(&run);
            for layer in &settling.layers {
                let moved = count < 16 && layer.state == TooFewImages
                    || count >= 16 && !matches!(layer.state, Settled | TooFewImages | NeverMoved);
                assert!(moved, "{seed}, {count}: {layer:?}");
                assert_eq!(layer.moved_again, 0, "{seed}, {count}: {layer:?}");
            }
            let moving = settling.layers.iter().any(|layer| layer.state == Moving);
            assert!(moving || count < 64, "{seed}, {count}: {}", settling.statement);
        }
    }
}

#[derive(Module, Debug)]
struct Lines {
    near: Conv1d,
    far: Conv1d,
}

#[test]
fn a_layer_without_filters_says_why() {
    let device = Device::flex();
    let conv = |from| Conv1dConfig::new(from, 4, 5).init(&device);
    let net = Lines { near: conv(3), far: conv(4) };
    let forward = |net: &Lines, images: Tensor<4>| {
        let lines = images.flatten::<3>(2, 3);
        relu(net.far.forward(relu(net.near.forward(lines))))
    };
    let temp = tempfile::tempdir().unwrap();
    let spyhole = Spyhole::builder(temp.path(), ProbeSet::new(images(20))).no_dashboard();
    let spyhole = spyhole.studies(Studies::on_demand()).build().unwrap();
    spyhole.inspect(&net, forward).unwrap();
    drop(spyhole);
    let run = recorded::read(temp.path());
    let filters = run.events(|event| matches!(event, Event::LayerFilters(_)).then_some(()));
    for layer in run.started().layers {
        let why = layer.no_filters.as_deref().unwrap_or_default();
        assert_eq!(why.contains("convolution over lines"), filters.is_empty(), "{why}");
    }
}
