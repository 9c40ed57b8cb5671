use std::time::Duration;

use crate::meter::Measure;

/// Seconds of one core's work that studies may spend before their share counts, so that a training's first pictures
/// are there soon.
const HEAD_START: f64 = 0.25;

/// When the costly looks at the network are taken by themselves: units with their top images, directions,
/// embeddings, synthetic images. Between them, and beside them, the dashboard asks for what its user wants to
/// see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Studies {
    /// Every how many epochs. 0: only when somebody asks.
    pub every: u32,
    /// The largest share of the time that they may take while training goes on, 0 to 1, counted like the
    /// [budget](crate::SpyholeBuilder::budget): between one and the next there is a pause. A round that is not done when the next is due goes on in its place; after the last
    /// epoch there is always one, without pauses.
    pub share: f64,
    /// Of how many feature maps per layer the top images are cut out and projected by themselves; the
    /// followed ones first. Of the others, when somebody asks.
    pub pictured_maps: usize,
}

impl Default for Studies {
    /// Every 5 epochs, at most 0.03 of the time, 64 maps per layer.
    fn default() -> Self {
        Self { every: 5, share: 0.03, pictured_maps: 64 }
    }
}

impl Studies {
    /// Only what somebody asks for.
    pub fn on_demand() -> Self {
        Self { every: 0, ..Self::default() }
    }

    /// Whether a round is due after `epoch`.
    pub(crate) fn is_due(&self, epoch: u32, last: Option<u32>) -> bool {
        self.every > 0 && (epoch.is_multiple_of(self.every) || Some(epoch) == last)
    }

    /// Whether there is time for a further study, when the bill of earlier ones is `spent` after the `elapsed` time.
    pub(crate) fn affords(&self, spent: f64, elapsed: Duration, measure: Measure) -> bool {
        spent <= measure.bill(HEAD_START) + self.share * elapsed.as_secs_f64()
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
    use spyhole_protocol::Clock;

    use super::*;

    #[test]
    fn rounds_are_due_every_few_epochs_and_at_the_end() {
        let studies = Studies { every: 5, ..Studies::default() };
        let due = |epoch| studies.is_due(epoch, Some(12));
        assert_eq!((0..=12).filter(|&epoch| due(epoch)).collect::<Vec<_>>(), [0, 5, 10, 12]);
        assert!(!Studies::on_demand().is_due(0, Some(12)));
    }

    #[test]
    fn studies_take_their_share_of_the_time() {
        let studies = Studies { share: 0.1, ..Studies::default() };
        for (spent, elapsed, expected) in
            [(0, 0, true), (1, 0, false), (2, 20, true), (10, 100, true), (11, 100, false)]
        {
            let measure = Measure { clock: Clock::Cpu, cores: 2 };
            let found = studies.affords(spent.into(), Duration::from_secs(elapsed), measure);
            assert_eq!(found, expected, "{spent} {elapsed}");
        }
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
