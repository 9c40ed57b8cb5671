use spyhole_graph::Layer;

use crate::error::ProbeError;
use crate::filters::eigen::Symmetric;
use crate::pass::Pass;
use crate::progress::sweep;
use crate::random::Random;
use crate::vector::dot;

/// A map whose spread over the images is this share of the largest one, or less, is left out.
const FLAT: f64 = 1e-6;

/// The images' features, standardised: of every feature, mean 0 and mean square 1 over the images.
#[derive(Clone, Debug)]
pub(super) struct Features {
    /// `[images][maps]`
    rows: Vec<Vec<f64>>,
}

impl Features {
    /// The means of a layer's maps over all positions.
    pub(super) fn read(pass: &Pass<'_>, layer: &Layer) -> Result<Self, ProbeError> {
        let maps = layer.shape()[0];
        let mut means: Vec<f32> = vec![];
        sweep(pass, |_, activations| {
            let of_group = activations.layer(layer)?.mean_dim(3).mean_dim(2);
            means.extend(of_group.into_data().convert::<f32>().try_to_vec::<f32>()?);
            Ok(())
        })?;
        let rows = means.chunks_exact(maps.max(1));
        Self::standardised(rows.map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect())
    }

    fn standardised(mut rows: Vec<Vec<f64>>) -> Result<Self, ProbeError> {
        let (maps, count) = (rows.first().map_or(0, Vec::len), rows.len() as f64);
        let mut spreads = vec![0.0; maps];
        for (map, spread) in spreads.iter_mut().enumerate() {
            let mean = rows.iter().map(|row| row[map]).sum::<f64>() / count;
            rows.iter_mut().for_each(|row| row[map] -= mean);
            *spread = (rows.iter().map(|row| row[map].powi(2)).sum::<f64>() / count).sqrt();
            // What is left of equal features is rounding.
            if *spread <= 1e-6 * mean.abs() {
                *spread = 0.0;
            }
        }
        if !spreads.iter().all(|spread| spread.is_finite()) {
            return Err(ProbeError::NotFinite);
        }
        let largest = spreads.iter().copied().fold(0.0, f64::max);
        let varied: Vec<usize> =
            (0..maps).filter(|&map| largest > 0.0 && spreads[map] > FLAT * largest).collect();
        if varied.is_empty() {
            return Err(ProbeError::Constant);
        }
        let scaled = |row: Vec<f64>| varied.iter().map(|&map| row[map] / spreads[map]).collect();
        Ok(Self { rows: rows.into_iter().map(scaled).collect() })
    }

    /// Every image's other images with their Euclidean distances, nearest first, the first image on ties.
    pub(super) fn neighbours(&self) -> Vec<Vec<(usize, f64)>> {
        let of_image = |(image, row): (usize, &Vec<f64>)| {
            let distance = |other: usize| {
                let pairs = row.iter().zip(&self.rows[other]);
                (other, pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt())
            };
            let others = (0..self.rows.len()).filter(|&other| other != image);
            let mut others: Vec<(usize, f64)> = others.map(distance).collect();
            others.sort_by(|a, b| a.1.total_cmp(&b.1));
            others
        };
        self.rows.iter().enumerate().map(of_image).collect()
    }

    /// The two principal components, in units of the first one's spread, with a trace of noise that tells images
    /// of equal features apart.
    pub(super) fn principal(&self, seed: u64) -> Vec<[f64; 2]> {
        let n = self.rows.len();
        let mut products = Symmetric::zeros(n);
        for (i, a) in self.rows.iter().enumerate() {
            for (j, b) in self.rows.iter().enumerate() {
                products.entries[i * n + j] = dot(a, b);
            }
        }
        let mut points = vec![[0.0; 2]; n];
        let mut first = None;
        for axis in 0..2 {
            let Some((value, x)) = products.leading() else { break };
            let first = *first.get_or_insert(value);
            for (i, point) in points.iter_mut().enumerate() {
                point[axis] = x[i] * (value.max(0.0) / first * n as f64).sqrt();
                for j in 0..n {
                    products.entries[i * n + j] -= value * x[i] * x[j];
                }
            }
        }
        let mut random = Random(seed);
        points.iter_mut().flatten().for_each(|x| *x += 1e-3 * random.normal());
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_have_one_scale_and_flat_ones_are_left_out() {
        let rows = [[1.0, 100.0, 7.0, 0.1], [3.0, 300.0, 7.0, 0.1], [2.0, 200.0, 7.0, 0.1]];
        let found = Features::standardised(rows.map(Vec::from).to_vec()).unwrap();
        for row in &found.rows {
            assert_eq!(row.len(), 2);
            assert!((row[0] - row[1]).abs() < 1e-12, "{row:?}");
        }
        let spread: f64 = found.rows.iter().map(|row| row[0].powi(2)).sum::<f64>() / 3.0;
        assert!((spread - 1.0).abs() < 1e-12);
        let near: Vec<usize> = found.neighbours().iter().map(|others| others[0].0).collect();
        assert_eq!(near, [2, 2, 0]);
        let principal = found.principal(1);
        let spread: f64 = principal.iter().map(|point| point[0].powi(2)).sum::<f64>() / 3.0;
        assert!((spread - 1.0).abs() < 0.01, "{spread}");
        assert!(principal.iter().all(|point| point[1].abs() < 0.01), "{principal:?}");
        let flat = Features::standardised(vec![vec![0.3; 4]; 9]);
        assert!(matches!(flat, Err(ProbeError::Constant)), "{flat:?}");
    }
}
