//! CIFAR-10 in its binary version: 60,000 colour photographs of 32×32 pixels in ten classes, from A. Krizhevsky,
//! *Learning Multiple Layers of Features from Tiny Images* (2009). The folder `cifar-10-batches-bin` holds
//!
//! ```text
//! data_batch_1.bin … data_batch_5.bin   to train on
//! test_batch.bin                        held out
//! batches.meta.txt                      the names of the classes, one a line
//! ```
//!
//! Every image is 3073 bytes: its class, then its red, its green and its blue pixels, row by row. As pictures they take
//! 12 KiB each, 720 MiB in all.

use crate::{DataError, DataSet, Picture, statistics::per_channel};
use std::{
    fs,
    path::{Path, PathBuf},
};

const SHAPE: [usize; 3] = [3, 32, 32];
const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const RECORD: usize = 1 + SHAPE[0] * SHAPE[1] * SHAPE[2];
const HELD_OUT: &str = "test_batch.bin";

/// Whether a folder looks like CIFAR-10's.
pub fn is_in(path: &Path) -> bool {
    part(path, 1).is_file()
}

/// Loads CIFAR-10, as many of its five parts as there are.
pub fn load(path: &Path) -> Result<DataSet, DataError> {
    let mut train = Vec::new();
    for file in (1..=5).map(|number| part(path, number)).filter(|file| file.is_file()) {
        train.extend(pictures(&file)?);
    }
    if train.is_empty() {
        return Err(bad(path, "there is no image in data_batch_1.bin"));
    }
    let valid = pictures(&path.join(HELD_OUT))?;
    if valid.is_empty() {
        return Err(bad(path, "there is no image in test_batch.bin"));
    }
    let (mean, deviation) = per_channel(&train, SHAPE);
    Ok(DataSet {
        name: "cifar-10".into(),
        shape: SHAPE,
        class_names: CLASSES.map(str::to_owned).to_vec(),
        train,
        valid,
        mean,
        deviation,
        warnings: Vec::new(),
    })
}

fn part(path: &Path, number: usize) -> PathBuf {
    path.join(format!("data_batch_{number}.bin"))
}

fn bad(path: &Path, problem: impl Into<String>) -> DataError {
    DataError::Cifar { path: path.into(), problem: problem.into() }
}

fn pictures(file: &Path) -> Result<Vec<Picture>, DataError> {
    let bytes = fs::read(file).map_err(|error| bad(file, format!("cannot be read: {error}")))?;
    if !bytes.len().is_multiple_of(RECORD) {
        return Err(bad(file, format!("its {} bytes are not whole images", bytes.len())));
    }
    let records = bytes.chunks_exact(RECORD).enumerate();
    let picture = |(place, record): (usize, &[u8])| {
        let label = usize::from(record[0]);
        if label >= CLASSES.len() {
            return Err(bad(file, format!("image {place} has the class {label}, of 0 to 9")));
        }
        let pixels = record[1..].iter().map(|&value| f32::from(value) / 255.0).collect();
        Ok(Picture { pixels, label })
    };
    records.map(picture).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images whose red, green and blue are `[label, 128, 255]`.
    fn file(labels: &[u8]) -> Vec<u8> {
        let image = |&label: &u8| {
            let planes = [label, 128, 255].into_iter().flat_map(|value| [value; 32 * 32]);
            std::iter::once(label).chain(planes).collect::<Vec<u8>>()
        };
        labels.iter().flat_map(image).collect()
    }

    #[test]
    fn images_are_read_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_in(dir.path()));
        fs::write(dir.path().join("data_batch_1.bin"), file(&[3, 9])).unwrap();
        fs::write(dir.path().join("data_batch_4.bin"), file(&[0])).unwrap();
        fs::write(dir.path().join(HELD_OUT), file(&[7])).unwrap();
        assert!(is_in(dir.path()));
        let set = crate::load(&crate::Source::Folder(dir.path().into()), 1).unwrap();
        let labels: Vec<usize> = set.train.iter().map(|picture| picture.label).collect();
        assert_eq!((labels, set.valid[0].label, set.shape), (vec![3, 9, 0], 7, [3, 32, 32]));
        let of = |at: usize| set.train[1].pixels[at * 1024];
        assert_eq!([of(0), of(1), of(2)], [9.0 / 255.0, 128.0 / 255.0, 1.0]);
        assert_eq!(set.class_names[7], "horse");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cases: [(&str, Vec<u8>, &str); 3] = [
            ("data_batch_1.bin", vec![0; 100], "100 bytes are not whole images"),
            ("data_batch_1.bin", file(&[11]), "image 0 has the class 11"),
            ("test_batch.bin", vec![], "no image in test_batch.bin"),
        ];
        for (name, bytes, expected) in cases {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("data_batch_1.bin"), file(&[1])).unwrap();
            fs::write(dir.path().join(HELD_OUT), file(&[1])).unwrap();
            fs::write(dir.path().join(name), bytes).unwrap();
            let error = load(dir.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("data_batch_1.bin"), file(&[1])).unwrap();
        assert!(load(dir.path()).unwrap_err().to_string().contains("cannot be read"));
    }
}
