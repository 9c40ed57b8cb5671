//! The CSV tables, one file per subject; [`TABLES`] is the list. A table says itself what it is and what its columns
//! mean, so that the README of an export cannot differ from what is written.

mod alerts;
mod cell;
mod course;
mod directions;
mod embedding;
mod evolution;
mod features;
mod filters;
mod health;
mod metrics;
mod occlusion;
mod pictures;
mod settling;
mod setup;
mod studies;
mod synthesis;
mod units;

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use spyhole_protocol::{Atlas, Document, Event, Record, Region};

use super::ExportError;
use super::error::writing;
use super::files::{Files, Kept};
pub(super) use cell::Cell;

/// All tables, in the order in which the README explains them.
pub(super) const TABLES: &[Table] = &[
    metrics::METRICS,
    course::EPOCHS,
    course::COURSE,
    course::FAULTS,
    setup::LAYERS,
    setup::PROBE,
    setup::OUTPUTS,
    setup::STATISTICS,
    setup::RULES,
    setup::NULLS,
    health::HEALTH,
    health::STATES,
    health::DISTRIBUTIONS,
    filters::FILTERS,
    filters::TESTS,
    features::FEATURES,
    evolution::EVOLUTION,
    evolution::SIMILARITY,
    settling::SETTLING,
    alerts::ALERTS,
    alerts::SILENCES,
    studies::STUDIES,
    units::ACTIVATIONS,
    units::HITS,
    units::READINGS,
    directions::DIRECTIONS,
    directions::HITS,
    synthesis::SYNTHESIS,
    embedding::POINTS,
    embedding::EMBEDDINGS,
    occlusion::GRIDS,
    occlusion::SUMMARY,
    pictures::INDEX,
];

/// A CSV file.
pub(super) struct Table {
    /// Its name in the export.
    pub(super) file: &'static str,
    /// What a row of it is.
    pub(super) about: &'static str,
    pub(super) columns: &'static [Column],
    /// Adds the rows that a record makes.
    rows: fn(&Look<'_>, &mut Rows),
}

/// A column of a table.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Empty where there is none.
    pub(super) unit: &'static str,
    pub(super) meaning: &'static str,
}

const fn column(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, unit, meaning }
}

const RECORD: Column =
    column("record", "", "number of the record in records.jsonl that it is from");
const TIME: Column = column("time_ms", "ms since 1970-01-01 UTC", "when it was recorded");
const EPOCH: Column = column("epoch", "", "counted from 1; 0 is the untrained model");
const LAYER: Column = column("layer", "", "name of the layer, as in layers.csv");
const MAP: Column = column("map", "", "feature map (channel) of the layer, counted from 0");
const IMAGE: Column = column("image", "", "probe image, as in probe.csv, counted from 0");
const TOP: Column =
    column("field_top", "px", "first row of the receptive field in the input; may be negative");
const LEFT: Column = column("field_left", "px", "its first column; may be negative");
const HEIGHT: Column = column("field_height", "px", "its rows");
const WIDTH: Column = column("field_width", "px", "its columns");

/// The cells of [`TOP`], [`LEFT`], [`HEIGHT`] and [`WIDTH`].
fn field(region: &Region) -> [Cell<'static>; 4] {
    [region.top.into(), region.left.into(), region.height.into(), region.width.into()]
}

/// A record with what belongs to it.
pub(super) struct Look<'a> {
    record: &'a Record,
    document: Option<&'a Document>,
    document_file: Option<&'a str>,
    picture_file: Option<&'a str>,
    files: &'a Files,
}

impl<'a> Look<'a> {
    pub(super) fn new(record: &'a Record, kept: &'a Kept, files: &'a Files) -> Self {
        Self {
            record,
            document: kept.document.as_ref(),
            document_file: kept.document_file.as_deref(),
            picture_file: kept.picture_file.as_deref(),
            files,
        }
    }

    fn event(&self) -> &'a Event {
        &self.record.event
    }

    fn record(&self) -> Cell<'a> {
        self.record.seq.into()
    }

    fn time(&self) -> Cell<'a> {
        self.record.time_ms.into()
    }
}

/// The picture that an event shows, or the document of a study.
pub(super) fn atlas<'a>(event: &'a Event, document: Option<&'a Document>) -> Option<&'a Atlas> {
    match (event, document) {
        (Event::RunStarted(it), _) => Some(&it.probe.atlas),
        (Event::LayerFilters(it), _) => Some(&it.atlas),
        (Event::LayerFeatures(it), _) => Some(&it.atlas),
        (Event::Study(_), Some(document)) => return atlas_of_document(document),
        _ => None,
    }
    .filter(|atlas| atlas.count > 0)
}

/// The picture of a document.
pub(super) fn atlas_of_document(document: &Document) -> Option<&Atlas> {
    match document {
        Document::Activations(it) => Some(&it.atlas),
        Document::Units(it) => Some(&it.atlas),
        Document::Directions(it) => Some(&it.atlas),
        Document::Synthesis(it) => Some(&it.atlas),
        Document::Occlusion(it) => Some(&it.atlas),
        Document::Embedding(_) => None,
    }
    .filter(|atlas| atlas.count > 0)
}

/// Takes the rows of one table. An error is kept until the end of the record.
pub(super) struct Rows {
    path: PathBuf,
    csv: csv::Writer<BufWriter<File>>,
    text: String,
    failed: Option<csv::Error>,
}

impl Rows {
    fn create(dir: &Path, table: &Table) -> Result<Self, ExportError> {
        let path = dir.join(table.file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(writing(parent))?;
        }
        let file = File::create(&path).map_err(writing(&path))?;
        let csv = csv::Writer::from_writer(BufWriter::new(file));
        let mut rows = Self { path, csv, text: String::new(), failed: None };
        let names = table.columns.iter().map(|column| column.name);
        rows.failed = rows.csv.write_record(names).err();
        rows.check()?;
        Ok(rows)
    }

    /// A row. The number of cells must be that of the columns.
    fn push(&mut self, cells: &[Cell<'_>]) {
        for cell in cells {
            self.text.clear();
            cell.write(&mut self.text);
            self.keep(|rows| rows.csv.write_field(&rows.text));
        }
        self.keep(|rows| rows.csv.write_record(None::<&[u8]>));
    }

    fn keep(&mut self, write: impl FnOnce(&mut Self) -> csv::Result<()>) {
        if self.failed.is_none()
            && let Err(error) = write(self)
        {
            self.failed = Some(error);
        }
    }

    fn check(&mut self) -> Result<(), ExportError> {
        match self.failed.take() {
            None => Ok(()),
            Some(error) => Err(writing(&self.path)(match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                other => std::io::Error::other(format!("{other:?}")),
            })),
        }
    }
}

/// All tables of an export, open.
pub(super) struct Writers(Vec<(&'static Table, Rows)>);

impl Writers {
    pub(super) fn create(dir: &Path, pictures: bool) -> Result<Self, ExportError> {
        let tables = of_export(pictures);
        tables
            .map(|table| Ok((table, Rows::create(dir, table)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn write(&mut self, look: &Look<'_>) -> Result<(), ExportError> {
        for (table, rows) in &mut self.0 {
            (table.rows)(look, rows);
            rows.check()?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), ExportError> {
        for (_, mut rows) in self.0 {
            rows.csv.flush().map_err(writing(&rows.path))?;
        }
        Ok(())
    }
}

/// The tables that an export with or without pictures has.
pub(super) fn of_export(pictures: bool) -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(move |table| pictures || table.file != pictures::INDEX.file)
}
