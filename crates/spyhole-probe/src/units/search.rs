use spyhole_graph::{Activations, Layer};

use super::ImageId;
use crate::error::ProbeError;
use crate::evolution::largest;
use crate::pass::Pass;

/// An image that excites a map, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The image.
    pub image: ImageId,
    /// Row of the map's strongest unit in it, the first one on ties.
    pub row: usize,
    /// Column of that unit.
    pub column: usize,
    /// The unit's activation: finite, above 0.
    pub value: f32,
}

impl Hit {
    /// Strongest first, then the image with the smaller number. Only somebody who numbers images twice needs the key.
    fn is_before(&self, other: &Self) -> bool {
        let image = |hit: &Self| (hit.image.number, hit.image.key);
        other.value.total_cmp(&self.value).then(image(self).cmp(&image(other))).is_lt()
    }
}

/// What excites a map most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapTops {
    /// Its strongest images, strongest first, each once. Fewer than asked for if it is above 0 in fewer; empty: it is
    /// dead, or not finite.
    pub hits: Vec<Hit>,
    /// In how many images an activation of the map is not finite; these are left out. An image that came twice counts
    /// twice.
    pub not_finite: u64,
}

/// What excites a layer's maps most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerTops {
    /// All maps, in order.
    pub maps: Vec<MapTops>,
}

/// Searches a stream of images for those that excite every feature map most: `look` at every group, then `finish`.
/// It remembers what it has found and nothing else, so the stream may be of any length; neither the order of the
/// images nor how they are grouped makes a difference.
///
/// A map's strength in an image is its largest activation over all positions, with sign: an image in which that is 0
/// or less is no hit, so in a layer that does not rectify only the positive side is searched. An image that comes
/// again, under whatever number, is counted once.
#[derive(Debug)]
pub struct TopSearch<'a> {
    layers: Vec<&'a Layer>,
    count: usize,
    images: u64,
    found: Vec<Result<LayerTops, ProbeError>>,
}

impl<'a> TopSearch<'a> {
    /// Nothing is found yet. `count` images are kept for every map; [`TOP_IMAGES`](super::TOP_IMAGES) serve most.
    pub fn new(layers: impl IntoIterator<Item = &'a Layer>, count: usize) -> Self {
        let layers: Vec<_> = layers.into_iter().collect();
        let nothing =
            |layer: &&Layer| Ok(LayerTops { maps: vec![MapTops::default(); layer.shape()[0]] });
        let found = layers.iter().map(nothing).collect();
        Self { layers, count, images: 0, found }
    }

    /// Takes in a further group of images, `ids` are theirs in order.
    ///
    /// # Errors
    /// When there is not one identity for each image.
    pub fn look(
        &mut self,
        ids: &[ImageId],
        activations: &Activations<'_>,
    ) -> Result<(), ProbeError> {
        let images = activations.batch();
        if ids.len() != images {
            return Err(ProbeError::Identities { images, given: ids.len() });
        }
        self.images += images as u64;
        for (layer, found) in self.layers.iter().zip(&mut self.found) {
            if let Ok(so_far) = found
                && let Err(error) = so_far.look(ids, activations, layer, self.count)
            {
                *found = Err(error);
            }
        }
        Ok(())
    }

    /// How many images it has looked at, those that came again included.
    pub fn images(&self) -> u64 {
        self.images
    }

    /// One result per layer: a layer that fails leaves the others alone.
    pub fn finish(self) -> Vec<Result<LayerTops, ProbeError>> {
        self.found
    }
}

/// The strongest of the probe images, which are numbered from 0. One result per layer.
///
/// # Errors
/// When the images do not fit the graph, or weights are missing.
pub fn find_tops<'a>(
    pass: &Pass<'_>,
    layers: impl IntoIterator<Item = &'a Layer>,
    count: usize,
) -> Result<Vec<Result<LayerTops, ProbeError>>, ProbeError> {
    let ids = ImageId::of_all(pass.images(), 0)?;
    let mut search = TopSearch::new(layers, count);
    let mut outcome = Ok(());
    let look = |first: usize, activations: &Activations<'_>| {
        let group = &ids[first..first + activations.batch()];
        outcome = std::mem::replace(&mut outcome, Ok(())).and(search.look(group, activations));
    };
    pass.each(|_| true, look)?;
    outcome.map(|()| search.finish())
}

impl LayerTops {
    fn look(
        &mut self,
        ids: &[ImageId],
        activations: &Activations<'_>,
        layer: &Layer,
        count: usize,
    ) -> Result<(), ProbeError> {
        let values = activations.layer(layer)?.into_data().convert::<f32>().try_to_vec::<f32>()?;
        let [maps, height, width] = layer.shape();
        let planes = (height * width).max(1);
        for (&id, image) in ids.iter().zip(values.chunks_exact((maps * planes).max(1))) {
            for (map, plane) in self.maps.iter_mut().zip(image.chunks_exact(planes)) {
                map.look(id, plane, width, count);
            }
        }
        Ok(())
    }
}

impl MapTops {
    fn look(&mut self, image: ImageId, plane: &[f32], width: usize, count: usize) {
        let value = largest(plane);
        self.not_finite += u64::from(!value.is_finite());
        let weakest = self.hits.last().filter(|_| self.hits.len() >= count);
        if !value.is_finite() || value <= 0.0 || weakest.is_some_and(|hit| value < hit.value) {
            return;
        }
        if let Some(position) = plane.iter().position(|&a| a == value) {
            let (row, column) = (position / width, position % width);
            self.offer(Hit { image, row, column, value }, count);
        }
    }

    fn offer(&mut self, hit: Hit, count: usize) {
        let hits = &mut self.hits;
        if let Some(known) = hits.iter().position(|known| known.image.key == hit.image.key) {
            if !hit.is_before(&hits[known]) {
                return;
            }
            hits.remove(known);
        }
        let place = hits.partition_point(|known| known.is_before(&hit));
        hits.insert(place, hit);
        hits.truncate(count);
    }
}
