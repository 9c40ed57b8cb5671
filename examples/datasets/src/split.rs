use crate::Picture;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Share of every class that is held out for validation. More makes the validation figures steadier and
/// leaves less to learn from.
pub(crate) const VALID_SHARE: f64 = 0.2;

/// Shuffles the pictures and holds out [`VALID_SHARE`] of every class, so that both parts keep the
/// classes' proportions. A class of two pictures or more gives at least one; a class of one keeps it to
/// train on. Returns (train, valid).
pub(crate) fn split(
    mut pictures: Vec<Picture>,
    classes: usize,
    seed: u64,
) -> (Vec<Picture>, Vec<Picture>) {
    pictures.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut counts = vec![0; classes];
    pictures.iter().for_each(|picture| counts[picture.label] += 1);
    let mut held_out: Vec<usize> = counts.iter().map(|&n| share_of(n)).collect();
    pictures.into_iter().partition(|picture| {
        let left = &mut held_out[picture.label];
        let train = *left == 0;
        *left = left.saturating_sub(1);
        train
    })
}

fn share_of(count: usize) -> usize {
    let share = (count as f64 * VALID_SHARE).round() as usize;
    if count < 2 { 0 } else { share.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_gives_a_fifth() {
        let sizes = [1, 2, 10, 53];
        let pictures: Vec<Picture> = (0..4)
            .flat_map(|label| {
                (0..sizes[label]).map(move |i| Picture { pixels: vec![i as f32], label })
            })
            .collect();
        let (train, valid) = split(pictures.clone(), 4, 7);
        let count = |part: &[Picture], label| part.iter().filter(|p| p.label == label).count();
        assert_eq!([0, 1, 2, 3].map(|label| count(&valid, label)), [0, 1, 2, 11]);
        assert_eq!([0, 1, 2, 3].map(|label| count(&train, label)), [1, 1, 8, 42]);
        assert_eq!(split(pictures.clone(), 4, 7), (train.clone(), valid));
        assert_ne!(split(pictures, 4, 8).0, train);
    }
}
