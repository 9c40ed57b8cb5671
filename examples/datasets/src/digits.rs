//! Handwritten digits: 1,797 pictures of 43 writers, from E. Alpaydin and C. Kaynak, *Optical Recognition
//! of Handwritten Digits*, UCI Machine Learning Repository (1998), <https://doi.org/10.24432/C50P49>,
//! CC BY 4.0.
//!
//! The originals are 8×8, and three layers of 2×2 pooling would leave one pixel of them. [`load`] gives
//! them enlarged to 16×16 by bilinear interpolation: no detail is added, only room. [`native`] gives the
//! originals.

use crate::{DataError, DataSet, Picture, split::split, statistics::per_channel};
use image::{ImageBuffer, Luma, imageops};

/// Side of an original in pixels.
pub const NATIVE_SIDE: usize = 8;
/// Side of the pictures that [`load`] gives.
pub const SIDE: usize = 16;
/// The value of full ink in the file.
const INK: f32 = 16.0;
const CSV: &str = include_str!("../data/digits.csv");

/// The digits as 16×16 grey pictures, 80 % of every digit to train on and 20 % to validate with.
pub fn load(seed: u64) -> Result<DataSet, DataError> {
    let pictures = native()?.into_iter().map(enlarged).collect();
    let shape = [1, SIDE, SIDE];
    let (train, valid) = split(pictures, 10, seed);
    let (mean, deviation) = per_channel(&train, shape);
    Ok(DataSet {
        name: "digits".into(),
        shape,
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        train,
        valid,
        mean,
        deviation,
        warnings: Vec::new(),
    })
}

/// The originals in the file's order, `[1, 8, 8]`: 0 is paper, 1 is full ink.
pub fn native() -> Result<Vec<Picture>, DataError> {
    let lines = CSV.lines().enumerate().skip(1);
    lines.map(|(i, line)| parsed(line).ok_or(DataError::Digits { line: i + 1 })).collect()
}

fn parsed(line: &str) -> Option<Picture> {
    let mut numbers = line.split(',').map(|number| number.trim().parse::<u8>().ok());
    let label = usize::from(numbers.next()??);
    let pixels: Option<Vec<f32>> = numbers.map(|n| n.map(|n| f32::from(n) / INK)).collect();
    let pixels = pixels?;
    let good = label < 10
        && pixels.len() == NATIVE_SIDE * NATIVE_SIDE
        && pixels.iter().all(|&ink| ink <= 1.0);
    good.then_some(Picture { pixels, label })
}

fn enlarged(picture: Picture) -> Picture {
    let side = NATIVE_SIDE as u32;
    let small = ImageBuffer::<Luma<f32>, _>::from_fn(side, side, |x, y| {
        Luma([picture.pixels[(y * side + x) as usize]])
    });
    let large = imageops::resize(&small, SIDE as u32, SIDE as u32, imageops::FilterType::Triangle);
    Picture { pixels: large.into_raw(), ..picture }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_the_digits_are_there_and_split_evenly() {
        let set = load(1).unwrap();
        assert_eq!(set.train.len() + set.valid.len(), 1797);
        assert_eq!(set.class_names.len(), 10);
        let counts = |part: &[Picture]| {
            let mut counts = [0; 10];
            part.iter().for_each(|p| counts[p.label] += 1);
            counts
        };
        // The counts of the file, by `cut -d, -f1 digits.csv | sort | uniq -c`.
        let all = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
        let (train, valid) = (counts(&set.train), counts(&set.valid));
        for digit in 0..10 {
            assert_eq!(train[digit] + valid[digit], all[digit]);
            assert_eq!(valid[digit], (all[digit] as f64 / 5.0).round() as usize);
        }
    }

    #[test]
    fn the_seed_decides_the_split() {
        assert_eq!(load(3).unwrap(), load(3).unwrap());
        assert_ne!(load(3).unwrap().valid, load(4).unwrap().valid);
    }

    #[test]
    fn enlarging_is_bilinear() {
        for picture in native().unwrap().into_iter().take(20) {
            let at =
                |y: isize, x: isize| picture.pixels[(y.clamp(0, 7) * 8 + x.clamp(0, 7)) as usize];
            let large = enlarged(picture.clone());
            assert_eq!(large.pixels.len(), SIDE * SIDE);
            for (i, &pixel) in large.pixels.iter().enumerate() {
                // Pixel 2j lies a quarter before the centre of original j, pixel 2j+1 a quarter behind.
                let (y, x) = ((i / 16) as isize, (i % 16) as isize);
                let (near_y, near_x) = (y / 2, x / 2);
                let (far_y, far_x) = (near_y + 2 * (y % 2) - 1, near_x + 2 * (x % 2) - 1);
                let near = 0.75 * at(near_y, near_x) + 0.25 * at(near_y, far_x);
                let far = 0.75 * at(far_y, near_x) + 0.25 * at(far_y, far_x);
                assert!((pixel - (0.75 * near + 0.25 * far)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn normalised_training_pixels_have_mean_0_and_deviation_1() {
        let set = load(1).unwrap();
        let pixels = set.train.iter().flat_map(|p| set.normalised(p)).map(f64::from);
        let pixels: Vec<f64> = pixels.collect();
        let mean = pixels.iter().sum::<f64>() / pixels.len() as f64;
        let power = pixels.iter().map(|x| x * x).sum::<f64>() / pixels.len() as f64;
        assert!(mean.abs() < 1e-5 && (power - 1.0).abs() < 1e-5, "{mean} {power}");
        assert!(set.train.iter().all(|p| p.pixels.iter().all(|x| (0.0..=1.0).contains(x))));
    }

    #[test]
    fn a_damaged_line_is_not_a_picture() {
        let good = format!("7{}", ",16".repeat(64));
        assert_eq!(parsed(&good).map(|p| p.label), Some(7));
        for bad in ["", "7,1,2", &good.replacen('7', "10", 1), &good.replace("16", "17"), "x"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
