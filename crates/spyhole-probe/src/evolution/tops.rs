//! The images that excite a map most.

use std::cmp::Ordering;

use super::bytes::{Reader, Writer};
use crate::vector::{ratio, share};

/// So many images are kept for each map, as in figure 2 of Zeiler & Fergus (2013).
pub const TOP: usize = 9;

/// p of the rank-biased overlap: the chance that a reader goes on to the next rank (Webber et al. 2010).
pub const PERSISTENCE: f64 = 0.8;

/// No image.
const NONE: u16 = u16::MAX;
const TAG: u8 = b'T';

/// For each map of a layer the numbers of its [`TOP`] strongest images, strongest first; of images that are as
/// strong, the one with the smaller number. An image's strength is the map's maximum over positions; images in
/// which it is 0 or less are not counted, so that a map that is rarely active has fewer, and a dead one none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopImages(Vec<[u16; TOP]>);

/// How like the strongest images are to those of an earlier snapshot: means over the maps that are live in both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopOverlap {
    /// Jaccard index |A∩B|/|A∪B| of the sets, 0 to 1.
    pub jaccard: f64,
    /// Rank-biased overlap with [`PERSISTENCE`] p (Webber et al. 2010), down to the end D of the longer list and
    /// divided by what equal lists have there, so that they have 1:
    /// `(1−p)/(1−p^D) · Σ_{d≤D} p^{d−1}·|A_d∩B_d|/d`, with A_d the first d of A.
    pub ranked: f64,
    /// Share of the maps whose strongest image is another one.
    pub jumps: f64,
}

impl TopImages {
    /// How many maps there are.
    pub fn maps(&self) -> usize {
        self.0.len()
    }

    /// A map's images, strongest first. Empty: it is dead, or not finite.
    pub fn of(&self, map: usize) -> &[u16] {
        let list = self.0.get(map).map_or(&[][..], |list| &list[..]);
        &list[..list.iter().take_while(|&&image| image != NONE).count()]
    }

    /// Jaccard index of a map's images and those of then. `None` if the map is or was dead.
    pub fn jaccard(&self, then: &Self, map: usize) -> Option<f64> {
        let (now, then) = (self.of(map), then.of(map));
        jaccard(now, then).filter(|_| !now.is_empty() && !then.is_empty())
    }

    /// Compares all maps with an earlier snapshot. `None` if no map is live in both.
    pub fn overlap(&self, then: &Self) -> Option<TopOverlap> {
        let (mut live, mut jumped) = (0, 0);
        let (mut jaccard, mut ranked) = (0.0, 0.0);
        for map in 0..self.maps() {
            let Some(index) = self.jaccard(then, map) else { continue };
            let (now, then) = (self.of(map), then.of(map));
            live += 1;
            jumped += usize::from(now[0] != then[0]);
            jaccard += index;
            ranked += rank_biased(now, then);
        }
        let mean = |sum: f64| ratio(sum, f64::from(live));
        let jumps = share(jumped, usize::try_from(live).ok()?)?;
        Some(TopOverlap { jaccard: mean(jaccard)?, ranked: mean(ranked)?, jumps })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(TAG);
        self.0.as_flattened().iter().for_each(|image| out.raw(&image.to_le_bytes()));
        out.finish()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader::expect(bytes, TAG)?;
        let mut lists = vec![];
        while let Some(list) = bytes.array::<{ 2 * TOP }>() {
            let mut images = [NONE; TOP];
            for (image, bytes) in images.iter_mut().zip(list.as_chunks().0) {
                *image = u16::from_le_bytes(*bytes);
            }
            lists.push(images);
        }
        bytes.end(Self(lists))
    }
}

impl FromIterator<Strongest> for TopImages {
    fn from_iter<I: IntoIterator<Item = Strongest>>(maps: I) -> Self {
        Self(maps.into_iter().map(Strongest::finish).collect())
    }
}

/// |A∩B|/|A∪B| of two lists without repetitions. `None` if both are empty.
pub(crate) fn jaccard<T: PartialEq>(a: &[T], b: &[T]) -> Option<f64> {
    let both = common(a, b);
    share(both, a.len() + b.len() - both)
}

fn common<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().filter(|image| b.contains(image)).count()
}

fn rank_biased(a: &[u16], b: &[u16]) -> f64 {
    let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
    for depth in 1..=a.len().max(b.len()) {
        let first = |list: &'_ [u16]| -> usize { depth.min(list.len()) };
        sum += weight * common(&a[..first(a)], &b[..first(b)]) as f64 / depth as f64;
        weights += weight;
        weight *= PERSISTENCE;
    }
    sum / weights
}

/// A map's strongest images so far. They are offered in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Strongest {
    found: Vec<(f32, u16)>,
    broken: bool,
}

impl Strongest {
    pub(super) fn offer(&mut self, value: f32, image: usize) {
        self.broken |= !value.is_finite();
        let Ok(image) = u16::try_from(image) else { return };
        let stronger = |found: &(f32, u16)| found.0.partial_cmp(&value) != Some(Ordering::Less);
        let place = self.found.partition_point(stronger);
        if value > 0.0 && place < TOP {
            self.found.insert(place, (value, image));
            self.found.truncate(TOP);
        }
    }

    fn finish(self) -> [u16; TOP] {
        let mut images = [NONE; TOP];
        let found = if self.broken { &[] } else { &self.found[..] };
        images.iter_mut().zip(found).for_each(|(image, found)| *image = found.1);
        images
    }
}
