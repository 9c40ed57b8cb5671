use thiserror::Error;

/// What can go wrong between a model and its pictures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The forward function fails on images of the shape that it was called with, recorded or not.
    #[error(
        "the forward function fails on images of shape {shape:?}, also when it is not recorded: {message}. It \
         is called with two and with three images of the probe images' channels and size, which must be those \
         that the model is trained on"
    )]
    ForwardFails {
        /// `[batch, channels, height, width]`.
        shape: [usize; 4],
        /// What the forward function or Burn said.
        message: String,
    },
    /// A tensor in the forward function is not where the images are.
    #[error(
        "the forward function brings a tensor of another device together with its images, or moves them to \
         another device. It is recorded on a device of its own: create tensors on `images.device()`, not on \
         `Device::default()`, and move there what the closure or the model holds besides its parameters: \
         `fixed.clone().to_device(&images.device())`"
    )]
    OtherDevice,
    /// What the forward function returns was not computed from the images.
    #[error(
        "what the forward function returns is on another device than its images, so it was not computed from \
         them; return the model's output for the images that the function is given"
    )]
    OutputElsewhere,
    /// The forward function reads the numbers in a tensor.
    #[error(
        "the forward function reads the numbers in a tensor (`into_data`, `into_scalar`, `all_close` and the \
         like), but it is recorded, and recording computes none. Decide by tensor operations instead \
         (`mask_where`, `clamp`, `max_pair`), or read outside of the function that you pass: it only has to \
         run the model"
    )]
    ReadsValues,
    /// The weights have another precision than f32.
    #[error(
        "the weights are {precision} numbers (`{parameter}`), and spyhole computes in f32 only. Watch a training \
         in f32, which is Burn's default; or save the weights, convert them to f32, and inspect a model that was \
         made in f32"
    )]
    Precision {
        /// Path of the first such parameter.
        parameter: String,
        /// Its precision, `f16` for example.
        precision: String,
    },
    /// Numbers of different precisions meet in the forward function.
    #[error(
        "the forward function brings numbers of different precisions together. It is recorded with images and \
         weights in f32: cast other tensors to it (`tensor.cast(DType::F32)`), or create them with the images' \
         own (`images.dtype()`)"
    )]
    MixedPrecision,
    /// The forward function works, but not while it is recorded, and it is not known why.
    #[error(
        "the forward function runs on images, but its operations cannot be recorded: {message}. Recording \
         computes nothing: the function must not read the numbers in a tensor, and whatever it creates must be \
         on `images.device()`"
    )]
    NotRecordable {
        /// What the forward function or Burn said.
        message: String,
    },
    /// Burn refused the recording.
    #[error("the model's operations could not be recorded: {0}")]
    Capture(String),
    /// The model computes something else for another number of images.
    #[error(
        "the forward function takes another path for {first} images than for {second}: its operation {index} is \
         {left} with {first}, and {right} with {second}. One recording serves any number of images, so the \
         function that you pass must do the same with each: leave out what depends on the batch size"
    )]
    DependsOnBatchSize {
        /// One batch size.
        first: usize,
        /// The other batch size.
        second: usize,
        /// Position of the first difference, counted from 1.
        index: usize,
        /// The operation at that position for the first batch size.
        left: String,
        /// The operation at that position for the second batch size.
        right: String,
    },
    /// The model computes something else when it is called once more.
    #[error(
        "the forward function does not do the same twice: its operation {index} was {left}, and {right} when it was \
         called again with as many images. It draws random numbers, or counts its calls. Leave out what is for \
         training only (augmentation, stochastic depth), or fix its outcome in the function that you pass"
    )]
    ChangesFromCallToCall {
        /// Position of the first difference, counted from 1.
        index: usize,
        /// The operation at that position.
        left: String,
        /// The operation at that position in a later call.
        right: String,
    },
    /// The weights are those of another network.
    #[error(
        "the weights are of another network than the recorded one: `{path}` has shape {got:?}, and had \
         {expected:?} when it was recorded"
    )]
    OtherNetwork {
        /// Path of the first parameter that differs.
        path: String,
        /// Its shape when the network was recorded.
        expected: Vec<usize>,
        /// Its shape now.
        got: Vec<usize>,
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
