//! `spyhole export` as users run it: what is written is what was recorded.

mod exporting;
mod made_up;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use exporting::{export, files, records, succeeded};
use made_up::{Plan, events};
use proptest::prelude::*;
use spyhole_protocol::{AlertState, Document, Event, Record, RunOutcome, Severity};
use spyhole_sink::RunLog;

type Row = BTreeMap<String, String>;

/// The rows of a table, by column.
fn table(out: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(out.join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The rows that a record has made.
fn rows_of(rows: &[Row], record: u64) -> Vec<&Row> {
    rows.iter().filter(|row| row["record"] == record.to_string()).collect()
}

fn number<T: std::str::FromStr>(cell: &str) -> Option<T> {
    (!cell.is_empty()).then(|| cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number")))
}

#[test]
fn every_number_and_picture_can_be_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let plan = Plan::default();
    let hub = made_up::open(&run);
    made_up::start(&hub, &plan);
    for epoch in 0..=plan.epochs {
        made_up::epoch(&hub, &plan, epoch);
    }
    made_up::one_of_each_kind().into_iter().for_each(|event| {
        // A study's document, a start's and the layers' pictures would be missing.
        if !matches!(
            event,
            Event::Study(_)
                | Event::RunStarted(_)
                | Event::LayerFeatures(_)
                | Event::LayerFilters(_)
        ) {
            made_up::record(&hub, event);
        }
    });
    made_up::end(hub, RunOutcome::Finished);
    let said = succeeded(&export(&run, &out, &[]));

    let log = RunLog::open(&run).unwrap();
    let records = records(&run);
    let lines = fs::read_to_string(out.join("records.jsonl")).unwrap();
    let read: Vec<Record> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, records);

    let tables: BTreeMap<_, _> = files(&out)
        .into_iter()
        .filter(|file| file.ends_with(".csv"))
        .map(|file| (file.clone(), table(&out, &file)))
        .collect();
    let of = |file: &str, record: &Record| rows_of(&tables[file], record.seq);
    let mut documents = 0;
    for record in &records {
        match &record.event {
            Event::Metric(it) => {
                let [row] = of("metrics.csv", record)[..] else { panic!("one row") };
                assert_eq!(row["metric"], it.name);
                assert_eq!(number(&row["value"]), it.value);
                assert_eq!(number(&row["epoch"]), Some(it.epoch));
                assert_eq!(row["unit"], it.unit.clone().unwrap_or_default());
                assert_eq!(row["higher_is_better"], it.higher_is_better.to_string());
            }
            Event::LayerHealth(it) => {
                let rows = of("health.csv", record);
                assert_eq!(rows.len(), it.values.len());
                for row in rows {
                    assert_eq!(number(&row["value"]), it.values[&row["statistic"]]);
                    assert_eq!(row["layer"], it.layer);
                }
            }
            Event::NetworkHealth(it) => {
                let [row] = of("health.csv", record)[..] else { panic!("one row") };
                assert_eq!((&*row["layer"], &*row["statistic"]), ("", "not_finite_places"));
                assert_eq!(number(&row["value"]), it.values["not_finite_places"]);
                assert_eq!(row["units"], "conv1.bias conv2.weight");
            }
            Event::LayerFilters(it) => {
                let rows = of("filters.csv", record);
                assert_eq!(rows.len(), it.readings.state.len());
                for (i, row) in rows.iter().enumerate() {
                    let readings = &it.readings;
                    assert_eq!(number(&row["filter"]), Some(i));
                    for (column, expected) in [
                        ("q", &readings.q),
                        ("p_value", &readings.p_value),
                        ("r1", &readings.r1),
                        ("rms", &readings.rms),
                        ("change", &readings.change),
                        ("distance", &readings.distance),
                    ] {
                        assert_eq!(number::<f32>(&row[column]), expected[i], "{column}");
                    }
                    assert_eq!(number(&row["duplicate_of"]), readings.duplicate_of[i]);
                }
                let [test] = of("filter-tests.csv", record)[..] else { panic!("one row") };
                assert_eq!(number(&test["q_critical"]), it.test.q_critical);
                assert_eq!(number(&test["scale"]), Some(it.scale));
            }
            Event::LayerFeatures(it) => {
                let rows = of("features.csv", record);
                let views: Vec<_> = it.strongest.iter().chain(&it.followed).collect();
                assert_eq!(rows.len(), views.len());
                for (row, view) in rows.iter().zip(views) {
                    assert_eq!(number(&row["map"]), Some(view.map));
                    assert_eq!(number(&row["value"]), view.value);
                    assert_eq!(number(&row["field_top"]), Some(view.field.top));
                    assert_eq!(number(&row["patch"]), view.patch);
                    assert_eq!(number(&row["projection"]), view.projection);
                }
            }
            Event::LayerDistributions(it) => {
                for row in of("distributions.csv", record) {
                    let percentiles = ["p5", "p25", "p50", "p75", "p95"].map(|p| number(&row[p]));
                    assert_eq!(percentiles, it.readings[&row["reading"]].map(Some));
                }
            }
            Event::LayerEvolution(it) => {
                let [row] = of("evolution.csv", record)[..] else { panic!("one row") };
                assert_eq!(number(&row["change"]), it.change);
                assert_eq!(number(&row["jumps"]), it.jumps);
                assert_eq!(number(&row["close_since"]), it.close_since);
                let rows = of("similarity.csv", record);
                let read = rows.iter().map(|row| number(&row["similarity"]));
                assert!(read.eq(it.to_earlier.iter().map(|it| Some(it.similarity))));
            }
            Event::Settling(it) => {
                let rows = of("settling.csv", record);
                assert!(
                    rows.iter().map(|row| &row["layer"]).eq(it.layers.iter().map(|it| &it.layer))
                );
                assert!(rows.iter().all(|row| row["statement"] == it.statement));
            }
            Event::Alert(it) => {
                let [row] = of("alerts.csv", record)[..] else { panic!("one row") };
                assert_eq!(row["title"], it.title);
                assert_eq!(serde_json::from_str::<Vec<String>>(&row["hints"]).unwrap(), it.hints);
            }
            Event::Fault(it) => {
                let [row] = of("faults.csv", record)[..] else { panic!("one row") };
                assert_eq!((&row["message"], row["damaged"].as_str()), (&it.message, "false"));
            }
            Event::Study(study) => {
                let [row] = of("studies.csv", record)[..] else { panic!("one row") };
                let text = fs::read_to_string(out.join(&row["file"])).unwrap();
                let document: Document = serde_json::from_str(&text).unwrap();
                assert_eq!(Some(&document), log.document(&study.document).unwrap().as_ref());
                check_document(&tables, record.seq, &document);
                documents += 1;
            }
            _ => {}
        }
    }
    assert_eq!(documents, 20);

    let mut ids = BTreeSet::new();
    for record in &records {
        let document = match &record.event {
            Event::Study(study) => log.document(&study.document).unwrap(),
            _ => None,
        };
        let Some(id) = image(&record.event, document.as_ref()) else { continue };
        ids.insert(id.clone());
        let rows = of("pictures/index.csv", record);
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(
                fs::read(out.join(&row["file"])).unwrap(),
                *log.image(&id).unwrap().unwrap()
            );
            let at = |column: &str| number::<u32>(&row[column]).unwrap();
            assert_eq!(at("tile"), at("row") * 4 + at("column"));
            assert_eq!((at("top"), at("left")), (2 * at("row"), 2 * at("column")));
        }
    }
    let pictures = files(&out).into_iter().filter(|file| file.ends_with(".png")).count();
    assert_eq!(pictures, ids.len(), "each picture is there once");
    assert!(
        said.contains(&format!("{} records, {pictures} pictures and 20 documents", records.len()))
    );

    let all = files(&out);
    for file in [
        "README.txt",
        "run.json",
        "pictures/probe.png",
        "pictures/features/blocks.0.conv2/epoch-002.png",
        "pictures/filters/conv1/epoch-000.png",
        "documents/occlusion/epoch-002/image-3.json",
        "documents/occlusion-of-map/epoch-002/conv1/map-1-image-2-class-1-square-2-blur.json",
        "documents/units/epoch-000/conv1.json",
        "pictures/units/epoch-000/conv1.png",
    ] {
        assert!(all.contains(file), "{file} is not among {all:#?}");
    }
    let readme = fs::read_to_string(out.join("README.txt")).unwrap();
    for (file, rows) in &tables {
        assert!(readme.contains(file.as_str()), "{file}");
        for column in rows.first().map(|row| row.keys()).into_iter().flatten() {
            assert!(readme.contains(column.as_str()), "{file}: {column}");
        }
    }
    assert!(readme.lines().all(|line| line.chars().count() <= 100), "{readme}");
    for name in ["inf", "NaN"] {
        assert!(!fs::read_to_string(out.join("health.csv")).unwrap().contains(name));
    }
}

