//! What readers in the training process see beyond the file: records and pictures that are not
//! written yet, and the newest status.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use spyhole_protocol::{Event, ImageId, Record, Status};
use tokio::sync::watch;

use crate::{Kept, Picture, lock};

/// A record as the store keeps it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) time_ms: u64,
    pub(crate) kind: String,
    pub(crate) epoch: Option<u32>,
    pub(crate) layer: Option<String>,
    pub(crate) body: String,
}

impl Row {
    pub(crate) fn new(record: &Record) -> serde_json::Result<Self> {
        let (epoch, layer) = match &record.event {
            Event::RunStarted(_) | Event::Watchlist(_) | Event::RunEnded(_) => (None, None),
            Event::Metric(metric) => (Some(metric.epoch), None),
            Event::LayerFeatures(features) => (Some(features.epoch), Some(&features.layer)),
            Event::LayerFilters(filters) => (Some(filters.epoch), Some(&filters.layer)),
            Event::LayerHealth(health) => (Some(health.epoch), Some(&health.layer)),
            Event::LayerEvolution(evolution) => (Some(evolution.epoch), Some(&evolution.layer)),
            Event::Settling(settling) => (Some(settling.epoch), None),
            Event::Alert(alert) => (Some(alert.epoch), alert.layer.as_ref()),
            Event::EpochAnalysed(analysed) => (Some(analysed.epoch), None),
            Event::SnapshotDropped(dropped) => (Some(dropped.epoch), None),
            Event::Fault(fault) => (fault.epoch, None),
        };
        let body = serde_json::to_string(&record.event)?;
        Ok(Self {
            seq: record.seq,
            time_ms: record.time_ms,
            kind: kind_of(&body),
            epoch,
            layer: layer.cloned(),
            body,
        })
    }

    fn weight(&self) -> usize {
        256 + self.body.len()
    }
}

/// The event's name in JSON: `{"kind":"metric",…` → `metric`. Serde writes the tag first.
fn kind_of(body: &str) -> String {
    body.strip_prefix(r#"{"kind":""#).and_then(|rest| rest.split('"').next()).unwrap_or("").into()
}

/// Shared by the hub's thread, which alone changes it, and the readers in the same process. The lock
/// is held for moments only, never during reading or writing of files.
#[derive(Debug)]
pub(crate) struct Live {
    state: Mutex<State>,
    changes: Arc<watch::Sender<u64>>,
    limit: usize,
}

#[derive(Debug)]
struct State {
    /// The newest record, written or not.
    head: u64,
    status: Status,
    /// Not yet written records: all those after the last written one, in order.
    rows: VecDeque<Arc<Row>>,
    /// Not yet written pictures, oldest first in `order`.
    images: HashMap<ImageId, Arc<[u8]>>,
    order: VecDeque<ImageId>,
    /// Not yet written, the newest of each key. Few keys: not counted as weight.
    kept: HashMap<String, Option<Arc<[u8]>>>,
    /// Weight of all that waits, and the pictures' part of it.
    bytes: usize,
    picture_bytes: usize,
    images_dropped: u64,
}

impl State {
    fn add_picture(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.picture_bytes += bytes;
    }

    fn remove_picture(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.picture_bytes -= bytes;
    }
}

/// What is waiting to be written.
pub(crate) struct Waiting {
    pub(crate) rows: Vec<Arc<Row>>,
    pub(crate) images: Vec<Picture>,
    pub(crate) kept: Vec<Kept>,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.images.is_empty() && self.kept.is_empty()
    }
}

impl Live {
    /// Nothing waiting after `head`; at most `limit` bytes may wait.
    pub(crate) fn new(head: u64, status: Status, limit: usize) -> Self {
        let state = State {
            head,
            status,
            rows: VecDeque::new(),
            images: HashMap::new(),
            order: VecDeque::new(),
            kept: HashMap::new(),
            bytes: 0,
            picture_bytes: 0,
            images_dropped: 0,
        };
        Self { state: Mutex::new(state), changes: Arc::new(watch::Sender::new(0)), limit }
    }

    /// Goes up whenever there is something new to read.
    pub(crate) fn changes(&self) -> &Arc<watch::Sender<u64>> {
        &self.changes
    }

