//! What cannot be recorded, and why: each cause has its own error with its own advice, in plain words, and the terminal
//! shows nothing else.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::ModuleMapper;
use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::{DType, Distribution};
use spyhole_graph::{Graph, GraphError, Weights};

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    head: Linear,
}

impl Net {
    fn new(maps: usize) -> Self {
        let device = Device::flex();
        Self {
            conv: Conv2dConfig::new([2, maps], [3, 3]).init(&device),
            head: LinearConfig::new(maps * 36, 3).init(&device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.head.forward(self.conv.forward(x).flatten::<2>(1, 3)).unsqueeze()
    }
}

/// Every float parameter in another precision.
struct Cast(DType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let precision = self.0;
        param.map(|tensor| tensor.cast(precision))
    }
}

type Forward = Box<dyn Fn(&Net, Tensor<4>) -> Tensor<4>>;

fn forward(forward: impl Fn(&Net, Tensor<4>) -> Tensor<4> + 'static) -> Forward {
    Box::new(forward)
}

fn refused(shape: [usize; 3], forward: Forward) -> GraphError {
    Graph::capture(&Net::new(4), shape, forward).expect_err("it is refused")
}

/// What a message for people does not have in it.
fn check_words(name: &str, error: &GraphError) {
    let text = error.to_string();
    for unwanted in
        ["unwrap()", "TensorId", "Mismatch", "Dispatch", "Flex", "Capture", "Err(", "===", "\n"]
    {
        assert!(!text.contains(unwanted), "{name}: {unwanted:?} is in {text:?}");
    }
}

#[test]
fn every_cause_has_an_error_of_its_own_and_nothing_else_is_shown() {
    let shown = Arc::new(AtomicUsize::new(0));
    let count = shown.clone();
    std::panic::set_hook(Box::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    }));

    // Tensors of all kinds on another device, by the operations that bring two tensors together.
    let elsewhere = Device::default;
    let fixed =
        |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Default, &Device::flex());
    let [one, two, three] = [fixed([1, 2, 8, 8]), fixed([1, 2, 8, 8]), fixed([1, 2, 8, 8])];
    let weight = fixed([4, 2, 3, 3]);
    let other_device = [
        ("a fixed image", forward(move |net, x| net.forward(x - one.clone()))),
        (
            "a fixed image, repeated",
            forward(move |net, x| {
                let count = x.dims()[0];
                net.forward(x * two.clone().repeat_dim(0, count))
            }),
        ),
        (
            "a fixed image beside",
            forward(move |net, x| {
                net.forward(Tensor::cat(vec![x.narrow(0, 0, 1), three.clone()], 0))
            }),
        ),
        (
            "the default device",
            forward(move |net, x| net.forward(x.clone() + Tensor::zeros(x.dims(), &elsewhere()))),
        ),
        (
            "random numbers of another device",
            forward(move |net, x| {
                net.forward(x + Tensor::random([1, 2, 8, 8], Distribution::Default, &elsewhere()))
            }),
        ),
        (
            "a tensor that is trained elsewhere",
            forward(|net, x| {
                net.forward(x + Tensor::ones([1, 2, 8, 8], &Device::flex().autodiff()))
            }),
        ),
        (
            "indices",
            forward(move |net, x| {
                net.forward(x.select(3, Tensor::<1, Int>::arange(0..8, &elsewhere())))
            }),
        ),
        (
            "gathered",
            forward(move |net, x| {
                let shape = x.dims();
                net.forward(x.gather(3, Tensor::<4, Int>::zeros(shape, &elsewhere())))
            }),
        ),
        (
            "a mask to fill",
            forward(move |net, x| {
                let mask = Tensor::<4>::ones(x.dims(), &elsewhere()).greater_elem(0.5);
                net.forward(x.mask_fill(mask, 0.0))
            }),
        ),
        (
            "a mask to choose by",
            forward(move |net, x| {
                let mask = Tensor::<4>::ones(x.dims(), &elsewhere()).greater_elem(0.5);
                net.forward(x.clone().mask_where(mask, x * 2.0))
            }),
        ),
        (
            "filters",
            forward(move |_, x| {
                let options = burn::tensor::ops::ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
                burn::tensor::module::conv2d(x, weight.clone(), None, options)
            }),
        ),
        (
            "compared",
            forward(move |net, x| {
                let other = Tensor::zeros(x.dims(), &elsewhere());
                net.forward(x.clone() * x.equal(other).float())
            }),
        ),
        (
            "multiplied",
            forward(move |net, x| net.forward(x.matmul(Tensor::ones([1, 1, 8, 8], &elsewhere())))),
        ),
        ("moved away", forward(move |net, x| net.forward(x.to_device(&elsewhere())))),
    ];
    for (name, forward) in other_device {
        let error = refused([2, 8, 8], forward);
        assert_eq!(error, GraphError::OtherDevice, "{name}: {error}");
        check_words(name, &error);
    }

    let reading = [
        (
            "into_data",
            forward(|net, x| {
                let _ = x.clone().into_data();
                net.forward(x)
            }),
        ),
        (
            "a scalar",
            forward(|net, x| {
                let mean: f32 = x.clone().mean().into_scalar();
                net.forward(x / mean)
            }),
        ),
        (
            "a decision",
            forward(|net, x| {
                if x.clone().all_close(x.clone() * 2.0, None, None) { x } else { net.forward(x) }
            }),
        ),
        (
            "a truth value",
            forward(|net, x| {
                let any: bool = x.clone().greater_elem(1.0).any().into_scalar();
                if any { x } else { net.forward(x) }
            }),
        ),
        (
            "a whole number",
            forward(|net, x| {
                let at: i64 = x.clone().flatten::<1>(0, 3).argmax(0).into_scalar();
                net.forward(x + at as f32)
            }),
        ),
        (
            "converted",
            forward(|net, x| {
                let _ = x.to_data_as::<f64>();
                net.forward(x)
            }),
        ),
        (
            "tried",
            forward(|net, x| {
                x.try_to_data().unwrap();
                net.forward(x)
            }),
        ),
        (
            "close",
            forward(|net, x| {
                assert!(x.clone().all_close(x.clone(), None, None));
                net.forward(x)
            }),
        ),
        (
            "where",
            forward(|net, x| {
                let found = x.clone().greater_elem(0.0).argwhere();
                net.forward(x * found.dims()[0] as f32)
            }),
        ),
    ];
    for (name, forward) in reading {
        let error = refused([2, 8, 8], forward);
        assert_eq!(error, GraphError::ReadsValues, "{name}: {error}");
        check_words(name, &error);
    }

    for (precision, name) in [(DType::F16, "f16"), (DType::BF16, "bf16"), (DType::F64, "f64")] {
        let net = Net::new(4).map(&mut Cast(precision));
        let run = |net: &Net, x: Tensor<4>| net.forward(x.cast(precision));
        let error = Graph::capture(&net, [2, 8, 8], run).expect_err("it is refused");
        let parameter = "conv.weight".to_owned();
        assert_eq!(error, GraphError::Precision { parameter, precision: name.into() });
        check_words(name, &error);
    }
    let half = forward(|net, x| {
        let half = Tensor::<4>::ones([1, 2, 8, 8], (&x.device(), DType::F16));
        net.forward(x * half)
    });
    let error = refused([2, 8, 8], half);
    assert_eq!(error, GraphError::MixedPrecision, "{error}");
    check_words("half", &error);

    // Wrong images, whatever it is that they are wrong for; and a forward function with its own opinion.
    let fails: [(&str, [usize; 3], Forward, &[&str]); 5] = [
        ("channels", [3, 8, 8], forward(Net::forward), &["[2, 3, 8, 8]", "got: 3, expected: 2"]),
        ("size", [2, 9, 8], forward(Net::forward), &["[2, 2, 9, 8]"]),
        (
            "smaller than the kernel",
            [2, 2, 2],
            forward(|net, x| net.conv.forward(x)),
            &["[2, 2, 2, 2]"],
        ),
        (
            "its own words",
            [2, 8, 8],
            forward(|net, x| {
                assert!(x.dims()[2] == 32, "this network wants 32 pixels");
                net.forward(x)
            }),
            &["this network wants 32 pixels", "refusals.rs, line "],
        ),
        (
            "as many fixed images as a batch has",
            [2, 8, 8],
            forward(|net, x| net.forward(x.clone() + Tensor::ones([16, 2, 8, 8], &x.device()))),
            &["[2, 2, 8, 8]", "two and with three images"],
        ),
    ];
    for (name, shape, forward, expected) in fails {
        let error = refused(shape, forward);
        assert!(matches!(error, GraphError::ForwardFails { .. }), "{name}: {error}");
        for words in expected {
            assert!(error.to_string().contains(words), "{name}: {words:?} is not in {error}");
        }
        check_words(name, &error);
    }

    let calls = Cell::new(0);
    let other_path = refused(
        [2, 8, 8],
        forward(move |net, x| {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { net.forward(x) } else { net.forward(x.neg()) }
        }),
    );
    assert!(
        matches!(&other_path, GraphError::ChangesFromCallToCall { right, .. } if right == "Neg"),
        "{other_path}"
    );
    check_words("other path", &other_path);
    // A coin that falls differently for the second batch size only.
    let calls = Cell::new(0);
    let coin = refused(
        [2, 8, 8],
        forward(move |net, x| {
            calls.set(calls.get() + 1);
            if [2, 5].contains(&calls.get()) { net.forward(x.neg()) } else { net.forward(x) }
        }),
    );
    assert!(matches!(coin, GraphError::ChangesFromCallToCall { .. }), "{coin}");
    let by_size = refused(
        [2, 8, 8],
        forward(|net, x| if x.dims()[0] == 2 { net.forward(x) } else { net.forward(x.neg()) }),
    );
    assert!(
        matches!(by_size, GraphError::DependsOnBatchSize { first: 2, second: 3, .. }),
        "{by_size}"
    );
    check_words("by size", &by_size);

    let constant = forward(|_, _| Tensor::zeros([1, 1, 1, 1], &Device::flex()));
    assert_eq!(refused([2, 8, 8], constant), GraphError::OutputElsewhere);

    assert_eq!(shown.load(Ordering::Relaxed), 0, "nothing is shown of what became an error");
    // What others have to say is shown, while a forward function is recorded and afterwards.
    let loud = forward(|net, x| {
        assert!(std::thread::spawn(|| panic!("another thread")).join().is_err());
        net.forward(x)
    });
    assert!(Graph::capture(&Net::new(4), [2, 8, 8], loud).is_ok());
    let _ = std::panic::catch_unwind(|| panic!("afterwards"));
    assert_eq!(shown.load(Ordering::Relaxed), 4);
}

