//! Whatever happens to the monitoring, the training ends by itself with the weights that it would have had, and
//! says nothing on the terminal; what was recorded stays readable, and the fault is told.
//!
//! Each row is a training of five epochs in a process of its own, compared with one that nobody watches.
#![cfg(target_os = "linux")]

mod training;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use end_to_end::{recorded, socket};
use spyhole_protocol::{ClientMessage, Event, RunOutcome, RunState, StudySubject};
use spyhole_sink::RunLog;
use training::*;
use tungstenite::Message;

/// The place of a run, and the training that is recorded there.
struct Scene {
    dir: PathBuf,
    training: Training,
    url: String,
}

/// What is done to a training.
struct Fault {
    name: &'static str,
    options: &'static [&'static str],
    /// Epochs that must be on disk before it strikes.
    before: u32,
    /// After epoch 2.
    strikes: fn(&mut Scene),
    /// After epoch 4.
    goes: fn(&mut Scene),
    /// In the recorded faults, in this order.
    told: &'static [&'static str],
    /// The epochs that are analysed nevertheless.
    analysed: &'static [u32],
    ended: bool,
}

const ALL: &[u32] = &[0, 1, 2, 3, 4, 5];

impl Default for Fault {
    fn default() -> Self {
        Self {
            name: "",
            options: &[],
            before: 2,
            strikes: |_| (),
            goes: |_| (),
            told: &[],
            analysed: ALL,
            ended: true,
        }
    }
}

/// Trains, lets the fault strike, and looks at what is left. `dir` is where the run is recorded.
fn check_in(dir: PathBuf, start: impl FnOnce(&Path, &[&str]) -> Training, fault: &Fault) {
    let name = fault.name;
    let reference = Training::start(None, fault.options).end();
    assert!(reference.success && reference.weights.contains("running_var"), "{reference:?}");

    let options = [fault.options, &["gated"]].concat();
    let mut training = start(&dir, &options);
    let url = if options.contains(&"url") { training.line() } else { String::new() };
    let mut scene = Scene { dir, training, url };
    for _ in 0..2 {
        scene.training.epoch();
    }
    eventually(name, || analysed(&scene.dir).contains(&fault.before));
    let before = recorded::read(&scene.dir).records;
    (fault.strikes)(&mut scene);
    for _ in 0..2 {
        scene.training.epoch();
    }
    (fault.goes)(&mut scene);
    let Scene { dir, training, url } = scene;
    let ended = training.end();

    assert!(ended.success, "{name}: {ended:?}");
    assert_eq!(ended.weights, reference.weights, "{name}: the weights differ");
    assert_eq!(ended.stderr, "", "{name}: the terminal is the user's");
    assert_eq!(ended.stdout.trim_end(), url, "{name}: the terminal is the user's");

    let run = recorded::read(&dir);
    assert_eq!(run.records[..before.len()], before, "{name}: what was recorded is changed");
    let faults = run.faults();
    let mut rest = faults.iter();
    for words in fault.told {
        assert!(rest.any(|fault| fault.contains(words)), "{name}: {words:?} is not in {faults:#?}");
    }
    if fault.told.is_empty() {
        assert_eq!(faults, [""; 0], "{name}");
    }
    let expected: BTreeSet<_> = fault.analysed.iter().copied().collect();
    assert_eq!(run.analysed(), expected, "{name}: {faults:?}");
    let outcomes = run.events(|event| match event {
        Event::RunEnded(ended) => Some(ended.outcome),
        _ => None,
    });
    let finished = outcomes.last() == Some(&RunOutcome::Finished);
    assert_eq!(finished, fault.ended, "{name}: {outcomes:?}");
    let status = run.log.status().unwrap().unwrap();
    assert_eq!(status.state == RunState::Ended, fault.ended, "{name}: {status:?}");
}

fn check(fault: Fault) {
    let temp = tempfile::tempdir().unwrap();
    check_in(temp.path().join("run"), |dir, options| Training::start(Some(dir), options), &fault);
}

#[test]
fn nothing_happens() {
    check(Fault { name: "undisturbed", ..Fault::default() });
}

#[test]
fn weights_are_no_numbers() {
    check(Fault { name: "NaN", options: &["spoil=nan"], ..Fault::default() });
    check(Fault { name: "infinite", options: &["spoil=inf"], ..Fault::default() });
}

