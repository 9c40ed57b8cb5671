//! Images made to excite feature maps or classes.

use spyhole_probe::{
    Crop, ProbeError, SynthesisSettings, Synthetic, Target, strongest_natural, synthesise,
};
use spyhole_protocol::{Document, OutputMeaning, SynthesisSheet, SyntheticView};

use super::{Made, Setting, Sitting};
use crate::failure::Failure;
use crate::tiles::{Shade, Tiles};

/// Of more classes, the first ones: each takes as long as a feature map.
const MOST_CLASSES: usize = 32;

/// For the followed maps of a layer, or for one map.
pub(super) fn make(
    sitting: &mut Sitting<'_>,
    name: &str,
    map: Option<usize>,
) -> Result<Made, Failure> {
    let studied = sitting.setting.layer(name)?;
    let maps = map.map_or_else(|| studied.followed.clone(), |map| vec![map]);
    let layer = &studied.layer;
    let targets: Vec<_> = maps.iter().map(|&map| Target::Map { layer, map }).collect();
    climb(sitting, Some(name), &targets, &maps)
}

/// For every class; of outputs that are no classes, for every number.
pub(super) fn make_classes(sitting: &mut Sitting<'_>) -> Result<Made, Failure> {
    let Setting { graph, probe, output, .. } = sitting.setting;
    let shape = graph.output_shape();
    let Some(&[outputs]) = shape.as_deref() else {
        let shape = shape.unwrap_or_default();
        let why = format!("the network's output for one image has shape {shape:?}, not [numbers]");
        return Err(Failure::Nothing(why));
    };
    let classes: Vec<usize> = match output.meaning {
        // The one number speaks for the second class.
        OutputMeaning::Binary => vec![1],
        OutputMeaning::Numbers => (0..outputs.min(MOST_CLASSES)).collect(),
        OutputMeaning::Classes => {
            // Outputs that no label and no name speaks of are left out, as far as there are any.
            let labelled = probe.labels.iter().max().map_or(0, |label| label.saturating_add(1));
            let known = labelled.max(probe.class_names.len());
            let count = if known > 0 { known.min(outputs) } else { outputs };
            (0..count.min(MOST_CLASSES)).collect()
        }
    };
    let targets = (0..classes.len()).map(|class| Target::Class { class }).collect::<Vec<_>>();
    climb(sitting, None, &targets, &classes)
}

fn climb(
    sitting: &mut Sitting<'_>,
    layer: Option<&str>,
    targets: &[Target<'_>],
    numbers: &[usize],
) -> Result<Made, Failure> {
    let Setting { graph, probe, .. } = sitting.setting;
    let settings = SynthesisSettings {
        range: Some(probe.range()),
        memory: sitting.setting.limits.pass,
        device: sitting.images.device(),
        ..SynthesisSettings::default()
    };
    let pass = sitting.pass()?;
    let mut quietly = |_: usize, _: usize| (sitting.progress)(0, 1);
    let natural = strongest_natural(&pass, targets, &mut quietly)?;
    let mut found = synthesise(graph, sitting.weights, targets, &settings, sitting.progress)?;
    if found.iter().all(Result::is_err)
        && let Some(Err(error)) = found.pop()
    {
        return Err(error.into());
    }
    let mut tiles = Tiles::default();
    let views = found.iter().zip(numbers).zip(natural);
    let views =
        views.map(|((found, &number), natural)| view(probe, found, number, natural, &mut tiles));
    let views = views.collect();
    let (atlas, picture) = tiles.finish()?;
    let document = Document::Synthesis(SynthesisSheet {
        epoch: sitting.epoch,
        layer: layer.map(Into::into),
        recipe: recipe(&settings, layer.is_none() && numbers.len() == MOST_CLASSES),
        views,
        atlas,
    });
    Ok(Made { document, images: vec![picture] })
}

/// How the pictures are made, in words.
fn recipe(settings: &SynthesisSettings, cut: bool) -> String {
    let SynthesisSettings { steps, step, decay, blur, jitter, seed, .. } = settings;
    format!(
        "{steps} steps of gradient ascent from noise (seed {seed}), each {step} long in units of normalised input, \
         shifted by up to {jitter} px, every fourth blurred by up to {blur} px, {:.0} % taken off the picture each time; \
         for a map its middle unit, for a class its logit{}",
        100.0 * decay,
        if cut { "; of the classes, the first 32" } else { "" }
    )
}

fn view(
    probe: &crate::probe_set::Probe,
    found: &Result<Synthetic, ProbeError>,
    number: usize,
    natural: Option<f32>,
    tiles: &mut Tiles,
) -> SyntheticView {
    let finite = |value: f32| Some(value).filter(|value| value.is_finite());
    let found = found.as_ref().ok();
    SyntheticView {
        target: number as u32,
        tile: found.map(|found| {
            let picture = Crop::cut(&probe.shown(&found.picture), probe.shape, found.tile);
            tiles.add(&picture, Shade::Light)
        }),
        start: found.and_then(|found| finite(found.start)),
        end: found.and_then(|found| finite(found.end)),
        natural: natural.and_then(finite),
    }
}
