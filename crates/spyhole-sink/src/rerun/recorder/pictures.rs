//! Where pictures and documents come from: with the record, or from the run store.

use std::sync::Arc;

use flate2::read::GzDecoder;
use re_sdk_types::archetypes::EncodedImage;
use re_sdk_types::components::MediaType;
use spyhole_protocol::{Atlas, Document, DocumentId, ImageId};

use super::super::canvas::{self, Tiles};
use crate::{Attached, RunLog};

type Found<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What records point to.
pub(in crate::rerun) trait Pictures {
    /// A PNG file.
    fn png(&self, id: &ImageId) -> Found<Arc<[u8]>>;

    /// The result of a study.
    fn document(&self, id: &DocumentId) -> Found<Document>;
}

impl dyn Pictures + '_ {
    pub(super) fn tiles(&self, atlas: &Atlas) -> Found<Tiles> {
        Ok(Tiles::decode(atlas, &self.png(&atlas.image)?)?)
    }
}

impl Pictures for Attached {
    fn png(&self, id: &ImageId) -> Found<Arc<[u8]>> {
        let found = self.images.iter().find(|picture| picture.id() == id);
        Ok(found.ok_or_else(|| format!("picture {} is not there", id.0))?.png().clone())
    }

    fn document(&self, id: &DocumentId) -> Found<Document> {
        let found = self.documents.iter().find(|sheet| sheet.id() == id);
        let sheet = found.ok_or_else(|| format!("document {} is not there", id.0))?;
        Ok(serde_json::from_reader(GzDecoder::new(&sheet.gzip()[..]))?)
    }
}

impl Pictures for RunLog {
    fn png(&self, id: &ImageId) -> Found<Arc<[u8]>> {
        Ok(self.image(id)?.ok_or_else(|| format!("picture {} is not there", id.0))?)
    }

    fn document(&self, id: &DocumentId) -> Found<Document> {
        let document = Self::document(self, id)?;
        Ok(document.ok_or_else(|| format!("document {} is not there", id.0))?)
    }
}

/// A PNG file as rerun shows it.
pub(super) fn png(bytes: &[u8]) -> EncodedImage {
    EncodedImage::new(bytes).with_media_type(MediaType::png())
}

/// A canvas as rerun shows it.
pub(super) fn drawn(image: &image::RgbaImage) -> Found<EncodedImage> {
    Ok(png(&canvas::png(image)?))
}
