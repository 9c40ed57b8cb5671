//! Memory: what the analyses may hold at once.

use spyhole_probe::Pass;

/// Pictures of a layer's units, without a ceiling.
const PICTURES: usize = 256 << 20;

/// How the ceiling is divided: the sweep over the probe images, that of the studies, the studies' pictures, and the
/// snapshots that wait.
const PARTS: usize = 4;

/// What may be held at once, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Intermediate results of a sweep over images.
    pub(crate) pass: usize,
    /// Pictures of the units of a layer.
    pub(crate) pictures: usize,
    /// How many snapshots may wait.
    pub(crate) snapshots: usize,
}

/// What is to be held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// Bytes of a model's weights.
    pub(crate) weights: usize,
    /// Bytes of intermediate results per image.
    pub(crate) image: usize,
    pub(crate) images: usize,
    /// How many snapshots are to wait, if there is room.
    pub(crate) snapshots: usize,
}

impl Limits {
    /// Below a ceiling, if there is one; with what that makes smaller, in words.
    pub(crate) fn new(ceiling: Option<usize>, needs: Needs) -> (Self, Vec<String>) {
        let free = Self { pass: Pass::MEMORY, pictures: PICTURES, snapshots: needs.snapshots };
        let Some(ceiling) = ceiling else { return (free, vec![]) };
        let part = ceiling / PARTS;
        let waiting = part / needs.weights.max(1);
        let limits = Self {
            pass: part.min(free.pass),
            pictures: part.min(free.pictures),
            snapshots: waiting.clamp(1, needs.snapshots.max(1)),
        };
        let mut smaller = vec![];
        let group = |memory: usize| (memory / needs.image.max(1)).clamp(1, needs.images.max(1));
        if group(limits.pass) < group(free.pass) {
            let (group, images) = (group(limits.pass), needs.images);
            smaller.push(format!(
                "the probe images go through the network in groups of {group} of {images}"
            ));
        }
        if needs.image > part {
            let (image, part) = (mebibytes(needs.image), mebibytes(part));
            smaller.push(format!(
                "one image alone takes {image} in the network, more than its part of {part}"
            ));
        }
        if limits.snapshots < free.snapshots {
            let (count, wanted) = (limits.snapshots, free.snapshots);
            let weights = mebibytes(needs.weights);
            smaller.push(format!(
                "{count} of {wanted} snapshots may wait, each with {weights} of weights"
            ));
        }
        if needs.weights > part {
            let (weights, part) = (mebibytes(needs.weights), mebibytes(part));
            smaller.push(format!(
                "one snapshot holds {weights} of weights, more than its part of {part}"
            ));
        }
        if limits.pictures < free.pictures {
            let pictures = mebibytes(limits.pictures);
            smaller.push(format!(
                "the pictures of a layer's units take {pictures} at most: fewer maps may have some"
            ));
        }
        (limits, smaller)
    }
}

fn mebibytes(bytes: usize) -> String {
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    if mebibytes < 10.0 { format!("{mebibytes:.1} MiB") } else { format!("{mebibytes:.0} MiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn a_ceiling_makes_smaller_what_does_not_fit_and_says_so() {
        let needs = Needs { weights: 40 * MIB, image: 10 * MIB, images: 64, snapshots: 2 };
        let check =
            |ceiling: Option<usize>, needs, expected: (usize, usize, usize), said: &[&str]| {
                let (limits, smaller) = Limits::new(ceiling.map(|mib| mib * MIB), needs);
                let (pass, pictures, snapshots) = expected;
                let expected = Limits { pass: pass * MIB, pictures: pictures * MIB, snapshots };
                assert_eq!(limits, expected, "{ceiling:?}");
                assert_eq!(smaller.len(), said.len(), "{smaller:?}");
                for (sentence, part) in smaller.iter().zip(said) {
                    assert!(sentence.contains(part), "{sentence} does not say {part}");
                }
            };
        check(None, needs, (1024, 256, 2), &[]);
        check(Some(8192), needs, (1024, 256, 2), &[]);
        check(Some(1024), needs, (256, 256, 2), &["groups of 25 of 64"]);
        check(
            Some(200),
            needs,
            (50, 50, 1),
            &["groups of 5 of 64", "1 of 2 snapshots", "50 MiB at most"],
        );
        check(
            Some(16),
            needs,
            (4, 4, 1),
            &[
                "groups of 1 of 64",
                "one image alone takes 10 MiB",
                "1 of 2",
                "holds 40 MiB",
                "4.0 MiB at most",
            ],
        );
        let none = Needs { weights: 0, image: 0, images: 0, snapshots: 0 };
        check(Some(4096), none, (1024, 256, 1), &[]);
    }
}
