//! Do lower layers settle first?

use std::cmp::Ordering;

use crate::random::Random;

/// So many times the maps are drawn anew for the interval.
pub const RESAMPLES: usize = 1000;

const SEED: u64 = 0x5e77_1e5e;

/// Fewer layers have no order worth the name.
const LEAST_LAYERS: usize = 3;

/// A rank correlation with its uncertainty: `low` ≤ `value` ≤ `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankCorrelation {
    /// −1 to 1.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Kendall's τ-b between depth and the epoch in which a layer settled; positive: lower layers settled first.
/// Over all pairs of layers, with P those in order, Q those in reverse, T those level:
///
/// ```text
/// τ_b = (P − Q) / √((P + Q + T)(P + Q))
/// ```
///
/// `settled` goes from the lowest layer to the highest; a layer that has not settled is later than all that have,
/// and level with others that have not. Leave out layers that are frozen or dead. `maps` are the epochs since
/// which each layer's maps have been close to what they are now
/// ([`maps_close_since`](super::LayerEvolution::maps_close_since)).
///
/// The 95 % interval is by bootstrap over the feature maps (Efron 1979, percentiles of [`RESAMPLES`] drawings,
/// the same in every run): in each, every layer's maps are drawn with replacement, the layer's epoch is the
/// median of theirs (maps that still change are later than all), and a drawing in which all layers are level has
/// τ 0. A layer without maps has its own epoch. CKA and strongest images need not agree on the order: the
/// interval is made wide enough to hold the value, and may then reach across 0, which says just that.
///
/// `None` with fewer than three layers, and when all are level.
pub fn order(settled: &[Option<u32>], maps: &[Vec<Option<u32>>]) -> Option<RankCorrelation> {
    let settled: Vec<f64> = settled.iter().map(|&epoch| when(epoch)).collect();
    let value = tau(&settled).filter(|_| settled.len() >= LEAST_LAYERS)?;
    let none = Drawer::new(&[]);
    let mut drawers: Vec<Drawer> = maps.iter().map(|maps| Drawer::new(maps)).collect();
    drawers.resize(settled.len(), none);
    let mut random = Random(SEED);
    let mut drawn: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let layers = drawers.iter_mut().zip(&settled);
            let epochs = layers.map(|(drawer, &epoch)| drawer.median(&mut random).unwrap_or(epoch));
            tau(&epochs.collect::<Vec<_>>()).unwrap_or(0.0)
        })
        .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = RESAMPLES / 40;
    let (low, high) = (drawn[tail].min(value), drawn[RESAMPLES - 1 - tail].max(value));
    Some(RankCorrelation { value, low, high })
}

fn when(epoch: Option<u32>) -> f64 {
    epoch.map_or(f64::INFINITY, f64::from)
}

/// Kendall's τ-b with depth; `None` if all are level.
fn tau(epochs: &[f64]) -> Option<f64> {
    let (mut ordered, mut reversed, mut level) = (0.0_f64, 0.0, 0.0);
    for (i, lower) in epochs.iter().enumerate() {
        for upper in &epochs[i + 1..] {
            match lower.total_cmp(upper) {
                Ordering::Less => ordered += 1.0,
                Ordering::Greater => reversed += 1.0,
                Ordering::Equal => level += 1.0,
            }
        }
    }
    let unlike: f64 = ordered + reversed;
    (unlike > 0.0).then(|| (ordered - reversed) / ((unlike + level) * unlike).sqrt())
}

/// Draws a layer's maps.
#[derive(Clone, Debug)]
struct Drawer {
    sorted: Vec<f64>,
    /// Places in `sorted`, whose order is that of the epochs.
    places: Vec<u32>,
}

