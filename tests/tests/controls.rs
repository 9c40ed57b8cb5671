//! What a token holder can ask for: an alert silenced, the training's end. With real trainings and real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use burn::module::Module;
use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::train::SupervisedTraining;
use burn::train::metric::LossMetric;
use end_to_end::data::{images, loader};
use end_to_end::net::{Fill, Residual};
use end_to_end::recorded::{self, Run};
use end_to_end::socket::{connect, receive, say};
use spyhole::{Alerts, LaunchWatched, ProbeSet, Rule, Severity, Spyhole, Watched};
use spyhole_protocol::{
    Alert, AlertState, ClientMessage, Event, RunOutcome, ServerMessage, Silence, Status,
};

/// A rule that speaks of each layer by itself.
const RULE: &str = "broken-weights";
const LAYER: &str = "stem.conv";

/// More epochs than any test waits for.
const EPOCHS: usize = 100_000;

fn spyhole(dir: &Path, alerts: Alerts) -> Spyhole {
    Spyhole::builder(dir, ProbeSet::new(images(4)))
        .queue(8)
        .budget(1.0)
        .alerts(alerts.silence("not-finite").unwrap().with(broken_weights()).unwrap())
        .build()
        .unwrap()
}

fn broken_weights() -> Rule {
    Rule::at_least(RULE, "not_finite").critical(f64::MIN_POSITIVE)
}

fn silence(rule: &str, silenced: bool) -> ClientMessage {
    let silence = Silence { rule: rule.into(), layer: Some(LAYER.into()), silenced };
    ClientMessage::Silence { number: 5, silence }
}

fn alerts(run: &Run) -> Vec<Alert> {
    run.events(|event| match event {
        Event::Alert(alert) if alert.rule == RULE => Some(alert.clone()),
        _ => None,
    })
}

/// A web server on loopback that passes on the JSON it is sent.
fn web() -> (String, Receiver<serde_json::Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let (mut length, mut line) = (0, String::new());
            while connection.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            connection.get_mut().write_all(answer).unwrap();
            if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

/// A training of burn-train that breaks down in its first epoch.
fn training(dir: &Path, epochs: usize, rate: f64, spyhole: &Spyhole, listens: bool) {
    let mut training: SupervisedTraining<Watched<Residual>> =
        SupervisedTraining::new(dir, loader(0, 32), loader(500, 8))
            .metrics((LossMetric::new(),))
            .with_application_logger(None)
            .with_default_checkpointers()
            .num_epochs(epochs);
    if listens {
        training = training.early_stopping(spyhole.early_stopping());
    }
    let model = Residual::new(&Device::flex().autodiff());
    training
        .launch_watched(spyhole, model, SgdConfig::new().init(), rate, |net: &Residual, x| {
            net.forward(x)
        })
        .unwrap();
}

/// An epoch of a training loop, on a run that may have been begun before.
fn epoch(spyhole: &Spyhole, number: usize, broken: bool) {
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(number, Some(9));
    watch.observe(number, &if broken { net.map(&mut Fill(f32::NAN)) } else { net });
    watch.finish();
}

#[test]
fn a_silenced_alert_is_shown_and_carried_nowhere_until_it_is_heard_again() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("run");
    let (url, posted) = web();
    let file = temp.path().join("alerts.txt");
    let script = format!("cat >> '{0}'; echo >> '{0}'", file.display());
    let wanted = || {
        Alerts::default()
            .webhook(url.clone(), Severity::Critical)
            .unwrap()
            .command(["sh", "-c", script.as_str()], Severity::Critical)
            .unwrap()
    };
    // Silenced before a training breaks down, in the epochs of a real one.
    {
        let spyhole = spyhole(&dir, wanted());
        let mut socket = connect(spyhole.url().unwrap());
        let answer = say(&mut socket, &silence(RULE, true));
        assert_eq!((answer.number, answer.refused), (5, None));
        let unknown = say(&mut socket, &silence("no-such-rule", true));
        assert!(unknown.refused.unwrap().contains("no alert rule `no-such-rule`"));
        // Whatever the gradient is, also zero: no weight is finite after a step.
        training(&dir, 1, f64::INFINITY, &spyhole, false);
    }
    // And for as long as it is not taken back, in the same run continued.
    epoch(&spyhole(&dir, wanted()), 2, false);
    epoch(&spyhole(&dir, wanted()), 3, true);
    let told = alerts(&recorded::read(&dir));
    let of_layer = |told: &[Alert]| -> Vec<(AlertState, bool)> {
        let mine = told.iter().filter(|alert| alert.layer.as_deref() == Some(LAYER));
        mine.map(|alert| (alert.state, alert.silenced)).collect()
    };
    use AlertState::{Raised, Resolved};
    assert_eq!(of_layer(&told), [(Raised, true), (Resolved, true), (Raised, true)]);
    let heard = told.iter().filter(|alert| !alert.silenced).count();
    assert!(
        heard >= 3 && told.iter().all(|it| it.silenced == (it.layer.as_deref() == Some(LAYER)))
    );
    {
        let spyhole = spyhole(&dir, wanted());
        let mut socket = connect(spyhole.url().unwrap());
        assert_eq!(say(&mut socket, &silence(RULE, false)).refused, None);
        epoch(&spyhole, 4, false);
    }
    let run = recorded::read(&dir);
    assert_eq!(run.faults(), [""; 0]);
    let told = alerts(&run);
    assert_eq!(of_layer(&told).last(), Some(&(Resolved, false)));

    // Carried: what is not silenced, all of it, and nothing else.
    let expected: Vec<_> = run
        .events(|event| match event {
            Event::Alert(it) if it.severity == Severity::Critical && !it.silenced => {
                Some((it.rule.clone(), it.layer.clone(), it.epoch))
            }
            _ => None,
        })
        .into_iter()
        .collect();
    let which = |it: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().map(String::from);
        let alert = &it["alert"];
        let epoch = alert["epoch"].as_u64().unwrap() as u32;
        (text(&alert["rule"]).unwrap(), text(&alert["layer"]), epoch)
    };
    let mut by_web = Vec::new();
    while by_web.len() < expected.len() {
        by_web.push(which(&posted.recv_timeout(Duration::from_secs(60)).unwrap()));
    }
    assert!(posted.try_recv().is_err());
    let written = std::fs::read_to_string(&file).unwrap();
    let by_command: Vec<_> = written
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| which(&serde_json::from_str(line).unwrap()))
        .collect();
    let sorted = |mut list: Vec<(String, Option<String>, u32)>| {
        list.sort();
        list
    };
    assert_eq!(sorted(by_web), sorted(expected.clone()));
    assert_eq!(sorted(by_command), sorted(expected));
}

