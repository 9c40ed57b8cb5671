//! rerun's own programs, from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of the Python environment that `tests/run.sh` makes: `python`, `rerun`.
///
/// # Panics
/// When it is not there.
pub fn program(name: &str) -> PathBuf {
    let path = environment().join("bin").join(name);
    assert!(
        path.exists(),
        "{} is missing: `bash tests/run.sh` makes it, or by hand `python3 -m venv {}` and \
         `{0} -m pip install 'rerun-sdk[datafusion]=={}' pillow`",
        path.display(),
        environment().display(),
        spyhole_sink::rerun::VERSION
    );
    path
}

/// The viewer itself, without the Python program that starts it.
///
/// # Panics
/// When it is not there.
pub fn viewer() -> PathBuf {
    let script =
        "import os, rerun_cli; print(os.path.join(os.path.dirname(rerun_cli.__file__), 'rerun'))";
    let output = Command::new(program("python")).args(["-c", script]).output();
    let output = output.unwrap_or_else(|error| panic!("python: {error}"));
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    assert!(path.exists(), "no viewer: {}", String::from_utf8_lossy(&output.stderr));
    path
}

/// The folder of the programs, for the PATH.
pub fn folder() -> PathBuf {
    environment().join("bin")
}

fn environment() -> PathBuf {
    let made = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/rerun-venv");
    std::env::var_os("RERUN_VENV").map_or_else(made, PathBuf::from)
}
