//! Checkpoints of the quickstart's network.

use std::path::{Path, PathBuf};

use burn::prelude::*;
use burn::store::ModuleRecord;

use crate::net::Net;

/// What was loaded.
pub struct Models {
    /// Colour channels that they take.
    pub channels: usize,
    /// Each with its epoch.
    pub checkpoints: Vec<(usize, Net)>,
}

/// Loads all files, or says which one does not fit, and why.
pub fn load(files: &[PathBuf], classes: usize) -> Result<Models, String> {
    let mut checkpoints: Vec<(usize, Net)> = vec![];
    let mut channels = None;
    for (place, file) in files.iter().enumerate() {
        let (found, net) = one(file, classes)?;
        if channels.is_some_and(|channels| channels != found) {
            let file = file.display();
            return Err(format!("'{file}' takes {found} channels, unlike the files before it"));
        }
        channels = Some(found);
        let epochs: Option<Vec<usize>> = files.iter().map(|file| epoch(file)).collect();
        checkpoints.push((epochs.map_or(place + 1, |epochs| epochs[place]), net));
    }
    Ok(Models { channels: channels.unwrap_or(3), checkpoints })
}

/// The number at the end of a name: 10 of `model-10.bpk`.
fn epoch(file: &Path) -> Option<usize> {
    let name = file.file_stem()?.to_str()?;
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok()
}

/// The network for colour images or for grey ones, whichever the file is for.
fn one(file: &Path, classes: usize) -> Result<(usize, Net), String> {
    let shown = file.display();
    if !file.is_file() {
        return Err(format!(
            "there is no file '{shown}'; expected weights that burn-train has saved"
        ));
    }
    let record = ModuleRecord::load(file).map_err(|error| {
        format!("'{shown}' is no file of weights ({error}); expected a .bpk file that burn-train has saved")
    })?;
    let device = Device::flex();
    let mut problems = vec![];
    for channels in [3, 1] {
        match Net::new(channels, classes, &device).try_load_record(record.clone()) {
            Ok(net) => return Ok((channels, net)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    // A file for another network fits neither; the shorter list of problems is that of the better guess.
    let problem = problems.into_iter().min_by_key(String::len).unwrap_or_default();
    Err(format!(
        "'{shown}' does not fit the quickstart's network with {classes} classes: {problem}. Is it from another \
         network, or has it another number of classes (`--classes`)?"
    ))
}

#[cfg(test)]
mod tests {
    use super::epoch;

    #[test]
    fn checkpoints_tell_their_epoch() {
        let cases = [
            ("runs/a/model-10.bpk", Some(10)),
            ("model-1.bpk", Some(1)),
            ("7.bpk", Some(7)),
            ("model.bpk", None),
            ("v2-model.bpk", None),
        ];
        for (file, expected) in cases {
            assert_eq!(epoch(file.as_ref()), expected, "{file}");
        }
    }
}
