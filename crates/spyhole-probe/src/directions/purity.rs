use std::collections::BTreeMap;

use super::{LEAST_IMAGES, TOP};
use crate::error::ProbeError;
use crate::random::Random;

/// So many times the directions are drawn anew for the interval.
pub const RESAMPLES: usize = 2000;

/// So many times random images are drawn for the purity by chance.
pub const CHANCE_DRAWS: usize = 4000;

/// The strongest images of a direction, as image, score and position, strongest first.
pub(super) type Ranking = Vec<(usize, f32, usize)>;

/// The drawn order of images that are level.
#[derive(Clone, Debug)]
pub(super) struct Tie {
    order: Vec<usize>,
}

impl Tie {
    pub(super) fn new(images: usize, random: &mut Random) -> Self {
        let mut order: Vec<usize> = (0..images).collect();
        shuffle(&mut order, images, random);
        Self { order }
    }

    pub(super) fn rank(&self, scores: &[(f32, usize)]) -> Ranking {
        let mut images: Vec<usize> =
            self.order.iter().copied().filter(|&i| i < scores.len()).collect();
        images.sort_by(|&a, &b| scores[b].0.total_cmp(&scores[a].0));
        images.truncate(TOP);
        images.into_iter().map(|image| (image, scores[image].0, scores[image].1)).collect()
    }
}

/// Brings any `count` of the items to the front.
fn shuffle<T>(items: &mut [T], count: usize, random: &mut Random) {
    for i in 0..count.min(items.len()) {
        items.swap(i, i + random.below(items.len() - i));
    }
}

/// The classes of the images.
#[derive(Clone, Debug)]
pub(super) struct Labels<'a>(&'a [usize]);

impl<'a> Labels<'a> {
    /// `None` without labels.
    pub(super) fn new(labels: &'a [usize], images: usize) -> Result<Option<Self>, ProbeError> {
        match labels.len() {
            0 => Ok(None),
            got if got == images => Ok(Some(Self(labels))),
            got => Err(ProbeError::Labels { expected: images, got }),
        }
    }

    /// Share of the most frequent class among the strongest images, and that class; of several, that of the
    /// strongest image.
    pub(super) fn purity(&self, ranking: &Ranking) -> Option<(f64, usize)> {
        let images: Vec<usize> = ranking.iter().map(|&(image, ..)| image).collect();
        (images.len() == TOP).then(|| self.majority(&images)).flatten()
    }

    pub(super) fn purities(&self, rankings: &[Ranking]) -> Vec<f64> {
        rankings.iter().filter_map(|ranking| Some(self.purity(ranking)?.0)).collect()
    }

    fn majority(&self, images: &[usize]) -> Option<(f64, usize)> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for &image in images {
            *counts.entry(*self.0.get(image)?).or_default() += 1;
        }
        let most = *counts.values().max()?;
        let class =
            images.iter().map(|&image| self.0[image]).find(|class| counts[class] == most)?;
        Some((most as f64 / images.len() as f64, class))
    }

    /// Mean purity of [`TOP`] random images, all different, by simulation. `None` with too few images, and when all
    /// are of one class.
    pub(super) fn chance(&self, random: &mut Random) -> Option<f64> {
        let alike = self.0.iter().all(|label| Some(label) == self.0.first());
        if self.0.len() < LEAST_IMAGES || alike {
            return None;
        }
        let mut images: Vec<usize> = (0..self.0.len()).collect();
        let draws = (0..CHANCE_DRAWS).filter_map(|_| {
            shuffle(&mut images, TOP, random);
            Some(self.majority(&images[..TOP])?.0)
        });
        Some(draws.sum::<f64>() / CHANCE_DRAWS as f64)
    }
}

