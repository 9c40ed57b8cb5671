use std::collections::HashSet;

use spyhole_graph::{Activations, Method, Seed};

use super::projection::{Pair, Picture, Projection};
use super::representation::Representation;
use super::tops::{Strongest, TopImages};
use super::watch::EvolutionWatch;
use super::{IMAGES, plane};
use crate::error::ProbeError;
use crate::features::Request;
use crate::pass::Pass;
use crate::states::{LayerState, Variation};

/// What a layer does with the probe images: all that later snapshots are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Impression {
    /// How many images it is of: the first [`IMAGES`] of the probe set, or all.
    pub images: usize,
    /// Why the layer's changes cannot be judged: it is not finite, the probe images tell nothing, it is dead, or
    /// constant; the first of these that holds.
    pub state: Option<LayerState>,
    /// `None` for a layer that is constant, dead or not finite, with fewer than four images, and with images that are
    /// alike.
    pub representation: Option<Representation>,
    /// Every map's strongest images.
    pub tops: TopImages,
    /// The followed maps that have been live in two images, projected for those.
    pub projections: Vec<Projection>,
}

/// Reads impressions of layers in a sweep over the probe images that others share: `look` at every group of
/// images, in order, then `finish`. How the images are grouped makes no difference. Until then, up to
/// 4·[`IMAGES`] numbers are held for every channel.
///
/// The features of an image are the layer's channels at four positions, the centres of the plane's quadrants (of
/// a line, of its quarters), behind one another; all positions of a plane that has four or fewer.
#[derive(Debug)]
pub struct EvolutionReader<'a> {
    requests: &'a [Request<'a>],
    method: Method,
    unjudged: Option<LayerState>,
    found: Vec<Result<Found, ProbeError>>,
}

impl<'a> EvolutionReader<'a> {
    /// Nothing is seen yet. The watches, one for each request, know the images for which maps are projected;
    /// `unjudged` says why no layer can be judged by the first [`IMAGES`] images
    /// ([`Variety::state`](crate::Variety::state)).
    pub fn new<'w>(
        requests: &'a [Request<'a>],
        watches: impl IntoIterator<Item = &'w EvolutionWatch>,
        method: Method,
        unjudged: Option<LayerState>,
    ) -> Self {
        let mut watches = watches.into_iter();
        let mut pairs = || watches.next().map_or(vec![], |watch| watch.pairs().to_vec());
        let found = requests.iter().map(|request| Ok(Found::new(request, pairs()))).collect();
        Self { requests, method, unjudged, found }
    }

    /// Takes in a further group of images.
    pub fn look(&mut self, first_image: usize, activations: &Activations<'_>) {
        for (request, found) in self.requests.iter().zip(&mut self.found) {
            if let Ok(so_far) = found
                && let Err(error) = so_far.look(first_image, activations, request)
            {
                *found = Err(error);
            }
        }
    }

    /// Projects the followed maps, in a second sweep over the groups that hold their images. One result per
    /// request: a layer that fails leaves the others alone.
    ///
    /// # Errors
    /// When the images do not fit the graph, or weights are missing.
    pub fn finish(
        self,
        pass: &Pass<'_>,
    ) -> Result<Vec<Result<Impression, ProbeError>>, ProbeError> {
        let Self { requests, method, unjudged, found } = self;
        let finished = found.into_iter().map(|found| Ok(found?.finish(unjudged)));
        let mut found: Vec<Result<_, ProbeError>> = finished.collect();
        let seeds = found.iter().flatten().flat_map(|(_, seeds)| seeds);
        let wanted: HashSet<usize> = seeds.map(|seed| seed.image).collect();
        pass.each(
            |images| images.into_iter().any(|image| wanted.contains(&image)),
            |first, activations| {
                for (request, found) in requests.iter().zip(&mut found) {
                    if let Ok((impression, seeds)) = found
                        && let Err(error) =
                            project(first, activations, request, impression, seeds, method)
                    {
                        *found = Err(error);
                    }
                }
            },
        )?;
        Ok(found.into_iter().map(|found| found.map(|(impression, _)| impression)).collect())
    }
}

/// A unit to project, and where its picture belongs.
#[derive(Clone, Copy, Debug)]
struct Unit {
    projection: usize,
    side: usize,
    image: usize,
    position: usize,
}

