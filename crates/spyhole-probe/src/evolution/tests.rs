mod representation;
mod tops;
mod watch;

use super::representation::Representation;
use crate::random::Random;

/// Random features that are not negative, with classes among the images.
fn features(seed: u64, images: usize, width: usize) -> Vec<f32> {
    let mut random = Random(seed);
    let class: Vec<f64> = (0..4 * width).map(|_| random.normal()).collect();
    let value = |i: usize, j: usize, random: &mut Random| {
        (class[i % 4 * width + j] + random.normal()).max(0.0) as f32
    };
    (0..images * width).map(|k| value(k / width, k % width, &mut random)).collect()
}

/// Those, moved towards others by a share.
fn moved(from: &[f32], towards: &[f32], share: f32) -> Vec<f32> {
    from.iter().zip(towards).map(|(a, b)| (1.0 - share) * a + share * b).collect()
}

fn representation(features: &[f32], images: usize) -> Representation {
    Representation::of_features(features, images).unwrap()
}
