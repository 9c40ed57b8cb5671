//! Why a part of the monitoring gave nothing, in words. What runs inside [`caught`] cannot hurt its
//! surroundings.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use spyhole_graph::GraphError;
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

pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|panic| Err(Failure::Failed(panic_text(&*panic))))
}

/// The text of a panic.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.map_or("panicked without a message".into(), |text| format!("panicked: {text}"))
}
