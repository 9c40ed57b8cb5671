use std::collections::{BTreeMap, BTreeSet};

use super::bytes::{Reader, Writer};
use super::memory::Memory;
use super::projection::{self, Pair};
use super::reader::Impression;
use super::representation::Representation;
use super::tops::TopImages;
use super::{CLOSE, LayerEvolution, SAME_IMAGES, UNSURE};
use crate::states::LayerState;

const INDEX_TAG: u8 = b'X';
const EPOCH_TAG: u8 = b'E';
const BEFORE_TAG: u8 = b'F';

/// A layer whose impressions are compared over the epochs: keeps the one before, and of at most 33 earlier epochs
/// the representation (34 kB for 256 images) and the strongest images (18 bytes a map).
#[derive(Clone, Debug, Default)]
pub struct EvolutionWatch {
    /// How many images and maps all of this is of.
    shape: Option<[usize; 2]>,
    pairs: Vec<Pair>,
    before: Option<(u32, Impression)>,
    /// As [`Earlier`] in bytes.
    memory: Memory<Vec<u8>>,
    changed: BTreeSet<Key>,
    damaged: bool,
}

/// Under which names the state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Index,
    Images,
    Before,
    Epoch(u32),
}

impl Key {
    fn name(self) -> String {
        match self {
            Self::Index => "index".into(),
            Self::Images => "images".into(),
            Self::Before => "before".into(),
            Self::Epoch(epoch) => format!("epoch/{epoch}"),
        }
    }
}

impl EvolutionWatch {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// For a run that is continued on the same probe images: goes on from what [`kept`](Self::kept) told, which
    /// `load` finds by its key. What is missing or damaged is left out.
    pub fn from_kept(load: &dyn Fn(&str) -> Option<Vec<u8>>) -> Self {
        let load = |key: Key| load(&key.name());
        let Some(index) = load(Key::Index) else { return Self::new() };
        let Some(index) = Index::read(&index) else { return Self { damaged: true, ..Self::new() } };
        let earlier = |epoch: u32| {
            let bytes = load(Key::Epoch(epoch))?;
            Earlier::read(&bytes).filter(|earlier| earlier.fits(index.shape))?;
            Some((epoch, bytes))
        };
        let things: BTreeMap<_, _> = index.epochs.iter().filter_map(|&e| earlier(e)).collect();
        let (before, pairs) = (load(Key::Before), load(Key::Images));
        let parts = usize::from(before.is_some()) + usize::from(pairs.is_some());
        let before = before.and_then(|bytes| read_before(&bytes));
        let pairs = pairs.and_then(|bytes| projection::pairs_from_bytes(&bytes));
        let read = usize::from(before.is_some()) + usize::from(pairs.is_some());
        Self {
            shape: Some(index.shape),
            pairs: pairs.unwrap_or_default(),
            before: before.filter(|(_, before)| shape(before) == index.shape),
            damaged: things.len() < index.epochs.len() || read < parts,
            memory: Memory::restored(index.stride, things),
            changed: BTreeSet::new(),
        }
    }

