//! Section H of the metrics: quickstart's network and its training, and ways to spoil it.

#![allow(clippy::print_stderr)] // for programs in a terminal

use std::collections::BTreeMap;
use std::error::Error;

use burn::data::dataloader::batcher::Batcher;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::train::TrainStep;
use datasets::{DataSet, Picture, Source};
use spyhole::{ProbeSet, Split, Spyhole, Studies};
use spyhole_graph::Weights;
use spyhole_protocol::Event;

use crate::batch::{Batch, Item, Stack};
use crate::net::Net;

const BATCH: usize = 32;
const PROBE_IMAGES: usize = 256;

/// A way to train.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// In words.
    pub name: &'static str,
    /// Whether a training like this is a good one.
    pub healthy: bool,
    /// Learning rate at the start.
    pub rate: f64,
    /// Cosine to 0 over the epochs; otherwise constant.
    pub cosine: bool,
    /// Weight decay.
    pub decay: f32,
    /// Whether the labels are drawn instead of true.
    pub random_labels: bool,
    /// Share of the epochs that are trained.
    pub length: f64,
}

/// Section H of the metrics: 85 % of the drawn shapes are recognised.
pub const GOOD: Condition = Condition {
    name: "good",
    healthy: true,
    rate: 0.012,
    cosine: true,
    decay: 5e-4,
    random_labels: false,
    length: 1.0,
};

/// Good and bad ones.
pub const CONDITIONS: [Condition; 7] = [
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

/// What a training gave.
#[derive(Debug)]
pub struct Trained {
    /// On the validation images, after the last epoch.
    pub accuracy: f64,
    /// All that was recorded.
    pub events: Vec<Event>,
    /// The convolutions' weights after each epoch, from the untrained ones on, by layer.
    pub weights: Vec<BTreeMap<&'static str, Vec<f32>>>,
}

/// The seeds that an argument names: `5` for 1 to 5, or `2-4`.
pub fn seeds(text: &str) -> Result<std::ops::RangeInclusive<u64>, Box<dyn Error>> {
    let (first, last) = text.split_once('-').unwrap_or(("1", text));
    Ok(first.parse()?..=last.parse()?)
}

/// The conditions of these names; all if there are none.
pub fn conditions(names: &[String]) -> Vec<Condition> {
    let wanted = |c: &&Condition| names.is_empty() || names.iter().any(|name| name == c.name);
    CONDITIONS.iter().filter(wanted).copied().collect()
}

/// Trains once, to the end or until the loss is no number any more.
pub fn train(
    source: &Source,
    condition: &Condition,
    seed: u64,
    epochs: usize,
) -> Result<Trained, Box<dyn Error>> {
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
    // Alerts and settling rest on what is read in every epoch; studies would only take time.
    let spyhole = Spyhole::builder(dir.path(), probe)
        .no_dashboard()
        .studies(Studies::on_demand())
        .queue(epochs + 1)
        .budget(1.0)
        .build()?;
    let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
    watch.epochs(1, Some(epochs));
    let decay = (condition.decay > 0.0).then(|| WeightDecayConfig::new(condition.decay));
    let mut optimizer = SgdConfig::new()
        .with_momentum(Some(MomentumConfig::new().with_momentum(0.9)))
        .with_weight_decay(decay)
        .init();
    let steps = items.len().div_ceil(BATCH) * epochs;
    let (mut step, mut accuracy) = (0, 0.0);
    let mut weights = vec![convolutions(&net)];
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
        weights.push(convolutions(&net));
        if epoch == epochs || !loss.is_finite() {
            accuracy = accuracy_of(&net, &data);
        }
        if !loss.is_finite() {
            break;
        }
    }
    watch.finish();
    let records = spyhole.log().records_after(0, usize::MAX)?;
    let events: Vec<Event> = records.into_iter().map(|record| record.event).collect();
    for event in &events {
        if let Event::Fault(fault) = event {
            eprintln!("fault: {}: {}", fault.part, fault.message);
        }
    }
    Ok(Trained { accuracy, events, weights })
}

fn convolutions(net: &Net) -> BTreeMap<&'static str, Vec<f32>> {
    let weights = Weights::of(&net.valid(), &Device::flex());
    let of = |layer: &'static str| {
        let values = weights.values(&format!("{layer}.weight"));
        (layer, values.map(|(_, values)| values).unwrap_or_default())
    };
    ["conv1", "conv2", "conv3", "conv4"].map(of).into()
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
