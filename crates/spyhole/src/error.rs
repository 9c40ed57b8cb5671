use std::fmt;

use spyhole_alert::AlertError;
use spyhole_graph::GraphError;
use spyhole_probe::ProbeError;
use spyhole_sink::SinkError;
use thiserror::Error;

use crate::output::Output;

/// What can be wrong before the first training step. Nothing after that is an error: it becomes an
/// event that the dashboard shows, and training goes on.
#[derive(Error)]
#[non_exhaustive]
pub enum SpyholeError {
    /// There is nothing to probe the layers with.
    #[error(
        "there are no probe images: pass at least one, better 64 or more, as [batch, channels, height, width]"
    )]
    NoProbeImages,
    /// Some probe images hold NaN or infinite values.
    #[error(
        "probe image {image} holds values that are not finite numbers; check how it was normalised"
    )]
    ProbeNotFinite {
        /// Position of the first such image.
        image: usize,
    },
    /// Labels and images do not match.
    #[error(
        "there are {labels} labels for {images} probe images; give one label per image, or none"
    )]
    LabelCount {
        /// Labels given.
        labels: usize,
        /// Images given.
        images: usize,
    },
    /// A label has no class name.
    #[error("probe image {image} has label {label}, but there are only {classes} class names")]
    LabelRange {
        /// Position of the image.
        image: usize,
        /// Its label.
        label: usize,
        /// Class names given.
        classes: usize,
    },
    /// The normalisation does not fit the images.
    #[error(
        "the normalisation has {mean} means and {deviation} deviations, but the probe images have \
         {channels} channels; give one of each per channel, deviations above zero"
    )]
    Normalisation {
        /// Means given.
        mean: usize,
        /// Deviations given.
        deviation: usize,
        /// Channels of the images.
        channels: usize,
    },
    /// The model's output is not what it is said to be.
    #[error(
        "the output is said to be `Output::{said:?}`, but for one image it has shape {shape:?}: `Classes` takes a \
         row of at least two numbers, `Binary` one number, `Numbers` anything"
    )]
    OutputMeaning {
        /// What was said.
        said: Output,
        /// Its shape for one image; empty also if images are not on its first axis.
        shape: Vec<usize>,
    },
    /// There are not as many names as outputs.
    #[error(
        "there are {names} names of outputs, but for one image the output has shape {shape:?}; give one name for \
         each number, or none"
    )]
    OutputNames {
        /// Names given.
        names: usize,
        /// The output's shape for one image; empty also if images are not on its first axis.
        shape: Vec<usize>,
    },
    /// The model could not be recorded.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The probe images could not be read.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// Nothing to watch.
    #[error(
        "the model computes no two-dimensional convolution from its input images, so there is nothing \
         to watch; does the forward function that you passed use its images?"
    )]
    NoConvolutions,
    /// No layer can be watched.
    #[error("no layer of the model can be watched: {0}")]
    NothingSupported(String),
    /// The probe images cannot go through the model.
    #[error(
        "images like the probe images, shape {shape:?}, cannot go through the model, recorded or not: {message}. \
         They must have the channels and size that the model is trained on, and the forward function must take \
         any number of them"
    )]
    ProbeRejected {
        /// `[batch, channels, height, width]`, as they were tried.
        shape: [usize; 4],
        /// What the model said.
        message: String,
    },
    /// Nowhere to record to.
    #[error(
        "the run directory is an empty path; name one, `runs/first` for example, or `.` for the current directory"
    )]
    NoRunDir,
    /// The device for analyses computes in another precision than f32.
    #[error(
        "the device {device} is configured for {precision} numbers (`Device::configure`), and spyhole computes in \
         f32 on it; leave it at f32, its default, in a program that is watched"
    )]
    Precision {
        /// The device.
        device: String,
        /// The precision that it is configured for.
        precision: &'static str,
    },
    /// The run directory or the dashboard's port cannot be used.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// An alert rule or action cannot be used.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// The training would not hear that it is to stop.
    #[error(
        "the alert settings ask to stop the training, but the training does not listen: add \
         `.early_stopping(spyhole.early_stopping())` to it, or take the `stop` out of the settings"
    )]
    StopNotConnected,
    /// The budget is no share of the time.
    #[error("the budget must be a share of the time, 0 to 1, and is {share}")]
    Budget {
        /// What was given.
        share: f64,
    },
    /// Without memory there are no analyses.
    #[error(
        "the memory for analyses must be at least one byte; leave the setting out for no ceiling"
    )]
    NoMemory,
    /// The device for analyses cannot be used.
    #[error(
        "the analysis device {device} cannot be used: {message}; choose another one, or start its server first"
    )]
    AnalysisDevice {
        /// The device.
        device: String,
        /// What it said.
        message: String,
    },
    /// The operating system gives no thread.
    #[error("the analysis thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// A picture could not be made.
    #[error("a picture could not be encoded: {0}")]
    Picture(#[from] image::ImageError),
    /// A run is being watched already.
    #[error(
        "this spyhole watches a training already; build another one, with its own run directory"
    )]
    AlreadyWatching,
    /// An inspection without a model.
    #[error("there is no model to inspect: pass at least one")]
    NothingToInspect,
    /// The models of an inspection are not in order.
    #[error(
        "the models to inspect must come in the order of their epochs, each epoch once; epoch {epoch} comes \
         after epoch {before}"
    )]
    EpochOrder {
        /// The epoch before it.
        before: usize,
        /// The one that is out of order.
        epoch: usize,
    },
    /// An epoch that has no number.
    #[error(
        "epoch {epoch} cannot be recorded: epochs are counted from 0, the network before its training, to {last}"
    )]
    EpochRange {
        /// The epoch.
        epoch: usize,
        /// The last one that can be recorded.
        last: u32,
    },
    /// Two statistics of one name.
    #[error("there is more than one analysis `{name}`; give each its own name")]
    AnalysisTwice {
        /// The name.
        name: String,
    },
}

/// In words too: this is what `unwrap`, `expect` and a `main` that returns a `Result` print.
impl fmt::Debug for SpyholeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
