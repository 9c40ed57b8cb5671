//! Looking into trained models: what is told of one set of weights, of several, and what is refused.

use std::collections::BTreeSet;
use std::path::Path;

use burn::prelude::*;
use end_to_end::data::images;
use end_to_end::net::{Residual, bits};
use end_to_end::recorded::{self, Run};
use spyhole::{ProbeSet, Spyhole, SpyholeError, Studies};
use spyhole_protocol::{Event, LayerHealth, RunOutcome, StudySubject};

const PROBE: usize = 24;

fn net(seed: u64) -> Residual {
    Device::flex().seed(seed);
    Residual::new(&Device::flex())
}

fn spyhole(dir: &Path, studies: Studies) -> Spyhole {
    let probe = ProbeSet::new(images(PROBE)).labels((0..PROBE).map(|image| image % 4));
    // No budget at all: an inspection has everything none the less.
    Spyhole::builder(dir, probe).studies(studies).no_dashboard().budget(0.0).build().unwrap()
}

fn inspected(dir: &Path, epochs: &[usize]) -> Run {
    let spyhole = spyhole(dir, Studies::on_demand());
    let models = epochs.iter().map(|&epoch| (epoch, net(epoch as u64)));
    spyhole.inspect_epochs(models, |net, images| net.forward(images)).unwrap();
    drop(spyhole);
    recorded::read(dir)
}

fn health(run: &Run) -> Vec<LayerHealth> {
    run.events(|event| match event {
        Event::LayerHealth(health) => Some(health.clone()),
        _ => None,
    })
}

/// The statistics that the run has readings of.
fn measured(run: &Run) -> BTreeSet<String> {
    health(run).into_iter().flat_map(|health| health.values.into_keys()).collect()
}

/// The statistics that the page shows.
fn listed(run: &Run) -> BTreeSet<String> {
    let lists = run.events(|event| match event {
        Event::Watchlist(list) => Some(list.clone()),
        _ => None,
    });
    assert_eq!(lists.len(), 1);
    let names: BTreeSet<String> =
        lists[0].statistics.iter().map(|statistic| statistic.name.clone()).collect();
    let looked_at = lists[0].rules.iter().filter(|rule| !rule.layers.is_empty());
    for rule in looked_at {
        assert!(names.contains(&rule.metric), "`{}` looks at what is not measured", rule.id);
    }
    names
}

fn settlings(run: &Run) -> usize {
    run.events(|event| matches!(event, Event::Settling(_)).then_some(())).len()
}

const START: [&str; 4] =
    ["distance_from_start", "growth", "start_alignment", "residual_noise_share"];
const BEFORE: [&str; 2] = ["update_ratio", "step_cosine"];

#[test]
fn one_set_of_weights_is_a_run_of_one_epoch_with_all_studies() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let spyhole = spyhole(&dir, Studies::default());
    let model = net(3);
    let before = bits(&model);
    spyhole.inspect(&model, |net, images| net.forward(images)).unwrap();
    assert_eq!(bits(&model), before, "the model is not changed");
    drop(spyhole);

    let run = recorded::read(&dir);
    assert_eq!(run.analysed(), [1].into(), "no epoch 0: nobody knows the untrained model");
    assert_eq!(run.faults(), [""; 0]);
    assert!(run.started().inspection, "the page says what it is");
    assert!(health(&run).iter().all(|health| health.epoch == 1));
    assert_eq!((run.started().first_epoch, run.started().last_epoch), (1, Some(1)));
    let skipped = run.events(|event| match event {
        Event::EpochAnalysed(analysed) => {
            Some(analysed.parts.iter().filter(|part| part.skipped.is_some()).count())
        }
        _ => None,
    });
    assert_eq!(skipped, [0], "nobody trains: nothing is left out");
    assert_eq!(settlings(&run), 0, "a single epoch says nothing about settling");

    let (measured, listed) = (measured(&run), listed(&run));
    for name in START.iter().chain(&BEFORE) {
        assert!(!measured.contains(*name) && !listed.contains(*name), "{name}");
    }
    for name in ["noise_share", "duplicate_filters", "dead_maps", "rms"] {
        assert!(listed.contains(name), "{name}");
    }

    // A full round: as many studies of each kind as a training's last epoch has.
    let kinds = run.events(|event| match event {
        Event::Study(study) => Some(match study.subject {
            StudySubject::Units { .. } => "units",
            StudySubject::Directions { .. } => "directions",
            StudySubject::Embedding { .. } => "embedding",
            StudySubject::Synthesis { .. } => "synthesis",
            StudySubject::SynthesisOfClasses => "classes",
            StudySubject::Occlusion { .. } => "occlusion",
            StudySubject::Activations { .. } => "activations",
            _ => "other",
        }),
        _ => None,
    });
    let layers = run.layers().len();
    let count = |kind: &str| kinds.iter().filter(|&&found| found == kind).count();
    for kind in ["units", "directions", "embedding", "synthesis"] {
        assert_eq!(count(kind), layers, "{kind}");
    }
    assert_eq!(count("classes"), 1);
    assert!(count("occlusion") > 0 && count("activations") >= layers);

    let ends = run.events(|event| match event {
        Event::RunEnded(ended) => Some(ended.outcome),
        _ => None,
    });
    assert_eq!(ends, [RunOutcome::Finished]);
}