fn project(
    first: usize,
    activations: &Activations<'_>,
    request: &Request<'_>,
    impression: &mut Impression,
    units: &[Unit],
    method: Method,
) -> Result<(), ProbeError> {
    let here = first..first + activations.batch();
    let here: Vec<&Unit> = units.iter().filter(|unit| here.contains(&unit.image)).collect();
    if here.is_empty() {
        return Ok(());
    }
    let width = request.layer.shape()[2];
    let seed = |unit: &&Unit| Seed::Unit {
        image: unit.image - first,
        map: impression.projections[unit.projection].pair.map,
        row: unit.position / width,
        column: unit.position % width,
    };
    let seeds: Vec<Seed> = here.iter().map(seed).collect();
    let pictures = activations.project(request.layer, &seeds, method)?;
    let pixels = pictures.into_data().convert::<f32>().try_to_vec::<f32>()?;
    for (unit, picture) in here.iter().zip(pixels.chunks_exact(pixels.len() / here.len())) {
        impression.projections[unit.projection].pictures[unit.side] = Picture::of(picture);
    }
    Ok(())
}

/// What was seen of a layer so far.
#[derive(Debug)]
struct Found {
    images: usize,
    /// `[images, positions, maps]`
    features: Vec<f32>,
    positions: Vec<usize>,
    finite: bool,
    variation: Variation,
    strongest: Vec<Strongest>,
    followed: Vec<Followed>,
}

/// A followed map: its strongest unit in every image, as value and position.
#[derive(Debug)]
struct Followed {
    map: usize,
    pair: Option<Pair>,
    units: Vec<(f32, usize)>,
}

impl Found {
    fn new(request: &Request<'_>, pairs: Vec<Pair>) -> Self {
        let [maps, height, width] = request.layer.shape();
        let followed = request.followed.iter().filter(|&&map| map < maps).map(|&map| Followed {
            map,
            pair: pairs.iter().find(|pair| pair.map == map).copied(),
            units: vec![],
        });
        Self {
            images: 0,
            features: vec![],
            positions: plane::positions([height, width]),
            finite: true,
            variation: Variation::default(),
            strongest: vec![Strongest::default(); maps],
            followed: followed.collect(),
        }
    }

    fn look(
        &mut self,
        first_image: usize,
        activations: &Activations<'_>,
        request: &Request<'_>,
    ) -> Result<(), ProbeError> {
        let count = activations.batch().min(IMAGES.saturating_sub(first_image));
        if count == 0 {
            return Ok(());
        }
        let activation = activations.layer(request.layer)?.narrow(0, 0, count);
        let values = activation.into_data().convert::<f32>().try_to_vec::<f32>()?;
        let [maps, height, width] = request.layer.shape();
        for image in values.chunks_exact((maps * height * width).max(1)) {
            self.look_at(image, height * width);
        }
        Ok(())
    }

    /// One image, `[maps, units]`.
    fn look_at(&mut self, image: &[f32], units: usize) {
        self.variation.look(image);
        let map = |map: usize| &image[map * units..(map + 1) * units];
        for &position in &self.positions {
            self.features.extend((0..self.strongest.len()).map(|index| map(index)[position]));
        }
        for (index, strongest) in self.strongest.iter_mut().enumerate() {
            let largest = plane::largest(map(index));
            self.finite &= largest.is_finite();
            strongest.offer(largest, self.images);
        }
        for followed in &mut self.followed {
            let plane = map(followed.map);
            let largest = plane::largest(plane);
            let position = plane.iter().position(|&value| value == largest).unwrap_or(0);
            followed.units.push((largest, position));
        }
        self.images += 1;
    }

    fn finish(self, unjudged: Option<LayerState>) -> (Impression, Vec<Unit>) {
        let images = self.images;
        let state = match self.finite {
            true => unjudged.or_else(|| self.variation.state()),
            false => Some(LayerState::NotFinite),
        };
        let comparable = matches!(state, None | Some(LayerState::TooFewImages));
        let representation =
            comparable.then(|| Representation::of_features(&self.features, images));
        let (mut projections, mut units) = (vec![], vec![]);
        for followed in self.followed {
            let strengths = followed.units.iter().map(|unit| unit.0);
            let known = followed.pair.filter(|pair| pair.images.iter().all(|&i| i < images));
            let Some(pair) = known.or_else(|| Pair::choose(followed.map, strengths)) else {
                continue;
            };
            for (side, image) in pair.images.into_iter().enumerate() {
                let (value, position) = followed.units[image];
                if value > 0.0 && value.is_finite() {
                    units.push(Unit { projection: projections.len(), side, image, position });
                }
            }
            projections.push(Projection { pair, pictures: [None, None] });
        }
        let representation = representation.flatten();
        let tops = self.strongest.into_iter().collect();
        (Impression { images, state, representation, tops, projections }, units)
    }
}
