use std::fmt;
use std::io;
use std::path::PathBuf;

/// What can be wrong with rules and actions. All of it is found before the training starts; the texts
/// are for users: where, what is wrong, what was expected, and what was probably meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The file cannot be read.
    #[error("cannot read the alert file {}: {source}; check the path and that it is a text file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// Another error, and where in a file it is.
    #[error("{place}: {error}")]
    At {
        /// Where.
        place: Place,
        /// What.
        error: Box<AlertError>,
    },

    /// The text is not TOML.
    #[error("this is not valid TOML: {0}")]
    Syntax(String),

    /// A key that nobody reads.
    #[error("{section}: unknown key `{key}`; {hint}")]
    UnknownKey {
        /// The rule or the table that it stands in.
        section: String,
        /// The key.
        key: String,
        /// What was probably meant, and what there is.
        hint: String,
    },

    /// A value of the wrong kind.
    #[error("{section}: `{key}` is {found}; expected {expected}")]
    WrongValue {
        /// The rule or the table that it stands in.
        section: String,
        /// The key.
        key: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },

    /// A rule is asked for that does not exist.
    #[error("{wanted_for}: there is no rule `{rule}`; {hint}")]
    UnknownRule {
        /// Who asks for it.
        wanted_for: String,
        /// The rule's name.
        rule: String,
        /// What was probably meant, and what there is.
        hint: String,
    },

    /// A new rule does not say enough.
    #[error("rule `{rule}`: a new rule needs {missing}{hint}")]
    Incomplete {
        /// The rule's name.
        rule: String,
        /// What is missing.
        missing: &'static str,
        /// Which rule was probably meant to be changed instead; may be empty.
        hint: String,
    },

    /// A rule looks at something that is not measured.
    #[error("rule `{rule}`: unknown metric `{metric}`; {hint}")]
    UnknownMetric {
        /// The rule's name.
        rule: String,
        /// The metric's name.
        metric: String,
        /// What was probably meant, and what there is.
        hint: String,
    },

    /// A statistic that cannot be added.
    #[error("statistic `{name}`: {problem}")]
    BadStatistic {
        /// Its name.
        name: String,
        /// What is wrong with it, and what was expected.
        problem: &'static str,
    },

    /// A pattern that fits none of the model's layers.
    #[error("rule `{rule}`: no layer matches `{pattern}`; {hint}")]
    UnknownLayer {
        /// The rule's name.
        rule: String,
        /// The pattern.
        pattern: String,
        /// What was probably meant, and what there is.
        hint: String,
    },

    /// A rule contradicts itself or others.
    #[error("rule `{rule}`: {problem}")]
    BadRule {
        /// The rule's name.
        rule: String,
        /// What is wrong, and what was expected.
        problem: String,
    },

    /// An action cannot be carried out.
    #[error("{section}: {problem}")]
    BadAction {
        /// Which kind of action.
        section: &'static str,
        /// What is wrong, and what was expected.
        problem: &'static str,
    },
}

impl AlertError {
    /// Says where the error is; one that says so already is left alone.
    pub(crate) fn at(self, place: Option<&Place>) -> Self {
        match (self, place) {
            (error @ (Self::At { .. } | Self::Read { .. }), _) | (error, None) => error,
            (error, Some(place)) => Self::At { place: place.clone(), error: Box::new(error) },
        }
    }
}

/// A line of a file, or of a text that has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, if it is one.
    pub file: Option<PathBuf>,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}, ", file.display())?;
        }
        write!(f, "line {}", self.line)
    }
}
