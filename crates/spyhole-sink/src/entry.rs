use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use spyhole_protocol::{Event, ImageId};

/// One event with the pictures that it mentions. They are stored together or not at all, so whoever
/// reads the event finds its pictures.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// The pictures that the event points to. A picture that is already stored costs nothing.
    pub images: Vec<Picture>,
    /// What is needed to go on from here when the run is continued later; stored together with the
    /// event, in place of what was kept under the same keys before.
    pub kept: Vec<Kept>,
}

/// Bytes kept with a run, read back by [`RunLog::kept`](crate::RunLog::kept).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose bytes they are.
    pub key: String,
    /// The bytes, in whatever format their owner understands; `None` forgets what was kept.
    pub body: Option<Arc<[u8]>>,
}

impl Entry {
    /// An event without pictures.
    pub fn new(event: Event) -> Self {
        Self { event, images: Vec::new(), kept: Vec::new() }
    }

    /// An event with pictures.
    pub fn with_images(event: Event, images: Vec<Picture>) -> Self {
        Self { event, images, kept: Vec::new() }
    }

    /// The same, with something to keep.
    pub fn keeping(mut self, key: impl Into<String>, body: impl Into<Arc<[u8]>>) -> Self {
        self.kept.push(Kept { key: key.into(), body: Some(body.into()) });
        self
    }

    /// The same, with something kept before that is to be forgotten.
    pub fn forgetting(mut self, key: impl Into<String>) -> Self {
        self.kept.push(Kept { key: key.into(), body: None });
        self
    }

    /// Roughly the memory that this entry holds, for the limit of the queue.
    pub(crate) fn weight(&self) -> usize {
        let pictures = self.images.iter().map(|picture| picture.png.len());
        let kept = self.kept.iter().filter_map(|kept| kept.body.as_ref()).map(|body| body.len());
        512 + pictures.chain(kept).sum::<usize>()
    }
}

/// A PNG picture and its content address.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    id: ImageId,
    png: Arc<[u8]>,
}

impl Picture {
    /// Takes the bytes of a PNG file and computes their address: the first 32 hexadecimal digits of
    /// their SHA-256.
    pub fn new(png: impl Into<Arc<[u8]>>) -> Self {
        let png = png.into();
        let digest = Sha256::digest(&png);
        Self { id: ImageId(crate::hex(&digest[..16])), png }
    }

    /// A picture whose address is known.
    pub(crate) fn from_parts(id: ImageId, png: Arc<[u8]>) -> Self {
        Self { id, png }
    }

    /// The address, for the event that shows this picture.
    pub fn id(&self) -> &ImageId {
        &self.id
    }

    /// The bytes of the PNG file.
    pub fn png(&self) -> &Arc<[u8]> {
        &self.png
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.id.0, self.png.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_start_of_the_sha256() {
        // printf abc | sha256sum
        assert_eq!(Picture::new(*b"abc").id().0, "ba7816bf8f01cfea414140de5dae2223");
    }
}
