//! Trainings on several devices have one watcher, and analyses are computed where the user wants them.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::tensor::distributed::{DistributedConfig, ReduceOperation};
use burn::train::{ExecutionStrategy, MultiDeviceOptim, SupervisedTraining};
use end_to_end::data::{images, loader};
use end_to_end::net::Residual;
use end_to_end::recorded::{self, Run};
use spyhole::{LaunchWatched, ProbeSet, Spyhole, SpyholeBuilder, Studies, Watched};
use spyhole_protocol::Event;

const EPOCHS: usize = 3;

fn builder(dir: &Path) -> SpyholeBuilder {
    let probe = ProbeSet::new(images(16)).labels((0..16).map(|image| image % 4));
    Spyhole::builder(dir, probe).no_dashboard().studies(Studies::on_demand()).queue(10).budget(1.0)
}

fn model() -> Residual {
    let device = Device::flex();
    device.seed(11);
    Residual::new(&device.autodiff())
}

/// One test at a time: they share the seed of the device.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn train(dir: &Path, strategy: ExecutionStrategy) {
    let spyhole = builder(dir).every_steps(2).build().unwrap();
    let training: SupervisedTraining<Watched<Residual>> =
        SupervisedTraining::new(dir, loader(0, 96), loader(500, 24))
            .with_application_logger(None)
            .num_epochs(EPOCHS)
            .with_training_strategy(strategy.into());
    let forward = |net: &Residual, x| net.forward(x);
    training.launch_watched(&spyhole, model(), SgdConfig::new().init(), 0.05, forward).unwrap();
}

/// Every epoch was recorded once, every step at most once, with a reading of every layer each.
fn check_once(run: &Run, updates: u64) {
    assert_eq!(run.faults(), [""; 0]);
    let epochs = run.events(|event| match event {
        Event::EpochAnalysed(analysed) => Some(analysed.epoch),
        _ => None,
    });
    assert_eq!(epochs, (0..=EPOCHS as u32).collect::<Vec<_>>());
    let seen = run.events(|event| match event {
        Event::LayerFilters(filters) => Some((filters.epoch, filters.step, filters.layer.clone())),
        _ => None,
    });
    let once: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len(), "something was recorded twice");
    let layers: BTreeSet<_> = seen.iter().map(|(_, _, layer)| layer).collect();
    assert_eq!(seen.len() % layers.len(), 0, "a layer has no reading");
    let steps: BTreeSet<_> = seen.iter().filter_map(|(_, step, _)| *step).collect();
    assert!(steps.iter().all(|step| step % 2 == 0 && (1..=updates).contains(step)), "{steps:?}");
    let skipped = run.log.status().unwrap().unwrap().budget.unwrap().steps_skipped;
    assert_eq!(steps.len() as u64 + skipped, updates / 2, "each is counted once");
}

#[test]
fn a_training_on_several_devices_has_one_watcher() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    // Batches of eight; each device takes its part of the 96 pictures.
    for (count, updates) in [(1, 12), (2, 6), (3, 4)] {
        for optim in [MultiDeviceOptim::OptimMainDevice, MultiDeviceOptim::OptimSharded] {
            let dir = temp
                .path()
                .join(format!("{count}-{}", matches!(optim, MultiDeviceOptim::OptimSharded)));
            train(&dir, ExecutionStrategy::multi(vec![Device::flex(); count], optim));
            check_once(&recorded::read(&dir), updates * EPOCHS as u64);
        }
    }
}

/// Burn's distributed data parallel training takes a backend with collective operations (CUDA, ROCm and others of
/// CubeCL): on the CPU it does not start. When this fails, a training of it can be tested here.
#[test]
fn distributed_data_parallel_does_not_run_on_the_cpu() {
    let start = || {
        let config = DistributedConfig { all_reduce_op: ReduceOperation::Mean };
        ExecutionStrategy::ddp(vec![Device::flex().autodiff(), Device::flex().autodiff()], config)
    };
    let panic = catch_unwind(AssertUnwindSafe(|| drop(start()))).expect_err("it runs: test it");
    let text = panic.downcast_ref::<String>().map(String::as_str);
    assert!(
        text.unwrap_or_default().contains("Distributed operations are not supported"),
        "{text:?}"
    );
}

#[test]
fn the_training_device_can_analyse() {
    let _turn = turn();
    let temp = tempfile::tempdir().unwrap();
    // Its autodiff is the training's own.
    let own = watched(
        builder(&temp.path().join("own")).analysis_device(Device::flex().autodiff()),
        |_| {},
    );
    let default = watched(builder(&temp.path().join("default")), |_| {});
    assert_eq!(numbers(&own), numbers(&default));
}

