//! The table.

use std::collections::BTreeMap;

use crate::training::{Measured, Side};
use crate::workloads::Workload;

/// How often the rounds are drawn again, for the interval.
const DRAWS: usize = 4000;

/// All that was measured of one training, by side, in the order of the rounds.
#[derive(Debug, Default)]
pub struct Rounds(BTreeMap<Side, Vec<Measured>>);

pub fn head() {
    println!(
        "| training | side | watched / alone (95 %) | training thread, ms per epoch: p50, p99, max | peak memory, MiB | \
         on disk, KiB per epoch | epochs with weights, maps, activity, evolution; studies; dropped | budget used |"
    );
    println!("|---|---|---|---|---|---|---|---|");
}

impl Rounds {
    pub fn add(&mut self, side: Side, measured: Measured) {
        self.0.entry(side).or_default().push(measured);
    }

    pub fn print(&self, workload: Workload) {
        let Some(alone) = self.0.get(&Side::Alone) else { return };
        let seconds: Vec<f64> = alone.iter().map(|measured| measured.seconds).collect();
        let epochs = alone[0].epochs;
        println!(
            "| {} | alone | {:.2} s, {epochs} epochs of {:.0} ms | | {:.0} | | | |",
            workload.name(),
            median(&seconds),
            1e3 * median(&seconds) / epochs as f64,
            median(&alone.iter().map(|measured| measured.peak_memory).collect::<Vec<_>>()),
        );
        for (side, rounds) in self.0.iter().filter(|(side, _)| **side != Side::Alone) {
            let ratios: Vec<f64> =
                rounds.iter().zip(alone).map(|(w, a)| w.seconds / a.seconds).collect();
            let (low, high) = interval(&ratios);
            let mut thread: Vec<f64> =
                rounds.iter().flat_map(|m| m.on_thread.iter().copied()).collect();
            thread.sort_by(f64::total_cmp);
            let of =
                |pick: fn(&Measured) -> f64| median(&rounds.iter().map(pick).collect::<Vec<_>>());
            let made = ["weights", "maps", "activity", "evolution"].map(|name| {
                let shares = rounds.iter().map(|m| m.made.get(name).copied().unwrap_or(0.0));
                format!("{:.0} %", 100.0 * median(&shares.collect::<Vec<_>>()))
            });
            println!(
                "| {} | {} | {:.3} ({low:.3} to {high:.3}) | {:.3}, {:.2}, {:.2} | {:.0} | {:.0} | {}; {:.0}; {:.0} | \
                 {:.1} % + {:.1} % |",
                workload.name(),
                side.name(),
                mean(&ratios),
                quantile(&thread, 0.5),
                quantile(&thread, 0.99),
                quantile(&thread, 1.0),
                of(|m| m.peak_memory),
                of(|m| m.on_disk),
                made.join(", "),
                of(|m| m.studies as f64),
                of(|m| m.dropped as f64),
                100.0 * of(|m| m.used[0]),
                100.0 * of(|m| m.used[1]),
            );
        }
    }
}

/// The geometric mean: a ratio and its inverse cancel out.
fn mean(ratios: &[f64]) -> f64 {
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len().max(1) as f64).exp()
}

/// 95 % of the means of rounds that are drawn again, with the same seed each time.
fn interval(ratios: &[f64]) -> (f64, f64) {
    let mut state = 0x5ee_d5eed_u64;
    let mut draw = || {
        // Knuth's linear congruential generator; its high bits are good.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ratios[(state >> 33) as usize % ratios.len()]
    };
    let mut means: Vec<f64> =
        (0..DRAWS).map(|_| mean(&(0..ratios.len()).map(|_| draw()).collect::<Vec<_>>())).collect();
    means.sort_by(f64::total_cmp);
    (quantile(&means, 0.025), quantile(&means, 0.975))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

fn quantile(sorted: &[f64], at: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((at * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}
