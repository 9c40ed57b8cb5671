//! What covering parts of a probe image does to the prediction and to feature maps.

use burn::tensor::Tensor;
use spyhole_graph::{Activations, Layer};
use spyhole_probe::{
    Crop, OcclusionCurve, OcclusionGrid, OcclusionRequest, OutputMeaning, agreement, fills_agree,
    map_projections, read_occlusion,
};
use spyhole_protocol::{
    self as protocol, Document, Fill, FillAgreement, OccludedLayer, OccludedPrediction,
    OccludedQuantity, OcclusionAgreement, OcclusionSettings, OcclusionSheet,
};

use super::{Made, Setting, Sitting, number};
use crate::failure::Failure;
use crate::tiles::{Shade, Tiles};

/// How many probe images are covered by themselves.
const IMAGES: usize = 2;

/// With the projections of how many other images an agreement is compared.
const OTHERS: usize = 4;

/// The probe images of the scheduled studies: the first ones of different classes.
pub(super) fn scheduled(setting: &Setting) -> Vec<u32> {
    super::activations::scheduled(setting).into_iter().take(IMAGES).collect()
}

/// For the strongest map of every layer, or for one map.
pub(super) fn make(
    sitting: &mut Sitting<'_>,
    image: usize,
    one: Option<(&str, usize)>,
    settings: &OcclusionSettings,
) -> Result<Made, Failure> {
    let Setting { graph, .. } = sitting.setting;
    let pixels = sitting.images.clone().narrow(0, image, 1);
    let mut request = request(sitting.setting, image, settings)?;
    request.layers = match one {
        Some((name, map)) => vec![(&sitting.setting.layer(name)?.layer, Some(map))],
        None => sitting.setting.supported().map(|studied| (&studied.layer, None)).collect(),
    };
    let mut progress = |first: usize, done: usize, total: usize| {
        (sitting.progress)(first * total + done, 2 * total)
    };
    let (weights, image_of) = (sitting.weights, pixels.clone());
    let found =
        read_occlusion(graph, weights, image_of, &request, |done, total| progress(0, done, total))?;
    // Without the layers, to see what of the picture is the filling's.
    let other_fill = if settings.fill == Fill::Blur { Fill::Grey } else { Fill::Blur };
    let other = OcclusionRequest {
        layers: vec![],
        fill: filling(sitting.setting, other_fill),
        ..request.clone()
    };
    let other =
        read_occlusion(graph, weights, pixels, &other, |done, total| progress(1, done, total))?;
    let compared = compared(sitting, image)?;
    let tiles = Tiles::default();
    let mut sheet = Sheet { setting: sitting.setting, grid: &found.grid, compared, tiles };
    let no_prediction = found.output.as_ref().err().map(ToString::to_string);
    let prediction = found.output.ok().map(|output| {
        let (pixels, pixels_scale) = sheet.drops(&output.curve);
        let drops = output.curve.drops();
        let other_fill = other.output.ok().map(|other| FillAgreement {
            fill: other_fill,
            correlation: number(fills_agree(&drops, &other.curve.drops())),
        });
        OccludedPrediction {
            quantity: match request.meaning {
                OutputMeaning::Numbers => OccludedQuantity::Number,
                _ => OccludedQuantity::Probability,
            },
            class: output.class as u32,
            clean: number(Some(output.curve.clean)),
            probabilities: numbers(&output.curve.values),
            clean_top: output.clean_top as u32,
            top: output.top.iter().map(|&class| class as u32).collect(),
            pixels: Some(pixels),
            pixels_scale,
            other_fill,
        }
    });
    let mut layers = vec![];
    let mut failed = None;
    for ((layer, _), found) in request.layers.iter().zip(found.layers) {
        match found
            .map_err(Failure::from)
            .and_then(|found| sheet.layer(layer, found.map, &found.sum))
        {
            Ok(found) => layers.push(found),
            Err(failure) => failed = Some(failure),
        }
    }
    if let (true, None, Some(failure)) = (layers.is_empty(), &prediction, failed) {
        return Err(failure);
    }
    let (atlas, picture) = sheet.tiles.finish()?;
    let document = Document::Occlusion(OcclusionSheet {
        epoch: sitting.epoch,
        image: image as u32,
        square: found.grid.size[0] as u32,
        stride: found.grid.stride[0] as u32,
        fill: settings.fill,
        rows: found.grid.rows.iter().map(|&row| row as u32).collect(),
        columns: found.grid.columns.iter().map(|&column| column as u32).collect(),
        prediction,
        no_prediction,
        layers,
        atlas,
    });
    Ok(Made { document, images: vec![picture] })
}

