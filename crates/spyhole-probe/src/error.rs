use burn::tensor::DataError;
use spyhole_graph::GraphError;
use thiserror::Error;

/// What can go wrong in an analysis.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The graph could not be computed or projected.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Results could not be read back from the device.
    #[error("results could not be read back from the device: {0}")]
    Data(#[from] DataError),
    /// A parameter that an analysis needs is missing or has an unexpected shape.
    #[error("parameter `{path}` should have shape [filters, channels, height, width], got {got:?}")]
    FilterShape {
        /// Path of the parameter.
        path: String,
        /// Its shape; empty if there is no such parameter.
        got: Vec<usize>,
    },
}
