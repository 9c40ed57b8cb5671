use crate::DataError;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const TRAIN: &str = "train";
/// Names of the validation part; the first that is there is taken.
const VALID: [&str; 4] = ["valid", "val", "validation", "test"];
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// What was found under a path; no image has been opened yet.
pub(super) struct Layout {
    /// Two classes or more, sorted by name, each with images.
    pub(super) train: Vec<Class>,
    /// The same for validation, if the folder has such a part; all its classes are in `train`.
    pub(super) valid: Option<Vec<Class>>,
    pub(super) warnings: Vec<String>,
}

/// A class and its image files, sorted by name.
pub(super) struct Class {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) images: Vec<PathBuf>,
}

/// Finds the classes and image files under `path`. Looks at most three levels deep and never follows
/// folders further, so links in circles do no harm.
pub(super) fn find(path: &Path) -> Result<Layout, DataError> {
    if !path.is_dir() {
        let path = path.into();
        return Err(match fs::metadata(&path) {
            Ok(_) => DataError::NotAFolder { path },
            Err(error) if error.kind() == io::ErrorKind::NotFound => DataError::Missing { path },
            Err(reason) => DataError::Unreadable { path, reason },
        });
    }
    let mut warnings = Vec::new();
    let train_folder = path.join(TRAIN);
    let parted = train_folder.is_dir() && has_folders(&train_folder)?;
    let train_folder = if parted { train_folder } else { path.into() };
    let train = classes(&train_folder, &mut warnings)?;
    if let [class] = train.as_slice() {
        return Err(DataError::OneClass { path: train_folder, class: class.name.clone() });
    }
    let valid_folder = VALID.iter().map(|name| path.join(name)).find(|path| path.is_dir());
    let valid = match valid_folder.filter(|_| parted) {
        Some(folder) => Some(valid_classes(&folder, &train_folder, &train, &mut warnings)?),
        None => None,
    };
    Ok(Layout { train, valid, warnings })
}

/// The image files directly in a folder, or in its sub-folders if there are none; sorted by name, perhaps none.
pub(super) fn images(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let entries = visible(folder)?;
    let direct: Vec<PathBuf> = entries.iter().filter(|path| is_image(path)).cloned().collect();
    if !direct.is_empty() {
        return Ok(direct);
    }
    let mut found = Vec::new();
    for folder in entries.iter().filter(|path| path.is_dir()) {
        found.extend(visible(folder)?.into_iter().filter(|path| is_image(path)));
    }
    Ok(found)
}

/// The last part of a path, for people to read.
pub(super) fn name_of(path: &Path) -> String {
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let name = whole.file_name().unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}

fn valid_classes(
    folder: &Path,
    train_folder: &Path,
    train: &[Class],
    warnings: &mut Vec<String>,
) -> Result<Vec<Class>, DataError> {
    let valid = classes(folder, warnings)?;
    let has = |classes: &[Class], name: &str| classes.iter().any(|class| class.name == name);
    if let Some(class) = valid.iter().find(|class| !has(train, &class.name)) {
        return Err(DataError::ClassNotTrained {
            class: class.name.clone(),
            valid: folder.into(),
            train: train_folder.into(),
        });
    }
    for class in train.iter().filter(|class| !has(&valid, &class.name)) {
        let (name, folder) = (&class.name, folder.display());
        warnings.push(format!("class '{name}' has no images in '{folder}': it is never validated"));
    }
    Ok(valid)
}

/// The classes in a folder: its sub-folders with images. At least one, or an error.
fn classes(folder: &Path, warnings: &mut Vec<String>) -> Result<Vec<Class>, DataError> {
    let mut classes = Vec::new();
    let folders = visible(folder)?.into_iter().filter(|path| path.is_dir());
    // Without class folders in them, the parts of a data set are not classes themselves.
    let is_part = |path: &PathBuf| {
        let name = entry_name(path);
        name == TRAIN || VALID.contains(&name.as_str())
    };
    let folders: Vec<PathBuf> = folders.collect();
    if folders.iter().all(is_part) {
        return Err(DataError::NoClasses { path: folder.into() });
    }
    for folder in folders {
        let images: Vec<PathBuf> =
            visible(&folder)?.into_iter().filter(|path| is_image(path)).collect();
        if images.is_empty() {
            let folder = folder.display();
            warnings.push(format!("'{folder}' has no png or jpeg images directly in it: no class"));
        } else {
            classes.push(Class { name: entry_name(&folder), folder, images });
        }
    }
    if classes.is_empty() {
        return Err(DataError::NoImages { path: folder.into() });
    }
    Ok(classes)
}

fn has_folders(folder: &Path) -> Result<bool, DataError> {
    Ok(visible(folder)?.iter().any(|path| path.is_dir()))
}

/// What a folder holds, without hidden entries, sorted by name.
fn visible(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths =
        list().map_err(|reason| DataError::Unreadable { path: folder.into(), reason })?;
    paths.retain(|path| !entry_name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

/// A regular file with an image's extension. A pipe or a device by such a name would block, so it is none.
fn is_image(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str())) && path.is_file()
}

/// The name of a directory's entry; unlike [`name_of`] a link keeps its own.
fn entry_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
