//! The crate bhtsne, made to give the same result in every run.
//!
//! It draws random numbers only for the positions that it starts from, so it is always given those. It adds up in
//! parallel, in an order that depends on which thread is free, so it gets a pool of one thread. Its own divergence
//! (0.7.13) reads the affinities of other pairs than it should, so that is computed here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bhtsne::{Neighbor, SparseAffinities, tSNE};
use spyhole_graph::helpers;

use crate::error::ProbeError;
use crate::progress::{Progress, tell};

/// Cells of points are taken as one when they are smaller than this share of their distance.
const THETA: f64 = 0.5;

/// Steps between two reports, after which the momentum starts anew.
const STRIDE: usize = 50;

/// The spread of the positions at a fresh start, small against the distances that follow.
const SMALL: f64 = 1e-4;

/// The learning rate.
const RATE: f64 = 100.0;

/// And where points should stay near to where they were.
const GENTLE_RATE: f64 = 50.0;

/// An embedding that started from an earlier one is given up for a fresh one when its divergence is so many times
/// as large.
const WORSE: f64 = 1.1;

#[derive(Clone, Debug)]
pub(super) struct Embedded {
    pub(super) points: Vec<[f64; 2]>,
    /// Whether they started from an earlier embedding.
    pub(super) from_before: bool,
    /// In nats.
    pub(super) divergence: f64,
}

/// Some steps of one kind.
#[derive(Clone, Copy, Debug)]
struct Phase {
    steps: usize,
    /// So many times do neighbours attract each other more than they should, which brings groups together early.
    exaggeration: f64,
    momentum: f64,
    rate: f64,
}

/// After van der Maaten (2014).
const AFRESH: [Phase; 2] = [
    Phase { steps: 250, exaggeration: 12.0, momentum: 0.5, rate: RATE },
    Phase { steps: 500, exaggeration: 1.0, momentum: 0.8, rate: RATE },
];

/// Without exaggeration, which would shuffle the points.
const FROM_BEFORE: [Phase; 1] =
    [Phase { steps: 250, exaggeration: 1.0, momentum: 0.8, rate: GENTLE_RATE }];

/// `neighbours` are every image's other images with their distances, nearest first. Of `rough`, where a fresh
/// embedding starts, only directions and proportions count; `before` is about 0 and of root mean square 1.
pub(super) fn run(
    neighbours: &[Vec<(usize, f64)>],
    perplexity: f64,
    rough: &[[f64; 2]],
    before: Option<&[[f64; 2]]>,
    progress: &mut Progress<'_>,
) -> Result<Embedded, ProbeError> {
    let runner = Runner::new(neighbours, perplexity)?;
    let steps = |phases: &[Phase]| phases.iter().map(|phase| phase.steps).sum::<usize>();
    let total = steps(&AFRESH) + before.map_or(0, |_| steps(&FROM_BEFORE));
    let mut done = 0;
    let mut through = |mut points: Vec<[f64; 2]>, phases: &[Phase]| {
        for phase in phases {
            for first in (0..phase.steps).step_by(STRIDE) {
                tell(progress, done, total)?;
                let steps = STRIDE.min(phase.steps - first);
                points = runner.go(points, Phase { steps, ..*phase })?;
                done += steps;
            }
        }
        Ok::<_, ProbeError>(points)
    };
    let fresh = through(scaled(rough, SMALL), &AFRESH)?;
    let fresh =
        Embedded { divergence: runner.divergence(&fresh), points: fresh, from_before: false };
    let Some(before) = before else {
        tell(progress, total, total)?;
        return Ok(fresh);
    };
    let points = through(runner.fitted(before), &FROM_BEFORE)?;
    tell(progress, total, total)?;
    let divergence = runner.divergence(&points);
    let worse = divergence.is_nan() || divergence > WORSE * fresh.divergence;
    Ok(if worse { fresh } else { Embedded { points, from_before: true, divergence } })
}

struct Runner {
    pool: rayon::ThreadPool,
    images: Vec<usize>,
    affinities: SparseAffinities<f64>,
}

impl Runner {
    fn new(neighbours: &[Vec<(usize, f64)>], perplexity: f64) -> Result<Self, ProbeError> {
        let failed = |error: rayon::ThreadPoolBuildError| ProbeError::Embedding(error.to_string());
        let pool = helpers(1).map_err(failed)?;
        let images: Vec<usize> = (0..neighbours.len()).collect();
        // A trace more, so that three times a third is not one less.
        let near = ((3.0 * perplexity + 1e-6) as usize).clamp(1, images.len().saturating_sub(1));
        let neighbours: Vec<Vec<Neighbor<f64>>> = neighbours
            .iter()
            .map(|others| {
                let others = others.iter().take(near);
                others.map(|&(index, distance)| Neighbor { index, distance }).collect()
            })
            .collect();
        let affinities = caught(|| {
            pool.install(|| {
                let mut tsne = tSNE::<f64, usize, 2>::new(&images);
                tsne.perplexity(perplexity).epochs(0).stop_lying_epoch(0);
                tsne.early_exaggeration(1.0).initial_embedding(vec![0.0; 2 * images.len()]);
                tsne.barnes_hut_with_neighbors(THETA, &neighbours).affinities()
            })
        })?;
        let affinities = affinities.ok_or_else(|| ProbeError::Embedding("no neighbours".into()))?;
        Ok(Self { pool, images, affinities })
    }

