//! What readers in the training process see beyond the file: records, pictures and documents that
//! are not written yet, and the newest status.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use spyhole_protocol::{DocumentId, ImageId, Record, Status};
use tokio::sync::watch;

use crate::{Attached, Kept, Picture, Sheet, lock};

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
        let body = serde_json::to_string(&record.event)?;
        Ok(Self {
            seq: record.seq,
            time_ms: record.time_ms,
            kind: kind_of(&body),
            epoch: record.event.epoch(),
            layer: record.event.layer().cloned(),
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
    /// Whether another run is recorded now.
    ended: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// The newest record, written or not.
    head: u64,
    status: Status,
    /// Not yet written records: all those after the last written one, in order.
    rows: VecDeque<Arc<Row>>,
    /// Not yet written pictures and documents, oldest first in `order`.
    blobs: HashMap<Address, Arc<[u8]>>,
    order: VecDeque<Address>,
    /// Not yet written, the newest of each key. Few keys: not counted as weight.
    kept: HashMap<String, Option<Arc<[u8]>>>,
    /// Weight of all that waits, and the part of it that can go if it must.
    bytes: usize,
    blob_bytes: usize,
    blobs_dropped: u64,
}

/// What is looked up by its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Address {
    Image(ImageId),
    Document(DocumentId),
}

fn blobs(attached: &Attached) -> impl Iterator<Item = (Address, &Arc<[u8]>)> {
    let Attached { images, documents } = attached;
    let images = images.iter().map(|picture| (Address::Image(picture.id().clone()), picture.png()));
    let documents =
        documents.iter().map(|sheet| (Address::Document(sheet.id().clone()), sheet.gzip()));
    images.chain(documents)
}

impl State {
    fn add_blob(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.blob_bytes += bytes;
    }

    fn remove_blob(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.blob_bytes -= bytes;
    }
}

/// What is waiting to be written.
pub(crate) struct Waiting {
    pub(crate) rows: Vec<Arc<Row>>,
    pub(crate) attached: Attached,
    pub(crate) kept: Vec<Kept>,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.attached == Attached::default() && self.kept.is_empty()
    }
}

impl Live {
    /// Nothing waiting after `head`; at most `limit` bytes may wait.
    pub(crate) fn new(head: u64, status: Status, limit: usize) -> Self {
        let state = State {
            head,
            status,
            rows: VecDeque::new(),
            blobs: HashMap::new(),
            order: VecDeque::new(),
            kept: HashMap::new(),
            bytes: 0,
            blob_bytes: 0,
            blobs_dropped: 0,
        };
        Self {
            state: Mutex::new(state),
            changes: Arc::new(watch::Sender::new(0)),
            limit,
            ended: AtomicBool::new(false),
        }
    }

    /// Goes up whenever there is something new to read.
    pub(crate) fn changes(&self) -> &Arc<watch::Sender<u64>> {
        &self.changes
    }

    /// Wakes the readers.
    pub(crate) fn notify(&self) {
        self.changes.send_modify(|generation| *generation += 1);
    }

    /// Another run is recorded from now on.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.notify();
    }

    /// Whether another run is recorded now.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
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

    /// Takes the next record with what it points to, unless no room can be made for it. To make room, the
    /// oldest waiting pictures and documents go.
    pub(crate) fn push(&self, row: Row, attached: &Attached) -> bool {
        let mut state = lock(&self.state);
        let weight = row.weight();
        if state.bytes - state.blob_bytes + weight > self.limit {
            return false;
        }
        debug_assert_eq!(row.seq, state.head + 1, "records are numbered without gaps");
        state.head = row.seq;
        state.bytes += weight;
        state.rows.push_back(Arc::new(row));
        for (address, body) in blobs(attached) {
            if state.blobs.insert(address.clone(), body.clone()).is_none() {
                state.order.push_back(address);
                state.add_blob(body.len());
            }
        }
        while state.bytes > self.limit {
            let Some(oldest) = state.order.pop_front() else { break };
            if let Some(body) = state.blobs.remove(&oldest) {
                state.remove_blob(body.len());
                state.blobs_dropped += 1;
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
        let mut attached = Attached::default();
        for address in &state.order {
            let Some(body) = state.blobs.get(address).cloned() else { continue };
            match address.clone() {
                Address::Image(id) => attached.images.push(Picture::from_parts(id, body)),
                Address::Document(id) => attached.documents.push(Sheet::from_parts(id, body)),
            }
        }
        Waiting {
            rows: state.rows.iter().cloned().collect(),
            attached,
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
        for (address, body) in blobs(&waiting.attached) {
            if state.blobs.remove(&address).is_some() {
                state.remove_blob(body.len());
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
        let State { order, blobs, .. } = &mut *state;
        order.retain(|address| blobs.contains_key(address));
    }

    /// Whether all is on disk.
    pub(crate) fn is_written(&self) -> bool {
        let state = lock(&self.state);
        state.rows.is_empty() && state.blobs.is_empty() && state.kept.is_empty()
    }

    /// How many pictures and documents had to go since the last question.
    pub(crate) fn take_blobs_dropped(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).blobs_dropped)
    }

    /// Waiting records after `seq`, at most `limit`.
    pub(crate) fn rows_after(&self, seq: u64, limit: usize) -> Vec<Arc<Row>> {
        let state = lock(&self.state);
        let start = state.rows.partition_point(|row| row.seq <= seq);
        state.rows.iter().skip(start).take(limit).cloned().collect()
    }

    /// Those of the waiting records that have these numbers, in the order of the numbers.
    pub(crate) fn rows(&self, seqs: &[u64]) -> Vec<Arc<Row>> {
        let state = lock(&self.state);
        let Some(first) = state.rows.front().map(|row| row.seq) else { return Vec::new() };
        // They are numbered without gaps.
        let place = |seq: &u64| usize::try_from(seq.checked_sub(first)?).ok();
        seqs.iter().filter_map(|seq| state.rows.get(place(seq)?).cloned()).collect()
    }

    /// A waiting picture.
    pub(crate) fn image(&self, id: &ImageId) -> Option<Arc<[u8]>> {
        lock(&self.state).blobs.get(&Address::Image(id.clone())).cloned()
    }

    /// A waiting document, compressed.
    pub(crate) fn document(&self, id: &DocumentId) -> Option<Arc<[u8]>> {
        lock(&self.state).blobs.get(&Address::Document(id.clone())).cloned()
    }
}