/// Numbers that the forward function draws itself: nothing behind them can be told.
#[test]
fn random_numbers_of_the_host_are_named_where_they_are_used() {
    let calls = Cell::new(0.0);
    let number = move || {
        calls.set(calls.get() + 1.0);
        calls.get()
    };
    let row = {
        let number = number.clone();
        move || number() as usize % 4
    };
    let drawn: [(&str, Forward); 4] = [
        ("Slice that changes from call to call", {
            let row = row.clone();
            forward(move |net, x| {
                let row = row();
                net.conv.forward(x.slice([0..usize::MAX, 0..2, row..row + 4]))
            })
        }),
        ("SliceAssign that changes from call to call", {
            let row = row.clone();
            forward(move |net, x| {
                let (row, [count, ..]) = (row(), x.dims());
                let hole = Tensor::zeros([count, 2, 2, 8], &x.device());
                net.conv.forward(x.slice_assign([0..count, 0..2, row..row + 2, 0..8], hole))
            })
        }),
        ("MulScalar that changes from call to call", {
            let number = number.clone();
            forward(move |net, x| net.conv.forward(x * number()))
        }),
        (
            "a tensor made from data that changes from call to call",
            forward(move |net, x| {
                let mask = Tensor::<1>::from_floats([number()], &x.device());
                net.conv.forward(x * mask.unsqueeze())
            }),
        ),
    ];
    for (expected, forward) in drawn {
        let graph = Graph::capture(&Net::new(4), [2, 8, 8], forward).expect("it is recorded");
        let cause = graph.layers()[0].unsupported().unwrap_or("nothing");
        assert!(cause.starts_with(expected), "{cause}");
    }
}

#[test]
fn weights_of_another_network_are_told_by_their_first_difference() {
    let net = Net::new(4);
    let graph = Graph::capture(&net, [2, 8, 8], Net::forward).expect("it is recorded");
    let weights = |net: &Net| Weights::of(net, &Device::flex());
    assert_eq!(graph.check(&weights(&net)), Ok(()));
    let other = graph.check(&weights(&Net::new(5)));
    let expected = "the weights are of another network than the recorded one: `conv.weight` has shape \
                    [5, 2, 3, 3], and had [4, 2, 3, 3] when it was recorded";
    assert_eq!(other.map_err(|error| error.to_string()), Err(expected.into()));
    assert!(matches!(graph.check(&Weights::default()), Err(GraphError::MissingParameter { .. })));
}
