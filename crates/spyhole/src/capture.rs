//! Recording the user's model, and seeing that it can be computed.

use burn::module::Module;
use burn::tensor::Tensor;
use spyhole_graph::trial::tried;
use spyhole_graph::{Graph, GraphError, Weights};

use crate::error::SpyholeError;

/// Records a model for images like these, and runs the first of them through the graph: whatever does not work there
/// should be said now.
///
/// # Errors
/// When the model cannot be recorded, or rejects the images.
pub(crate) fn capture<M: Module, const D: usize>(
    model: &M,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    images: &Tensor<4>,
) -> Result<Graph, SpyholeError> {
    let [_, channels, height, width] = images.dims();
    let rejected = |shape, message| SpyholeError::ProbeRejected { shape, message };
    let graph = Graph::capture(model, [channels, height, width], forward);
    let graph = graph.map_err(|error| match error {
        // Most often the probe images have other channels or another size than the training's.
        GraphError::ForwardFails { shape, message } => rejected(shape, message),
        other => other.into(),
    })?;
    let one = images.clone().narrow(0, 0, 1);
    let shape = one.dims();
    let computed = tried(|| {
        let weights = Weights::of(&model.valid(), &images.device());
        graph.forward(&weights, one).map(|_| ())
    });
    computed.map_err(|panic| rejected(shape, panic.to_string()))??;
    Ok(graph)
}
