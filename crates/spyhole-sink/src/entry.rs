use std::fmt;
use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use spyhole_protocol::{Document, DocumentId, Event, ImageId};

/// One event with the pictures and documents that it mentions. They are stored together or not at all, so
/// whoever reads the event finds them.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// What the event points to. What is already stored costs nothing.
    pub attached: Attached,
    /// What is needed to go on from here when the run is continued later; stored together with the
    /// event, in place of what was kept under the same keys before.
    pub kept: Vec<Kept>,
}

/// What an event points to by content address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Pictures.
    pub images: Vec<Picture>,
    /// Results of studies.
    pub documents: Vec<Sheet>,
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
        Self { event, attached: Attached::default(), kept: Vec::new() }
    }

    /// An event with pictures.
    pub fn with_images(event: Event, images: Vec<Picture>) -> Self {
        Self { event, attached: Attached { images, documents: vec![] }, kept: Vec::new() }
    }

    /// The same with a document.
    pub fn with_document(mut self, sheet: Sheet) -> Self {
        self.attached.documents.push(sheet);
        self
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
        let Attached { images, documents } = &self.attached;
        let pictures = images.iter().map(|picture| picture.png.len());
        let documents = documents.iter().map(|sheet| sheet.gzip.len());
        let kept = self.kept.iter().filter_map(|kept| kept.body.as_ref()).map(|body| body.len());
        512 + pictures.chain(documents).chain(kept).sum::<usize>()
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
        Self { id: ImageId(address(&png)), png }
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

/// A document as compressed JSON, and its content address.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    id: DocumentId,
    gzip: Arc<[u8]>,
}

impl Sheet {
    /// Writes the document as JSON, computes its address, the first 32 hexadecimal digits of the text's SHA-256, and
    /// compresses it.
    ///
    /// # Errors
    /// When the document cannot be written as JSON.
    pub fn new(document: &Document) -> serde_json::Result<Self> {
        let json = serde_json::to_vec(document)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let compressed = gzip.write_all(&json).and_then(|()| gzip.finish());
        let gzip = compressed.map_err(serde_json::Error::io)?.into();
        Ok(Self { id: DocumentId(address(&json)), gzip })
    }

    /// A document whose address is known.
    pub(crate) fn from_parts(id: DocumentId, gzip: Arc<[u8]>) -> Self {
        Self { id, gzip }
    }

    /// The address, for the event that points to this document.
    pub fn id(&self) -> &DocumentId {
        &self.id
    }

    /// The JSON text, compressed with gzip.
    pub fn gzip(&self) -> &Arc<[u8]> {
        &self.gzip
    }
}

impl fmt::Debug for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sheet({}, {} bytes compressed)", self.id.0, self.gzip.len())
    }
}

fn address(bytes: &[u8]) -> String {
    crate::hex(&Sha256::digest(bytes)[..16])
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
