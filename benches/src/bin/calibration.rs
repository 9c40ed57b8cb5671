//! How often the smoothness test calls noise structured, and how often it finds structure that is there:
//! the tables in `benches/results/calibration.md`.
//!
//! `cargo run --release -p benches --bin calibration [LAYERS]`

#![allow(clippy::print_stdout)] // a program for the terminal

use std::error::Error;
use std::f64::consts::{PI, TAU};

use burn::nn::Initializer;
use burn::prelude::*;
use burn::tensor::Distribution;
use spyhole_probe::smoothness::{FilterShape, LEVEL, Reading, SmoothnessTest, Verdict};

/// Layers of noise per row.
const LAYERS: usize = 10_000;

/// Layers that are read by one test, which is made from the first of them: as in a run, where the initial
/// weights make the test that reads all later ones.
const LAYERS_PER_TEST: usize = 50;

/// Filters of a layer, in turn.
const FILTERS: [usize; 4] = [16, 32, 64, 96];

/// Filters of a layer with structure.
const STRUCTURED: usize = 32;

/// Layers with structure per cell.
const STRUCTURED_LAYERS: usize = 300;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let layers: usize = std::env::args().nth(1).map_or(Ok(LAYERS), |text| text.parse())?;
    let device = Device::flex();
    device.seed(1);

    println!("# Calibration of the smoothness test\n");
    println!("`cargo run --release -p benches --bin calibration`\n");
    println!("## False alarms on noise\n");
    println!(
        "{layers} layers of independent weights a row, with 16, 32, 64 and 96 filters in turn, in groups of \
         {LAYERS_PER_TEST} that share the test made from the first. Per cent, with Wilson's 95 % interval.\n"
    );
    println!(
        "| initialisation | filter | one filter, 5 % | layer, 5 % | layer, 1 % | φ < ½ | mean φ |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut total = Alarms::default();
    for init in Init::ALL {
        for kernel in [3, 5, 7, 11] {
            for channels in [1, 3, 16] {
                let shape = square(channels, kernel);
                let alarms = noise(init, shape, layers, &FILTERS, &device)?;
                println!("| {} | {} | {alarms} |", init.name(), size(shape));
                total.add(&alarms);
            }
        }
    }
    println!("| all | | {total} |");
    println!();
    println!("Large layers ({} layers a row):\n", layers / 20);
    println!(
        "| initialisation | filter | filters | one filter, 5 % | layer, 5 % | layer, 1 % | φ < ½ | mean φ |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for init in [Init::Kaiming, Init::Normal] {
        for (filters, channels) in [(256, 16), (256, 32), (256, 57), (512, 128), (512, 256)] {
            let shape = square(channels, 3);
            let alarms = noise(init, shape, layers / 20, &[filters], &device)?;
            println!("| {} | {} | {filters} | {alarms} |", init.name(), size(shape));
        }
    }

    println!("\n## Structure found\n");
    println!(
        "{STRUCTURED_LAYERS} layers of {STRUCTURED} filters a cell, of one kind of structure each, under Gaussian \
         noise; the test is made from Gaussian noise. In each cell: share of filters found at 5 %, share of \
         layers found at 5 %, share of layers with φ ≥ ½ (per cent; for 3×3×3 spyhole does not report φ, because \
         of what stands here).\n"
    );
    println!("| structure | filter | clean | 6 dB | 3 dB | 0 dB | −3 dB |");
    println!("|---|---|---|---|---|---|---|");
    for channels in [3, 1] {
        for kernel in [3, 5, 7, 11] {
            let shape = square(channels, kernel);
            for structure in Structure::ALL {
                let cells: Vec<String> = [f64::INFINITY, 6.0, 3.0, 0.0, -3.0]
                    .into_iter()
                    .map(|decibels| power(structure, shape, decibels, &device))
                    .collect::<Outcome<_>>()?;
                println!("| {} | {} | {} |", structure.name(), size(shape), cells.join(" | "));
            }
        }
    }
    Ok(())
}

fn square(channels: usize, kernel: usize) -> FilterShape {
    FilterShape { channels, height: kernel, width: kernel }
}

fn size(shape: FilterShape) -> String {
    format!("{}×{}×{}", shape.channels, shape.height, shape.width)
}

#[derive(Clone, Copy)]
enum Init {
    Kaiming,
    Xavier,
    Normal,
    Truncated,
}

impl Init {
    const ALL: [Self; 4] = [Self::Kaiming, Self::Xavier, Self::Normal, Self::Truncated];

