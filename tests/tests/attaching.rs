//! A training that does not tell of itself as it should: nothing is an error any more, so what is wrong is said, once,
//! and the rest is recorded.

use std::path::Path;

use burn::module::{ModuleMapper, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::tensor::{DType, Distribution, FloatDType};
use burn::train::{
    EventProcessorTraining, Learner, LearnerEvent, LearnerModel, SupervisedLearningStrategy,
    SupervisedTraining, SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents,
    TrainingStrategy, ValidLoader,
};
use end_to_end::data::{images, loader};
use end_to_end::net::Residual;
use end_to_end::recorded::{self, Run};
use spyhole::{LaunchWatched, ProbeSet, Split, Spyhole, SpyholeBuilder, Watch};
use spyhole_protocol::Event;

/// Four outputs from one convolution.
#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
}

impl Net {
    /// With so many maps.
    fn new(maps: usize) -> Self {
        Self { conv: Conv2dConfig::new([3, maps], [3, 3]).init(&Device::flex()) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.conv.forward(x).mean_dim(3).mean_dim(2).flatten(1, 3)
    }
}

fn builder(dir: &Path, probe: ProbeSet) -> SpyholeBuilder {
    Spyhole::builder(dir, probe).queue(20).budget(1.0).no_dashboard()
}

/// What is recorded of an own loop.
fn run(dir: &Path, probe: ProbeSet, watched: impl FnOnce(&Watch<Net>, &Net)) -> Run {
    let spyhole = builder(dir, probe).build().unwrap();
    let net = Net::new(4);
    let watch = spyhole.watch(&net, Net::forward).unwrap();
    watched(&watch, &net);
    watch.finish();
    drop(spyhole);
    recorded::read(dir)
}

#[test]
fn an_own_loop_that_is_wrong_about_itself_is_told_once() {
    type Case = (&'static str, fn(&Watch<Net>, &Net), &'static [&'static str], &'static [u32]);
    let cases: [Case; 10] = [
        (
            "as it should be",
            |watch, net| {
                watch.epochs(1, Some(2));
                watch.metric(0, Split::Valid, "Accuracy", 0.1);
                (1..=2).for_each(|epoch| watch.observe(epoch, net));
            },
            &[],
            &[0, 1, 2],
        ),
        ("nothing left to train", |watch, _| watch.epochs(6, Some(5)), &[], &[]),
        (
            "counts from 0",
            |watch, net| {
                (0..3).for_each(|epoch| {
                    watch.observe_step(epoch, epoch as u64 + 1, net);
                    watch.observe(epoch, net);
                });
            },
            &["epoch 0: epoch 0 is the network before its training"],
            &[0, 1, 2],
        ),
        (
            "announces to count from 0",
            |watch, net| {
                watch.epochs(0, Some(2));
                (0..3).for_each(|epoch| watch.observe(epoch, net));
            },
            &["epoch 0: the training was announced to begin at epoch 0"],
            &[0, 1, 2],
        ),
        (
            "ends before it begins",
            |watch, net| {
                watch.epochs(5, Some(2));
                watch.observe(5, net);
            },
            &["planned epochs: the training was announced to go from epoch 5 to epoch 2"],
            &[5],
        ),
        (
            "goes beyond all numbers",
            |watch, net| {
                watch.epochs(1, Some(usize::MAX));
                for epoch in [1, usize::MAX, u32::MAX as usize, usize::MAX] {
                    watch.observe(epoch, net);
                    watch.metric(epoch, Split::Train, "Loss", 1.0);
                }
            },
            &["epoch numbers: the training was announced with epoch 18446744073709551615"],
            &[0, 1],
        ),
        (
            "another number than all",
            |watch, net| {
                for epoch in [1, usize::MAX, u32::MAX as usize] {
                    watch.metric(epoch, Split::Train, "Loss", 1.0);
                    watch.observe(epoch, net);
                }
            },
            &["epoch numbers: epoch 18446744073709551615 cannot be recorded"],
            &[0, 1],
        ),
        (
            "another network in the middle",
            |watch, net| {
                watch.observe(1, net);
                (2..=3).for_each(|epoch| watch.observe(epoch, &Net::new(5)));
                watch.observe(4, net);
            },
            &[
                "weights: the weights are of another network than the recorded one: `conv.weight` has shape [5, 3, 3, 3]",
            ],
            &[0, 1, 4],
        ),
        (
            "weights of another precision in the middle",
            |watch, net| {
                watch.observe(1, net);
                (2..=3).for_each(|epoch| watch.observe(epoch, &net.clone().map(&mut Half)));
                watch.observe(4, net);
            },
            &["weights: the weights are f16 numbers (`conv.weight`)"],
            &[0, 1, 4],
        ),
        (
            "continues with another network",
            |watch, net| {
                watch.epochs(3, None);
                watch.observe(3, &Net::new(5));
                watch.observe(4, net);
            },
            &["weights: the weights are of another network"],
            &[4],
        ),
    ];
    let temp = tempfile::tempdir().unwrap();
    for (name, watched, expected, analysed) in cases {
        let run = run(&temp.path().join(name), ProbeSet::new(images(4)), watched);
        check(name, &run, expected);
        assert_eq!(run.analysed(), analysed.iter().copied().collect(), "{name}");
        let metrics = run.events(|event| match event {
            Event::Metric(metric) => Some(metric.epoch),
            _ => None,
        });
        assert!(metrics.iter().all(|&epoch| epoch < 2), "{name}: {metrics:?}");
        if name == "ends before it begins" {
            assert_eq!((run.started().first_epoch, run.started().last_epoch), (5, None));
        }
    }
}

#[test]
fn labels_that_do_not_fit_the_outputs_are_told_once() {
    let probe = || ProbeSet::new(images(4));
    let names = |count: usize| (0..count).map(|class| format!("class {class}"));
    let cases: [(&str, ProbeSet, &[&str]); 5] = [
        ("fit", probe().labels([0, 1, 2, 3]).class_names(names(4)), &[]),
        ("some classes only", probe().labels([0, 0, 1, 1]), &[]),
        (
            "beyond the outputs",
            probe().labels([0, 3, 9, 7]),
            &[
                "labels: probe image 2 has label 9, but the network has 4 outputs, for labels 0 to 3",
            ],
        ),
        (
            "too many names",
            probe().labels([0, 1, 2, 3]).class_names(names(10)),
            &["labels: there are 10 class names, but the network has 4 outputs"],
        ),
        (
            "too few names",
            probe().class_names(names(2)),
            &["labels: there are 2 class names, but the network has 4 outputs"],
        ),
    ];
    let temp = tempfile::tempdir().unwrap();
    for (name, probe, expected) in cases {
        let run = run(&temp.path().join(name), probe, |watch, net| watch.observe(1, net));
        check(name, &run, expected);
    }
}

#[test]
fn probe_images_of_another_precision_are_as_good() {
    let temp = tempfile::tempdir().unwrap();
    for precision in [FloatDType::F16, FloatDType::BF16, FloatDType::F64] {
        let probe = ProbeSet::new(images(4).cast(precision));
        let dir = temp.path().join(format!("{precision:?}"));
        let run = run(&dir, probe, |watch, net| watch.observe(1, net));
        check("precision", &run, &[]);
        let maps = run.events(|event| match event {
            Event::LayerFeatures(features) => Some(features.epoch),
            _ => None,
        });
        assert_eq!(maps, [0, 1], "{precision:?}");
    }
}

/// Float parameters in half precision.
struct Half;

impl ModuleMapper for Half {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(DType::F16))
    }
}

