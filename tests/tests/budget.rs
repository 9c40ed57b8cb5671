//! The budget decides what an epoch has, says what it left out and why, and changes no number; and looks within epochs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, LearnerModel, SupervisedTraining, TrainOutput,
    TrainStep,
};
use end_to_end::data::{Batch, images, loader};
use end_to_end::net::{Residual, bits};
use end_to_end::recorded::{self, Run};
use spyhole::{
    Alerts, LaunchWatched, ProbeSet, Scale, Split, Spyhole, SpyholeBuilder, Statistic, Studies,
    Subject, Watch,
};
use spyhole_protocol::{
    Analysis, AnalysisPart, BudgetStatus, Clock, EpochAnalysed, Event, LayerHealth,
};
use spyhole_sink::RunLog;

fn builder(dir: &Path, probe: usize) -> SpyholeBuilder {
    let probe = ProbeSet::new(images(probe));
    Spyhole::builder(dir, probe).no_dashboard().studies(Studies::on_demand())
}

/// One test at a time: they share the seed of the device.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a record after number `after` that has what is looked for.
fn wait<T>(spyhole: &Spyhole, mut after: u64, mut find: impl FnMut(Event) -> Option<T>) -> T {
    let (log, deadline) = (spyhole.log(), Instant::now() + Duration::from_secs(120));
    loop {
        for record in log.records_after(after, usize::MAX).unwrap() {
            after = record.seq;
            if let Some(found) = find(record.event) {
                return found;
            }
        }
        assert!(Instant::now() < deadline, "it was never recorded");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Observes an epoch and waits until it is analysed.
fn look(spyhole: &Spyhole, watch: &Watch<Residual>, epoch: usize, net: &Residual) -> EpochAnalysed {
    let before = spyhole.log().head().unwrap();
    watch.observe(epoch, net);
    wait(spyhole, before, |event| match event {
        Event::EpochAnalysed(analysed) if analysed.epoch == epoch as u32 => Some(analysed),
        _ => None,
    })
}

fn analysed(run: &Run) -> Vec<EpochAnalysed> {
    run.events(|event| match event {
        Event::EpochAnalysed(analysed) => Some(analysed.clone()),
        _ => None,
    })
}

/// The epochs with records that an analysis makes.
fn epochs_with(run: &Run, analysis: Analysis) -> BTreeSet<u32> {
    let epochs = run.events(|event| match (analysis, event) {
        (Analysis::Weights, Event::LayerFilters(filters)) => Some(filters.epoch),
        (Analysis::Maps, Event::LayerFeatures(features)) => Some(features.epoch),
        (Analysis::Activity, Event::LayerDistributions(distributions)) => Some(distributions.epoch),
        (Analysis::Evolution, Event::LayerEvolution(evolution)) => Some(evolution.epoch),
        _ => None,
    });
    epochs.into_iter().collect()
}

/// Observes epochs until there is time for nothing any more; returns the last one.
fn exhaust(spyhole: &Spyhole, watch: &Watch<Residual>, net: &Residual) -> usize {
    let weights = |part: &spyhole_protocol::AnalysisPart| {
        part.analysis == Analysis::Weights && part.skipped.is_some()
    };
    let mut epoch = 1;
    while !look(spyhole, watch, epoch, net).parts.iter().any(weights) {
        epoch += 1;
    }
    epoch
}

fn budget(run: &Run) -> BudgetStatus {
    run.log.status().unwrap().unwrap().budget.unwrap()
}

#[test]
fn what_is_left_out_is_said_and_is_not_there() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    // Nothing but the first second of work.
    let spyhole = builder(temp.path(), 16).budget(0.0).build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    const LAST: usize = 100_000;
    watch.epochs(1, Some(LAST));
    exhaust(&spyhole, &watch, &net);
    look(&spyhole, &watch, LAST, &net);
    watch.finish();
    drop(spyhole);

    let run = recorded::read(temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let all = [Analysis::Weights, Analysis::Maps, Analysis::Activity, Analysis::Evolution];
    let analysed = analysed(&run);
    for analysis in all {
        let epochs = epochs_with(&run, analysis);
        for EpochAnalysed { epoch, parts, .. } in &analysed {
            let part = parts.iter().find(|part| part.analysis == analysis).unwrap();
            assert_eq!(part.skipped.is_none(), epochs.contains(epoch), "{analysis:?} {epoch}");
            assert_ne!(part.seconds.is_some(), part.skipped.is_some(), "{part:?}");
        }
        assert!(epochs.contains(&0) && epochs.contains(&(LAST as u32)), "{analysis:?}");
    }
    let skipped = &analysed[analysed.len() - 2].parts;
    let reasons: Vec<_> = skipped.iter().filter_map(|part| part.skipped.as_deref()).collect();
    assert_eq!(reasons.len(), 4, "{skipped:?}");
    assert!(reasons[0].contains("reading the weights alone takes"), "{reasons:?}");
    let forward = |parts: &[spyhole_protocol::AnalysisPart]| {
        parts.iter().any(|part| part.analysis == Analysis::Forward)
    };
    assert!(forward(&analysed[0].parts) && !forward(skipped), "the sweep is saved as well");
    let budget = budget(&run);
    assert_eq!((budget.share, budget.device.as_str()), (0.0, "CPU"));
    assert!(budget.analyses.iter().all(|planned| planned.epoch == Some(LAST as u32)));
}

#[test]
fn a_training_that_is_about_to_be_stopped_is_looked_at_as_a_whole() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    // Not at any critical alert: weights that never change are one.
    let alerts = Alerts::default().stop_on("loss-not-finite").unwrap();
    let spyhole = builder(temp.path(), 16).budget(0.0).alerts(alerts).build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(100_000));
    let epoch = exhaust(&spyhole, &watch, &net);
    assert_eq!(watch.should_stop(), None);
    watch.metric(epoch, Split::Train, "Loss", f64::NAN);
    let deadline = Instant::now() + Duration::from_secs(60);
    while watch.should_stop().is_none() {
        assert!(Instant::now() < deadline, "the alert stops nothing");
        std::thread::sleep(Duration::from_millis(2));
    }
    look(&spyhole, &watch, epoch + 1, &net);
    watch.finish();
    drop(spyhole);

    let run = recorded::read(temp.path());
    for analysis in [Analysis::Weights, Analysis::Maps, Analysis::Activity, Analysis::Evolution] {
        let epochs = epochs_with(&run, analysis);
        assert!(!epochs.contains(&(epoch as u32)), "{analysis:?}: there was no time");
        assert!(epochs.contains(&(epoch as u32 + 1)), "{analysis:?}: the last look");
    }
}

