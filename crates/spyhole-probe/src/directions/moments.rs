use burn::tensor::{Tensor, TensorData};
use spyhole_graph::{Activations, Layer};

use super::scores::{Steps, chunks};
use crate::error::ProbeError;
use crate::filters::eigen::Symmetric;
use crate::pass::Pass;
use crate::progress::sweep;

/// A map whose variance is at most this share of the largest one does not vary: 10⁻⁶ of the spread.
const FLAT: f64 = 1e-12;

/// Mean and covariance of a layer's channels over all images and positions.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub(super) mean: Vec<f64>,
    pub(super) covariance: Symmetric,
}

/// Sums about a point near the mean, so that little is lost when it is taken off.
struct Sums {
    about: Vec<f32>,
    count: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Moments {
    pub(super) fn read(
        pass: &Pass<'_>,
        layer: &Layer,
        steps: &mut Steps<'_, '_>,
    ) -> Result<Self, ProbeError> {
        let [maps, height, width] = layer.shape();
        let mut sums: Option<Sums> = None;
        sweep(pass, |_, activations| {
            // Not more positions at once, so that sums in f32 stay exact to six digits.
            for images in chunks(activations.batch(), height * width, 1 << 14) {
                let columns = columns(activations, layer, images.clone())?;
                let sums = match &mut sums {
                    Some(sums) => sums,
                    None => sums.insert(Sums::about(&columns, maps)?),
                };
                sums.add(columns)?;
                steps.tell(images.len())?;
            }
            Ok(())
        })?;
        let Some(sums) = sums else {
            return Ok(Self { mean: vec![0.0; maps], covariance: Symmetric::zeros(maps) });
        };
        let found = sums.finish();
        let mut entries = found.mean.iter().chain(&found.covariance.entries);
        if entries.all(|x| x.is_finite()) { Ok(found) } else { Err(ProbeError::NotFinite) }
    }

    pub(super) fn variance(&self, map: usize) -> f64 {
        self.covariance.entries[map * self.covariance.size + map]
    }

    /// The maps that vary, in order.
    pub(super) fn live(&self) -> Vec<usize> {
        let maps = self.mean.len();
        let largest = (0..maps).map(|map| self.variance(map)).fold(0.0, f64::max);
        // What is left of a constant is rounding.
        let rounding = |map: usize| (1e-6 * self.mean[map]).powi(2);
        (0..maps)
            .filter(|&map| {
                self.variance(map) > FLAT * largest && self.variance(map) > rounding(map)
            })
            .collect()
    }
}

/// Activations of some images, `[C, images · H · W]`.
fn columns(
    activations: &Activations<'_>,
    layer: &Layer,
    images: std::ops::Range<usize>,
) -> Result<Tensor<2>, ProbeError> {
    let [maps, height, width] = layer.shape();
    let count = images.len();
    let activation = activations.layer(layer)?.narrow(0, images.start, count);
    Ok(activation.permute([1, 0, 2, 3]).reshape([maps, count * height * width]))
}

impl Sums {
    fn about(columns: &Tensor<2>, maps: usize) -> Result<Self, ProbeError> {
        let about = columns.clone().mean_dim(1).into_data().convert::<f32>().try_to_vec::<f32>()?;
        Ok(Self { about, count: 0.0, first: vec![0.0; maps], second: vec![0.0; maps * maps] })
    }

    fn add(&mut self, columns: Tensor<2>) -> Result<(), ProbeError> {
        let [maps, positions] = columns.dims();
        let about = TensorData::new(self.about.clone(), [maps, 1]);
        let columns = columns.clone() - Tensor::from_data(about, &columns.device());
        let products = columns.clone().matmul(columns.clone().transpose());
        let add = |sums: &mut [f64], numbers: Tensor<2>| -> Result<(), ProbeError> {
            let numbers = numbers.into_data().convert::<f32>().try_to_vec::<f32>()?;
            sums.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += f64::from(x));
            Ok(())
        };
        add(&mut self.first, columns.sum_dim(1))?;
        add(&mut self.second, products)?;
        self.count += positions as f64;
        Ok(())
    }

    fn finish(self) -> Moments {
        let maps = self.about.len();
        let off: Vec<f64> = self.first.iter().map(|sum| sum / self.count).collect();
        let mut covariance = Symmetric::zeros(maps);
        for (i, row) in covariance.entries.chunks_exact_mut(maps.max(1)).enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = self.second[i * maps + j] / self.count - off[i] * off[j];
            }
        }
        let mean = self.about.iter().zip(&off).map(|(&about, off)| f64::from(about) + off);
        Moments { mean: mean.collect(), covariance }
    }
}
