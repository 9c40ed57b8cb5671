//! The programs as a user starts them.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// Path of a program of this workspace, built if it is not.
///
/// # Panics
/// When it cannot be built.
pub fn path(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        // With the examples, the features are those of `cargo test --workspace`, dev-dependencies
        // included: Burn is not compiled a second time.
        let features =
            if cfg!(feature = "rerun") { include_str!("../features").trim() } else { "" };
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--workspace", "--bins", "--examples"])
            .args(["--features", features])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the programs could not be built");
    });
    // target/debug/deps/this_test → target/debug/NAME
    let test = std::env::current_exe().unwrap_or_default();
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap_or(&test);
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A program that runs in the background and is killed when dropped.
#[derive(Debug)]
pub struct Running {
    /// The process.
    pub child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a program.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(path(name));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = child.stdout.take().unwrap_or_else(|| panic!("{name} has no output"));
        Self { child, output: BufReader::new(output) }
    }

    /// Reads lines until one contains `words`, and returns it.
    ///
    /// # Panics
    /// When the program ends before.
    pub fn wait_for(&mut self, words: &str) -> String {
        let mut all = String::new();
        loop {
            let start = all.len();
            let read = self.output.read_line(&mut all).unwrap_or(0);
            assert!(read > 0, "the program ended without saying {words:?}, but:\n{all}");
            if all[start..].contains(words) {
                return all[start..].trim_end().to_owned();
            }
        }
    }

    /// The dashboard's address, which the program prints.
    pub fn url(&mut self) -> String {
        let line = self.wait_for("http://");
        line.split_whitespace().find(|word| word.starts_with("http")).unwrap_or("").to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end: whether it succeeded, and all that it said.
///
/// # Panics
/// When it cannot be started.
pub fn run(name: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(path(name)).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
