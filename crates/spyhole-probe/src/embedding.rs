//! The probe images as points in the plane, near each other where a layer's features are alike.

mod features;
mod plane;
mod tsne;

use spyhole_graph::Layer;

use crate::error::ProbeError;
use crate::pass::Pass;
use crate::progress::Progress;
use features::Features;

/// Fewer images make no picture worth the name.
pub const LEAST_IMAGES: usize = 8;

/// So many of the nearest images are asked for their class.
pub const NEIGHBOURS: usize = 5;

/// How images are embedded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmbeddingSettings {
    /// How many neighbours an image has, roughly. With n images it is (n − 1)/3 at most, and at least 1.
    pub perplexity: f64,
    /// The embedding is the same for the same seed.
    pub seed: u64,
}

impl Default for EmbeddingSettings {
    fn default() -> Self {
        Self { perplexity: 30.0, seed: 0xe3b3_dded }
    }
}

/// The probe images in the plane. Distances between far points and the sizes of groups mean nothing in t-SNE, and
/// neither do the axes: only who is near whom does. [`neighbour_agreement`](Self::neighbour_agreement) is taken from
/// the features themselves, so it says whether groups are there and not only drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerEmbedding {
    /// One point per image. Their mean is 0, and the root mean square of their distances from it 1.
    pub points: Vec<[f32; 2]>,
    /// The perplexity used.
    pub perplexity: f64,
    /// Whether the embedding started from an earlier one: points that moved stand for features that changed.
    pub aligned: bool,
    /// Mean over the images of the share of their [`NEIGHBOURS`] nearest images, by the features, that have their
    /// class, 0 to 1. Near [`chance`](Self::chance): the layer does not tell the classes apart. `None` without
    /// labels.
    pub neighbour_agreement: Option<f64>,
    /// What that would be if the nearest images were any.
    pub chance: Option<f64>,
    /// What the plane loses of the neighbourhoods, Kullback–Leibler divergence in nats; 0 is nothing.
    pub divergence: Option<f64>,
}

/// Embeds the probe images by a layer's features, with t-SNE (van der Maaten & Hinton 2008; Barnes–Hut's form, van
/// der Maaten 2014).
///
/// An image's features are the means of the layer's maps over all positions, so the picture shows what is in the
/// images, not where. Each map is standardised over the images: the network computes the same when a rectified
/// map is scaled and the weights that read it are divided by as much, so the scale of a map says nothing. Maps
/// whose spread over the images is 10⁻⁶ of the largest or less are left out.
///
/// The first embedding starts from the features' two principal components, with a seeded trace of noise. One with
/// `before`, the points of an earlier embedding of the same images, starts from those and is rotated, perhaps
/// mirrored, onto them (Procrustes), so that points move only as far as the features have changed. Where a fresh
/// start leads to a divergence that is smaller by a tenth, too much has changed, and the fresh embedding is taken,
/// rotated onto `before` as well as it goes. A `before` of another length, or with points that are not finite or
/// all the same, is not used. `labels` has one class per image, or is empty.
///
/// The result is the same for the same input and seed.
///
/// # Errors
/// When the layer is behind an unsupported operation, with fewer than [`LEAST_IMAGES`] images, when the features
/// are not finite or those of all images are the same, when there are not as many labels as images, and when
/// `progress` says so.
pub fn embed(
    pass: &Pass<'_>,
    layer: &Layer,
    labels: &[usize],
    before: Option<&[[f32; 2]]>,
    settings: &EmbeddingSettings,
    progress: &mut Progress<'_>,
) -> Result<LayerEmbedding, ProbeError> {
    let images = pass.images().dims()[0];
    if images < LEAST_IMAGES {
        return Err(ProbeError::TooFewImages { needed: LEAST_IMAGES, got: images });
    }
    if !labels.is_empty() && labels.len() != images {
        return Err(ProbeError::Labels { expected: images, got: labels.len() });
    }
    let features = Features::read(pass, layer)?;
    let neighbours = features.neighbours();
    let largest = (images - 1) as f64 / 3.0;
    let perplexity = if settings.perplexity.is_finite() { settings.perplexity } else { largest };
    let perplexity = perplexity.max(1.0).min(largest);
    let before = before
        .filter(|before| before.len() == images)
        .and_then(|before| plane::normalised(&plane::doubles(before)));
    let rough = features.principal(settings.seed);
    let found = tsne::run(&neighbours, perplexity, &rough, before.as_deref(), progress)?;
    let points = plane::normalised(&found.points)
        .ok_or_else(|| ProbeError::Embedding("all points are one, or not finite".into()))?;
    let points = match &before {
        Some(before) => plane::turned(&points, before),
        None => points,
    };
    Ok(LayerEmbedding {
        points: points.into_iter().map(|point| point.map(|x| x as f32)).collect(),
        perplexity,
        aligned: found.from_before,
        neighbour_agreement: agreement(&neighbours, labels),
        chance: chance(labels),
        divergence: Some(found.divergence).filter(|divergence| divergence.is_finite()),
    })
}

/// `neighbours` are every image's other images with their distances, nearest first.
fn agreement(neighbours: &[Vec<(usize, f64)>], labels: &[usize]) -> Option<f64> {
    let of_image = |(image, others): (usize, &Vec<(usize, f64)>)| -> Option<f64> {
        let nearest = others.get(..NEIGHBOURS)?;
        let alike = nearest.iter().filter(|(other, _)| labels.get(*other) == labels.get(image));
        Some(alike.count() as f64 / NEIGHBOURS as f64)
    };
    let shares: Option<Vec<f64>> = neighbours.iter().enumerate().map(of_image).collect();
    let shares = shares.filter(|shares| !labels.is_empty() && !shares.is_empty())?;
    Some(shares.iter().sum::<f64>() / shares.len() as f64)
}

/// Share of the other images that have an image's class, mean over the images.
fn chance(labels: &[usize]) -> Option<f64> {
    let others = labels.len().checked_sub(1).filter(|&others| others > 0)?;
    let alike = |label: &usize| labels.iter().filter(|other| *other == label).count() - 1;
    let sum: usize = labels.iter().map(alike).sum();
    Some(sum as f64 / (others * labels.len()) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_share_of_alike_pairs() {
        assert_eq!(chance(&[]), None);
        assert_eq!(chance(&[3]), None);
        assert_eq!(chance(&[3, 3]), Some(1.0));
        assert_eq!(chance(&[0, 1, 2]), Some(0.0));
        assert_eq!(chance(&[0, 0, 1, 1]), Some(1.0 / 3.0));
    }
}
