//! From the numbers of a snapshot to what is said of the filters.

use burn::tensor::DataError;

use super::bands::{chance_cosine, pairs};
use super::cosines::Cosines;
use super::diversity::{sparsity, variance_entropy};
use super::{
    DECAY_COSINE, DOMINANT, DUPLICATE_COSINE, FilterPicture, FilterReading, FilterState, GROWN,
    IDLE_SNAPSHOTS, LayerFilters, LayerStatistics, STUCK_DISTANCE, STUCK_FROM_EPOCH,
};
use crate::smoothness::{FilterShape, Reading, SmoothnessTest, Verdict};
use crate::vector::{dot, median, ratio, share};

/// A layer's weights, with all that they are compared with.
pub(super) struct Snapshot<'a> {
    pub(super) epoch: u32,
    /// `[filters, C, kh, kw]`.
    pub(super) weights: &'a [f32],
    pub(super) filters: usize,
    pub(super) groups: usize,
    pub(super) shape: FilterShape,
    pub(super) first: bool,
    pub(super) trainable: bool,
    pub(super) test: &'a SmoothnessTest,
    /// W₀.
    pub(super) start: Option<&'a [f32]>,
    pub(super) earlier: Option<Earlier<'a>>,
}

/// The snapshot before: W_{t−1}, ΔW_t, ΔW_{t−1}.
pub(super) struct Earlier<'a> {
    pub(super) weights: &'a [f32],
    pub(super) step: &'a [f32],
    pub(super) step_before: Option<&'a [f32]>,
    pub(super) idle: &'a [u32],
}

/// Squared lengths and products of one filter's vectors. Of those that are not known: 0.
#[derive(Clone, Copy, Debug, Default)]
struct Products {
    /// W·W
    square: f64,
    /// ΔW_t·ΔW_t
    step: f64,
    /// W_{t−1}·W_{t−1}
    before: f64,
    /// ΔW_t·W_{t−1}
    step_along: f64,
    /// ΔW_{t−1}·ΔW_{t−1}
    step_before: f64,
    /// ΔW_t·ΔW_{t−1}
    turn: f64,
    /// W₀·W₀
    start: f64,
    /// W·W₀
    along_start: f64,
    /// (W − W₀)·(W − W₀)
    moved: f64,
}

impl Products {
    fn finite(&self) -> bool {
        self.square.is_finite()
    }

    /// Neither zeros nor NaN.
    fn stands(&self) -> bool {
        self.finite() && self.square > 0.0
    }

    /// The filter has not changed since the snapshot before, or only as weight decay alone changes it.
    fn idles(&self) -> bool {
        let against = ratio(self.step_along, (self.step * self.before).sqrt());
        self.step == 0.0 || against.is_some_and(|cosine| cosine < DECAY_COSINE)
    }

    fn distance(&self) -> Option<f64> {
        ratio(self.moved.sqrt(), self.start.sqrt())
    }
}

