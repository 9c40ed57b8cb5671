use std::fmt;

use burn::tensor::Tensor;

use crate::error::ProbeError;
use crate::random::Random;

/// An image by its content: a hash of 128 bits of its pixels, as they enter the network. The same image has the same
/// key in every run and on every machine, as long as it is decoded and normalised to the very same numbers; two
/// different ones have the same key by chance in one of 2⁶⁴ data sets of 2³² images.
///
/// Two lanes of 64 bits with different beginnings take in two pixels at a time, each by one step of SplitMix64; at last
/// the number of pixels. It protects against chance, not against somebody who looks for two images with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageKey(pub u128);

impl ImageKey {
    /// Of an image's pixels, in any order that is always the same.
    pub fn of(pixels: &[f32]) -> Self {
        // The first digits of π behind the point: nothing up the sleeve.
        let mut lanes = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
        let mut take =
            |word: u64| lanes.iter_mut().for_each(|lane| *lane = Random(*lane ^ word).bits());
        let (pairs, rest) = pixels.as_chunks::<2>();
        let bits = |pixel: f32| u64::from(pixel.to_bits());
        pairs.iter().for_each(|&[first, second]| take(bits(first) | bits(second) << 32));
        rest.iter().for_each(|&pixel| take(bits(pixel)));
        take(pixels.len() as u64);
        Self(u128::from(lanes[0]) << 64 | u128::from(lanes[1]))
    }

    /// Of each of the images `[N, C, H, W]`.
    ///
    /// # Errors
    /// When the images cannot be read back from their device.
    pub fn of_all(images: &Tensor<4>) -> Result<Vec<Self>, ProbeError> {
        let [_, shape @ ..] = images.dims();
        let pixels = images.clone().into_data().convert::<f32>().try_to_vec::<f32>()?;
        let images = pixels.chunks_exact(shape.iter().product::<usize>().max(1));
        Ok(images.map(Self::of).collect())
    }
}

impl fmt::Display for ImageKey {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// An image of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId {
    /// The same for images with the same pixels.
    pub key: ImageKey,
    /// Where its source has it, its index in the data set for example. Of images that excite a map as much, the one
    /// with the smaller number is the stronger.
    pub number: u64,
}

impl ImageId {
    /// Of images `[N, C, H, W]` that stand behind one another in their source.
    ///
    /// # Errors
    /// When the images cannot be read back from their device.
    pub fn of_all(images: &Tensor<4>, first: u64) -> Result<Vec<Self>, ProbeError> {
        let keys = ImageKey::of_all(images)?;
        Ok(keys.into_iter().zip(first..).map(|(key, number)| Self { key, number }).collect())
    }
}
