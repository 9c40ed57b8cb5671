//! What a model puts out, and how large its images are: recorded as they are, and not guessed.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid, softmax};
use end_to_end::recorded::{self, Run};
use spyhole::{Output, ProbeSet, Spyhole, SpyholeError};
use spyhole_protocol::{
    Document, Event, OccludedPrediction, OccludedQuantity, OcclusionSheet, Original, OutputMeaning,
};
use tempfile::TempDir;

/// A convolution, the mean over the plane, and a linear layer.
#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    head: Linear,
}

impl Net {
    fn new(channels: usize) -> Self {
        let device = Device::flex();
        Self {
            conv: Conv2dConfig::new([channels, 4], [3, 3]).with_stride([2, 2]).init(&device),
            head: LinearConfig::new(4, 5).init(&device),
        }
    }

    /// `[N, 5]`
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.conv.forward(images));
        self.head.forward(x.mean_dims(&[2, 3]).flatten(1, 3))
    }
}

type Forward = fn(&Net, Tensor<4>) -> Tensor<2>;
const FIVE: Forward = |net, x| net.forward(x);
const ONE: Forward = |net, x| net.forward(x).narrow(1, 2, 1);
const SIGMOID: Forward = |net, x| sigmoid(net.forward(x).narrow(1, 2, 1));
const PLANES: fn(&Net, Tensor<4>) -> Tensor<4> = |net, x| net.conv.forward(x);

const IMAGES: usize = 20;

fn images([channels, height, width]: [usize; 3]) -> Tensor<4> {
    let pixels = (0..IMAGES * channels * height * width).map(|i| ((i * i) as f32 * 0.37).sin());
    let shape = [IMAGES, channels, height, width];
    Tensor::from_data(TensorData::new(pixels.collect(), shape), &Device::flex())
}

fn inspected<const D: usize>(
    set: ProbeSet,
    net: &Net,
    forward: fn(&Net, Tensor<4>) -> Tensor<D>,
) -> Result<(TempDir, Run), SpyholeError> {
    let temp = tempfile::tempdir().unwrap();
    let spyhole = Spyhole::builder(temp.path(), set).no_dashboard().build()?;
    spyhole.inspect(net, forward)?;
    drop(spyhole);
    let run = recorded::read(temp.path());
    Ok((temp, run))
}

fn documents(run: &Run) -> Vec<Document> {
    let ids = run.events(|event| match event {
        Event::Study(study) => Some(study.document.clone()),
        _ => None,
    });
    ids.into_iter().map(|id| run.log.document(&id).unwrap().unwrap()).collect()
}

fn occlusion(run: &Run) -> OcclusionSheet {
    let sheets = documents(run).into_iter().filter_map(|document| match document {
        Document::Occlusion(sheet) if sheet.image == 0 => Some(sheet),
        _ => None,
    });
    sheets.into_iter().next().expect("the first image is covered")
}

