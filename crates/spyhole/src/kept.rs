//! What is kept with a run, to go on from there when it is continued.

use spyhole_graph::Layer;

/// Where a layer's initial weights are kept.
pub(crate) fn start_of_filters(layer: &Layer) -> String {
    format!("filters/{}/start", layer.name())
}

/// Where a part of what is remembered of a layer's evolution is kept.
pub(crate) fn evolution(layer: &Layer, part: &str) -> String {
    format!("evolution/{}/{part}", layer.name())
}

/// Where the address of the probe images' picture is kept.
pub(crate) const PROBE: &str = "probe";

/// Numbers as bytes, least significant first.
pub(crate) fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The numbers again.
pub(crate) fn numbers(bytes: &[u8]) -> Vec<f32> {
    let each = bytes.chunks_exact(4);
    each.filter_map(|bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let all = [0.0, -1.5, f32::MIN_POSITIVE, f32::INFINITY];
        assert_eq!(numbers(&bytes(&all)), all);
        assert_eq!(numbers(&[1, 2, 3]), [0.0; 0]);
    }
}
