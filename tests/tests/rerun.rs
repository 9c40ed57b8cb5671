//! A run in rerun: streamed by the example as a user starts it, exported afterwards, read back by rerun's own dataframe
//! API and opened by its viewer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use end_to_end::program::{self, run};
use end_to_end::recorded::{self, Run};
use end_to_end::rerun::{Running, Screen, folder, free_port, program as rerun_program, viewer};
use end_to_end::tiny::{SIDE, Tiny, Training, bars};
use serde_json::{Value, json};
use spyhole::{ProbeSet, Spyhole, Studies};
use spyhole_protocol::{
    AlertState, Atlas, Document, Event, Severity, Split, StudySubject, UnitView,
};
use spyhole_sink::Sink;
use spyhole_sink::rerun::{Rerun, VERSION, export};

/// For a viewer that has nothing to do with others: at its usual port it would take what is meant for them, or hand its
/// own to them.
const ALONE: [&str; 4] = ["--bind", "127.0.0.1", "--port", "auto"];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in plain words")
}

/// What a recording has to say, told from the run store alone.
fn expected(run: &Run, pictures: &Path, timelines: &[&str]) -> Value {
    let mut scalars: BTreeMap<String, BTreeMap<u32, f64>> = BTreeMap::new();
    let mut texts: BTreeMap<String, BTreeMap<u32, (&str, String)>> = BTreeMap::new();
    let mut files: BTreeMap<String, BTreeMap<u32, String>> = BTreeMap::new();
    let (mut pairs, mut columns) = (vec![], vec![]);
    let last = run.started().last_epoch.expect("quickstart knows its last epoch");
    let stride = last.div_ceil(15).max(1);
    let at = |layer: &str, below: &str| format!("/layers/{}/{below}", layer.replace('.', "/"));
    for record in &run.records {
        match &record.event {
            Event::Metric(metric) => {
                let split = if metric.split == Split::Train { "train" } else { "valid" };
                let path = format!("/metrics/{}/{split}", metric.name);
                scalars.entry(path).or_default().extend(metric.value.map(|v| (metric.epoch, v)));
            }
            Event::LayerHealth(health) => {
                for (name, value) in &health.values {
                    let path = at(&health.layer, &format!("statistics/{name}"));
                    scalars.entry(path).or_default().extend(value.map(|v| (health.epoch, v)));
                }
            }
            Event::LayerEvolution(evolution) => {
                let path = at(&evolution.layer, "change");
                scalars
                    .entry(path)
                    .or_default()
                    .extend(evolution.change.map(|v| (evolution.epoch, v)));
            }
            Event::LayerFilters(filters) => {
                let id = filters.atlas.image.0.clone();
                files.entry(at(&filters.layer, "filters")).or_default().insert(filters.epoch, id);
            }
            Event::LayerFeatures(features) => {
                let atlas = atlas(run, pictures, &features.atlas);
                let shown = [("strongest", &features.strongest), ("followed", &features.followed)];
                for (name, views) in shown {
                    let entity = at(&features.layer, &format!("features/{name}"));
                    let views = views.iter().map(view).collect::<Vec<_>>();
                    pairs.push(json!({
                        "entity": entity, "epoch": features.epoch, "atlas": atlas, "views": views,
                    }));
                }
                if features.epoch % stride == 0 {
                    let column = features.epoch / stride;
                    let entity =
                        at(&features.layer, &format!("evolution/column_{column:02}/picture"));
                    let views = features.followed.iter().map(view).collect::<Vec<_>>();
                    columns.push(json!({
                        "entity": entity, "epoch": features.epoch, "atlas": atlas, "views": views,
                    }));
                }
            }
            Event::Alert(alert) => {
                let level = match (alert.state, alert.severity) {
                    (AlertState::Resolved, _) | (_, Severity::Info) => "INFO",
                    (_, Severity::Warning) => "WARN",
                    (_, Severity::Critical) => "CRITICAL",
                };
                let layer = alert.layer.as_ref().map_or("training".into(), |l| l.replace('.', "/"));
                // Of several at once on one layer, the dataframe shows the last.
                let path = texts.entry(format!("/alerts/{layer}")).or_default();
                path.insert(alert.epoch, (level, alert.message.clone()));
            }
            Event::Study(study) => {
                if let StudySubject::Activations { layer, image } = &study.subject
                    && let Some(Document::Activations(sheet)) =
                        run.log.document(&study.document).unwrap()
                {
                    let path = at(layer, &format!("activations/image_{image}"));
                    files.entry(path).or_default().insert(study.epoch, sheet.atlas.image.0);
                }
            }
            _ => {}
        }
    }
    scalars.retain(|_, values| !values.is_empty());
    let status = run.log.status().unwrap().unwrap();
    assert!(status.last_epoch.is_some());
    json!({
        "scalars": scalars, "texts": texts, "pictures": files, "pairs": pairs, "columns": columns,
        "timelines": timelines,
        // quickstart's digits, four fifths of 1,797, class by class.
        "items_per_epoch": 1438,
    })
}

