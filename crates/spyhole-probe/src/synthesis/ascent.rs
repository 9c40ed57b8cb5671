use burn::tensor::{Tensor, TensorData};
use spyhole_graph::{Activations, Graph, GraphError, Layer, Method, Seed, SeedValue, Weights};

use super::picture::{clamp, rolled};
use super::{SynthesisSettings, Target, logits};
use crate::blur::blurred;
use crate::error::ProbeError;
use crate::random::Random;

/// Spread of the noise at the start.
const NOISE: f64 = 0.1;

/// Blur only in every so many steps.
const BLUR_EVERY: usize = 4;

/// Targets that see fewer pixels across are blurred and shifted less, in proportion.
const WIDE: f32 = 16.0;

/// Where a group of targets is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Layer(&'a Layer),
    Output,
}

impl Place<'_> {
    pub(super) fn holds(&self, target: &Target<'_>) -> bool {
        match (self, target) {
            (Self::Layer(own), Target::Map { layer, .. }) => own.name() == layer.name(),
            (Self::Output, Target::Class { .. }) => true,
            _ => false,
        }
    }
}

/// The unit in the middle of a layer's plane, `[row, column]`.
pub(super) fn middle(layer: &Layer) -> [usize; 2] {
    let [_, height, width] = layer.shape();
    [height / 2, width / 2]
}

/// A group of targets on its way up.
pub(super) struct Ascent<'a> {
    pub(super) graph: &'a Graph,
    pub(super) weights: &'a Weights,
    pub(super) place: Place<'a>,
    pub(super) settings: &'a SynthesisSettings,
}

pub(super) struct Climbed {
    pub(super) picture: Vec<f32>,
    pub(super) start: f32,
    pub(super) end: f32,
}

/// One target on its way up, or why it is not.
type Climber = Result<Climbed, ProbeError>;

