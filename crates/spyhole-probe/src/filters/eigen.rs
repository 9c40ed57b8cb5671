//! Eigenvalues and eigenvectors of symmetric matrices.

/// A symmetric matrix, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Symmetric {
    pub(crate) size: usize,
    pub(crate) entries: Vec<f64>,
}

impl Symmetric {
    pub(crate) fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    /// Adds x·xᵀ above the diagonal and on it; [`mirror`](Self::mirror) does the rest.
    pub(crate) fn add_outer(&mut self, x: &[f32]) {
        for (i, (row, &a)) in self.entries.chunks_exact_mut(self.size).zip(x).enumerate() {
            for (entry, &b) in row[i..].iter_mut().zip(&x[i..]) {
                *entry += f64::from(a) * f64::from(b);
            }
        }
    }

    pub(crate) fn mirror(&mut self) {
        for i in 0..self.size {
            for j in 0..i {
                self.entries[i * self.size + j] = self.entries[j * self.size + i];
            }
        }
    }

    pub(crate) fn times(&self, x: &[f64]) -> Vec<f64> {
        let rows = self.entries.chunks_exact(self.size);
        rows.map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect()
    }

    /// The largest eigenvalue of a positive semidefinite matrix and its eigenvector of length 1, by power
    /// iteration. Where the two largest are nearly the same, any vector between theirs explains as much, and
    /// one such is returned. `None` for zeros.
    pub(crate) fn leading(&self) -> Option<(f64, Vec<f64>)> {
        let unit = |mut x: Vec<f64>| {
            let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            x.iter_mut().for_each(|x| *x /= length);
            (length > 0.0 && length.is_finite()).then_some((length, x))
        };
        let diagonal = |i: &usize| self.entries[i * self.size + i];
        let largest = (0..self.size).max_by(|a, b| diagonal(a).total_cmp(&diagonal(b)))?;
        let column = &self.entries[largest * self.size..][..self.size];
        let (mut value, mut x) = unit(column.to_vec())?;
        for _ in 0..200 {
            let (next_value, next) = unit(self.times(&x))?;
            let moved: f64 = x.iter().zip(&next).map(|(a, b)| (a - b).powi(2)).sum();
            (value, x) = (next_value, next);
            if moved < 1e-12 {
                break;
            }
        }
        Some((value, x))
    }

    /// All eigenvalues, in no order: Householder's tridiagonal form, then QL with implicit shifts (Bowdler,
    /// Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968).
    pub(crate) fn eigenvalues(self) -> Vec<f64> {
        self.solve(&mut [])
    }

    /// All eigenvalues, in no order, and their eigenvectors of length 1, one row each in the same order; by the
    /// same method.
    pub(crate) fn eigenvectors(self) -> (Vec<f64>, Vec<f64>) {
        let n = self.size;
        let mut rows = vec![0.0; n * n];
        (0..n).for_each(|i| rows[i * n + i] = 1.0);
        (self.solve(&mut rows), rows)
    }

    /// The eigenvalues. The rows, those of the unit matrix or none, become the eigenvectors.
    fn solve(mut self, rows: &mut [f64]) -> Vec<f64> {
        let (mut d, mut e) = self.tridiagonal(rows);
        let n = d.len();
        for l in 0..n {
            // Five are usual; the bound is for what is not finite.
            for _ in 0..50 {
                let small =
                    |m: &usize| e[*m].abs() <= f64::EPSILON * (d[*m].abs() + d[m + 1].abs());
                let m = (l..n - 1).find(small).unwrap_or(n - 1);
                if m == l {
                    break;
                }
                let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
                g = d[m] - d[l] + e[l] / (g + g.hypot(1.0).copysign(g));
                let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
                for i in (l..m).rev() {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r = f.hypot(g);
                    e[i + 1] = r;
                    if r == 0.0 {
                        d[i + 1] -= p;
                        e[m] = 0.0;
                        break;
                    }
                    (s, c) = (f / r, g / r);
                    g = d[i + 1] - p;
                    let t = (d[i] - g) * s + 2.0 * c * b;
                    p = s * t;
                    d[i + 1] = g + p;
                    g = c * t - b;
                    rotate(rows, n, i, [s, c]);
                    if i == l {
                        d[l] -= p;
                        e[l] = g;
                        e[m] = 0.0;
                    }
                }
            }
        }
        d
    }

