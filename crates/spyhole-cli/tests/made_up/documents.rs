use spyhole_protocol::{
    ActivationSheet, Basis, BasisSheet, DirectionHit, DirectionSheet, DirectionView, Document,
    EmbeddingSheet, FieldStatus, Fill, FillAgreement, MapReadings, MapView, NeighbourAgreement,
    OccludedLayer, OccludedPrediction, OccludedQuantity, OcclusionAgreement, OcclusionSettings,
    OcclusionSheet, SearchedImages, StudySubject, SynthesisSheet, SyntheticView, UnitHit,
    UnitSheet, UnitTops,
};
use spyhole_sink::Picture;

use super::events::{at, atlas, region};
use super::{Plan, picture};

/// A document for every kind of study, with its pictures.
pub fn of_every_kind(plan: &Plan, epoch: u32) -> Vec<(StudySubject, Document, Vec<Picture>)> {
    let layer = plan.layers[0].clone();
    let place = [plan.seed, epoch, 0];
    let picture = |what: u32| picture(plan.seed + 500_000 + 100 * epoch + what);
    let settings =
        OcclusionSettings { class: Some(1), square: Some(2), stride: None, fill: Fill::Blur };
    let mut all = vec![];
    let mut push = |subject, what: u32, make: &dyn Fn(&Picture) -> Document| {
        let picture = picture(what);
        all.push((subject, make(&picture), vec![picture]));
    };
    push(StudySubject::Activations { layer: layer.clone(), image: 3 }, 1, &|p| {
        activations(&layer, place, p)
    });
    push(StudySubject::Units { layer: layer.clone() }, 2, &|p| units(&layer, place, &[0, 1], p));
    push(StudySubject::Unit { layer: layer.clone(), map: 1 }, 3, &|p| {
        units(&layer, place, &[1], p)
    });
    push(StudySubject::Directions { layer: layer.clone() }, 4, &|p| directions(&layer, place, p));
    push(StudySubject::Synthesis { layer: layer.clone() }, 5, &|p| {
        synthesis(Some(&layer), place, p)
    });
    push(StudySubject::SynthesisOfMap { layer: layer.clone(), map: 2 }, 6, &|p| {
        synthesis(Some(&layer), place, p)
    });
    push(StudySubject::SynthesisOfClasses, 7, &|p| synthesis(None, place, p));
    push(StudySubject::Embedding { layer: layer.clone() }, 8, &|_| embedding(&layer, place));
    push(StudySubject::Occlusion { image: 3, settings: OcclusionSettings::default() }, 9, &|p| {
        occlusion(plan, place, true, p)
    });
    push(
        StudySubject::OcclusionOfMap { image: 2, layer: layer.clone(), map: 1, settings },
        10,
        &|p| occlusion(plan, place, false, p),
    );
    all
}

fn activations(layer: &str, place: [u32; 3], picture: &Picture) -> Document {
    let view = |i: u32| MapView {
        scale: Some(at(place, i) as f32),
        dead: i == 3,
        zero_share: Some(0.5),
        hoyer: (i != 3).then_some(0.25),
        treves_rolls: (i != 3).then_some(0.68),
        gini: (i != 3).then_some(0.71),
        localisation: Some(at(place, 10 + i) as f32),
        largest_component: None,
        input_correlation: Some(-0.5),
    };
    Document::Activations(ActivationSheet {
        epoch: place[1],
        layer: layer.into(),
        image: 3,
        signed: false,
        atlas: atlas(picture.id(), 4),
        maps: (0..4).map(view).collect(),
        population_sparseness: Some(0.375),
    })
}

fn units(layer: &str, place: [u32; 3], maps: &[u32], picture: &Picture) -> Document {
    let hit = |map: u32, rank: u32| UnitHit {
        image: rank,
        label: (rank > 0).then_some(1),
        row: map,
        column: rank,
        value: at(place, 20 + map * 2 + rank) as f32,
        again: (rank == 0).then(|| at(place, 20 + map * 2) as f32),
        reproduced: rank == 0,
        field: region(rank),
        patch: Some(map * 4 + rank * 2),
        projection: Some(map * 4 + rank * 2 + 1),
        projection_scale: Some(0.125),
        not_projected: None,
    };
    let tops = |map: &u32| UnitTops {
        map: *map,
        hits: vec![hit(*map, 0), hit(*map, 1)],
        churn: (place[1] > 0).then_some(0.5),
    };
    let readings = |what: u32| maps.iter().map(|map| Some(at(place, what + map) as f32)).collect();
    Document::Units(UnitSheet {
        epoch: place[1],
        layer: layer.into(),
        searched: SearchedImages {
            name: "the probe images".into(),
            count: 4,
            repeated: 1,
            probe: true,
        },
        field_status: FieldStatus::Exact,
        units: maps.iter().map(tops).collect(),
        earlier: place[1].checked_sub(1),
        atlas: atlas(picture.id(), 8),
        readings: MapReadings {
            dead: vec![false; maps.len()],
            largest: readings(30),
            zero_share: readings(32),
            hoyer: readings(34),
            lifetime_sparseness: readings(36),
            localisation: vec![None; maps.len()],
            input_likeness: readings(38),
        },
    })
}

