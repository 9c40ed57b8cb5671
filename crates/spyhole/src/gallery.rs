use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::tensor::Tensor;

use crate::failure::Failure;

/// Takes a batch of normalised images `[N, C, H, W]` with their labels, which may be left out; says when to stop.
pub type TakeImages<'a> = dyn FnMut(Tensor<4>, Vec<usize>) -> ControlFlow<()> + 'a;

/// What going through the images returns: any error, whose text the dashboard shows.
pub type GalleryResult = Result<(), Box<dyn Error + Send + Sync>>;

/// Images to search for what excites each feature map most: thousands, where the probe set has some hundred.
///
/// They are gone through twice in each study, once to search and once more to verify and cut out what was
/// found, on the studio's thread, and never held in memory together. An image counts once, however often it
/// comes; images that differ each time (random augmentation) are flagged as not reproduced.
#[derive(Clone)]
pub struct Gallery {
    name: String,
    open: Arc<dyn Fn(&mut TakeImages<'_>) -> GalleryResult + Send + Sync>,
}

impl fmt::Debug for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Gallery {
    /// Images under a name for the screen, `the validation images`. `each` hands over all batches, in whatever order,
    /// every time it is called, and stops when it is told to,
    /// with `Ok`. The images must have the probe images' shape and
    /// normalisation; they may be on any device.
    pub fn new(
        name: impl Into<String>,
        each: impl Fn(&mut TakeImages<'_>) -> GalleryResult + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), open: Arc::new(each) }
    }

    /// The images of a data loader; `read` takes images and labels out of a batch.
    ///
    /// Give it a loader of its own: going through the one that trains would change the order of its
    /// shuffling, and with it the training.
    pub fn loader<B: 'static>(
        name: impl Into<String>,
        loader: Arc<dyn DataLoader<B>>,
        read: impl Fn(B) -> (Tensor<4>, Vec<usize>) + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, move |take| {
            for batch in loader.iter() {
                let (images, labels) = read(batch?);
                if take(images, labels).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Goes through all images.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(Tensor<4>, Vec<usize>) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let read = (self.open)(&mut take);
        read.map_err(|error| Failure::Failed(format!("{} cannot be read: {error}", self.name)))
    }
}