    /// Whether some of what [`from_kept`](Self::from_kept) was to go on from could not be read: the comparisons with
    /// earlier epochs have less to look back on than the run has had.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// What has changed since this was last asked, as keys and bytes, to be kept for
    /// [`from_kept`](Self::from_kept). `None`: no longer needed.
    pub fn kept(&mut self) -> Vec<(String, Option<Vec<u8>>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|key| (key.name(), self.bytes(key))).collect()
    }

    /// The images for which maps are projected.
    pub(super) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Compares an impression with the one before and with the remembered ones, and keeps it for later.
    ///
    /// When an epoch comes again, or an earlier one, it and all later ones are forgotten first; the one before is
    /// then the last that is remembered. When the number of images or maps is another one, all is forgotten.
    pub fn read(&mut self, epoch: u32, impression: Impression) -> LayerEvolution {
        if self.shape.is_some_and(|known| known != shape(&impression)) {
            self.forget_from(0);
            self.pairs.clear();
        }
        self.shape = Some(shape(&impression));
        self.forget_from(epoch);
        let earlier: Vec<(u32, Earlier)> = self.earlier().collect();
        let state = impression.state;
        let previous = self.before.as_ref().map(|(previous, _)| *previous);
        let mut found = LayerEvolution { epoch, previous, state, ..LayerEvolution::default() };
        // A layer that finds all images alike has no strongest ones, and none that it is like.
        if matches!(state, None | Some(LayerState::TooFewImages)) {
            if let Some((previous, before)) = &self.before {
                compare(&mut found, *previous, before, &impression);
            }
            look_back(&mut found, &earlier, &impression);
        }
        self.keep(epoch, impression);
        found
    }

    /// The run goes on from an earlier epoch: this one and later ones are forgotten.
    pub fn go_back(&mut self, epoch: u32) {
        self.forget_from(epoch);
    }

    /// How many earlier epochs are remembered.
    pub fn remembered(&self) -> usize {
        self.memory.iter().count()
    }

    fn earlier(&self) -> impl Iterator<Item = (u32, Earlier)> {
        self.memory.iter().filter_map(|(epoch, bytes)| Some((epoch, Earlier::read(bytes)?)))
    }

    fn forget_from(&mut self, epoch: u32) {
        let forgotten = self.memory.forget_from(epoch);
        self.changed.extend(forgotten.into_iter().map(Key::Epoch));
        if self.before.as_ref().is_some_and(|(before, _)| *before >= epoch) {
            let images = self.shape.map_or(0, |[images, _]| images);
            let last = self.earlier().last();
            self.before = last.map(|(epoch, earlier)| (epoch, earlier.into_impression(images)));
            self.changed.extend([Key::Index, Key::Before]);
        }
    }

    fn keep(&mut self, epoch: u32, impression: Impression) {
        let changed = self.memory.remember(epoch, Earlier::write(&impression));
        self.changed.extend(changed.into_iter().map(Key::Epoch));
        self.changed.extend([Key::Index, Key::Before]);
        for projection in &impression.projections {
            if !self.pairs.contains(&projection.pair) {
                self.pairs.retain(|pair| pair.map != projection.pair.map);
                self.pairs.push(projection.pair);
                self.changed.insert(Key::Images);
            }
        }
        self.before = Some((epoch, impression));
    }

    fn bytes(&self, key: Key) -> Option<Vec<u8>> {
        match key {
            Key::Index => {
                let epochs = self.memory.iter().map(|(epoch, _)| epoch).collect();
                Some(Index { shape: self.shape?, stride: self.memory.stride(), epochs }.write())
            }
            Key::Images => Some(projection::pairs_to_bytes(&self.pairs)),
            Key::Before => self.before.as_ref().map(write_before),
            Key::Epoch(epoch) => self.memory.get(epoch).cloned(),
        }
    }
}

fn shape(impression: &Impression) -> [usize; 2] {
    [impression.images, impression.tops.maps()]
}

/// What has changed since the impression before.
fn compare(found: &mut LayerEvolution, previous: u32, before: &Impression, now: &Impression) {
    // The one before is earlier: all others are forgotten.
    let epochs = f64::from(found.epoch - previous);
    let representations = now.representation.as_ref().zip(before.representation.as_ref());
    let change = |now: &Representation, before: &Representation| {
        Some((1.0 - now.similarity(before)?).max(0.0) / epochs)
    };
    found.change = representations.and_then(|(now, before)| change(now, before));
    found.floor = representations.and_then(|(now, before)| {
        let [even, odd] = now.halves();
        let [even_before, odd_before] = before.halves();
        let even = change(&even?, &even_before?)?;
        Some((even - change(&odd?, &odd_before?)?).abs() / 2.0)
    });
    let overlap = now.tops.overlap(&before.tops);
    found.top_overlap = overlap.map(|overlap| overlap.jaccard);
    found.top_rank_overlap = overlap.map(|overlap| overlap.ranked);
    found.jumps = overlap.map(|overlap| overlap.jumps);
    found.projection_similarity = projection::similarity(&now.projections, &before.projections);
}