#[test]
fn a_class_is_spoken_of_only_where_it_is_known() {
    use OutputMeaning::{Binary, Classes, Numbers};
    let set = || ProbeSet::new(images([1, 12, 12]));
    let two = || (0..IMAGES).map(|image| image % 2);
    let names = ["a", "b", "c", "d", "e"];
    let cases: [(ProbeSet, Forward, OutputMeaning); 8] = [
        (set(), FIVE, Numbers),
        (set().class_names(names), FIVE, Classes),
        (set().output(Output::Classes), FIVE, Classes),
        (set().labels(two()).class_names(["a", "b"]), FIVE, Numbers),
        (set().output_names(names), FIVE, Numbers),
        (set(), ONE, Numbers),
        (set().labels(two()), ONE, Binary),
        (set().output(Output::Binary), SIGMOID, Binary),
    ];
    let net = Net::new(1);
    let first = images([1, 12, 12]).narrow(0, 0, 1);
    for (i, (set, forward, meaning)) in cases.into_iter().enumerate() {
        let (_dir, run) = inspected(set, &net, forward).unwrap();
        // Names that fit no output are told of as well.
        assert_eq!(run.faults().len(), usize::from(i == 3), "{i}");
        let output = run.started().output.unwrap();
        assert_eq!(output.meaning, meaning, "{i}: {}", output.reason);
        let numbers = forward(&net, first.clone());
        assert_eq!(output.count, Some(numbers.dims()[1] as u32));
        let said: Vec<f32> = match (meaning, i) {
            (Classes, _) => softmax(numbers, 1).into_data().try_to_vec().unwrap(),
            (Numbers, _) => numbers.into_data().try_to_vec().unwrap(),
            (Binary, 7) => numbers.into_data().try_to_vec().unwrap(),
            (Binary, _) => sigmoid(numbers).into_data().try_to_vec().unwrap(),
        };
        let said = if meaning == Binary { vec![1.0 - said[0], said[0]] } else { said };
        let sheet = occlusion(&run);
        let found: OccludedPrediction = sheet.prediction.expect("it is read");
        let is_number = found.quantity == OccludedQuantity::Number;
        assert_eq!((is_number, found.top.is_empty()), (meaning == Numbers, meaning == Numbers));
        let clean = found.clean.unwrap();
        assert!((clean - said[found.class as usize]).abs() < 1e-5, "{i}: {clean} {said:?}");
        if i == 6 {
            assert_eq!(found.class, 0, "the image's own");
        }
        let of_classes = documents(&run).iter().any(
            |document| matches!(document, Document::Synthesis(sheet) if sheet.layer.is_none()),
        );
        assert_eq!(of_classes, meaning != Numbers, "{i}: images of classes");
    }

    let (_dir, run) = inspected(set(), &net, PLANES).unwrap();
    let sheet = occlusion(&run);
    let why = sheet.no_prediction.unwrap();
    assert!(sheet.prediction.is_none() && why.contains("[4, 5, 5]"), "{why}");

    for (set, forward, expected) in [
        (set().output(Output::Binary), FIVE, "`Output::Binary`"),
        (set().output(Output::Classes), ONE, "at least two numbers"),
        (set().output_names(["x"]), FIVE, "1 names of outputs"),
    ] {
        let error = inspected(set, &net, forward).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn images_of_any_size_are_recorded_with_their_size() {
    for (shape, tile, original) in [
        ([1, 160, 96], [128, 76], Some([160, 96, 1, 1])),
        ([13, 16, 16], [67, 67], Some([16, 16, 13, 4])),
        ([3, 16, 24], [16, 24], None),
    ] {
        let (_dir, run) =
            inspected(ProbeSet::new(images(shape)), &Net::new(shape[0]), FIVE).unwrap();
        assert_eq!(run.faults(), [""; 0], "{shape:?}");
        let started = run.started();
        assert_eq!(started.input_shape, shape.map(|side| side as u32));
        let original = original.map(|[height, width, planes, columns]| Original {
            height,
            width,
            planes,
            columns,
        });
        let sheet = occlusion(&run);
        for atlas in [&started.probe.atlas, &sheet.atlas] {
            assert_eq!([atlas.tile_height, atlas.tile_width], tile, "{shape:?}");
            assert_eq!(atlas.original, original, "{shape:?}");
        }
        let side = (shape[1].min(shape[2]) / 4) as u32;
        assert_eq!((sheet.square, sheet.stride), (side, (side / 4).max(1)));
        let last = |starts: &[u32], extent: usize| {
            let last = starts.last().copied().unwrap() as usize;
            assert!(
                last + side as usize <= extent
                    && last + side as usize + sheet.stride as usize > extent
            );
        };
        last(&sheet.rows, shape[1]);
        last(&sheet.columns, shape[2]);
    }
}

#[test]
fn a_share_has_a_chance_below_one() {
    let set = ProbeSet::new(images([1, 12, 12])).output(Output::Classes);
    for (set, why, uncompared) in [
        (set.clone(), "the probe images have no labels", "the probe images have none"),
        (
            set.labels([2; IMAGES]),
            "all probe images are of one class",
            "all probe images are of one",
        ),
    ] {
        let (_dir, run) = inspected(set, &Net::new(1), FIVE).unwrap();
        for document in documents(&run) {
            match document {
                Document::Embedding(sheet) => {
                    assert_eq!(
                        (sheet.neighbours, sheet.no_neighbours.as_deref()),
                        (None, Some(why))
                    );
                }
                Document::Directions(sheet) => {
                    assert_eq!(sheet.chance, None);
                    for basis in sheet.bases {
                        assert!(basis.statement.contains(uncompared), "{}", basis.statement);
                        let mut views = basis.unit_views.iter().chain(&basis.random_views);
                        assert!(views.all(|view| view.purity.is_none() && view.class.is_none()));
                    }
                }
                _ => {}
            }
        }
    }
}
