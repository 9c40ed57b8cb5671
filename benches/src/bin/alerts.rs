//! Which trainings raise which alerts: quickstart's network trained well and badly, some seeds each.
//!
//! `cargo run --release -p benches --bin alerts [digits|shapes|PATH] [SEEDS|FIRST-LAST] [EPOCHS] [CONDITION…]`

#![allow(clippy::print_stdout)] // a program for the terminal

use std::collections::BTreeMap;
use std::error::Error;

use benches::recipe::{self, Trained, train};
use datasets::Source;
use spyhole_protocol::{AlertState, Event, Severity};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let source: Source = arguments.first().map_or("digits", String::as_str).parse()?;
    let seeds = arguments.get(1).map_or("5", String::as_str);
    let all_seeds = recipe::seeds(seeds)?;
    let seeds = all_seeds.clone().count();
    let epochs: usize = arguments.get(2).map_or(Ok(30), |text| text.parse())?;
    let chosen = recipe::conditions(arguments.get(3..).unwrap_or_default());
    println!("| training | seed | accuracy | alerts (layers) |\n|---|---|---|---|");
    let mut table: BTreeMap<(bool, bool), u32> = BTreeMap::new();
    let mut by_rule: BTreeMap<(usize, String), u32> = BTreeMap::new();
    let mut readings: BTreeMap<(usize, String), Vec<[Option<f64>; SHOWN.len()]>> = BTreeMap::new();
    for (number, condition) in chosen.iter().enumerate() {
        for seed in all_seeds.clone() {
            let trained = train(&source, condition, seed, epochs)?;
            let (alerts, last) = read(&trained);
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
            let accuracy = trained.accuracy;
            println!("| {} | {seed} | {accuracy:.3} | {} |", condition.name, words.join("; "));
        }
    }
    println!("\n| training | runs with an alert, by rule |\n|---|---|");
    for (number, condition) in chosen.iter().enumerate() {
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
        println!("| {} | {layer} | {} |", chosen[number].name, words.join(" | "));
    }
    println!("\n| | alert | quiet |\n|---|---|---|");
    for (words, healthy) in [("trained badly", false), ("trained well", true)] {
        let count = |alert| table.get(&(healthy, alert)).copied().unwrap_or(0);
        println!("| {words} | {} | {} |", count(true), count(false));
    }
    Ok(())
}

/// Statistics of the last epoch whose means over the seeds are printed.
const SHOWN: [&str; 7] = [
    "dead_filters",
    "dead_maps",
    "noise_share",
    "structure_p_value",
    "start_alignment",
    "residual_noise_share",
    "distance_from_start",
];

type Raised = (String, String, Severity);

type Outcome = (Vec<Raised>, BTreeMap<String, [Option<f64>; SHOWN.len()]>);

/// Every alert that was raised, at its worst, and by layer the [`SHOWN`] statistics of the last epoch.
fn read(trained: &Trained) -> Outcome {
    let mut worst: BTreeMap<(String, String), Severity> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for event in &trained.events {
        match event {
            Event::Alert(alert) if alert.state != AlertState::Resolved => {
                let subject = alert.layer.as_ref().unwrap_or(&alert.metric);
                let key = (alert.rule.clone(), subject.clone());
                let severity = worst.entry(key).or_insert(alert.severity);
                *severity = alert.severity.max(*severity);
            }
            Event::LayerHealth(health) => {
                let value = |name: &str| health.values.get(name).copied().flatten();
                last.insert(health.layer.clone(), SHOWN.map(value));
            }
            _ => {}
        }
    }
    let alerts = worst.into_iter().map(|((rule, layer), severity)| (rule, layer, severity));
    (alerts.collect(), last)
}
