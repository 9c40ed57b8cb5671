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
    /// A square does not fit the image.
    #[error(
        "a square of {size:?} pixels (height, width), {stride:?} pixels apart, does not fit an image of {image:?} \
         pixels: its sides must be 1 to the image's, and the strides at least 1"
    )]
    Square {
        /// `[height, width]` of the square.
        size: [usize; 2],
        /// How far squares lie apart, down and across.
        stride: [usize; 2],
        /// `[height, width]` of the image.
        image: [usize; 2],
    },
    /// A grey has another number of channels than the image.
    #[error("the images have {expected} channels, but the grey to fill a square with has {got}")]
    FillChannels {
        /// Channels of the image.
        expected: usize,
        /// Channels of the grey.
        got: usize,
    },
    /// The model's output does not tell classes apart.
    #[error(
        "the model's output for one image has shape {shape:?}, not [classes] with at least two"
    )]
    NoClasses {
        /// Its shape for one image; empty if images are not on its first axis.
        shape: Vec<usize>,
    },
    /// Something is NaN or infinite.
    #[error("{what} is not finite; have the weights diverged?")]
    NotFinite {
        /// What it is, `layer \`stem\`` for example.
        what: String,
    },
    /// Whoever asked for it has stopped it.
    #[error("was cancelled")]
    Cancelled,
}
