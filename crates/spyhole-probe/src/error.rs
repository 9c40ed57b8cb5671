use burn::tensor::DataError;
use spyhole_graph::GraphError;
use thiserror::Error;

/// What can go wrong in an analysis.
#[derive(Debug, Error)]
#[non_exhaustive]
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
    /// The model's output is not one number, as a binary classifier's is.
    #[error(
        "the model's output for one image has shape {shape:?}, not one number, as that of a binary classifier"
    )]
    NotBinary {
        /// Its shape for one image.
        shape: Vec<usize>,
    },
    /// The model's output is no row of numbers.
    #[error("the model's output for one image has shape {shape:?}, not [numbers]")]
    NoNumbers {
        /// Its shape for one image; empty if images are not on its first axis.
        shape: Vec<usize>,
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
    #[error("was cancelled")]
    Cancelled,
    /// There are labels, but not one for every image.
    #[error("expected one label for each of {expected} probe images, or none at all, got {got}")]
    Labels {
        /// Number of images.
        expected: usize,
        /// Number of labels.
        got: usize,
    },
    /// Too few probe images for this analysis.
    #[error("needs at least {needed} probe images, there are {got}")]
    TooFewImages {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// Activations or gradients are NaN or infinite.
    #[error("what the layers compute is not finite (NaN or infinite)")]
    NotFinite,
    /// Nothing tells the images apart.
    #[error("the layer computes the same for all probe images: there is nothing to compare")]
    Constant,
    /// The model does not end with one number per class.
    #[error("the model's output should have the two axes [images, classes], it has {axes}")]
    NoLogits {
        /// Number of axes that it has.
        axes: usize,
    },
    /// The embedding failed.
    #[error("the images could not be embedded in the plane: {0}")]
    Embedding(String),
}
