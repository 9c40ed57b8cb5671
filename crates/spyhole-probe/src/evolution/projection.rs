//! Pictures of the same maps for the same images, compared over the epochs.

use super::bytes::{Reader, Writer};
use crate::random::Random;

/// A picture with more numbers than this is kept as a sketch of so many.
const NUMBERS: usize = 4096;

const PAIRS_TAG: u8 = b'I';
const PICTURES_TAG: u8 = b'P';

/// Two images for which a map is projected, the same in the whole run: the one in which the map was strongest
/// when it was first seen active, and another one in which it was active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The feature map.
    pub map: usize,
    /// The images' numbers.
    pub images: [usize; 2],
}

impl Pair {
    /// From the map's activation in every image. The second image is the first live one half-way round the
    /// probe set: neighbours are often of one class. `None` if the map is not live in two images.
    pub(super) fn choose(
        map: usize,
        strengths: impl ExactSizeIterator<Item = f32>,
    ) -> Option<Self> {
        let strengths: Vec<f32> = strengths.collect();
        let count = strengths.len();
        let live = |image: &usize| strengths[*image] > 0.0 && strengths[*image].is_finite();
        let stronger = |best: usize, image: usize| {
            if strengths[image] > strengths[best] { image } else { best }
        };
        let first = (0..count).filter(live).reduce(stronger)?;
        let others = (0..count).map(|k| (first + count / 2 + k) % count);
        let second = others.filter(|&image| image != first).find(live)?;
        Some(Self { map, images: [first, second] })
    }
}

/// A map's projections for its two images. `None`: the map is silent there.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The map and the images.
    pub pair: Pair,
    /// One picture per image.
    pub pictures: [Option<Picture>; 2],
}

/// A projection in so few numbers that it can be kept: its values, scaled so that the largest is 127, as whole
/// numbers. Of a picture with more than 4096 values, its count sketch (Charikar, Chen and Farach-Colton 2002;
/// Weinberger et al. 2009): every value goes, with a fixed random sign, into one of 4096 sums. The
/// cosine of two sketches is that of the pictures on average, with a standard deviation of about 1/64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(Vec<i8>);

impl Picture {
    /// `None` for a picture without a value other than 0, or with one that is not finite.
    pub fn of(pixels: &[f32]) -> Option<Self> {
        let sketch = (pixels.len() > NUMBERS).then(|| sketched(pixels));
        let numbers = sketch.as_deref().unwrap_or(pixels);
        let largest = numbers.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
        let finite = pixels.iter().all(|x| x.is_finite()) && largest.is_finite();
        let whole = |x: &f32| (x / largest * 127.0).round() as i8;
        (finite && largest > 0.0).then(|| Self(numbers.iter().map(whole).collect()))
    }

    /// Cosine of the pictures, −1 to 1. `None` if they are of different sizes.
    pub fn cosine(&self, other: &Self) -> Option<f64> {
        let dot = |a: &Self, b: &Self| -> f64 {
            let products = a.0.iter().zip(&b.0).map(|(&a, &b)| i32::from(a) * i32::from(b));
            f64::from(products.sum::<i32>())
        };
        let length = (dot(self, self) * dot(other, other)).sqrt();
        (self.0.len() == other.0.len() && length > 0.0).then(|| dot(self, other) / length)
    }
}

/// The place and the sign of a pixel depend on nothing but its number.
fn sketched(pixels: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; NUMBERS];
    for (number, &pixel) in pixels.iter().enumerate().filter(|(_, pixel)| **pixel != 0.0) {
        let bits = Random(number as u64).bits();
        let sign = if bits & 1 == 0 { 1.0 } else { -1.0 };
        sums[(bits >> 32) as usize % NUMBERS] += sign * pixel;
    }
    sums
}

/// Mean over the maps of how much more like a map's pictures are to its earlier ones of the same image than to
/// its earlier ones of the other image. With A, B the pictures now and a, b those before:
///
/// ```text
/// (cos(A, a) + cos(B, b))/2 − (cos(A, b) + cos(B, a))/2
/// ```
///
/// An unchanged map has 1 less the cosine between its two pictures; 0: the pictures do not tell their images
/// apart any longer as they did. Maps that are or were silent in one of the images are left out.
pub(super) fn similarity(now: &[Projection], before: &[Projection]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for now in now {
        let Some(before) = before.iter().find(|before| before.pair == now.pair) else { continue };
        let cosine =
            |i: usize, j: usize| now.pictures[i].as_ref()?.cosine(before.pictures[j].as_ref()?);
        let both = |(a, b): (Option<f64>, Option<f64>)| Some((a? + b?) / 2.0);
        let own = both((cosine(0, 0), cosine(1, 1)));
        if let Some((own, other)) = own.zip(both((cosine(0, 1), cosine(1, 0)))) {
            sum += own - other;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}

pub(super) fn pairs_to_bytes(pairs: &[Pair]) -> Vec<u8> {
    let mut out = Writer::new(PAIRS_TAG);
    out.u32(pairs.len());
    pairs.iter().for_each(|pair| write_pair(&mut out, pair));
    out.finish()
}

pub(super) fn pairs_from_bytes(bytes: &[u8]) -> Option<Vec<Pair>> {
    let mut bytes = Reader::expect(bytes, PAIRS_TAG)?;
    let pairs = (0..bytes.count()?).map(|_| read_pair(&mut bytes)).collect::<Option<_>>()?;
    bytes.end(pairs)
}

pub(super) fn to_bytes(projections: &[Projection]) -> Vec<u8> {
    let mut out = Writer::new(PICTURES_TAG);
    out.u32(projections.len());
    for Projection { pair, pictures } in projections {
        write_pair(&mut out, pair);
        for picture in pictures {
            let numbers = picture.as_ref().map_or(&[][..], |picture| &picture.0);
            out.block(&numbers.iter().map(|number| number.cast_unsigned()).collect::<Vec<_>>());
        }
    }
    out.finish()
}

pub(super) fn from_bytes(bytes: &[u8]) -> Option<Vec<Projection>> {
    let mut bytes = Reader::expect(bytes, PICTURES_TAG)?;
    let count = bytes.count()?;
    let projections = (0..count).map(|_| read_projection(&mut bytes)).collect::<Option<_>>()?;
    bytes.end(projections)
}

fn read_projection(bytes: &mut Reader<'_>) -> Option<Projection> {
    let pair = read_pair(bytes)?;
    let mut picture = || {
        let numbers: Vec<i8> = bytes.block()?.iter().map(|byte| byte.cast_signed()).collect();
        Some((!numbers.is_empty()).then_some(Picture(numbers)))
    };
    Some(Projection { pair, pictures: [picture()?, picture()?] })
}

fn write_pair(out: &mut Writer, Pair { map, images }: &Pair) {
    out.u32(*map);
    images.iter().for_each(|&image| out.u32(image));
}

fn read_pair(bytes: &mut Reader<'_>) -> Option<Pair> {
    Some(Pair { map: bytes.count()?, images: [bytes.count()?, bytes.count()?] })
}
