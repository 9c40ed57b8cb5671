//! Which trainings raise which alerts: quickstart's network trained well and badly, some seeds each.
//!
//! `cargo run --release -p benches --bin alerts [digits|shapes|PATH] [SEEDS|FIRST-LAST] [EPOCHS] [CONDITION…]`

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

#[path = "../../../examples/quickstart/src/batch.rs"]
mod batch;
#[path = "../../../examples/quickstart/src/net.rs"]
mod net;

use std::collections::BTreeMap;
use std::error::Error;

use burn::data::dataloader::batcher::Batcher;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::TrainStep;
use datasets::{DataSet, Picture, Source};
use spyhole::{ProbeSet, Split, Spyhole};
use spyhole_protocol::{AlertState, Event, Severity};

use crate::batch::{Batch, Item, Stack};
use crate::net::Net;

const BATCH: usize = 32;
const PROBE_IMAGES: usize = 128;

/// A way to train.
#[derive(Clone, Copy, Debug)]
struct Condition {
    name: &'static str,
    healthy: bool,
    rate: f64,
    /// Cosine to 0 over the epochs; otherwise constant.
    cosine: bool,
    decay: f32,
    random_labels: bool,
    /// Share of the epochs that are trained.
    length: f64,
}

const GOOD: Condition = Condition {
    name: "good",
    healthy: true,
    rate: 0.012,
    cosine: true,
    decay: 5e-4,
    random_labels: false,
    length: 1.0,
};

