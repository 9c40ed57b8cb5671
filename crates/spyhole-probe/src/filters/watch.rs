use spyhole_graph::{Layer, Weights};

use super::LayerFilters;
use super::bands::{NullBand, null_bands};
use super::reading::{Earlier, Snapshot};
use crate::error::ProbeError;
use crate::smoothness::{Caution, FilterShape, SmoothnessTest};

/// A convolution whose filters are read after every epoch: keeps what later readings are compared with.
#[derive(Clone, Debug)]
pub struct FilterWatch {
    parameter: Option<Parameter>,
    trainable: bool,
    /// Of the layer's input, if that is the images.
    input_correlation: Option<f64>,
    test: Option<SmoothnessTest>,
    /// W₀.
    start: Option<Vec<f32>>,
    before: Option<Before>,
}

/// The weights that are read.
#[derive(Clone, Debug)]
struct Parameter {
    layer: Layer,
    /// Their path, or what the forward function computes them from.
    path: String,
    shape: [usize; 4],
    groups: usize,
    first: bool,
}

/// The snapshot before.
#[derive(Clone, Debug)]
struct Before {
    epoch: u32,
    weights: Vec<f32>,
    /// How it differed from the one before it.
    step: Option<Vec<f32>>,
    /// For each filter, snapshots running in which it had stood still.
    idle: Vec<u32>,
}

impl FilterWatch {
    /// For a layer whose weights are trained, or not. `input_correlation` is that of the images
    /// ([`input_correlation`](crate::input_correlation)); only a first layer heeds it.
    pub fn new(layer: &Layer, trainable: bool, input_correlation: Option<f64>) -> Self {
        let computed = || format!("computed from {}", layer.filter_parameters().join(", "));
        let parameter = layer.weight_shape().map(|shape| Parameter {
            layer: layer.clone(),
            path: layer.weight().map_or_else(computed, str::to_owned),
            shape,
            groups: layer.groups(),
            first: layer.is_first(),
        });
        let input_correlation = input_correlation.filter(|_| layer.is_first());
        Self { parameter, trainable, input_correlation, test: None, start: None, before: None }
    }

    /// Reads nothing: for a layer whose weights are read with another layer, because it uses the same.
    pub fn none() -> Self {
        Self {
            parameter: None,
            trainable: false,
            input_correlation: None,
            test: None,
            start: None,
            before: None,
        }
    }

    /// For a run that is continued: W₀ as it was seen then, [`start`](Self::start). Of another length, it is
    /// not taken.
    pub fn starting_from(mut self, start: Vec<f32>) -> Self {
        let length = self.parameter.as_ref().map(|parameter| parameter.shape.iter().product());
        self.start = Some(start).filter(|start| length == Some(start.len()));
        self
    }

    /// W₀, row-major `[filters, C, kh, kw]`, once epoch 0 was read.
    pub fn start(&self) -> Option<&[f32]> {
        self.start.as_deref()
    }

    /// What a layer of independent random weights would read, as far as that is known. Empty for a layer
    /// without weights.
    pub fn null_bands(&self) -> Vec<NullBand> {
        let Some(Parameter { shape, groups, .. }) = &self.parameter else { return vec![] };
        let caution = Caution::of(filter_shape(*shape), self.input_correlation);
        null_bands(*shape, *groups, caution)
    }

    /// Reads weights within an epoch, and keeps nothing: the reading is like a first one, because it is the ends of epochs
    /// that are compared with each other.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn glance(
        &self,
        weights: &Weights,
        epoch: u32,
    ) -> Result<Option<LayerFilters>, ProbeError> {
        Self { before: None, ..self.clone() }.read(weights, epoch.max(1))
    }

    /// Reads the weights of a snapshot, and keeps them for the next one: a parameter, or what the forward function
    /// computes from parameters (weight norm). `None` for a layer without filters
    /// ([`Layer::weight_shape`](spyhole_graph::Layer::weight_shape)).
    ///
    /// The weights of epoch 0 are W₀. If a resumed run was not given them
    /// ([`starting_from`](Self::starting_from)), what needs W₀ stays `None`, and the smoothness test is that for
    /// Gaussian weights. When an epoch comes again, or an earlier one, what was
    /// seen of the later ones is forgotten except W₀: the reading is like a first one.
    ///
    /// # Errors
    /// When the parameter is missing or has another shape than the layer.
    pub fn read(
        &mut self,
        weights: &Weights,
        epoch: u32,
    ) -> Result<Option<LayerFilters>, ProbeError> {
        let Some(parameter) = self.parameter.clone() else { return Ok(None) };
        let (got, values) = weights.filters(&parameter.layer).unwrap_or_default();
        if got != parameter.shape {
            return Err(ProbeError::FilterShape { path: parameter.path, got });
        }
        if self.before.as_ref().is_some_and(|before| before.epoch >= epoch) {
            self.before = None;
        }
        if epoch == 0 {
            (self.start, self.test, self.before) = (Some(values.clone()), None, None);
        }
        let shape = filter_shape(parameter.shape);
        let (start, correlation) = (self.start.as_deref(), self.input_correlation);
        let test = self.test.get_or_insert_with(|| SmoothnessTest::new(shape, start, correlation));
        let before = self.before.as_ref();
        let step = before.map(|before| difference(&values, &before.weights));
        let earlier = before.zip(step.as_deref()).map(|(before, step)| Earlier {
            weights: &before.weights,
            step,
            step_before: before.step.as_deref(),
            idle: &before.idle,
        });
        let snapshot = Snapshot {
            epoch,
            weights: &values,
            filters: parameter.shape[0],
            groups: parameter.groups,
            shape,
            first: parameter.first,
            trainable: self.trainable,
            test,
            start,
            earlier,
        };
        let (found, idle) = snapshot.read(parameter.path)?;
        self.before = Some(Before { epoch, weights: values, step, idle });
        Ok(Some(found))
    }
}

fn filter_shape([_, channels, height, width]: [usize; 4]) -> FilterShape {
    FilterShape { channels, height, width }
}

fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