/// What no layer can be watched behind, once, and what to do about it.
#[test]
fn a_network_of_which_nothing_can_be_watched_is_refused_with_advice() {
    type Forward = fn(&Net, Tensor<4>) -> Tensor<2>;
    let cases: [(&str, Forward, [&str; 2]); 3] = [
        (
            "repeated for the images",
            |net, x| {
                let [count, ..] = x.dims();
                let fixed = Tensor::<4>::ones([1, 3, 16, 16], &x.device());
                net.forward(x * fixed.repeat_dim(0, count))
            },
            ["that depends on the batch size. ", "with `expand` instead of `repeat_dim`"],
        ),
        (
            "drawn on the device",
            |net, x| net.forward(x.clone() + x.random_like(Distribution::Default)),
            ["conv is behind ", "leave it out of the function that you pass"],
        ),
        (
            "sorted",
            |net, x| net.forward(x.sort(3)),
            ["conv is behind Sort. ", "watch the part of the model before it"],
        ),
    ];
    for (name, forward, expected) in cases {
        let temp = tempfile::tempdir().unwrap();
        let spyhole = builder(temp.path(), ProbeSet::new(images(2))).build().unwrap();
        let refused = spyhole.watch(&Net::new(4), forward).unwrap_err().to_string();
        for words in expected {
            assert!(refused.contains(words), "{name}: {refused}");
        }
    }
}