const CONDITIONS: [Condition; 7] = [
    GOOD,
    Condition { name: "no weight decay", decay: 0.0, ..GOOD },
    Condition { name: "rate × 1/6, constant", healthy: false, rate: 0.002, cosine: false, ..GOOD },
    Condition {
        name: "rate × 1/60, constant",
        healthy: false,
        rate: 0.0002,
        cosine: false,
        ..GOOD
    },
    Condition { name: "rate × 20, constant", healthy: false, rate: 0.24, cosine: false, ..GOOD },
    Condition { name: "random labels", healthy: false, random_labels: true, ..GOOD },
    Condition { name: "a tenth of the epochs", healthy: false, length: 0.1, ..GOOD },
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let source: Source = arguments.first().map_or("digits", String::as_str).parse()?;
    let seeds = arguments.get(1).map_or("5", String::as_str);
    let (first, last) = seeds.split_once('-').unwrap_or(("1", seeds));
    let (first, last): (u64, u64) = (first.parse()?, last.parse()?);
    let seeds = last + 1 - first;
    let epochs: usize = arguments.get(2).map_or(Ok(30), |text| text.parse())?;
    let wanted = arguments.get(3..).unwrap_or_default();
    println!("| training | seed | accuracy | alerts (layers) |\n|---|---|---|---|");
    let mut table: BTreeMap<(bool, bool), u32> = BTreeMap::new();
    let mut by_rule: BTreeMap<(usize, String), u32> = BTreeMap::new();
    let mut readings: BTreeMap<(usize, String), Vec<[Option<f64>; SHOWN.len()]>> = BTreeMap::new();
    let chosen = CONDITIONS.iter().enumerate();
    let chosen = chosen.filter(|(_, c)| wanted.is_empty() || wanted.iter().any(|w| w == c.name));
    for (number, condition) in chosen.clone() {
        for seed in first..=last {
            let Outcome { accuracy, alerts, last } = train(&source, condition, seed, epochs)?;
            for (layer, values) in last {
                readings.entry((number, layer)).or_default().push(values);
            }
            let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (rule, layer, severity) in &alerts {
                if *severity >= Severity::Warning {
                    rules.entry(rule).or_default().push(layer);
                }
            }
            *table.entry((condition.healthy, !rules.is_empty())).or_default() += 1;
            for rule in rules.keys() {
                *by_rule.entry((number, (*rule).to_owned())).or_default() += 1;
            }
            let words: Vec<_> = rules
                .iter()
                .map(|(rule, layers)| format!("{rule} ({})", layers.join(", ")))
                .collect();
            println!("| {} | {seed} | {accuracy:.3} | {} |", condition.name, words.join("; "));
        }
    }
    println!("\n| training | runs with an alert, by rule |\n|---|---|");
    for (number, condition) in chosen {
        let rules = by_rule.iter().filter(|((of, _), _)| *of == number);
        let words: Vec<_> =
            rules.map(|((_, rule), count)| format!("{rule} {count}/{seeds}")).collect();
        println!("| {} | {} |", condition.name, words.join(", "));
    }
    println!(
        "\n| training | layer | {} |\n|---|---|{}",
        SHOWN.join(" | "),
        "---|".repeat(SHOWN.len())
    );
    for ((number, layer), seeds) in readings {
        let mean = |at: usize| {
            let values: Vec<f64> = seeds.iter().filter_map(|values| values[at]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            if values.is_empty() { "–".into() } else { format!("{mean:.3}") }
        };
        let words: Vec<_> = (0..SHOWN.len()).map(mean).collect();
        println!("| {} | {layer} | {} |", CONDITIONS[number].name, words.join(" | "));
    }
    println!("\n| | alert | quiet |\n|---|---|---|");
    for (words, healthy) in [("trained badly", false), ("trained well", true)] {
        let count = |alert| table.get(&(healthy, alert)).copied().unwrap_or(0);
        println!("| {words} | {} | {} |", count(true), count(false));
    }
    Ok(())
}

/// Statistics of the last epoch whose means over the seeds are printed.
const SHOWN: [&str; 5] = [
    "noise_share",
    "structure_p_value",
    "start_alignment",
    "residual_noise_share",
    "distance_from_start",
];

type Raised = (String, String, Severity);

struct Outcome {
    /// On the validation images, after the last epoch.
    accuracy: f64,
    /// Every alert that was raised, at its worst.
    alerts: Vec<Raised>,
    /// By layer, the [`SHOWN`] statistics of the last epoch.
    last: BTreeMap<String, [Option<f64>; SHOWN.len()]>,
}

/// Trains once, to the end or until the loss is no number any more.
fn train(
    source: &Source,
    condition: &Condition,
    seed: u64,
    epochs: usize,
) -> Result<Outcome, Box<dyn Error>> {
    let data = datasets::load(source, seed)?;
    let device = Device::flex();
    device.seed(seed);
    let device = device.autodiff();
    let mut net = Net::new(data.shape[0], data.class_names.len(), &device);
    let mut random = Random(seed);
    let classes = data.class_names.len();
    let mut items = items(&data, &data.train);
    if condition.random_labels {
        items.iter_mut().for_each(|item| item.label = random.below(classes));
    }
    let epochs = ((epochs as f64 * condition.length) as usize).max(1);
    let dir = tempfile::tempdir()?;
    let probe = self::items(&data, &data.valid[..data.valid.len().min(PROBE_IMAGES)]);
    let probe = ProbeSet::new(stack(&data, &probe, &Device::flex()).images);
    let spyhole = Spyhole::builder(dir.path(), probe).no_dashboard().queue(epochs + 1).build()?;
    let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
    watch.epochs(1, Some(epochs));
    let decay = (condition.decay > 0.0).then(|| WeightDecayConfig::new(condition.decay));
    let mut optimizer = SgdConfig::new()
        .with_momentum(Some(MomentumConfig::new().with_momentum(0.9)))
        .with_weight_decay(decay)
        .init();
    let steps = items.len().div_ceil(BATCH) * epochs;
    let (mut step, mut accuracy) = (0, 0.0);
    for epoch in 1..=epochs {
        random.shuffle(&mut items);
        let mut loss = 0.0;
        for batch in items.chunks(BATCH) {
            let progress = step as f64 / steps as f64;
            let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
            let rate = condition.rate * if condition.cosine { cosine } else { 1.0 };
            let output = TrainStep::step(&net, stack(&data, batch, &device));
            loss += f64::from(output.item.loss.into_scalar::<f32>()) * batch.len() as f64;
            let gradients: GradientsParams = output.grads;
            net = optimizer.step(rate, net, gradients);
            step += 1;
        }
        watch.metric(epoch, Split::Train, "Loss", loss / items.len() as f64);
        watch.observe(epoch, &net);
        if epoch == epochs || !loss.is_finite() {
            accuracy = accuracy_of(&net, &data);
        }
        if !loss.is_finite() {
            break;
        }
    }
    watch.finish();
    let mut worst: BTreeMap<(String, String), Severity> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for record in spyhole.log().records_after(0, usize::MAX)? {
        match record.event {
            Event::Alert(alert) if alert.state != AlertState::Resolved => {
                let key = (alert.rule, alert.layer.unwrap_or(alert.metric));
                let severity = worst.entry(key).or_insert(alert.severity);
                *severity = alert.severity.max(*severity);
            }
            Event::LayerHealth(health) => {
                let value = |name: &str| health.values.get(name).copied().flatten();
                last.insert(health.layer.clone(), SHOWN.map(value));
            }
            Event::Fault(fault) => eprintln!("fault: {}: {}", fault.part, fault.message),
            _ => {}
        }
    }
    let alerts = worst.into_iter().map(|((rule, layer), severity)| (rule, layer, severity));
    Ok(Outcome { accuracy, alerts: alerts.collect(), last })
}

fn accuracy_of(net: &Net, data: &DataSet) -> f64 {
    let (net, mut right) = (net.valid(), 0);
    let valid = items(data, &data.valid);
    for batch in valid.chunks(100) {
        let scores = net.forward(stack(data, batch, &Device::flex()).images);
        let best = scores.argmax(1).into_data().convert::<i64>().try_to_vec::<i64>();
        let best = best.unwrap_or_default();
        right += best.iter().zip(batch).filter(|(best, item)| **best == item.label as i64).count();
    }
    right as f64 / valid.len() as f64
}

fn items(data: &DataSet, pictures: &[Picture]) -> Vec<Item> {
    let item = |picture: &Picture| Item { pixels: data.normalised(picture), label: picture.label };
    pictures.iter().map(item).collect()
}

fn stack(data: &DataSet, items: &[Item], device: &Device) -> Batch {
    Stack { shape: data.shape }.batch(items.to_vec(), device)
}

/// SplitMix64 (Steele, Lea and Flood 2014): order and labels, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}
