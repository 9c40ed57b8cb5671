//! A folder of photograph-like images for tests: three classes, sizes from 40 to 200 pixels, png and jpeg,
//! colour, grey, with an alpha channel and 16-bit, as people's folders are.

use crate::{DataError, pink_noise::PinkNoise};
use image::{DynamicImage, Rgb, Rgb32FImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{fs, path::Path};

/// The classes, which are the names of the sub-folders.
pub const CLASSES: [&str; 3] = ["bricks", "clouds", "dunes"];

/// Writes `dir/CLASS/NUMBER.png` or `.jpg`, `per_class` of each of the [`CLASSES`]; makes `dir` if need
/// be. The same seed writes the same images.
pub fn write(dir: &Path, per_class: usize, seed: u64) -> Result<(), DataError> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for class in CLASSES {
        let folder = dir.join(class);
        let unwritable = |path: &Path, reason| DataError::Unwritable { path: path.into(), reason };
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error.into()))?;
        for i in 0..per_class {
            let (image, extension) = as_people_have_them(scene(class, &mut random), i);
            let file = folder.join(format!("{i:03}.{extension}"));
            image.save(&file).map_err(|reason| unwritable(&file, reason))?;
        }
    }
    Ok(())
}

/// Most photographs are jpeg in colour; the rest is everything else.
fn as_people_have_them(image: DynamicImage, i: usize) -> (DynamicImage, &'static str) {
    match i % 6 {
        1 => (image.to_rgb8().into(), "png"),
        3 => (image.to_luma8().into(), "jpeg"),
        4 => (image.to_rgba8().into(), "png"),
        5 => (image.to_rgb16().into(), "png"),
        _ => (image.to_rgb8().into(), "jpg"),
    }
}

/// A textured scene of random size, lit from a random side.
fn scene(class: &str, random: &mut ChaCha8Rng) -> DynamicImage {
    let (width, height) = (random.random_range(40..=200), random.random_range(40..=200));
    let [broad, fine] = PinkNoise::new(height, width).pair(random);
    let scale = random.random_range(0.7..1.3) * width.min(height) as f32 / 6.0;
    let tilt = random.random_range(-0.5..0.5);
    let light = random.random_range(-0.2..0.2);
    let image = Rgb32FImage::from_fn(width as u32, height as u32, |x, y| {
        let i = y as usize * width + x as usize;
        let (x, y) = (x as f32, y as f32);
        let colour = match class {
            "bricks" => brick(x / scale, y / scale, broad[i]),
            "clouds" => cloud(y / height as f32, broad[i]),
            _ => dune((y + tilt * x) / scale, broad[i]),
        };
        let shade = 1.0 + light * (2.0 * x / width as f32 - 1.0) + 0.05 * fine[i];
        Rgb(colour.map(|c| (c * shade).clamp(0.0, 1.0)))
    });
    image.into()
}

/// Rows of reddish bricks in grey mortar, each row half a brick further.
fn brick(x: f32, y: f32, noise: f32) -> [f32; 3] {
    let row = (2.0 * y).floor();
    let along = x + 0.5 * (row % 2.0);
    let mortar = (2.0 * y).fract() < 0.15 || along.fract() < 0.08;
    mix(if mortar { [0.7, 0.68, 0.65] } else { [0.6, 0.25, 0.18] }, [0.2, 0.1, 0.1], 0.15 * noise)
}

/// White where the noise is high, blue sky elsewhere, paler to the ground.
fn cloud(down: f32, noise: f32) -> [f32; 3] {
    let sky = mix([0.2, 0.4, 0.8], [0.6, 0.75, 0.9], down);
    mix(sky, [0.97, 0.97, 0.97], (0.6 * noise + 0.4).clamp(0.0, 1.0))
}

/// Sand in ripples that the noise bends.
fn dune(across: f32, noise: f32) -> [f32; 3] {
    let ripple = 0.5 + 0.5 * (std::f32::consts::TAU * across + 0.8 * noise).sin();
    mix([0.45, 0.32, 0.2], [0.93, 0.82, 0.6], ripple)
}

fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    [0, 1, 2].map(|i| a[i] + share * (b[i] - a[i]))
}
