//! Made-up but realistic runs for tests: events and documents of every kind.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(missing_docs, reason = "tests")]

pub mod documents;
pub mod events;

use std::path::Path;
use std::time::Duration;

use spyhole_protocol::{
    Alert, AlertState, Document, Event, Occasion, RunEnded, RunOutcome, RunState, Severity, Study,
    StudySubject,
};
use spyhole_sink::{Entry, Hub, HubOptions, Picture, Sheet};

/// Long enough for any machine: tests wait for what happens, never for time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a made-up training is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: String,
    pub layers: Vec<String>,
    pub epochs: u32,
    /// Above 1 for a run that is continued.
    pub first_epoch: u32,
    pub last_epoch: Option<u32>,
    /// Makes numbers differ between runs.
    pub seed: u32,
    /// Studies of every kind in every so many epochs; 0: none.
    pub studies_every: u32,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            name: "made up".into(),
            layers: ["conv1", "blocks.0.conv2", "head"].map(String::from).into(),
            epochs: 3,
            first_epoch: 1,
            last_epoch: Some(3),
            seed: 1,
            studies_every: 2,
        }
    }
}

/// A number from 0 to 1 that only depends on what it is made of.
pub fn number(parts: &[u32]) -> f64 {
    let mut state = 0x9e37_79b9_u32;
    for part in parts {
        state = (state ^ part).wrapping_mul(0x85eb_ca6b).rotate_left(13);
        state ^= state >> 15;
    }
    f64::from(state.wrapping_mul(0xc2b2_ae35)) / f64::from(u32::MAX)
}

/// A small picture of grey squares.
pub fn picture(seed: u32) -> Picture {
    let pixels = (0..64).map(|i| (number(&[seed, i]) * 255.0) as u8).collect();
    let image = image::GrayImage::from_raw(8, 8, pixels).unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    Picture::new(png.into_inner())
}

pub fn open(dir: &Path) -> Hub {
    Hub::open(dir, HubOptions::default(), Vec::new()).unwrap()
}

pub fn record(hub: &Hub, event: Event) {
    assert!(hub.record(Entry::new(event)));
}

/// Records the start of a run.
pub fn start(hub: &Hub, plan: &Plan) {
    let probe = picture(plan.seed);
    let event = Event::RunStarted(events::started(plan, &hub.run_id(), probe.id()));
    assert!(hub.record(Entry::with_images(event, vec![probe])));
    record(hub, Event::Watchlist(events::watchlist(plan)));
    let (epochs, last) = (plan.epochs, plan.last_epoch);
    hub.update_status(|status| {
        (status.state, status.epoch, status.last_epoch) = (RunState::Training, epochs, last);
    });
}

/// Records an epoch, and waits until it is on disk.
pub fn epoch(hub: &Hub, plan: &Plan, epoch: u32) {
    if epoch > 0 {
        for metric in events::metrics(plan, epoch) {
            record(hub, Event::Metric(metric));
        }
    }
    for (i, layer) in plan.layers.iter().enumerate() {
        let place = [plan.seed, epoch, i as u32];
        // The first layer's filters do not change, so its picture is the same in every epoch.
        let filters = picture(if i == 0 { plan.seed + 1000 } else { plan.seed + 2000 + epoch });
        let features = picture(plan.seed + 10_000 + 100 * epoch + i as u32);
        let all = [
            (Event::LayerFilters(events::filters(layer, place, filters.id())), Some(filters)),
            (Event::LayerFeatures(events::features(layer, place, features.id())), Some(features)),
            (Event::LayerHealth(events::health(layer, place)), None),
            (Event::LayerDistributions(events::distributions(layer, place)), None),
            (Event::LayerEvolution(events::evolution(layer, place)), None),
        ];
        for (event, picture) in all {
            assert!(hub.record(Entry::with_images(event, picture.into_iter().collect())));
        }
    }
    record(hub, Event::NetworkHealth(events::network(epoch)));
    record(hub, Event::Settling(events::settling(plan, epoch)));
    if plan.studies_every > 0 && epoch.is_multiple_of(plan.studies_every) {
        for (subject, document, pictures) in documents::of_every_kind(plan, epoch) {
            study(hub, epoch, subject, &document, pictures);
        }
    }
    record(hub, events::analysed(epoch));
    assert!(hub.flush(PATIENCE));
}