/// What a thread that gives way does most of the time on a busy machine.
#[cfg(target_os = "linux")]
#[test]
fn waiting_costs_nothing_and_what_is_said_to_be_spent_was_spent() {
    const LAST: usize = 10;
    const WAIT: Duration = Duration::from_millis(400);
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    let waiting = spyhole::Analysis::new(statistic(), |_| {
        std::thread::sleep(WAIT);
        Ok(BTreeMap::new())
    });
    let begin = Instant::now();
    let spyhole = builder(temp.path(), 2).budget(0.5).analysis(waiting).build().unwrap();
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(LAST + 1));
    // Whoever is late with the untrained network hurries through the next.
    wait(&spyhole, 0, |event| matches!(event, Event::EpochAnalysed(_)).then_some(()));
    // By the clock an epoch has half of what this analysis alone takes.
    (1..=LAST).for_each(|epoch| drop(look(&spyhole, &watch, epoch, &net)));
    watch.finish();
    let elapsed = begin.elapsed();
    drop(spyhole);

    let run = recorded::read(temp.path());
    let (analysed, budget) = (analysed(&run), budget(&run));
    assert_eq!(analysed.len(), LAST + 1);
    let mut spent = 0.0;
    for EpochAnalysed { epoch, seconds, parts } in &analysed {
        let of =
            |pick: fn(&AnalysisPart) -> Option<f64>| parts.iter().filter_map(pick).sum::<f64>();
        let (clock, cpu) = (of(|part| part.seconds), of(|part| part.cpu_seconds));
        assert!((clock - seconds).abs() < 1e-6, "epoch {epoch}: {parts:?}");
        assert!(clock - cpu > 0.5 * WAIT.as_secs_f64() && cpu > 0.0, "epoch {epoch}: {parts:?}");
        assert!(parts.iter().all(|part| part.skipped.is_none()), "epoch {epoch}: {parts:?}");
        spent += cpu;
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!((budget.clock, budget.cores), (Clock::Cpu, cores as u32));
    // The share is of the time from the start to the last look's end.
    let at = spent / f64::from(budget.cores) / budget.used;
    let least = (LAST + 1) as f64 * WAIT.as_secs_f64();
    assert!(least < at && at < elapsed.as_secs_f64(), "{least} {at} {elapsed:?}");
}