/// Watches a loop whose epochs are other random networks; `between` is called after the first is analysed.
fn watched(builder: SpyholeBuilder, between: impl FnOnce(&Spyhole)) -> Run {
    let spyhole = builder.build().unwrap();
    let device = Device::flex();
    device.seed(7);
    let nets: Vec<_> = (0..=EPOCHS).map(|_| Residual::new(&device)).collect();
    let watch = spyhole.watch(&nets[0], |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(EPOCHS));
    let mut between = Some(between);
    for (epoch, net) in nets.iter().enumerate().skip(1) {
        watch.observe(epoch, net);
        while recorded_epochs(&spyhole) <= epoch {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        if let Some(between) = between.take() {
            between(&spyhole);
        }
    }
    watch.finish();
    let dir = spyhole.run_dir().to_owned();
    drop(spyhole);
    recorded::read(&dir)
}

fn recorded_epochs(spyhole: &Spyhole) -> usize {
    let records = spyhole.log().records_after(0, usize::MAX).unwrap();
    let ended = |event: &Event| {
        // An epoch on a device that has gone may have no more than its faults.
        matches!(event, Event::EpochAnalysed(_))
            || matches!(event, Event::Fault(fault) if fault.part == "analysis device")
    };
    records.iter().filter(|record| ended(&record.event)).count()
}

/// Everything in the records that is a number, by epoch, layer and name.
fn numbers(run: &Run) -> Vec<(u32, String, String, f64)> {
    let mut numbers = vec![];
    for record in &run.records {
        match &record.event {
            Event::LayerHealth(health) => {
                for (name, value) in &health.values {
                    let value = value.unwrap_or(f64::NAN);
                    numbers.push((health.epoch, health.layer.clone(), name.clone(), value));
                }
            }
            Event::LayerFeatures(features) => {
                for view in features.followed.iter().chain(&features.strongest) {
                    let value = f64::from(view.value.unwrap_or(f32::NAN));
                    let scale = f64::from(view.projection_scale.unwrap_or(f32::NAN));
                    let map = |what: &str| format!("{what} of map {}", view.map);
                    numbers.push((features.epoch, features.layer.clone(), map("value"), value));
                    numbers.push((features.epoch, features.layer.clone(), map("scale"), scale));
                }
            }
            Event::LayerEvolution(evolution) => {
                let value = evolution.change.unwrap_or(-1.0);
                let name = "change".to_owned();
                numbers.push((evolution.epoch, evolution.layer.clone(), name, value));
            }
            _ => {}
        }
    }
    numbers
}

#[cfg(feature = "remote")]
mod remote {
    use std::net::TcpListener;

    use burn::remote::RemoteHost;
    use burn::server::{RemoteServer, WebSocketTransport};
    use tokio::runtime::Runtime;

    use super::*;

    /// A machine that lends its CPU, until it is switched off.
    struct Server {
        runtime: Runtime,
        port: u16,
    }

    impl Server {
        fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let runtime = Runtime::new().unwrap();
            let transport = WebSocketTransport::from_listener(listener);
            runtime.spawn(RemoteServer::new([Device::flex()]).serve_async(transport));
            Self { runtime, port }
        }

        fn device(&self) -> Device {
            let host = RemoteHost::websocket(&format!("ws://127.0.0.1:{}", self.port));
            Device::remote_options(&host).init().unwrap()
        }

        fn switch_off(self) {
            self.runtime.shutdown_background();
        }
    }

    #[test]
    fn another_machine_computes_the_same() {
        let _turn = turn();
        let temp = tempfile::tempdir().unwrap();
        let server = Server::start();
        let studies = Studies { every: 1, ..Studies::default() };
        let there = builder(&temp.path().join("there")).studies(studies);
        let there = watched(there.analysis_device(server.device()), |_| {});
        let here = watched(builder(&temp.path().join("here")).studies(studies), |_| {});
        assert_eq!((here.faults(), there.faults()), (vec![], vec![]));
        let (here_numbers, there_numbers) = (numbers(&here), numbers(&there));
        assert_eq!(here_numbers.len(), there_numbers.len());
        for (here, there) in here_numbers.iter().zip(&there_numbers) {
            assert_eq!((here.0, &here.1, &here.2), (there.0, &there.1, &there.2));
            let near = (here.3 - there.3).abs() <= 1e-4 * here.3.abs().max(1.0);
            assert!(near || here.3.is_nan() && there.3.is_nan(), "{here:?} {there:?}");
        }
        let device = there.log.status().unwrap().unwrap().budget.unwrap().device;
        assert!(device.contains("Remote"), "{device}");
        let studies = |run: &Run| {
            let subjects = run.events(|event| match event {
                Event::Study(study) => Some(format!("{:?}", study.subject)),
                _ => None,
            });
            subjects.into_iter().collect::<BTreeSet<_>>()
        };
        assert_eq!(studies(&here), studies(&there));
        assert!(studies(&here).len() > 10);
    }

    #[test]
    fn a_machine_that_goes_away_is_a_fault_and_the_cpu_goes_on() {
        let _turn = turn();
        let temp = tempfile::tempdir().unwrap();
        let server = Server::start();
        let there = builder(&temp.path().join("there")).analysis_device(server.device());
        let run = watched(there, |_| server.switch_off());
        let faults = run.faults();
        let told: Vec<_> =
            faults.iter().filter(|fault| fault.starts_with("analysis device")).collect();
        assert_eq!(told.len(), 1, "{faults:?}");
        assert!(told[0].contains("computed on the CPU"), "{told:?}");
        // The epoch in which it went may be lost; the one after it is all there.
        let here = watched(builder(&temp.path().join("here")), |_| {});
        let of_last = |run: &Run| {
            let last = numbers(run).into_iter().filter(|(epoch, ..)| *epoch == EPOCHS as u32);
            // What is compared with the epoch before needs that one.
            last.filter(|(_, _, name, _)| name.starts_with("value")).collect::<Vec<_>>()
        };
        assert!(!of_last(&here).is_empty());
        assert_eq!(of_last(&run).len(), of_last(&here).len());
        assert_eq!(run.log.status().unwrap().unwrap().budget.unwrap().device, "CPU");
    }
}
