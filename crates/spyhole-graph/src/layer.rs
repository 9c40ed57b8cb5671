use std::fmt;
use std::sync::Arc;

use crate::constants::Recipe;
use crate::graph::ValueId;

/// What a layer's last linear operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LayerKind {
    /// A convolution.
    Convolution,
    /// A transposed convolution.
    TransposedConvolution,
    /// The sum of two branches that both depend on the image: a residual block's output.
    Residual,
    /// Channels of several branches behind each other: an inception block's output.
    Concat,
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Convolution => "convolution",
            Self::TransposedConvolution => "transposed convolution",
            Self::Residual => "residual",
            Self::Concat => "concat",
        })
    }
}

/// The range of an activation function that saturates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// No value is below.
    pub low: f32,
    /// No value is above.
    pub high: f32,
    /// Its lower bound is a rectifier's zero (ReLU6): nothing passes there, which is not saturation.
    pub rectifies: bool,
}

/// A layer: the activation after a convolution, a sum of branches, or a concatenation, with the
/// normalisation and the activation function that follow it directly, as far as nothing else reads what
/// is between. Both may be written out in parts (a group norm, `x · sigmoid(x)`).
#[derive(Clone, Debug)]
pub struct Layer {
    pub(crate) place: ValueId,
    pub(crate) name: String,
    pub(crate) kind: LayerKind,
    pub(crate) description: String,
    pub(crate) shape: [usize; 3],
    pub(crate) weight: Option<String>,
    pub(crate) parameters: Vec<String>,
    pub(crate) filter_parameters: Vec<String>,
    pub(crate) weight_shape: Option<[usize; 4]>,
    pub(crate) kernel: Option<Arc<Recipe>>,
    pub(crate) groups: usize,
    pub(crate) bounds: Option<Bounds>,
    pub(crate) over_lines: bool,
    pub(crate) first: bool,
    pub(crate) unsupported: Option<String>,
    pub(crate) outside_definition: Option<String>,
}

impl Layer {
    /// Unique name, with `#2`, `#3` for further uses of the same.
    ///
    /// A convolution has the path of its parameters, `blocks.0.conv1`; if its weights are computed from
    /// several parameters, their longest common path. A sum of branches or a concatenation has the
    /// longest common path of all parameters between where the branches part and where they meet,
    /// `blocks.0`; `blocks.0.conv.sum` or `.concat` if that is one convolution's own path, and `sum` or
    /// `concat` if there is none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is the activation of.
    pub fn kind(&self) -> LayerKind {
        self.kind
    }

    /// What the layer computes, in words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// `[channels, height, width]` of the activation for one image; a line is a plane of height 1.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Path of a convolution's weights, shape `[filters, channels / groups, height, width]`. `None` if
    /// the forward function computes them from parameters (weight norm, spectral norm) instead of reading
    /// one, see [`Weights::filters`](crate::Weights::filters); and for other kinds of layers: the weights of a
    /// transposed convolution, `[channels, filters / groups, height, width]`, and of a convolution over lines
    /// are no such filters.
    pub fn weight(&self) -> Option<&str> {
        self.weight.as_deref()
    }

    /// Paths of the parameters that make this layer what it is, in no particular order: those that a convolution's
    /// filters and bias are computed from; for a sum of branches or a concatenation all between where the branches
    /// part and where they meet, or, if there are none, all on the way from the image. Without those of the
    /// normalisation that follows.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// Paths of the parameters that a convolution's filters are made of: the one of
    /// [`weight`](Self::weight), or all that they are computed from, without the bias. Layers with the same paths
    /// need not have the same filters, see [`shares_filters_with`](Self::shares_filters_with). Empty for a layer without
    /// filters.
    pub fn filter_parameters(&self) -> &[String] {
        &self.filter_parameters
    }

    /// Whether both are convolutions that work with the same filters: the same parameter, used several times, or what is
    /// computed in the same way from the same parameters. Two parts of one parameter are not the same filters.
    pub fn shares_filters_with(&self, other: &Self) -> bool {
        if self.kind != other.kind {
            return false;
        }
        match (&self.weight, &other.weight, &self.kernel, &other.kernel) {
            (Some(own), Some(others), ..) => own == others,
            (None, None, Some(own), Some(others)) => own.is_like(others),
            (None, None, None, None) => {
                let of_weights =
                    matches!(self.kind, LayerKind::Convolution | LayerKind::TransposedConvolution);
                let sorted = |layer: &Self| {
                    let mut paths = layer.parameters.clone();
                    paths.sort_unstable();
                    paths.dedup();
                    paths
                };
                of_weights && !self.parameters.is_empty() && sorted(self) == sorted(other)
            }
            _ => false,
        }
    }

    /// Shape of a convolution's filters, `[filters, channels / groups, height, width]`, whether they are a
    /// parameter or computed from parameters ([`Weights::filters`](crate::Weights::filters)). `None` for other
    /// kinds of layers, and for filters that no parameter has a part in.
    pub fn weight_shape(&self) -> Option<[usize; 4]> {
        self.weight_shape
    }

    /// Groups of a convolution: filters of different groups look at different channels. As many as
    /// there are channels if it is depthwise; 1 for other kinds of layers.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it is a convolution over lines, `[N, channels, length]`.
    pub fn is_over_lines(&self) -> bool {
        self.over_lines
    }

    /// The range of the activation function that the layer ends with, if it saturates: tanh, sigmoid,
    /// hard sigmoid, clamps. `None` for all others, and for a layer that ends with something else.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// Whether the convolution filters the input image itself, perhaps normalised or padded before.
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// The operation because of which the layer can be neither computed nor projected, if there is one.
    pub fn unsupported(&self) -> Option<&str> {
        self.unsupported.as_deref()
    }

    /// The first operation up to this layer for which the deconvnet of Zeiler & Fergus (2013) has no
    /// rule: an activation that does not rectify (GELU, SiLU, leaky ReLU, sigmoid), a gate, statistics
    /// taken from the image (layer and group norm), attention; and the module with parameters that it
    /// comes after: `sigmoid after gate.expand`. It passes its derivative in all methods, so a deconvnet or
    /// guided picture of the layer is not the paper's. `None`: it is.
    pub fn outside_definition(&self) -> Option<&str> {
        self.outside_definition.as_deref()
    }
}
