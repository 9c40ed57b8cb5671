use serde::{Deserialize, Serialize};

/// How a layer stands after an epoch, or why that cannot be told. The recorder says it; who shows it infers nothing:
/// what is unknown is not dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LayerState {
    /// It still changes.
    // As it was called by writers that did not tell what is not known from it.
    #[serde(alias = "not_yet")]
    Moving,
    /// For three readings running its representation has changed by less than a tenth of the most that it ever has,
    /// by less than 0.01 an epoch, and its floor is as small, so that this can be measured.
    Settled,
    /// It had settled, and changes again.
    MovedAgain,
    /// Its weights are frozen, and it has not changed since the start.
    Frozen,
    /// Its weights are not frozen, and it has not changed since the start.
    NeverMoved,
    /// It computes the same for all probe images, and that is not zero.
    Constant,
    /// It is zero everywhere for all probe images.
    Dead,
    /// Some activation is NaN or infinite.
    NotFinite,
    /// The probe images are all the same: there is nothing to tell a layer by.
    ImagesAlike,
    /// There are fewer than 16 different probe images.
    TooFewImages,
    /// It has changed by no more than can be measured, or there was nothing to compare with.
    NotKnown,
}

impl LayerState {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Moving,
        Self::Settled,
        Self::MovedAgain,
        Self::Frozen,
        Self::NeverMoved,
        Self::Constant,
        Self::Dead,
        Self::NotFinite,
        Self::ImagesAlike,
        Self::TooFewImages,
        Self::NotKnown,
    ];

    /// For the screen: `has never moved`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moving => "moving",
            Self::Settled => "settled",
            Self::MovedAgain => "moved again",
            Self::Frozen => "frozen",
            Self::NeverMoved => "has never moved",
            Self::Constant => "constant",
            Self::Dead => "dead",
            Self::NotFinite => "not finite",
            Self::ImagesAlike => "images alike",
            Self::TooFewImages => "too few images",
            Self::NotKnown => "not known",
        }
    }

    /// What that means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Moving => "It still changes.",
            Self::Settled => {
                "For three readings running it has changed by less than a tenth of the most that it ever has, and by less than 0.01 an epoch."
            }
            Self::MovedAgain => "It had settled, and changes again.",
            Self::Frozen => "Its weights are frozen, and it has not changed since the start.",
            Self::NeverMoved => {
                "Its weights are not frozen, but it has not changed at all since the start. Causes that fit: a learning rate of 0 or far too small, no gradient that reaches it, an optimizer that does not have it."
            }
            Self::Constant => {
                "It computes the same for all probe images, and that is not zero: there is nothing to compare."
            }
            Self::Dead => {
                "It is zero everywhere for all probe images: there is nothing to compare."
            }
            Self::NotFinite => {
                "Some of its activations are NaN or infinite: there is nothing to compare."
            }
            Self::ImagesAlike => {
                "The probe images are all the same, so that nothing can be told by them: neither that the layer is dead nor that it is not."
            }
            Self::TooFewImages => {
                "Fewer than 16 different probe images are too few to judge a layer by."
            }
            Self::NotKnown => {
                "It has changed by no more than these probe images can measure, or there was nothing to compare with."
            }
        }
    }
}
