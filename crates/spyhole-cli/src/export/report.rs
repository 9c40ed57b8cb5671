//! The report: the dashboard's page with a run in it, as one file. It is written as it is read, so that a long run
//! is not in memory as a whole.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use spyhole_protocol::{Atlas, DocumentId, Event, ImageId, Occasion, Record, RunSummary, VERSION};

use super::error::writing;
use super::files::readable;
use super::outline::{Outline, bulk_epoch};
use super::{ExportError, Moment, tables};

/// Where the page takes a run from.
const PLACE: &str = r#"<script type="application/json" id="spyhole-report">"#;

/// The page, cut where the run goes.
pub(crate) struct Template {
    before: String,
    after: String,
}

impl Template {
    /// The page that is built into this program.
    pub(crate) fn built_in() -> Result<Self, ExportError> {
        Self::new(&spyhole_sink::report_template().ok_or(ExportError::NoTemplate)?)
    }

    /// A page with an empty place for a run.
    pub(crate) fn new(page: &str) -> Result<Self, ExportError> {
        let at = page.find(PLACE).ok_or(ExportError::NoPlace)? + PLACE.len();
        let (before, after) = page.split_at(at);
        if !after.trim_start().starts_with("</script>") {
            return Err(ExportError::NoPlace);
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
}

/// Writes the report with the bulk of at most `epochs` epochs.
pub(super) fn write(
    moment: &Moment,
    outline: &Outline,
    template: &Template,
    epochs: usize,
    pictures: bool,
    path: &Path,
) -> Result<(), ExportError> {
    let body = Body {
        moment,
        summary: outline.summary(moment),
        choice: Choice::new(outline, epochs),
        pictures,
        seen: RefCell::default(),
        failed: RefCell::default(),
    };
    let mut file = BufWriter::new(File::create(path).map_err(writing(path))?);
    file.write_all(template.before.as_bytes()).map_err(writing(path))?;
    let written = serde_json::to_writer(Escaped(&mut file), &body);
    if let Some(error) = body.failed.into_inner() {
        return Err(error);
    }
    written.map_err(|error| writing(path)(error.into()))?;
    file.write_all(template.after.as_bytes()).and_then(|()| file.flush()).map_err(writing(path))
}

/// JSON that no HTML parser takes for the end of the element it is in.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // In JSON, `<` is in texts only.
        for (i, piece) in bytes.split(|byte| *byte == b'<').enumerate() {
            if i > 0 {
                self.0.write_all(br"\u003c")?;
            }
            self.0.write_all(piece)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Which records are in the report.
struct Choice {
    bulk: BTreeSet<u32>,
    studies: BTreeSet<u32>,
    /// The newest record of settling is there in any case: it holds to the end.
    settling: u64,
    left_out: Vec<String>,
}

impl Choice {
    fn new(outline: &Outline, epochs: usize) -> Self {
        let bulk = spread(&outline.bulk_epochs, epochs);
        let studies = spread(&outline.study_epochs, epochs);
        let mut left_out = vec![];
        for (what, all, chosen) in [
            ("filters, features and statistics", &outline.bulk_epochs, &bulk),
            ("scheduled studies", &outline.study_epochs, &studies),
        ] {
            if chosen.len() < all.len() {
                left_out.push(format!(
                    "{what} of {} of {} epochs",
                    all.len() - chosen.len(),
                    all.len()
                ));
            }
        }
        Self { bulk, studies, settling: outline.settling, left_out }
    }

    fn has(&self, record: &Record) -> bool {
        match &record.event {
            Event::Study(study) if study.occasion == Occasion::Scheduled => {
                self.studies.contains(&study.epoch)
            }
            event => {
                record.seq == self.settling
                    || bulk_epoch(event).is_none_or(|epoch| self.bulk.contains(&epoch))
            }
        }
    }
}

/// At most `count` of them, evenly, with the first and the last.
fn spread(epochs: &BTreeSet<u32>, count: usize) -> BTreeSet<u32> {
    if epochs.len() <= count {
        return epochs.clone();
    }
    let all: Vec<_> = epochs.iter().copied().collect();
    let (last, steps) = (all.len() - 1, count.max(2) - 1);
    (0..=steps).map(|i| all[(i * last + steps / 2) / steps]).collect()
}

/// Serialises as a [`Report`](spyhole_protocol::Report).
struct Body<'a> {
    moment: &'a Moment,
    summary: RunSummary,
    choice: Choice,
    pictures: bool,
    /// What the records written so far point to.
    seen: RefCell<(BTreeSet<DocumentId>, BTreeSet<ImageId>)>,
    /// Why reading the run failed.
    failed: RefCell<Option<ExportError>>,
}

impl Body<'_> {
    /// Hands an error past the serialiser, which knows only its own.
    fn pass<T, E: Error>(&self, result: Result<T, ExportError>) -> Result<T, E> {
        result.map_err(|error| {
            let text = error.to_string();
            self.failed.replace(Some(error));
            E::custom(text)
        })
    }

    fn point_to(&self, atlas: Option<&Atlas>) {
        if let Some(atlas) = atlas.filter(|_| self.pictures) {
            self.seen.borrow_mut().1.insert(atlas.image.clone());
        }
    }

    fn left_out(&self) -> Option<String> {
        let mut left_out = self.choice.left_out.clone();
        if !self.pictures {
            left_out.push("all pictures".into());
        }
        let list = left_out.join(", ");
        (!left_out.is_empty()).then(|| format!("To keep this file small, it is without {list}."))
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Records say which documents there are, and both which pictures.
        let mut report = serializer.serialize_struct("Report", 7)?;
        report.serialize_field("version", &VERSION)?;
        report.serialize_field("made_ms", &self.moment.made_ms)?;
        report.serialize_field("run", &self.summary)?;
        report.serialize_field("records", &Records(self))?;
        report.serialize_field("documents", &Documents(self))?;
        report.serialize_field("images", &Images(self))?;
        report.serialize_field("left_out", &self.left_out())?;
        report.end()
    }
}

struct Records<'a>(&'a Body<'a>);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.0;
        let mut list = serializer.serialize_seq(None)?;
        let mut failed = None;
        let read = body.moment.each_record(|record| {
            if failed.is_none() && body.choice.has(record) {
                body.point_to(tables::atlas(&record.event, None));
                if let Event::Study(study) = &record.event {
                    body.seen.borrow_mut().0.insert(study.document.clone());
                }
                failed = list.serialize_element(record).err();
            }
            Ok(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        body.pass::<_, S::Error>(read)?;
        list.end()
    }
}

struct Documents<'a>(&'a Body<'a>);

impl Serialize for Documents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.0;
        let mut map = serializer.serialize_map(None)?;
        let ids = body.seen.borrow().0.clone();
        for id in &ids {
            body.pass::<_, S::Error>(body.moment.interrupt.check().map_err(Into::into))?;
            let found = readable(body.moment.log.document(id)).map_err(ExportError::from);
            if let Some(document) = body.pass::<_, S::Error>(found)? {
                body.point_to(tables::atlas_of_document(&document));
                map.serialize_entry(id, &document)?;
            }
        }
        map.end()
    }
}