/// An atlas as a file for Python to look at.
fn atlas(run: &Run, folder: &Path, atlas: &Atlas) -> Value {
    let file = folder.join(format!("{}.png", atlas.image.0));
    let png = run.log.image(&atlas.image).unwrap().expect("the run has its pictures");
    std::fs::write(&file, &png).unwrap();
    json!({"file": file, "tile": [atlas.tile_width, atlas.tile_height], "columns": atlas.columns})
}

fn view(view: &UnitView) -> Value {
    json!({"map": view.map, "patch": view.patch, "projection": view.projection})
}

/// Lets rerun's Python package compare a recording with the run.
fn read_back(recording: &Path, expected: &Value) {
    let file = recording.with_extension("json");
    std::fs::write(&file, expected.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rerun_readback.py");
    let output = Command::new(rerun_program("python"))
        .args([Path::new(script), recording, &file])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// Opens a recording in the viewer, on a screen that is not there, and looks until each of these colours, give or take a
/// little, is on it somewhere.
fn shows(recording: &Path, colours: &[[u8; 3]]) {
    let (screen, port) = (Screen::start(), free_port());
    let program = Command::new(viewer())
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--window-size", "1400x900", text(recording)])
        .env("DISPLAY", &screen.display)
        .stderr(Stdio::null())
        .spawn();
    let _viewer = Running(program.unwrap());
    let shot = recording.with_extension("png");
    let script = "import sys; from rerun.experimental import ViewerClient; \
                  ViewerClient.connect(sys.argv[1]).save_screenshot(sys.argv[2])";
    let url = format!("rerun+http://127.0.0.1:{port}/proxy");
    let deadline = Instant::now() + Duration::from_secs(240);
    loop {
        let asked = Command::new(rerun_program("python"))
            .args(["-c", script, &url, text(&shot)])
            .output()
            .unwrap();
        // Not there yet, or what has been drawn so far.
        let counts = std::fs::read(&shot).ok().and_then(|png| pixels_like(&png, colours));
        if counts.as_ref().is_some_and(|counts| counts.iter().all(|&count| count > 50)) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{}: pixels of the colours: {counts:?}: {}",
            recording.display(),
            String::from_utf8_lossy(&asked.stderr)
        );
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// How many pixels of a picture are about like each of the colours.
fn pixels_like(png: &[u8], colours: &[[u8; 3]]) -> Option<Vec<usize>> {
    let picture = image::load_from_memory(png).ok()?.to_rgb8();
    let near =
        |pixel: [u8; 3], colour: [u8; 3]| pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 8);
    let count = |colour: &[u8; 3]| picture.pixels().filter(|pixel| near(pixel.0, *colour)).count();
    Some(colours.iter().map(count).collect())
}

#[test]
fn a_recording_says_what_the_run_says_and_opens_in_the_viewer() {
    let temp = tempfile::tempdir().unwrap();
    let (dir, live) = (temp.path().join("run"), temp.path().join("live.rrd"));
    let save = format!("save={}", text(&live));
    // With an alert, and long enough for a round of studies.
    let arguments = ["--epochs", "6", "--learning-rate", ".3", "--no-tui", "--exit"];
    let (worked, said) =
        run("quickstart", &[&arguments[..], &["--run-dir", text(&dir), "--rerun", &save]].concat());
    assert!(worked, "{said}");
    assert!(!said.to_lowercase().contains("rerun"), "rerun talks to the terminal: {said}");

    let run = recorded::read(&dir);
    assert_eq!(run.faults(), [""; 0]);
    let studied = run.events(|event| match event {
        Event::Study(study) => Some(study.epoch),
        _ => None,
    });
    assert!(!studied.is_empty(), "there were studies");

    let exported = temp.path().join("exported.rrd");
    let done = export(&run.log, &exported).unwrap();
    assert_eq!((done.records, done.missing), (run.records.len() as u64, vec![]));
    assert_eq!(done.bytes, std::fs::metadata(&exported).unwrap().len());

    let told = expected(&run, temp.path(), &["epoch", "items", "wall_time"]);
    read_back(&live, &told);
    let told = expected(&run, temp.path(), &["epoch", "wall_time"]);
    read_back(&exported, &told);

    // The overview: the metrics' lines in their colours, the first layer's and the last one's in the layer clock.
    for recording in [&live, &exported] {
        shows(recording, &[[0x8A, 0xA4, 0xC8], [0xF2, 0xA1, 0x3C], [86, 120, 230], [250, 220, 60]]);
    }
}

/// A recording has one run: of a second training in the same directory, the second. A sink that is started without a
/// training leaves the recording as it was.
#[test]
fn a_fresh_start_is_recorded_by_itself() {
    let temp = tempfile::tempdir().unwrap();
    let (dir, file) = (temp.path().join("run"), temp.path().join("run.rrd"));
    let save = format!("save={}", text(&file));
    for _ in 0..2 {
        let arguments = ["--epochs", "2", "--no-tui", "--exit", "--run-dir", text(&dir)];
        let (worked, said) = run("quickstart", &[&arguments[..], &["--rerun", &save]].concat());
        assert!(worked, "{said}");
    }
    let run = recorded::read(&dir);
    assert_eq!(run.log.store(), dir.join("run-2.sqlite"));
    assert_eq!(run.faults(), [""; 0]);
    read_back(&file, &expected(&run, temp.path(), &["epoch", "items", "wall_time"]));

    let before = std::fs::read(&file).unwrap();
    let mut sink = Rerun::default().save(&file).start(&dir).unwrap();
    sink.close().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

/// The history of a run that is continued is in its new recording as well; epochs that it has left are not.
#[test]
fn a_continued_run_is_recorded_as_a_whole_without_what_it_left() {
    let temp = tempfile::tempdir().unwrap();
    let (dir, file) = (temp.path().join("run"), temp.path().join("run.rrd"));
    let device = Device::flex().autodiff();
    let mut nets = vec![Tiny::new(&device)];
    // Epochs 1 to 4; then from epoch 2 on once more, but only to epoch 3.
    for (first, last) in [(1, 4), (3, 3)] {
        let (images, labels) = bars(16, SIDE, &Device::flex());
        let sink = Rerun::default().save(&file).start(&dir).unwrap();
        let spyhole = Spyhole::builder(&dir, ProbeSet::new(images).labels(labels))
            .studies(Studies::on_demand())
            .queue(8)
            .budget(1.0)
            .no_dashboard()
            .sink(sink)
            .build()
            .unwrap();
        nets.truncate(first);
        let mut training = Training::new(32, SIDE, &device);
        let watch = spyhole.watch(&nets[first - 1], |net, x| net.forward(x)).unwrap();
        watch.epochs(first, Some(last));
        for epoch in first..=last {
            let (net, loss) = training.epoch(nets[epoch - 1].clone(), 0.2);
            watch.metric(epoch, Split::Train, "Loss", loss);
            watch.observe(epoch, &net);
            nets.push(net);
        }
        watch.finish();
    }
    let mut run = recorded::read(&dir);
    assert_eq!(run.faults(), [""; 0]);
    assert_eq!(run.log.branches().unwrap().len(), 1);
    let all = run.records.len();
    (run.records, _) = run.log.current_after(0, usize::MAX).unwrap().unwrap();
    assert!(run.records.len() < all);
    assert!(run.records.iter().all(|record| record.event.epoch() != Some(4)));
    read_back(&file, &expected(&run, temp.path(), &["epoch", "wall_time"]));
    let exported = temp.path().join("exported.rrd");
    export(&run.log, &exported).unwrap();
    read_back(&exported, &expected(&run, temp.path(), &["epoch", "wall_time"]));
}

/// Viewers that come to the program's port get the whole run; so does one that the program starts.
#[test]
fn viewers_come_to_a_port_or_are_started() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let port = free_port();
    let path = format!("{}:{}", text(&folder()), std::env::var("PATH").unwrap_or_default());
    let screen = Screen::start();
    let quickstart = Command::new(program::path("quickstart"))
        .args(["--epochs", "3", "--no-tui", "--run-dir", text(&dir)])
        .args(["--rerun", "spawn", "--rerun", &format!("serve={port}")])
        .env("PATH", path)
        .env("DISPLAY", &screen.display)
        .stdout(Stdio::null())
        .spawn();
    let quickstart = Running(quickstart.unwrap());
    // A viewer that only saves what it gets.
    let saved = temp.path().join("served.rrd");
    let url = format!("rerun+http://127.0.0.1:{port}/proxy");
    let deadline = Instant::now() + Duration::from_secs(240);
    let ended = || {
        let log = spyhole_sink::RunLog::open(&dir).ok()?;
        log.records_after(0, usize::MAX).ok()?.into_iter().find_map(|record| match record.event {
            Event::RunEnded(ended) => Some(ended),
            _ => None,
        })
    };
    while ended().is_none() {
        assert!(Instant::now() < deadline, "the training does not end");
        std::thread::sleep(Duration::from_millis(200));
    }
    let saving = Command::new(viewer())
        .args(ALONE)
        .args(["--connect", &url, "--save", text(&saved)])
        .stderr(Stdio::null())
        .spawn();
    let saving = Running(saving.unwrap());
    // It has all when nothing comes for some seconds.
    let (mut size, mut quiet) = (0, 0);
    while quiet < 5 {
        assert!(Instant::now() < deadline, "the viewer gets nothing");
        std::thread::sleep(Duration::from_secs(1));
        let now = std::fs::metadata(&saved).map_or(0, |meta| meta.len());
        quiet = if now > 0 && now == size { quiet + 1 } else { 0 };
        size = now;
    }
    drop((saving, quickstart));
    let run = recorded::read(&dir);
    assert_eq!(run.faults(), [""; 0]);
    let told = expected(&run, temp.path(), &["epoch", "items", "wall_time"]);
    read_back(&saved, &told);
}

#[test]
fn what_cannot_be_opened_is_said_before_the_training() {
    let temp = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    for (rerun, words) in [
        (Rerun::default().save(temp.path()), "cannot write the recording"),
        (Rerun::default().save("/proc/nowhere/run.rrd"), "cannot write the recording"),
        (Rerun::default().connect("http://127.0.0.1:9876"), "is no address of a rerun viewer"),
        (Rerun::default().serve(port), "is in use by another program"),
    ] {
        let error = rerun.start(temp.path()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    // No viewer on the PATH.
    let dir = temp.path().join("run");
    let output = Command::new(program::path("quickstart"))
        .args(["--no-tui", "--exit", "--run-dir", text(&dir), "--rerun", "spawn"])
        .env("PATH", temp.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains(&format!("pip install rerun-sdk=={VERSION}")), "{said}");

    let kinds: BTreeSet<_> = ["spawn=1", "save", "save=", "serve=70000", "nowhere"]
        .into_iter()
        .map(|word| run("quickstart", &["--rerun", word]).0)
        .collect();
    assert_eq!(kinds, [false].into());
}
