//! What is to be said of a layer as a whole: how it stands, or why that cannot be told.

use std::collections::HashSet;

use crate::units::ImageKey;

/// With fewer different probe images there is no verdict on a layer: of a random network that is another one in every
/// epoch, chance makes some look settled. An engineering choice.
pub const FEWEST_IMAGES: usize = 16;

/// Numbers that differ by no more than this share of the largest are the same: what is left is rounding.
pub const SAME: f32 = 1e-5;

/// How a layer stands, or why that cannot be told. What is unknown is not dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LayerState {
    /// It still changes.
    Moving,
    /// It has settled.
    Settled,
    /// It had settled, and changes again.
    MovedAgain,
    /// Its weights are frozen, and it has not changed since the start.
    Frozen,
    /// Its weights are not frozen, and it has not changed since the start.
    NeverMoved,
    /// It computes the same for all probe images, and that is not zero.
    Constant,
    /// It is zero everywhere for all probe images.
    Dead,
    /// Some activation is NaN or infinite.
    NotFinite,
    /// The probe images are all the same: there is nothing to tell a layer by.
    ImagesAlike,
    /// There are fewer than [`FEWEST_IMAGES`] different probe images.
    TooFewImages,
    /// It has changed by no more than can be measured, or there is nothing to compare with.
    #[default]
    NotKnown,
}

impl LayerState {
    /// Whether the layer's changes could be judged, so that it takes part in the order of settling.
    pub fn is_verdict(self) -> bool {
        matches!(self, Self::Moving | Self::Settled | Self::MovedAgain)
    }

    /// Whether the fault is the probe images': it holds for every layer.
    pub fn is_of_images(self) -> bool {
        matches!(self, Self::ImagesAlike | Self::TooFewImages)
    }
}

/// How many probe images there are, and how many of them differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variety {
    /// All of them.
    pub images: usize,
    /// Copies count once. 1 if no two differ by more than rounding.
    pub different: usize,
}

impl Variety {
    /// Of the pixels of images of `size` numbers each.
    pub fn of(pixels: &[f32], size: usize) -> Self {
        let (mut keys, mut variation, mut images) = (HashSet::new(), Variation::default(), 0);
        for image in pixels.chunks_exact(size.max(1)) {
            variation.look(image);
            keys.insert(ImageKey::of(image));
            images += 1;
        }
        let different = if variation.varies() { keys.len() } else { images.min(1) };
        Self { images, different }
    }

    /// Why no layer can be judged by these images, if that is so.
    pub fn state(self) -> Option<LayerState> {
        match self.different {
            0..=1 if self.images > 1 => Some(LayerState::ImagesAlike),
            0..FEWEST_IMAGES => Some(LayerState::TooFewImages),
            _ => None,
        }
    }

    /// The same in words for the user.
    pub fn caution(self) -> Option<String> {
        let Self { images, different } = self;
        Some(match self.state()? {
            LayerState::ImagesAlike => format!(
                "all {images} probe images are alike: what a layer makes of different images cannot be told"
            ),
            _ if different < images => format!(
                "only {different} of the {images} probe images differ; to judge a layer takes {FEWEST_IMAGES} different ones"
            ),
            _ => format!(
                "there {} only {images} probe image{}; to judge a layer takes {FEWEST_IMAGES} different ones",
                if images == 1 { "is" } else { "are" },
                if images == 1 { "" } else { "s" },
            ),
        })
    }
}

/// Whether what is computed of images depends on the image: the numbers of each are compared with those of the first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variation {
    first: Vec<f32>,
    /// The largest |number| so far.
    largest: f32,
    varies: bool,
}

impl Variation {
    /// Takes in a further image's numbers, always as many.
    pub(crate) fn look(&mut self, numbers: &[f32]) {
        let magnitude = |numbers: &[f32]| numbers.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
        if self.first.is_empty() {
            self.largest = magnitude(numbers);
            numbers.clone_into(&mut self.first);
        } else if !self.varies {
            self.largest = self.largest.max(magnitude(numbers));
            let pairs = self.first.iter().zip(numbers);
            let most = pairs.fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
            self.varies = most > SAME * self.largest;
            if self.varies {
                // It is known: the numbers are no longer needed.
                self.first.truncate(1);
            }
        }
    }

    /// Whether two images have differed.
    pub(crate) fn varies(&self) -> bool {
        self.varies
    }

    /// Why there is nothing to tell the layer by, if that is so; of finite numbers.
    pub(crate) fn state(&self) -> Option<LayerState> {
        match self.varies {
            true => None,
            false if self.largest == 0.0 => Some(LayerState::Dead),
            false => Some(LayerState::Constant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LayerState::{Constant, Dead, ImagesAlike, TooFewImages};
    use super::*;

    #[test]
    fn images_are_counted_once_and_said_to_be_alike_or_too_few() {
        let image = |number: usize| [1.0, number as f32, -2.0, 0.5];
        let cases = [
            ("different", (0..16).map(image).collect::<Vec<_>>(), 16, None),
            ("one less", (0..15).map(image).collect(), 15, Some(TooFewImages)),
            ("copies of some", (0..64).map(|i| image(i % 8)).collect(), 8, Some(TooFewImages)),
            ("one other", (0..64).map(|i| image(i / 63)).collect(), 2, Some(TooFewImages)),
            ("copies of one", vec![image(3); 64], 1, Some(ImagesAlike)),
            ("constant", vec![[0.25; 4]; 64], 1, Some(ImagesAlike)),
            ("black", vec![[0.0; 4]; 64], 1, Some(ImagesAlike)),
            (
                "but for rounding",
                (0..64).map(|i| [1.0, 1.0 + 1e-7 * i as f32, 0.0, 2.0]).collect(),
                1,
                Some(ImagesAlike),
            ),
            ("a single one", vec![image(3)], 1, Some(TooFewImages)),
        ];
        for (name, images, different, state) in cases {
            let found = Variety::of(images.as_flattened(), 4);
            assert_eq!(found, Variety { images: images.len(), different }, "{name}");
            assert_eq!(found.state(), state, "{name}");
            assert_eq!(found.caution().is_some(), state.is_some(), "{name}");
        }
    }

    #[test]
    fn what_does_not_depend_on_the_image_is_dead_or_constant() {
        let state = |images: &[[f32; 3]]| {
            let mut variation = Variation::default();
            images.iter().for_each(|image| variation.look(image));
            variation.state()
        };
        assert_eq!(state(&[[0.0; 3], [0.0, -0.0, 0.0]]), Some(Dead));
        assert_eq!(state(&[[0.7; 3], [0.7; 3], [0.700_000_1; 3]]), Some(Constant));
        assert_eq!(state(&[[0.7; 3], [0.7; 3], [0.7, 0.7, 0.7001]]), None);
        assert_eq!(state(&[[0.0; 3], [0.0, 0.0, 1e-20]]), None, "however small");
    }
}
