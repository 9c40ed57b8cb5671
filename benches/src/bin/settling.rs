//! Which layers settle when: section H of the metrics, with this Burn's initialisation.
//!
//! `cargo run --release -p benches --bin settling [digits|shapes|PATH] [SEEDS|FIRST-LAST] [EPOCHS] [CONDITION…]`
//!
//! `settling random` instead: a new random network in every epoch, which must never be called settled.

#![allow(clippy::print_stdout)] // a program for the terminal

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use benches::random_networks;
use benches::recipe::{self, Trained, train};
use datasets::Source;
use spyhole_protocol::{AlertState, Event, LayerState, Settling, Severity};

const LAYERS: [&str; 4] = ["conv1", "conv2", "conv3", "conv4"];

/// What is measured per layer: an epoch each, or none.
const MEASURES: [&str; 5] = [
    "CKA E(.2), looking back",
    "settled, live rule",
    "‖W − W_T‖ halved",
    "top-9 Jaccard ≥ .5 with the end",
    "φ < ½ for good",
];

type Epochs = [Option<u32>; LAYERS.len()];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "random") {
        return random();
    }
    let source: Source = arguments.first().map_or("shapes", String::as_str).parse()?;
    let seeds = recipe::seeds(arguments.get(1).map_or("5", String::as_str))?;
    let epochs: usize = arguments.get(2).map_or(Ok(30), |text| text.parse())?;
    let chosen = recipe::conditions(arguments.get(3..).unwrap_or_default());
    println!("| training | seed | accuracy | order τ (95 %) | what spyhole says | alerts |");
    println!("|---|---|---|---|---|---|");
    let mut all: BTreeMap<(usize, usize), Vec<Epochs>> = BTreeMap::new();
    for (number, condition) in chosen.iter().enumerate() {
        for seed in seeds.clone() {
            let trained = train(&source, condition, seed, epochs)?;
            let settling = last_settling(&trained);
            for (measure, epochs) in measures(&trained, settling).into_iter().enumerate() {
                all.entry((number, measure)).or_default().push(epochs);
            }
            let order = settling.and_then(|settling| settling.order);
            let order = order.map_or("–".into(), |order| {
                format!("{:.2} ({:.2} to {:.2})", order.value, order.low, order.high)
            });
            let statement = settling.map_or("–", |settling| &settling.statement);
            let (name, accuracy, alerts) = (condition.name, trained.accuracy, alerts(&trained));
            println!("| {name} | {seed} | {accuracy:.3} | {order} | {statement} | {alerts} |");
        }
    }
    println!("\nMean epoch over the seeds (range; how many seeds have one):\n");
    println!("| training | measure | {} |", LAYERS.join(" | "));
    println!("|---|---|{}", "---|".repeat(LAYERS.len()));
    for ((number, measure), seeds) in all {
        let cells: Vec<_> = (0..LAYERS.len()).map(|layer| cell(&seeds, layer)).collect();
        println!("| {} | {} | {} |", chosen[number].name, MEASURES[measure], cells.join(" | "));
    }
    Ok(())
}

/// Five seeds, three layers, ten numbers of probe images, with eleven epochs each.
fn random() -> Result<(), Box<dyn Error>> {
    const IMAGES: [usize; 10] = [4, 6, 8, 12, 16, 20, 24, 32, 48, 64];
    println!("| probe images | states of 15 layer-runs |");
    println!("|---|---|");
    let mut settled = 0;
    for images in IMAGES {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for seed in 0..5 {
            for state in random_networks::states(seed, images)? {
                *counts.entry(state.name()).or_default() += 1;
                settled += usize::from(state == LayerState::Settled);
            }
        }
        let counts: Vec<_> =
            counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        println!("| {images} | {} |", counts.join(", "));
    }
    println!("\nCalled settled: {settled} of 150 (right: 0).");
    Ok(())
}

fn cell(seeds: &[Epochs], layer: usize) -> String {
    let epochs: Vec<u32> = seeds.iter().filter_map(|epochs| epochs[layer]).collect();
    let (Some(least), Some(most)) = (epochs.iter().min(), epochs.iter().max()) else {
        return "–".into();
    };
    let mean = f64::from(epochs.iter().sum::<u32>()) / epochs.len() as f64;
    let all = if epochs.len() == seeds.len() {
        String::new()
    } else {
        format!("; {}/{}", epochs.len(), seeds.len())
    };
    format!("{mean:.1} ({least}–{most}{all})")
}

fn last_settling(trained: &Trained) -> Option<&Settling> {
    trained.events.iter().rev().find_map(|event| match event {
        Event::Settling(settling) => Some(settling),
        _ => None,
    })
}

fn measures(trained: &Trained, settling: Option<&Settling>) -> [Epochs; MEASURES.len()] {
    let place = |layer: &str| LAYERS.iter().position(|known| *known == layer);
    let [mut back, mut live, mut weights, mut top, mut noise] = [Epochs::default(); 5];
    for event in &trained.events {
        match event {
            Event::LayerEvolution(evolution) => {
                if let Some(layer) = place(&evolution.layer) {
                    back[layer] = evolution.close_since;
                    top[layer] = evolution.top_close_since;
                }
            }
            Event::LayerHealth(health) => {
                let share = health.values.get("noise_share").copied().flatten();
                if let Some((layer, share)) = place(&health.layer).zip(share) {
                    let quiet = share < 0.5;
                    noise[layer] = quiet.then(|| noise[layer].unwrap_or(health.epoch));
                }
            }
            _ => {}
        }
    }
    for standing in settling.into_iter().flat_map(|settling| &settling.layers) {
        if let Some(layer) = place(&standing.layer) {
            live[layer] = standing.since;
        }
    }
    for (layer, name) in LAYERS.into_iter().enumerate() {
        weights[layer] = halved(trained, name);
    }
    [back, live, weights, top, noise]
}

/// The first epoch from which on a layer's weights are no farther from the last ones than half the way.
fn halved(trained: &Trained, layer: &str) -> Option<u32> {
    let last = trained.weights.last()?.get(layer)?;
    let distance = |weights: &[f32]| -> f64 {
        weights.iter().zip(last).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
    };
    let way = distance(trained.weights.first()?.get(layer)?);
    let far = trained.weights.iter().rposition(|epoch| distance(&epoch[layer]) > way / 2.0)?;
    u32::try_from(far + 1).ok()
}

/// Rules with at least a warning.
fn alerts(trained: &Trained) -> String {
    let raised = trained.events.iter().filter_map(|event| match event {
        Event::Alert(alert)
            if alert.state == AlertState::Raised && alert.severity >= Severity::Warning =>
        {
            Some(format!("{} ({})", alert.rule, alert.layer.as_ref().unwrap_or(&alert.metric)))
        }
        _ => None,
    });
    raised.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("; ")
}
