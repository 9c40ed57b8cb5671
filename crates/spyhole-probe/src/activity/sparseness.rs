//! How unevenly numbers that are not negative are distributed. Which numbers, the caller says: the units of one
//! plane, one map over the images (*lifetime*), or the maps of one image (*population*). These are different
//! things and never mixed.

use crate::vector::ratio;

/// Sums over n numbers a ≥ 0: all that two of the measures need.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    pub(super) count: usize,
    /// Σ a.
    pub(super) mass: f64,
    /// Σ a².
    pub(super) energy: f64,
}

impl Spread {
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        self.mass += value;
        self.energy += value * value;
    }

    /// (Σa)²/Σa²: how many numbers count, 1 to n.
    fn participants(&self) -> Option<f64> {
        ratio(self.mass * self.mass, self.energy).filter(|_| self.count > 1)
    }

    /// (√n − ℓ₁/ℓ₂)/(√n − 1) (Hoyer 2004). 0: all are equal; 1: one is not zero. `None` if all are zero, and for
    /// a single number.
    pub(super) fn hoyer(&self) -> Option<f64> {
        let root = (self.count as f64).sqrt();
        Some(((root - self.participants()?.sqrt()) / (root - 1.0)).clamp(0.0, 1.0))
    }

    /// (1 − A)/(1 − 1/n), A = (mean a)²/(mean a²) (Treves and Rolls 1991, as Vinje and Gallant 2000 turn it).
    /// 0: all are equal; 1: one is not zero. `None` if all are zero, and for a single number.
    pub(super) fn treves_rolls(&self) -> Option<f64> {
        let count = self.count as f64;
        Some(((1.0 - self.participants()? / count) / (1.0 - 1.0 / count)).clamp(0.0, 1.0))
    }
}

impl FromIterator<f64> for Spread {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut spread = Self::default();
        values.into_iter().for_each(|value| spread.add(value));
        spread
    }
}

/// Gini coefficient, Σ (2i − n − 1)·aᵢ / (n·Σ a) with the numbers in ascending order, i from 1. 0: all are equal;
/// (n − 1)/n: one is not zero. `None` if all are zero.
pub(super) fn gini(mut values: Vec<f32>) -> Option<f64> {
    values.sort_unstable_by(f32::total_cmp);
    let count = values.len() as f64;
    let (mut ranked, mut mass) = (0.0, 0.0);
    for (i, &value) in values.iter().enumerate() {
        ranked += (2.0 * i as f64 + 1.0 - count) * f64::from(value);
        mass += f64::from(value);
    }
    ratio(ranked, count * mass).map(|gini| gini.clamp(0.0, 1.0))
}
