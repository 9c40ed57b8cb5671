//! The user's own images, in one sub-folder per class:
//!
//! ```text
//! PATH/CLASS/*.jpg                                      a fifth of every class is held out, or
//! PATH/train/CLASS/*.jpg and PATH/valid/CLASS/*.jpg     as given (val, validation, test mean the same)
//! ```
//!
//! png and jpeg of any size and mode become RGB of one side, see [`SIDE`]: turned as their EXIF data say,
//! laid on white where transparent, cropped to the central square, resized. An image that cannot be read
//! is left out and named in [`DataSet::warnings`]. Hidden files, files with other extensions and deeper
//! folders are passed over. Everything is sorted by name, so the order is the same everywhere. All
//! pictures are held in memory: 48 KiB each at the default side.

mod layout;
mod read;

use crate::{DataError, DataSet, Picture, split::split, statistics::per_channel};
use layout::{Class, Layout};
use std::path::Path;

/// Default side in pixels of the pictures made from images. Larger shows more detail and costs time and
/// memory with its square.
pub const SIDE: usize = 64;

/// Loads the images under `path` as RGB pictures of `side`×`side`, 0 to 1. `seed` decides which fifth is
/// held out when the folder has no validation part of its own.
pub fn load(path: &Path, side: usize, seed: u64) -> Result<DataSet, DataError> {
    if side == 0 {
        return Err(DataError::NoSide);
    }
    let Layout { train, valid, mut warnings } = layout::find(path)?;
    let class_names: Vec<String> = train.iter().map(|class| class.name.clone()).collect();
    let mut read = |classes: &[Class]| pictures(classes, &class_names, side, &mut warnings);
    let first = read(&train)?;
    let second = valid.as_deref().map(&mut read).transpose()?;
    let (train, valid) = match second {
        Some(second) => (first, second),
        None => split(first, class_names.len(), seed),
    };
    if valid.is_empty() {
        return Err(DataError::NothingToValidate { path: path.into() });
    }
    let shape = [3, side, side];
    let (mean, deviation) = per_channel(&train, shape);
    let name = layout::name_of(path);
    Ok(DataSet { name, shape, class_names, train, valid, mean, deviation, warnings })
}

/// Loads all images that lie directly in a folder, or directly in its sub-folders if none does, without classes; all
/// of them are held out. For looking at a network that is not trained.
pub fn unlabelled(path: &Path, side: usize) -> Result<DataSet, DataError> {
    if side == 0 {
        return Err(DataError::NoSide);
    }
    let files = layout::images(path)?;
    let (mut valid, mut warnings) = (Vec::new(), Vec::new());
    for file in &files {
        match read::pixels(file, side) {
            Ok(pixels) => valid.push(Picture { pixels, label: 0 }),
            Err(reason) => warnings
                .push(format!("'{}' cannot be read and is left out: {reason}", file.display())),
        }
    }
    if valid.is_empty() {
        return Err(DataError::NoPictures { path: path.into(), found: files.len() });
    }
    let shape = [3, side, side];
    let (mean, deviation) = per_channel(&valid, shape);
    let (name, class_names, train) = (layout::name_of(path), Vec::new(), Vec::new());
    Ok(DataSet { name, shape, class_names, train, valid, mean, deviation, warnings })
}

/// Reads all images of the classes. A class none of whose images can be read is an error; otherwise the
/// ones that cannot be read become warnings.
fn pictures(
    classes: &[Class],
    class_names: &[String],
    side: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<Picture>, DataError> {
    let mut pictures = Vec::new();
    for (class, label) in classes.iter().filter_map(|class| {
        class_names.iter().position(|name| *name == class.name).map(|label| (class, label))
    }) {
        let mut failures = Vec::new();
        for file in &class.images {
            match read::pixels(file, side) {
                Ok(pixels) => pictures.push(Picture { pixels, label }),
                Err(reason) => failures.push((file, reason)),
            }
        }
        if let [(file, reason), ..] = failures.as_slice()
            && failures.len() == class.images.len()
        {
            return Err(DataError::AllCorrupt {
                path: class.folder.clone(),
                count: failures.len(),
                first: layout::name_of(file),
                reason: reason.clone(),
            });
        }
        warnings.extend(failures.into_iter().map(|(file, reason)| {
            format!("'{}' cannot be read and is left out: {reason}", file.display())
        }));
    }
    Ok(pictures)
}
