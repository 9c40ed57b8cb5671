//! Watching changes nothing: the trained model is bit-identical with and without spyhole.
//!
//! This file holds one test, because the seed of a device is shared by all tests of a process.

use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, ExecutionStrategy, InferenceStep, Learner, LearnerModel,
    MultiDeviceOptim, SupervisedTraining, TrainStep,
};
use end_to_end::data::{Batch, images, loader};
use end_to_end::net::{Residual, bits};
use end_to_end::recorded;
use spyhole::{LaunchWatched, ProbeSet, Spyhole, Studies};
use std::path::Path;

const EPOCHS: usize = 3;

fn model() -> Residual {
    let device = Device::flex();
    device.seed(11);
    Residual::new(&device.autodiff())
}

/// The user's training, whatever the model's wrapping, with so many images to validate with.
fn training<M>(dir: &Path, multi: bool, valid: usize) -> SupervisedTraining<M>
where
    M: LearnerModel
        + TrainStep<Input = Batch, Output = ClassificationOutput>
        + InferenceStep<Input = Batch, Output = ClassificationOutput>,
{
    let training = SupervisedTraining::new(dir, loader(0, 96), loader(500, valid))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .with_default_checkpointers()
        .num_epochs(EPOCHS);
    if multi {
        let devices = vec![Device::flex(), Device::flex()];
        let strategy = ExecutionStrategy::multi(devices, MultiDeviceOptim::OptimMainDevice);
        training.with_training_strategy(strategy.into())
    } else {
        training
    }
}

fn spyhole(dir: &Path) -> Spyhole {
    // With all analyses and studies after every epoch, beside the training, and looks at the middle of epochs.
    let studies = Studies { every: 1, share: 1.0, ..Studies::default() };
    let probe = ProbeSet::new(images(16)).labels((0..16).map(|image| image % 4));
    let builder = Spyhole::builder(dir, probe).studies(studies).queue(10);
    let builder = builder.budget(1.0).memory(64 << 20).every_steps(2);
    builder.analysis_device(Device::flex().autodiff()).build().unwrap()
}

#[test]
fn the_trained_model_is_bit_identical() {
    let temp = tempfile::tempdir().unwrap();
    for (multi, valid) in [(false, 24), (true, 24), (false, 0), (true, 0)] {
        let dir = |name: &str| temp.path().join(format!("{name}-{multi}-{valid}"));
        let learner = Learner::new(model(), SgdConfig::new().init(), 0.05);
        let bare = training(&dir("bare"), multi, valid).launch(learner).model;

        let (run, forward) = (dir("watched"), |net: &Residual, x| net.forward(x));
        let watched = training(&run, multi, valid)
            .launch_watched(&spyhole(&run), model(), SgdConfig::new().init(), 0.05, forward)
            .unwrap()
            .model;
        let (expected, got) = (bits(&bare), bits(&watched));
        assert!(expected.iter().any(|(path, _)| path == "blocks.0.0.norm.running_var"));
        for ((path, expected), (other, got)) in expected.iter().zip(&got) {
            assert_eq!(path, other);
            assert_eq!(expected, got, "{path} differs, multi-device: {multi}, validation: {valid}");
        }
        assert_ne!(bits(&model().valid()), got, "the training did train");

        // The checkpoints are those of the bare model.
        let checkpoint = std::fs::read_dir(run.join("checkpoint")).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            path.file_name()?.to_str()?.contains(&format!("model-{EPOCHS}")).then_some(path)
        });
        let loaded = model().try_load_file(checkpoint.expect("a checkpoint")).unwrap();
        assert_eq!(bits(&loaded.valid()), got);

        // And all of it was seen: the untrained model and every epoch, with metrics.
        let recorded = recorded::read(&run);
        assert_eq!(recorded.analysed(), (0..=EPOCHS as u32).collect());
        assert_eq!(recorded.faults(), [""; 0]);
        let layers: Vec<_> = recorded.layers().into_iter().map(|layer| layer.name).collect();
        assert_eq!(layers[..2], ["stem.conv", "blocks.0.0.conv"]);
        let metrics = recorded.events(|event| match event {
            spyhole_protocol::Event::Metric(metric) => Some((metric.epoch, metric.value)),
            _ => None,
        });
        let splits = if valid > 0 { 2 } else { 1 };
        assert_eq!(metrics.len(), EPOCHS * 2 * splits, "two metrics on each split");
        assert!(metrics.iter().all(|(_, value)| value.is_some()));
    }

    // A hand-written loop.
    let train = |watch: Option<&spyhole::Watch<Residual>>| {
        let mut net = model();
        let mut optimizer = SgdConfig::new().init();
        let mut step = 0;
        for epoch in 1..=EPOCHS {
            for batch in loader(0, 96).to_device(&Device::flex().autodiff()).iter() {
                let output = net.classify(batch.unwrap());
                let gradients = GradientsParams::from_grads(output.loss.backward(), &net);
                net = optimizer.step(0.05, net, gradients);
                step += 1;
                if let Some(watch) = watch {
                    watch.observe_step(epoch, step, &net);
                }
            }
            if let Some(watch) = watch {
                watch.observe(epoch, &net);
            }
        }
        bits(&net.valid())
    };
    let bare = train(None);
    let spyhole = spyhole(&temp.path().join("loop"));
    let watch = spyhole.watch(&model(), |net, x| net.forward(x)).unwrap();
    assert_eq!(train(Some(&watch)), bare);
    watch.finish();
    let recorded = recorded::read(&temp.path().join("loop"));
    assert_eq!(recorded.analysed(), (0..=EPOCHS as u32).collect());
}
