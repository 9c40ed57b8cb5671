//! Studies: made on schedule, made when a dashboard asks, true, and no danger to the training.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use burn::module::Module;
use burn::prelude::*;
use end_to_end::data::{self, Batch, images};
use end_to_end::net::{Fill as FillWeights, Residual};
use end_to_end::recorded::{self, Run};
use end_to_end::socket::{ask, connect, receive};
use spyhole::{Gallery, ProbeSet, Spyhole, SpyholeBuilder, Studies, Watch};
use spyhole_protocol::{
    Atlas, ClientMessage, Document, Event, Fill, LayerFeatures, Occasion, OcclusionSettings,
    ServerMessage, Status, Study, StudySubject, UnitSheet,
};

const PROBE: usize = 32;

/// Every epoch, whatever it costs.
const ALWAYS: Studies = Studies { every: 1, share: 1.0, pictured_maps: 64 };

fn builder(dir: &Path) -> SpyholeBuilder {
    let probe = ProbeSet::new(images(PROBE)).labels((0..PROBE).map(|image| image % 4));
    Spyhole::builder(dir, probe).studies(ALWAYS).budget(1.0)
}

fn net() -> Residual {
    Device::flex().seed(5);
    Residual::new(&Device::flex())
}

fn watch(spyhole: &Spyhole) -> Watch<Residual> {
    spyhole.watch(&net(), |net, images| net.forward(images)).unwrap()
}

/// Watches an only epoch and reads what was recorded.
fn watched(builder: SpyholeBuilder, dir: &Path) -> Run {
    let spyhole = builder.build().unwrap();
    let watch = watch(&spyhole);
    watch.epochs(1, Some(1));
    watch.observe(1, &net());
    watch.finish();
    drop(spyhole);
    recorded::read(dir)
}

fn studies(run: &Run) -> Vec<(Study, Document)> {
    let studies = run.events(|event| match event {
        Event::Study(study) => Some(study.clone()),
        _ => None,
    });
    let document = |study: Study| {
        let document = run.log.document(&study.document).unwrap();
        (study, document.expect("the document of a study"))
    };
    studies.into_iter().map(document).collect()
}

fn unit_sheets(run: &Run, epoch: u32) -> Vec<UnitSheet> {
    let sheets = studies(run).into_iter().filter_map(|(study, document)| match document {
        Document::Units(sheet) if study.epoch == epoch => Some(sheet),
        _ => None,
    });
    sheets.collect()
}

