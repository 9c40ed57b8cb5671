//! Devices that analyses are computed on, which may be on another machine, and gone.

use burn::tensor::{Device, Tensor};

use crate::failure::{Failure, caught};

/// The name of a device, for people.
pub(crate) fn name(device: &Device) -> String {
    if *device == Device::flex() { "CPU".into() } else { format!("{device:?}") }
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
