use thiserror::Error;

/// What can go wrong between a model and its pictures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The forward function panicked while it was recorded.
    #[error(
        "the forward function panicked while its operations were recorded on images of shape \
         [batch, {channels}, {height}, {width}]: {message}. It is called with that shape and must \
         not read tensor values (`into_data`, `into_scalar`): recording computes nothing"
    )]
    ForwardPanicked {
        /// Channels of one input image.
        channels: usize,
        /// Height of one input image.
        height: usize,
        /// Width of one input image.
        width: usize,
        /// The panic's own message.
        message: String,
    },
    /// Burn refused the recording.
    #[error("the model's operations could not be recorded: {0}")]
    Capture(String),
    /// The model computes something else for another number of images.
    #[error(
        "the model runs other operations for {first} images than for {second} (operation {index}: \
         {left} against {right}); spyhole needs a forward function that treats every batch size alike"
    )]
    DependsOnBatchSize {
        /// One batch size.
        first: usize,
        /// The other batch size.
        second: usize,
        /// Position of the first difference.
        index: usize,
        /// The operation at that position for the first batch size.
        left: String,
        /// The operation at that position for the second batch size.
        right: String,
    },
    /// A parameter of the graph is not among the weights.
    #[error(
        "the weights have no parameter `{path}`, which the recorded graph reads; were they taken from another model?"
    )]
    MissingParameter {
        /// Path of the parameter, `blocks.0.conv1.weight` for example.
        path: String,
    },
    /// The images do not fit the recorded graph.
    #[error("expected images of shape [batch, {expected:?}], got {got:?}")]
    ImageShape {
        /// `[channels, height, width]` of the recording.
        expected: [usize; 3],
        /// Shape of the images given.
        got: Vec<usize>,
    },
    /// An operation that spyhole cannot compute or project stands in the way.
    #[error("unsupported: {operation}")]
    Unsupported {
        /// Name of the operation.
        operation: String,
    },
    /// There is no layer of that name.
    #[error("the model has no layer `{name}`; its layers are: {known}")]
    UnknownLayer {
        /// The name asked for.
        name: String,
        /// The names there are, separated by commas.
        known: String,
    },
    /// A seed lies outside its layer, or the images.
    #[error("{what} {index} does not exist: there are {count}")]
    OutOfRange {
        /// What was indexed: "image", "feature map", "row" or "column".
        what: &'static str,
        /// The index given.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A signal has not the shape of the place it starts from.
    #[error("the signal has shape {got:?}, but this place of the graph has shape {expected:?}")]
    SignalShape {
        /// Shape of the place, for as many units as the signal has.
        expected: Vec<usize>,
        /// Shape of the signal.
        got: Vec<usize>,
    },
    /// What a cover hides does not fit the image.
    #[error(
        "a cover of {size:?} pixels at row {row}, column {column} reaches beyond the image of {image:?} pixels"
    )]
    CoverOutside {
        /// `[height, width]` of the cover.
        size: [usize; 2],
        /// Its top row.
        row: usize,
        /// Its left column.
        column: usize,
        /// `[height, width]` of the image.
        image: [usize; 2],
    },
    /// Whoever asked for it has stopped it.
    #[error("was cancelled")]
    Cancelled,
}
