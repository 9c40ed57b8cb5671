//! Does a map look like its image?

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Tensor;
use burn::tensor::module::adaptive_avg_pool2d;

use crate::error::ProbeError;
use crate::vector::{dot, ratio};

/// Smaller planes correlate with anything.
pub(super) const FEWEST_UNITS: usize = 16;

/// With how many other images a map is compared, at most.
const OTHERS: usize = 4;

/// How much a feature map looks like the image that it was computed from. With the grey image g (mean over
/// the channels), resized to the map's plane by area:
///
/// ```text
/// raw              = mean_i |corr(a(x_i), g_i)|
/// above_mismatched = raw − mean_{i≠j} |corr(a(x_i), g_j)|
/// ```
///
/// corr is the correlation over positions. Images for which the map or the grey image is constant are left
/// out. As j up to four images are taken, evenly spaced in the probe set behind i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Correlation with the own image, 0 to 1. At .8 or more the map is a near copy: it has learned little.
    pub raw: f64,
    /// What the own image has more than others, −1 to 1. `None` with one probe image.
    pub above_mismatched: Option<f64>,
}

/// The grey images, resized once for each size of plane.
#[derive(Debug)]
pub(super) struct Grey {
    images: Tensor<4>,
    resized: HashMap<[usize; 2], Rc<Pictures>>,
}

/// Grey images of one size, each with mean 0 and length 1; empty if it is constant.
#[derive(Debug)]
pub(super) struct Pictures(Vec<Vec<f32>>);

impl Pictures {
    /// Correlation of a plane with a picture, −1 to 1. `None` if one of the two is constant.
    pub(super) fn correlation(&self, plane: &[f32], picture: usize) -> Option<f64> {
        let picture = self.0.get(picture).filter(|picture| !picture.is_empty())?;
        Some(dot(&standardised(plane)?, picture).clamp(-1.0, 1.0))
    }
}

impl Grey {
    pub(super) fn of(images: &Tensor<4>) -> Self {
        Self { images: images.clone().mean_dim(1), resized: HashMap::new() }
    }

    pub(super) fn resized(&mut self, size: [usize; 2]) -> Result<Rc<Pictures>, ProbeError> {
        if let Some(pictures) = self.resized.get(&size) {
            return Ok(Rc::clone(pictures));
        }
        let small = adaptive_avg_pool2d(self.images.clone(), size);
        let pixels = small.into_data().convert::<f32>().try_to_vec::<f32>()?;
        let pictures = pixels.chunks_exact(size[0] * size[1]);
        let pictures =
            Rc::new(Pictures(pictures.map(|g| standardised(g).unwrap_or_default()).collect()));
        self.resized.insert(size, Rc::clone(&pictures));
        Ok(pictures)
    }
}

/// With mean 0 and length 1; `None` if it is constant or not finite.
fn standardised(plane: &[f32]) -> Option<Vec<f32>> {
    let mean = plane.iter().map(|&a| f64::from(a)).sum::<f64>() / plane.len() as f64;
    let centred: Vec<f32> = plane.iter().map(|&a| (f64::from(a) - mean) as f32).collect();
    let energy = dot(&centred, &centred);
    // What is left of a constant plane is rounding.
    let varies = energy > 1e-10 * dot(plane, plane);
    let scale = ratio(1.0, energy.sqrt()).filter(|_| varies)?;
    Some(centred.into_iter().map(|a| (f64::from(a) * scale) as f32).collect())
}

/// Sums of |corr| over images.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LikenessSums {
    own: (f64, u32),
    others: (f64, u32),
}

impl LikenessSums {
    /// Compares the map in an image with that image and some others.
    pub(super) fn add(&mut self, plane: &[f32], Pictures(pictures): &Pictures, image: usize) {
        let Some(plane) = standardised(plane) else { return };
        let count = pictures.len();
        let compare = |sums: &mut (f64, u32), picture: usize| {
            if !pictures[picture].is_empty() {
                sums.0 += dot(&plane, &pictures[picture]).abs().min(1.0);
                sums.1 += 1;
            }
        };
        compare(&mut self.own, image);
        let others = OTHERS.min(count - 1);
        for k in 1..=others {
            compare(&mut self.others, (image + k * count / (others + 1)) % count);
        }
    }

    pub(super) fn finish(&self) -> Option<Likeness> {
        let mean = |(sum, count): (f64, u32)| ratio(sum, f64::from(count));
        let raw = mean(self.own)?;
        Some(Likeness { raw, above_mismatched: mean(self.others).map(|others| raw - others) })
    }
}
