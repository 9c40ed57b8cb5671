//! The example as a user starts it: trained, recorded, streamed, shown in a real browser, killed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use end_to_end::program::{Running, run};
use end_to_end::recorded;
use end_to_end::socket::{connect, receive};
use spyhole_protocol::{Event, Occasion, Record, RunOutcome, ServerMessage, Split, StudySubject};

fn size(png: &[u8]) -> [u32; 2] {
    let picture = image::load_from_memory(png).expect("a picture");
    [picture.width(), picture.height()]
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in plain words")
}

/// Follows a run until it has ended.
fn follow(url: &str) -> Vec<Record> {
    let mut socket = connect(url);
    let mut records = vec![];
    while !records.iter().any(|record: &Record| matches!(record.event, Event::RunEnded(_))) {
        if let ServerMessage::Records { records: more } = receive(&mut socket) {
            records.extend(more);
        }
    }
    records
}

#[test]
fn digits_are_trained_recorded_streamed_and_shown() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let arguments = ["--epochs", "3", "--budget", "1", "--no-tui", "--run-dir", text(&dir)];
    let mut quickstart = Running::start("quickstart", &arguments);
    let url = quickstart.url();
    let streamed = follow(&url);
    quickstart.wait_for("stays at");

    let run = recorded::read(&dir);
    assert_eq!(run.records, streamed, "the socket says what the store says");
    assert_eq!(run.analysed(), [0, 1, 2, 3].into());
    assert_eq!(run.faults(), [""; 0]);
    // The probe images; per epoch four layers' maps and filters.
    assert_eq!(run.check_pictures(size), 1 + 4 * 8);
    let layers: Vec<_> = run.layers().into_iter().map(|layer| layer.name).collect();
    assert_eq!(layers, ["conv1", "conv2", "conv3", "conv4"]);
    let splits: BTreeSet<_> = run
        .events(|event| match event {
            Event::Metric(metric) => Some((metric.epoch, metric.split, metric.name.clone())),
            _ => None,
        })
        .into_iter()
        .collect();
    assert_eq!(splits.len(), 3 * 2 * 2);
    assert!(splits.contains(&(3, Split::Valid, "Accuracy".into())));

    // Pictures change over epochs and differ between layers.
    let pictures = run.events(|event| match event {
        Event::LayerFeatures(features) => Some(features.atlas.image.clone()),
        _ => None,
    });
    assert_eq!(pictures.iter().collect::<BTreeSet<_>>().len(), pictures.len());

    in_browser(&["test/live.mjs", &url, "3"]);
}

/// A rate at which the weights break down at once: seen in the browser, and the training ends.
#[test]
fn a_training_that_breaks_down_is_shown_and_stopped() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let arguments = ["--learning-rate", "1", "--stop-on-alert", "critical", "--epochs", "50"];
    let mut quickstart = Running::start(
        "quickstart",
        &[&arguments[..], &["--budget", "1", "--no-tui", "--run-dir", text(&dir)]].concat(),
    );
    let url = quickstart.url();
    let streamed = follow(&url);
    quickstart.wait_for("stays at");
    let Some(Event::RunEnded(ended)) = streamed.last().map(|record| &record.event) else {
        panic!("{:?}", streamed.last())
    };
    assert_eq!(ended.outcome, RunOutcome::Interrupted);
    let last = recorded::read(&dir).log.status().unwrap().unwrap().epoch;
    assert!(last < 50, "it was not stopped");
    let title = "conv1.weight: not finite from here on";
    in_browser(&["test/alert.mjs", &url, title, "conv1"]);
}

/// Somebody silences an alert in the browser and ends the training there; both are in the record.
#[test]
fn a_training_is_silenced_and_ended_in_the_browser() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let arguments =
        ["--learning-rate", "1", "--epochs", "1000", "--no-tui", "--run-dir", text(&dir)];
    let mut quickstart = Running::start("quickstart", &arguments);
    let url = quickstart.url();
    in_browser(&["test/act.mjs", &url]);
    quickstart.wait_for("stays at");
    let run = recorded::read(&dir);
    let silenced = run.events(|event| match event {
        Event::Silence(silence) => Some(silence.silenced),
        _ => None,
    });
    assert_eq!(silenced, [true]);
    let ended = run.events(|event| match event {
        Event::StopAsked(_) => Some(None),
        Event::RunEnded(ended) => Some(Some(ended.outcome)),
        _ => None,
    });
    assert_eq!(ended, [None, Some(RunOutcome::Interrupted)]);
    let checkpoints = std::fs::read_dir(dir.join("checkpoint")).unwrap().count();
    assert!(checkpoints > 0, "it ended without its checkpoint");
}

/// Runs one of the dashboard's tests against a real run in Chromium: `tests/run.sh` installs it and the
/// dashboard's packages.
fn in_browser(arguments: &[&str]) {
    let dashboard = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dashboard");
    let shown = Command::new("node").args(arguments).current_dir(dashboard).output();
    let shown = shown.expect("node runs; `bash tests/run.sh` says what else is needed");
    let words = String::from_utf8_lossy(&[shown.stdout, shown.stderr].concat()).into_owned();
    assert!(shown.status.success(), "{words}");
}

