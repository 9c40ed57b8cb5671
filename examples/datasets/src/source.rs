use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

/// Where the pictures come from. Written `digits`, `shapes`, or the path of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The handwritten digits in the program, see [`crate::digits`].
    Digits,
    /// Drawn coloured figures, see [`crate::shapes`].
    Shapes,
    /// A folder with one sub-folder per class, see [`crate::folder`], or with CIFAR-10, see [`crate::cifar`].
    Folder(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    /// Anything but the two names is a path, so a misspelt name is reported by [`crate::load`] as a
    /// missing folder. A folder that is itself called `digits` is written `./digits`.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "digits" => Source::Digits,
            "shapes" => Source::Shapes,
            path => Source::Folder(path.into()),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Digits => f.write_str("digits"),
            Source::Shapes => f.write_str("shapes"),
            Source::Folder(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_told_apart() {
        let source = |text: &str| -> Source { text.parse().unwrap() };
        assert_eq!(source("digits"), Source::Digits);
        assert_eq!(source("shapes"), Source::Shapes);
        assert_eq!(source("./digits"), Source::Folder("./digits".into()));
        for text in ["digits", "shapes", "some/where"] {
            assert_eq!(source(text).to_string(), text);
        }
    }
}