#[test]
fn several_checkpoints_are_epochs() {
    let temp = tempfile::tempdir().unwrap();
    let run = inspected(&temp.path().join("later"), &[2, 5, 9]);
    assert_eq!(run.analysed(), [2, 5, 9].into());
    assert_eq!(run.faults(), [""; 0]);
    assert_eq!((run.started().first_epoch, run.started().last_epoch), (2, Some(9)));
    let (measured_there, listed_there) = (measured(&run), listed(&run));
    assert!(START.iter().all(|&name| !listed_there.contains(name)));
    assert!(START.iter().all(|&name| !measured_there.contains(name)));
    assert!(
        BEFORE.iter().all(|&name| listed_there.contains(name) && measured_there.contains(name))
    );
    assert!(settlings(&run) > 0);

    // With the weights that the training began with, everything is known.
    let run = inspected(&temp.path().join("all"), &[0, 1, 2]);
    assert_eq!(run.analysed(), [0, 1, 2].into());
    let (measured, listed) = (measured(&run), listed(&run));
    for name in START.iter().chain(&BEFORE) {
        assert!(listed.contains(*name), "{name}");
        assert!(measured.contains(*name), "{name}");
    }
}

#[test]
fn what_cannot_be_inspected_is_said() {
    let temp = tempfile::tempdir().unwrap();
    let refused = |dir: &str, epochs: &[usize]| -> SpyholeError {
        let spyhole = spyhole(&temp.path().join(dir), Studies::on_demand());
        let models = epochs.iter().map(|&epoch| (epoch, net(1)));
        spyhole.inspect_epochs(models, |net, images| net.forward(images)).unwrap_err()
    };
    assert!(matches!(refused("a", &[]), SpyholeError::NothingToInspect));
    for epochs in [[3, 3], [3, 2]] {
        let error = refused("a", &epochs);
        assert!(matches!(error, SpyholeError::EpochOrder { before: 3, .. }), "{error}");
    }
    // Nothing was recorded so far.
    assert_eq!(
        inspected(&temp.path().join("a"), &[1]).log.store(),
        temp.path().join("a/run.sqlite")
    );
}

/// Whatever is in the directory: an inspection, a training that it could be taken for the continuation of, or a start
/// that came to nothing.
#[test]
fn an_inspection_in_a_used_directory_is_a_run_of_its_own() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    inspected(dir, &[0, 3]);
    let again = inspected(dir, &[3, 4]);
    assert_eq!(again.log.store(), dir.join("run-2.sqlite"));
    assert_eq!(again.analysed(), [3, 4].into());
    assert_eq!(again.log.branches().unwrap(), []);
    let beside = again.started().beside.unwrap();
    assert!(beside.contains("holds an inspection in run.sqlite"), "{beside}");
    assert!(beside.contains("is an inspection") && beside.contains("run-2.sqlite"), "{beside}");
    assert_eq!(recorded::read(&dir.join("run.sqlite")).analysed(), [0, 3].into());

    // A training continues none of them, and an inspection no training.
    for (first, last, number, why) in [(5, 5, 3, "is a training"), (1, 2, 4, "begins at epoch 1")] {
        {
            let spyhole = spyhole(dir, Studies::on_demand());
            let watch = spyhole.watch(&net(1), |net, images| net.forward(images)).unwrap();
            watch.epochs(first, Some(last));
            for epoch in first..=last {
                watch.observe(epoch, &net(epoch as u64));
            }
            watch.finish();
        }
        let trained = recorded::read(dir);
        assert_eq!(trained.log.store(), dir.join(format!("run-{number}.sqlite")));
        assert!(trained.started().beside.unwrap().contains(why));
    }
    let last = inspected(dir, &[5]);
    assert_eq!(last.log.store(), dir.join("run-5.sqlite"));
    assert!(last.started().beside.unwrap().contains("of 2 epochs, in run-4.sqlite"));
}
