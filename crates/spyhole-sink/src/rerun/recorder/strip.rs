//! The followed maps of a layer over the epochs: rows are maps, columns are epochs. Every column is an entity of its
//! own with a fixed place, so that no picture is recorded twice and the strip grows as the time goes on.

use image::RgbaImage;
use re_sdk_types::archetypes::{Boxes2D, Clear, Transform3D};
use re_sdk_types::blueprint::archetypes::VisualBounds2D;
use re_sdk_types::datatypes::{Range1D, Range2D};
use spyhole_protocol::LayerFeatures;

use super::super::canvas::{Tiles, png, put};
use super::Scene;
use super::paths::layer_path;
use super::pictures;
use crate::SinkResult;

/// Columns at most. When they do not suffice, every second epoch is left out.
const COLUMNS: u32 = 16;

/// What is shown of a layer.
pub(super) struct Strip {
    /// Epochs from column to column.
    stride: u32,
    /// Pixels from column to column.
    pitch: u32,
    /// Columns that the planned epochs need.
    planned: u32,
    /// Height of a column.
    height: u32,
    columns: Vec<Option<Column>>,
}

#[derive(Clone)]
struct Column {
    png: Vec<u8>,
    size: [u32; 2],
    epoch: u32,
}

impl Strip {
    fn new(last_epoch: Option<u32>, pitch: u32) -> Self {
        let stride = last_epoch.unwrap_or(0).div_ceil(COLUMNS - 1).max(1);
        let planned = last_epoch.map_or(COLUMNS, |last| (last / stride + 1).min(COLUMNS));
        Self { stride, pitch, planned, height: 1, columns: vec![None; COLUMNS as usize] }
    }

    /// All of it with a margin. rerun's own bounds count the place of a moved picture twice.
    pub(super) fn bounds(&self) -> VisualBounds2D {
        let margin = f64::from(self.pitch) / 4.0;
        let range = |length: u32| Range1D([-margin, f64::from(length) + margin]);
        let (x_range, y_range) = (range(self.planned * self.pitch), range(self.height));
        VisualBounds2D::new(Range2D { x_range, y_range })
    }

    /// Makes room for an epoch; says whether columns have moved.
    fn widen(&mut self, epoch: u32) -> bool {
        let before = self.stride;
        while epoch / self.stride >= COLUMNS {
            self.stride *= 2;
        }
        if self.stride == before {
            return false;
        }
        let kept: Vec<_> = self.columns.drain(..).flatten().collect();
        self.columns = vec![None; COLUMNS as usize];
        for column in kept.into_iter().filter(|column| column.epoch.is_multiple_of(self.stride)) {
            let place = (column.epoch / self.stride) as usize;
            self.columns[place] = Some(column);
        }
        true
    }
}

pub(super) fn add(scene: &mut Scene, features: &LayerFeatures, tiles: &Tiles) -> SinkResult {
    let LayerFeatures { epoch, layer, .. } = features;
    let [width, _] = tiles.size();
    let last_epoch = scene.start.last_epoch;
    let mut strip = match scene.strips.remove(layer) {
        Some(strip) => strip,
        None => {
            let strip = Strip::new(last_epoch, width + (width / 8).max(1));
            for column in 0..COLUMNS {
                let left = (column * strip.pitch) as f32;
                let place = Transform3D::from_translation([left, 0.0, 0.0]);
                scene.log_static(path(layer, column), &place)?;
            }
            strip
        }
    };
    let moved = strip.widen(*epoch);
    let added = epoch.is_multiple_of(strip.stride);
    let place = epoch / strip.stride;
    if added {
        let canvas = column(features, tiles);
        strip.height = strip.height.max(canvas.height());
        strip.columns[place as usize] = Some(Column {
            png: png(&canvas)?,
            size: [canvas.width(), canvas.height()],
            epoch: *epoch,
        });
    }
    for (number, column) in (0..).zip(&strip.columns) {
        if moved || added && number == place {
            show(scene, layer, number, column.as_ref())?;
        }
    }
    scene.strips.insert(layer.clone(), strip);
    Ok(())
}

fn show(scene: &Scene, layer: &str, number: u32, column: Option<&Column>) -> SinkResult {
    let picture = path(layer, number).join(&"picture".into());
    let frame = path(layer, number).join(&"epoch".into());
    let Some(Column { png, size, epoch }) = column else {
        scene.log(picture, &Clear::flat())?;
        return scene.log(frame, &Clear::flat());
    };
    scene.log(picture, &pictures::png(png))?;
    let size = size.map(|side| side as f32);
    let frame_of = Boxes2D::from_mins_and_sizes([[0.0_f32, 0.0]], [size])
        .with_labels([format!("epoch {epoch}")])
        .with_show_labels(false)
        .with_colors([0xFFFF_FF18_u32])
        .with_radii([-0.5]);
    scene.log(frame, &frame_of)
}

/// The followed maps below each other, each with its projection above its patch.
fn column(features: &LayerFeatures, tiles: &Tiles) -> RgbaImage {
    let [width, height] = tiles.size();
    let gap = (width / 8).max(1);
    let pitch = 2 * height + gap;
    let rows = features.followed.len() as u32;
    let mut canvas = RgbaImage::new(width, (rows * pitch).saturating_sub(gap).max(1));
    for (row, view) in (0..).zip(&features.followed) {
        for (tile, y) in [(view.projection, row * pitch), (view.patch, row * pitch + height)] {
            if let Some(tile) = tile.and_then(|tile| tiles.tile(tile)) {
                put(&mut canvas, &tile, [0, y]);
            }
        }
    }
    canvas
}

fn path(layer: &str, column: u32) -> re_sdk::EntityPath {
    layer_path(layer, &format!("evolution/column_{column:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(strip: &Strip) -> Vec<Option<u32>> {
        let mut epochs: Vec<_> =
            strip.columns.iter().map(|column| column.as_ref().map(|column| column.epoch)).collect();
        while epochs.last() == Some(&None) {
            epochs.pop();
        }
        epochs
    }

    #[test]
    fn columns_make_room_by_leaving_out_every_second() {
        for (last, stride) in
            [(None, 1), (Some(15), 1), (Some(16), 2), (Some(30), 2), (Some(100), 7)]
        {
            assert_eq!(Strip::new(last, 1).stride, stride, "{last:?}");
        }
        let mut strip = Strip::new(None, 1);
        for epoch in 0..=40 {
            strip.widen(epoch);
            if epoch % strip.stride == 0 {
                let place = (epoch / strip.stride) as usize;
                strip.columns[place] = Some(Column { png: vec![], size: [1, 1], epoch });
            }
        }
        let expected: Vec<_> = (0..=10).map(|place| Some(4 * place)).collect();
        assert_eq!(epochs(&strip), expected);
    }
}
