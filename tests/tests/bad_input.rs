//! What is wrong before the first training step is an error that says what was expected.

use std::path::Path;

use burn::prelude::*;
use end_to_end::data::{SIDE, images};
use end_to_end::net::Residual;
use spyhole::{ProbeSet, Spyhole, SpyholeError};

/// Builds a spyhole and watches a model with it; returns the error's text.
fn error_of(
    dir: &Path,
    probe: ProbeSet,
    forward: impl Fn(&Residual, Tensor<4>) -> Tensor<2>,
) -> String {
    let watch = |spyhole: Spyhole| {
        let net = Residual::new(&Device::flex());
        spyhole.watch(&net, forward).map(|_| ())
    };
    let outcome: Result<(), SpyholeError> = Spyhole::builder(dir, probe).build().and_then(watch);
    outcome.map_or_else(|error| error.to_string(), |()| "no error".into())
}

#[test]
fn wrong_configurations_are_errors_that_say_what_was_expected() {
    let device = Device::flex();
    let zeros = |shape: [usize; 4]| Tensor::<4>::zeros(shape, &device);
    let good = || ProbeSet::new(images(2));
    type Forward = fn(&Residual, Tensor<4>) -> Tensor<2>;
    let plain: Forward = |net, x| net.forward(x);
    let reading: Forward = |net, x| {
        let _ = x.clone().into_data();
        net.forward(x)
    };
    let elsewhere: Forward = |net, x| net.forward(x + Tensor::ones([1, 3, 1, 1], &Device::flex()));
    let opinionated: Forward = |net, x| {
        assert_eq!(x.dims()[2], 32, "this network wants 32 pixels");
        net.forward(x)
    };
    let nothing: Forward = |_, x| x.flatten(1, 3);
    let hidden: Forward = |net, x| net.forward(x.cumsum(2));
    let cases: [(&str, ProbeSet, Forward, &[&str]); 12] = [
        ("no images", ProbeSet::new(zeros([0, 3, SIDE, SIDE])), plain, &["no probe images"]),
        (
            "channels",
            ProbeSet::new(zeros([2, 1, SIDE, SIDE])),
            plain,
            &["[2, 1, 16, 16]", "channels"],
        ),
        (
            "NaN",
            ProbeSet::new(zeros([2, 3, SIDE, SIDE]) / 0.0),
            plain,
            &["probe image 0", "finite"],
        ),
        ("labels", good().labels([0, 1, 2]), plain, &["3 labels for 2 probe images"]),
        ("classes", good().labels([0, 5]).class_names(["a"]), plain, &["label 5", "1 class names"]),
        ("normalisation", good().normalisation([0.5], [0.5]), plain, &["1 means", "3 channels"]),
        ("deviation", good().normalisation([0.5; 3], [0.0; 3]), plain, &["above zero"]),
        ("reads values", good(), reading, &["reads the numbers in a tensor", "into_data"]),
        ("other device", good(), elsewhere, &["another device", "images.device()"]),
        (
            "its own panic",
            good(),
            opinionated,
            &["[2, 3, 16, 16]", "wants 32 pixels", "bad_input.rs"],
        ),
        ("no convolution", good(), nothing, &["no two-dimensional convolution"]),
        (
            "all unsupported",
            good(),
            hidden,
            &["stem.conv, ", "are behind CumSum. ", "leave it out"],
        ),
    ];
    let temp = tempfile::tempdir().unwrap();
    for (name, probe, forward, expected) in cases {
        let error = error_of(&temp.path().join(name), probe, forward);
        for words in expected {
            assert!(error.contains(words), "{name}: {words:?} is not in {error:?}");
        }
    }
}

#[test]
fn wrong_places_are_errors_that_say_what_was_expected() {
    let temp = tempfile::tempdir().unwrap();
    let build = |dir: &Path, port| {
        let built = Spyhole::builder(dir, ProbeSet::new(images(1))).port(port).build();
        built.map_err(|error| error.to_string())
    };
    assert!(build(Path::new(""), 0).unwrap_err().contains("empty path"));
    let file = temp.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(build(&file, 0).unwrap_err().contains("is not a directory"));

    let first = build(&temp.path().join("first"), 0).unwrap();
    let in_use = build(&temp.path().join("first"), 0).unwrap_err();
    assert!(in_use.contains("in use"), "{in_use}");

    let port = first.url().unwrap().split([':', '/']).nth(4).unwrap().parse().unwrap();
    let taken = build(&temp.path().join("second"), port).unwrap_err();
    assert!(taken.contains(&format!("port {port}")) && taken.contains("--port 0"), "{taken}");

    // Nothing of all this is left behind: both places can be used now.
    drop(first);
    build(&temp.path().join("first"), port).unwrap();

    let net = Residual::new(&Device::flex());
    let spyhole = build(&temp.path().join("third"), 0).unwrap();
    let watch = spyhole.watch(&net, |net, x| net.forward(x)).unwrap();
    let twice = spyhole.watch(&net, |net, x| net.forward(x)).expect_err("an error");
    assert!(twice.to_string().contains("already"), "{twice}");
    watch.finish();
}