struct Images<'a>(&'a Body<'a>);

impl Serialize for Images<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.0;
        let mut map = serializer.serialize_map(None)?;
        let ids = std::mem::take(&mut body.seen.borrow_mut().1);
        for id in &ids {
            body.pass::<_, S::Error>(body.moment.interrupt.check().map_err(Into::into))?;
            let found = readable(body.moment.log.image(id)).map_err(ExportError::from);
            if let Some(png) = body.pass::<_, S::Error>(found)? {
                map.serialize_entry(id, &STANDARD.encode(png))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn epochs_are_spread_evenly_with_the_first_and_the_last() {
        let check = |all: &[u32], count, expected: &[u32]| {
            let chosen = spread(&all.iter().copied().collect(), count);
            assert_eq!(chosen.into_iter().collect::<Vec<_>>(), expected);
        };
        check(&[], 2, &[]);
        check(&[5], 2, &[5]);
        check(&[0, 1, 2], 3, &[0, 1, 2]);
        check(&[0, 1, 2, 3, 4], 3, &[0, 2, 4]);
        check(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4, &[0, 3, 6, 9]);
        check(&[0, 10, 20, 700], 2, &[0, 700]);
    }

    proptest! {
        #[test]
        fn as_many_epochs_as_asked_for(all in prop::collection::btree_set(any::<u32>(), 0..200), count in 2usize..90) {
            let chosen = spread(&all, count);
            prop_assert!(chosen.is_subset(&all));
            prop_assert_eq!(chosen.len(), count.min(all.len()));
            prop_assert_eq!((chosen.first(), chosen.last()), (all.first(), all.last()));
        }

        #[test]
        fn no_element_ends_within_the_json(text in any::<String>()) {
            let text = format!("</script>{text}<!--");
            let mut bytes = Vec::new();
            serde_json::to_writer(Escaped(&mut bytes), &text).unwrap();
            prop_assert!(!bytes.contains(&b'<'));
            prop_assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn a_page_without_a_place_is_refused() {
        for page in ["", "<html></html>", &format!("{PLACE}{{}}</script>")] {
            assert!(matches!(Template::new(page), Err(ExportError::NoPlace)));
        }
    }
}
