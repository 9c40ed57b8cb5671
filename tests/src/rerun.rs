//! rerun's own programs, from PyPI, and a screen for them.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that ends when the test does, however that ends.
#[derive(Debug)]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A screen of 1400 × 900 pixels that is not there. Windows on it go with it.
#[derive(Debug)]
pub struct Screen {
    _server: Running,
    /// For the variable `DISPLAY`.
    pub display: String,
}

impl Screen {
    /// Starts one.
    ///
    /// # Panics
    /// When Xvfb is not there or does not start.
    pub fn start() -> Self {
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = server.unwrap_or_else(|error| {
            panic!("Xvfb, which `bash tests/run.sh` installs, does not start: {error}")
        });
        let mut number = String::new();
        if let Some(output) = server.stdout.take() {
            let read = BufReader::new(output).read_line(&mut number);
            assert!(read.is_ok_and(|bytes| bytes > 1), "Xvfb found no free display");
        }
        Self { _server: Running(server), display: format!(":{}", number.trim()) }
    }
}

/// A port of the loopback on which nobody listens.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
    listener.expect("the loopback has a free port").port()
}

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
