//! A feature map in one image, in numbers.

use super::component::component_share;
use super::sparseness::{Spread, gini};
use crate::vector::ratio;

/// How a feature map's activations a are distributed over the n positions of its plane `[H, W]`, in one image.
/// |a| stands for a, so that layers whose activation can be negative are read too. Every value is `None` for a
/// plane with an activation that is not finite; all but the first are `None` for a plane that is zero everywhere.
///
/// In brackets: the value for a map that is noise, rectified independent Gaussian numbers. Only the last two see
/// *where* the map is active.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlaneStatistics {
    /// Share of values that are exactly zero, 0 to 1 \[.5\]. 0 in a layer that does not rectify.
    pub zero_share: Option<f64>,
    /// (√n − ℓ₁/ℓ₂)/(√n − 1) (Hoyer 2004) \[.505 at 7², .468 at 14²\]. 0: all positions alike; 1: a single one is
    /// active. `None` for a single position.
    pub hoyer: Option<f64>,
    /// (1 − A)/(1 − 1/n), A = (mean a)²/(mean a²) (Treves and Rolls 1991) \[.682\]. 0 and 1 as before. `None` for
    /// a single position.
    pub treves_rolls: Option<f64>,
    /// Gini coefficient \[.707\]: 0 as before, (n − 1)/n for a single active position.
    pub gini: Option<f64>,
    /// Variance of the position about the centroid, both weighted by |a|, over that of an even plane,
    /// (H² − 1)/12 + (W² − 1)/12 \[.95 ± .13 at 7², .98 ± .066 at 14², 1.00 ± .033 at
    /// 28²\]. Below .5 the map points at one
    /// place; above 1 it is active in places far apart. `None` for a single position.
    pub localisation: Option<f64>,
    /// Share of Σ|a| in the heaviest connected component of what exceeds
    /// [`COMPONENT_LEVEL`](super::COMPONENT_LEVEL) of the largest |a|; positions connect to the four next to them.
    /// \[.42 at 7², .21 at 14², .08 at 28²\]. Near 1: one blob; small: scattered.
    pub component_share: Option<f64>,
}

impl PlaneStatistics {
    /// Of a plane `[height, width]`, row by row.
    pub fn of(plane: &[f32], [height, width]: [usize; 2]) -> Self {
        let sums = PlaneReader::new([height, width]).read(plane);
        if !sums.largest.is_finite() {
            return Self::default();
        }
        Self {
            zero_share: sums.zero_share(),
            hoyer: sums.spread.hoyer(),
            treves_rolls: sums.spread.treves_rolls(),
            gini: gini(plane.iter().map(|a| a.abs()).collect()),
            localisation: sums.localisation,
            component_share: component_share(plane, width, sums.largest),
        }
    }
}

/// What one pass over a plane tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlaneSums {
    /// The largest |a|; NaN if one is not finite, and then nothing else means anything.
    pub(super) largest: f32,
    zeros: usize,
    /// Of |a|.
    pub(super) spread: Spread,
    pub(super) localisation: Option<f64>,
}

impl PlaneSums {
    pub(super) fn zero_share(&self) -> Option<f64> {
        crate::vector::share(self.zeros, self.spread.count)
    }
}

const LANES: usize = 8;

/// Sums side by side, so that the processor need not wait for each addition.
#[derive(Default)]
struct Lanes {
    largest: [f32; LANES],
    /// 0; NaN for what is not finite, and NaN stays.
    broken: [f32; LANES],
    zeros: [u32; LANES],
    energy: [f64; LANES],
    row: [f64; LANES],
}

impl Lanes {
    fn add(&mut self, values: &[f32], columns: &mut [f64]) {
        for (lane, (&value, column)) in values.iter().zip(columns).enumerate().take(LANES) {
            let a = value.abs();
            self.largest[lane] = if a > self.largest[lane] { a } else { self.largest[lane] };
            self.broken[lane] += a * 0.0;
            self.zeros[lane] += u32::from(a == 0.0);
            let a = f64::from(a);
            self.energy[lane] += a * a;
            self.row[lane] += a;
            *column += a;
        }
    }
}

/// Reads planes of one size.
#[derive(Debug)]
pub(super) struct PlaneReader {
    size: [usize; 2],
    /// Σ |a| of each column.
    columns: Vec<f64>,
}

impl PlaneReader {
    pub(super) fn new(size: [usize; 2]) -> Self {
        Self { size, columns: vec![0.0; size[1]] }
    }

    pub(super) fn read(&mut self, plane: &[f32]) -> PlaneSums {
        let [height, width] = self.size;
        self.columns.fill(0.0);
        let mut lanes = Lanes::default();
        let (mut mass, mut down) = (0.0, Moments::default());
        for (row, values) in plane.chunks_exact(width.max(1)).enumerate() {
            lanes.row = [0.0; LANES];
            let (whole, rest) = values.as_chunks::<LANES>();
            let (columns, columns_of_rest) = self.columns.as_chunks_mut::<LANES>();
            for (values, columns) in whole.iter().zip(columns) {
                lanes.add(values, columns);
            }
            lanes.add(rest, columns_of_rest);
            let row_mass: f64 = lanes.row.iter().sum();
            mass += row_mass;
            down.add(row, height, row_mass);
        }
        let mut across = Moments::default();
        let columns = self.columns.iter().enumerate();
        columns.for_each(|(column, &mass)| across.add(column, width, mass));
        let even = (squared(height) - 1.0 + squared(width) - 1.0) / 12.0;
        let variance = down.variance(mass).zip(across.variance(mass));
        PlaneSums {
            largest: lanes.largest.into_iter().fold(0.0, f32::max)
                + lanes.broken.iter().sum::<f32>(),
            zeros: lanes.zeros.iter().sum::<u32>() as usize,
            spread: Spread { count: plane.len(), mass, energy: lanes.energy.iter().sum() },
            localisation: variance.and_then(|(down, across)| ratio(down + across, even)),
        }
    }
}

fn squared(extent: usize) -> f64 {
    (extent * extent) as f64
}

/// Σ a·x and Σ a·x² along an axis, x from its middle, so that little cancels.
#[derive(Default)]
struct Moments {
    first: f64,
    second: f64,
}

impl Moments {
    fn add(&mut self, position: usize, extent: usize, mass: f64) {
        let x = position as f64 - (extent as f64 - 1.0) / 2.0;
        self.first += mass * x;
        self.second += mass * x * x;
    }

    fn variance(&self, mass: f64) -> Option<f64> {
        let centroid = ratio(self.first, mass)?;
        ratio(self.second, mass).map(|second| (second - centroid * centroid).max(0.0))
    }
}