impl Drawer {
    fn new(maps: &[Option<u32>]) -> Self {
        let mut sorted: Vec<f64> = maps.iter().map(|&epoch| when(epoch)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { places: vec![0; sorted.len()], sorted }
    }

    /// The median of a drawing; the mean of the two in the middle if their number is even. `None` without maps.
    fn median(&mut self, random: &mut Random) -> Option<f64> {
        let count = self.places.len();
        if count == 0 {
            return None;
        }
        for place in &mut self.places {
            // The upper half of the bits, scaled to the number of maps.
            *place = (((random.bits() >> 32) * count as u64) >> 32) as u32;
        }
        let (below, &mut upper, _) = self.places.select_nth_unstable(count / 2);
        let lower = if count.is_multiple_of(2) { below.iter().copied().max() } else { None };
        let epoch = |place: u32| self.sorted[place as usize];
        Some((epoch(lower.unwrap_or(upper)) + epoch(upper)) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::median;
    use proptest::prelude::*;

    /// By the definition for two variables that may both have ties.
    fn slow_tau(epochs: &[Option<u32>]) -> Option<f64> {
        let n = epochs.len();
        let place = |i: usize| epochs[i].map_or(i64::MAX, i64::from);
        let (mut sum, mut pairs, mut untied) = (0.0, 0.0, 0.0);
        for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| i != j) {
            let depth = (i as i64 - j as i64).signum();
            let epoch = place(i).cmp(&place(j)) as i64;
            sum += (depth * epoch) as f64;
            pairs += depth.abs() as f64;
            untied += epoch.abs() as f64;
        }
        let tau = sum / (f64::sqrt(pairs) * f64::sqrt(untied));
        tau.is_finite().then_some(tau)
    }

    #[test]
    fn lower_layers_first_is_positive() {
        let cases: [(&[Option<u32>], Option<f64>); 9] = [
            (&[Some(1), Some(2), Some(3)], Some(1.0)),
            (&[Some(3), Some(2), Some(1)], Some(-1.0)),
            (&[Some(1), Some(2), None, None], Some(5.0 / 30.0_f64.sqrt())),
            (&[None, None, Some(7)], Some(-2.0 / 6.0_f64.sqrt())),
            (&[Some(2), Some(1), Some(3), Some(4)], Some(4.0 / 6.0)),
            (&[Some(6), Some(8), Some(11), Some(10)], Some(4.0 / 6.0)),
            (&[Some(4), Some(4), Some(4)], None),
            (&[None, None, None], None),
            (&[Some(1), Some(2)], None),
        ];
        for (settled, expected) in cases {
            let found = order(settled, &[]).map(|order| order.value);
            match (found, expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-12, "{settled:?}: {found}");
                }
                _ => assert_eq!(found, expected, "{settled:?}"),
            }
        }
    }

    #[test]
    fn the_interval_is_that_of_the_maps() {
        let settled = [Some(2), Some(5), Some(9)];
        let maps = |epochs: [&[u32]; 3]| -> Vec<Vec<Option<u32>>> {
            epochs.map(|epochs| epochs.iter().map(|&e| Some(e)).collect()).to_vec()
        };
        let bounds = |maps: &[Vec<Option<u32>>]| {
            let order = order(&settled, maps).unwrap();
            assert_eq!(order.value, 1.0);
            (order.low, order.high)
        };
        // Maps that agree leave no doubt, whatever is drawn.
        assert_eq!(bounds(&maps([&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]])), (1.0, 1.0));
        // Without maps there is nothing to doubt.
        assert_eq!(bounds(&[]), (1.0, 1.0));
        // Maps that tell the reverse: the interval holds both.
        assert_eq!(bounds(&maps([&[9, 9], &[5, 5], &[2, 2]])), (-1.0, 1.0));
        // Maps that tell nothing.
        let any: &[u32] = &[1, 3, 5, 7, 9, 11, 13];
        let (low, high) = bounds(&maps([any, any, any]));
        assert!(low < -0.9 && high == 1.0);
        // Maps that still change are later than all.
        let mut open = maps([&[1, 2, 3], &[4, 5, 6], &[]]);
        open[2] = vec![None; 5];
        assert_eq!(bounds(&open), (1.0, 1.0));
        // The same maps, and the same draws.
        let some = maps([&[1, 4, 9], &[2, 6, 7, 7], &[1, 8]]);
        assert_eq!(bounds(&some), bounds(&some));
    }

    proptest! {
        #[test]
        fn tau_is_that_of_the_definition(
            epochs in prop::collection::vec(prop::option::weighted(0.7, 0..6_u32), 2..9)
        ) {
            let numbers: Vec<f64> = epochs.iter().map(|&epoch| when(epoch)).collect();
            match (tau(&numbers), slow_tau(&epochs)) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12, "{} {}", a, b),
                (a, b) => prop_assert_eq!(a, b),
            }
            if let Some(order) = order(&epochs, &[]) {
                prop_assert!(order.low <= order.value && order.value <= order.high);
            }
        }

        /// One of the epochs drawn is the median of them, and on average half of the draws are below it.
        #[test]
        fn medians_are_those_of_the_drawn(
            epochs in prop::collection::vec(prop::option::weighted(0.8, 0..9_u32), 1..12), seed: u64
        ) {
            let mut drawer = Drawer::new(&epochs);
            let found = drawer.median(&mut Random(seed)).unwrap();
            let drawn = drawer.places.iter().map(|&place| drawer.sorted[place as usize]);
            prop_assert_eq!(Some(found), median(drawn));
        }
    }
}
