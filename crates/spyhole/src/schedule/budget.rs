/// What the monitoring may take of the [time](crate::meter::Measure).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Budget {
    /// Analyses and studies together, 0 to 1; from 1 on nothing is skipped.
    pub(crate) share: f64,
    /// What scheduled studies may take of it, if the budget has room for that.
    pub(crate) studies: f64,
}

impl Budget {
    /// What scheduled studies may take: at most half of it all.
    pub(crate) fn studies_share(&self) -> f64 {
        self.studies.min(self.share / 2.0).max(0.0)
    }

    /// What is left for the analyses of epochs.
    pub(crate) fn analyses_share(&self) -> f64 {
        if self.is_unlimited() { f64::INFINITY } else { self.share - self.studies_share() }
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        self.share >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn studies_and_analyses_share_what_there_is() {
        for (share, studies, expected) in [
            (0.1, 0.03, (0.03, 0.07)),
            (0.04, 0.03, (0.02, 0.02)),
            (0.0, 0.03, (0.0, 0.0)),
            (1.0, 0.03, (0.03, f64::INFINITY)),
            (1.0, 1.0, (0.5, f64::INFINITY)),
        ] {
            let budget = Budget { share, studies };
            let (found, rest) = (budget.studies_share(), budget.analyses_share());
            assert!((found - expected.0).abs() < 1e-12, "{budget:?}");
            assert!(rest == expected.1 || (rest - expected.1).abs() < 1e-12, "{budget:?}");
        }
    }
}
