/// How a signal passes a rectifier on its way back to the pixels. Everything else passes its derivative in
/// all methods: linear operations their adjoint, max poolings to their switches. Rectifiers are ReLU and
/// its bounded form (ReLU6), however they are written: as a module, a function, a clamp, or zeros where
/// the input is negative. For activations that do not rectify (leaky ReLU, GELU, SiLU), gates and
/// statistics of the image the paper has no rule: [`Layer::outside_definition`] names the first one.
///
/// [`Layer::outside_definition`]: crate::Layer::outside_definition
///
/// | method | gated by the forward input | rectified itself |
/// |---|---|---|
/// | [`Gradient`](Method::Gradient) | yes | no |
/// | [`Deconvnet`](Method::Deconvnet) (Zeiler & Fergus 2013) | no | yes |
/// | [`Guided`](Method::Guided) (Springenberg et al. 2014) | yes | yes |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The deconvolutional network of Zeiler & Fergus (2013): unpool by the switches, rectify the
    /// signal, filter with the transposed filters.
    #[default]
    Deconvnet,
    /// Guided backpropagation of Springenberg et al. (2014): the signal passes where both it and the
    /// forward input are positive.
    Guided,
    /// The plain gradient.
    Gradient,
}

/// What a rectifier does to the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RectifierRule {
    /// Pass only where the forward input was positive.
    pub(crate) gate_on_input: bool,
    /// Pass only the positive part of the signal.
    pub(crate) rectify_signal: bool,
}

impl Method {
    pub(crate) fn rectifier(self) -> RectifierRule {
        let (gate_on_input, rectify_signal) = match self {
            Self::Deconvnet => (false, true),
            Self::Guided => (true, true),
            Self::Gradient => (true, false),
        };
        RectifierRule { gate_on_input, rectify_signal }
    }
}