/// How well units and random directions group the images by class. All but [`difference`](Self::difference) and its
/// interval are shares of the strongest images, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Mean purity of the units.
    pub units: f64,
    /// Mean purity of the random directions.
    pub random: f64,
    /// Mean purity of as many random images.
    pub chance: f64,
    /// `units` − `random`.
    pub difference: f64,
    /// Lower end of its 95 % interval, by bootstrap over the directions of each kind (percentiles of [`RESAMPLES`]
    /// drawings). It does not say how other probe images would come out.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Comparison {
    /// `None` without directions.
    pub(super) fn new(
        units: &[f64],
        random_ones: &[f64],
        chance: f64,
        random: &mut Random,
    ) -> Option<Self> {
        if units.is_empty() || random_ones.is_empty() {
            return None;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (of_units, of_random) = (mean(units), mean(random_ones));
        let mut drawn_mean = |values: &[f64]| {
            let sum: f64 = (0..values.len()).map(|_| values[random.below(values.len())]).sum();
            sum / values.len() as f64
        };
        let mut drawn: Vec<f64> =
            (0..RESAMPLES).map(|_| drawn_mean(units) - drawn_mean(random_ones)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let tail = RESAMPLES / 40;
        Some(Self {
            units: of_units,
            random: of_random,
            chance,
            difference: of_units - of_random,
            low: drawn[tail],
            high: drawn[RESAMPLES - 1 - tail],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chance(labels: &[usize]) -> Option<f64> {
        Labels::new(labels, labels.len()).unwrap()?.chance(&mut Random(7))
    }

    #[test]
    fn chance_is_that_of_random_images() {
        let balanced: Vec<usize> = (0..256).map(|i| i % 8).collect();
        let found = chance(&balanced).unwrap();
        assert!((found - 0.31).abs() < 0.01, "{found}");
        // Two classes: the mean of max(k, 9 − k)/9 for k of a binomial distribution, (2·1 + … ) = .6367.
        let two: Vec<usize> = (0..2000).map(|i| i % 2).collect();
        assert!((chance(&two).unwrap() - 0.6367).abs() < 0.01, "{:?}", chance(&two));
        // One class of nearly all.
        let mut rare = vec![3; 100];
        rare[50] = 4;
        assert!(chance(&rare).unwrap() > 0.98);
        assert_eq!(chance(&[3; 100]), None);
        assert_eq!(chance(&balanced[..17]), None);
        assert!(chance(&balanced[..18]).is_some());
        assert_eq!(chance(&[]), None);
    }

    #[test]
    fn level_images_are_not_those_that_come_first() {
        // Sorted by class, and all level but one: no group.
        let labels: Vec<usize> = (0..800).map(|i| i / 100).collect();
        let labels = Labels::new(&labels, 800).unwrap().unwrap();
        let (mut sum, mut random) = (0.0, Random(3));
        for image in 0..100 {
            let mut scores = vec![(0.0, 0); 800];
            scores[8 * image].0 = 1.0;
            let ranking = Tie::new(800, &mut random).rank(&scores);
            assert_eq!((ranking.len(), ranking[0]), (TOP, (8 * image, 1.0, 0)));
            sum += labels.purity(&ranking).unwrap().0 / 100.0;
        }
        assert!((sum - 0.31).abs() < 0.03, "{sum}");
    }

    #[test]
    fn the_interval_is_about_the_difference() {
        let same = vec![0.5; 30];
        let compare = |units: &[f64], random: &[f64]| {
            Comparison::new(units, random, 0.3, &mut Random(1)).unwrap()
        };
        let equal = compare(&same, &same);
        assert_eq!((equal.difference, equal.low, equal.high), (0.0, 0.0, 0.0));
        let spread: Vec<f64> = (0..100).map(|i| f64::from(i % 10) / 10.0).collect();
        let found = compare(&spread, &same);
        assert!((found.difference + 0.05).abs() < 1e-9);
        // The standard error of the mean is √(.0825/100) = .0287.
        assert!((found.high - found.low - 2.0 * 1.96 * 0.0287).abs() < 0.01, "{found:?}");
        assert!(Comparison::new(&[], &same, 0.3, &mut Random(1)).is_none());
    }

    proptest! {
        #[test]
        fn rankings_and_purities_are_those_of_a_plain_search(
            images in prop::collection::vec((0..4_usize, 0..6_u8), 9..40), seed: u64
        ) {
            let labels: Vec<usize> = images.iter().map(|image| image.0).collect();
            let scores: Vec<(f32, usize)> = images.iter().map(|i| (f32::from(i.1), 5)).collect();
            let ranking = Tie::new(images.len(), &mut Random(seed)).rank(&scores);
            prop_assert_eq!(ranking.len(), TOP);
            // Whatever is left out is not stronger, and nothing is in it twice.
            let least = ranking[TOP - 1].1;
            for (image, score) in scores.iter().enumerate() {
                let places = ranking.iter().filter(|hit| hit.0 == image).count();
                prop_assert!(places == 1 || (places == 0 && score.0 <= least));
            }
            prop_assert!(ranking.is_sorted_by(|a, b| a.1 >= b.1));
            let count = |class: usize| ranking.iter().filter(|hit| labels[hit.0] == class).count();
            let most = (0..4).map(count).max().unwrap();
            let found = Labels::new(&labels, labels.len()).unwrap().unwrap().purity(&ranking);
            let (purity, class) = found.unwrap();
            prop_assert_eq!(purity, most as f64 / 9.0);
            prop_assert_eq!(count(class), most);
        }
    }
}