fn request<'a>(
    setting: &'a Setting,
    image: usize,
    settings: &OcclusionSettings,
) -> Result<OcclusionRequest<'a>, Failure> {
    let mut request = OcclusionRequest::new(&setting.graph);
    if let Some(square) = settings.square {
        request.size = [square as usize; 2];
        request.stride = [(square as usize / 4).max(1); 2];
    }
    if let Some(stride) = settings.stride {
        request.stride = [stride as usize; 2];
    }
    request.fill = filling(setting, settings.fill);
    let outputs = setting.output.count.map_or(0, |count| count as usize);
    let classes;
    (request.meaning, classes) = match setting.output.meaning {
        protocol::OutputMeaning::Classes => (OutputMeaning::Classes, outputs),
        protocol::OutputMeaning::Binary => (OutputMeaning::Binary, 2),
        protocol::OutputMeaning::Numbers => (OutputMeaning::Numbers, 0),
    };
    // A label that is no class: the most probable one.
    let labelled = setting.probe.labels.get(image).copied().filter(|&label| label < classes);
    request.class = settings.class.map(|class| class as usize).or(labelled);
    Ok(request)
}

fn filling(setting: &Setting, fill: Fill) -> spyhole_probe::Fill {
    match fill {
        Fill::Grey => spyhole_probe::Fill::Grey(setting.probe.grey.clone()),
        Fill::Mean => spyhole_probe::Fill::Mean,
        Fill::Blur => spyhole_probe::Fill::Blur,
    }
}

/// An [`OcclusionSheet`] while its pictures are drawn.
struct Sheet<'a> {
    setting: &'a Setting,
    grid: &'a OcclusionGrid,
    /// What the network makes of this image, then of the others that it is compared with.
    compared: Activations<'a>,
    tiles: Tiles,
}

impl Sheet<'_> {
    /// The tile with the mean drop per pixel, and its scale.
    fn drops(&mut self, curve: &OcclusionCurve) -> (u32, f32) {
        let drops = self.grid.per_pixel(&curve.drops());
        let pixels = drops.into_iter().map(|drop| drop.map_or(f32::NAN, |drop| drop as f32));
        let pixels: Vec<f32> = pixels.collect();
        let [height, width] = self.grid.image;
        // As the image is laid out: a square hides a place in every channel.
        let channels = match self.setting.probe.shape[0] {
            3 => 1,
            channels => channels,
        };
        self.signed(Crop { channels, height, width, pixels: pixels.repeat(channels) })
    }

    fn signed(&mut self, picture: Crop) -> (u32, f32) {
        let scale = picture.largest();
        (self.tiles.add(&picture, Shade::Signed { scale }), scale)
    }

    fn layer(
        &mut self,
        layer: &Layer,
        map: usize,
        sum: &OcclusionCurve,
    ) -> Result<OccludedLayer, Failure> {
        let (pixels, pixels_scale) = self.drops(sum);
        let images: Vec<usize> = (0..self.compared.batch()).collect();
        let method = self.setting.method;
        let projections = map_projections(&self.compared, layer, map, &images, method)?;
        let [own, others @ ..] = &projections[..] else {
            return Err(Failure::Failed("no projection was computed".into()));
        };
        let found = agreement(self.grid, &sum.drops(), own, others);
        let [channels, height, width] = self.setting.probe.shape;
        let projection = Crop { channels, height, width, pixels: own.clone() };
        let (projection, projection_scale) = self.signed(projection);
        // What is left when the others are taken off, taken off.
        let others =
            |value: Option<f64>, above: Option<f64>| number(value.zip(above).map(|(v, a)| v - a));
        Ok(OccludedLayer {
            layer: layer.name().into(),
            map: map as u32,
            clean: number(Some(sum.clean)),
            sums: numbers(&sum.values),
            pixels: Some(pixels),
            pixels_scale,
            projection: Some(projection),
            projection_scale,
            agreement: OcclusionAgreement {
                correlation: number(found.correlation),
                correlation_of_others: others(
                    found.correlation,
                    found.correlation_above_mismatched,
                ),
                overlap: number(found.overlap),
                overlap_of_others: others(found.overlap, found.overlap_above_mismatched),
            },
        })
    }
}

/// This image and some others, evenly spread over the probe set, as the network sees them.
fn compared<'a>(sitting: &Sitting<'a>, image: usize) -> Result<Activations<'a>, Failure> {
    let Setting { graph, probe, .. } = sitting.setting;
    let count = probe.pictures.len();
    let others = OTHERS.min(count - 1);
    let images = (0..=others).map(|k| (image + k * count / (others + 1)) % count);
    let images: Vec<i64> = images.map(|image| image as i64).collect();
    let indices = Tensor::from_data(&images[..], &sitting.images.device());
    Ok(graph.forward(sitting.weights, sitting.images.clone().select(0, indices))?)
}

fn numbers(values: &[f64]) -> Vec<Option<f32>> {
    values.iter().map(|&value| number(Some(value))).collect()
}
