//! Pictures and documents: each is written once, under a name that says what it is.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::GzDecoder;
use spyhole_protocol::{Document, DocumentId, Event, ImageId, Record, Study, StudySubject};
use spyhole_sink::{RunLog, SinkError};

use super::ExportError;
use super::error::writing;
use super::names::{Folders, Paths};
use crate::words;

/// What was exported, and what was not to be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) records: u64,
    pub(crate) pictures: u64,
    pub(crate) documents: u64,
    /// Records that are damaged in the store.
    pub(crate) damaged: u64,
    /// Pictures and documents that records point to and that the store does not have, or has damaged.
    pub(crate) missing: u64,
}

/// What goes with a record.
#[derive(Default)]
pub(super) struct Kept {
    /// The result of a study.
    pub(super) document: Option<Document>,
    /// The file that it is in.
    pub(super) document_file: Option<Rc<str>>,
    /// The file of the record's picture, or of its document's.
    pub(super) picture_file: Option<Rc<str>>,
}

/// The pictures and documents of an export.
pub(super) struct Files {
    dir: PathBuf,
    pictures: bool,
    pub(super) folders: Folders,
    paths: Paths,
    /// Where each is; `None`: it is not to be had.
    by_image: HashMap<ImageId, Option<Rc<str>>>,
    by_document: HashMap<DocumentId, Option<Rc<str>>>,
    counts: Counts,
}

impl Files {
    pub(super) fn new(dir: &Path, pictures: bool) -> Self {
        Self {
            dir: dir.to_owned(),
            pictures,
            folders: Folders::default(),
            paths: Paths::default(),
            by_image: HashMap::new(),
            by_document: HashMap::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes what the record points to, unless it is there already.
    pub(super) fn keep(&mut self, log: &RunLog, record: &Record) -> Result<Kept, ExportError> {
        self.counts.records += 1;
        self.counts.damaged += u64::from(words::is_damaged(record));
        let mut kept = Kept::default();
        let stem = match &record.event {
            Event::RunStarted(started) => {
                for layer in &started.layers {
                    self.folders.of(&layer.name);
                }
                "probe".to_owned()
            }
            Event::LayerFilters(it) => {
                format!("filters/{}/epoch-{:03}", self.folders.of(&it.layer), it.epoch)
            }
            Event::LayerFeatures(it) => {
                format!("features/{}/epoch-{:03}", self.folders.of(&it.layer), it.epoch)
            }
            Event::Study(study) => {
                let stem = self.stem(study);
                (kept.document, kept.document_file) = self.document(log, record, study, &stem)?;
                stem
            }
            _ => return Ok(kept),
        };
        if let Some(atlas) = super::tables::atlas(&record.event, kept.document.as_ref()) {
            kept.picture_file = self.picture(log, record, &atlas.image, &stem)?;
        }
        Ok(kept)
    }

    fn picture(
        &mut self,
        log: &RunLog,
        record: &Record,
        id: &ImageId,
        stem: &str,
    ) -> Result<Option<Rc<str>>, ExportError> {
        if !self.pictures {
            return Ok(None);
        }
        if let Some(known) = self.by_image.get(id) {
            return Ok(known.clone());
        }
        let file = match readable(log.image(id))? {
            Some(png) => {
                let file = self.paths.take(&format!("pictures/{stem}"), "png", record.seq);
                self.write(&file, &png)?;
                self.counts.pictures += 1;
                Some(Rc::from(file))
            }
            None => {
                self.counts.missing += 1;
                None
            }
        };
        self.by_image.insert(id.clone(), file.clone());
        Ok(file)
    }

    fn document(
        &mut self,
        log: &RunLog,
        record: &Record,
        study: &Study,
        stem: &str,
    ) -> Result<(Option<Document>, Option<Rc<str>>), ExportError> {
        let text = readable(log.document_gzip(&study.document))?.and_then(|gzip| {
            let mut text = String::new();
            GzDecoder::new(&gzip[..]).read_to_string(&mut text).ok().map(|_| text)
        });
        let parsed = text.and_then(|text| Some((serde_json::from_str(&text).ok()?, text)));
        let known = self.by_document.get(&study.document).cloned();
        let Some((document, text)) = parsed else {
            self.counts.missing += u64::from(known.is_none());
            self.by_document.insert(study.document.clone(), None);
            return Ok((None, None));
        };
        let file = match known.flatten() {
            Some(file) => file,
            None => {
                let file = self.paths.take(&format!("documents/{stem}"), "json", record.seq);
                self.write(&file, text.as_bytes())?;
                self.counts.documents += 1;
                let file: Rc<str> = file.into();
                self.by_document.insert(study.document.clone(), Some(file.clone()));
                file
            }
        };
        Ok((Some(document), Some(file)))
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.dir.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(writing(parent))?;
        }
        fs::write(&path, bytes).map_err(writing(&path))
    }

    /// The name of a study's files: `occlusion/epoch-010/image-3`.
    fn stem(&mut self, study: &Study) -> String {
        let kind = kind(&study.subject);
        let folder = study.subject.layer().map(|layer| self.folders.of(layer)).unwrap_or_default();
        let what = match &study.subject {
            StudySubject::Activations { image, .. } => format!("{folder}/image-{image}"),
            StudySubject::Units { .. }
            | StudySubject::Directions { .. }
            | StudySubject::Synthesis { .. }
            | StudySubject::Embedding { .. } => folder.to_owned(),
            StudySubject::Unit { map, .. } | StudySubject::SynthesisOfMap { map, .. } => {
                format!("{folder}/map-{map}")
            }
            StudySubject::SynthesisOfClasses => "classes".into(),
            StudySubject::Occlusion { image, settings } => {
                format!("image-{image}{}", words_of(settings))
            }
            StudySubject::OcclusionOfMap { image, map, settings, .. } => {
                format!("{folder}/map-{map}-image-{image}{}", words_of(settings))
            }
        };
        format!("{kind}/epoch-{:03}/{what}", study.epoch)
    }
}

/// The kind of a study, as in the folders' and the table's names.
pub(super) fn kind(subject: &StudySubject) -> &'static str {
    match subject {
        StudySubject::Activations { .. } => "activations",
        StudySubject::Units { .. } => "units",
        StudySubject::Unit { .. } => "unit",
        StudySubject::Directions { .. } => "directions",
        StudySubject::Synthesis { .. } => "synthesis",
        StudySubject::SynthesisOfMap { .. } => "synthesis-of-map",
        StudySubject::SynthesisOfClasses => "synthesis-of-classes",
        StudySubject::Embedding { .. } => "embedding",
        StudySubject::Occlusion { .. } => "occlusion",
        StudySubject::OcclusionOfMap { .. } => "occlusion-of-map",
    }
}

/// What differs from the usual settings, as an addition to a name.
fn words_of(settings: &spyhole_protocol::OcclusionSettings) -> String {
    let mut words = String::new();
    let numbers =
        [("class", settings.class), ("square", settings.square), ("stride", settings.stride)];
    for (name, value) in numbers {
        if let Some(value) = value {
            words += &format!("-{name}-{value}");
        }
    }
    if settings.fill != spyhole_protocol::Fill::default() {
        words += &format!("-{}", words::json_word(&settings.fill));
    }
    words
}

/// A picture or document that lies in a damaged part of the store is as good as none.
pub(super) fn readable<T>(found: Result<Option<T>, SinkError>) -> Result<Option<T>, SinkError> {
    match found {
        Err(SinkError::Corrupt { .. }) => Ok(None),
        found => found,
    }
}
