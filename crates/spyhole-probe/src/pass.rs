use std::ops::Range;

use burn::tensor::Tensor;
use spyhole_graph::{Activations, Graph, Weights};

use crate::error::ProbeError;

/// A network looking at the probe images, in groups of images whose intermediate results fit into memory.
///
/// Several analyses share one sweep: every one takes what it needs from each group.
#[derive(Debug)]
pub struct Pass<'a> {
    graph: &'a Graph,
    weights: &'a Weights,
    images: &'a Tensor<4>,
    size: usize,
    /// The results of all images, if they fit.
    whole: Option<Activations<'a>>,
}

impl<'a> Pass<'a> {
    /// Memory for intermediate results that serves most networks: 1 GiB.
    pub const MEMORY: usize = 1 << 30;

    /// Prepares to look at `images` `[N, C, H, W]`. The intermediate results of a group take `memory`
    /// bytes at most, roughly, and one image is the smallest group. If all images fit, they go through the
    /// network once, however many sweeps there are.
    ///
    /// # Errors
    /// When the images do not fit the graph, or weights are missing.
    pub fn new(
        graph: &'a Graph,
        weights: &'a Weights,
        images: &'a Tensor<4>,
        memory: usize,
    ) -> Result<Self, ProbeError> {
        let count = images.dims()[0];
        let size = group_size(graph, memory).min(count.max(1));
        let whole = (size >= count).then(|| graph.forward(weights, images.clone())).transpose()?;
        Ok(Self { graph, weights, images, size, whole })
    }

    /// The network.
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// All images, `[N, C, H, W]`.
    pub fn images(&self) -> &'a Tensor<4> {
        self.images
    }

    /// One sweep: calls `look` with the number of a group's first image and the group's results, for each
    /// group that holds images `wanted`, in order.
    ///
    /// # Errors
    /// When the images do not fit the graph, or weights are missing.
    pub fn each(
        &self,
        wanted: impl Fn(Range<usize>) -> bool,
        mut look: impl FnMut(usize, &Activations<'_>),
    ) -> Result<(), ProbeError> {
        let count = self.images.dims()[0];
        if let Some(whole) = &self.whole {
            if wanted(0..count) {
                look(0, whole);
            }
            return Ok(());
        }
        for first in (0..count).step_by(self.size) {
            let range = first..(first + self.size).min(count);
            if wanted(range.clone()) {
                let images = self.images.clone().narrow(0, first, range.len());
                look(first, &self.graph.forward(self.weights, images)?);
            }
        }
        Ok(())
    }
}

/// How many images may go through the network at once.
pub(crate) fn group_size(graph: &Graph, memory: usize) -> usize {
    (memory / graph.bytes_per_image().max(1)).max(1)
}

/// Images `[N, C, H, W]` as a stream of groups whose intermediate results take `memory` bytes at most, roughly: the
/// number of each group's first image, and the group. One image is the smallest group.
pub fn groups(
    graph: &Graph,
    images: &Tensor<4>,
    memory: usize,
) -> impl Iterator<Item = (usize, Tensor<4>)> {
    let (count, size) = (images.dims()[0], group_size(graph, memory));
    let first = (0..count).step_by(size);
    first.map(move |first| (first, images.clone().narrow(0, first, size.min(count - first))))
}
