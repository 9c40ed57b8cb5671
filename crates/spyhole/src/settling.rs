//! Which layers have settled: the layers' standings over the epochs, put together for the record.

use spyhole_probe::LayerEvolution;
use spyhole_probe::evolution::{self, Reading, SettlingState, SettlingWatch, Standing};
use spyhole_protocol as protocol;

use crate::watched_layer::WatchedLayer;

/// The layers that can be computed, in depth order.
#[derive(Debug)]
pub(crate) struct Settlement {
    layers: Vec<Entry>,
    /// Probe images that the readings were made on.
    images: usize,
    recorded: Option<protocol::Settling>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// Whether gradients change its weights; for a sum of branches, any in the branches.
    trained: bool,
    watch: SettlingWatch,
    /// Of its live maps, in the last reading.
    maps_close_since: Vec<Option<u32>>,
    /// Whether it was read twice.
    seen: bool,
}

impl Settlement {
    /// Nothing is seen yet, on so many probe images.
    pub(crate) fn new<'a>(
        layers: impl IntoIterator<Item = &'a WatchedLayer>,
        images: usize,
    ) -> Self {
        let entry = |watched: &WatchedLayer| Entry {
            name: watched.layer.name().to_owned(),
            trained: watched.trained,
            watch: SettlingWatch::default(),
            maps_close_since: vec![],
            seen: false,
        };
        let supported = layers.into_iter().filter(|watched| watched.is_supported());
        Self { layers: supported.map(entry).collect(), images, recorded: None }
    }

    /// A reading of an earlier session, in order.
    pub(crate) fn recall(&mut self, event: &protocol::Event) {
        match event {
            protocol::Event::LayerEvolution(evolution) => {
                let protocol::LayerEvolution { epoch, previous, change, floor, .. } = *evolution;
                if let Some(entry) = self.entry(&evolution.layer) {
                    entry.observe(epoch, previous, change, floor);
                }
            }
            protocol::Event::Settling(settling) => self.recorded = Some(settling.clone()),
            _ => {}
        }
    }

    /// A layer's new reading.
    pub(crate) fn observe(&mut self, layer: &str, evolution: &LayerEvolution) {
        if let Some(entry) = self.entry(layer) {
            let LayerEvolution { epoch, previous, change, floor, .. } = *evolution;
            entry.observe(epoch, previous, change, floor);
            entry.maps_close_since.clone_from(&evolution.maps_close_since);
        }
    }

    fn entry(&mut self, layer: &str) -> Option<&mut Entry> {
        self.layers.iter_mut().find(|entry| entry.name == layer)
    }

    /// How the layers stand after an epoch, if that is other than what was last recorded.
    pub(crate) fn news(&mut self, epoch: u32) -> Option<protocol::Settling> {
        let seen: Vec<_> = self.layers.iter().filter(|entry| entry.seen).collect();
        if seen.is_empty() || epoch == 0 {
            return None;
        }
        let standings: Vec<(&str, Standing)> =
            seen.iter().map(|entry| (entry.name.as_str(), entry.watch.standing())).collect();
        let moving = |state| !matches!(state, SettlingState::Frozen | SettlingState::Dead);
        let compared = seen.iter().zip(&standings).filter(|(_, (_, s))| moving(s.state));
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
        change: Option<f64>,
        floor: Option<f64>,
    ) {
        let trained = self.trained;
        self.watch.observe(Reading { epoch, previous, change, floor, trained });
        // A single reading says nothing about change.
        self.seen |= previous.is_some();
    }
}

fn layer(name: &str, standing: Standing) -> protocol::LayerSettling {
    use protocol::SettlingState as Word;
    protocol::LayerSettling {
        layer: name.to_owned(),
        state: match standing.state {
            SettlingState::Frozen => Word::Frozen,
            SettlingState::Settled => Word::Settled,
            SettlingState::MovedAgain => Word::MovedAgain,
            SettlingState::NotYet => Word::NotYet,
            SettlingState::Dead => Word::Dead,
        },
        since: standing.since,
        moved_again: standing.moved_again,
    }
}
