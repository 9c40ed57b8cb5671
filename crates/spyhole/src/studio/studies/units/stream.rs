use burn::tensor::{Device, FloatDType, Tensor};
use spyhole_graph::Graph;
use spyhole_probe::{ProbeError, groups};
use spyhole_protocol::SearchedImages;

use crate::failure::Failure;
use crate::gallery::Gallery;
use crate::probe_set::Probe;
use crate::studio::Setting;

/// The images that are searched, on the device of the analysis.
pub(super) struct Stream<'a> {
    source: Source<'a>,
    /// The probe images there.
    images: &'a Tensor<4>,
    /// Memory for intermediate results, in bytes.
    memory: usize,
}

enum Source<'a> {
    Probe(&'a Probe),
    Gallery(&'a Gallery),
}

impl<'a> Stream<'a> {
    pub(super) fn of(setting: &'a Setting, images: &'a Tensor<4>) -> Self {
        let source =
            setting.gallery.as_ref().map_or(Source::Probe(&setting.probe), Source::Gallery);
        Self { source, images, memory: setting.limits.pass }
    }

    /// How many there are, if that is known.
    pub(super) fn count(&self) -> Option<usize> {
        match self.source {
            Source::Probe(probe) => Some(probe.pictures.len()),
            Source::Gallery(_) => None,
        }
    }

    /// What is said of them.
    pub(super) fn searched(&self, count: usize, repeated: usize) -> SearchedImages {
        let (name, probe) = match self.source {
            Source::Probe(_) => ("the probe images", true),
            Source::Gallery(gallery) => (gallery.name(), false),
        };
        let (count, repeated) = (count as u32, repeated as u32);
        SearchedImages { name: name.into(), count, repeated, probe }
    }

    /// Hands over all images in groups that fit into memory, with their labels as far as there are any, until
    /// `look` says false.
    pub(super) fn each(
        &self,
        graph: &Graph,
        mut look: impl FnMut(&Tensor<4>, &[usize]) -> Result<bool, ProbeError>,
    ) -> Result<(), Failure> {
        let mut in_groups = |images: &Tensor<4>, labels: &[usize]| -> Result<bool, Failure> {
            for (first, group) in groups(graph, images, self.memory) {
                let labels = labels.get(first..).unwrap_or_default();
                if !look(&group, labels)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        match self.source {
            Source::Probe(probe) => in_groups(self.images, &probe.labels).map(|_| ()),
            Source::Gallery(gallery) => {
                let device = self.images.device();
                let mut outcome = Ok(true);
                let read = gallery.each(|images, labels| {
                    if !matches!(outcome, Ok(true)) {
                        return std::ops::ControlFlow::Break(());
                    }
                    outcome = checked(images, graph, gallery, &device)
                        .and_then(|images| in_groups(&images, &labels));
                    match outcome {
                        Ok(true) => std::ops::ControlFlow::Continue(()),
                        _ => std::ops::ControlFlow::Break(()),
                    }
                });
                outcome.and(read)
            }
        }
    }
}

/// The images on the analysis device, if they are what the network takes.
fn checked(
    images: Tensor<4>,
    graph: &Graph,
    gallery: &Gallery,
    device: &Device,
) -> Result<Tensor<4>, Failure> {
    let [_, got @ ..] = images.dims();
    let expected = graph.input_shape();
    if got != expected {
        return Err(Failure::Failed(format!(
            "{} have the shape {got:?}, but the probe images {expected:?} [channels, height, width]; give the \
             gallery images of the same size",
            gallery.name()
        )));
    }
    Ok(images.without_autodiff().to_device(device).cast(FloatDType::F32))
}
