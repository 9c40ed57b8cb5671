//! Every example as a user starts it, for a moment, and what it has recorded.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use end_to_end::program::run;
use end_to_end::recorded::{self, Run};
use image::{Rgb, RgbImage};
use spyhole_protocol::{AlertState, Event, LayerFeatures, RunOutcome};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in plain words")
}

/// Runs an example to its end, and reads what it has recorded.
fn recorded(name: &str, dir: &Path, arguments: &[&str]) -> Run {
    let arguments = [arguments, &["--run-dir", text(dir), "--exit"]].concat();
    let (succeeded, said) = run(name, &arguments);
    assert!(succeeded, "{name}: {said}");
    let run = recorded::read(dir);
    assert_eq!(run.faults(), [""; 0], "{name}");
    run
}

/// What an example says when it fails.
fn refused(name: &str, arguments: &[&str]) -> String {
    let (succeeded, said) = run(name, arguments);
    assert!(!succeeded, "{name} {arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn layers(run: &Run) -> Vec<String> {
    run.layers().into_iter().map(|layer| layer.name).collect()
}

fn values(run: &Run, name: &str) -> Vec<(u32, String, f64)> {
    run.events(|event| match event {
        Event::LayerHealth(health) => {
            let value = health.values.get(name).copied().flatten()?;
            Some((health.epoch, health.layer.clone(), value))
        }
        _ => None,
    })
}

fn alerts(run: &Run, rule: &str) -> usize {
    let raised = |event: &Event| match event {
        Event::Alert(alert) => {
            (alert.rule == rule && alert.state == AlertState::Raised).then_some(())
        }
        _ => None,
    };
    run.events(raised).len()
}

#[test]
fn own_loop_ends_when_its_own_rule_says_so_and_tells_a_command() {
    let temp = tempfile::tempdir().unwrap();
    let (script, heard) = (temp.path().join("hear.sh"), temp.path().join("heard.json"));
    fs::write(&script, format!("cat >> '{}'", heard.display())).unwrap();
    let command = format!("sh {}", script.display());
    let arguments = ["--epochs", "20", "--good-enough", "15", "--command", &command];
    let run = recorded("own-loop", &temp.path().join("run"), &arguments);
    let ends = run.events(|event| match event {
        Event::RunEnded(ended) => Some((ended.outcome, ended.reason.clone().unwrap_or_default())),
        _ => None,
    });
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].0, RunOutcome::Interrupted);
    assert!(ends[0].1.contains("good-enough"), "{ends:?}");
    assert_eq!(alerts(&run, "good-enough"), 1);
    assert_eq!(layers(&run), ["conv1", "conv2"]);
    let metrics = run.events(|event| match event {
        Event::Metric(metric) => Some(metric.name.clone()),
        _ => None,
    });
    assert!(metrics.contains(&"Loss".into()) && metrics.contains(&"Accuracy".into()));
    let heard = fs::read_to_string(heard).expect("the command was run");
    assert!(heard.contains("good-enough"), "{heard}");
}

#[test]
fn resnet_shows_its_blocks() {
    let temp = tempfile::tempdir().unwrap();
    let arguments = ["--width", "2", "--images", "24", "--epochs", "1"];
    let run = recorded("resnet", &temp.path().join("run"), &arguments);
    assert_eq!(run.analysed(), [0, 1].into());
    let layers = layers(&run);
    // The stem, and in each of the eight blocks a convolution and the sum, and the three shortcuts.
    for name in ["stem.conv", "blocks.0", "blocks.0.first.conv", "blocks.7"] {
        assert!(layers.iter().any(|layer| layer == name), "{name} in {layers:?}");
    }
    assert!(run.layers().iter().all(|layer| layer.receptive_field.is_some()));
}

#[test]
fn transfer_says_that_the_backbone_is_frozen() {
    let temp = tempfile::tempdir().unwrap();
    let first = temp.path().join("first");
    let arguments = ["--pretrain-images", "64", "--pretrain-epochs", "1", "--epochs", "2"];
    let run = recorded("transfer", &first, &arguments);
    let names = ["backbone.conv1", "backbone.conv2", "backbone.conv3"];
    assert_eq!(layers(&run), names);
    assert!(run.layers().iter().all(|layer| layer.frozen), "the page marks them");
    let statements = run.events(|event| match event {
        Event::Settling(settling) => Some(settling.statement.clone()),
        _ => None,
    });
    let last = statements.last().expect("a statement");
    assert!(
        last.starts_with("backbone.conv1, backbone.conv2 and backbone.conv3 are frozen"),
        "{last}"
    );
    let distances = values(&run, "distance_from_start");
    // Short epochs may be left out, the first and the last are not.
    for epoch in [0, 2] {
        assert_eq!(distances.iter().filter(|(at, ..)| *at == epoch).count(), 3, "{distances:?}");
    }
    assert!(distances.iter().all(|(.., distance)| *distance == 0.0), "{distances:?}");
    assert_eq!(alerts(&run, "stuck-at-start") + alerts(&run, "dead-filters"), 0);

    // The backbone that it has written, as somebody else's.
    let file = first.join("backbone.bpk");
    let again = ["--backbone", text(&file), "--epochs", "1"];
    let run = recorded("transfer", &temp.path().join("second"), &again);
    assert_eq!(run.analysed(), [0, 1].into());

    let others = ["other.bpk", "other.pt", "other.pth", "other.safetensors", "weights.txt"];
    let others = others.map(|name| temp.path().join(name));
    others.iter().for_each(|file| fs::write(file, "no weights").unwrap());
    for file in others.iter().chain([&temp.path().join("missing.bpk")]) {
        let said = refused("transfer", &["--backbone", text(file)]);
        assert!(said.contains("gives no weights for this backbone"), "{said}");
    }
}