/// How far the layer was from what it is now.
fn look_back(found: &mut LayerEvolution, earlier: &[(u32, Earlier)], now: &Impression) {
    let distance = |then: &Earlier| {
        let then = then.representation.as_ref()?;
        Some(1.0 - now.representation.as_ref()?.similarity(then)?)
    };
    let distances: Vec<_> = earlier.iter().map(|(epoch, then)| (*epoch, distance(then))).collect();
    let known = distances.iter().filter_map(|&(epoch, far)| Some((epoch, 1.0 - far?)));
    found.to_earlier = known.collect();
    if let Some((0, Some(start))) = distances.first() {
        let near = (CLOSE * start).max(UNSURE);
        let close = |&&(_, far): &&(u32, Option<f64>)| far.is_some_and(|far| far <= near);
        let since = distances.iter().rev().take_while(close).last();
        found.close_since = Some(since.map_or(found.epoch, |&(epoch, _)| epoch));
    }
    let live = (0..now.tops.maps()).filter(|&map| !now.tops.of(map).is_empty());
    found.maps_close_since = live
        .map(|map| {
            let same = |then: &TopImages| now.tops.jaccard(then, map) >= Some(SAME_IMAGES);
            let since = earlier.iter().rev().take_while(|(_, then)| same(&then.tops)).last();
            since.map(|&(epoch, _)| epoch)
        })
        .collect();
}

/// What is remembered of an earlier epoch.
#[derive(Debug)]
struct Earlier {
    representation: Option<Representation>,
    tops: TopImages,
}

impl Earlier {
    fn write(impression: &Impression) -> Vec<u8> {
        let representation = impression.representation.as_ref().map(Representation::to_bytes);
        let mut out = Writer::new(EPOCH_TAG);
        out.block(&representation.unwrap_or_default());
        out.block(&impression.tops.to_bytes());
        out.finish()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader::expect(bytes, EPOCH_TAG)?;
        let representation = read_representation(&mut bytes)?;
        let tops = TopImages::from_bytes(bytes.block()?)?;
        bytes.end(Self { representation, tops })
    }

    fn fits(&self, [images, maps]: [usize; 2]) -> bool {
        let fits = |representation: &Representation| representation.images() == images;
        self.tops.maps() == maps && self.representation.as_ref().is_none_or(fits)
    }

    fn into_impression(self, images: usize) -> Impression {
        let Self { representation, tops } = self;
        Impression { images, state: None, representation, tops, projections: vec![] }
    }
}

/// `None` if it is damaged, `Some(None)` if there was none.
fn read_representation(bytes: &mut Reader<'_>) -> Option<Option<Representation>> {
    let block = bytes.block()?;
    if block.is_empty() { Some(None) } else { Representation::from_bytes(block).map(Some) }
}

fn write_before((epoch, impression): &(u32, Impression)) -> Vec<u8> {
    let representation = impression.representation.as_ref().map(Representation::to_exact_bytes);
    let mut out = Writer::new(BEFORE_TAG);
    out.raw(&epoch.to_le_bytes());
    out.u32(impression.images);
    out.block(&representation.unwrap_or_default());
    out.block(&impression.tops.to_bytes());
    out.block(&projection::to_bytes(&impression.projections));
    out.finish()
}

fn read_before(bytes: &[u8]) -> Option<(u32, Impression)> {
    let mut bytes = Reader::expect(bytes, BEFORE_TAG)?;
    let (epoch, images) = (bytes.u32()?, bytes.count()?);
    let representation = read_representation(&mut bytes)?;
    let tops = TopImages::from_bytes(bytes.block()?)?;
    let projections = projection::from_bytes(bytes.block()?)?;
    bytes.end((epoch, Impression { images, state: None, representation, tops, projections }))
}

/// Which epochs are remembered.
struct Index {
    shape: [usize; 2],
    stride: u32,
    epochs: Vec<u32>,
}

impl Index {
    fn write(&self) -> Vec<u8> {
        let mut out = Writer::new(INDEX_TAG);
        self.shape.iter().for_each(|&count| out.u32(count));
        out.raw(&self.stride.to_le_bytes());
        self.epochs.iter().for_each(|epoch| out.raw(&epoch.to_le_bytes()));
        out.finish()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader::expect(bytes, INDEX_TAG)?;
        let shape = [bytes.count()?, bytes.count()?];
        let stride = bytes.u32()?;
        let epochs = std::iter::from_fn(|| bytes.u32()).collect();
        bytes.end(Self { shape, stride, epochs })
    }
}
