use super::COMPONENT_LEVEL;
use crate::vector::ratio;

/// Σ|a| of the heaviest connected component, over Σ|a| of the plane.
pub(super) fn component_share(plane: &[f32], width: usize, largest: f32) -> Option<f64> {
    let mass = |position: usize| f64::from(plane[position].abs());
    let level = COMPONENT_LEVEL * largest;
    let mut open: Vec<bool> = plane.iter().map(|a| a.abs() > level).collect();
    let (mut heaviest, mut waiting) = (0.0_f64, vec![]);
    for start in 0..plane.len() {
        let mut weight = 0.0;
        let mut visit = |position: usize, waiting: &mut Vec<usize>| {
            if std::mem::take(&mut open[position]) {
                waiting.push(position);
            }
        };
        visit(start, &mut waiting);
        while let Some(position) = waiting.pop() {
            weight += mass(position);
            let column = position % width;
            let neighbours = [
                position.checked_sub(width),
                Some(position + width).filter(|&below| below < plane.len()),
                (column > 0).then(|| position - 1),
                (column + 1 < width).then_some(position + 1),
            ];
            neighbours.into_iter().flatten().for_each(|next| visit(next, &mut waiting));
        }
        heaviest = heaviest.max(weight);
    }
    ratio(heaviest, (0..plane.len()).map(mass).sum()).map(|share| share.min(1.0))
}
