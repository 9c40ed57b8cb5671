//! The probe images by how alike a layer finds them.

use re_sdk_types::archetypes::Points2D;
use spyhole_protocol::EmbeddingSheet;

use super::super::Scene;
use super::super::paths::layer_path;
use crate::SinkResult;

/// By class.
const COLOURS: [u32; 10] = [
    0x1F77_B4FF,
    0xFF7F_0EFF,
    0x2CA0_2CFF,
    0xD627_28FF,
    0x9467_BDFF,
    0x8C56_4BFF,
    0xE377_C2FF,
    0x9E9E_9EFF,
    0xBCBD_22FF,
    0x17BE_CFFF,
];

pub(super) fn sheet(scene: &Scene, sheet: &EmbeddingSheet) -> SinkResult {
    let images = 0..sheet.points.len() as u32;
    let colours = images.clone().map(|image| {
        let label = scene.start.probe.labels.get(image as usize);
        COLOURS[label.map_or(7, |label| *label as usize % COLOURS.len())]
    });
    let labels = images.map(|image| match scene.class_of(image) {
        Some(class) => format!("image {image} ({class})"),
        None => format!("image {image}"),
    });
    // rerun's y axis points down.
    let points = Points2D::new(sheet.points.iter().map(|[x, y]| [*x, -*y]))
        .with_colors(colours)
        .with_labels(labels)
        .with_show_labels(false)
        .with_radii([-3.0]);
    scene.log(layer_path(&sheet.layer, "embedding"), &points)
}