    /// Diagonal and the entries beside it (and a 0) of a tridiagonal matrix with the same eigenvalues. The rows
    /// are reflected as the matrix is.
    fn tridiagonal(&mut self, rows: &mut [f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.size;
        let mut beside = vec![0.0; n];
        for k in 0..n.saturating_sub(2) {
            // The reflection that clears row k right of its first entry beside the diagonal.
            let row = &self.entries[k * n + k + 1..(k + 1) * n];
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            let mut v = vec![0.0; n];
            v[k + 1..].copy_from_slice(row);
            beside[k] = -length.copysign(v[k + 1]);
            v[k + 1] -= beside[k];
            let square: f64 = v.iter().map(|v| v * v).sum();
            if length == 0.0 || square == 0.0 {
                beside[k] = 0.0;
                continue;
            }
            let u: Vec<f64> = self.times(&v).iter().map(|x| 2.0 * x / square).collect();
            let middle = u.iter().zip(&v).map(|(u, v)| u * v).sum::<f64>() / square;
            let w: Vec<f64> = u.iter().zip(&v).map(|(u, v)| u - middle * v).collect();
            for i in k..n {
                for j in k..n {
                    self.entries[i * n + j] -= v[i] * w[j] + w[i] * v[j];
                }
            }
            reflect(rows, &v, square);
        }
        if n >= 2 {
            beside[n - 2] = self.entries[(n - 2) * n + n - 1];
        }
        ((0..n).map(|i| self.entries[i * n + i]).collect(), beside)
    }
}

/// Turns rows i and i + 1 into each other.
fn rotate(rows: &mut [f64], n: usize, i: usize, [s, c]: [f64; 2]) {
    if rows.is_empty() {
        return;
    }
    let (upper, lower) = rows[i * n..(i + 2) * n].split_at_mut(n);
    for (a, b) in upper.iter_mut().zip(lower) {
        (*a, *b) = (c * *a - s * *b, s * *a + c * *b);
    }
}

/// (1 − 2v·vᵀ/|v|²) · rows.
fn reflect(rows: &mut [f64], v: &[f64], square: f64) {
    if rows.is_empty() {
        return;
    }
    let mut sum = vec![0.0; v.len()];
    for (row, v) in rows.chunks_exact(v.len()).zip(v) {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += v * x);
    }
    for (row, v) in rows.chunks_exact_mut(v.len()).zip(v) {
        row.iter_mut().zip(&sum).for_each(|(x, sum)| *x -= 2.0 * v / square * sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn symmetric(size: usize, values: &[f32]) -> Symmetric {
        let mut matrix = Symmetric::zeros(size);
        values.chunks_exact(size).for_each(|row| matrix.add_outer(row));
        matrix.mirror();
        matrix
    }

    /// Jacobi's rotations: slow and plain.
    fn reference(mut a: Symmetric) -> Vec<f64> {
        let n = a.size;
        for _ in 0..60 {
            for p in 0..n {
                for q in p + 1..n {
                    let off = a.entries[p * n + q];
                    if off == 0.0 {
                        continue;
                    }
                    let (s, c) = (0.5
                        * (2.0 * off).atan2(a.entries[q * n + q] - a.entries[p * n + p]))
                    .sin_cos();
                    for i in 0..n {
                        let (x, y) = (a.entries[i * n + p], a.entries[i * n + q]);
                        (a.entries[i * n + p], a.entries[i * n + q]) =
                            (c * x - s * y, s * x + c * y);
                    }
                    for i in 0..n {
                        let (x, y) = (a.entries[p * n + i], a.entries[q * n + i]);
                        (a.entries[p * n + i], a.entries[q * n + i]) =
                            (c * x - s * y, s * x + c * y);
                    }
                }
            }
        }
        (0..n).map(|i| a.entries[i * n + i]).collect()
    }

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    proptest! {
        #[test]
        fn eigenvalues_are_those_of_jacobi(
            (size, values) in (1..14_usize).prop_flat_map(|size| {
                (Just(size), prop::collection::vec(-1.0..1.0_f32, 0..3 * size * size))
            })
        ) {
            let matrix = symmetric(size, &values);
            let expected = sorted(reference(matrix.clone()));
            let found = sorted(matrix.clone().eigenvalues());
            let scale = expected.last().copied().unwrap_or(0.0).max(1e-9);
            for (a, b) in found.iter().zip(&expected) {
                prop_assert!((a - b).abs() < 1e-9 * scale, "{found:?} {expected:?}");
            }
            let (values, rows) = matrix.clone().eigenvectors();
            prop_assert_eq!(&values, &matrix.clone().eigenvalues());
            for (i, (value, x)) in values.iter().zip(rows.chunks_exact(size)).enumerate() {
                for (product, x) in matrix.times(x).iter().zip(x) {
                    prop_assert!((product - value * x).abs() < 1e-9 * scale, "{value} {x}");
                }
                for (j, y) in rows.chunks_exact(size).enumerate() {
                    let product: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
                    let expected = if i == j { 1.0 } else { 0.0 };
                    prop_assert!((product - expected).abs() < 1e-9, "{i} {j}");
                }
            }
            match matrix.leading() {
                None => prop_assert!(expected.iter().all(|&value| value.abs() < 1e-12)),
                // It may mix eigenvectors of nearly the same eigenvalue: what it explains is what counts.
                Some((value, x)) => {
                    prop_assert!(value <= scale * 1.000001 && value > scale * 0.98, "{value} {scale}");
                    prop_assert!((x.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_ends() {
        assert_eq!(symmetric(3, &[f32::NAN; 9]).eigenvalues().len(), 3);
        assert!(symmetric(3, &[f32::INFINITY; 9]).leading().is_none());
        assert!(Symmetric::zeros(0).eigenvalues().is_empty());
        assert_eq!(symmetric(3, &[f32::NAN; 9]).eigenvectors().1.len(), 9);
        assert!(Symmetric::zeros(0).eigenvectors().1.is_empty());
    }
}