/// The picture that a record shows.
fn image(event: &Event, document: Option<&Document>) -> Option<spyhole_protocol::ImageId> {
    let atlas = match (event, document) {
        (Event::RunStarted(it), _) => &it.probe.atlas,
        (Event::LayerFilters(it), _) => &it.atlas,
        (Event::LayerFeatures(it), _) => &it.atlas,
        (_, Some(Document::Activations(it))) => &it.atlas,
        (_, Some(Document::Units(it))) => &it.atlas,
        (_, Some(Document::Directions(it))) => &it.atlas,
        (_, Some(Document::Synthesis(it))) => &it.atlas,
        (_, Some(Document::Occlusion(it))) => &it.atlas,
        (_, Some(Document::Embedding(_)) | None) => return None,
    };
    Some(atlas.image.clone())
}

fn check_document(tables: &BTreeMap<String, Vec<Row>>, record: u64, document: &Document) {
    let of = |file: &str| rows_of(&tables[file], record);
    match document {
        Document::Activations(it) => {
            let rows = of("documents/activations.csv");
            assert_eq!(rows.len(), it.maps.len());
            for (row, view) in rows.iter().zip(&it.maps) {
                assert_eq!(number(&row["localisation"]), view.localisation);
                assert_eq!(number(&row["gini"]), view.gini);
                assert_eq!(row["dead"], view.dead.to_string());
            }
        }
        Document::Units(it) => {
            let hits = it.units.iter().flat_map(|unit| &unit.hits);
            let rows = of("documents/unit-hits.csv");
            assert!(
                rows.iter().map(|row| number(&row["value"])).eq(hits.map(|hit| Some(hit.value)))
            );
            let rows = of("documents/map-readings.csv");
            let read: Vec<_> = rows.iter().map(|row| number(&row["hoyer"])).collect();
            assert_eq!(read, it.readings.hoyer);
        }
        Document::Directions(it) => {
            let rows = of("documents/directions.csv");
            let read = rows.iter().map(|row| number(&row["difference"]));
            assert!(read.eq(it.bases.iter().map(|basis| basis.difference)));
            assert_eq!(of("documents/direction-hits.csv").len(), 3 * 2 * 2);
        }
        Document::Synthesis(it) => {
            let rows = of("documents/synthesis.csv");
            let read = rows.iter().map(|row| number(&row["end"]));
            assert!(read.eq(it.views.iter().map(|view| view.end)));
        }
        Document::Embedding(it) => {
            let rows = of("documents/embedding-points.csv");
            let read = rows.iter().map(|row| [number(&row["x"]), number(&row["y"])]);
            assert!(read.eq(it.points.iter().map(|point| point.map(Some))));
        }
        Document::Occlusion(it) => {
            let rows = of("documents/occlusion.csv");
            let probabilities = it.prediction.iter().flat_map(|it| &it.probabilities);
            let sums = it.layers.iter().flat_map(|layer| &layer.sums);
            let read: Vec<_> = rows.iter().map(|row| number(&row["value"])).collect();
            assert_eq!(read, probabilities.chain(sums).copied().collect::<Vec<_>>());
            assert_eq!((rows[1]["top"].as_str(), rows[1]["left"].as_str()), ("0", "4"));
            let layers = it.layers.len() + usize::from(it.prediction.is_some());
            assert_eq!(of("documents/occlusion-summary.csv").len(), layers);
        }
    }
}

