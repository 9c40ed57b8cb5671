//! Which layers have settled: the layers' standings over the epochs, put together for the record.

use spyhole_probe::evolution::{self, Reading, SettlingWatch, Standing};
use spyhole_probe::{LayerEvolution, LayerState, Variety};
use spyhole_protocol as protocol;

use crate::events::layer_state;
use crate::watched_layer::WatchedLayer;

/// The layers that can be computed, in depth order.
#[derive(Debug)]
pub(crate) struct Settlement {
    layers: Vec<Entry>,
    /// Of the probe images that the readings were made on.
    images: Variety,
    recorded: Option<protocol::Settling>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// Whether gradients change its weights; for a sum of branches, any in the branches.
    trained: bool,
    /// Whether an earlier layer uses the same weights: they count once in the order.
    repeats: bool,
    watch: SettlingWatch,
    /// Of its live maps, in the last reading.
    maps_close_since: Vec<Option<u32>>,
    /// Whether something can be said of it: it was read twice, or cannot be judged.
    told: bool,
}

impl Settlement {
    /// Nothing is seen yet, on so many probe images.
    pub(crate) fn new<'a>(
        layers: impl IntoIterator<Item = &'a WatchedLayer>,
        images: Variety,
    ) -> Self {
        let entry = |watched: &WatchedLayer| Entry {
            name: watched.layer.name().to_owned(),
            trained: watched.trained,
            repeats: watched.shares_weights_with.is_some(),
            watch: SettlingWatch::default(),
            maps_close_since: vec![],
            told: false,
        };
        let supported = layers.into_iter().filter(|watched| watched.is_supported());
        Self { layers: supported.map(entry).collect(), images, recorded: None }
    }

    /// A reading of an earlier session, in order.
    pub(crate) fn recall(&mut self, event: &protocol::Event) {
        match event {
            protocol::Event::LayerEvolution(evolution) => {
                let protocol::LayerEvolution { epoch, previous, change, floor, state, .. } =
                    *evolution;
                if let Some(entry) = self.entry(&evolution.layer) {
                    entry.observe(epoch, previous, [change, floor], state.and_then(unjudged));
                }
            }
            protocol::Event::Settling(settling) => self.recorded = Some(settling.clone()),
            _ => {}
        }
    }

    /// A layer's new reading. Returns how the layer stands; `None` while there is nothing to compare with.
    pub(crate) fn observe(
        &mut self,
        layer: &str,
        evolution: &LayerEvolution,
    ) -> Option<LayerState> {
        let entry = self.entry(layer)?;
        let LayerEvolution { epoch, previous, change, floor, state, .. } = *evolution;
        entry.observe(epoch, previous, [change, floor], state);
        entry.maps_close_since.clone_from(&evolution.maps_close_since);
        Some(entry.watch.standing().state).filter(|_| entry.told)
    }

    fn entry(&mut self, layer: &str) -> Option<&mut Entry> {
        self.layers.iter_mut().find(|entry| entry.name == layer)
    }

    /// How the layers stand after an epoch, if that is other than what was last recorded.
    pub(crate) fn news(&mut self, epoch: u32) -> Option<protocol::Settling> {
        let told: Vec<_> = self.layers.iter().filter(|entry| entry.told).collect();
        if told.is_empty() {
            return None;
        }
        let standings: Vec<(&str, Standing)> =
            told.iter().map(|entry| (entry.name.as_str(), entry.watch.standing())).collect();
        let compared = told
            .iter()
            .zip(&standings)
            .filter(|(entry, (_, s))| s.state.is_verdict() && !entry.repeats);
        let (settled, maps): (Vec<_>, Vec<_>) =
            compared.map(|(entry, (_, s))| (s.since, entry.maps_close_since.clone())).unzip();
        let order = evolution::order(&settled, &maps);
        let settling = protocol::Settling {
            epoch,
            layers: standings.iter().map(|(name, standing)| layer(name, *standing)).collect(),
            order: order.map(|order| protocol::RankCorrelation {
                value: order.value,
                low: order.low,
                high: order.high,
            }),
            statement: evolution::statement(&standings, order, self.images),
        };
        let old = self.recorded.as_ref();
        if old.is_some_and(|old| {
            (&old.layers, &old.statement) == (&settling.layers, &settling.statement)
        }) {
            return None;
        }
        self.recorded = Some(settling.clone());
        Some(settling)
    }
}

impl Entry {
    fn observe(
        &mut self,
        epoch: u32,
        previous: Option<u32>,
        [change, floor]: [Option<f64>; 2],
        state: Option<LayerState>,
    ) {
        let trained = self.trained;
        self.watch.observe(Reading { epoch, previous, change, floor, trained, state });
        // A single reading says nothing about change.
        self.told |= previous.is_some() || state.is_some();
    }
}

/// Why a layer was not judged, as it was recorded; `None` if it was.
fn unjudged(state: protocol::LayerState) -> Option<LayerState> {
    use protocol::LayerState as Word;
    match state {
        Word::Constant => Some(LayerState::Constant),
        Word::Dead => Some(LayerState::Dead),
        Word::NotFinite => Some(LayerState::NotFinite),
        Word::ImagesAlike => Some(LayerState::ImagesAlike),
        Word::TooFewImages => Some(LayerState::TooFewImages),
        Word::Moving
        | Word::Settled
        | Word::MovedAgain
        | Word::Frozen
        | Word::NeverMoved
        | Word::NotKnown => None,
    }
}

fn layer(name: &str, standing: Standing) -> protocol::LayerSettling {
    protocol::LayerSettling {
        layer: name.to_owned(),
        state: layer_state(standing.state),
        since: standing.since,
        moved_again: standing.moved_again,
    }
}