    fn name(self) -> &'static str {
        match self {
            Self::Kaiming => "Kaiming uniform (Burn's default)",
            Self::Xavier => "Xavier uniform",
            Self::Normal => "normal",
            Self::Truncated => "normal, truncated at 2σ",
        }
    }

    /// Weights of so many filters, by Burn's own initialisers.
    fn draw(self, filters: usize, shape: FilterShape, device: &Device) -> Outcome<Vec<f32>> {
        let taps = shape.taps();
        let dims = [filters * taps];
        let fan_out = 32 * shape.height * shape.width;
        let initializer = match self {
            Self::Kaiming => {
                // As Conv2dConfig has it.
                Initializer::KaimingUniform { gain: 1.0 / 3.0_f64.sqrt(), fan_out_only: false }
            }
            Self::Xavier => Initializer::XavierUniform { gain: 1.0 },
            Self::Normal => Initializer::Normal { mean: 0.0, std: 0.02 },
            Self::Truncated => return truncated(filters * taps, device),
        };
        let weights: Tensor<1> =
            initializer.init_with(dims, Some(taps), Some(fan_out), device).val();
        Ok(weights.into_data().try_to_vec()?)
    }
}

fn normal(count: usize, device: &Device) -> Outcome<Vec<f32>> {
    let distribution = Distribution::Normal(0.0, 1.0);
    Ok(Tensor::<1>::random([count], distribution, device).into_data().try_to_vec()?)
}

/// Burn has no truncated normal: what lies beyond two deviations is drawn again.
fn truncated(count: usize, device: &Device) -> Outcome<Vec<f32>> {
    let mut weights: Vec<f32> = vec![];
    while weights.len() < count {
        let more = normal(count + count / 10 + 16, device)?;
        weights.extend(more.into_iter().filter(|w| w.abs() <= 2.0));
    }
    weights.truncate(count);
    Ok(weights)
}

/// What was counted on layers of noise.
#[derive(Default)]
struct Alarms {
    filters: u64,
    structured: u64,
    layers: u64,
    at_5: u64,
    at_1: u64,
    low_share: u64,
    share_sum: f64,
}

impl Alarms {
    fn add(&mut self, other: &Self) {
        self.filters += other.filters;
        self.structured += other.structured;
        self.layers += other.layers;
        self.at_5 += other.at_5;
        self.at_1 += other.at_1;
        self.low_share += other.low_share;
        self.share_sum += other.share_sum;
    }
}

impl std::fmt::Display for Alarms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} | {} | {} | {} | {:.3}",
            rate(self.structured, self.filters),
            rate(self.at_5, self.layers),
            rate(self.at_1, self.layers),
            rate(self.low_share, self.layers),
            self.share_sum / self.layers as f64,
        )
    }
}

/// Per cent, with Wilson's interval.
fn rate(hits: u64, of: u64) -> String {
    let (n, z) = (of as f64, 1.959_964);
    let p = hits as f64 / n;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let ends = [(centre - half).max(0.0), centre + half].map(|end| format!("{:.2}", 100.0 * end));
    format!("{:.2} ({}–{})", 100.0 * p, ends[0], ends[1])
}

fn noise(
    init: Init,
    shape: FilterShape,
    layers: usize,
    sizes: &[usize],
    device: &Device,
) -> Outcome<Alarms> {
    let mut alarms = Alarms::default();
    let mut test = None;
    for layer in 0..layers {
        let filters = sizes[layer / LAYERS_PER_TEST % sizes.len()];
        let weights = init.draw(filters, shape, device)?;
        if layer % LAYERS_PER_TEST == 0 {
            test = None;
        }
        let test = test.get_or_insert_with(|| SmoothnessTest::new(shape, Some(&weights), None));
        let readings = read(test, &weights, shape);
        alarms.filters += filters as u64;
        let structured = readings.iter().filter(|reading| is_structured(reading)).count();
        alarms.structured += structured as u64;
        alarms.layers += 1;
        let share = 1.0 - structured as f64 / filters as f64;
        alarms.low_share += u64::from(share < 0.5);
        alarms.share_sum += share;
        let p = test.layer_p_value(&readings).unwrap_or(1.0);
        alarms.at_5 += u64::from(p < 0.05);
        alarms.at_1 += u64::from(p < 0.01);
    }
    Ok(alarms)
}

fn read(test: &SmoothnessTest, weights: &[f32], shape: FilterShape) -> Vec<Reading> {
    weights.chunks_exact(shape.taps()).map(|filter| test.read(filter)).collect()
}

/// By the p-value: a filter with too few taps has one, though no verdict.
fn is_structured(reading: &Reading) -> bool {
    reading.p_value.is_some_and(|p| p <= LEVEL)
}