#[test]
fn layers_may_be_called_anything() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let layers: Vec<_> =
        ["../../up", "Conv", "conv", "a/b:c*", "CON", "", "ü\n,\"x\"", &"long.".repeat(80)]
            .map(String::from)
            .into();
    let plan = Plan { layers: layers.clone(), epochs: 1, studies_every: 1, ..Plan::default() };
    made_up::run(&run, &plan);
    succeeded(&export(&run, &out, &[]));
    let rows = table(&out, "layers.csv");
    assert!(rows.iter().map(|row| &row["layer"]).eq(&layers));
    let folders: BTreeSet<_> = rows.iter().map(|row| row["folder"].to_lowercase()).collect();
    assert_eq!(folders.len(), layers.len());
    for row in &rows {
        let file = format!("pictures/features/{}/epoch-001.png", row["folder"]);
        assert!(out.join(&file).is_file(), "{file}");
    }
    let outside: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn odd_names_come_back_through_csv(name in any::<String>(), unit in any::<String>()) {
        let dir = tempfile::tempdir().unwrap();
        let (run, out) = (dir.path().join("run"), dir.path().join("out"));
        let hub = made_up::open(&run);
        let mut metric = events::metrics(&Plan::default(), 1).swap_remove(0);
        (metric.name, metric.unit) = (name.clone(), Some(unit.clone()));
        made_up::record(&hub, Event::Metric(metric));
        made_up::record(&hub, events::fault(&unit, &name));
        made_up::end(hub, RunOutcome::Finished);
        succeeded(&export(&run, &out, &["--no-pictures"]));
        let metrics = table(&out, "metrics.csv");
        prop_assert_eq!((&metrics[0]["metric"], &metrics[0]["unit"]), (&name, &unit));
        let faults = table(&out, "faults.csv");
        prop_assert_eq!((&faults[0]["message"], &faults[0]["part"]), (&name, &unit));
    }
}

