//! Why a part of the monitoring gave nothing, in words. What runs inside [`caught`] cannot hurt its
//! surroundings.

use spyhole_graph::GraphError;
use spyhole_graph::trial::{Panic, tried};
use spyhole_probe::ProbeError;

use crate::error::SpyholeError;

/// Why something gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// An error or a panic, in words.
    Failed(String),
    /// There is nothing to show, in words: a dead layer, too few images. Worth telling only to who has asked.
    Nothing(String),
    /// Somebody did not want it any longer.
    Cancelled,
}

impl From<ProbeError> for Failure {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Cancelled => Self::Cancelled,
            nothing @ (ProbeError::TooFewImages { .. }
            | ProbeError::NotFinite
            | ProbeError::Constant
            | ProbeError::NoLogits { .. }) => Self::Nothing(nothing.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<GraphError> for Failure {
    fn from(error: GraphError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<SpyholeError> for Failure {
    fn from(error: SpyholeError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs a part of the monitoring. A panic in it is a failure, and goes to the log with its place; the terminal is the
/// user's.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    tried(work).unwrap_or_else(|panic| {
        tracing::error!("a part of the monitoring panicked: {panic}");
        let Panic { message, .. } = panic;
        Err(Failure::Failed(format!("panicked: {message}")))
    })
}
