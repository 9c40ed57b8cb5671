//! The order of settling in a sentence.

use super::IMAGES;
use super::order::RankCorrelation;
use super::settling::Standing;
use crate::states::{LayerState, Variety};

/// So many layers are named, at most.
const NAMED: usize = 12;

/// What is said of layers that cannot settle, by their state: behind one name, and behind several.
const OTHERS: [(LayerState, [&str; 2]); 4] = [
    (LayerState::NeverMoved, ["has never moved", "have never moved"]),
    (LayerState::Constant, ["is constant", "are constant"]),
    (LayerState::Dead, ["is dead", "are dead"]),
    (LayerState::NotFinite, ["is not finite", "are not finite"]),
];

/// Which layers have settled, in plain words: `lower layers settled first: conv1 at epoch 4, conv2 at 9, conv3
/// not yet (by CKA on 256 probe images)`. Layers in the order in which the model computes them, all of them;
/// `order` is that of those with a verdict, [`order`](super::order()). An order whose interval holds 0 is called
/// none. `images` are the probe images, of which up to [`IMAGES`] are used.
pub fn statement(
    layers: &[(&str, Standing)],
    order: Option<RankCorrelation>,
    images: Variety,
) -> String {
    let of = |state: LayerState| -> Vec<&str> {
        layers.iter().filter(|layer| layer.1.state == state).map(|layer| layer.0).collect()
    };
    let mut parts = vec![];
    let say = |parts: &mut Vec<String>, state, [one, several]: [&str; 2]| {
        let found = of(state);
        if !found.is_empty() {
            let words = if found.len() == 1 { one } else { several };
            parts.push(format!("{} {words}", names(&found)));
        }
    };
    if let Some(caution) = images.caution() {
        parts.push(format!("what settles cannot be told: {caution}"));
    }
    say(&mut parts, LayerState::Frozen, ["is frozen", "are frozen"]);
    let judged: Vec<_> =
        layers.iter().filter(|layer| layer.1.state.is_verdict()).copied().collect();
    parts.extend(settled(&judged, order));
    for (state, words) in OTHERS {
        say(&mut parts, state, words);
    }
    let unknown = of(LayerState::NotKnown);
    if !unknown.is_empty() {
        parts.push(format!("of {} it is not known", names(&unknown)));
    }
    let said = parts.join("; ");
    match images.state() {
        Some(_) => said,
        None => format!("{said} (by CKA on {} probe images)", images.images.min(IMAGES)),
    }
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
        Standing { state: LayerState::MovedAgain, .. } => format!("{name} moves again"),
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

#[cfg(test)]
mod tests {
    use super::LayerState::{
        Constant, Dead, Frozen, ImagesAlike, MovedAgain, Moving, NeverMoved, NotFinite, NotKnown,
        Settled, TooFewImages,
    };
    use super::*;

    fn at(epoch: u32) -> Standing {
        Standing { state: Settled, since: Some(epoch), moved_again: 0 }
    }

    fn is(state: LayerState) -> Standing {
        Standing { state, since: None, moved_again: u32::from(state == MovedAgain) }
    }

    fn images(images: usize, different: usize) -> Variety {
        Variety { images, different }
    }

    fn order(value: f64, low: f64, high: f64) -> Option<RankCorrelation> {
        Some(RankCorrelation { value, low, high })
    }

    #[test]
    fn statements_say_what_is_known() {
        let cases: [(&[Standing], Option<RankCorrelation>, &str); 14] = [
            (
                &[at(4), at(9), is(Moving)],
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
            (&[at(4), is(Moving)], None, "settled: conv1 at epoch 4, conv2 not yet"),
            (&[is(Moving), is(Moving)], None, "no layer has settled yet"),
            (
                &[is(Moving), is(MovedAgain)],
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
            (&[is(Frozen), is(Moving)], None, "conv1 is frozen; no layer has settled yet"),
            (&[is(Dead), is(Dead)], None, "conv1 and conv2 are dead"),
            (&[is(NeverMoved); 3], None, "conv1, conv2 and conv3 have never moved"),
            (
                &[at(3), is(NotKnown), is(NotFinite)],
                None,
                "settled: conv1 at epoch 3; conv3 is not finite; of conv2 it is not known",
            ),
            (
                &[is(Moving), is(Constant), is(Dead)],
                None,
                "no layer has settled yet; conv2 is constant; conv3 is dead",
            ),
        ];
        let names = ["conv1", "conv2", "conv3"];
        for (standings, order, expected) in cases {
            let layers: Vec<_> = names.into_iter().zip(standings.iter().copied()).collect();
            let said = statement(&layers, order, images(300, 300));
            assert_eq!(said, format!("{expected} (by CKA on 256 probe images)"));
        }
    }

    #[test]
    fn long_networks_are_cut_short() {
        let said = statement(&[("layer", at(1)); 53], order(1.0, 0.5, 1.0), images(64, 64));
        assert!(said.ends_with("layer at 1, and 41 more (by CKA on 64 probe images)"), "{said}");
        let said = statement(&[("layer", is(Frozen)); 53], None, images(64, 64));
        assert!(
            said.ends_with("layer and 41 more are frozen (by CKA on 64 probe images)"),
            "{said}"
        );
    }

    #[test]
    fn images_that_tell_nothing_are_named() {
        let cases = [
            (
                images(3, 3),
                TooFewImages,
                "there are only 3 probe images; to judge a layer takes 16 different ones",
            ),
            (
                images(1, 1),
                TooFewImages,
                "there is only 1 probe image; to judge a layer takes 16 different ones",
            ),
            (
                images(64, 5),
                TooFewImages,
                "only 5 of the 64 probe images differ; to judge a layer takes 16 different ones",
            ),
            (
                images(64, 1),
                ImagesAlike,
                "all 64 probe images are alike: what a layer makes of different images cannot be told",
            ),
        ];
        for (images, state, expected) in cases {
            let said = statement(&[("conv1", is(state)), ("conv2", is(NotFinite))], None, images);
            assert_eq!(
                said,
                format!("what settles cannot be told: {expected}; conv2 is not finite")
            );
        }
    }
}