#[test]
fn analyses_panic_hang_and_find_another_network() {
    check(Fault {
        name: "panics",
        options: &["show=panics"],
        before: 1,
        told: &["reading the weights: panicked: these weights are not for your eyes"],
        analysed: &[0, 1],
        ..Fault::default()
    });
    check(Fault {
        name: "hangs",
        options: &["show=hangs", "patience=2"],
        before: 1,
        told: &["analysis: the last epochs were not fully analysed within 2 s"],
        analysed: &[0, 1],
        ..Fault::default()
    });
    check(Fault {
        name: "another form",
        options: &["show=pruned"],
        before: 1,
        told: &["weights: the weights are of another network than the recorded one: `near."],
        analysed: &[0, 1],
        ..Fault::default()
    });
}

#[test]
fn sinks_fail_panic_and_hang() {
    check(Fault {
        name: "fails",
        options: &["sink=fails"],
        told: &["a sink of mine: no more paper", "records were not delivered"],
        ..Fault::default()
    });
    check(Fault {
        name: "panics",
        options: &["sink=panics"],
        told: &["a sink of mine: panicked: out of ink", "records were not delivered"],
        ..Fault::default()
    });
}

/// A sink that never comes back holds up the recording: that shows as a run whose sign of life is old.
#[test]
fn a_sink_that_hangs_holds_up_nothing_but_the_recording() {
    let options = ["sink=hangs", "patience=1"];
    let temp = tempfile::tempdir().unwrap();
    let reference = Training::start(None, &options).end();
    let ended = Training::start(Some(temp.path()), &options).end();
    assert_eq!(ended, reference);
    let run = recorded::read(temp.path());
    assert!(run.records.len() >= 3, "what was recorded before is there");
    assert_ne!(run.log.status().unwrap().unwrap().state, RunState::Ended);
}

fn returned(scene: &Scene) {
    eventually("the disk takes records again", || {
        faults(&scene.dir).contains("the disk takes records again")
    });
}

#[test]
fn the_directory_goes_and_comes_back() {
    check(Fault {
        name: "moved",
        strikes: |scene| fs::rename(&scene.dir, scene.dir.with_extension("away")).unwrap(),
        goes: |scene| {
            // Long enough to be noticed: the status is written every second.
            std::thread::sleep(std::time::Duration::from_millis(2500));
            fs::rename(scene.dir.with_extension("away"), &scene.dir).unwrap();
            returned(scene);
        },
        told: &["was moved or deleted while", "the disk takes records again"],
        ..Fault::default()
    });
    check(Fault {
        name: "deleted",
        strikes: |scene| fs::remove_dir_all(&scene.dir).unwrap(),
        goes: |scene| {
            std::thread::sleep(std::time::Duration::from_millis(2500));
            fs::create_dir(&scene.dir).unwrap();
            returned(scene);
        },
        told: &["was moved or deleted while", "the disk takes records again"],
        ..Fault::default()
    });
}

/// For ever: there is nothing to read then, but the dashboard has said so while it could.
#[test]
fn a_directory_that_does_not_come_back_is_told_on_the_dashboard() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let reference = Training::start(None, &[]).end();
    let mut training = Training::start(Some(&dir), &["gated", "url", "patience=5"]);
    let mut dashboard = socket::connect(&training.line());
    training.epoch();
    eventually("the first epoch", || analysed(&dir).contains(&1));
    fs::remove_dir_all(&dir).unwrap();
    training.epoch();
    loop {
        let message = serde_json::to_string(&socket::receive(&mut dashboard)).unwrap();
        if message.contains("was moved or deleted while the run was being recorded") {
            break;
        }
    }
    let ended = training.end();
    assert_eq!((ended.success, ended.weights), (true, reference.weights));
    assert_eq!(ended.stderr, "");
    assert!(!dir.exists(), "nothing is made where somebody took it away");
}

