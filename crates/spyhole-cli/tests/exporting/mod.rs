//! `spyhole export` as users run it.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

pub fn spyhole() -> Command {
    Command::new(env!("CARGO_BIN_EXE_spyhole"))
}

/// Exports without a report.
pub fn export(run: &Path, out: &Path, more: &[&str]) -> Output {
    spyhole()
        .arg("export")
        .arg(run)
        .arg("--out")
        .arg(out)
        .arg("--no-report")
        .args(more)
        .output()
        .unwrap()
}

pub fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn failed(output: &Output, expected: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    for part in expected {
        assert!(stderr.contains(part), "{part:?} is not in {stderr:?}");
    }
}

/// All files below a directory, by their paths in it.
pub fn files(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let path = path.strip_prefix(dir).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(path);
            }
        }
    }
    found
}
