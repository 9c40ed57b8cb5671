//! A training set that needs no file: pictures with one bright quadrant, which is their class.

use std::sync::Arc;

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::prelude::*;

/// Side of the pictures.
pub const SIDE: usize = 16;

/// Pictures and their classes.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[N, 3, SIDE, SIDE]`
    pub images: Tensor<4>,
    /// `[N]`
    pub labels: Tensor<1, Int>,
}

/// Makes picture number `i`: the same on every call.
#[derive(Clone, Copy, Debug)]
pub struct Quadrants;

impl Batcher<usize, Batch> for Quadrants {
    fn batch(&self, numbers: Vec<usize>, device: &Device) -> Batch {
        let count = numbers.len();
        let pixels: Vec<f32> = numbers.iter().flat_map(|&number| picture(number)).collect();
        let labels: Vec<i64> = numbers.iter().map(|number| (number % 4) as i64).collect();
        Batch {
            images: Tensor::from_data(TensorData::new(pixels, [count, 3, SIDE, SIDE]), device),
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
        }
    }
}

fn picture(number: usize) -> impl Iterator<Item = f32> {
    (0..3 * SIDE * SIDE).map(move |i| {
        let (row, column) = (i / SIDE % SIDE, i % SIDE);
        let quadrant = usize::from(row >= SIDE / 2) * 2 + usize::from(column >= SIDE / 2);
        let bright = if quadrant == number % 4 { 1.0 } else { 0.0 };
        // A hash of number and pixel: noise without a generator.
        let hash = (number * 7919 + i).wrapping_mul(2_654_435_761) >> 7 & 0xff;
        bright + hash as f32 / 255.0 - 0.5
    })
}

/// Batches of eight from the pictures numbered `from … from + count − 1`.
pub fn loader(from: usize, count: usize) -> Arc<dyn DataLoader<Batch>> {
    let numbers = (from..from + count).collect();
    DataLoaderBuilder::new(Quadrants).batch_size(8).shuffle(7).build(InMemDataset::new(numbers))
}

/// Pictures for the probe, `[count, 3, SIDE, SIDE]`.
pub fn images(count: usize) -> Tensor<4> {
    Quadrants.batch((1000..1000 + count).collect(), &Device::flex()).images
}
