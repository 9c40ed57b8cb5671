//! Drawn figures in colour, for networks whose first layer should learn coloured edges: 32×32 RGB, eight
//! classes, the data of spyhole's settling experiment.
//!
//! A picture is a figure on a background, in arbitrary units:
//!
//! - the [`Figure`] at a random centre (11–20 in both directions), size 6–9 and rotation, in a signed
//!   colour ±U(.6, 2)·(1 + .5·normal): one sign and strength for the figure, one normal per channel; it
//!   hides what lies behind it, and its rim is smoothed;
//! - behind it 1/f noise: .5 of a grey field plus .25 of a field per channel;
//! - over both white pixel noise of standard deviation .1.
//!
//! Then all pictures are shifted and scaled by the same two numbers, so that the training pixels have
//! mean 0 and standard deviation 1: call such a value x. **A [`Picture`] stores .5 + x/8**, which can be
//! shown, and [`DataSet::mean`] = .5 and [`DataSet::deviation`] = 1/8 undo it: (pixel − mean)/deviation
//! is x to the rounding of f32. Nothing is clamped, so |x| > 4 (four values in a thousand, in vivid
//! figures; |x| reaches 9) lies outside 0–1 and a viewer must clamp it.
//!
//! What the recipe leaves open is settled so: the size is the figure's radius, the figure hides the
//! background as a thing in a photograph does (added to it, noise would fill the figure too, and the
//! recipe's network would stop at 63 % instead of 85 % of the validation pictures), the noise's amplitude
//! (not its power) falls as 1/f and every field of it has unit standard deviation in every picture.

mod figure;

use crate::{DataSet, Picture, pink_noise::PinkNoise, statistics::per_channel};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

pub use figure::Figure;
use figure::Pose;

/// Height and width in pixels.
pub const SIDE: usize = 32;
/// Training pictures of the settling experiment.
pub const TRAIN: usize = 4000;
/// Validation pictures of the settling experiment.
pub const VALID: usize = 800;

const AREA: usize = SIDE * SIDE;
const SHAPE: [usize; 3] = [3, SIDE, SIDE];
/// Where x = 0 is shown: in the middle of black and white.
const DISPLAY_MEAN: f32 = 0.5;
/// How much of the way from black to white one unit of x takes. A power of two, so that nothing but
/// adding [`DISPLAY_MEAN`] rounds.
const DISPLAY_DEVIATION: f32 = 0.125;

/// Draws `train` and `valid` pictures, the classes in turn. The same three numbers give the same pictures.
pub fn draw(train: usize, valid: usize, seed: u64) -> DataSet {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = PinkNoise::new(SIDE, SIDE);
    let mut draw = |count: usize| -> Vec<Picture> {
        let labels = (0..count).map(|i| i % Figure::ALL.len());
        labels.map(|label| picture(label, &mut noise, &mut random)).collect()
    };
    let (mut train, mut valid) = (draw(train), draw(valid));
    let (centre, scale) = overall(&train);
    for pixel in train.iter_mut().chain(&mut valid).flat_map(|picture| &mut picture.pixels) {
        *pixel = DISPLAY_MEAN + DISPLAY_DEVIATION * (*pixel - centre) / scale;
    }
    DataSet {
        name: "shapes".into(),
        shape: SHAPE,
        class_names: Figure::ALL.map(|figure| figure.name().to_owned()).to_vec(),
        train,
        valid,
        mean: vec![DISPLAY_MEAN; 3],
        deviation: vec![DISPLAY_DEVIATION; 3],
        warnings: Vec::new(),
    }
}

/// Mean and standard deviation of all pixels, the three channels taken as one.
fn overall(pictures: &[Picture]) -> (f32, f32) {
    let (mean, deviation) = per_channel(pictures, [1, 1, 3 * AREA]);
    (mean[0], deviation[0])
}

/// One picture in the units of the recipe, `[3, 32, 32]`.
fn picture(label: usize, noise: &mut PinkNoise, random: &mut ChaCha8Rng) -> Picture {
    let pose = Pose {
        centre: [random.random_range(11.0..=20.0), random.random_range(11.0..=20.0)],
        size: random.random_range(6.0..=9.0),
        angle: random.random_range(0.0..std::f32::consts::TAU),
    };
    let cover = Figure::ALL[label].cover(&pose, SIDE);
    let sign = if random.random() { 1.0 } else { -1.0 };
    let strength: f32 = sign * random.random_range(0.6..2.0);
    let [grey, red] = noise.pair(random);
    let [green, blue] = noise.pair(random);
    let mut pixels = Vec::with_capacity(3 * AREA);
    for field in [red, green, blue] {
        let colour = strength * (1.0 + 0.5 * normal(random));
        let background = grey.iter().zip(&field).map(|(g, c)| 0.5 * g + 0.25 * c);
        pixels.extend(
            background
                .zip(&cover)
                .map(|(behind, share)| behind + share * (colour - behind) + 0.1 * normal(random)),
        );
    }
    Picture { pixels, label }
}

fn normal(random: &mut ChaCha8Rng) -> f32 {
    random.sample(StandardNormal)
}

#[cfg(test)]
mod tests;
