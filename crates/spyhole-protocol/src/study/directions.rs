use serde::{Deserialize, Serialize};

use crate::{Atlas, FieldStatus, Region};

/// Are single units more meaningful than random directions in the space of a layer's channels? Szegedy et al.
/// (2013) found that they are not: the images that excite a random mixture of units most look as much
/// alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DirectionSheet {
    /// The epoch whose weights were used.
    pub epoch: u32,
    /// The layer's name.
    pub layer: String,
    /// How many probe images were ranked.
    pub images: u32,
    /// Purity that nine images picked at random have on average. `None` without labels, with
    /// too few images, and where all are of one class.
    pub chance: Option<f32>,
    /// How far the boxes of the patches can be trusted.
    pub field_status: FieldStatus,
    /// The comparison in three bases.
    pub bases: Vec<BasisSheet>,
    /// The pictures that [`DirectionHit::patch`] points into.
    pub atlas: Atlas,
}

/// The space in which directions are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The activations as they are: Szegedy's comparison.
    Raw,
    /// Each unit divided by its standard deviation, so that loud units do not rule the mixtures.
    Standardised,
    /// Decorrelated: all directions vary alike.
    Whitened,
}

/// Units against random directions in one basis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BasisSheet {
    /// The basis.
    pub basis: Basis,
    /// Mean purity of the unit directions: the share of the commonest class among a direction's nine top
    /// images. `None` without labels, with too few images, and where all are of one class.
    pub units: Option<f32>,
    /// Mean purity of the random directions.
    pub random: Option<f32>,
    /// `units − random`.
    pub difference: Option<f32>,
    /// Lower end of the 95 % interval of the difference, by bootstrap over the directions.
    pub low: Option<f32>,
    /// Its upper end.
    pub high: Option<f32>,
    /// How many directions of each kind there were.
    pub directions: u32,
    /// What that says, in a sentence.
    pub statement: String,
    /// Some unit directions with their top images.
    pub unit_views: Vec<DirectionView>,
    /// Some random directions with their top images.
    pub random_views: Vec<DirectionView>,
}

/// A direction and the images that lie furthest along it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DirectionView {
    /// The feature map, for a unit direction.
    pub map: Option<u32>,
    /// Share of the commonest class among the hits; `None` where [`DirectionSheet::chance`] is: a share says nothing
    /// without what chance would give.
    pub purity: Option<f32>,
    /// That class.
    pub class: Option<u32>,
    /// The top images, furthest first.
    pub hits: Vec<DirectionHit>,
}

/// An image far along a direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DirectionHit {
    /// The probe image.
    pub image: u32,
    /// Row of the position that is furthest along the direction.
    pub row: u32,
    /// Its column.
    pub column: u32,
    /// How far: the centred activation times the direction.
    pub value: f32,
    /// The input pixels that the position can see.
    pub field: Region,
    /// Tile with the image patch.
    pub patch: u32,
}
