//! The command with runs of other versions: an old one is shown, a newer one is refused.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const FIXTURE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vocabulary-1-first/run.sqlite");

fn view(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spyhole"));
    command.arg("view").arg(dir);
    command
}

#[test]
fn an_old_run_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(FIXTURE, dir.path().join("run.sqlite")).unwrap();
    let mut child = view(dir.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let shown = lines.any(|line| line.starts_with("Dashboard:"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(shown);
}

#[test]
fn a_newer_run_is_refused_politely() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("run.sqlite");
    let mut bytes = fs::read(FIXTURE).unwrap();
    // The version stands in the file as text behind its key.
    let key = b"protocol1";
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    bytes[at + key.len() - 1] = b'9';
    fs::write(&file, &bytes).unwrap();
    let output = view(dir.path()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    for part in ["newer spyhole", "vocabulary is version 9", "update spyhole", "left as it is"] {
        assert!(stderr.contains(part), "{part:?} is not in {stderr:?}");
    }
    assert_eq!(fs::read(&file).unwrap(), bytes);
}