#[test]
fn a_round_of_studies_is_complete_and_true() {
    let temp = tempfile::tempdir().unwrap();
    let run = watched(builder(temp.path()), temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let layers: Vec<_> = run.layers().into_iter().map(|layer| layer.name).collect();
    let studies = studies(&run);
    let last: Vec<_> = studies.iter().filter(|(study, _)| study.epoch == 1).collect();
    for layer in &layers {
        let of = |subject: StudySubject| {
            let found = last.iter().find(|(study, _)| study.subject == subject);
            &found.unwrap_or_else(|| panic!("no {subject:?}")).1
        };
        let layer = layer.clone();
        for image in 0..4 {
            let Document::Activations(sheet) =
                of(StudySubject::Activations { layer: layer.clone(), image })
            else {
                panic!("{layer}: not the feature maps");
            };
            assert_eq!(sheet.atlas.count as usize, sheet.maps.len());
            picture(&run, &sheet.atlas);
        }
        let Document::Directions(sheet) = of(StudySubject::Directions { layer: layer.clone() })
        else {
            panic!("{layer}: not the directions");
        };
        assert_eq!(sheet.bases.len(), 3);
        assert!(sheet.bases.iter().all(|basis| basis.difference.is_some()), "{sheet:?}");
        picture(&run, &sheet.atlas);
        let Document::Embedding(sheet) = of(StudySubject::Embedding { layer: layer.clone() })
        else {
            panic!("{layer}: not the embedding");
        };
        assert_eq!(sheet.points.len(), PROBE);
        let Document::Synthesis(sheet) = of(StudySubject::Synthesis { layer: layer.clone() })
        else {
            panic!("{layer}: not the synthetic images");
        };
        picture(&run, &sheet.atlas);
        let Document::Units(sheet) = of(StudySubject::Units { layer: layer.clone() }) else {
            panic!("{layer}: not the units");
        };
        assert!(sheet.searched.probe && sheet.searched.count as usize == PROBE);
        picture(&run, &sheet.atlas);
    }
    assert!(last.iter().any(|(study, _)| study.subject == StudySubject::SynthesisOfClasses));
    for image in 0..2 {
        let subject = StudySubject::Occlusion { image, settings: OcclusionSettings::default() };
        let found = last.iter().find(|(study, _)| study.subject == subject);
        let Some((_, Document::Occlusion(sheet))) = found else { panic!("no {subject:?}") };
        // A square of a quarter of 16 pixels, moved by a quarter of that.
        assert_eq!((sheet.square, sheet.stride, sheet.rows.len()), (4, 1, 13));
        let prediction = sheet.prediction.as_ref().expect("the class's probability");
        assert_eq!((prediction.class, prediction.probabilities.len()), (image % 4, 13 * 13));
        assert!(prediction.other_fill.is_some_and(|other| other.fill == Fill::Blur));
        assert_eq!(sheet.layers.len(), layers.len());
        for layer in &sheet.layers {
            assert_eq!(layer.sums.len(), 13 * 13);
            assert!(layer.agreement.correlation_of_others.is_some(), "{layer:?}");
        }
        picture(&run, &sheet.atlas);
    }
    assert!(studies.iter().all(|(study, _)| study.occasion == Occasion::Scheduled));

    // The strongest of the top images is the one that the features of the epoch show.
    let features: Vec<LayerFeatures> = run.events(|event| match event {
        Event::LayerFeatures(features) if features.epoch == 1 => Some(features.clone()),
        _ => None,
    });
    for sheet in unit_sheets(&run, 1) {
        let features = features.iter().find(|features| features.layer == sheet.layer).unwrap();
        for unit in &features.followed {
            let top = &sheet.units[unit.map as usize].hits;
            match top.first() {
                Some(top) => {
                    assert_eq!(
                        (top.image, top.row, top.column),
                        (unit.image, unit.row, unit.column)
                    );
                    assert_eq!(Some(top.value), unit.value);
                    assert_eq!(top.field, unit.field);
                    assert_eq!(top.label, Some(top.image % 4));
                }
                None => assert!(unit.value.is_none_or(|value| value <= 0.0), "{unit:?}"),
            }
        }
        for hit in sheet.units.iter().flat_map(|unit| &unit.hits) {
            assert!(hit.reproduced && hit.patch.is_some() && hit.projection.is_some(), "{hit:?}");
        }
    }
}

/// The picture is there and as large as its atlas says.
fn picture(run: &Run, atlas: &Atlas) {
    let png = run.log.image(&atlas.image).unwrap().expect("the picture of a study");
    let decoded = image::load_from_memory(&png).unwrap();
    let rows = atlas.count.div_ceil(atlas.columns);
    assert_eq!(decoded.width(), atlas.columns * atlas.tile_width);
    assert_eq!(decoded.height(), rows * atlas.tile_height);
}

#[test]
fn a_dashboard_asks_while_the_training_goes_on_and_afterwards() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = builder(temp.path()).studies(Studies::on_demand()).build().unwrap();
    let mut socket = connect(spyhole.url().unwrap());
    let subject = |layer: &str| StudySubject::Units { layer: layer.into() };
    let refused =
        |socket: &mut _, subject: &StudySubject| ask(socket, subject).refused.expect("a refusal");
    assert!(refused(&mut socket, &subject("stem.conv")).contains("not started"));
    let watch = watch(&spyhole);
    watch.epochs(1, Some(2));
    // Until the untrained network is analysed.
    loop {
        if let ServerMessage::Records { records } = receive(&mut socket)
            && records.iter().any(|record| matches!(record.event, Event::EpochAnalysed(_)))
        {
            break;
        }
    }
    let unknown = refused(&mut socket, &subject("stem"));
    assert!(
        unknown.contains("there is no layer stem") && unknown.contains("stem.conv"),
        "{unknown}"
    );
    let out = StudySubject::Unit { layer: "stem.conv".into(), map: 8 };
    assert!(refused(&mut socket, &out).contains("from 0 to 7"));
    let out = StudySubject::Activations { layer: "stem.conv".into(), image: 99 };
    assert!(refused(&mut socket, &out).contains("from 0 to 31"));

    let answer = ask(&mut socket, &subject("stem.conv"));
    assert!(answer.id.is_some(), "{answer:?}");
    watch.observe(1, &net());
    let study = next_study(&mut socket);
    assert_eq!((study.subject, study.occasion), (subject("stem.conv"), Occasion::Asked));
    watch.finish();

    let far = OcclusionSettings { square: Some(17), ..OcclusionSettings::default() };
    let too_large = StudySubject::Occlusion { image: 0, settings: far };
    assert!(refused(&mut socket, &too_large).contains("1 to 16 pixels"));

    // A change of mind: nothing comes of it.
    let long = StudySubject::Synthesis { layer: "blocks.1.1.conv".into() };
    let id = ask(&mut socket, &long).id.unwrap();
    let cancel = serde_json::to_string(&ClientMessage::Cancel { id }).unwrap();
    socket.send(tungstenite::Message::text(cancel)).unwrap();
    let working = |status: &Status| status.studies.iter().any(|study| study.id == id);
    loop {
        match receive(&mut socket) {
            ServerMessage::Status(status) if !working(&status) => break,
            ServerMessage::Records { records } => {
                let events = records.into_iter().map(|record| record.event);
                let studies = events.filter(|event| matches!(event, Event::Study(_))).count();
                assert_eq!(studies, 0, "it was cancelled");
            }
            _ => {}
        }
    }

    // The run is over; its last weights are still here.
    let one = StudySubject::Unit { layer: "blocks.1.1.conv".into(), map: 3 };
    assert!(ask(&mut socket, &one).id.is_some());
    let study = next_study(&mut socket);
    assert_eq!((study.epoch, &study.subject), (1, &one));
    let Some(Document::Units(sheet)) = spyhole.log().document(&study.document).unwrap() else {
        panic!("no document");
    };
    assert_eq!((sheet.units.len(), sheet.units[0].map), (1, 3));
    assert_eq!(sheet.readings.largest.len(), 1);
}

