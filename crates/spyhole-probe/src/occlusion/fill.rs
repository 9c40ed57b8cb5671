use crate::blur::blurred;
use crate::error::ProbeError;

/// What is put into the square. A network answers to the filling too: where two fillings disagree
/// ([`fills_agree`](super::fills_agree)), neither picture is to be trusted.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// One number per channel, in units of the network's input, or one number for all; Zeiler & Fergus used the
    /// data set's mean, which is 0 where images are normalised.
    Grey(Vec<f32>),
    /// The image's own mean, channel by channel.
    Mean,
    /// The image itself, blurred: a Gaussian whose standard deviation is half the square's side, so that what
    /// is seen there is mostly its surroundings.
    Blur,
}

impl Default for Fill {
    fn default() -> Self {
        Self::Grey(vec![0.0])
    }
}

impl Fill {
    /// The picture that shows through the square, `[channels, height, width]` like the image.
    pub(super) fn picture(
        &self,
        image: &[f32],
        [channels, height, width]: [usize; 3],
        square: [usize; 2],
    ) -> Result<Vec<f32>, ProbeError> {
        let area = height * width;
        let planes = image.chunks_exact(area.max(1));
        let filled =
            |greys: Vec<f32>| greys.into_iter().flat_map(|grey| vec![grey; area]).collect();
        Ok(match self {
            Self::Grey(greys) if greys.len() == 1 => filled(greys.repeat(channels)),
            Self::Grey(greys) if greys.len() == channels => filled(greys.clone()),
            Self::Grey(greys) => {
                return Err(ProbeError::FillChannels { expected: channels, got: greys.len() });
            }
            Self::Mean => filled(
                planes
                    .map(|plane| {
                        let sum: f64 = plane.iter().map(|&x| f64::from(x)).sum();
                        (sum / area as f64) as f32
                    })
                    .collect(),
            ),
            Self::Blur => {
                let shape = [channels, height, width];
                blurred(image, shape, square.map(|side| side as f64 / 2.0))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_are_what_they_say() {
        let image = [1.0, 3.0, 5.0, 7.0, 10.0, 10.0, 10.0, 10.0];
        let picture = |fill: Fill| fill.picture(&image, [2, 2, 2], [2, 2]);
        for (fill, expected) in [
            (Fill::default(), [0.0; 8]),
            (Fill::Grey(vec![0.5]), [0.5; 8]),
            (Fill::Grey(vec![1.0, 2.0]), [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]),
            (Fill::Mean, [4.0, 4.0, 4.0, 4.0, 10.0, 10.0, 10.0, 10.0]),
        ] {
            assert_eq!(picture(fill.clone()).unwrap(), expected, "{fill:?}");
        }
        let error = picture(Fill::Grey(vec![1.0; 3])).unwrap_err();
        assert!(error.to_string().contains("2 channels"), "{error}");
    }

    #[test]
    fn a_blur_is_the_slow_sum_over_all_pixels() {
        let shape = [1, 7, 5];
        let image: Vec<f32> = (0..35).map(|i| ((i * 13) % 17) as f32).collect();
        let blurred = Fill::Blur.picture(&image, shape, [4, 2]).unwrap();
        for (i, got) in blurred.iter().enumerate() {
            let (y, x) = ((i / 5) as f64, (i % 5) as f64);
            let (mut sum, mut total) = (0.0, 0.0);
            for (j, &pixel) in image.iter().enumerate() {
                let (down, across) = ((j / 5) as f64 - y, (j % 5) as f64 - x);
                if down.abs() <= 6.0 && across.abs() <= 3.0 {
                    let weight = (-(down / 2.0).powi(2) / 2.0 - across.powi(2) / 2.0).exp();
                    sum += weight * f64::from(pixel);
                    total += weight;
                }
            }
            assert!((f64::from(*got) - sum / total).abs() < 1e-4, "{i}");
        }
    }
}
