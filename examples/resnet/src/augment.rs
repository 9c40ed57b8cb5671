use std::sync::{Mutex, PoisonError};

use batches::{Batch, Item, Stack};
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Training pictures are moved by up to so many pixels. What comes in from outside is 0: the mean colour.
const REACH: i64 = 4;

/// Puts training pictures side by side, each moved at random and mirrored every other time.
#[derive(Debug)]
pub struct Augment {
    stack: Stack,
    random: Mutex<ChaCha8Rng>,
}

impl Augment {
    /// For pictures `[channels, height, width]`.
    pub fn new(shape: [usize; 3], seed: u64) -> Self {
        let random = Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        Self { stack: Stack { shape }, random }
    }
}

impl Batcher<Item, Batch> for Augment {
    fn batch(&self, mut items: Vec<Item>, device: &Device) -> Batch {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        for item in &mut items {
            let by = [0; 2].map(|_| random.random_range(-REACH..=REACH));
            item.pixels = moved(&item.pixels, self.stack.shape, by, random.random());
        }
        drop(random);
        self.stack.batch(items, device)
    }
}

/// The picture, first mirrored if wanted, then moved down and right; what comes in is 0.
fn moved(
    pixels: &[f32],
    [channels, height, width]: [usize; 3],
    [down, right]: [i64; 2],
    mirrored: bool,
) -> Vec<f32> {
    let from = |at: usize, by: i64, length: usize| {
        usize::try_from(at as i64 - by).ok().filter(|&at| at < length)
    };
    let mut found = Vec::with_capacity(pixels.len());
    for channel in 0..channels {
        for row in 0..height {
            for column in 0..width {
                let source = from(row, down, height).zip(from(column, right, width));
                found.push(source.map_or(0.0, |(row, column)| {
                    let column = if mirrored { width - 1 - column } else { column };
                    pixels[(channel * height + row) * width + column]
                }));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn pictures_are_moved_and_mirrored() {
        let picture = [1.0, 2.0, 3.0, 4.0]; // [1, 2, 2]
        let cases = [
            ([0, 0], false, [1.0, 2.0, 3.0, 4.0]),
            ([0, 0], true, [2.0, 1.0, 4.0, 3.0]),
            ([1, 0], false, [0.0, 0.0, 1.0, 2.0]),
            ([0, -1], false, [2.0, 0.0, 4.0, 0.0]),
            ([-1, 1], true, [0.0, 4.0, 0.0, 0.0]),
            ([4, 4], false, [0.0; 4]),
        ];
        for (by, mirrored, expected) in cases {
            assert_eq!(moved(&picture, [1, 2, 2], by, mirrored), expected, "{by:?} {mirrored}");
        }
    }
}
