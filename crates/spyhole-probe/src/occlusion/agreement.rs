use spyhole_graph::{Activations, Layer, Method, Seed};

use super::grid::OcclusionGrid;
use crate::error::ProbeError;

/// The share of the places that count as the strongest.
pub const TOP_SHARE: f64 = 0.2;

/// Fewer places have no order worth the name.
const LEAST_PLACES: usize = 5;

/// How well two ways of finding what a map responds to agree: hiding it, and projecting the map back. `None` where
/// one of them is the same everywhere.
///
/// Each is also given less its mean over projections of the same map from other images: what is left says that
/// the two agree on this image, rather than on the middle of any image. Values near 0 there mean that the projection
/// says nothing about the image. The plain gradient agrees as well as the deconvnet does, so agreement speaks
/// for localisation, not for the deconvnet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Spearman's rank correlation, −1 to 1.
    pub correlation: Option<f64>,
    /// Intersection over union of the strongest [`TOP_SHARE`] of the places, 0 to 1; by chance .11.
    pub overlap: Option<f64>,
    /// `correlation`, minus its mean over other images' projections.
    pub correlation_above_mismatched: Option<f64>,
    /// `overlap`, minus its mean over other images' projections.
    pub overlap_above_mismatched: Option<f64>,
}

/// Compares the drops of a map's sum with the map's projection `[C, H, W]`: `Σ_c|projection|`, box-blurred by the
/// square's size and sampled at the squares' centres. `others` are projections of the same map from other
/// images ([`map_projections`]).
pub fn agreement(
    grid: &OcclusionGrid,
    drops: &[f64],
    projection: &[f32],
    others: &[Vec<f32>],
) -> Agreement {
    let own = grid.means(projection);
    let others: Vec<Vec<f64>> = others.iter().map(|other| grid.means(other)).collect();
    let both = |measure: fn(&[f64], &[f64]) -> Option<f64>| {
        let value = measure(drops, &own);
        let mismatched: Vec<f64> =
            others.iter().filter_map(|other| measure(drops, other)).collect();
        let mean = mismatched.iter().sum::<f64>() / mismatched.len() as f64;
        (value, value.filter(|_| !mismatched.is_empty()).map(|value| value - mean))
    };
    let (correlation, correlation_above_mismatched) = both(spearman);
    let (overlap, overlap_above_mismatched) = both(top_overlap);
    Agreement { correlation, overlap, correlation_above_mismatched, overlap_above_mismatched }
}

/// How much two fillings agree: Spearman's rank correlation of their drops, −1 to 1. Far below 1, the picture
/// depends on what is put into the square. `None` where one of them is the same everywhere.
pub fn fills_agree(drops: &[f64], with_other_fill: &[f64]) -> Option<f64> {
    spearman(drops, with_other_fill)
}

/// A map's projections from some images, `[C, H, W]` each, to compare with what hiding does to its sum. It is the
/// whole map that is projected, as it is the whole map's sum that is recorded; the strongest unit alone would
/// show no more than its receptive field.
///
/// # Errors
/// When the layer is behind an unsupported operation, or the map or an image does not exist.
pub fn map_projections(
    activations: &Activations<'_>,
    layer: &Layer,
    map: usize,
    images: &[usize],
    method: Method,
) -> Result<Vec<Vec<f32>>, ProbeError> {
    let seeds: Vec<_> = images.iter().map(|&image| Seed::Map { image, map }).collect();
    let pictures = activations.project(layer, &seeds, method)?;
    let size = pictures.dims()[1..].iter().product::<usize>().max(1);
    let pixels = pictures.into_data().convert::<f32>().try_to_vec::<f32>()?;
    Ok(pixels.chunks_exact(size).map(<[f32]>::to_vec).collect())
}

fn comparable(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.len() >= LEAST_PLACES
        && a.iter().chain(b).all(|number| number.is_finite())
}

/// The correlation of ranks; level numbers share their mean rank.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    comparable(a, b).then_some(())?;
    let (a, b) = (ranks(a), ranks(b));
    let middle = (a.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum()
    };
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 0.0).then(|| product(&a, &b) / spread)
}

fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&i, &j| numbers[i].total_cmp(&numbers[j]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut first = 0;
    for level in order.chunk_by(|&i, &j| numbers[i] == numbers[j]) {
        let rank = first as f64 + (level.len() - 1) as f64 / 2.0;
        level.iter().for_each(|&i| ranks[i] = rank);
        first += level.len();
    }
    ranks
}

/// Intersection over union of the strongest places.
fn top_overlap(a: &[f64], b: &[f64]) -> Option<f64> {
    comparable(a, b).then_some(())?;
    let (a, b) = (strongest(a)?, strongest(b)?);
    let count = |wanted: fn(bool, bool) -> bool| {
        a.iter().zip(&b).filter(|(a, b)| wanted(**a, **b)).count() as f64
    };
    Some(count(|a, b| a && b) / count(|a, b| a || b))
}

/// The strongest places; without those that are level with what is just too weak, as nothing tells them apart.
fn strongest(numbers: &[f64]) -> Option<Vec<bool>> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let count = (TOP_SHARE * numbers.len() as f64).round().max(1.0) as usize;
    let too_weak = *sorted.get(count)?;
    let strongest: Vec<bool> = numbers.iter().map(|&number| number > too_weak).collect();
    strongest.contains(&true).then_some(strongest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate() {
        for (a, b, expected) in [
            ([1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 90.0], Some(1.0)),
            ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0], Some(-1.0)),
            // By hand: 1 − 6 Σd² / (n(n² − 1)) with Σd² = 4.
            ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0], Some(0.8)),
            // scipy.stats.spearmanr with ties.
            ([1.0, 1.0, 2.0, 3.0, 3.0], [1.0, 2.0, 3.0, 4.0, 5.0], Some(0.948_683_298)),
            ([0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0, 5.0], None),
            ([f64::NAN, 0.0, 0.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0], None),
        ] {
            let got = fills_agree(&a, &b);
            assert_eq!(got.is_some(), expected.is_some(), "{a:?} {b:?}");
            assert!((got.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-8, "{got:?}");
        }
        assert_eq!(fills_agree(&[1.0, 2.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn the_strongest_places_overlap() {
        let ten = |top: &[usize]| -> Vec<f64> {
            (0..10)
                .map(|i| if top.contains(&i) { 10.0 + i as f64 } else { i as f64 * 0.1 })
                .collect()
        };
        for (a, b, expected) in [
            (ten(&[1, 4]), ten(&[1, 4]), Some(1.0)),
            (ten(&[1, 4]), ten(&[4, 7]), Some(1.0 / 3.0)),
            (ten(&[1, 4]), ten(&[5, 7]), Some(0.0)),
            (ten(&[1, 4]), vec![0.0; 10], None),
        ] {
            assert_eq!(top_overlap(&a, &b), expected, "{a:?} {b:?}");
        }
        // One place stands out, all others are level: nothing tells a second one.
        let one: Vec<f64> = (0..10).map(|i| f64::from(i == 3)).collect();
        assert_eq!(top_overlap(&one, &ten(&[3, 4])), Some(0.5));
    }

    #[test]
    fn other_images_are_the_baseline() {
        let grid = OcclusionGrid::new([4, 4], [1, 1], [1, 1]).unwrap();
        let drops: Vec<f64> = (0..16).map(f64::from).collect();
        let projection: Vec<f32> = (0..16).map(|i| -(i as f32)).collect();
        let reversed: Vec<f32> = (0..16).rev().map(|i| i as f32).collect();
        let flat = vec![1.0; 16];
        let got = agreement(&grid, &drops, &projection, &[projection.clone(), reversed, flat]);
        let expected = Agreement {
            correlation: Some(1.0),
            overlap: Some(1.0),
            // Of the mismatched ones, 1 and −1, and 1 and 0; the flat one has no order.
            correlation_above_mismatched: Some(1.0),
            overlap_above_mismatched: Some(0.5),
        };
        assert_eq!(got, expected);
        let alone = agreement(&grid, &drops, &projection, &[]);
        assert_eq!(alone.correlation, Some(1.0));
        assert_eq!(alone.correlation_above_mismatched, None);
        assert_eq!(agreement(&grid, &[0.0; 16], &projection, &[]), Agreement::default());
    }
}
