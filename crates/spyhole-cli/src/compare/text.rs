//! A comparison as text.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::comparison::{Comparison, Health, Raised, Settled, Values};
use crate::words;

/// The comparison in lines of at most `width` columns.
pub(crate) fn print(comparison: &Comparison, width: usize) -> String {
    let labels: Vec<_> = comparison.runs.iter().map(|run| run.label.clone()).collect();
    let mut page = Page { text: String::new(), width, labels };
    page.runs(comparison);
    page.setup(comparison);
    page.metrics(comparison);
    page.alerts(comparison);
    page.settling(comparison);
    page.health(comparison.health.as_ref());
    for note in &comparison.notes {
        page.paragraph(&format!("Note: {note}."));
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
    labels: Vec<String>,
}

impl Page {
    fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.paragraph(text);
    }

    fn paragraph(&mut self, text: &str) {
        self.table(None, vec![vec![text.to_owned()]]);
    }

    /// A table with a column per run after the first.
    fn by_run(&mut self, rows: Vec<Vec<String>>, more: &[&str]) {
        let labels = self.labels.iter().map(String::as_str);
        let head = std::iter::once("").chain(labels).chain(more.iter().copied());
        let head = head.map(String::from).collect();
        self.table(Some(head), rows);
    }

    fn table(&mut self, head: Option<Vec<String>>, rows: Vec<Vec<String>>) {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(u16::MAX));
        let clean =
            |row: Vec<String>| row.iter().map(|cell| words::harmless(cell)).collect::<Vec<_>>();
        if let Some(head) = head {
            table.set_header(clean(head));
        }
        for row in rows {
            table.add_row(clean(row));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2)).set_cell_alignment(CellAlignment::Left);
        }
        for line in table.lines() {
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }

    fn runs(&mut self, comparison: &Comparison) {
        let runs = &comparison.runs;
        let named = runs
            .iter()
            .map(|run| vec![run.label.clone(), run.name.clone(), format!("in {}", run.directory)]);
        self.table(None, named.collect());
        let mut rows = vec![];
        let mut row = |what: &str, of: &dyn Fn(&super::comparison::Run) -> String| {
            rows.push(std::iter::once(what.to_owned()).chain(runs.iter().map(of)).collect());
        };
        let seconds =
            |value: Option<f64>| value.map_or("-".into(), |_| words::number(value) + " s");
        row("state", &|run| run.state.clone());
        row("epochs", &|run| match run.planned {
            Some(planned) => format!("{} of {planned}", run.epoch),
            None => run.epoch.to_string(),
        });
        row("starts", &|run| run.starts.to_string());
        row("time per epoch", &|run| seconds(run.seconds_per_epoch));
        row("time per analysis", &|run| seconds(run.seconds_per_analysis));
        row("epochs analysed", &|run| run.epochs_analysed.to_string());
        row("epochs dropped", &|run| run.epochs_dropped.to_string());
        row("faults", &|run| run.faults.to_string());
        self.text.push('\n');
        self.by_run(rows, &[]);
    }

    fn setup(&mut self, comparison: &Comparison) {
        if comparison.setup.is_empty() {
            self.heading("Set-up: the same layers, parameters, input, plan and probe images.");
            return;
        }
        self.heading("What differs in the set-up:");
        let rows = comparison.setup.iter().map(|row| {
            std::iter::once(row.what.clone()).chain(row.values.iter().cloned()).collect()
        });
        self.by_run(rows.collect(), &[]);
    }

    fn metrics(&mut self, comparison: &Comparison) {
        if comparison.metrics.is_empty() {
            return;
        }
        self.heading("Metrics (the epoch in brackets; what is better as the training says):");
        let mut rows = vec![];
        let pair = self.labels.len() == 2;
        for metric in &comparison.metrics {
            let unit = metric.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
            let name = format!("{} {}{unit}", words::split(metric.split), metric.name);
            let cells = |of: &dyn Fn(&Values) -> String| -> Vec<String> {
                metric.runs.iter().map(|it| it.as_ref().map_or("-".into(), of)).collect()
            };
            let best = cells(&|it| match it.best_epoch {
                Some(epoch) => format!("{} ({epoch})", words::number(it.best)),
                None => words::number(None),
            });
            let last = cells(&|it| format!("{} ({})", words::number(it.last), it.last_epoch));
            let better = |label: &Option<String>| label.clone().unwrap_or_else(|| "-".into());
            let mut best = [vec![format!("{name} best")], best].concat();
            let mut last = [vec![format!("{name} last")], last].concat();
            if pair {
                let difference = metric.differences[1];
                best.push(String::new());
                last.push(difference.map_or("-".into(), |_| words::number(difference)));
            }
            best.push(better(&metric.better_best));
            last.push(better(&metric.better_last));
            rows.extend([best, last]);
        }
        self.by_run(rows, if pair { &["B - A", "better"] } else { &["better"] });
    }

    fn alerts(&mut self, comparison: &Comparison) {
        if comparison.alerts.is_empty() {
            self.heading("Alerts: none.");
            return;
        }
        self.heading("Alerts, by rule:");
        let raised = |it: &Raised| match it.worst {
            None => "-".to_owned(),
            Some(worst) => {
                let active = match it.active {
                    0 => "none active".into(),
                    n => format!("{n} active"),
                };
                format!("{} raised, worst {}, {active}", it.raised, words::severity(worst))
            }
        };
        let rows = comparison.alerts.iter().map(|rule| {
            std::iter::once(rule.rule.clone()).chain(rule.runs.iter().map(raised)).collect()
        });
        self.by_run(rows.collect(), &[]);
    }

    fn settling(&mut self, comparison: &Comparison) {
        if comparison.settling.is_empty() {
            return;
        }
        self.heading("When layers settled (epoch):");
        let cell = |it: &Option<Settled>| match it {
            None => "-".to_owned(),
            Some(Settled { state, since }) => match since {
                Some(since) if state == "settled" => since.to_string(),
                _ => state.replace('_', " "),
            },
        };
        let rows = comparison.settling.iter().map(|layer| {
            std::iter::once(layer.layer.clone()).chain(layer.runs.iter().map(cell)).collect()
        });
        self.by_run(rows.collect(), &[]);
        let orders = self.labels.clone().into_iter().zip(&comparison.orders);
        let rows = orders.filter_map(|(label, order)| {
            let order = order.as_ref()?;
            let tau = order.tau.map(|tau| {
                let [value, low, high] =
                    [tau.value, tau.low, tau.high].map(|number| words::number(Some(number)));
                format!(" (tau {value}, 95 % interval {low} to {high})")
            });
            let tau = tau.unwrap_or_default();
            Some(vec![label, format!("epoch {}: {}{tau}", order.epoch, order.statement)])
        });
        self.table(None, rows.collect());
    }

    fn health(&mut self, health: Option<&Health>) {
        let Some(Health { epoch, rule, compared, differences }) = health else { return };
        let pairs = words::counted(*compared as u64, "reading", "readings");
        if differences.is_empty() {
            self.heading(&format!("Health in epoch {epoch}: no difference in {pairs}."));
            return;
        }
        self.heading(&format!(
            "Health in epoch {epoch}, the last that all have: what differs most of {pairs}, {rule}"
        ));
        let rows = differences.iter().map(|it| {
            let values = it.values.iter().map(|value| words::number(Some(*value)));
            let first = format!("{} {}", it.layer, it.statistic);
            let distance = words::number(Some(it.distance));
            std::iter::once(first).chain(values).chain([distance]).collect()
        });
        self.by_run(rows.collect(), &["distance"]);
    }
}
