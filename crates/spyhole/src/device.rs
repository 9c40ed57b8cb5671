//! Devices that analyses are computed on, which may be on another machine, and gone.

use burn::tensor::{DType, Device, Tensor};

use crate::error::SpyholeError;
use crate::failure::{Failure, caught};

/// The name of a device, for people.
pub(crate) fn name(device: &Device) -> String {
    if *device == Device::flex() { "CPU".into() } else { format!("{device:?}") }
}

/// Analyses compute in f32, in whatever a device makes by default.
pub(crate) fn check_precision(device: &Device) -> Result<(), SpyholeError> {
    match DType::from(device.settings().float_dtype) {
        DType::F32 => Ok(()),
        other => Err(SpyholeError::Precision { device: name(device), precision: other.name() }),
    }
}

/// Images on a device, once they have arrived there.
///
/// # Errors
/// What the device said instead, in words.
pub(crate) fn moved(images: &Tensor<4>, device: &Device) -> Result<Tensor<4>, String> {
    let moved = caught(|| {
        let images = images.clone().to_device(device);
        answers(device).map(|()| images)
    });
    moved.map_err(words)
}

/// Whether a device computes.
pub(crate) fn check(device: &Device) -> Result<(), String> {
    caught(|| answers(device)).map_err(words)
}

fn answers(device: &Device) -> Result<(), Failure> {
    let sum = Tensor::<1>::ones([2], device).sum().try_into_data();
    let sum = sum.map_err(|error| Failure::Failed(error.to_string()))?;
    match sum.convert::<f32>().try_to_vec::<f32>() {
        Ok(sum) if sum == [2.0] => Ok(()),
        other => Err(Failure::Failed(format!("1 + 1 is {other:?} there"))),
    }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Failed(message) | Failure::Nothing(message) => message,
        Failure::Cancelled => "cancelled".into(),
    }
}
