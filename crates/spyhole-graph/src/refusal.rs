//! Why a forward function could not be recorded.
//!
//! Burn tells it by a panic, whatever the cause. Some causes can be known by its words, which tests hold Burn to. For
//! the others the function is run on the model's own device: what fails there too has nothing to do with recording.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::error::GraphError;
use crate::trial::{Panic, tried};

/// How Burn says that tensors of two devices meet.
const DEVICES: [&str; 4] = [
    "not on the same device",
    "must be on the same device",
    "on the wrong backend",
    "from a capture device",
];

/// How it says that a recorded tensor has no numbers.
const READING: [&str; 2] = ["no concrete value", "no initialized value"];

/// How it says that two tensors hold numbers of different kinds.
const PRECISIONS: [&str; 2] = ["DTypeMismatch", "the same dtype"];

/// What stands behind a panic while `forward` was recorded on images of a shape.
pub(crate) fn cause<M: Module, const D: usize>(
    model: &M,
    shape: [usize; 4],
    forward: &impl Fn(&M, Tensor<4>) -> Tensor<D>,
    panic: Panic,
) -> GraphError {
    let says = |words: &[&str]| words.iter().any(|words| panic.message.contains(words));
    if says(&DEVICES) {
        return GraphError::OtherDevice;
    }
    if says(&READING) {
        return GraphError::ReadsValues;
    }
    if says(&PRECISIONS) {
        return GraphError::MixedPrecision;
    }
    let unrecorded = tried(|| {
        let model = model.valid();
        let devices = model.devices();
        let device = devices.first().cloned().unwrap_or_default().inner();
        forward(&model, Tensor::zeros(shape, &device));
    });
    match unrecorded {
        Err(panic) => GraphError::ForwardFails { shape, message: panic.to_string() },
        Ok(()) => GraphError::NotRecordable { message: panic.to_string() },
    }
}