/// A file system in memory, gone with this value.
struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None`: this machine does not let us.
    fn mount(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]).arg(at);
        mount.output().is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Writes until nothing more fits.
fn fill(file: &Path) {
    let mut file = fs::File::create(file).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

fn wait_for_the_fault(scene: &mut Scene, words: &str) {
    // The records wait in memory; the dashboard reads them there.
    let mut dashboard = socket::connect(&scene.url);
    loop {
        let message = serde_json::to_string(&socket::receive(&mut dashboard)).unwrap();
        if message.contains(words) {
            return;
        }
    }
}

/// Sets a limit of the operating system for a training that runs.
fn limit(scene: &Scene, limit: &str) {
    let pid = scene.training.child.id().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, limit]).status();
    assert!(set.is_ok_and(|status| status.success()), "prlimit (util-linux) is needed");
}

#[test]
fn the_disk_is_full_for_a_while() {
    let full = Fault {
        name: "disk full",
        options: &["url"],
        strikes: |scene| fill(&scene.dir.with_file_name("filler")),
        goes: |scene| {
            wait_for_the_fault(scene, "make room on the disk");
            fs::remove_file(scene.dir.with_file_name("filler")).unwrap();
            returned(scene);
        },
        told: &["make room on the disk", "the disk takes records again"],
        ..Fault::default()
    };
    let temp = tempfile::tempdir().unwrap();
    // Where no file system can be mounted, the limit on files below does instead.
    if let Some(disk) = Tmpfs::mount(&temp.path().join("small"), "size=6m") {
        let start = |dir: &Path, options: &[&str]| Training::start(Some(dir), options);
        check_in(disk.0.join("run"), start, &full);
    }

    // What needs no permission: no file may grow.
    let limited = Fault {
        name: "files may not grow",
        options: &["url"],
        strikes: |scene| limit(scene, "--fsize=4096:unlimited"),
        goes: |scene| {
            wait_for_the_fault(scene, "Records wait in memory until it works");
            limit(scene, "--fsize=unlimited:unlimited");
            returned(scene);
        },
        told: &["Records wait in memory until it works", "the disk takes records again"],
        ..Fault::default()
    };
    let ignoring_the_signal = |dir: &Path, options: &[&str]| {
        let mut shell = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_tiny");
        shell.args(["-c", r#"trap "" XFSZ; exec "$@""#, "sh", program]);
        Training::start_by(shell, Some(dir), options)
    };
    check_in(temp.path().join("limited"), ignoring_the_signal, &limited);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_at_the_start_and_a_fault_later() {
    let temp = tempfile::tempdir().unwrap();
    let Some(disk) = Tmpfs::mount(&temp.path().join("read only"), "ro") else {
        // Without that right we are not root either, and permissions count.
        let dir = temp.path().join("closed");
        fs::create_dir(&dir).unwrap();
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o555);
        fs::set_permissions(&dir, closed).unwrap();
        return refused_at_the_start(&dir.join("run"));
    };
    refused_at_the_start(&disk.0.join("run"));
    drop(disk);

    // A running program's files cannot be made read-only; something read-only can take their place.
    check(Fault {
        name: "read-only in its place",
        options: &["url"],
        strikes: |scene| std::mem::forget(Tmpfs::mount(&scene.dir, "ro").unwrap()),
        goes: |scene| {
            wait_for_the_fault(scene, "cannot write to the run directory");
            drop(Tmpfs(scene.dir.clone()));
            returned(scene);
        },
        told: &["cannot write to the run directory", "the disk takes records again"],
        ..Fault::default()
    });
}

fn refused_at_the_start(dir: &Path) {
    let weights = dir.with_file_name("weights");
    let output = Command::new(env!("CARGO_BIN_EXE_tiny")).arg(dir).arg(&weights).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("choose another one or change its permissions"), "{stderr}");
}

/// Sets the clock of a training that runs beside this file.
fn set_clock(dir: &Path, offset: &str) {
    // In one step: the training reads it at every look at the clock.
    let new = dir.with_file_name("new clock");
    fs::write(&new, offset).unwrap();
    fs::rename(new, dir.with_file_name("clock")).unwrap();
}

#[test]
fn the_clock_jumps_back() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    set_clock(&dir, "+0");
    let folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let library = folders
        .map(|folder| Path::new(folder).join("faketime/libfaketimeMT.so.1"))
        .into_iter()
        .find(|library| library.exists())
        .expect("libfaketime is needed: apt-get install faketime");
    let start = |dir: &Path, options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiny"));
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", dir.with_file_name("clock"))
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Training::start_by(command, Some(dir), options)
    };
    let fault = Fault {
        name: "an hour back",
        strikes: |scene| set_clock(&scene.dir, "-3600"),
        goes: |scene| {
            eventually("a sign of life by the new clock", || {
                let log = RunLog::open(&scene.dir).unwrap();
                let first = log.records_after(0, 1).unwrap()[0].time_ms;
                log.status().unwrap().unwrap().alive_ms < first
            });
        },
        ..Fault::default()
    };
    check_in(dir.clone(), start, &fault);

    // The records keep their order; each has the time that the clock showed.
    let run = recorded::read(&dir);
    let times: Vec<_> = run.records.iter().map(|record| record.time_ms).collect();
    let jumps: Vec<_> = times.windows(2).filter(|pair| pair[1] + 1_000_000 < pair[0]).collect();
    assert_eq!(jumps.len(), 1, "{times:?}");
    let alive = run.log.status().unwrap().unwrap().alive_ms;
    assert!(alive >= *times.last().unwrap() && alive < times[0], "the sign of life is today's");
}

#[test]
fn dashboards_flood_lie_sleep_and_vanish() {
    check(Fault {
        name: "clients",
        options: &["url"],
        strikes: |scene| {
            let url = scene.url.clone();
            // Some vanish in the middle of a sentence, some never listen, some talk nonsense.
            for client in 0..60 {
                let mut dashboard = socket::connect(&url);
                match client % 4 {
                    0 => drop(dashboard),
                    1 => std::mem::forget(dashboard),
                    2 => {
                        let _ = dashboard.send(Message::binary(vec![0xff; 3000]));
                    }
                    _ => {
                        let layer = "near".to_owned();
                        let subject = StudySubject::Units { layer };
                        for number in 0..200 {
                            let ask = ClientMessage::Ask { number, subject: subject.clone() };
                            let ask = serde_json::to_string(&ask).unwrap();
                            if dashboard.send(Message::text(ask)).is_err() {
                                break;
                            }
                        }
                    }
                }
            }
            let address = url.trim_start_matches("http://").split('/').next().unwrap();
            for _ in 0..20 {
                let mut stream = TcpStream::connect(address).unwrap();
                let _ = stream.write_all(&[0x16; 10_000]);
            }
            let mut half = TcpStream::connect(address).unwrap();
            half.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
            std::mem::forget(half);
        },
        goes: |scene| {
            // Still served.
            let address = scene.url.trim_start_matches("http://").split('/').next().unwrap();
            let mut stream = TcpStream::connect(address).unwrap();
            write!(
                stream,
                "GET /favicon.svg HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        },
        ..Fault::default()
    });
}

#[test]
fn a_port_that_is_taken_is_an_error_before_the_first_step() {
    let temp = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port={}", taken.local_addr().unwrap().port());
    let training = Training::start(Some(temp.path()), &["url", &port]);
    let ended = training.end();
    assert!(!ended.success && ended.weights.is_empty(), "nothing was trained");
    assert!(ended.stderr.contains("--port 0"), "{}", ended.stderr);
}

#[test]
fn a_layer_of_thousands_of_maps_stays_within_memory() {
    let form = ["maps=4096", "kernel=1", "side=64", "images=12", "batch=2", "epochs=1"];
    let rest = ["shown=1", "no-studies", "patience=300", "memory"];
    let options = [&form[..], &rest].concat();
    let temp = tempfile::tempdir().unwrap();
    let megabytes = |text: &str| text.trim().parse::<u64>().unwrap();
    let alone = Training::start(None, &options).end();
    let watched = |name: &str, further: &[&str]| {
        let dir = temp.path().join(name);
        let watched = Training::start(Some(&dir), &[&options[..], further].concat()).end();
        assert_eq!(watched.weights, alone.weights);
        assert_eq!(watched.stderr, "");
        let run = recorded::read(&dir);
        assert_eq!(run.analysed(), [0, 1].into());
        assert_eq!(run.faults(), [""; 0]);
        megabytes(&watched.stdout)
    };
    let alone_takes = megabytes(&alone.stdout);
    let free = watched("free", &[]);
    assert!(free < alone_takes + 2048, "{free} MiB, {alone_takes} MiB unwatched");
    // A quarter of it for the images on their way through the network, of which one alone takes more.
    let limited = watched("limited", &["ceiling=128"]);
    assert!(limited + 256 < free, "{limited} MiB of {free} MiB without a ceiling");
}
