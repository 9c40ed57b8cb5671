//! The order of settling in a sentence.

use super::order::RankCorrelation;
use super::settling::{SettlingState, Standing};
use super::{IMAGES, LEAST_IMAGES};

/// So many layers are named, at most.
const NAMED: usize = 12;

/// Which layers have settled, in plain words: `lower layers settled first: conv1 at epoch 4, conv2 at 9, conv3
/// not yet (by CKA on 256 probe images)`. Layers in the order in which the model computes them, all of them;
/// `order` is that of those that are neither frozen nor dead, [`order`](super::order()). An order whose interval
/// holds 0 is called none. `images` is how many probe images there are, of which up to [`IMAGES`] are used.
pub fn statement(
    layers: &[(&str, Standing)],
    order: Option<RankCorrelation>,
    images: usize,
) -> String {
    if images < LEAST_IMAGES {
        return format!("settling needs at least {LEAST_IMAGES} probe images");
    }
    let of = |state: SettlingState| -> Vec<&str> {
        layers.iter().filter(|layer| layer.1.state == state).map(|layer| layer.0).collect()
    };
    let (frozen, dead) = (of(SettlingState::Frozen), of(SettlingState::Dead));
    let mut parts = vec![];
    if !frozen.is_empty() {
        parts.push(format!("{} {} frozen", names(&frozen), be(&frozen)));
    }
    let others: Vec<_> = layers
        .iter()
        .filter(|(_, layer)| !matches!(layer.state, SettlingState::Frozen | SettlingState::Dead))
        .copied()
        .collect();
    parts.extend(settled(&others, order));
    if !dead.is_empty() {
        parts.push(format!("{} {} dead", names(&dead), be(&dead)));
    }
    format!("{} (by CKA on {} probe images)", parts.join("; "), images.min(IMAGES))
}

/// Of the layers that can settle.
fn settled(layers: &[(&str, Standing)], order: Option<RankCorrelation>) -> Option<String> {
    if layers.is_empty() {
        return None;
    }
    if layers.iter().all(|(_, layer)| layer.since.is_none()) {
        let moving = layers.iter().filter(|(_, layer)| layer.moved_again > 0);
        let moving: Vec<&str> = moving.map(|layer| layer.0).collect();
        return Some(match moving[..] {
            [] => "no layer has settled yet".into(),
            [one] => format!("no layer is settled: {one} had settled and moves again"),
            _ => format!("no layer is settled: {} had settled and move again", names(&moving)),
        });
    }
    let list = list(layers);
    let Some(RankCorrelation { low, high, .. }) = order else {
        return Some(format!("settled: {list}"));
    };
    Some(if low > 0.0 {
        format!("lower layers settled first: {list}")
    } else if high < 0.0 {
        format!("upper layers settled first: {list}")
    } else {
        // Without the numbers, which change more often than what they say.
        format!(
            "layers settled in no particular order (by depth): {list}; the 95 % interval of their rank \
             correlation with depth includes 0"
        )
    })
}

fn list(layers: &[(&str, Standing)]) -> String {
    let mut first = true;
    let said = layers.iter().take(NAMED).map(|(name, layer)| match layer {
        Standing { since: Some(epoch), .. } => {
            let word = if std::mem::take(&mut first) { "epoch " } else { "" };
            format!("{name} at {word}{epoch}")
        }
        Standing { state: SettlingState::MovedAgain, .. } => format!("{name} moves again"),
        _ => format!("{name} not yet"),
    });
    let mut said: Vec<String> = said.collect();
    if let Some(more) = layers.len().checked_sub(NAMED).filter(|&more| more > 0) {
        said.push(format!("and {more} more"));
    }
    said.join(", ")
}

fn names(names: &[&str]) -> String {
    match names {
        [most @ .., last] if !most.is_empty() && names.len() <= NAMED => {
            format!("{} and {last}", most.join(", "))
        }
        _ if names.len() > NAMED => {
            format!("{} and {} more", names[..NAMED].join(", "), names.len() - NAMED)
        }
        _ => names.concat(),
    }
}

fn be(names: &[&str]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::SettlingState::{Dead, Frozen, MovedAgain, NotYet, Settled};
    use super::*;

    fn at(epoch: u32) -> Standing {
        Standing { state: Settled, since: Some(epoch), moved_again: 0 }
    }

    fn is(state: SettlingState) -> Standing {
        Standing { state, since: None, moved_again: u32::from(state == MovedAgain) }
    }

    fn order(value: f64, low: f64, high: f64) -> Option<RankCorrelation> {
        Some(RankCorrelation { value, low, high })
    }

    #[test]
    fn statements_say_what_is_known() {
        let cases: [(&[Standing], Option<RankCorrelation>, &str); 11] = [
            (
                &[at(4), at(9), is(NotYet)],
                order(1.0, 0.4, 1.0),
                "lower layers settled first: conv1 at epoch 4, conv2 at 9, conv3 not yet",
            ),
            (
                &[is(MovedAgain), at(9), at(4)],
                order(-1.0, -1.0, -0.2),
                "upper layers settled first: conv1 moves again, conv2 at epoch 9, conv3 at 4",
            ),
            (
                &[at(4), at(9), at(8)],
                order(1.0 / 3.0, -0.8165, 1.0),
                "layers settled in no particular order (by depth): conv1 at epoch 4, conv2 at 9, conv3 \
                 at 8; the 95 % interval of their rank correlation with depth includes 0",
            ),
            (&[at(4), is(NotYet)], None, "settled: conv1 at epoch 4, conv2 not yet"),
            (&[is(NotYet), is(NotYet)], None, "no layer has settled yet"),
            (
                &[is(NotYet), is(MovedAgain)],
                None,
                "no layer is settled: conv2 had settled and moves again",
            ),
            (
                &[is(MovedAgain), is(MovedAgain)],
                None,
                "no layer is settled: conv1 and conv2 had settled and move again",
            ),
            (
                &[is(Frozen), at(3), is(Dead)],
                None,
                "conv1 is frozen; settled: conv2 at epoch 3; conv3 is dead",
            ),
            (&[is(Frozen), is(Frozen), is(Frozen)], None, "conv1, conv2 and conv3 are frozen"),
            (&[is(Frozen), is(NotYet)], None, "conv1 is frozen; no layer has settled yet"),
            (&[is(Dead), is(Dead)], None, "conv1 and conv2 are dead"),
        ];
        let names = ["conv1", "conv2", "conv3"];
        for (standings, order, expected) in cases {
            let layers: Vec<_> = names.into_iter().zip(standings.iter().copied()).collect();
            let said = statement(&layers, order, 300);
            assert_eq!(said, format!("{expected} (by CKA on 256 probe images)"));
        }
    }

    #[test]
    fn long_networks_are_cut_short() {
        let said = statement(&[("layer", at(1)); 53], order(1.0, 0.5, 1.0), 64);
        assert!(said.ends_with("layer at 1, and 41 more (by CKA on 64 probe images)"), "{said}");
        let said = statement(&[("layer", is(Frozen)); 53], None, 64);
        assert!(
            said.ends_with("layer and 41 more are frozen (by CKA on 64 probe images)"),
            "{said}"
        );
        assert!(statement(&[], None, 3).contains("at least 4"));
    }
}
