//! How coloured a layer's filters are, and when that is alarming.

use std::collections::BTreeMap;

use spyhole::{Look, Readings, Rule, Scale, Statistic, Subject};

const NAME: &str = "filter_colour";

/// The number in words.
pub fn statistic() -> Statistic {
    Statistic {
        name: NAME.into(),
        label: "Colour of the filters".into(),
        meaning: "How much of the first layer's weights tells colours apart: 0 if every filter weighs the \
                  colour channels alike, as for grey images; 2/3 for random weights on three channels."
            .into(),
        formula: "mean over filters of: Σ_c,p (w_c,p − mean_c w_c,p)² / Σ_c,p w_c,p²".into(),
        subject: Subject::Filters,
        scale: Scale::Share,
    }
}

/// A network that is given colours and does not look at them.
pub fn rule() -> Rule {
    Rule::at_most("colour-blind", NAME)
        .title("filters ignore colour")
        .sentence("{value} of {layer}'s weights tells colours apart")
        .info(0.1)
        .clear(0.15)
        .patience(2, 2)
        .meaning(
            "The first layer adds up the colour channels: what the colours say is lost behind it.",
        )
        .cause("The images are grey, or were made so by mistake when they were read.")
        .advice("Look at the probe images; if they are grey, give the network one channel.")
}

/// Measures it: only layers that see the image have colour channels.
pub fn of_first_layers(look: &Look<'_>) -> Readings {
    let mut found = BTreeMap::new();
    for layer in look.graph.layers().iter().filter(|layer| layer.is_first()) {
        let Some((shape, weights)) = layer.weight().and_then(|path| look.weights.values(path))
        else {
            continue;
        };
        // [filters, channels, height, width]
        let [_, channels, height, width] = shape[..] else { continue };
        if let Some(colour) = colour(&weights, channels, height * width) {
            found.insert(layer.name().to_owned(), colour);
        }
    }
    Ok(found)
}

/// The mean over the filters that have weights other than zero; `None` if there is none, or a single channel.
fn colour(weights: &[f32], channels: usize, plane: usize) -> Option<f64> {
    if channels < 2 {
        return None;
    }
    let shares: Vec<f64> = weights
        .chunks_exact(channels * plane)
        .filter_map(|filter| {
            let (mut coloured, mut all) = (0.0, 0.0);
            for at in 0..plane {
                let values: Vec<f64> =
                    (0..channels).map(|c| f64::from(filter[c * plane + at])).collect();
                let grey = values.iter().sum::<f64>() / channels as f64;
                coloured += values.iter().map(|value| (value - grey).powi(2)).sum::<f64>();
                all += values.iter().map(|value| value.powi(2)).sum::<f64>();
            }
            (all > 0.0).then(|| coloured / all)
        })
        .collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_what_the_channels_do_not_share() {
        let cases = [
            (vec![1.0, 2.0, 1.0, 2.0], Some(0.0)), // the same in both channels
            (vec![1.0, -2.0, -1.0, 2.0], Some(1.0)), // opposite
            (vec![1.0, 0.0, 0.0, 0.0], Some(0.5)), // one channel only
            (vec![0.0; 4], None),                  // dead
            (vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], Some(0.5)), // one of two is dead
        ];
        for (weights, expected) in cases {
            assert_eq!(colour(&weights, 2, 2), expected, "{weights:?}");
        }
        assert_eq!(colour(&[1.0, 2.0], 1, 2), None);
    }
}
