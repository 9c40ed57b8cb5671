//! One check for every operation: a network with a random signal at its output is compared with Burn's own
//! autodiff, with finite differences, and with itself.
#![allow(dead_code)] // each test file uses some of them

use burn::module::Module;
use burn::prelude::*;
use burn::tensor::Distribution;
use spyhole_graph::{Graph, Layer, Method, Seed, Weights};

pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().expect("floats")
}

pub fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

/// Equal up to `tolerance` times the largest number expected.
pub fn assert_close(got: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-3f32, |scale, x| scale.max(x.abs()));
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        let close = (got - expected).abs() <= tolerance * scale;
        assert!(close, "{what}: {i}: {got} against {expected}");
    }
}

pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// What is known about a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `f(x) − f(0)` is linear: all methods apply its adjoint.
    Linear,
    /// The same, where Burn's autodiff has no derivative to compare with.
    LinearWithoutAutodiff,
    /// It has a derivative and no rectifier: all methods apply the derivative.
    Smooth,
    /// It rectifies, or has jumps: only the gradient is compared, and not with finite differences.
    Other,
}

const METHODS: [Method; 3] = [Method::Deconvnet, Method::Guided, Method::Gradient];
pub const BATCH: usize = 3;

/// Checks a network on images that the caller chose. The tolerance is that of two ways to compute the same
/// derivative: a norm of numbers that are nearly alike magnifies rounding.
pub fn check_on<M: Module, const D: usize>(
    what: &str,
    kind: Kind,
    tolerance: f32,
    model: &M,
    x: Tensor<4>,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) {
    let device = Device::flex();
    let [batch, shape @ ..] = x.dims();
    let graph = Graph::capture(model, shape, &forward).unwrap_or_else(|e| panic!("{what}: {e}"));
    let weights = Weights::of(model, &device);
    let activations = graph.forward(&weights, x.clone()).unwrap();
    let output = activations.output::<D>().unwrap_or_else(|e| panic!("{what}: {e}"));
    let expected = forward(&model.valid(), x.clone());
    assert_close(&numbers(output.clone()), &numbers(expected), 1e-6, &format!("{what}: forward"));

    let signal = random(output.dims());
    let all: Vec<_> = (0..batch).collect();
    let back = |method| {
        let picture = activations.project_output(signal.clone(), &all, method);
        numbers(picture.unwrap_or_else(|e| panic!("{what}: {e}")))
    };
    let gradient = back(Method::Gradient);
    if kind != Kind::LinearWithoutAutodiff {
        let autodiff = autodiff(model, x.clone(), signal.clone(), &forward);
        assert_close(&gradient, &autodiff, tolerance, &format!("{what}: against autodiff"));
    }

    if kind != Kind::Other {
        for method in METHODS {
            assert_close(&back(method), &gradient, 1e-6, &format!("{what}: {method:?}"));
        }
    }
    if matches!(kind, Kind::Linear | Kind::LinearWithoutAutodiff) {
        // ⟨A x, g⟩ = ⟨x, Aᵀ g⟩, and Aᵀ g with the matrix A written out.
        let offset = forward(&model.valid(), x.zeros_like());
        let slow = by_matrix(model, x.dims(), numbers(signal.clone()), &forward);
        assert_close(&gradient, &slow, 1e-4, &format!("{what}: matrix"));
        let left = dot(&numbers(output.clone() - offset), &numbers(signal.clone()));
        let right = dot(&numbers(x.clone()), &gradient);
        let scale = numbers(output).iter().fold(1.0, |s, &x| s + f64::from(x * x)).sqrt();
        assert!((left - right).abs() < 1e-4 * scale * scale, "{what}: {left} against {right}");
    }
    if kind == Kind::Smooth {
        let direction = random(x.dims());
        let signal = numbers(signal.clone());
        let right = dot(&numbers(direction.clone()), &gradient);
        // The shorter a step the rounder, but the less likely it reaches beyond the edge of a maximum.
        let differences = [1e-2, 1e-3, 2e-4].map(|step| {
            let at = |step: f32| forward(&model.valid(), x.clone() + direction.clone() * step);
            let change = numbers((at(step) - at(-step)) / (2.0 * step));
            let scale = (dot(&change, &change) * dot(&signal, &signal)).sqrt() + 0.1;
            (dot(&change, &signal) - right) / scale
        });
        let agrees = differences.iter().any(|difference| difference.abs() < 2e-2);
        assert!(agrees, "{what}: off by {differences:?} of {right}, differences");
    }
    some_images(what, tolerance, &graph, &weights, x, &gradient, |activations, images| {
        let positions: Vec<i64> = images.iter().map(|&i| i as i64).collect();
        let positions = Tensor::from_data(TensorData::from(positions.as_slice()), &device);
        let rows = signal.dims()[0] / batch;
        assert_eq!(rows, 1, "{what}: one row per image");
        activations.project_output(signal.clone().select(0, positions), images, Method::Gradient)
    });
}

