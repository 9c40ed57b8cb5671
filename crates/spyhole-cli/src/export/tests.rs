//! The report, and long runs; what the command does as a whole is in `tests/export.rs`.

use std::collections::BTreeSet;
use std::path::Path;

use spyhole_protocol::{Event, Report, RunOutcome};
use spyhole_sink::RunLog;

use super::*;
use crate::made_up::{self, Plan};

const PAGE: &str = "<!doctype html><title>x</title>\
    <script type=\"application/json\" id=\"spyhole-report\"></script><p>the page";

fn moment(dir: &Path) -> Moment {
    Moment::now(RunLog::open(dir).unwrap(), Interrupt::default()).unwrap()
}

fn report(dir: &Path, epochs: usize, pictures: bool) -> (String, Report) {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.html");
    let template = Template::new(PAGE).unwrap();
    moment(dir).report(&file, &template, epochs, pictures).unwrap();
    let html = std::fs::read_to_string(file).unwrap();
    let (before, rest) = html.split_once("id=\"spyhole-report\">").unwrap();
    let (json, after) = rest.split_once("</script>").unwrap();
    assert!(before.starts_with("<!doctype html>") && after == "<p>the page");
    let report = serde_json::from_str(json).unwrap();
    (json.to_owned(), report)
}

fn records(dir: &Path) -> Vec<Record> {
    RunLog::open(dir).unwrap().records_after(0, usize::MAX).unwrap()
}

#[test]
fn a_short_run_is_in_the_report_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { name: "</script><!-- & \u{2028}".into(), ..Plan::default() };
    made_up::run(dir.path(), &plan);
    let (json, report) = report(dir.path(), 60, true);
    assert!(!json.contains('<'));
    assert_eq!(report.version, VERSION);
    assert_eq!(report.records, records(dir.path()));
    assert_eq!(report.run.name, plan.name);
    assert_eq!(report.left_out, None);

    let log = RunLog::open(dir.path()).unwrap();
    let mut images = BTreeSet::new();
    let mut documents = BTreeSet::new();
    for record in &report.records {
        let mut document = None;
        if let Event::Study(study) = &record.event {
            documents.insert(study.document.clone());
            document = log.document(&study.document).unwrap();
            assert_eq!(report.documents.get(&study.document), document.as_ref());
        }
        images.extend(tables::atlas(&record.event, document.as_ref()).map(|it| it.image.clone()));
    }
    assert!(images.len() > 30 && documents.len() == 20);
    assert!(report.images.keys().eq(&images) && report.documents.keys().eq(&documents));
    for (id, base64) in &report.images {
        use base64::Engine;
        let png = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
        assert_eq!(png, *log.image(id).unwrap().unwrap());
    }
}

#[test]
fn a_long_run_is_thinned_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { epochs: 20, studies_every: 2, ..Plan::default() };
    made_up::run(dir.path(), &plan);
    let (_, report) = report(dir.path(), 4, true);
    let all = records(dir.path());
    let settling = |record: &&Record| matches!(record.event, Event::Settling(_));
    let newest = all.iter().rev().find(settling).unwrap();
    assert!(report.records.contains(newest));

    let expected: Vec<_> = all
        .iter()
        .filter(|record| match &record.event {
            Event::Study(study) => [0, 6, 14, 20].contains(&study.epoch),
            Event::Settling(_) if record.seq == newest.seq => true,
            event => outline::bulk_epoch(event).is_none_or(|e| [0, 7, 13, 20].contains(&e)),
        })
        .cloned()
        .collect();
    let epochs = |records: &[Record]| -> Vec<_> { records.iter().map(|r| r.seq).collect() };
    assert_eq!(epochs(&report.records), epochs(&expected));
    assert_eq!(
        report.left_out.as_deref(),
        Some(
            "To keep this file small, it is without filters, features and statistics of 17 of 21 epochs, \
             scheduled studies of 7 of 11 epochs."
        )
    );
}

#[test]
fn without_pictures_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    made_up::run(dir.path(), &Plan::default());
    let (_, report) = report(dir.path(), 60, false);
    assert!(report.images.is_empty() && !report.documents.is_empty());
    assert!(report.left_out.unwrap().contains("all pictures"));
}

#[test]
fn what_is_recorded_after_the_start_is_not_exported() {
    let dir = tempfile::tempdir().unwrap();
    let hub = made_up::open(dir.path());
    let plan = Plan::default();
    made_up::start(&hub, &plan);
    made_up::epoch(&hub, &plan, 0);
    let moment = moment(dir.path());
    made_up::epoch(&hub, &plan, 1);
    let out = tempfile::tempdir().unwrap();
    let options = Options { pictures: true, report: None };
    let counts = moment.export(out.path(), &options).unwrap();
    assert_eq!(counts.records, moment.head());
    let lines = std::fs::read_to_string(out.path().join("records.jsonl")).unwrap();
    assert_eq!(lines.lines().count() as u64, moment.head());
    made_up::end(hub, RunOutcome::Finished);
}

#[test]
fn an_interrupted_export_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    made_up::run(&dir.path().join("run"), &Plan::default());
    let place = Place::directory(&dir.path().join("out"), &dir.path().join("run"), false).unwrap();
    let mut moment = moment(&dir.path().join("run"));
    moment.interrupt = Interrupt::pressed();
    let options = Options { pictures: true, report: None };
    let ended = moment.export(&place.staging(), &options);
    assert!(matches!(ended, Err(ExportError::Interrupted(_))));
    drop(place);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn every_kind_of_event_is_in_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let hub = made_up::open(&dir.path().join("run"));
    let events = made_up::one_of_each_kind();
    let kinds = events.len();
    events.into_iter().for_each(|event| made_up::record(&hub, event));
    assert!(hub.close(made_up::PATIENCE));
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let options = Options { pictures: false, report: None };
    moment(&dir.path().join("run")).export(&out, &options).unwrap();
    let mut found = BTreeSet::new();
    for table in tables::of_export(false) {
        let mut csv = csv::Reader::from_path(out.join(table.file)).unwrap();
        let headers = csv.headers().unwrap().clone();
        assert!(headers.iter().eq(table.columns.iter().map(|column| column.name)));
        for row in csv.records() {
            found.insert(row.unwrap()[0].parse::<usize>().unwrap());
        }
    }
    assert!(found.into_iter().eq(1..=kinds));
}
