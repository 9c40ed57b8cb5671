use std::ops::Range;

use burn::tensor::{Int, Tensor, TensorData};
use spyhole_graph::Layer;

use super::basis::Rows;
use super::moments::Moments;
use crate::error::ProbeError;
use crate::pass::Pass;
use crate::progress::{Progress, sweep, tell};

/// So many scores at once, before the maximum is taken: 64 MiB.
const NUMBERS: usize = 1 << 24;

/// Images done, of those in two sweeps.
pub(super) struct Steps<'a, 'p> {
    pub(super) done: usize,
    pub(super) total: usize,
    pub(super) progress: &'a mut Progress<'p>,
}

impl Steps<'_, '_> {
    pub(super) fn tell(&mut self, images: usize) -> Result<(), ProbeError> {
        self.done += images;
        tell(self.progress, self.done, self.total)
    }
}

/// Splits images into groups of at most so many numbers, and at least one image.
pub(super) fn chunks(
    images: usize,
    per_image: usize,
    most: usize,
) -> impl Iterator<Item = Range<usize>> {
    let size = (most / per_image.max(1)).max(1);
    (0..images).step_by(size).map(move |first| first..(first + size).min(images))
}

/// The scores of all images along all directions, and the positions where they are.
#[derive(Clone, Debug)]
pub(super) struct Scores {
    /// By direction, `(score, position)` of every image.
    found: Vec<Vec<(f32, usize)>>,
}

impl Scores {
    pub(super) fn read(
        pass: &Pass<'_>,
        layer: &Layer,
        moments: &Moments,
        live: &[usize],
        rows: &[Rows],
        steps: &mut Steps<'_, '_>,
    ) -> Result<Self, ProbeError> {
        let [_, height, width] = layer.shape();
        let device = pass.images().device();
        let numbers: Vec<f32> =
            rows.iter().flat_map(|rows| &rows.numbers).map(|&x| x as f32).collect();
        let directions = numbers.len() / live.len().max(1);
        let numbers = TensorData::new(numbers, [directions, live.len()]);
        let directions_by_map = Tensor::<2>::from_data(numbers, &device);
        let mean: Vec<f32> = live.iter().map(|&map| moments.mean[map] as f32).collect();
        let mean = Tensor::<2>::from_data(TensorData::new(mean, [live.len(), 1]), &device);
        let places: Vec<i64> = live.iter().map(|&map| map as i64).collect();
        let places = TensorData::new(places, [live.len()]);
        let places = Tensor::<1, Int>::from_data(places, &device);

        let positions = height * width;
        let mut found = vec![vec![]; directions];
        sweep(pass, |_, activations| {
            let activation = activations.layer(layer)?;
            let per_image = positions * directions.max(live.len());
            for images in chunks(activations.batch(), per_image, NUMBERS) {
                let count = images.len();
                let group = activation.clone().narrow(0, images.start, count);
                let group = group.select(1, places.clone()).permute([1, 0, 2, 3]);
                let group = group.reshape([live.len(), count * positions]) - mean.clone();
                let scores = directions_by_map.clone().matmul(group);
                let scores: Tensor<2> = scores.reshape([directions * count, positions]);
                let (values, at) = scores.max_dim_with_indices(1);
                let values = values.into_data().convert::<f32>().try_to_vec::<f32>()?;
                let at = at.into_data().convert::<i64>().try_to_vec::<i64>()?;
                let mut best = values.into_iter().zip(at);
                for found in &mut found {
                    found.extend(best.by_ref().take(count).map(|(score, at)| {
                        (score, usize::try_from(at).unwrap_or(0).min(positions.max(1) - 1))
                    }));
                }
                steps.tell(count)?;
            }
            Ok(())
        })?;
        if found.iter().flatten().any(|(score, _)| !score.is_finite()) {
            return Err(ProbeError::NotFinite);
        }
        Ok(Self { found })
    }

    pub(super) fn of(&self, direction: usize) -> &[(f32, usize)] {
        &self.found[direction]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_all_images() {
        let split = |images, per_image, most| chunks(images, per_image, most).collect::<Vec<_>>();
        assert_eq!(split(5, 10, 20), [0..2, 2..4, 4..5]);
        assert_eq!(split(2, 30, 20), [0..1, 1..2]);
        assert_eq!(split(0, 30, 20), [0..0; 0]);
        assert_eq!(split(3, 0, 20), [0..3; 1]);
    }
}