#[test]
fn a_training_ends_after_the_checkpoint_when_the_dashboard_asks_for_it() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path(), Alerts::default());
    let url = spyhole.url().unwrap().to_owned();
    let asking = std::thread::spawn(move || {
        let mut socket = connect(&url);
        let running = |message: ServerMessage| matches!(message, ServerMessage::Status(Status { epoch, .. }) if epoch >= 1);
        while !running(receive(&mut socket)) {}
        let answer = say(&mut socket, &ClientMessage::Stop { number: 8 });
        assert_eq!((answer.number, answer.id, answer.refused), (8, None, None));
        let again = say(&mut socket, &ClientMessage::Stop { number: 9 });
        assert_eq!(again.refused, None, "asked twice is no mistake");
        loop {
            if let ServerMessage::Status(Status { stopping: Some(why), .. }) = receive(&mut socket)
            {
                return why;
            }
        }
    });
    training(temp.path(), EPOCHS, 0.01, &spyhole, true);
    let why = asking.join().unwrap();
    assert!(why.contains("asked for on the dashboard"), "{why}");

    let mut socket = connect(spyhole.url().unwrap());
    let late = say(&mut socket, &ClientMessage::Stop { number: 1 });
    assert!(late.refused.unwrap().contains("the training is over"));
    drop(socket);
    drop(spyhole);
    let run = recorded::read(temp.path());
    let asked = run.events(|event| match event {
        Event::StopAsked(asked) => Some(asked.clone()),
        _ => None,
    });
    assert_eq!(asked.len(), 1, "{asked:?}");
    let ended = run.events(|event| match event {
        Event::RunEnded(ended) => Some((ended.outcome, ended.reason.clone().unwrap_or_default())),
        _ => None,
    });
    assert_eq!(ended[0].0, RunOutcome::Interrupted);
    assert!(ended[0].1.contains(&why), "{ended:?}");
    let last = run.log.status().unwrap().unwrap().epoch;
    assert!(asked[0].epoch <= last && (last as usize) < EPOCHS);
    let checkpoints = std::fs::read_dir(temp.path().join("checkpoint")).unwrap();
    let names: Vec<_> =
        checkpoints.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    let wanted = format!("model-{last}");
    let has = |name: &String| name.split('.').next() == Some(wanted.as_str());
    assert!(names.iter().any(has), "no {wanted} among {names:?}");
}

#[test]
fn a_training_that_does_not_listen_says_how_it_would() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = spyhole(temp.path(), Alerts::default());
    let net = Residual::new(&Device::flex());
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    watch.epochs(1, Some(9));
    let mut socket = connect(spyhole.url().unwrap());
    let answer = say(&mut socket, &ClientMessage::Stop { number: 2 });
    let refused = answer.refused.unwrap();
    assert!(refused.contains("early_stopping") && refused.contains("should_stop"), "{refused}");
    // A loop that asks, listens.
    assert_eq!(watch.should_stop(), None);
    assert_eq!(say(&mut socket, &ClientMessage::Stop { number: 3 }).refused, None);
    assert!(watch.should_stop().unwrap().contains("the dashboard"));
    watch.finish();
}
