use std::path::PathBuf;

/// The folders that [`crate::folder`] understands, in words, for messages.
macro_rules! layout {
    () => {
        "expected one sub-folder per class with png or jpeg images directly in it: either \
         PATH/CLASS/*.jpg, or PATH/train/CLASS/*.jpg and PATH/valid/CLASS/*.jpg"
    };
}

/// Why a data set could not be loaded, with what was expected instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Nothing is at the given path.
    #[error(
        "there is nothing at '{}'; the data is 'digits', 'shapes' or the path of a folder of images ({})",
        .path.display(), layout!()
    )]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The path is a file.
    #[error("'{}' is not a folder; {}", .path.display(), layout!())]
    NotAFolder {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder could not be listed.
    #[error("cannot read the folder '{}': {reason}; check its permissions", .path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        reason: std::io::Error,
    },
    /// The folder has no class sub-folders.
    #[error("no class sub-folders in '{}'; {}", .path.display(), layout!())]
    NoClasses {
        /// The folder searched.
        path: PathBuf,
    },
    /// There are class sub-folders, all without images.
    #[error("no png or jpeg images in the sub-folders of '{}'; {}", .path.display(), layout!())]
    NoImages {
        /// The folder searched.
        path: PathBuf,
    },
    /// No image to look at.
    #[error(
        "no png or jpeg image can be read in '{}' or directly in its sub-folders ({found} found); put some \
         there", .path.display()
    )]
    NoPictures {
        /// The folder searched.
        path: PathBuf,
        /// Image files found, none of them readable.
        found: usize,
    },
    /// CIFAR-10's files are not as they should be.
    #[error("'{}': {problem}; expected CIFAR-10 in its binary version, of 3073 bytes per image", .path.display())]
    Cifar {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// One class: nothing to tell apart.
    #[error(
        "only one class, '{class}', has images in '{}', and telling classes apart takes two; {}",
        .path.display(), layout!()
    )]
    OneClass {
        /// The folder searched.
        path: PathBuf,
        /// The only class.
        class: String,
    },
    /// A validation class that is not trained on.
    #[error(
        "class '{class}' is in '{}' but not in '{}'; every class to validate must be trained on: add \
         training images of it, or remove it", .valid.display(), .train.display()
    )]
    ClassNotTrained {
        /// The class.
        class: String,
        /// The folder of validation classes.
        valid: PathBuf,
        /// The folder of training classes.
        train: PathBuf,
    },
    /// Every image of a class is corrupt.
    #[error(
        "none of the {count} images in '{}' can be read; the first, '{first}': {reason}; replace them, or \
         remove the folder", .path.display()
    )]
    AllCorrupt {
        /// The class's folder.
        path: PathBuf,
        /// How many images were tried.
        count: usize,
        /// The first one's file name.
        first: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No class has a second image, so none can be held out.
    #[error(
        "no class in '{}' has more than one readable image, so none can be held out for validation; add \
         images", .path.display()
    )]
    NothingToValidate {
        /// The folder searched.
        path: PathBuf,
    },
    /// Images of no size were asked for.
    #[error("images of side 0 were asked for; the side must be at least 1 pixel")]
    NoSide,
    /// The digits in the program are damaged: a broken build.
    #[error(
        "line {line} of digits.csv is not a digit and 64 numbers from 0 to 16; restore the file"
    )]
    Digits {
        /// Line number, from 1.
        line: usize,
    },
    /// A picture or folder could not be written.
    #[error("cannot write '{}': {reason}", .path.display())]
    Unwritable {
        /// What was being written.
        path: PathBuf,
        /// What went wrong.
        reason: image::ImageError,
    },
}
