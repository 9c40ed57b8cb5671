//! The guide's lists of statistics and rules are written from the catalogue, so they say what is so.
//! `SPYHOLE_UPDATE=1 cargo test -p spyhole-alert --test guide` renews them.

use std::path::PathBuf;

use spyhole_alert::Alerts;
use spyhole_protocol::{AlertRule, Compare, Severity, Statistic, Subject};

const NOTE: &str = "<!-- Written by `SPYHOLE_UPDATE=1 cargo test -p spyhole-alert --test guide`: do not edit. -->\n\n";

/// Where each family of statistics is defined.
const SOURCES: &str = "\
Sources: Q is a two-dimensional Ljung–Box test (Ljung and Box, Biometrika 65, 1978), judged against a null model that is \
simulated for each layer; sparsity, variety of kernels and orthogonality follow Gavrikov and Keuper (CVPR 2022); \
Treves–Rolls sparseness is Treves and Rolls (1991); what *stands still*, is *dominant* or *has grown large* builds on Zeiler and Fergus \
(2013), with thresholds relative to the layer, for the absolute ones of the paper do not transfer to other initialisations. \
Rates of false verdicts: [Filters and their health](filter-health.md).\n";

fn page(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/src").join(name);
    if std::env::var_os("SPYHOLE_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, text, "run `SPYHOLE_UPDATE=1 cargo test -p spyhole-alert --test guide`");
}

/// The statistics and rules as a training of 100 epochs would record them.
fn catalogue() -> (Vec<Statistic>, Vec<AlertRule>) {
    Alerts::default().describe(&[], Some(100))
}

#[test]
fn every_statistic_is_in_the_guide() {
    let (statistics, rules) = catalogue();
    let mut text = format!(
        "{NOTE}# Every statistic\n\nMeasured after every epoch, for every layer and for the network as a whole; the page **Health** draws those of layers, rules \
         compare them with thresholds, `spyhole export` writes them to `health.csv`. W are the layer's weights, w_f those of \
         one filter, ΔW their change since the epoch before; a(x) is a feature map for the probe image x.\n"
    );
    for (subject, title) in [
        (Subject::Network, "Of the whole network"),
        (Subject::Filters, "Of a convolution's filters"),
        (Subject::Maps, "Of a layer's feature maps, on the probe images"),
    ] {
        text += &format!("\n## {title}\n");
        for statistic in statistics.iter().filter(|statistic| statistic.subject == subject) {
            let Statistic { name, label, meaning, formula, .. } = statistic;
            let watching: Vec<_> = rules
                .iter()
                .filter(|rule| rule.metric == *name)
                .map(|rule| format!("[`{}`](rules.md#{})", rule.id, rule.id))
                .collect();
            text += &format!("\n### {label}\n\n`{name}` = {formula}\n\n{meaning}\n");
            if !watching.is_empty() {
                text += &format!("\nWatched by {}.\n", watching.join(", "));
            }
        }
    }
    page("statistics.md", &(text + "\n" + SOURCES));
}

#[test]
fn every_rule_is_in_the_guide() {
    let (statistics, rules) = catalogue();
    let mut text = format!(
        "{NOTE}# Every alert rule\n\nThe rules that are on by default, as they stand in a training of 100 epochs. How to change \
         them, switch them off or add your own: [Filters and their health](filter-health.md#the-rules).\n"
    );
    for rule in &rules {
        text +=
            &format!("\n## {}\n\n**{}.** {}\n\n", rule.id, capitalised(&rule.title), rule.meaning);
        let metric = match statistics.iter().find(|statistic| statistic.name == rule.metric) {
            Some(statistic) => {
                format!("[{}](statistics.md#{})", statistic.label, anchor(&statistic.label))
            }
            None => format!("the training's metric `{}`", rule.metric),
        };
        text += &format!("- looks at {metric}: {}\n", levels(rule));
        text += &format!("- {}\n", patience(rule));
        if !rule.unless.is_empty() {
            let names: Vec<_> = rule.unless.iter().map(|id| format!("[`{id}`](#{id})")).collect();
            text += &format!("- keeps quiet while there is {}\n", names.join(" or "));
        }
        for (title, list) in [("Usual causes", &rule.causes), ("What to try", &rule.advice)] {
            if !list.is_empty() {
                text += &format!("\n{title}:\n\n");
                list.iter().for_each(|line| text += &format!("- {line}\n"));
            }
        }
    }
    page("rules.md", &text);
}

fn levels(rule: &AlertRule) -> String {
    let name = |severity| match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    };
    let sign = match rule.compare {
        Compare::AtLeast => "≥",
        Compare::AtMost => "≤",
        Compare::NotFinite => "is NaN or infinite",
    };
    let levels = rule.levels.iter().map(|level| match level.threshold {
        Some(threshold) => format!("{} {sign} {threshold}", name(level.severity)),
        None => format!("{} when it {sign}", name(level.severity)),
    });
    let mut text = levels.collect::<Vec<_>>().join(", ");
    if let Some(clear) = rule.clear {
        text += &format!("; over again beyond {clear}");
    }
    text
}

fn patience(rule: &AlertRule) -> String {
    let warm_up = match rule.warm_up {
        0 => "from the first epoch".to_owned(),
        epochs => format!("after {epochs} epochs"),
    };
    format!(
        "{warm_up}; raised after {} bad reading{} running, over after {} good",
        rule.patience,
        if rule.patience == 1 { "" } else { "s" },
        rule.clear_patience
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}
