use super::moments::Moments;
use crate::filters::eigen::Symmetric;
use crate::random::Random;

/// Eigenvalues of the covariance below this share of their mean are raised to it.
pub const EIGENVALUE_FLOOR: f64 = 1e-4;

/// Layers with more live units are not whitened: the time grows with the cube of their number.
pub const MOST_WHITENED: usize = 1024;

/// The coordinates in which directions are drawn and units are axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Activations as they are: maps with a larger spread count for more in a random direction.
    Raw,
    /// Every map divided by its standard deviation: all count the same. A single unit groups the images as it does
    /// raw.
    Standardised,
    /// Σ^−½·(a − mean): all maps count the same and are uncorrelated, so that the axes are of the same kind as any
    /// other directions, and a unit is what its map has that the others have not. Small eigenvalues of Σ are raised
    /// to [`EIGENVALUE_FLOOR`] of their mean.
    Whitened,
}

impl Basis {
    /// The name under which it is recorded.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Standardised => "standardised",
            Self::Whitened => "whitened",
        }
    }

    /// The bases of the live maps of a layer.
    pub(super) fn all(moments: &Moments, live: &[usize]) -> Vec<Scaling> {
        let spread: Vec<f64> = live.iter().map(|&map| moments.variance(map).sqrt()).collect();
        let diagonal = |kind, factors| Scaling { kind, floored: 0, by: By::Factors(factors) };
        let mut all = vec![
            diagonal(Self::Raw, vec![1.0; live.len()]),
            diagonal(Self::Standardised, spread.iter().map(|spread| 1.0 / spread).collect()),
        ];
        if live.len() <= MOST_WHITENED {
            all.push(whitened(moments, live));
        }
        all
    }
}

/// A symmetric matrix that takes a direction in a basis to the one in the layer's own coordinates.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    pub(super) kind: Basis,
    pub(super) floored: usize,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Factors(Vec<f64>),
    Matrix(Symmetric),
}

/// Directions in the layer's own coordinates, one after the other: units, then random ones.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) units: usize,
    pub(super) random: usize,
    pub(super) numbers: Vec<f64>,
}

impl Scaling {
    pub(super) fn rows(&self, units: &[usize], random: &[Vec<f64>]) -> Rows {
        let mut numbers: Vec<f64> = units.iter().flat_map(|&unit| self.axis(unit)).collect();
        numbers.extend(random.iter().flat_map(|vector| self.times(vector)));
        Rows { units: units.len(), random: random.len(), numbers }
    }

    fn axis(&self, unit: usize) -> Vec<f64> {
        match &self.by {
            By::Factors(factors) => {
                let mut axis = vec![0.0; factors.len()];
                axis[unit] = factors[unit];
                axis
            }
            By::Matrix(matrix) => matrix.entries[unit * matrix.size..][..matrix.size].to_vec(),
        }
    }

    fn times(&self, vector: &[f64]) -> Vec<f64> {
        match &self.by {
            By::Factors(factors) => factors.iter().zip(vector).map(|(a, b)| a * b).collect(),
            By::Matrix(matrix) => matrix.times(vector),
        }
    }
}

/// Σ^−½ = Σᵢ eᵢ·eᵢᵀ/√λᵢ over the eigenvalues λᵢ and eigenvectors eᵢ of the live maps' covariance.
fn whitened(moments: &Moments, live: &[usize]) -> Scaling {
    let n = live.len();
    let mut covariance = Symmetric::zeros(n);
    for (i, &a) in live.iter().enumerate() {
        for (j, &b) in live.iter().enumerate() {
            covariance.entries[i * n + j] = moments.covariance.entries[a * moments.mean.len() + b];
        }
    }
    let mean = live.iter().map(|&map| moments.variance(map)).sum::<f64>() / n.max(1) as f64;
    let (mut values, vectors) = covariance.eigenvectors();
    let least = EIGENVALUE_FLOOR * mean;
    let floored = values.iter().filter(|&&value| value < least).count();
    values.iter_mut().for_each(|value| *value = value.max(least));
    let mut root = Symmetric::zeros(n);
    for (value, vector) in values.iter().zip(vectors.chunks_exact(n.max(1))) {
        let factor = 1.0 / value.sqrt();
        for (row, a) in root.entries.chunks_exact_mut(n).zip(vector) {
            row.iter_mut().zip(vector).for_each(|(entry, b)| *entry += factor * a * b);
        }
    }
    Scaling { kind: Basis::Whitened, floored, by: By::Matrix(root) }
}

/// A random direction of length 1.
pub(super) fn gaussian(size: usize, random: &mut Random) -> Vec<f64> {
    let mut vector: Vec<f64> = (0..size).map(|_| random.normal()).collect();
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    vector
}
