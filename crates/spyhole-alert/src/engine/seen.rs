use std::collections::BTreeSet;

use spyhole_protocol::Event;

use crate::metric::MetricName;
use crate::rule::Rule;
use crate::spelling;

/// Which metrics the training reports.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenMetrics {
    names: BTreeSet<String>,
    /// The first epoch that anything was heard of since the start.
    first_epoch: Option<u32>,
    /// Whether that epoch is over: what it has not reported by now it does not report.
    over: bool,
    told: BTreeSet<String>,
}

impl SeenMetrics {
    pub(super) fn look_at(&mut self, event: &Event) {
        match event {
            Event::RunStarted(_) => *self = Self::default(),
            Event::Metric(metric) => {
                self.names.insert(MetricName::from(metric).to_string());
                self.reach(metric.epoch);
            }
            // Epoch 0 is the untrained model.
            Event::EpochAnalysed(analysed) if analysed.epoch > 0 => self.reach(analysed.epoch),
            Event::RunEnded(_) => self.over |= self.first_epoch.is_some(),
            _ => {}
        }
    }

    fn reach(&mut self, epoch: u32) {
        let first = *self.first_epoch.get_or_insert(epoch);
        self.over |= epoch > first;
    }

    pub(super) fn unmatched(&mut self, rules: &[Rule]) -> Vec<String> {
        if !self.over {
            return Vec::new();
        }
        let mut sentences = Vec::new();
        for rule in rules {
            let Some(wanted) = rule.training_metric().filter(|metric| !metric.is_any()) else {
                continue;
            };
            let wanted = wanted.to_string();
            if !self.names.contains(&wanted) && self.told.insert(rule.id.clone()) {
                sentences.push(format!(
                    "rule `{}` looks at `{wanted}`, which the training has not reported so far; {}",
                    rule.id,
                    spelling::among(&wanted, self.names.iter().map(String::as_str))
                ));
            }
        }
        sentences
    }
}
