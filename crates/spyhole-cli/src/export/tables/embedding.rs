use spyhole_protocol::Document;

use super::{EPOCH, IMAGE, LAYER, RECORD, Table, column};

pub(super) const POINTS: Table = Table {
    file: "documents/embedding-points.csv",
    about: "A probe image laid out in the plane by t-SNE, so that images that a layer finds alike lie close together. \
            Distances between far groups mean nothing, nor do the axes.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        IMAGE,
        column("x", "1", "about 0, with a root mean square distance of 1"),
        column("y", "1", "the same"),
    ],
    rows: |look, rows| {
        let Some(Document::Embedding(it)) = look.document else { return };
        for (image, [x, y]) in it.points.iter().enumerate() {
            rows.push(&[
                look.record(),
                it.epoch.into(),
                (&it.layer).into(),
                image.into(),
                (*x).into(),
                (*y).into(),
            ]);
        }
    },
};

pub(super) const EMBEDDINGS: Table = Table {
    file: "documents/embeddings.csv",
    about: "An embedding as a whole.",
    columns: &[
        RECORD,
        EPOCH,
        LAYER,
        column("perplexity", "", "roughly how many neighbours each image looks at"),
        column("aligned_to", "epoch", "the epoch that the picture was started from"),
        column(
            "neighbours",
            "",
            "how many neighbours of each image are looked at for the agreement",
        ),
        column(
            "agreement",
            "0 to 1",
            "mean share of them that is of the image's class; empty without labels, and where all images are of one class",
        ),
        column("chance", "0 to 1", "what it would be if the classes were dealt at random"),
    ],
    rows: |look, rows| {
        let Some(Document::Embedding(it)) = look.document else { return };
        rows.push(&[
            look.record(),
            it.epoch.into(),
            (&it.layer).into(),
            it.perplexity.into(),
            it.aligned_to.into(),
            it.neighbours.map(|it| it.neighbours).into(),
            it.neighbours.map(|it| it.value).into(),
            it.neighbours.map(|it| it.chance).into(),
        ]);
    },
};
