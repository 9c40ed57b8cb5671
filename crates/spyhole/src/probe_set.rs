use burn::tensor::{Device, FloatDType, Tensor};
use spyhole_probe::Variety;
use spyhole_probe::evolution::IMAGES;

use crate::error::SpyholeError;
use crate::output::Output;

/// The images that a model's layers are probed with: the same in every epoch.
///
/// Some 256 images of all classes, which the model is not trained on, are a good choice: fewer tell less about a
/// layer, more make each analysis slower.
#[derive(Clone, Debug)]
pub struct ProbeSet {
    images: Tensor<4>,
    labels: Vec<usize>,
    class_names: Vec<String>,
    normalisation: Option<(Vec<f32>, Vec<f32>)>,
    output: Option<Output>,
    output_names: Vec<String>,
}

impl ProbeSet {
    /// Images as the model takes them: normalised, `[N, C, H, W]`, on any device.
    pub fn new(images: Tensor<4>) -> Self {
        Self {
            images,
            labels: vec![],
            class_names: vec![],
            normalisation: None,
            output: None,
            output_names: vec![],
        }
    }

    /// Class of each image.
    pub fn labels(mut self, labels: impl IntoIterator<Item = usize>) -> Self {
        self.labels = labels.into_iter().collect();
        self
    }

    /// Names of the classes, by label.
    pub fn class_names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.class_names = names.into_iter().map(Into::into).collect();
        self
    }

    /// How the images were normalised: `(pixel − mean) / deviation` per channel, pixels from 0 to 1.
    /// Needed to show them as they were. Without it, values from 0 to 1 are shown as they are, and any
    /// others scaled from the smallest to the largest of all images.
    pub fn normalisation(
        mut self,
        mean: impl IntoIterator<Item = f32>,
        deviation: impl IntoIterator<Item = f32>,
    ) -> Self {
        self.normalisation = Some((mean.into_iter().collect(), deviation.into_iter().collect()));
        self
    }

    /// What the numbers are that the model puts out for an image. Probabilities and classes are spoken of only where
    /// they are known. Left out: as many class names as outputs, or labels that are all among the outputs (without
    /// class names of another number, or [`output_names`](Self::output_names)), make it [`Output::Classes`]; one output with two class names, or with labels that are all 0 or 1, [`Output::Binary`];
    /// anything else, [`Output::Numbers`].
    pub fn output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// What the numbers are called that the model puts out, if they are no classes: `x`, `y`, `angle`. One name for
    /// each.
    pub fn output_names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.output_names = names.into_iter().map(Into::into).collect();
        self
    }
}

/// A probe set that was found to be usable, in host memory for showing and on the analysis device.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) images: Tensor<4>,
    /// `[channels, height, width]`
    pub(crate) shape: [usize; 3],
    /// For the eye: one `[channels, height, width]` per image, values from 0 to 1.
    pub(crate) pictures: Vec<Vec<f32>>,
    pub(crate) labels: Vec<usize>,
    pub(crate) class_names: Vec<String>,
    /// What the user says that the model's output is.
    pub(crate) output: Option<Output>,
    pub(crate) output_names: Vec<String>,
    /// Per channel, what brings normalised values back into 0 … 1: mean and deviation.
    scale: Vec<(f32, f32)>,
    /// Per channel, the normalised value of the data set's mean colour: 0 if the normalisation is known, else the mean
    /// of the probe images.
    pub(crate) grey: Vec<f32>,
    /// Of all images, and of the first [`IMAGES`], which layers are compared on over the epochs.
    pub(crate) variety: Variety,
    pub(crate) variety_compared: Variety,
}

impl Probe {
    pub(crate) fn check(set: ProbeSet, device: &Device) -> Result<Self, SpyholeError> {
        let ProbeSet { images, labels, class_names, normalisation, output, output_names } = set;
        let [count, channels, height, width] = images.dims();
        if count * channels * height * width == 0 {
            return Err(SpyholeError::NoProbeImages);
        }
        if !labels.is_empty() && labels.len() != count {
            return Err(SpyholeError::LabelCount { labels: labels.len(), images: count });
        }
        if !class_names.is_empty() {
            let classes = class_names.len();
            let wrong = labels.iter().enumerate().find(|&(_, &label)| label >= classes);
            if let Some((image, &label)) = wrong {
                return Err(SpyholeError::LabelRange { image, label, classes });
            }
        }
        let images = images.without_autodiff().to_device(device).cast(FloatDType::F32);
        let values: Vec<f32> = images.to_data().convert::<f32>().try_to_vec().unwrap_or_default();
        let size = channels * height * width;
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(SpyholeError::ProbeNotFinite { image: at / size });
        }
        let grey = match &normalisation {
            Some(_) => vec![0.0; channels],
            None => channel_means(&values, [channels, height * width]),
        };
        let (mean, deviation) = match normalisation {
            Some((mean, deviation)) => (mean, deviation),
            None => displayed_range(&values, channels),
        };
        let usable = mean.len() == channels
            && deviation.len() == channels
            && deviation.iter().all(|deviation| *deviation > 0.0)
            && mean.iter().all(|mean| mean.is_finite());
        if !usable {
            let (mean, deviation) = (mean.len(), deviation.len());
            return Err(SpyholeError::Normalisation { mean, deviation, channels });
        }
        let scale = mean.into_iter().zip(deviation).collect();
        let shape = [channels, height, width];
        let pictures = vec![];
        let variety = Variety::of(&values, size);
        let variety_compared = Variety::of(&values[..values.len().min(IMAGES * size)], size);
        let mut probe = Self {
            images,
            shape,
            pictures,
            labels,
            class_names,
            output,
            output_names,
            scale,
            grey,
            variety,
            variety_compared,
        };
        probe.pictures = values.chunks_exact(size).map(|image| probe.shown(image)).collect();
        Ok(probe)
    }

    /// Normalised pixels `[channels, height, width]` of any size, for the eye: from 0 to 1. What is not a number stays
    /// so.
    pub(crate) fn shown(&self, pixels: &[f32]) -> Vec<f32> {
        let plane = (pixels.len() / self.scale.len().max(1)).max(1);
        let planes = pixels.chunks(plane).zip(&self.scale);
        let show = |(pixels, &(mean, deviation)): (&[f32], &(f32, f32))| {
            let shown = pixels.iter().map(move |value| (value * deviation + mean).clamp(0.0, 1.0));
            shown.collect::<Vec<_>>()
        };
        planes.flat_map(show).collect()
    }

    /// Per channel, the normalised values of black and white.
    pub(crate) fn range(&self) -> Vec<[f32; 2]> {
        let of = |&(mean, deviation): &(f32, f32)| [-mean / deviation, (1.0 - mean) / deviation];
        self.scale.iter().map(of).collect()
    }
}

/// Mean of each channel over all images.
fn channel_means(values: &[f32], [channels, plane]: [usize; 2]) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    for (i, plane) in values.chunks_exact(plane).enumerate() {
        sums[i % channels] += plane.iter().map(|&value| f64::from(value)).sum::<f64>();
    }
    let count = (values.len() / channels).max(1) as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

/// Mean and deviation that bring all values into 0 … 1, the same for all channels.
fn displayed_range(values: &[f32], channels: usize) -> (Vec<f32>, Vec<f32>) {
    let lowest = values.iter().copied().fold(f32::INFINITY, f32::min);
    let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mean, deviation) = if lowest >= 0.0 && highest <= 1.0 || highest <= lowest {
        (0.0, 1.0)
    } else {
        (-lowest / (highest - lowest), 1.0 / (highest - lowest))
    };
    (vec![mean; channels], vec![deviation; channels])
}
