//! Turns records into rerun's words: one file per kind, listed in [`Recorder::convert`]. Live and export are one thing.

mod alerts;
mod evolution;
mod features;
mod filters;
mod health;
mod metrics;
mod notes;
mod paths;
mod pictures;
mod run;
mod settling;
mod strip;
mod study;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use re_sdk::log::ChunkBatcherConfig;
use re_sdk::sink::LogSink;
use re_sdk::{AsComponents, EntityPath, RecordingStream, RecordingStreamBuilder};
use re_sdk_types::blueprint::archetypes::VisualBounds2D;
use re_sdk_types::components::{TextLogLevel, Timestamp};
use spyhole_protocol::{Event, Original, Record, RunStarted, Split, Statistic, Status, shown_name};

use super::blueprint;
use super::canvas::{self, Tiles};
use crate::SinkResult;
use settling::LayerClock;
use strip::Strip;

pub(super) use paths::{layer_path, metric_path};
pub(super) use pictures::Pictures;

/// Name of the application in rerun: its viewer keeps layouts by it.
pub(super) const APPLICATION: &str = "spyhole";

/// The timelines.
pub(super) const EPOCH: &str = "epoch";
/// Training items so far, as burn-train counts progress: not optimizer steps, whose number it does not tell.
const ITEMS: &str = "items";
const WALL_TIME: &str = "wall_time";

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// How long the end waits for rerun's own buffers.
const FLUSH: Duration = Duration::from_secs(60);

/// Gives a run to rerun, record by record. Calls may wait for the target.
pub(super) struct Recorder {
    sink: Option<Box<dyn LogSink>>,
    batching: ChunkBatcherConfig,
    scene: Option<Scene>,
    /// What is to be said at the start.
    notes: Vec<String>,
    /// How many parts the run has left before.
    branches: usize,
}

/// A run that has started, and what is known of it.
pub(super) struct Scene {
    rec: RecordingStream,
    pub(super) start: RunStarted,
    pub(super) statistics: Vec<Statistic>,
    /// The metrics so far: whether larger values are better.
    pub(super) metrics: BTreeMap<String, bool>,
    /// Probe images whose activations are scheduled.
    pub(super) activations: BTreeSet<u32>,
    /// Probe images whose occlusion is scheduled.
    pub(super) occlusions: BTreeSet<u32>,
    /// Probe images, decoded when they are first needed.
    probe: Option<Tiles>,
    strips: BTreeMap<String, Strip>,
    clocks: BTreeMap<String, LayerClock>,
    /// The newest epoch on record.
    epoch: u32,
    items_per_epoch: Option<u64>,
    /// Entities that have their static description.
    described: BTreeSet<EntityPath>,
    /// What the views were last laid out for.
    laid_out: Option<[usize; 5]>,
}

impl Recorder {
    pub(super) fn new(sink: Box<dyn LogSink>, batching: ChunkBatcherConfig) -> Self {
        Self { sink: Some(sink), batching, scene: None, notes: vec![], branches: 0 }
    }

    /// Before anything is recorded: the run has left so many parts. A viewer that still shows one of them must not put
    /// it together with what comes: it is another recording.
    pub(super) fn after_branches(&mut self, branches: usize) {
        self.branches = branches;
    }

    /// Whether nothing was recorded yet.
    pub(super) fn is_new(&self) -> bool {
        self.scene.is_none()
    }

    /// Says something at the start of the run.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(super) fn record(&mut self, record: &Record, pictures: &dyn Pictures) -> SinkResult {
        if let Event::RunStarted(started) = &record.event {
            self.start(started, record.time_ms)?;
        }
        // Before a run starts there is nothing to show it in.
        let Some(scene) = &mut self.scene else { return Ok(()) };
        scene.set_time(record);
        let notes = std::mem::take(&mut self.notes);
        notes.into_iter().try_for_each(|note| notes::note(scene, note, TextLogLevel::WARN))?;
        convert(scene, &record.event, pictures)
    }

    pub(super) fn status(&mut self, status: &Status) -> SinkResult {
        let Some(scene) = &mut self.scene else { return Ok(()) };
        if status.split != Some(Split::Train) || status.items_total == 0 {
            return Ok(());
        }
        scene.items_per_epoch = Some(status.items_total);
        let epochs = u64::from(status.epoch.saturating_sub(1));
        let items = epochs * status.items_total + status.items_done;
        scene.rec.reset_time();
        scene.rec.set_time_sequence(ITEMS, items as i64);
        scene.rec.set_timestamp_nanos_since_epoch(WALL_TIME, nanos(status.alive_ms));
        metrics::progress(scene, status)
    }

    /// Sends what rerun still holds.
    pub(super) fn finish(self) {
        if let Some(scene) = self.scene {
            // Whether it arrived is asked of the target.
            let _ = scene.rec.flush_with_timeout(FLUSH);
        }
    }

    /// Begins the recording with the first start; a later one is a run that is continued.
    fn start(&mut self, started: &RunStarted, time_ms: u64) -> SinkResult {
        if let Some(scene) = &mut self.scene {
            scene.start = started.clone();
            scene.laid_out = None;
            return Ok(());
        }
        let Some(sink) = self.sink.take() else { return Ok(()) };
        let rec = RecordingStreamBuilder::new(APPLICATION)
            // Whoever asked for a recording gets one, whatever the environment variable RERUN says.
            .enabled(true)
            .recording_id(match self.branches {
                0 => started.run_id.clone(),
                branches => format!("{}-{branches}", started.run_id),
            })
            .batcher_config(self.batching)
            .buffered()?;
        // Not by the builder: rerun's own ways to open a target cannot be asked how it is.
        rec.set_sink(sink);
        // Our own timelines only: when a row was logged says nothing, in an export least of all.
        rec.set_log_time_enabled(false);
        rec.set_log_tick_enabled(false);
        rec.send_recording_name(started.name.clone())?;
        rec.send_recording_start_time(Timestamp::from(nanos(time_ms)))?;
        self.scene = Some(Scene {
            rec,
            start: started.clone(),
            statistics: vec![],
            metrics: BTreeMap::new(),
            activations: BTreeSet::new(),
            occlusions: BTreeSet::new(),
            probe: None,
            strips: BTreeMap::new(),
            clocks: BTreeMap::new(),
            epoch: 0,
            items_per_epoch: None,
            described: BTreeSet::new(),
            laid_out: None,
        });
        Ok(())
    }
}