/// Somebody asks for an occlusion in the browser while a training goes on.
#[test]
fn a_question_is_answered_in_the_browser_while_the_training_goes_on() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let arguments = ["--epochs", "1000", "--no-tui", "--run-dir", text(&dir)];
    let mut quickstart = Running::start("quickstart", &arguments);
    let url = quickstart.url();
    quickstart.wait_for("epoch 1/1000");
    in_browser(&["test/ask.mjs", &url]);
    let asked = recorded::read(&dir).events(|event| match event {
        Event::Study(study) if study.occasion == Occasion::Asked => Some(study.subject.clone()),
        _ => None,
    });
    assert!(matches!(asked[..], [StudySubject::Occlusion { image: 9, .. }]), "{asked:?}");
}

#[test]
#[cfg(unix)]
fn a_killed_training_leaves_every_finished_epoch() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let arguments = ["--epochs", "1000", "--budget", "1", "--no-tui", "--run-dir", text(&dir)];
    let mut quickstart = Running::start("quickstart", &arguments);
    quickstart.wait_for("epoch 4/1000");
    let mut finished = BTreeSet::new();
    while finished.len() < 3 {
        std::thread::sleep(Duration::from_millis(100));
        finished = recorded::read(&dir).analysed();
    }
    // `kill` is SIGKILL: nothing can be tidied up.
    quickstart.child.kill().unwrap();
    quickstart.child.wait().unwrap();

    let killed = recorded::read(&dir);
    assert!(killed.analysed().is_superset(&finished), "{:?} of {finished:?}", killed.analysed());
    killed.check_pictures(size);

    let mut view = Running::start("spyhole", &["view", text(&dir)]);
    let hello = receive(&mut connect(&view.url()));
    let ServerMessage::Hello(hello) = hello else { panic!("{hello:?}") };
    assert_eq!((hello.live, hello.head), (false, killed.records.len() as u64));

    // The same directory takes a new training: a run of its own beside the killed one, and the program says where.
    let arguments = ["--epochs", "1", "--no-tui", "--exit", "--run-dir", text(&dir)];
    let (good, words) = run("quickstart", &arguments);
    assert!(good && words.contains("run-2.sqlite"), "{words}");
    let new = recorded::read(&dir);
    assert_eq!((new.log.store(), new.started().first_epoch), (&*dir.join("run-2.sqlite"), 1));
    assert_ne!(new.started().run_id, killed.started().run_id);
    assert_eq!(recorded::read(&dir.join("run.sqlite")).records.len(), killed.records.len());
}

#[test]
fn a_folder_of_photographs_of_mixed_sizes_is_watched() {
    let temp = tempfile::tempdir().unwrap();
    let photographs = temp.path().join("photographs");
    datasets::sample_folder::write(&photographs, 12, 3).unwrap();
    let class = std::fs::read_dir(&photographs).unwrap().next().unwrap().unwrap().path();
    std::fs::write(class.join("broken.jpg"), b"not a picture").unwrap();
    let dir = temp.path().join("run");
    let (good, words) = run(
        "quickstart",
        &[
            "--data",
            text(&photographs),
            "--epochs",
            "2",
            "--no-tui",
            "--exit",
            "--run-dir",
            text(&dir),
        ],
    );
    assert!(good, "{words}");
    assert!(words.contains("broken.jpg"), "the corrupt image is named: {words}");
    let run = recorded::read(&dir);
    assert_eq!(run.analysed(), [0, 1, 2].into());
    assert_eq!(run.started().input_shape, [3, 64, 64]);
    run.check_pictures(size);
}

#[test]
fn what_cannot_work_is_said_before_training() {
    let temp = tempfile::tempdir().unwrap();
    let empty = temp.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let file = temp.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run_dir = temp.path().join("run");
    let missing = temp.path().join("missing");
    let rules = temp.path().join("alerts.toml");
    std::fs::write(&rules, "[rules.noisy-filters]\nlayers = [\"conv9\"]").unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&["--alerts", text(&missing)], "missing"),
        (&["--alerts", text(&rules), "--run-dir", text(&run_dir)], "conv1"),
        (&["--learning-rate", "0"], "above 0"),
        (&["--data", text(&missing)], "missing"),
        (&["--data", text(&empty)], "class"),
        (&["--run-dir", text(&file)], "is not a directory"),
        (&["--run-dir", text(&run_dir), "--port", &port], "in use"),
        (&["--epochs", "0"], "epochs"),
    ];
    for (arguments, expected) in cases {
        let (good, words) = run("quickstart", arguments);
        assert!(!good, "{arguments:?}: {words}");
        assert!(words.contains(expected), "{arguments:?}: {expected:?} is not in {words}");
        assert!(!words.contains("epoch 1/"), "{arguments:?}: it trained");
    }
}
