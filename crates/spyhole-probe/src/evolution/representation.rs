//! How alike two layers, or a layer at two times, see the probe images.

use super::LEAST_IMAGES;
use super::bytes::{Reader, Writer};
use crate::vector::{dot, ratio};

/// Of a constant layer rounding is left: this share of the features' energy, or of their Gram matrix's trace.
const ROUNDING_ENERGY: f64 = 1e-10;
const ROUNDING_TRACE: f64 = 1e-6;

/// A part of a matrix that was rounded to 8 bits needs to keep more.
const ROUNDING_PART: f64 = 0.1;

/// From so many images on, a byte for each pair of images keeps the similarity to well below 10⁻³.
const BYTES_FROM: usize = 128;

const WORDS: u8 = b'W';
const BYTES: u8 = b'B';

/// What a layer makes of n probe images: which of them are alike to it. With one row of features per image,
/// X `[n, p]`, and K = XXᵀ,
///
/// ```text
/// K̃_ij = K_ij − (Σ_{l≠i} K_il + Σ_{k≠j} K_kj)/(n−2) + Σ_{k≠l} K_kl/((n−1)(n−2)),   i ≠ j;   K̃_ii = 0
/// HSIC(K, L) = Σ_{i≠j} K̃_ij·L̃_ij / (n(n−3))
/// CKA = HSIC(K, L) / √(HSIC(K, K)·HSIC(L, L)),   the cosine between K̃ and L̃
/// ```
///
/// This is the unbiased linear CKA of Kornblith et al. (2019) and Nguyen et al. (2021) with the estimator of
/// Song et al. (2012); K̃ is the U-centred matrix of Székely & Rizzo (2014), in which the three terms of the
/// estimator become one sum. K̃ has the length 1 here, so that scale is gone.
///
/// Kept are the n(n−1)/2 numbers above the diagonal, rounded to 8 significant bits: with 256 images CKA is
/// exact to 10⁻⁴ and small changes to 10⁻⁶, with ten to 10⁻³, and a layer that has not changed has 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Representation {
    images: usize,
    /// Above the diagonal, row by row.
    values: Vec<f32>,
    /// The length of the values, before they were made coarser.
    length: f64,
}

impl Representation {
    /// From features, row-major `[images, p]`. `None`: with fewer than [`LEAST_IMAGES`] images; for a layer
    /// that is constant over the images, dead or not finite; and where only one image differs from the rest,
    /// of which HSIC knows nothing.
    pub fn of_features(features: &[f32], images: usize) -> Option<Self> {
        if images < LEAST_IMAGES || !features.iter().all(|x| x.is_finite()) {
            return None;
        }
        let width = features.len() / images;
        let features = centred(features, width)?;
        let row = |i: usize| &features[i * width..(i + 1) * width];
        let trace = dot(&features, &features);
        let gram = pairs(images).map(|(i, j)| dot(row(i), row(j))).collect();
        Self::of_gram(gram, images, ROUNDING_TRACE * trace)
    }

    /// From what is above the diagonal of a Gram matrix. `None` if less than `least` is left of it.
    fn of_gram(mut gram: Vec<f64>, images: usize, least: f64) -> Option<Self> {
        if images < LEAST_IMAGES {
            return None;
        }
        let n = images as f64;
        let mut sums = vec![0.0; images];
        for ((i, j), k) in pairs(images).zip(&gram) {
            sums[i] += k;
            sums[j] += k;
        }
        let all = sums.iter().sum::<f64>() / ((n - 1.0) * (n - 2.0));
        for ((i, j), k) in pairs(images).zip(&mut gram) {
            *k += all - (sums[i] + sums[j]) / (n - 2.0);
        }
        let length = dot(&gram, &gram).sqrt();
        let scale = ratio(1.0, length).filter(|_| length > least)?;
        let values: Vec<f32> = gram.into_iter().map(|k| rounded((k * scale) as f32)).collect();
        let length = dot(&values, &values).sqrt();
        Some(Self { images, values, length })
    }

    /// How many images it is of.
    pub fn images(&self) -> usize {
        self.images
    }

