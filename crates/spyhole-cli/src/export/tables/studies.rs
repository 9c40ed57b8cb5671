use spyhole_protocol::{Event, StudySubject};

use super::super::files;
use super::{Cell, EPOCH, RECORD, TIME, Table, column};
use crate::words;

pub(super) const STUDIES: Table = Table {
    file: "studies.csv",
    about: "A study: a costly look at the network. A later one of the same subject and epoch replaces an earlier one.",
    columns: &[
        RECORD,
        TIME,
        EPOCH,
        column("study", "", "its kind"),
        column("layer", "", "the layer it is about, if one"),
        column("map", "", "the feature map it is about, if one"),
        column("image", "", "the probe image it is about, if one"),
        column(
            "settings",
            "",
            "how occlusion was to be made, as JSON; null is chosen by the image",
        ),
        column("occasion", "", "scheduled or asked"),
        column("seconds", "s", "how long it took"),
        column("file", "", "its result; empty: not in the store"),
    ],
    rows: |look, rows| {
        let Event::Study(study) = look.event() else { return };
        let (map, image, settings): (Cell<'_>, Cell<'_>, _) = match &study.subject {
            StudySubject::Activations { image, .. } => (Cell::Empty, (*image).into(), None),
            StudySubject::Unit { map, .. } | StudySubject::SynthesisOfMap { map, .. } => {
                ((*map).into(), Cell::Empty, None)
            }
            StudySubject::Occlusion { image, settings } => {
                (Cell::Empty, (*image).into(), Some(settings))
            }
            StudySubject::OcclusionOfMap { image, map, settings, .. } => {
                ((*map).into(), (*image).into(), Some(settings))
            }
            StudySubject::Units { .. }
            | StudySubject::Directions { .. }
            | StudySubject::Synthesis { .. }
            | StudySubject::SynthesisOfClasses
            | StudySubject::Embedding { .. } => (Cell::Empty, Cell::Empty, None),
        };
        rows.push(&[
            look.record(),
            look.time(),
            study.epoch.into(),
            files::kind(&study.subject).into(),
            study.subject.layer().into(),
            map,
            image,
            settings.and_then(|settings| serde_json::to_string(settings).ok()).into(),
            words::json_word(&study.occasion).into(),
            study.seconds.into(),
            look.document_file.into(),
        ]);
    },
};
