//! A run that an earlier version has begun, or whose memory is damaged, is continued by this one.
//!
//! The recorded runs are of the network in `end_to_end::tiny`; `tests/fixtures/README.md` says how they were made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use burn::tensor::Device;
use end_to_end::recorded::{self, Run};
use end_to_end::tiny::{SIDE, Tiny, bars};
use rusqlite::Connection;
use spyhole::{ProbeSet, Spyhole, Studies};
use spyhole_protocol::Event;
use spyhole_sink::STORE_FILE;
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// A copy of a recorded run.
fn copy(name: &str) -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    let file = Path::new(FIXTURES).join(name).join(STORE_FILE);
    fs::copy(&file, temp.path().join(STORE_FILE))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    temp
}

/// Goes on with a run by one epoch.
fn go_on(dir: &Path, epoch: usize) -> Run {
    let device = Device::flex();
    let (images, labels) = bars(12, SIDE, &device);
    let probe = ProbeSet::new(images).labels(labels).class_names(["rows", "columns"]);
    let spyhole = Spyhole::builder(dir, probe)
        .studies(Studies::on_demand())
        .budget(1.0)
        .no_dashboard()
        .build()
        .unwrap();
    let net = Tiny::new(&device);
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(epoch, Some(epoch));
    watch.observe(epoch, &net);
    watch.finish();
    drop(spyhole);
    recorded::read(dir)
}

/// Values of a statistic of layer `near`, by epoch, where it is known.
fn known(run: &Run, statistic: &str) -> BTreeSet<u32> {
    let epochs = run.events(|event| match event {
        Event::LayerHealth(health) if health.layer == "near" => {
            health.values.get(statistic).is_some_and(Option::is_some).then_some(health.epoch)
        }
        _ => None,
    });
    epochs.into_iter().collect()
}

#[test]
fn old_runs_go_on() {
    for name in ["vocabulary-1-first", "vocabulary-1-last"] {
        let dir = copy(name);
        let before = recorded::read(dir.path());
        let run = go_on(dir.path(), 3);
        assert_eq!(run.records[..before.records.len()], before.records, "{name}");
        assert_eq!(run.analysed(), (0..=3).collect(), "{name}");
        assert_eq!(run.faults(), [""; 0], "{name}");
        assert_eq!(run.started().run_id, before.started().run_id, "{name}");
        run.check_pictures(|png| {
            let picture = image::load_from_memory(png).unwrap();
            [picture.width(), picture.height()]
        });
    }
    let run = go_on(copy("vocabulary-1-last").path(), 3);
    assert!(known(&run, "distance_from_start").contains(&3), "it remembers the initial weights");
}

/// Damages what is kept, and says which layers' memory that is.
#[test]
fn a_damaged_memory_is_told_and_begun_anew() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("all of it", "UPDATE kept SET body = x'00'  WHERE key != 'probe'", &["near", "far"]),
        (
            "the initial weights",
            "UPDATE kept SET body = CAST(substr(body, 1, 20) || x'ff' || substr(body, 22) AS BLOB) \
             WHERE key = 'filters/near/start'",
            &["near"],
        ),
        (
            "cut",
            "UPDATE kept SET body = substr(body, 1, 21) \
             WHERE key = 'filters/far/start'",
            &["far"],
        ),
        ("empty", "UPDATE kept SET body = x'' WHERE key LIKE 'evolution/near/%'", &["near"]),
        (
            "an epoch",
            "UPDATE kept SET body = CAST(substr(body, 1, 9) || x'ff' || substr(body, 11) AS BLOB) \
             WHERE key = 'evolution/far/epoch/1'",
            &["far"],
        ),
        ("nothing", "SELECT 1", &[]),
    ];
    for (name, damage, told) in cases {
        let dir = tempfile::tempdir().unwrap();
        go_on(dir.path(), 1);
        go_on(dir.path(), 2);
        let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
        connection.execute_batch(damage).unwrap();
        assert!(name == "nothing" || connection.changes() > 0, "{name}");
        drop(connection);
        let run = go_on(dir.path(), 3);
        let expected: Vec<_> = told.iter().map(|layer| format!("memory of {layer}: ")).collect();
        let faults = run.faults();
        assert_eq!(faults.len(), expected.len(), "{name}: {faults:?}");
        for (fault, begin) in faults.iter().zip(&expected) {
            assert!(fault.starts_with(begin) && fault.contains("anew"), "{name}: {fault}");
        }
        assert_eq!(run.analysed(), (0..=3).collect(), "{name}");
        let far_off = known(&run, "distance_from_start").contains(&3);
        let start_is_damaged = ["all of it", "the initial weights"].contains(&name);
        assert_eq!(
            far_off, !start_is_damaged,
            "{name}: no distance from weights that are not known"
        );
    }
}
