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
    /// A group of images does not have one identity for each image.
    #[error("a group of {images} images came with the identities of {given}")]
    Identities {
        /// How many images there are.
        images: usize,
        /// How many identities were given.
        given: usize,
    },
    /// The one who asked wants no more.
    #[error("cancelled")]
    Cancelled,
}
