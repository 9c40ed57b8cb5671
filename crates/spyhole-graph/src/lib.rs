//! A Burn model as a graph: named activations, projections back to the pixels, receptive fields.
//!
//! Burn has no forward hooks. It has a capture device, on which a forward function is recorded and not
//! computed. From that recording this crate does everything itself, so the model stays as it is, and
//! residual, branching and batch-normalised networks need no special care.
//!
//! ```
//! use burn::nn::{Relu, conv::{Conv2d, Conv2dConfig}};
//! use burn::prelude::*;
//! use spyhole_graph::{Graph, Method, Seed, Weights};
//!
//! #[derive(Module, Debug)]
//! struct Net {
//!     stem: Conv2d,
//!     head: Conv2d,
//! }
//!
//! let device = Device::flex();
//! let net = Net {
//!     stem: Conv2dConfig::new([3, 8], [3, 3]).init(&device),
//!     head: Conv2dConfig::new([8, 4], [3, 3]).init(&device),
//! };
//! let graph = Graph::capture(&net, [3, 16, 16], |net, images| {
//!     net.head.forward(Relu::new().forward(net.stem.forward(images)))
//! })?;
//! let names: Vec<_> = graph.layers().iter().map(|layer| layer.name()).collect();
//! assert_eq!(names, ["stem", "head"]);
//!
//! let weights = Weights::of(&net, &device);
//! let images = Tensor::<4>::random([2, 3, 16, 16], burn::tensor::Distribution::Default, &device);
//! let activations = graph.forward(&weights, images)?;
//! let head = graph.layer("head")?;
//! assert_eq!(activations.layer(head)?.dims(), [2, 4, 12, 12]);
//!
//! // Which pixels of the second image can reach this unit, by the deconvnet's rule?
//! let seed = Seed::Unit { image: 1, map: 2, row: 5, column: 5 };
//! let picture = activations.project(head, &[seed], Method::Deconvnet)?;
//! assert_eq!(picture.dims(), [1, 3, 16, 16]);
//! assert_eq!(graph.field(head, 5, 5).visible.size(), [5, 5]);
//! # Ok::<(), spyhole_graph::GraphError>(())
//! ```

mod capture;
mod constants;
mod dim;
mod error;
mod field;
mod finite;
mod forward;
mod fuse;
mod graph;
mod helpers;
mod layer;
mod layers;
mod lower;
mod method;
mod occlude;
mod ops;
mod patches;
mod positions;
mod project;
mod recall;
mod refusal;
mod region;
mod seed;
#[doc(hidden)]
pub mod trial;
mod weights;
mod window;
mod windows;

pub use error::GraphError;
pub use field::{Field, FieldStatus};
pub use finite::{Holder, NotFinite};
pub use forward::Activations;
pub use graph::Graph;
pub use helpers::{helpers, on_start_of_helpers};
pub use layer::{Bounds, Layer, LayerKind};
pub use lower::{CHANGES_BETWEEN_CALLS, DEPENDS_ON_BATCH};
pub use method::Method;
pub use occlude::{Cover, Occluded, OutputScale, Wanted};
pub use seed::{Direction, Seed, SeedValue};
pub use weights::Weights;
pub use window::{Span, Window};