/// `Aᵀ g` for `f(x) = A x + b`, the slow way: the image of every unit vector, times `g`.
fn by_matrix<M: Module, const D: usize>(
    model: &M,
    [batch, channels, height, width]: [usize; 4],
    signal: Vec<f32>,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) -> Vec<f32> {
    let size = channels * height * width;
    let units = Tensor::<2>::eye(size, &Device::flex()).reshape([size, channels, height, width]);
    let columns = forward(&model.valid(), units.clone()) - forward(&model.valid(), units * 0.0);
    let columns = numbers(columns);
    let (of_unit, of_image) = (columns.len() / size, signal.len() / batch);
    assert_eq!(of_unit, of_image);
    let images = signal.chunks(of_image);
    images.flat_map(|g| columns.chunks(of_unit).map(|y| dot(y, g) as f32)).collect()
}

/// Some images of a batch in any order give what they give in the whole batch.
fn some_images(
    what: &str,
    tolerance: f32,
    graph: &Graph,
    weights: &Weights,
    x: Tensor<4>,
    whole: &[f32],
    project: impl Fn(
        &spyhole_graph::Activations<'_>,
        &[usize],
    ) -> Result<Tensor<4>, spyhole_graph::GraphError>,
) {
    let size = whole.len() / x.dims()[0];
    let last = x.dims()[0] - 1;
    let activations = graph.forward(weights, x).unwrap();
    let images = [last, 0, last, last];
    let picture = project(&activations, &images).unwrap_or_else(|e| panic!("{what}: {e}"));
    let expected: Vec<f32> =
        images.iter().flat_map(|i| whole[i * size..(i + 1) * size].to_vec()).collect();
    assert_close(&numbers(picture), &expected, tolerance, &format!("{what}: some images"));
}

/// Burn's own gradient of `⟨f(x), signal⟩`.
pub fn autodiff<M: Module, const D: usize>(
    model: &M,
    x: Tensor<4>,
    signal: Tensor<D>,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) -> Vec<f32> {
    let device = Device::flex().autodiff();
    let x = Tensor::<4>::from_inner(x).require_grad();
    // Frozen: batch norm uses its running statistics, as in evaluation.
    let model = model.valid().fork(&device).freeze();
    let loss = (forward(&model, x.clone()) * Tensor::from_inner(signal)).sum();
    match x.grad(&loss.backward()) {
        Some(gradient) => numbers(gradient),
        None => vec![0.0; x.shape().num_elements()],
    }
}

/// Checks a network on random images `[channels, height, width]`.
pub fn check<M: Module, const D: usize>(
    what: &str,
    kind: Kind,
    model: &M,
    [channels, height, width]: [usize; 3],
    forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
) {
    check_on(what, kind, 1e-4, model, random([BATCH, channels, height, width]), forward);
}

/// No signal of these units leaves their receptive field: not the smallest number.
pub fn assert_within_field(
    graph: &Graph,
    weights: &Weights,
    x: Tensor<4>,
    layer: &Layer,
    what: &str,
) {
    let [.., height, width] = x.dims();
    let activations = graph.forward(weights, x).unwrap();
    let [maps, rows, columns] = layer.shape();
    for (row, column) in [(0, 0), (rows / 2, columns / 3), (rows - 1, columns - 1)] {
        let field = graph.field(layer, row, column).visible;
        let seeds: Vec<_> =
            (0..maps.min(2)).map(|map| Seed::Unit { image: 0, map, row, column }).collect();
        let picture = activations
            .project_with(layer, &seeds, spyhole_graph::SeedValue::One, Method::Gradient)
            .unwrap_or_else(|e| panic!("{what}, {}: {e}", layer.name()));
        for (i, value) in numbers(picture).into_iter().enumerate() {
            let y = (i / width % height) as i64;
            let x = (i % width) as i64;
            let inside = (field.rows.first..=field.rows.last).contains(&y)
                && (field.columns.first..=field.columns.last).contains(&x);
            let name = layer.name();
            assert!(
                inside || value == 0.0,
                "{what}, {name} at {row}, {column}: {value} at {y}, {x}, outside {field:?}"
            );
        }
    }
}
