//! Receptive fields: which input pixels a unit can see, through branches, dilation and padding.

use std::collections::HashMap;

use crate::graph::{Graph, ValueId};
use crate::layer::Layer;
use crate::ops::Planes;
use crate::window::Window;

/// The receptive field of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The box by the layers' geometry alone. It may reach beyond the image, where the network pads.
    pub nominal: Window,
    /// The pixels of the image that the unit can depend on: no pixel outside this box does anything.
    pub visible: Window,
    /// Whether something on the way looks at whole planes (global pooling is exact, a linear layer or
    /// a reshape is not): the boxes are then only an upper bound.
    pub upper_bound: bool,
}

impl Graph {
    /// The receptive field of a unit of a layer.
    pub fn field(&self, layer: &Layer, row: usize, column: usize) -> Field {
        let unit = Window::at(row, column);
        let (nominal, everything) = self.trace(layer.place, unit, false);
        let (visible, _) = self.trace(layer.place, unit, true);
        Field { nominal, visible, upper_bound: everything }
    }

    /// `[height, width]` of the largest receptive field of any unit of a layer, not clipped at the
    /// image's border.
    pub fn field_size(&self, layer: &Layer) -> [usize; 2] {
        let [_, height, width] = layer.shape();
        // Rows and columns do not influence each other, so the diagonal meets every row and column.
        let sizes = (0..height.max(width)).map(|i| {
            let unit = Window::at(i.min(height.saturating_sub(1)), i.min(width.saturating_sub(1)));
            self.trace(layer.place, unit, false).0.size()
        });
        sizes.fold([0, 0], |[h, w], [height, width]| [h.max(height), w.max(width)])
    }

    /// Follows a box of a tensor's plane back to the image. Branches are united.
    fn trace(&self, from: ValueId, window: Window, clip: bool) -> (Window, bool) {
        let [_, height, width] = self.input_shape;
        let image = Window::all([height, width]);
        let mut windows = HashMap::from([(from, window)]);
        let mut everything = false;
        for &index in self.needed_for(&[from]).iter().rev() {
            let node = &self.nodes[index];
            let Some(window) = windows.remove(&node.output) else { continue };
            for &input in node.inputs.iter().filter(|&&id| self.value(id).from_images) {
                let planes = self.plane(input).zip(self.plane(node.output));
                let reached = planes.and_then(|(input, output)| {
                    let seen = node.op.reach(window, Planes { input, output })?;
                    Some(if clip { seen.clip(input) } else { seen })
                });
                let Some(seen) = reached else {
                    // No plane to follow: from here on anything in the image may matter.
                    everything = true;
                    windows.insert(self.input, image);
                    continue;
                };
                let seen = windows.get(&input).map_or(seen, |other| other.union(seen));
                windows.insert(input, seen);
            }
        }
        (windows.remove(&self.input).unwrap_or(image), everything)
    }
}
