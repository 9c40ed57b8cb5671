//! Units against random directions in a sentence.

use super::basis::Basis;
use super::{BasisReading, TOP};

/// An interval that is no wider than this to either side tells that two are alike; a wider one tells nothing.
const NARROW: f64 = 0.1;

impl BasisReading {
    /// Which group the images better, in plain words, with the 95 % interval: `random directions group the images as
    /// well as the units do: +.02 (−.03 to +.07); …`. A difference whose interval holds 0 is called none. `None`
    /// without a comparison.
    pub fn statement(&self) -> Option<String> {
        let found = self.comparison?;
        let when = match self.basis {
            Basis::Raw => "",
            Basis::Standardised => "when all maps are scaled to the same spread, ",
            Basis::Whitened => {
                "when the maps are scaled to the same spread and made uncorrelated, "
            }
        };
        let [difference, low, high] = [found.difference, found.low, found.high].map(signed);
        let who = if found.low > 0.0 {
            "units group the images better than random directions do"
        } else if found.high < 0.0 {
            "random directions group the images better than the units do"
        } else if found.high - found.low <= 2.0 * NARROW {
            "random directions group the images as well as the units do"
        } else {
            "it cannot be told whether units or random directions group the images better"
        };
        let [units, random, chance] = [found.units, found.random, found.chance].map(plain);
        Some(format!(
            "{when}{who}: {difference} ({low} to {high}); of a direction's {TOP} strongest images {units} \
             are of one class for units, {random} for random directions, {chance} by chance"
        ))
    }
}

/// Two decimals: `.31`, `1.00`.
fn plain(x: f64) -> String {
    let text = format!("{x:.2}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// With its sign: `+.02`, `−.03`; `0` for what is less than half of a hundredth.
fn signed(x: f64) -> String {
    match plain(x.abs()).as_str() {
        ".00" => "0".into(),
        text if x < 0.0 => format!("−{text}"),
        text => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Comparison;
    use super::*;

    #[test]
    fn statements_are_true_to_the_interval() {
        let cases = [
            (
                Basis::Raw,
                [0.02, -0.03, 0.07],
                "random directions group the images as well as the units do: +.02 (−.03 to +.07); of a \
                 direction's 9 strongest images .52 are of one class for units, .50 for random directions, \
                 .31 by chance",
            ),
            (
                Basis::Raw,
                [0.02, -0.2, 0.22],
                "it cannot be told whether units or random directions group the images better: +.02 (−.20 to \
                 +.22)",
            ),
            (
                Basis::Standardised,
                [-0.1, -0.2, -0.001],
                "when all maps are scaled to the same spread, random directions group the images better than \
                 the units do: −.10 (−.20 to 0)",
            ),
            (
                Basis::Whitened,
                [0.27, 0.22, 0.32],
                "when the maps are scaled to the same spread and made uncorrelated, units group the images \
                 better than random directions do: +.27 (+.22 to +.32)",
            ),
            (Basis::Raw, [0.0, 0.0, 0.0], "random directions group the images as well as"),
        ];
        for (basis, [difference, low, high], expected) in cases {
            let comparison = Comparison {
                units: 0.5 + difference,
                random: 0.5,
                chance: 0.31,
                difference,
                low,
                high,
            };
            let reading = BasisReading {
                basis,
                floored: 0,
                comparison: Some(comparison),
                units: vec![],
                random: vec![],
            };
            let said = reading.statement().unwrap();
            assert!(said.starts_with(expected), "{said}");
            assert_eq!(BasisReading { comparison: None, ..reading }.statement(), None);
        }
    }
}