    fn go(&self, points: Vec<[f64; 2]>, phase: Phase) -> Result<Vec<[f64; 2]>, ProbeError> {
        caught(|| {
            self.pool.install(|| {
                let mut tsne = tSNE::<f64, usize, 2>::new(&self.images);
                tsne.with_affinities(self.affinities.clone())
                    .epochs(phase.steps)
                    .early_exaggeration(phase.exaggeration)
                    .stop_lying_epoch(phase.steps + 1)
                    .momentum(phase.momentum)
                    .momentum_switch_epoch(phase.steps + 1)
                    .learning_rate(phase.rate)
                    .initial_embedding(points.into_flattened())
                    .barnes_hut(THETA, |_, _| 0.0);
                tsne.embedding().as_chunks().0.to_vec()
            })
        })
    }

    /// Σ p·ln(p/q) over the pairs of neighbours, with q the share of 1/(1 + distance²) in that of all pairs.
    fn divergence(&self, points: &[[f64; 2]]) -> f64 {
        let near =
            |[x, y]: &[f64; 2], [u, v]: &[f64; 2]| 1.0 / (1.0 + (x - u).powi(2) + (y - v).powi(2));
        let pairs = points.iter().enumerate().flat_map(|(i, a)| {
            let others = points.iter().enumerate().filter(move |(j, _)| *j != i);
            others.map(move |(_, b)| near(a, b))
        });
        let all: f64 = pairs.sum();
        let (rows, columns) = (self.affinities.rows(), self.affinities.columns());
        let values = self.affinities.values();
        let sum: f64 = values.iter().sum();
        let mut divergence = 0.0;
        for (i, bounds) in rows.windows(2).enumerate() {
            for entry in bounds[0]..bounds[1] {
                let p = values[entry] / sum;
                let q = near(&points[i], &points[columns[entry] as usize]) / all;
                // 0 · ln 0 is 0.
                divergence += if p == 0.0 { 0.0 } else { p * (p / q).ln() };
            }
        }
        divergence
    }

    /// The points at the scale, in powers of √2, at which they serve these features best.
    fn fitted(&self, points: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let scales = (0..16).map(|power| scaled(points, f64::from(power).exp2().sqrt()));
        let rated = scales.map(|points| (self.divergence(&points), points));
        rated.min_by(|a, b| a.0.total_cmp(&b.0)).map_or_else(|| points.to_vec(), |best| best.1)
    }
}

fn scaled(points: &[[f64; 2]], factor: f64) -> Vec<[f64; 2]> {
    points.iter().map(|point| point.map(|x| x * factor)).collect()
}

/// The crate asserts what it needs; here all of it holds. Should it fail still, the analysis fails and nothing else.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, ProbeError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        ProbeError::Embedding(text.unwrap_or_else(|| "the crate bhtsne failed".into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use std::ops::ControlFlow;

    /// Distances of random points in five dimensions.
    fn neighbours(count: usize) -> Vec<Vec<(usize, f64)>> {
        let mut random = Random(5);
        let rows: Vec<[f64; 5]> =
            (0..count).map(|_| std::array::from_fn(|_| random.normal())).collect();
        let distance = |a: &[f64; 5], b: &[f64; 5]| -> f64 {
            a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        let others = |i: usize| {
            let others = (0..count).filter(|&j| j != i);
            let mut others: Vec<_> = others.map(|j| (j, distance(&rows[i], &rows[j]))).collect();
            others.sort_by(|a, b| a.1.total_cmp(&b.1));
            others
        };
        (0..count).map(others).collect()
    }

    #[test]
    fn divergence_is_that_of_the_definition_and_falls() {
        let (count, perplexity) = (60, 10.0);
        let neighbours = neighbours(count);
        let runner = Runner::new(&neighbours, perplexity).unwrap();
        let mut random = Random(9);
        let rough: Vec<[f64; 2]> = (0..count).map(|_| [random.normal(), random.normal()]).collect();

        // p(j|i) of the 3·perplexity nearest, of the width at which its entropy is ln(perplexity).
        let mut p = vec![vec![0.0; count]; count];
        for (i, others) in neighbours.iter().enumerate() {
            let near = &others[..30];
            let (mut low, mut high) = (1e-6_f64, 1e6_f64);
            for _ in 0..200 {
                let beta = (low * high).sqrt();
                let weights: Vec<f64> = near.iter().map(|(_, d)| (-beta * d * d).exp()).collect();
                let sum: f64 = weights.iter().sum();
                let entropy: f64 = -weights
                    .iter()
                    .filter(|&&w| w > 0.0)
                    .map(|w| w / sum * (w / sum).ln())
                    .sum::<f64>();
                if entropy > perplexity.ln() {
                    low = beta
                } else {
                    high = beta
                }
                for ((j, _), weight) in near.iter().zip(&weights) {
                    p[i][*j] = weight / sum;
                }
            }
        }
        let weight = |i: usize, j: usize| {
            let [a, b] = [rough[i], rough[j]];
            1.0 / (1.0 + (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2))
        };
        let pairs = || (0..count).flat_map(|i| (0..count).map(move |j| (i, j)));
        let all: f64 = pairs().filter(|(i, j)| i != j).map(|(i, j)| weight(i, j)).sum();
        let expected: f64 = pairs()
            .map(|(i, j)| ((p[i][j] + p[j][i]) / (2 * count) as f64, weight(i, j) / all))
            .filter(|(p, _)| *p > 0.0)
            .map(|(p, q)| p * (p / q).ln())
            .sum();
        let found = runner.divergence(&rough);
        assert!((found - expected).abs() < 1e-3, "{found} {expected}");

        let mut progress = |_, _| ControlFlow::Continue(());
        let run = run(&neighbours, perplexity, &rough, None, &mut progress).unwrap();
        assert!(run.divergence < 0.7 * expected, "{} {expected}", run.divergence);
        assert!((run.divergence - runner.divergence(&run.points)).abs() < 1e-12);
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let error = caught(|| -> () { panic!("too many") }).unwrap_err();
        assert!(error.to_string().ends_with("plane: too many"), "{error}");
    }
}