    /// Unbiased linear CKA: 1 for features that are equal up to rotation and scale, 0 on average for features
    /// that have nothing to do with each other (it may be below). `None` if the numbers of images differ.
    pub fn similarity(&self, other: &Self) -> Option<f64> {
        let product = dot(&self.values, &other.values);
        ratio(product, self.length * other.length).filter(|_| self.images == other.images)
    }

    /// The same of the images with even numbers, and of those with odd ones.
    pub fn halves(&self) -> [Option<Self>; 2] {
        [0, 1].map(|parity| {
            let part = pairs(self.images).zip(&self.values);
            let part = part.filter(|((i, j), _)| i % 2 == parity && j % 2 == parity);
            let gram: Vec<f64> = part.map(|(_, &k)| f64::from(k)).collect();
            let least = ROUNDING_PART * dot(&gram, &gram).sqrt();
            Self::of_gram(gram, (self.images + 1 - parity) / 2, least)
        })
    }

    /// For keeping it as it is, two bytes a number: 65 kB for 256 images.
    pub fn to_exact_bytes(&self) -> Vec<u8> {
        let mut out = self.header(WORDS);
        self.values.iter().for_each(|k| out.raw(&k.to_le_bytes()[2..]));
        out.finish()
    }

    /// For keeping many: one byte a number, with a scale per row, 34 kB for 256 images; similarities to it
    /// differ by about 10⁻⁴. With few images, as exact as it is.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.images < BYTES_FROM {
            return self.to_exact_bytes();
        }
        let mut out = self.header(BYTES);
        let mut rest = &self.values[..];
        for i in 0..self.images {
            let (row, further) = rest.split_at(self.images - 1 - i);
            rest = further;
            let scale = row.iter().fold(0.0_f32, |largest, k| largest.max(k.abs())) / 127.0;
            out.raw(&scale.to_le_bytes());
            let whole = |k: &f32| if scale > 0.0 { (k / scale).round() as i8 } else { 0 };
            row.iter().for_each(|k| out.raw(&whole(k).to_le_bytes()));
        }
        out.finish()
    }

    /// What was kept; `None` if it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (tag, mut bytes) = Reader::open(bytes)?;
        let images = bytes.count()?;
        let length = bytes.array().map(f64::from_le_bytes)?;
        let mut values = vec![];
        match tag {
            WORDS => {
                let words = bytes.raw(images.checked_mul(images.checked_sub(1)?)?)?;
                let value = |word: &[u8]| f32::from_le_bytes([0, 0, word[0], word[1]]);
                values.extend(words.chunks_exact(2).map(value));
            }
            BYTES => {
                for i in 0..images {
                    let scale = bytes.array().map(f32::from_le_bytes)?;
                    let row = bytes.raw(images - 1 - i)?;
                    values.extend(row.iter().map(|&k| f32::from(k.cast_signed()) * scale));
                }
            }
            _ => return None,
        }
        bytes.end(Self { images, values, length })
    }

    fn header(&self, tag: u8) -> Writer {
        let mut out = Writer::new(tag);
        out.u32(self.images);
        out.raw(&self.length.to_le_bytes());
        out
    }
}

/// The places above the diagonal, row by row.
fn pairs(images: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..images).flat_map(move |i| (i + 1..images).map(move |j| (i, j)))
}

/// Every column with mean 0, which changes nothing but the rounding; `None` if they are constant.
fn centred(features: &[f32], width: usize) -> Option<Vec<f32>> {
    let images = features.len() / width.max(1);
    let mut means = vec![0.0; width];
    for row in features.chunks_exact(width.max(1)) {
        means.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x) / images as f64);
    }
    let rows = features.chunks_exact(width.max(1));
    let centre = |row: &'_ [f32]| -> Vec<f32> {
        row.iter().zip(&means).map(|(&x, mean)| (f64::from(x) - mean) as f32).collect()
    };
    let centred: Vec<f32> = rows.flat_map(centre).collect();
    (dot(&centred, &centred) > ROUNDING_ENERGY * dot(features, features)).then_some(centred)
}

/// To 8 significant bits: the upper half of an `f32`.
fn rounded(value: f32) -> f32 {
    f32::from_bits((value.to_bits() + 0x8000) & 0xffff_0000)
}
