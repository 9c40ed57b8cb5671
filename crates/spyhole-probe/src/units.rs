//! What a feature map answers most, among any number of images: its strongest patches (Girshick et al. 2014; Zeiler &
//! Fergus 2013, figure 2).
//!
//! A [`TopSearch`] looks at a stream of images of any length and keeps the strongest of every map, in memory for
//! these alone. [`UnitPictures`] looks at the stream again: it finds the same images by their content, makes sure that
//! they excite the units as before, cuts out what the units see and projects them.

mod identity;
mod pictures;
mod search;

pub use identity::{ImageId, ImageKey};
pub use pictures::{MapUnits, TOLERANCE, TopUnit, UnitPictures, UnitRequest, Verdict};
pub use search::{Hit, LayerTops, MapTops, TopSearch, find_tops};

use crate::evolution::jaccard;

/// So many images are kept for each map, as in figure 2 of Zeiler & Fergus (2013).
pub const TOP_IMAGES: usize = 9;

/// How much a map's strongest images have changed: the Jaccard distance 1 − |A∩B|/|A∪B| of the sets. 0: they are the
/// same, in whatever order; 1: none is. Both searches must have seen the same images, or it says nothing. `None` for
/// a map that answers none now and did not before.
pub fn churn(now: &MapTops, before: &MapTops) -> Option<f64> {
    let keys = |tops: &MapTops| -> Vec<_> { tops.hits.iter().map(|hit| hit.image.key).collect() };
    jaccard(&keys(now), &keys(before)).map(|alike| 1.0 - alike)
}
