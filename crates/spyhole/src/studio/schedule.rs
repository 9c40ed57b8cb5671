use std::time::Duration;

/// When the costly looks at the network are taken by themselves: units with their top images, directions,
/// embeddings, synthetic images. Between them, and beside them, the dashboard asks for what its user wants to
/// see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Studies {
    /// Every how many epochs. 0: only when somebody asks.
    pub every: u32,
    /// The largest share of the wall time that they may take, 0 to 1. A round that would exceed it is left out, but
    /// not the first one, before training, and not the one after the last epoch.
    pub share: f64,
    /// Of how many feature maps per layer the top images are cut out and projected by themselves; the
    /// followed ones first. Of the others, when somebody asks.
    pub pictured_maps: usize,
}

impl Default for Studies {
    /// Every 5 epochs, at most a tenth of the time, 64 maps per layer.
    fn default() -> Self {
        Self { every: 5, share: 0.1, pictured_maps: 64 }
    }
}

impl Studies {
    /// Only what somebody asks for.
    pub fn on_demand() -> Self {
        Self { every: 0, ..Self::default() }
    }

    /// Whether a round is due after `epoch`, when earlier rounds took `spent` of the `elapsed` time.
    pub(crate) fn is_due(
        &self,
        epoch: u32,
        last: Option<u32>,
        spent: Duration,
        elapsed: Duration,
    ) -> bool {
        let always = epoch == 0 || Some(epoch) == last;
        let affordable = spent.as_secs_f64() <= self.share * elapsed.as_secs_f64();
        self.every > 0 && (always || epoch.is_multiple_of(self.every) && affordable)
    }

    /// The next epoch after `epoch` for which a round is planned.
    pub(crate) fn next_after(&self, epoch: u32, last: Option<u32>) -> Option<u32> {
        if self.every == 0 || last.is_some_and(|last| epoch >= last) {
            return None;
        }
        let next = (epoch / self.every + 1) * self.every;
        Some(last.map_or(next, |last| next.min(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn rounds_are_due_every_few_epochs_if_there_is_time() {
        let studies = Studies { every: 5, share: 0.1, ..Studies::default() };
        let due = |epoch, spent, elapsed| {
            studies.is_due(epoch, Some(12), spent * SECOND, elapsed * SECOND)
        };
        let cases = [
            // (epoch, spent, elapsed) → due
            (0, 0, 0, true),
            (0, 9, 10, true),
            (1, 0, 100, false),
            (5, 1, 100, true),
            (5, 10, 100, true),
            (5, 11, 100, false),
            (10, 1, 100, true),
            (12, 90, 100, true),
        ];
        for (epoch, spent, elapsed, expected) in cases {
            assert_eq!(due(epoch, spent, elapsed), expected, "{epoch} {spent} {elapsed}");
        }
        assert!(!Studies::on_demand().is_due(0, Some(12), SECOND, SECOND));
    }

    #[test]
    fn the_next_round_is_known() {
        let studies = Studies { every: 5, ..Studies::default() };
        let cases = [
            (0, Some(12), Some(5)),
            (4, Some(12), Some(5)),
            (5, Some(12), Some(10)),
            (10, Some(12), Some(12)),
            (12, Some(12), None),
            (5, None, Some(10)),
        ];
        for (epoch, last, expected) in cases {
            assert_eq!(studies.next_after(epoch, last), expected, "{epoch} {last:?}");
        }
        assert_eq!(Studies::on_demand().next_after(0, None), None);
    }
}