/// Records a study.
pub fn study(
    hub: &Hub,
    epoch: u32,
    subject: StudySubject,
    document: &Document,
    pictures: Vec<Picture>,
) {
    let sheet = Sheet::new(document).unwrap();
    let event = Event::Study(Study {
        epoch,
        subject,
        document: sheet.id().clone(),
        seconds: 0.125,
        occasion: Occasion::Scheduled,
    });
    assert!(hub.record(Entry::with_images(event, pictures).with_document(sheet)));
}

/// Records the end and closes the store.
pub fn end(hub: Hub, outcome: RunOutcome) {
    record(&hub, Event::RunEnded(RunEnded { outcome, reason: None, studies_left_out: 0 }));
    hub.update_status(|status| status.state = RunState::Ended);
    assert!(hub.close(PATIENCE));
}

/// Records a whole run.
pub fn run(dir: &Path, plan: &Plan) {
    let hub = open(dir);
    start(&hub, plan);
    for e in 0..=plan.epochs {
        epoch(&hub, plan, e);
    }
    end(hub, RunOutcome::Finished);
}

/// One event of every kind.
pub fn one_of_each_kind() -> Vec<Event> {
    let plan = Plan::default();
    let (layer, place, image) = ("conv1", [1, 2, 0], picture(1));
    let sheet = documents::of_every_kind(&plan, 2).swap_remove(0);
    vec![
        Event::RunStarted(events::started(&plan, "0123456789abcdef", image.id())),
        Event::Watchlist(events::watchlist(&plan)),
        Event::Metric(events::metrics(&plan, 2).swap_remove(0)),
        Event::LayerFeatures(events::features(layer, place, image.id())),
        Event::LayerFilters(events::filters(layer, place, image.id())),
        Event::LayerHealth(events::health(layer, place)),
        Event::NetworkHealth(events::network(2)),
        Event::LayerDistributions(events::distributions(layer, place)),
        alert("noisy-filters", Some(layer), AlertState::Raised, Severity::Warning, 2),
        events::silence("noisy-filters", Some(layer), true),
        events::stop_asked(2),
        Event::LayerEvolution(events::evolution(layer, place)),
        Event::Settling(events::settling(&plan, 2)),
        Event::Study(Study {
            epoch: 2,
            subject: sheet.0,
            document: Sheet::new(&sheet.1).unwrap().id().clone(),
            seconds: 0.125,
            occasion: Occasion::Asked,
        }),
        events::analysed(2),
        events::dropped(3, 1),
        events::fault("webhook", "no answer, \"503\"\nafter 3 tries"),
        Event::RunEnded(RunEnded {
            outcome: RunOutcome::Finished,
            reason: None,
            studies_left_out: 0,
        }),
    ]
}

pub fn alert(
    rule: &str,
    layer: Option<&str>,
    state: AlertState,
    severity: Severity,
    epoch: u32,
) -> Event {
    Event::Alert(Alert {
        rule: rule.into(),
        layer: layer.map(String::from),
        metric: "noise_share".into(),
        state,
        severity,
        epoch,
        since: epoch.saturating_sub(1),
        value: Some(0.625),
        threshold: Some(0.5),
        title: format!("{}: filters look like noise", layer.unwrap_or("training")),
        message: "62.5 % of the filters look like noise, 50 % or more are too many".into(),
        hints: vec!["the weights have hardly moved".into(), "\"undertrained\", perhaps".into()],
        units: vec![0, 3],
        silenced: false,
    })
}