fn directions(layer: &str, place: [u32; 3], picture: &Picture) -> Document {
    let view = |map: Option<u32>, tile: u32| DirectionView {
        map,
        purity: Some(0.75),
        class: Some(1),
        hits: (0..2)
            .map(|i| DirectionHit {
                image: i,
                row: 1,
                column: 2,
                value: at(place, 40 + i) as f32,
                field: region(i),
                patch: tile + i,
            })
            .collect(),
    };
    let basis = |(i, basis): (usize, Basis)| BasisSheet {
        basis,
        units: Some(0.5),
        random: Some(0.25),
        difference: Some(at(place, 50 + i as u32) as f32),
        low: Some(-0.125),
        high: Some(0.5),
        directions: 4,
        statement: "no difference that these images could show".into(),
        unit_views: vec![view(Some(1), 0)],
        random_views: vec![view(None, 2)],
    };
    Document::Directions(DirectionSheet {
        epoch: place[1],
        layer: layer.into(),
        images: 4,
        chance: Some(0.5),
        field_status: FieldStatus::UpperBound,
        bases: [Basis::Raw, Basis::Standardised, Basis::Whitened]
            .into_iter()
            .enumerate()
            .map(basis)
            .collect(),
        atlas: atlas(picture.id(), 4),
    })
}

fn synthesis(layer: Option<&str>, place: [u32; 3], picture: &Picture) -> Document {
    let view = |target: u32| SyntheticView {
        target,
        tile: (target < 2).then_some(target),
        start: Some(0.0),
        end: (target < 2).then(|| at(place, 60 + target) as f32),
        natural: Some(0.5),
    };
    Document::Synthesis(SynthesisSheet {
        epoch: place[1],
        layer: layer.map(String::from),
        recipe: "128 steps from noise (seed 1), blurred".into(),
        views: (0..3).map(view).collect(),
        atlas: atlas(picture.id(), 2),
    })
}

fn embedding(layer: &str, place: [u32; 3]) -> Document {
    let point = |i: u32| [at(place, 70 + i) as f32 - 0.5, 0.5 - at(place, 80 + i) as f32];
    Document::Embedding(EmbeddingSheet {
        epoch: place[1],
        layer: layer.into(),
        points: (0..4).map(point).collect(),
        perplexity: 1.25,
        aligned_to: place[1].checked_sub(2),
        neighbours: Some(NeighbourAgreement { neighbours: 2, value: 0.75, chance: 0.5 }),
        no_neighbours: None,
    })
}

fn occlusion(plan: &Plan, place: [u32; 3], whole: bool, picture: &Picture) -> Document {
    let positions = |what: u32| {
        (0..4).map(|i| (i != 2).then(|| at(place, what + i) as f32)).collect::<Vec<_>>()
    };
    let prediction = OccludedPrediction {
        quantity: OccludedQuantity::Probability,
        class: 1,
        clean: Some(0.9),
        probabilities: positions(90),
        clean_top: 1,
        top: vec![1, 1, 0, 1],
        pixels: Some(0),
        pixels_scale: 0.25,
        other_fill: Some(FillAgreement { fill: Fill::Blur, correlation: Some(0.5) }),
    };
    let layer = |(i, layer): (usize, &String)| OccludedLayer {
        layer: layer.clone(),
        map: 1,
        clean: Some(4.5),
        sums: positions(100 + 4 * i as u32),
        pixels: Some(1),
        pixels_scale: 0.5,
        projection: (i != 2).then_some(2),
        projection_scale: 0.75,
        agreement: OcclusionAgreement {
            correlation: Some(0.5),
            correlation_of_others: Some(0.25),
            overlap: None,
            overlap_of_others: Some(0.125),
        },
    };
    let layers = plan.layers.iter().enumerate().map(layer);
    Document::Occlusion(OcclusionSheet {
        epoch: place[1],
        image: if whole { 3 } else { 2 },
        square: 2,
        stride: 4,
        fill: Fill::Grey,
        rows: vec![0, 4],
        columns: vec![0, 4],
        prediction: whole.then_some(prediction),
        no_prediction: None,
        layers: if whole { layers.collect() } else { layers.take(1).collect() },
        atlas: atlas(picture.id(), 3),
    })
}
