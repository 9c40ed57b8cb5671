use spyhole_protocol::{RunEnded, RunOutcome, Severity};

use super::story::Story;
use crate::interrupt;
use crate::words;

/// Why there is nothing more to follow.
pub(super) enum End {
    /// The training is over; how it ended, if that was recorded.
    Ended(Option<RunEnded>),
    /// The epoch that was asked for is there.
    Reached,
    /// There will be no more news, for this reason.
    Lost(String),
    /// Ctrl-C.
    Interrupted,
}

impl End {
    /// The exit code; `spyhole tail --help` explains it.
    pub(super) fn code(&self, worst: Option<Severity>) -> u8 {
        match (self, worst) {
            (Self::Interrupted, _) => interrupt::EXIT_CODE,
            (Self::Lost(_), _) => 6,
            (Self::Ended(Some(ended)), _) if ended.outcome != RunOutcome::Finished => 5,
            (Self::Ended(_) | Self::Reached, Some(Severity::Critical)) => 4,
            (Self::Ended(_) | Self::Reached, Some(Severity::Warning)) => 3,
            (Self::Ended(_) | Self::Reached, Some(Severity::Info) | None) => 0,
        }
    }

    /// The last line.
    pub(super) fn words(&self, story: &Story) -> String {
        let end = match self {
            Self::Ended(Some(ended)) => {
                let reason = ended.reason.iter().map(|reason| format!(": {reason}"));
                let left_out = words::left_out(ended);
                let left_out = left_out.iter().map(|left_out| format!("; {left_out}"));
                let rest: String = reason.chain(left_out).collect();
                format!("{}{rest}", words::outcome(ended.outcome))
            }
            Self::Ended(None) => "ended; how was not recorded".into(),
            Self::Reached => "the epoch that was waited for is analysed".into(),
            Self::Lost(why) => format!("lost sight of the run: {why}"),
            Self::Interrupted => "interrupted; the training goes on".into(),
        };
        let alerts = match story.alerts.worst_seen() {
            Some(worst) => format!("worst alert: {}", words::severity(worst)),
            None => "no alerts".into(),
        };
        format!("{end} ({alerts})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_code_that_applies_is_taken() {
        use Severity::{Critical, Info, Warning};
        let ended =
            |outcome| End::Ended(Some(RunEnded { outcome, reason: None, studies_left_out: 0 }));
        for (end, worst, code) in [
            (ended(RunOutcome::Finished), None, 0),
            (ended(RunOutcome::Finished), Some(Info), 0),
            (ended(RunOutcome::Finished), Some(Warning), 3),
            (ended(RunOutcome::Finished), Some(Critical), 4),
            (ended(RunOutcome::Interrupted), None, 5),
            (ended(RunOutcome::Failed), Some(Critical), 5),
            (End::Ended(None), None, 0),
            (End::Ended(None), Some(Warning), 3),
            (End::Reached, Some(Warning), 3),
            (End::Lost("x".into()), Some(Critical), 6),
            (End::Interrupted, Some(Critical), 130),
        ] {
            assert_eq!(end.code(worst), code);
        }
    }
}