#[test]
fn without_pictures_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan::default());
    let said = succeeded(&export(&run, &out, &["--no-pictures"]));
    assert!(said.contains("0 pictures") && !said.contains("not in the store"), "{said}");
    assert!(!out.join("pictures").exists());
    assert!(!fs::read_to_string(out.join("README.txt")).unwrap().contains("pictures/index.csv"));
}

#[test]
fn a_running_training_is_exported_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let hub = made_up::open(&run);
    let plan = Plan::default();
    made_up::start(&hub, &plan);
    made_up::epoch(&hub, &plan, 0);
    made_up::epoch(&hub, &plan, 1);
    let said = succeeded(&export(&run, &out, &[]));
    assert!(said.contains("the run had not ended"), "{said}");
    assert_eq!(table(&out, "epochs.csv").len(), 2);
    made_up::end(hub, RunOutcome::Finished);
}

#[test]
fn an_epoch_that_was_trained_twice_has_the_pictures_of_the_later_training() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let hub = made_up::open(&run);
    for seed in [1, 500] {
        let plan = Plan { seed, ..Plan::default() };
        made_up::start(&hub, &plan);
        made_up::epoch(&hub, &plan, 1);
    }
    made_up::end(hub, RunOutcome::Finished);
    succeeded(&export(&run, &out, &[]));
    let folder = out.join("pictures/features/conv1");
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["epoch-001.png"]);
    let last = Plan { seed: 500, ..Plan::default() };
    let layer =
        u32::try_from(last.layers.iter().position(|name| name == "conv1").unwrap()).unwrap();
    let expected = made_up::picture(500 + 10_000 + 100 + layer);
    assert_eq!(fs::read(folder.join(&names[0])).unwrap(), &expected.png()[..]);
    let run_json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(run_json["starts"].as_array().unwrap().len(), 2);
    assert_eq!(run_json["outcome"]["outcome"], "finished");
}

#[test]
fn damage_is_exported_as_what_it_is_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan { epochs: 0, ..Plan::default() });
    let store = rusqlite::Connection::open(run.join("run.sqlite")).unwrap();
    let changed =
        store.execute("UPDATE records SET body = '{\"kind\":\"met' WHERE seq IN (2, 4)", []);
    assert_eq!(changed.unwrap(), 2);
    assert_eq!(
        store.execute("DELETE FROM images WHERE id = (SELECT min(id) FROM images)", []).unwrap(),
        1
    );
    let broken = "UPDATE documents SET gzip = x'1f8b00' WHERE id = (SELECT min(id) FROM documents)";
    assert_eq!(store.execute(broken, []).unwrap(), 1);
    drop(store);
    let said = succeeded(&export(&run, &out, &[]));
    assert!(said.contains("2 records are damaged in the store"), "{said}");
    assert!(said.contains("not in the store, or damaged there"), "{said}");
    let faults = table(&out, "faults.csv");
    assert_eq!(faults.iter().map(|row| row["record"].as_str()).collect::<Vec<_>>(), ["2", "4"]);
    assert!(
        faults.iter().all(|row| row["damaged"] == "true" && row["message"].contains("is damaged"))
    );
    assert!(table(&out, "studies.csv").iter().any(|row| row["file"].is_empty()));
}

#[test]
fn alerts_stand_in_the_summary() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let hub = made_up::open(&run);
    made_up::start(&hub, &Plan::default());
    let raised = |rule: &str, severity| made_up::alert(rule, None, AlertState::Raised, severity, 1);
    made_up::record(&hub, raised("a", Severity::Warning));
    made_up::record(&hub, raised("b", Severity::Critical));
    made_up::record(&hub, events::silence("b", None, true));
    made_up::end(hub, RunOutcome::Finished);
    succeeded(&export(&run, &out, &[]));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["worst_alert"], "warning");
    assert_eq!(json["summary"]["active_alerts"], 1);
    assert_eq!(table(&out, "silences.csv")[0]["rule"], "b");
}
