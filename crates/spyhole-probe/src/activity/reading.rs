use super::likeness::{Likeness, LikenessSums};
use super::plane::PlaneSums;
use super::sparseness::Spread;
use crate::vector::ratio;

/// One feature map over all probe images. |a| stands for the activation a, so that layers whose activation can be
/// negative are read too. Every value is `None` if an activation of the map is not finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapReading {
    /// Largest |a| over all images and positions.
    pub largest: Option<f64>,
    /// Share of all its values that are exactly zero, 0 to 1; .5 for noise behind a ReLU.
    pub zero_share: Option<f64>,
    /// Mean of [`PlaneStatistics::hoyer`](super::PlaneStatistics::hoyer) over the images in which it is active.
    pub hoyer: Option<f64>,
    /// Mean of [`PlaneStatistics::localisation`](super::PlaneStatistics::localisation) over the images in which it
    /// is active. Near 1 for noise; below .5 the map points at places.
    pub localisation: Option<f64>,
    /// How few images the map answers, (1 − A)/(1 − 1/n) with A = (mean r)²/(mean r²) over n images (Treves and
    /// Rolls 1991). Its response r to an image is its largest |a| there, as in the search for its strongest
    /// images. 0: it answers all images alike; 1: a single one. `None` for one image and for a dead map.
    pub lifetime_sparseness: Option<f64>,
    /// [`Likeness::raw`].
    pub input_likeness: Option<f64>,
}

impl MapReading {
    /// The values by name.
    pub(super) fn named(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("zero_share", self.zero_share),
            ("hoyer", self.hoyer),
            ("lifetime_sparseness", self.lifetime_sparseness),
            ("localisation", self.localisation),
            ("input_likeness", self.input_likeness),
            ("largest", self.largest),
        ]
    }
}

/// Sums over the images for one map.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MapSums {
    /// The largest |a|; NaN if one is not finite.
    pub(super) largest: f32,
    zero_share: Mean,
    hoyer: Mean,
    localisation: Mean,
    responses: Spread,
    pub(super) likeness: LikenessSums,
}

impl MapSums {
    /// Takes in the map in a further image.
    pub(super) fn add(&mut self, plane: &PlaneSums) {
        // `f32::max` drops NaN: it must stay.
        let broken = self.largest.is_nan() || plane.largest.is_nan();
        self.largest = if broken { f32::NAN } else { self.largest.max(plane.largest) };
        self.zero_share.add(plane.zero_share());
        self.hoyer.add(plane.spread.hoyer());
        self.localisation.add(plane.localisation);
        self.responses.add(f64::from(plane.largest));
    }

    pub(super) fn finish(&self) -> (MapReading, Option<Likeness>) {
        let likeness = self.likeness.finish();
        if !self.largest.is_finite() {
            return (MapReading::default(), likeness);
        }
        let reading = MapReading {
            largest: (self.responses.count > 0).then(|| f64::from(self.largest)),
            zero_share: self.zero_share.value(),
            hoyer: self.hoyer.value(),
            localisation: self.localisation.value(),
            lifetime_sparseness: self.responses.treves_rolls(),
            input_likeness: likeness.map(|likeness| likeness.raw),
        };
        (reading, likeness)
    }
}

/// Mean of the values that there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    pub(super) fn add(&mut self, value: Option<f64>) {
        self.sum += value.unwrap_or(0.0);
        self.count += u32::from(value.is_some());
    }

    pub(super) fn value(self) -> Option<f64> {
        ratio(self.sum, f64::from(self.count))
    }
}

impl FromIterator<f64> for Mean {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut mean = Self::default();
        values.into_iter().for_each(|value| mean.add(Some(value)));
        mean
    }
}

/// The shares of the values that lie below the percentiles of a distribution.
const PERCENTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Percentiles, with straight lines between neighbouring values: the p-th of n sorted values is at place
/// p·(n − 1), from 0. `None` without values.
pub(super) fn percentiles(values: impl IntoIterator<Item = f64>) -> Option<[f64; 5]> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(PERCENTILES.map(|share| {
        let place = share * last as f64;
        let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
        below + (above - below) * place.fract()
    }))
}
