use spyhole_protocol::{Atlas, Document, Event, FilterPicture, OccludedQuantity, UnitView};

use super::{EPOCH, Look, RECORD, Table, column};

pub(super) const INDEX: Table = Table {
    file: "pictures/index.csv",
    about: "A tile of a picture, and what it shows. A picture that several records show is one file.",
    columns: &[
        RECORD,
        column("file", "", "the picture; empty: it is not in the store"),
        column("tile", "", "counted from 0, row by row"),
        column("row", "", "row of the tile among the tiles, counted from 0"),
        column("column", "", "its column"),
        column("top", "px", "first row of the tile in the picture"),
        column("left", "px", "its first column"),
        column("height", "px", "height of the tile"),
        column("width", "px", "width of the tile"),
        column(
            "what",
            "",
            "probe, filter, dominant_pattern, patch, projection, activation, synthetic_of_map, \
             synthetic_of_class (or of a number of the output), drop_of_prediction, drop_of_output or drop_of_map",
        ),
        EPOCH,
        column("layer", "", "the layer it is about, if one"),
        column(
            "map",
            "",
            "the filter, feature map, class or number of the output it is about, if one",
        ),
        column(
            "image",
            "",
            "the probe image (or image searched, in studies of units) that it is from, if one",
        ),
        column("rank", "", "1 is the strongest, where several images belong to one map"),
        column(
            "scale",
            "as what is shown",
            "white and black (of activations: white) are plus and minus this",
        ),
    ],
    rows: |look, rows| {
        let Some(atlas) = super::atlas(look.event(), look.document) else { return };
        let mut push = |tile: Tile<'_>| {
            let Some(index) = tile.index else { return };
            let columns = atlas.columns.max(1);
            let (row, column) = (index / columns, index % columns);
            let at = |place: u32, size: u32| u64::from(place) * u64::from(size);
            rows.push(&[
                look.record(),
                look.picture_file.into(),
                index.into(),
                row.into(),
                column.into(),
                at(row, atlas.tile_height).into(),
                at(column, atlas.tile_width).into(),
                atlas.tile_height.into(),
                atlas.tile_width.into(),
                tile.what.into(),
                tile.epoch.into(),
                tile.layer.into(),
                tile.map.into(),
                tile.image.into(),
                tile.rank.into(),
                tile.scale.into(),
            ]);
        };
        of_event(look, atlas, &mut push);
        if let Some(document) = look.document {
            of_document(document, &mut push);
        }
    },
};

/// What a tile shows.
#[derive(Default)]
struct Tile<'a> {
    /// `None`: there is no such tile.
    index: Option<u32>,
    what: &'static str,
    epoch: Option<u32>,
    layer: Option<&'a str>,
    map: Option<u32>,
    image: Option<u32>,
    rank: Option<usize>,
    scale: Option<f32>,
}

fn of_event<'a>(look: &Look<'a>, atlas: &Atlas, push: &mut impl FnMut(Tile<'a>)) {
    match look.event() {
        Event::RunStarted(_) => {
            for image in 0..atlas.count {
                let (index, image) = (Some(image), Some(image));
                push(Tile { index, what: "probe", image, ..Tile::default() });
            }
        }
        Event::LayerFilters(it) => {
            let what = match it.picture {
                FilterPicture::Weights => "filter",
                FilterPicture::DominantPattern => "dominant_pattern",
            };
            for filter in 0..atlas.count {
                push(Tile {
                    index: Some(filter),
                    what,
                    epoch: Some(it.epoch),
                    layer: Some(&it.layer),
                    map: Some(filter),
                    scale: Some(it.scale),
                    ..Tile::default()
                });
            }
        }
        Event::LayerFeatures(it) => {
            let all = it.strongest.iter().chain(&it.followed);
            // A map may be in both lists, with the same tiles.
            let mut seen = std::collections::BTreeSet::new();
            for view in all {
                let tile = |index: Option<u32>, what, scale| Tile {
                    index: index.filter(|index| seen.insert(*index)),
                    what,
                    epoch: Some(it.epoch),
                    layer: Some(&it.layer),
                    map: Some(view.map),
                    image: Some(view.image),
                    rank: None,
                    scale,
                };
                two_tiles(view, tile, push);
            }
        }
        _ => {}
    }
}

fn two_tiles<'a>(
    view: &UnitView,
    mut tile: impl FnMut(Option<u32>, &'static str, Option<f32>) -> Tile<'a>,
    push: &mut impl FnMut(Tile<'a>),
) {
    push(tile(view.patch, "patch", None));
    push(tile(view.projection, "projection", view.projection_scale));
}

fn of_document<'a>(document: &'a Document, push: &mut impl FnMut(Tile<'a>)) {
    match document {
        Document::Activations(it) => {
            for (map, view) in (0..it.atlas.count).zip(&it.maps) {
                push(Tile {
                    index: Some(map),
                    what: "activation",
                    epoch: Some(it.epoch),
                    layer: Some(&it.layer),
                    map: Some(map),
                    image: Some(it.image),
                    rank: None,
                    scale: view.scale,
                });
            }
        }
        Document::Units(it) => {
            for unit in &it.units {
                for (i, hit) in unit.hits.iter().enumerate() {
                    let tile = |index, what, scale| Tile {
                        index,
                        what,
                        epoch: Some(it.epoch),
                        layer: Some(&it.layer),
                        map: Some(unit.map),
                        image: Some(hit.image),
                        rank: Some(i + 1),
                        scale,
                    };
                    push(tile(hit.patch, "patch", None));
                    push(tile(hit.projection, "projection", hit.projection_scale));
                }
            }
        }
        Document::Directions(it) => {
            for basis in &it.bases {
                for view in basis.unit_views.iter().chain(&basis.random_views) {
                    for (i, hit) in view.hits.iter().enumerate() {
                        push(Tile {
                            index: Some(hit.patch),
                            what: "patch",
                            epoch: Some(it.epoch),
                            layer: Some(&it.layer),
                            map: view.map,
                            image: Some(hit.image),
                            rank: Some(i + 1),
                            scale: None,
                        });
                    }
                }
            }
        }
        Document::Synthesis(it) => {
            for view in &it.views {
                push(Tile {
                    index: view.tile,
                    what: if it.layer.is_some() {
                        "synthetic_of_map"
                    } else {
                        "synthetic_of_class"
                    },
                    epoch: Some(it.epoch),
                    layer: it.layer.as_deref(),
                    map: Some(view.target),
                    ..Tile::default()
                });
            }
        }
        Document::Occlusion(it) => {
            let of_image =
                || Tile { epoch: Some(it.epoch), image: Some(it.image), ..Tile::default() };
            if let Some(prediction) = &it.prediction {
                push(Tile {
                    index: prediction.pixels,
                    what: match prediction.quantity {
                        OccludedQuantity::Probability => "drop_of_prediction",
                        OccludedQuantity::Number => "drop_of_output",
                    },
                    map: Some(prediction.class),
                    scale: Some(prediction.pixels_scale),
                    ..of_image()
                });
            }
            for layer in &it.layers {
                let tile = |index, what, scale| Tile {
                    index,
                    what,
                    layer: Some(&layer.layer),
                    map: Some(layer.map),
                    scale: Some(scale),
                    ..of_image()
                };
                push(tile(layer.pixels, "drop_of_map", layer.pixels_scale));
                push(tile(layer.projection, "projection", layer.projection_scale));
            }
        }
        Document::Embedding(_) => {}
    }
}
