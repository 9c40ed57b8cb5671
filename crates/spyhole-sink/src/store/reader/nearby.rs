//! Runs near a directory that has none.

use std::path::{Path, PathBuf};

use crate::store::stores_in;

/// Directories in `dir` with a run in them, sorted.
pub(crate) fn runs_in(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut runs: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| stores_in(path).iter().any(|store| store.is_file()))
        .collect();
    runs.sort();
    runs
}

/// A hint for who gave the parent of a run, or a wrong name beside the right one.
pub(super) fn hint(dir: &Path) -> String {
    let missing = if dir.exists() { "" } else { "; the directory does not exist" };
    let mut runs = runs_in(dir);
    if runs.is_empty()
        && let Some(parent) = dir.parent()
    {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        runs = runs_in(parent);
    }
    let names: Vec<_> = runs.iter().map(|path| path.display().to_string()).collect();
    match names.len() {
        0 => missing.into(),
        1..=3 => format!("{missing}; did you mean {}?", names.join(" or ")),
        more => {
            format!("{missing}; did you mean one of {more} runs, {} for example?", names[0])
        }
    }
}