fn features(run: &Run, epoch: u32) -> Vec<LayerFeatures> {
    run.events(|event| match event {
        Event::LayerFeatures(features) => (features.epoch == epoch).then(|| features.clone()),
        _ => None,
    })
}

/// The same weights and images show the same, whether training or not.
#[test]
fn inspect_sees_what_the_training_saw() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("trained");
    let trained = recorded("quickstart", &dir, &["--epochs", "2", "--no-tui", "--budget", "1"]);
    let checkpoint = |epoch: u32| dir.join(format!("checkpoint/model-{epoch}.bpk"));
    let (one, two) = (checkpoint(1), checkpoint(2));

    let arguments = ["--images", "digits", "--model", text(&one), text(&two)];
    let both = recorded("inspect", &temp.path().join("both"), &arguments);
    assert_eq!(both.analysed(), [1, 2].into());
    for epoch in [1, 2] {
        let seen = features(&both, epoch);
        assert_eq!(seen.len(), 4);
        assert_eq!(seen, features(&trained, epoch), "epoch {epoch}");
    }

    let arguments = ["--images", "digits", "--model", text(&two)];
    let single = recorded("inspect", &temp.path().join("single"), &arguments);
    assert_eq!(single.analysed(), [1].into());
    let pictures = |run: &Run, epoch| -> Vec<_> {
        features(run, epoch).into_iter().map(|features| features.atlas).collect()
    };
    assert_eq!(pictures(&single, 1), pictures(&trained, 2));

    // Any images, without classes: grey and small, as the network wants them.
    let photos = temp.path().join("photos");
    fs::create_dir(&photos).unwrap();
    for number in 0..8_u8 {
        let pixel = |x: u32, y: u32| Rgb([x as u8 * 6, y as u8 * 6, number * 30]);
        RgbImage::from_fn(40, 30, pixel).save(photos.join(format!("{number}.png"))).unwrap();
    }
    let common = ["--model", text(&two), "--images", text(&photos), "--side", "16"];
    let run = recorded(
        "inspect",
        &temp.path().join("photographs"),
        &[&common[..], &["--classes", "10"]].concat(),
    );
    assert_eq!(run.started().input_shape, [1, 16, 16]);
    assert_eq!(run.started().probe.atlas.count, 8);

    let (empty, noise) = (temp.path().join("empty"), temp.path().join("noise.bpk"));
    fs::create_dir(&empty).unwrap();
    fs::write(&noise, "no weights").unwrap();
    let missing = temp.path().join("missing.bpk");
    for (arguments, expected) in [
        (vec!["--model", text(&two), "--images", text(&photos)], "say it with `--classes`"),
        (vec!["--model", text(&two), "--images", text(&empty)], "no png or jpeg image"),
        (vec!["--model", text(&two), "--images", "nowhere"], "there is nothing at 'nowhere'"),
        (vec!["--model", text(&missing), "--images", "digits"], "there is no file"),
        (vec!["--model", text(&noise), "--images", "digits"], "is no file of weights"),
        (
            vec!["--model", text(&two), "--images", "digits", "--classes", "7"],
            "does not fit the quickstart's network with 7 classes",
        ),
    ] {
        let said = refused("inspect", &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn extension_adds_a_statistic_and_a_rule() {
    let temp = tempfile::tempdir().unwrap();
    let arguments = ["--epochs", "2", "--images", "64"];
    let run = recorded("extension", &temp.path().join("run"), &arguments);
    let colours = values(&run, "filter_colour");
    assert!(colours.iter().all(|(_, layer, _)| layer == "conv1"), "only it sees colours");
    let epochs: BTreeSet<_> = colours.iter().map(|(epoch, ..)| *epoch).collect();
    assert!(epochs.is_superset(&[0, 2].into()), "short epochs may be left out: {epochs:?}");
    // Random weights on three channels: 2/3 in the mean; 16 filters of 25 places are close to it.
    assert!((colours[0].2 - 2.0 / 3.0).abs() < 0.05, "{colours:?}");
    let lists = run.events(|event| match event {
        Event::Watchlist(list) => Some(list.clone()),
        _ => None,
    });
    let label = lists[0].statistics.iter().find(|statistic| statistic.name == "filter_colour");
    assert_eq!(label.expect("the statistic").label, "Colour of the filters");
    assert!(lists[0].rules.iter().any(|rule| rule.id == "colour-blind"));
}