/// The list of what is shown, and of what is not.
fn convert(scene: &mut Scene, event: &Event, pictures: &dyn Pictures) -> SinkResult {
    match event {
        Event::RunStarted(started) => run::started(scene, started, pictures),
        Event::Watchlist(watchlist) => health::watchlist(scene, watchlist),
        Event::Metric(metric) => metrics::metric(scene, metric),
        Event::LayerFeatures(features) => features::features(scene, features, pictures),
        Event::LayerFilters(filters) => filters::filters(scene, filters, pictures),
        Event::LayerHealth(health) => health::health(scene, health),
        // What it finds is told by its alert, which is shown.
        Event::NetworkHealth(_) => Ok(()),
        // Its medians are statistics already; rerun has no plot of quantiles.
        Event::LayerDistributions(_) => Ok(()),
        Event::Alert(alert) => alerts::alert(scene, alert),
        Event::Silence(silence) => alerts::silence(scene, silence),
        Event::StopAsked(asked) => notes::stop_asked(scene, asked),
        Event::LayerEvolution(evolution) => evolution::evolution(scene, evolution),
        Event::Settling(settling) => settling::settling(scene, settling),
        Event::Study(study) => study::study(scene, study, pictures),
        Event::EpochAnalysed(analysed) => run::analysed(scene, analysed),
        Event::SnapshotDropped(dropped) => notes::dropped(scene, dropped),
        Event::Fault(fault) => notes::fault(scene, fault),
        Event::RunEnded(ended) => run::ended(scene, ended),
    }
}

impl Scene {
    fn log(&self, path: impl Into<EntityPath>, what: &impl AsComponents) -> SinkResult {
        Ok(self.rec.log(path, what)?)
    }

    fn log_static(&self, path: impl Into<EntityPath>, what: &impl AsComponents) -> SinkResult {
        Ok(self.rec.log_static(path, what)?)
    }

    /// What is the same at all times and known only when the entity first comes.
    fn log_once(&mut self, path: &EntityPath, what: &impl AsComponents) -> SinkResult {
        if self.described.insert(path.clone()) {
            self.log_static(path.clone(), what)
        } else {
            Ok(())
        }
    }

    /// The name of a probe image's class, if it has one.
    fn class_of(&self, image: u32) -> Option<String> {
        let label = *self.start.probe.labels.get(image as usize)?;
        let name = self.start.probe.class_names.get(label as usize);
        Some(name.map_or_else(|| format!("class {label}"), |name| shown_name(name).to_owned()))
    }

    /// Shows a probe image as large as the network sees it, so that places on it are counted in its pixels, and returns
    /// its size; `None` if there is no such.
    fn show_probe_image(&mut self, image: u32) -> Result<Option<[u32; 2]>, Trouble> {
        let Some(tile) = self.probe.as_ref().and_then(|tiles| tiles.tile(image)) else {
            return Ok(None);
        };
        let original = Original::of(&self.start.probe.atlas, self.start.input_shape);
        let [height, width] = original.size();
        let size = [width, height];
        let tile = canvas::resized(tile, size);
        let size = [tile.width(), tile.height()];
        let path = EntityPath::from(format!("probe/image_{image}"));
        self.log_once(&path, &pictures::drawn(&tile)?)?;
        Ok(Some(size))
    }

    /// Places what is logged next. A record that belongs to no epoch is placed at the newest one.
    fn set_time(&mut self, record: &Record) {
        let epoch = record.event.epoch();
        self.epoch = self.epoch.max(epoch.unwrap_or(0));
        self.rec.reset_time();
        self.rec.set_timestamp_nanos_since_epoch(WALL_TIME, nanos(record.time_ms));
        self.set_epoch(epoch.unwrap_or(self.epoch));
    }

    /// At the end of an epoch.
    fn set_epoch(&self, epoch: u32) {
        self.rec.set_time_sequence(EPOCH, i64::from(epoch));
        if let Some(items) = self.items_per_epoch {
            self.rec.set_time_sequence(ITEMS, (u64::from(epoch) * items) as i64);
        }
    }

    /// Sends the layout of the views, if there is more to show than it has.
    fn lay_out(&mut self) -> SinkResult {
        let now = [
            self.statistics.len(),
            self.metrics.len(),
            self.activations.len(),
            self.occlusions.len(),
            self.strips.len(),
        ];
        if self.laid_out == Some(now) {
            return Ok(());
        }
        self.laid_out = Some(now);
        blueprint::send(self, &self.rec)
    }

    /// What the view of a layer's evolution is to show; `None` as long as nothing is there.
    pub(super) fn strip_bounds(&self, layer: &str) -> Option<VisualBounds2D> {
        self.strips.get(layer).map(Strip::bounds)
    }
}

fn nanos(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}