fn next_study(socket: &mut end_to_end::socket::Socket) -> Study {
    loop {
        let ServerMessage::Records { records } = receive(socket) else { continue };
        let study = records.into_iter().find_map(|record| match record.event {
            Event::Study(study) => Some(study),
            Event::Fault(fault) => panic!("{fault:?}"),
            _ => None,
        });
        if let Some(study) = study {
            return study;
        }
    }
}

/// The first `count` pictures, two in a batch, each batch twice.
fn twice(count: usize, change: impl Fn(Tensor<4>) -> Tensor<4> + Send + Sync + 'static) -> Gallery {
    Gallery::new("a few pictures", move |take| {
        for first in (0..count).step_by(2) {
            let batch = images(count).narrow(0, first, 2);
            let labels = vec![first % 4, (first + 1) % 4];
            for _ in 0..2 {
                if take(change(batch.clone()), labels.clone()) == ControlFlow::Break(()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

#[test]
fn a_gallery_is_searched_and_every_image_counts_once() {
    let temp = tempfile::tempdir().unwrap();
    let dir = |name: &str| temp.path().join(name);
    let gallery = builder(&dir("gallery")).gallery(twice(PROBE, |images| images));
    let run = watched(gallery, &dir("gallery"));
    let probe = watched(builder(&dir("probe")), &dir("probe"));
    assert_eq!(run.faults(), [""; 0]);
    let pairs = unit_sheets(&run, 1).into_iter().zip(unit_sheets(&probe, 1));
    let mut compared = 0;
    for (sheet, expected) in pairs {
        assert_eq!(sheet.searched.name, "a few pictures");
        assert_eq!((sheet.searched.count, sheet.searched.repeated), (32, 32));
        for (unit, expected) in sheet.units.iter().zip(&expected.units) {
            let values = |hits: &[spyhole_protocol::UnitHit]| -> Vec<f32> {
                hits.iter().map(|hit| hit.value).collect()
            };
            assert_eq!(values(&unit.hits), values(&expected.hits), "{} {}", sheet.layer, unit.map);
            assert!(unit.hits.iter().all(|hit| hit.reproduced && hit.label.is_some()));
            compared += unit.hits.len();
        }
    }
    assert!(compared > 100);
}

#[test]
fn what_cannot_be_reproduced_is_flagged() {
    let temp = tempfile::tempdir().unwrap();
    // As random augmentation would: never the same picture twice.
    let calls = AtomicU32::new(0);
    let gallery = twice(8, move |images| images + calls.fetch_add(1, Ordering::Relaxed) as f32);
    let run = watched(builder(temp.path()).gallery(gallery), temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let sheets = unit_sheets(&run, 1);
    let hits: Vec<_> = sheets.iter().flat_map(|s| &s.units).flat_map(|unit| &unit.hits).collect();
    assert!(!hits.is_empty());
    for hit in hits {
        assert!(!hit.reproduced && hit.again.is_none() && hit.patch.is_none(), "{hit:?}");
    }
}

#[test]
fn a_gallery_of_another_size_is_said_to_be_one() {
    let temp = tempfile::tempdir().unwrap();
    let gallery = twice(8, |images| images.narrow(3, 0, 8));
    let run = watched(builder(temp.path()).gallery(gallery), temp.path());
    let faults = run.faults().join("\n");
    let words = "a few pictures have the shape [3, 16, 8], but the probe images [3, 16, 16]";
    assert!(faults.contains(words), "{faults}");
    assert!(unit_sheets(&run, 1).is_empty());
    assert!(studies(&run).iter().any(|(study, _)| study.epoch == 1), "the others are made");
}

#[test]
fn a_gallery_that_panics_ends_no_more_than_its_study() {
    let temp = tempfile::tempdir().unwrap();
    let gallery = Gallery::new("broken pictures", |_| panic!("the disk with the pictures is gone"));
    let run = watched(builder(temp.path()).gallery(gallery), temp.path());
    let faults = run.faults().join("\n");
    assert!(faults.contains("the disk with the pictures is gone"), "{faults}");
    assert!(studies(&run).iter().any(|(study, _)| study.epoch == 1), "the others are made");
}

#[test]
fn studies_that_there_is_no_time_left_for_are_counted_and_no_fault() {
    let temp = tempfile::tempdir().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let opens = over.clone();
    let gallery = Gallery::new("a slow disk", move |_| {
        while !opens.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    let last_only = Studies { every: u32::MAX, ..ALWAYS };
    let builder = builder(temp.path()).gallery(gallery).studies(last_only);
    let spyhole = builder.patience(Duration::from_secs(1)).build().unwrap();
    let watch = watch(&spyhole);
    watch.epochs(1, Some(1));
    watch.observe(1, &net());
    let mut analysed = 0;
    while analysed < 2 {
        sleep(Duration::from_millis(5));
        analysed = 0;
        spyhole.log().each_of_kinds(&["epoch_analysed"], |_| analysed += 1).unwrap();
    }
    watch.finish();
    over.store(true, Ordering::Relaxed);
    drop(spyhole);
    let run = recorded::read(temp.path());
    assert_eq!(run.faults(), [""; 0]);
    let ended = run.events(|event| match event {
        Event::RunEnded(ended) => Some(ended.studies_left_out),
        _ => None,
    });
    assert!(matches!(ended[..], [left_out] if left_out > 0), "{ended:?}");
}

#[test]
fn a_loader_of_burn_is_a_gallery() {
    let temp = tempfile::tempdir().unwrap();
    let loader = data::loader(1000, 24);
    let read = |batch: Batch| {
        let labels = batch.labels.into_data().convert::<i64>().try_to_vec::<i64>().unwrap();
        (batch.images, labels.into_iter().map(|label| label as usize).collect())
    };
    let gallery = Gallery::loader("a loader's pictures", Arc::clone(&loader), read);
    let run = watched(builder(temp.path()).gallery(gallery), temp.path());
    assert_eq!(run.faults(), [""; 0]);
    for sheet in unit_sheets(&run, 1) {
        assert_eq!((sheet.searched.count, sheet.searched.repeated), (24, 0));
        // It is shuffled anew each time: images are known by their pixels.
        assert!(sheet.units.iter().flat_map(|unit| &unit.hits).all(|hit| hit.reproduced));
    }
}

#[test]
fn weights_that_are_not_numbers_have_nothing_to_study() {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = builder(temp.path()).build().unwrap();
    let mut socket = connect(spyhole.url().unwrap());
    let watch = watch(&spyhole);
    watch.epochs(1, Some(1));
    watch.observe(1, &net().map(&mut FillWeights(f32::NAN)));
    watch.finish();
    assert!(ask(&mut socket, &StudySubject::Embedding { layer: "stem.conv".into() }).id.is_some());
    let fault = loop {
        let ServerMessage::Records { records } = receive(&mut socket) else { continue };
        let fault = records.into_iter().find_map(|record| match record.event {
            Event::Fault(fault) => Some(fault),
            _ => None,
        });
        if let Some(fault) = fault {
            break fault;
        }
    };
    assert_eq!(fault.part, "embedding of stem.conv");
    assert!(fault.message.contains("not finite"), "{fault:?}");
    drop(spyhole);
    let run = recorded::read(temp.path());
    assert_eq!(run.faults().len(), 1, "the schedule leaves out what cannot be made");
    assert!(studies(&run).iter().all(|(study, _)| study.epoch == 0));
}