    /// Wakes the readers.
    pub(crate) fn notify(&self) {
        self.changes.send_modify(|generation| *generation += 1);
    }

    pub(crate) fn head(&self) -> u64 {
        lock(&self.state).head
    }

    pub(crate) fn status(&self) -> Status {
        lock(&self.state).status.clone()
    }

    pub(crate) fn set_status(&self, status: Status) {
        lock(&self.state).status = status;
    }

    /// Takes the next record with its pictures, unless no room can be made for it. To make room, the
    /// oldest waiting pictures go.
    pub(crate) fn push(&self, row: Row, images: &[Picture]) -> bool {
        let mut state = lock(&self.state);
        let weight = row.weight();
        if state.bytes - state.picture_bytes + weight > self.limit {
            return false;
        }
        debug_assert_eq!(row.seq, state.head + 1, "records are numbered without gaps");
        state.head = row.seq;
        state.bytes += weight;
        state.rows.push_back(Arc::new(row));
        for picture in images {
            if state.images.insert(picture.id().clone(), picture.png().clone()).is_none() {
                state.order.push_back(picture.id().clone());
                state.add_picture(picture.png().len());
            }
        }
        while state.bytes > self.limit {
            let Some(oldest) = state.order.pop_front() else { break };
            if let Some(png) = state.images.remove(&oldest) {
                state.remove_picture(png.len());
                state.images_dropped += 1;
            }
        }
        true
    }

    /// Takes what is to be kept with the run.
    pub(crate) fn keep(&self, kept: Vec<Kept>) {
        let mut state = lock(&self.state);
        state.kept.extend(kept.into_iter().map(|Kept { key, body }| (key, body)));
    }

    /// What was kept or forgotten and is not yet written.
    pub(crate) fn kept(&self, key: &str) -> Option<Option<Arc<[u8]>>> {
        lock(&self.state).kept.get(key).cloned()
    }

    /// Everything that waits. It stays until [`Live::written`].
    pub(crate) fn waiting(&self) -> Waiting {
        let state = lock(&self.state);
        let picture = |id: &ImageId| {
            state.images.get(id).map(|png| Picture::from_parts(id.clone(), png.clone()))
        };
        Waiting {
            rows: state.rows.iter().cloned().collect(),
            images: state.order.iter().filter_map(picture).collect(),
            kept: state
                .kept
                .iter()
                .map(|(key, body)| Kept { key: key.clone(), body: body.clone() })
                .collect(),
        }
    }

    /// Forgets what is on disk now.
    pub(crate) fn written(&self, waiting: &Waiting) {
        let mut state = lock(&self.state);
        for row in &waiting.rows {
            if state.rows.front().is_some_and(|front| front.seq == row.seq) {
                state.rows.pop_front();
                state.bytes -= row.weight();
            }
        }
        for picture in &waiting.images {
            if state.images.remove(picture.id()).is_some() {
                state.remove_picture(picture.png().len());
            }
        }
        for Kept { key, body } in &waiting.kept {
            let same = match (state.kept.get(key), body) {
                (Some(Some(newest)), Some(body)) => Arc::ptr_eq(newest, body),
                (Some(newest), body) => newest.is_none() && body.is_none(),
                (None, _) => false,
            };
            if same {
                state.kept.remove(key);
            }
        }
        let State { order, images, .. } = &mut *state;
        order.retain(|id| images.contains_key(id));
    }

    /// Whether all is on disk.
    pub(crate) fn is_written(&self) -> bool {
        let state = lock(&self.state);
        state.rows.is_empty() && state.images.is_empty() && state.kept.is_empty()
    }

    /// How many pictures had to go since the last question.
    pub(crate) fn take_images_dropped(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).images_dropped)
    }

    /// Waiting records after `seq`, at most `limit`.
    pub(crate) fn rows_after(&self, seq: u64, limit: usize) -> Vec<Arc<Row>> {
        let state = lock(&self.state);
        let start = state.rows.partition_point(|row| row.seq <= seq);
        state.rows.iter().skip(start).take(limit).cloned().collect()
    }

    /// A waiting picture.
    pub(crate) fn image(&self, id: &ImageId) -> Option<Arc<[u8]>> {
        lock(&self.state).images.get(id).cloned()
    }
}
