//! Whatever happens to rerun, the training goes on unharmed and ends on time, and the run says what happened.
//!
//! This file holds one test, because the seed of a device is shared by all tests of a process.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use end_to_end::data::{images, loader};
use end_to_end::net::{Residual, bits};
use end_to_end::recorded;
use end_to_end::rerun::{Running, free_port, viewer};
use spyhole::{ProbeSet, Rerun, Spyhole, Studies, Watch};

const EPOCHS: usize = 3;

/// By parameter, the bits of its values.
type Weights = Vec<(String, Vec<u32>)>;

/// The end of a run waits at most five seconds for rerun; the rest is for a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(60);

fn model() -> Residual {
    let device = Device::flex();
    device.seed(11);
    Residual::new(&device.autodiff())
}

/// Trains, and tells `after` of every epoch.
fn train(watch: Option<&Watch<Residual>>, mut after: impl FnMut(usize)) -> Weights {
    let mut net = model();
    let mut optimizer = SgdConfig::new().init();
    for epoch in 1..=EPOCHS {
        for batch in loader(0, 96).to_device(&Device::flex().autodiff()).iter() {
            let output = net.classify(batch.unwrap());
            let gradients = GradientsParams::from_grads(output.loss.backward(), &net);
            net = optimizer.step(0.05, net, gradients);
        }
        if let Some(watch) = watch {
            watch.observe(epoch, &net);
        }
        after(epoch);
    }
    bits(&net.valid())
}

/// Trains with rerun in trouble: the weights, what was told, how long the end took.
fn troubled(
    dir: &Path,
    rerun: Rerun,
    after: impl FnMut(usize),
) -> (Weights, Vec<String>, Duration) {
    let studies = Studies { every: 1, share: 1.0, ..Studies::default() };
    let probe = ProbeSet::new(images(16)).labels((0..16).map(|image| image % 4));
    let sink = rerun.start(dir).unwrap();
    let spyhole = Spyhole::builder(dir, probe).studies(studies).queue(10).no_dashboard();
    let spyhole = spyhole.sink(sink).build().unwrap();
    let watch = spyhole.watch(&model(), |net, x| net.forward(x)).unwrap();
    let weights = train(Some(&watch), after);
    let ending = Instant::now();
    watch.finish();
    drop(spyhole);
    let took = ending.elapsed();
    let run = recorded::read(dir);
    assert_eq!(run.analysed(), (0..=EPOCHS as u32).collect(), "all else is as ever");
    (weights, run.faults(), took)
}

fn url(port: u16) -> String {
    format!("rerun+http://127.0.0.1:{port}/proxy")
}

/// rerun's own server, without a window.
fn server(port: u16) -> Running {
    let child = Command::new(viewer())
        .args(["--serve-grpc", "--bind", "127.0.0.1", "--port", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = Running(child.unwrap());
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < deadline, "rerun's server does not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    child
}

#[test]
fn a_training_is_not_harmed_by_rerun() {
    let temp = tempfile::tempdir().unwrap();
    let undisturbed = train(None, |_| {});

    let nobody = free_port();
    // Takes the connection, and one byte; then nothing ever again.
    let deaf = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let deaf_port = deaf.local_addr().unwrap().port();
    let listening = std::thread::spawn(move || {
        let mut kept = vec![];
        for stream in deaf.incoming() {
            let mut stream = stream.unwrap();
            let mut byte = [0];
            if stream.read(&mut byte).unwrap_or(0) == 0 {
                break;
            }
            kept.push(stream);
        }
    });
    let killed_port = free_port();
    let mut killed = server(killed_port);
    let kill = |epoch| {
        if epoch == 2 {
            // Something arrives before.
            std::thread::sleep(Duration::from_secs(1));
            killed.0.kill().unwrap();
            killed.0.wait().unwrap();
        }
    };
    let slowly = |_| std::thread::sleep(Duration::from_secs(3));

    type After<'a> = Box<dyn FnMut(usize) + 'a>;
    let file = temp.path().join("beside.rrd");
    let cases: Vec<(&str, Rerun, After<'_>, &str)> = vec![
        ("nobody", Rerun::default().connect(url(nobody)), Box::new(slowly), "nobody answers there"),
        (
            "nobody, and soon over",
            Rerun::default().connect(url(nobody)),
            Box::new(|_| {}),
            "nothing of this run got there",
        ),
        ("deaf", Rerun::default().connect(url(deaf_port)), Box::new(slowly), "the viewer at"),
        (
            "killed",
            Rerun::default().connect(url(killed_port)),
            Box::new(kill),
            "nothing more goes there",
        ),
        #[cfg(target_os = "linux")]
        ("full", Rerun::default().save("/dev/full"), Box::new(|_| {}), "No space left on device"),
        (
            "several",
            Rerun::default().connect(url(nobody)).save(&file).connect(url(deaf_port)),
            Box::new(|_| {}),
            "the viewer at",
        ),
    ];
    for (name, rerun, after, words) in cases {
        let dir = temp.path().join(name);
        let (weights, faults, took) = troubled(&dir, rerun, after);
        assert_eq!(weights, undisturbed, "{name}: the weights are others");
        assert!(took < PATIENCE, "{name}: the end took {took:?}");
        assert!(
            faults.iter().any(|fault| fault.starts_with("rerun: ") && fault.contains(words)),
            "{name}: {faults:?}"
        );
        assert!(faults.iter().all(|fault| fault.starts_with("rerun: ")), "{name}: {faults:?}");
        assert!(faults.len() <= 6, "{name}: told too often: {faults:?}");
    }
    // What hinders one target does not hinder another.
    let run = recorded::read(&temp.path().join("several"));
    let whole = temp.path().join("whole.rrd");
    spyhole_sink::rerun::export(&run.log, &whole).unwrap();
    let size = |path| std::fs::metadata(path).unwrap().len() as f64;
    assert!(size(&file) > size(&whole) * 0.5, "the file beside the deaf viewer is complete");

    drop(TcpStream::connect((Ipv4Addr::LOCALHOST, deaf_port)));
    listening.join().unwrap();
}