#[track_caller]
fn check(name: &str, run: &Run, expected: &[&str]) {
    let faults = run.faults();
    let told = faults.len() == expected.len()
        && faults.iter().zip(expected).all(|(fault, words)| fault.contains(words));
    assert!(told, "{name}: {expected:?} expected, but got {faults:#?}");
}

#[test]
fn an_inspection_of_an_epoch_without_a_number_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = builder(temp.path(), ProbeSet::new(images(2))).build().unwrap();
    let refused = spyhole.inspect_epochs([(usize::MAX, Net::new(4))], Net::forward).unwrap_err();
    assert!(
        refused.to_string().contains("epoch 18446744073709551615 cannot be recorded"),
        "{refused}"
    );
}

/// Trains, and validates after every so many epochs; never, if 0.
struct Strategy {
    validates: usize,
}

impl<M: LearnerModel + 'static> SupervisedLearningStrategy<M> for Strategy {
    fn fit(
        &self,
        components: TrainingComponents<M>,
        mut learner: Learner<M>,
        train: TrainLoader<M>,
        _valid: ValidLoader<M>,
        first: usize,
    ) -> (M, SupervisedTrainingEventProcessor<M>) {
        let mut events = components.event_processor;
        learner.fork(&Device::flex().autodiff());
        let train = train.to_device(&Device::flex().autodiff());
        for epoch in first..=components.num_epochs {
            let start =
                LearnerEvent::StartSplit { epoch_number: epoch, total_items: train.num_items() };
            events.process_train(start).unwrap();
            for batch in train.iter() {
                let output = learner.train_step(batch.unwrap());
                learner.lr_step();
                learner.optimizer_step(output.grads);
            }
            events.process_train(LearnerEvent::EndSplit(epoch)).unwrap();
            if self.validates > 0 && epoch.is_multiple_of(self.validates) {
                // As often as it likes: it is one epoch.
                let _ = learner.model().valid().valid();
                let _ = learner.model().valid();
            }
            events.process_train(LearnerEvent::EndEpoch(epoch)).unwrap();
        }
        (learner.model(), events)
    }
}

#[test]
fn epochs_that_a_strategy_of_ones_own_shows_to_nobody_are_told() {
    let temp = tempfile::tempdir().unwrap();
    let cases: [(usize, &[u32], &[u32]); 3] =
        [(1, &[0, 1, 2, 3, 4, 5], &[]), (2, &[0, 2, 4, 5], &[1, 3]), (0, &[0, 5], &[1, 2, 3, 4])];
    for (validates, analysed, told) in cases {
        let dir = temp.path().join(format!("{validates}"));
        let strategy = TrainingStrategy::Custom(std::sync::Arc::new(Strategy { validates }));
        let training = SupervisedTraining::new(&dir, loader(0, 16), loader(500, 8))
            .with_application_logger(None)
            .with_training_strategy(strategy)
            .num_epochs(5);
        let spyhole = builder(&dir, ProbeSet::new(images(4))).build().unwrap();
        let net = Residual::new(&Device::flex().autodiff());
        let forward = |net: &Residual, x| net.forward(x);
        training.launch_watched(&spyhole, net, SgdConfig::new().init(), 0.05, forward).unwrap();
        drop(spyhole);
        let run = recorded::read(&dir);
        assert_eq!(run.analysed(), analysed.iter().copied().collect(), "{validates}");
        let faults = run.events(|event| match event {
            Event::Fault(fault) => Some((fault.part.clone(), fault.epoch)),
            _ => None,
        });
        let expected: Vec<_> =
            told.iter().map(|&epoch| ("snapshots".to_owned(), Some(epoch))).collect();
        assert_eq!(faults, expected, "{validates}");
    }
}
