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

/// Numbers as bytes, least significant first, with a checksum at the end.
pub(crate) fn bytes(numbers: &[f32]) -> Vec<u8> {
    let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.extend(checksum(&bytes));
    bytes
}

/// The numbers again. Damaged ones are one too many: their checksum is taken for one, as for runs from before there
/// was a checksum.
pub(crate) fn numbers(bytes: &[u8]) -> Vec<f32> {
    let content = bytes.split_last_chunk().filter(|(content, sum)| **sum == checksum(content));
    let content = content.map_or(bytes, |(content, _)| content);
    let each = content.chunks_exact(4);
    each.filter_map(|bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?))).collect()
}

/// FNV-1a, 32 bits (Fowler, Noll and Vo).
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let step = |sum: u32, &byte: &u8| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, step).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_damaged_ones_do_not_fit() {
        let all = [0.0, -1.5, f32::MIN_POSITIVE, f32::INFINITY];
        let kept = bytes(&all);
        assert_eq!(numbers(&kept), all);
        assert_eq!(numbers(&kept[..16]), all, "as they were kept before there was a checksum");
        assert_eq!(numbers(&[1, 2, 3]), [0.0; 0]);
        assert_eq!(numbers(&bytes(&[])), [0.0; 0]);
        for at in 0..kept.len() {
            let mut damaged = kept.clone();
            damaged[at] ^= 4;
            assert_ne!(numbers(&damaged).len(), all.len(), "byte {at}");
        }
    }
}