#[test]
fn a_ceiling_of_memory_changes_no_number() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    let run = |name: &str, memory: Option<usize>| {
        let dir = temp.path().join(name);
        let builder = builder(&dir, 64).budget(1.0).queue(4);
        let builder = memory.into_iter().fold(builder, SpyholeBuilder::memory);
        let spyhole = builder.build().unwrap();
        let device = Device::flex();
        device.seed(3);
        let (net, next) = (Residual::new(&device), Residual::new(&device));
        let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
        watch.epochs(1, Some(1));
        look(&spyhole, &watch, 1, &next);
        watch.finish();
        drop(spyhole);
        recorded::read(&dir)
    };
    let (free, tight) = (run("free", None), run("tight", Some(1 << 20)));
    assert_eq!(budget(&free).smaller, [""; 0]);
    let smaller = budget(&tight).smaller.join("; ");
    for part in ["in groups of", "of 64", "pictures of a layer's units take 0.2 MiB at most"] {
        assert!(smaller.contains(part), "{part}: {smaller}");
    }
    let (expected, got) = (health(&free), health(&tight));
    assert_eq!(expected.len(), 14, "seven layers, two epochs");
    for (expected, got) in expected.iter().zip(&got) {
        for (name, value) in &expected.values {
            let (value, other) = (value.unwrap(), got.values[name].unwrap());
            assert!(
                (value - other).abs() <= 1e-4 * value.abs().max(1.0),
                "{name}: {value} {other}"
            );
        }
    }
}

#[test]
fn a_ceiling_of_memory_lets_fewer_snapshots_wait() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    let net = Residual::new(&Device::flex());
    let dropped = |name: &str, memory: Option<usize>| {
        let (begins, begun) = channel();
        let (release, released) = channel::<()>();
        let gate = Mutex::new((begins, released));
        let waiting = spyhole::Analysis::new(statistic(), move |_| {
            let (begins, released) = &*gate.lock().unwrap();
            let _ = begins.send(());
            let _ = released.recv();
            Ok(BTreeMap::new())
        });
        let builder = builder(&temp.path().join(name), 2).budget(1.0).queue(4).analysis(waiting);
        let spyhole = memory.into_iter().fold(builder, SpyholeBuilder::memory).build().unwrap();
        let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
        watch.epochs(1, Some(5));
        // The untrained model is being looked at: the others have to wait.
        begun.recv().unwrap();
        (1..=4).for_each(|epoch| watch.observe(epoch, &net));
        let dropped = watch.snapshots_dropped();
        drop(release);
        watch.finish();
        dropped
    };
    assert_eq!(dropped("free", None), 0);
    assert_eq!(dropped("tight", Some(1 << 10)), 3, "one may wait");
}

fn statistic() -> Statistic {
    Statistic {
        name: "patience".into(),
        label: "Patience".into(),
        meaning: "Nothing.".into(),
        formula: "0".into(),
        subject: Subject::Maps,
        scale: Scale::Linear,
    }
}

fn health(run: &Run) -> Vec<LayerHealth> {
    run.events(|event| match event {
        Event::LayerHealth(health) => Some(health.clone()),
        _ => None,
    })
}

#[test]
fn settings_that_make_no_sense_are_errors() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    let error = |change: fn(SpyholeBuilder) -> SpyholeBuilder| {
        change(builder(temp.path(), 2)).build().map(drop).unwrap_err().to_string()
    };
    assert!(error(|builder| builder.budget(f64::NAN)).contains("share of the time, 0 to 1"));
    assert!(error(|builder| builder.budget(-0.1)).contains("is -0.1"));
    assert!(error(|builder| builder.memory(0)).contains("no ceiling"));
}

/// A network whose training waits until all looks at it so far are over, so that none finds the analysis busy.
#[derive(Module, Debug)]
struct Patient {
    inner: Residual,
}

/// What a patient training watches, and how many steps it has begun.
static WATCHED: Mutex<Option<(RunLog, u64)>> = Mutex::new(None);

