use spyhole_graph::{Span, Window};

/// A piece of a picture, `[channels, height, width]`. Where the piece reaches beyond the picture there
/// is no pixel: such places hold NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// Colour channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Values, row by row, channel by channel.
    pub pixels: Vec<f32>,
}

impl Crop {
    /// Cuts `window` out of a picture of shape `[channels, height, width]`.
    pub fn cut(picture: &[f32], [channels, height, width]: [usize; 3], window: Window) -> Self {
        let [rows, columns] = window.size();
        let mut pixels = Vec::with_capacity(channels * rows * columns);
        for channel in 0..channels {
            for row in window.rows.first..=window.rows.last {
                for column in window.columns.first..=window.columns.last {
                    let inside =
                        (0..height as i64).contains(&row) && (0..width as i64).contains(&column);
                    let pixel = inside.then(|| {
                        picture[(channel * height + row as usize) * width + column as usize]
                    });
                    pixels.push(pixel.unwrap_or(f32::NAN));
                }
            }
        }
        Self { channels, height: rows, width: columns, pixels }
    }

    /// The largest absolute value of its finite pixels; 0 if there is none.
    pub fn largest(&self) -> f32 {
        let finite = self.pixels.iter().filter(|pixel| pixel.is_finite());
        finite.fold(0.0, |largest, pixel| largest.max(pixel.abs()))
    }
}

/// The window in which a unit is shown: its receptive field, brought to the size that all units of its
/// layer have, or the whole axis of the image where the field is larger than that.
pub fn tile_window(field: Window, size: [usize; 2], image: [usize; 2]) -> Window {
    let axis = |field: Span, size: usize, extent: usize| {
        if size >= extent {
            return Span::all(extent);
        }
        let middle = field.first + field.last;
        let first = (middle - size as i64 + 1).div_euclid(2);
        Span { first, last: first + size as i64 - 1 }
    };
    Window {
        rows: axis(field.rows, size[0], image[0]),
        columns: axis(field.columns, size[1], image[1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first: i64, last: i64) -> Span {
        Span { first, last }
    }

    #[test]
    fn what_lies_outside_the_picture_is_nan() {
        let picture = [1.0, 2.0, 3.0, 4.0];
        let window = Window { rows: span(-1, 1), columns: span(1, 2) };
        let crop = Crop::cut(&picture, [1, 2, 2], window);
        assert_eq!((crop.height, crop.width), (3, 2));
        let expected = [f32::NAN, f32::NAN, 2.0, f32::NAN, 4.0, f32::NAN];
        let bits = |pixels: &[f32]| pixels.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&crop.pixels), bits(&expected));
        assert_eq!(crop.largest(), 4.0);
    }

    #[test]
    fn tiles_of_a_layer_have_one_size() {
        let cases = [
            // (field, size of the layer's largest field, extent) → tile
            (span(-2, 2), 5, 32, span(-2, 2)),
            (span(4, 6), 5, 32, span(3, 7)),
            (span(4, 7), 5, 32, span(3, 7)),
            (span(-10, 20), 40, 32, span(0, 31)),
            (span(0, 31), 32, 32, span(0, 31)),
        ];
        for (field, size, extent, expected) in cases {
            let window = Window { rows: field, columns: field };
            let tile = tile_window(window, [size; 2], [extent; 2]);
            assert_eq!(tile.rows, expected, "{field:?}");
            assert_eq!(tile.columns, expected, "{field:?}");
        }
    }
}