impl Ascent<'_> {
    /// One result per unit: a map of the layer, or a class.
    pub(super) fn run(
        &self,
        units: &[usize],
        told: &mut dyn FnMut(usize) -> Result<(), ProbeError>,
    ) -> Result<Vec<Climber>, ProbeError> {
        let settings = self.settings;
        let mut random = Random(settings.seed);
        // The same noise and the same shifts for all, whichever are asked for together.
        let mut noise: Vec<f32> =
            (0..self.size()).map(|_| (NOISE * random.normal()) as f32).collect();
        if let Some(range) = &settings.range {
            clamp(&mut noise, self.channels(), range);
        }
        let mut climbers: Vec<Climber> = units
            .iter()
            .map(|_| Ok(Climbed { picture: noise.clone(), start: 0.0, end: 0.0 }))
            .collect();
        self.rate(units, &mut climbers, |climbed, value| climbed.start = value)?;
        let seen = self.seen();
        for step in 0..settings.steps {
            told(step)?;
            if climbers.iter().all(Result::is_err) {
                break;
            }
            let shift = self.shift(step, seen, &mut random);
            self.step(units, &mut climbers, shift)?;
            self.tidy(step, seen, &mut climbers);
        }
        self.rate(units, &mut climbers, |climbed, value| climbed.end = value)?;
        Ok(climbers)
    }

    fn size(&self) -> usize {
        self.graph.input_shape().iter().product()
    }

    fn channels(&self) -> usize {
        self.graph.input_shape()[0]
    }

    /// `[height, width]` of what the targets see.
    fn seen(&self) -> [usize; 2] {
        let [_, height, width] = self.graph.input_shape();
        match self.place {
            Place::Output => [height, width],
            Place::Layer(layer) => {
                let [row, column] = middle(layer);
                self.graph.field(layer, row, column).visible.size()
            }
        }
    }

    /// Goes on with the targets that are still on their way: their places, and their pictures, shifted.
    fn forward(
        &self,
        climbers: &[Climber],
        shift: [i64; 2],
    ) -> Result<Option<(Vec<usize>, Activations<'_>)>, ProbeError> {
        let shape = self.graph.input_shape();
        let mut pixels = vec![];
        let mut going = vec![];
        for (i, climber) in climbers.iter().enumerate() {
            if let Ok(climbed) = climber {
                pixels.extend(rolled(&climbed.picture, shape, shift));
                going.push(i);
            }
        }
        if going.is_empty() {
            return Ok(None);
        }
        let [channels, height, width] = shape;
        let pixels = TensorData::new(pixels, [going.len(), channels, height, width]);
        let images = Tensor::from_data(pixels, &self.settings.device);
        Ok(Some((going, self.graph.forward(self.weights, images)?)))
    }

    /// Hands out the targets' values.
    fn rate(
        &self,
        units: &[usize],
        climbers: &mut [Climber],
        mut take: impl FnMut(&mut Climbed, f32),
    ) -> Result<(), ProbeError> {
        let Some((going, activations)) = self.forward(climbers, [0, 0])? else { return Ok(()) };
        let values = self.values(&activations);
        for (place, i) in going.into_iter().enumerate() {
            let value = match &values {
                Ok(values) => value(values, place, units[i], self.what()),
                Err(error) => Err(again(error)),
            };
            match (&mut climbers[i], value) {
                (Ok(climbed), Ok(value)) => take(climbed, value),
                (climber, Err(error)) => *climber = Err(error),
                (Err(_), _) => {}
            }
        }
        Ok(())
    }

    fn what(&self) -> &'static str {
        match self.place {
            Place::Layer(_) => "feature map",
            Place::Output => "class",
        }
    }

    /// The values of all maps at the middle, or of all classes, `[images][units]`.
    fn values(&self, activations: &Activations<'_>) -> Result<Vec<Vec<f32>>, ProbeError> {
        let values: Tensor<2> = match self.place {
            Place::Output => logits(activations)?,
            Place::Layer(layer) => {
                let [row, column] = middle(layer);
                let values = activations.layer(layer)?.narrow(2, row, 1).narrow(3, column, 1);
                let [images, maps, ..] = values.dims();
                values.reshape([images, maps])
            }
        };
        let [_, units] = values.dims();
        let values = values.into_data().convert::<f32>().try_to_vec::<f32>()?;
        Ok(values.chunks_exact(units.max(1)).map(<[f32]>::to_vec).collect())
    }

    /// One step of all targets along their gradients.
    fn step(
        &self,
        units: &[usize],
        climbers: &mut [Climber],
        shift: [i64; 2],
    ) -> Result<(), ProbeError> {
        let Some((going, activations)) = self.forward(climbers, shift)? else { return Ok(()) };
        let (SynthesisSettings { step, decay, .. }, shape) =
            (self.settings, self.graph.input_shape());
        let wanted: Vec<(usize, usize)> =
            going.iter().enumerate().map(|(place, &i)| (place, units[i])).collect();
        let gradients = self.gradients(&activations, &wanted, Method::Gradient);
        let mut gradients = match gradients {
            Ok(gradients) => gradients,
            Err(error) => {
                going.into_iter().for_each(|i| climbers[i] = Err(again(&error)));
                return Ok(());
            }
        };
        let silent: Vec<(usize, usize)> = wanted
            .into_iter()
            .filter(|(place, _)| gradients[*place].iter().all(|&g| g == 0.0))
            .collect();
        // Not every model has a way back for it; such targets stay where they are.
        let signals = self.gradients(&activations, &silent, Method::Deconvnet).unwrap_or_default();
        for ((place, _), signal) in silent.into_iter().zip(signals) {
            gradients[place] = signal;
        }
        let pixels = (self.channels() * self.seen().iter().product::<usize>()).max(1) as f64;
        for (i, gradient) in going.into_iter().zip(gradients) {
            let square: f64 = gradient.iter().map(|&g| f64::from(g).powi(2)).sum();
            let size = (square / pixels).sqrt();
            let Ok(climbed) = &mut climbers[i] else { continue };
            if !size.is_finite() {
                climbers[i] = Err(ProbeError::NotFinite);
                continue;
            }
            let factor = if size > 0.0 { f64::from(*step) / size } else { 0.0 };
            let gradient = rolled(&gradient, shape, shift.map(|shift| -shift));
            for (x, g) in climbed.picture.iter_mut().zip(gradient) {
                *x = (1.0 - decay) * *x + (factor * f64::from(g)) as f32;
            }
        }
        Ok(())
    }

    /// One picture for each target, `(place in the batch, map or class)`.
    fn gradients(
        &self,
        activations: &Activations<'_>,
        targets: &[(usize, usize)],
        method: Method,
    ) -> Result<Vec<Vec<f32>>, ProbeError> {
        if targets.is_empty() {
            return Ok(vec![]);
        }
        let pictures = match self.place {
            Place::Layer(layer) => {
                let [row, column] = middle(layer);
                let seed = |&(image, map): &(usize, usize)| Seed::Unit { image, map, row, column };
                let seeds: Vec<Seed> = targets.iter().map(seed).collect();
                activations.project_with(layer, &seeds, SeedValue::One, method)?
            }
            Place::Output => {
                let [_, classes] = logits(activations)?.dims();
                let mut signal = vec![0.0_f32; targets.len() * classes];
                for (row, (_, class)) in signal.chunks_exact_mut(classes.max(1)).zip(targets) {
                    row[*class] = 1.0;
                }
                let signal = TensorData::new(signal, [targets.len(), classes]);
                let signal = Tensor::<2>::from_data(signal, &self.settings.device);
                let images: Vec<usize> = targets.iter().map(|(image, _)| *image).collect();
                activations.project_output(signal, &images, method)?
            }
        };
        let pixels = pictures.into_data().convert::<f32>().try_to_vec::<f32>()?;
        Ok(pixels.chunks_exact(self.size().max(1)).map(<[f32]>::to_vec).collect())
    }

    fn shift(&self, step: usize, seen: [usize; 2], random: &mut Random) -> [i64; 2] {
        let late = 5 * step >= 4 * self.settings.steps;
        seen.map(|seen| {
            let most = self.settings.jitter.min((seen as f32 / WIDE) as usize);
            let shift = random.below(2 * most + 1) as i64 - most as i64;
            if late { 0 } else { shift }
        })
    }

    fn tidy(&self, step: usize, [height, width]: [usize; 2], climbers: &mut [Climber]) {
        let settings = self.settings;
        let left = 1.0 - 1.5 * step as f32 / settings.steps as f32;
        let narrow = (height.max(width) as f32 / WIDE).min(1.0);
        let sigma = settings.blur * narrow * left;
        for climbed in climbers.iter_mut().flatten() {
            // Less reaches no neighbour.
            if step % BLUR_EVERY == BLUR_EVERY - 1 && sigma > 0.1 {
                let (shape, sigma) = (self.graph.input_shape(), f64::from(sigma));
                climbed.picture = blurred(&climbed.picture, shape, [sigma; 2]);
            }
            if let Some(range) = &settings.range {
                clamp(&mut climbed.picture, self.channels(), range);
            }
        }
    }
}

fn value(
    values: &[Vec<f32>],
    image: usize,
    unit: usize,
    what: &'static str,
) -> Result<f32, ProbeError> {
    let values = values.get(image).map_or(&[][..], Vec::as_slice);
    let missing = || GraphError::OutOfRange { what, index: unit, count: values.len() };
    let value = *values.get(unit).ok_or_else(missing)?;
    if value.is_finite() { Ok(value) } else { Err(ProbeError::NotFinite) }
}

/// The same error for another target.
fn again(error: &ProbeError) -> ProbeError {
    match error {
        ProbeError::Graph(error) => error.clone().into(),
        ProbeError::NoLogits { axes } => ProbeError::NoLogits { axes: *axes },
        _ => ProbeError::NotFinite,
    }
}
