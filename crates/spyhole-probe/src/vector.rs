//! Sums over many numbers, in f64.

const LANES: usize = 8;

/// Σ aᵢ·bᵢ. Several sums side by side, so that the processor need not wait for each addition.
pub(crate) fn dot<T: Copy + Into<f64>>(a: &[T], b: &[T]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let mut lanes = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = products(a.remainder(), b.remainder()).sum();
    for (a, b) in a.zip(b) {
        for (lane, product) in lanes.iter_mut().zip(products(a, b)) {
            *lane += product;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

fn products<T: Copy + Into<f64>>(a: &[T], b: &[T]) -> impl Iterator<Item = f64> {
    a.iter().zip(b).map(|(&a, &b)| a.into() * b.into())
}

/// a/b, where that is a number.
pub(crate) fn ratio(a: f64, b: f64) -> Option<f64> {
    let ratio = a / b;
    (b > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// `count` of `of`, 0 to 1.
pub(crate) fn share(count: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (Some(upper), 0) => Some((values[middle - 1] + upper) / 2.0),
        (upper, _) => upper.copied(),
    }
}

/// Whether there is no NaN and no infinity.
pub(crate) fn all_finite(numbers: &[f32]) -> bool {
    numbers.iter().all(|number| number.is_finite())
}