impl Snapshot<'_> {
    /// The readings, and for each filter the snapshots running in which it stood still.
    pub(super) fn read(&self, parameter: String) -> Result<(LayerFilters, Vec<u32>), DataError> {
        let products: Vec<Products> = (0..self.filters).map(|i| self.products(i)).collect();
        let idle = self.idle(&products);
        let norms: Vec<f64> = products.iter().map(|of| of.square.sqrt()).collect();
        let cosines = Cosines::of(self.weights, &norms, self.groups)?;
        let rms = |of: &Products| (of.square / self.shape.taps() as f64).sqrt();
        let typical = median(products.iter().filter(|of| of.stands()).map(rms));
        let initial = self.initial_rms();
        let large = [typical.map(|rms| rms * DOMINANT), initial.map(|rms| rms * GROWN)];
        let pairs = pairs(self.filters, self.groups);
        let by_chance = chance_cosine(pairs, self.shape.taps(), 0.99).unwrap_or(1.0);
        let duplicate = by_chance.max(DUPLICATE_COSINE);

        let tests: Vec<Reading> =
            (0..self.filters).map(|i| self.test.read(self.filter(i))).collect();
        let mut readings: Vec<FilterReading> = vec![];
        for (i, (of, test)) in products.iter().zip(&tests).enumerate() {
            let known = |number: f64| of.finite().then_some(number);
            let change =
                self.earlier.as_ref().and_then(|_| ratio(of.step.sqrt(), of.before.sqrt()));
            let distance = self.start.and_then(|_| of.distance());
            let like = cosines.nearest[i].filter(|&(_, cosine)| cosine > duplicate);
            let too_large = large.iter().flatten().any(|&limit| rms(of) > limit);
            let stuck = self.trainable
                && self.epoch >= STUCK_FROM_EPOCH
                && distance.is_some_and(|distance| distance < STUCK_DISTANCE);
            let state = match test.verdict {
                _ if !of.finite() => FilterState::NotFinite,
                _ if of.square == 0.0 => FilterState::Zero,
                _ if idle[i] >= IDLE_SNAPSHOTS => FilterState::Still,
                _ if stuck => FilterState::Stuck,
                _ if too_large => FilterState::Exploding,
                _ if like.is_some() => FilterState::Duplicate,
                Verdict::NoiseLike => FilterState::NoiseLike,
                Verdict::Oscillating => FilterState::Oscillating,
                Verdict::Smooth => FilterState::Smooth,
                Verdict::NotApplicable => FilterState::NotJudged,
            };
            readings.push(FilterReading {
                state,
                q: test.q,
                p_value: test.p_value,
                r1: test.r1,
                rms: known(rms(of)),
                change,
                distance,
                duplicate_of: like.map(|(other, _)| other),
            });
        }

        let live: Vec<usize> = (0..self.filters)
            .filter(|&i| {
                let state = readings[i].state;
                state != FilterState::NotFinite && !state.is_dead()
            })
            .collect();
        let of_all = |wanted: fn(FilterState) -> bool| {
            share(readings.iter().filter(|reading| wanted(reading.state)).count(), self.filters)
        };
        let duplicates = live.iter().filter(|&&i| readings[i].duplicate_of.is_some()).count();
        let largest = products.iter().filter(|of| of.finite()).map(rms).reduce(f64::max);
        let kernel = self.shape.height * self.shape.width;
        let finite = self.finite_weights(&products);
        let sum = |what: fn(&Products) -> f64| -> f64 {
            products.iter().filter(|of| of.finite()).map(what).filter(|x| x.is_finite()).sum()
        };
        let moved = |part: f64, whole: f64| ratio(part, whole).map(f64::sqrt);
        let statistics = LayerStatistics {
            not_finite: of_all(|state| state == FilterState::NotFinite),
            dead_filters: of_all(FilterState::is_dead),
            distance_from_start: moved(sum(|of| of.moved), sum(|of| of.start)),
            dominance: largest.zip(typical).and_then(|(largest, rms)| ratio(largest, rms)),
            growth: largest.zip(initial).and_then(|(largest, rms)| ratio(largest, rms)),
            duplicate_filters: share(duplicates, live.len()).filter(|_| pairs > 0),
            max_cosine: cosines.largest(),
            noise_share: self.test.noise_share(live.iter().map(|&i| &tests[i])),
            structure_p_value: self.test.layer_p_value(live.iter().map(|&i| &tests[i])),
            update_ratio: moved(sum(|of| of.step), sum(|of| of.before)),
            step_cosine: ratio(
                sum(|of| of.turn),
                (sum(|of| of.step) * sum(|of| of.step_before)).sqrt(),
            ),
            start_alignment: start_alignment(&products),
            residual_noise_share: self.residual_noise_share(&live, &products),
            rms: moved(sum(|of| of.square), (finite.len()) as f64),
            sparsity: sparsity(&finite, kernel),
            variance_entropy: variance_entropy(&finite, kernel),
            orthogonality: cosines.orthogonality(),
        };
        let picture = FilterPicture::of(self.shape, self.first);
        let draw = |i| picture.draw(self.filter(i), self.shape);
        let pictures = (0..self.filters).map(draw).collect();
        let null = *self.test.null();
        Ok((LayerFilters { parameter, picture, pictures, readings, statistics, null }, idle))
    }

    fn filter(&self, filter: usize) -> &[f32] {
        self.of(self.weights, filter)
    }

    fn of<'w>(&self, weights: &'w [f32], filter: usize) -> &'w [f32] {
        let taps = self.shape.taps();
        &weights[filter * taps..(filter + 1) * taps]
    }

    fn products(&self, filter: usize) -> Products {
        let w = self.filter(filter);
        let mut products = Products { square: dot(w, w), ..Products::default() };
        if let Some(Earlier { weights, step, step_before, .. }) = self.earlier {
            let [before, step] = [weights, step].map(|weights| self.of(weights, filter));
            products.step = dot(step, step);
            products.before = dot(before, before);
            products.step_along = dot(step, before);
            if let Some(last) = step_before.map(|steps| self.of(steps, filter)) {
                products.step_before = dot(last, last);
                products.turn = dot(step, last);
            }
        }
        if let Some(start) = self.start.map(|start| self.of(start, filter)) {
            products.start = dot(start, start);
            products.along_start = dot(w, start);
            let moved = w.iter().zip(start).map(|(w, s)| f64::from(w - s).powi(2));
            products.moved = moved.sum();
        }
        products
    }

    /// A layer that is not trained is not idle.
    fn idle(&self, products: &[Products]) -> Vec<u32> {
        match &self.earlier {
            Some(earlier) if self.trainable => {
                let idle = products.iter().zip(earlier.idle);
                idle.map(|(of, &idle)| if of.idles() { idle + 1 } else { 0 }).collect()
            }
            _ => vec![0; self.filters],
        }
    }

    fn initial_rms(&self) -> Option<f64> {
        let start = self.start?;
        ratio(dot(start, start), start.len() as f64).map(f64::sqrt).filter(|&rms| rms > 0.0)
    }

    fn finite_weights(&self, products: &[Products]) -> std::borrow::Cow<'_, [f32]> {
        if products.iter().all(Products::finite) {
            return self.weights.into();
        }
        let finite = (0..self.filters).filter(|&i| products[i].finite());
        finite.flat_map(|i| self.filter(i)).copied().collect()
    }

    /// φ of R = w − (w·w₀/w₀·w₀)·w₀, of the filters that have moved.
    fn residual_noise_share(&self, live: &[usize], products: &[Products]) -> Option<f64> {
        let start = self.start.filter(|_| self.test.null().caution.is_none())?;
        let mut tests = vec![];
        for &i in live {
            let Some(along) = ratio(products[i].along_start, products[i].start) else { continue };
            let (w, start) = (self.filter(i), self.of(start, i));
            let parts = w.iter().zip(start);
            let residual: Vec<f32> =
                parts.map(|(&w, &s)| (f64::from(w) - along * f64::from(s)) as f32).collect();
            // What rounding leaves is no direction.
            if dot(&residual, &residual) > 1e-10 * products[i].square {
                tests.push(self.test.read(&residual));
            }
        }
        self.test.noise_share(&tests)
    }
}

/// The mean of cos²(w_t, w₀) over the filters that have both.
fn start_alignment(products: &[Products]) -> Option<f64> {
    let squares = products.iter().filter_map(|of| {
        ratio(of.along_start.powi(2), of.square * of.start).map(|square| square.min(1.0))
    });
    let (count, sum) = squares.fold((0.0, 0.0), |(count, sum), square| (count + 1.0, sum + square));
    ratio(sum, count)
}