impl TrainStep for Patient {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<Self::Output> {
        if let Some((log, updates)) = &mut *WATCHED.lock().unwrap() {
            let looks = |log: &RunLog| {
                let records = log.records_after(0, usize::MAX).unwrap();
                let over = records.iter().filter(|record| match &record.event {
                    Event::EpochAnalysed(_) => true,
                    Event::LayerHealth(health) => {
                        health.step.is_some() && health.layer.ends_with("blocks.1")
                    }
                    _ => false,
                });
                over.count() as u64
            };
            let deadline = Instant::now() + Duration::from_secs(120);
            while looks(log) < 1 + *updates / EVERY + *updates / UPDATES {
                assert!(Instant::now() < deadline, "a look is not over");
                std::thread::sleep(Duration::from_millis(2));
            }
            *updates += 1;
        }
        let output = self.inner.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Patient {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> Self::Output {
        self.inner.classify(batch)
    }
}

const EPOCHS: usize = 3;
/// Updates in an epoch.
const UPDATES: u64 = 12;
const EVERY: u64 = 5;

fn training<M>(dir: &Path) -> SupervisedTraining<M>
where
    M: LearnerModel
        + TrainStep<Input = Batch, Output = ClassificationOutput>
        + InferenceStep<Input = Batch, Output = ClassificationOutput>,
{
    SupervisedTraining::new(dir, loader(0, 8 * UPDATES as usize), loader(500, 8))
        .with_application_logger(None)
        .num_epochs(EPOCHS)
}

fn model() -> Residual {
    let device = Device::flex();
    device.seed(5);
    Residual::new(&device.autodiff())
}

#[test]
fn within_epochs_the_model_is_seen_as_it_is_after_so_many_updates() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    // An own loop, which waits for every look: the truth about each step.
    let dir = temp.path().join("loop");
    let spyhole = builder(&dir, 4).budget(1.0).every_steps(EVERY).build().unwrap();
    let mut net = model();
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(EPOCHS));
    wait(&spyhole, 0, |event| matches!(event, Event::EpochAnalysed(_)).then_some(()));
    let mut optimizer = SgdConfig::new().init();
    let mut step = 0;
    let batches = || loader(0, 8 * UPDATES as usize).to_device(&Device::flex().autodiff());
    let shuffled = batches();
    for epoch in 1..=EPOCHS {
        for batch in shuffled.iter() {
            let output = net.classify(batch.unwrap());
            let gradients = GradientsParams::from_grads(output.loss.backward(), &net);
            net = optimizer.step(0.05, net, gradients);
            step += 1;
            watch.observe_step(epoch, step, &net);
            if step % EVERY == 0 {
                let last = "blocks.1.1.conv";
                wait(&spyhole, 0, |event| {
                    matches!(event, Event::LayerHealth(h) if h.step == Some(step) && h.layer == last).then_some(())
                });
                // Its status follows.
                while spyhole.log().status().unwrap().unwrap().analysing.is_some() {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
        look(&spyhole, &watch, epoch, &net);
    }
    watch.finish();
    drop(spyhole);
    let truth = recorded::read(&dir);
    assert_eq!(truth.faults(), [""; 0]);
    let steps = |run: &Run| {
        let health = health(run).into_iter().filter(|health| health.layer.ends_with("stem.conv"));
        health.filter_map(|health| Some((health.epoch, health.step?))).collect::<Vec<_>>()
    };
    let expected = [(1, 5), (1, 10), (2, 15), (2, 20), (3, 25), (3, 30), (3, 35)];
    assert_eq!(steps(&truth), expected);

    // What compares epochs is the same as without looks in between, and is not read within them.
    let dir = temp.path().join("plain");
    let spyhole = builder(&dir, 4).budget(1.0).build().unwrap();
    let mut net = model();
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(EPOCHS));
    let mut optimizer = SgdConfig::new().init();
    let shuffled = batches();
    for epoch in 1..=EPOCHS {
        for batch in shuffled.iter() {
            let output = net.classify(batch.unwrap());
            let gradients = GradientsParams::from_grads(output.loss.backward(), &net);
            net = optimizer.step(0.05, net, gradients);
        }
        look(&spyhole, &watch, epoch, &net);
    }
    watch.finish();
    drop(spyhole);
    let plain = health(&recorded::read(&dir));
    let ends: Vec<_> = health(&truth).into_iter().filter(|health| health.step.is_none()).collect();
    assert_eq!(ends, plain);
    let amid: Vec<_> = health(&truth).into_iter().filter(|health| health.step.is_some()).collect();
    assert!(plain.iter().any(|health| health.values.contains_key("update_ratio")));
    assert!(amid.iter().all(|health| !health.values.contains_key("update_ratio")));

    // burn-train: what is recorded of a step is the same, and the looks change nothing.
    let patient = || Patient { inner: model() };
    let dir = temp.path().join("bare");
    let bare = training(&dir).launch(Learner::new(patient(), SgdConfig::new().init(), 0.05)).model;
    let dir = temp.path().join("train");
    let spyhole = builder(&dir, 4).budget(1.0).every_steps(EVERY).build().unwrap();
    *WATCHED.lock().unwrap() = Some((spyhole.log(), 0));
    let forward = |net: &Patient, x| net.inner.forward(x);
    let optimizer = SgdConfig::new().init();
    let watched =
        training(&dir).launch_watched(&spyhole, patient(), optimizer, 0.05, forward).unwrap();
    assert_eq!(bits(&bare), bits(&watched.model));
    *WATCHED.lock().unwrap() = None;
    drop(spyhole);
    let run = recorded::read(&dir);
    assert_eq!(run.faults(), [""; 0]);
    assert_eq!(steps(&run), expected);
    assert_eq!(budget(&run).steps_skipped, 0);
    let bare = |health: LayerHealth| {
        let layer = health.layer.trim_start_matches("inner.").to_owned();
        (health.epoch, health.step, layer, health.values)
    };
    let truth: Vec<_> = health(&truth).into_iter().map(bare).collect();
    for reading in health(&run).into_iter().map(bare) {
        assert!(truth.contains(&reading), "{reading:?} is not what the model was then");
    }
}