#[derive(Clone, Copy)]
enum Structure {
    Gabor,
    Blob,
    Edge,
    FineGrating,
}

impl Structure {
    const ALL: [Self; 4] = [Self::Gabor, Self::Blob, Self::Edge, Self::FineGrating];

    fn name(self) -> &'static str {
        match self {
            Self::Gabor => "Gabors",
            Self::Blob => "blobs",
            Self::Edge => "edges",
            Self::FineGrating => "fine gratings",
        }
    }

    /// A filter of RMS 1, from eight numbers evenly in 0..1. All channels have the same pattern, with weights
    /// of their own.
    fn filter(self, shape: FilterShape, random: &[f32; 8], colours: &[f32]) -> Vec<f64> {
        let [angle, phase, wave, width, row, column, ..] = random.map(f64::from);
        let k = shape.height as f64;
        let (angle, phase) = (angle * PI, phase * TAU);
        // Up to a sixth of the kernel off the centre.
        let off = |position: f64| (position - 0.5) * k / 3.0;
        let pattern = |y: usize, x: usize| {
            let y = y as f64 - (k - 1.0) / 2.0 - off(row);
            let x = x as f64 - (k - 1.0) / 2.0 - off(column);
            let along = x * angle.cos() + y * angle.sin();
            let sigma = k * (0.2 + 0.15 * width);
            let window = (-(x * x + y * y) / (2.0 * sigma * sigma)).exp();
            match self {
                // Waves of .6 to 1.2 kernels.
                Self::Gabor => window * (TAU * along / (k * (0.6 + 0.6 * wave)) + phase).cos(),
                Self::Blob => window,
                Self::Edge => (along / (0.15 * k)).tanh(),
                // Waves of 2 to 2.5 taps.
                Self::FineGrating => (TAU * along / (2.0 + 0.5 * wave) + phase).cos(),
            }
        };
        let mut filter = vec![];
        for &colour in colours {
            for y in 0..shape.height {
                filter.extend((0..shape.width).map(|x| f64::from(colour) * pattern(y, x)));
            }
        }
        let rms = (filter.iter().map(|w| w * w).sum::<f64>() / filter.len() as f64).sqrt();
        filter.iter_mut().for_each(|w| *w /= rms.max(1e-12));
        filter
    }
}

fn power(
    structure: Structure,
    shape: FilterShape,
    decibels: f64,
    device: &Device,
) -> Outcome<String> {
    let taps = shape.taps();
    let start = normal(STRUCTURED * taps, device)?;
    let test = SmoothnessTest::new(shape, Some(&start), None);
    let filters = STRUCTURED * STRUCTURED_LAYERS;
    let uniform: Vec<f32> =
        Tensor::<1>::random([filters * 8], Distribution::Uniform(0.0, 1.0), device)
            .into_data()
            .try_to_vec()?;
    let (random, _) = uniform.as_chunks::<8>();
    let colours = normal(filters * shape.channels, device)?;
    let noise = normal(filters * taps, device)?;
    let noise_scale = 10.0_f64.powf(-decibels / 20.0);
    let weights: Vec<f32> = random
        .iter()
        .zip(colours.chunks_exact(shape.channels))
        .zip(noise.chunks_exact(taps))
        .flat_map(|((random, colours), noise)| {
            let clean = structure.filter(shape, random, colours);
            let both = clean.into_iter().zip(noise);
            both.map(|(w, &noise)| (w + noise_scale * f64::from(noise)) as f32).collect::<Vec<_>>()
        })
        .collect();
    let readings = read(&test, &weights, shape);
    let found = readings.iter().filter(|reading| is_structured(reading)).count();
    let layers = readings.chunks_exact(STRUCTURED);
    let found_layers =
        layers.clone().filter(|layer| test.layer_p_value(*layer).is_some_and(|p| p < 0.05)).count();
    let noisy = |layer: &&[Reading]| {
        2 * layer.iter().filter(|reading| !is_structured(reading)).count() >= STRUCTURED
    };
    let noisy_layers = layers.clone().filter(noisy).count();
    let per_cent = |count: usize, of: usize| format!("{:.0}", 100.0 * count as f64 / of as f64);
    // Too few taps: there is no verdict, and so no φ.
    let judged = readings.iter().any(|reading| reading.verdict != Verdict::NotApplicable);
    let share = if judged { per_cent(noisy_layers, layers.len()) } else { "–".into() };
    Ok(format!("{}, {}, {share}", per_cent(found, filters), per_cent(found_layers, layers.len())))
}
