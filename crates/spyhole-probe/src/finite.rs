//! Whether the network's numbers are finite, and where in computing order they stop being so.

use spyhole_graph::{Activations, Graph, NotFinite, Weights};

/// Looks for numbers that are NaN or infinite, in the parameters and in a sweep over the probe images that others share:
/// `look` at every group of images, then `finish`.
#[derive(Clone, Debug, Default)]
pub struct FiniteReader {
    places: Vec<NotFinite>,
    looked: bool,
}

/// Where a network's numbers are not finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finiteness {
    /// The places where numbers that are not finite begin, in computing order: parameters, running statistics, and
    /// operations that make them of finite ones on a probe image. What is computed from them is not listed.
    pub places: Vec<NotFinite>,
    /// Whether the probe images went through the network; otherwise only the parameters were looked at.
    pub swept: bool,
}

impl Finiteness {
    /// How many places there are; anything above 0 is bad. `None` if nothing was found, but only the parameters were
    /// looked at.
    pub fn count(&self) -> Option<usize> {
        Some(self.places.len()).filter(|&count| self.swept || count > 0)
    }
}

impl FiniteReader {
    /// Looks at the parameters and running statistics.
    pub fn new(graph: &Graph, weights: &Weights) -> Self {
        Self { places: graph.parameters_not_finite(weights), looked: false }
    }

    /// Takes in a further group of images.
    pub fn look(&mut self, activations: &Activations<'_>) {
        self.looked = true;
        for new in activations.not_finite() {
            match self.places.iter_mut().find(|place| place.is_at(&new)) {
                Some(place) => place.merge(&new),
                None => self.places.push(new),
            }
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Finiteness {
        self.places.sort();
        Finiteness { places: self.places, swept: self.looked }
    }
}
