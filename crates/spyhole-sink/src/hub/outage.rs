//! When to tell the user that a part fails: at the first failure, when it works again, and at the end,
//! but not for ever.

/// After this many outages only the sum at the end is reported.
const REPORTS: u32 = 5;

/// Keeps count of one part's failures.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Failures since the part last worked; 0 while it works.
    failures: u64,
    outages: u32,
    /// Failures in outages that were not reported.
    unreported: u64,
}

impl Outage {
    /// The part failed. Returns whether to say so.
    pub(super) fn failed(&mut self) -> bool {
        self.failures += 1;
        if self.failures == 1 {
            self.outages += 1;
        }
        self.failures == 1 && self.outages <= REPORTS
    }

    /// The part worked. Returns the number of failures in the outage that is over, if it was reported.
    pub(super) fn worked(&mut self) -> Option<u64> {
        let failures = std::mem::take(&mut self.failures);
        if self.outages > REPORTS {
            self.unreported += failures;
            return None;
        }
        (failures > 0).then_some(failures)
    }

    /// Whether the last attempt failed.
    pub(super) fn is_on(&self) -> bool {
        self.failures > 0
    }

    /// The end: failures that were not summed up yet, if any.
    pub(super) fn ended(&mut self) -> Option<u64> {
        let rest = std::mem::take(&mut self.failures) + std::mem::take(&mut self.unreported);
        (rest > 0).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_reported_at_its_start_and_at_its_end() {
        let mut outage = Outage::default();
        assert_eq!(outage.worked(), None);
        assert!(outage.failed());
        assert!(!outage.failed());
        assert!(outage.is_on());
        assert_eq!(outage.worked(), Some(2));
        assert_eq!(outage.worked(), None);
        assert_eq!(outage.ended(), None);
    }

    #[test]
    fn a_part_that_comes_and_goes_is_soon_only_counted() {
        let mut outage = Outage::default();
        let mut said = 0;
        for _ in 0..100 {
            said += u32::from(outage.failed());
            said += u32::from(outage.worked().is_some());
        }
        assert_eq!(said, 2 * REPORTS);
        assert_eq!(outage.ended(), Some(100 - u64::from(REPORTS)));
    }
}
