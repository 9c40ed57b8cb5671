//! A grey square of 16 pixels over an image of 224, 8 pixels apart, 729 places: seconds for the class scores and
//! for the sums of maps, on the same nets and machine as `benches/peers/captum_occlusion.py`.
//!
//! `cargo run --release -p benches --bin occlusion -- [residual|vgg] [SHARE]`
//!
//! `SHARE` (default 1) is the share of the rows of squares that is measured; times are scaled up to all of them,
//! as the peer's are.

#![allow(clippy::print_stdout)] // a program for the terminal

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use benches::nets::{self, Classifier, Residual, Vgg};
use burn::prelude::*;
use burn::tensor::Distribution;
use spyhole_graph::{Cover, Graph, Layer, Wanted, Weights};

const SIDE: usize = 224;
const SQUARE: usize = 16;
const STRIDE: usize = 8;
const CLASSES: usize = 1000;
const TIMES: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let (net, share) = nets::arguments()?;
    let device = Device::flex();
    match net.as_str() {
        "residual" => {
            let net = Classifier::new(Residual::new(&device), 64, CLASSES, &device);
            run(&net, share, |net, x| net.forward(x, Residual::forward))
        }
        "vgg" => {
            let net = Classifier::new(Vgg::new(&device), 512, CLASSES, &device);
            run(&net, share, |net, x| net.forward(x, Vgg::forward))
        }
        other => Err(format!("no net is called {other}: residual or vgg").into()),
    }
}

fn run<M: Module>(
    net: &M,
    share: f64,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<2>,
) -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let graph = Graph::capture(net, [3, SIDE, SIDE], forward)?;
    let image = Tensor::random([1, 3, SIDE, SIDE], Distribution::Normal(0.0, 1.0), &device);
    let start = Instant::now();
    let activations = graph.forward(&Weights::of(net, &device), image)?;
    println!("forward of the clean image: {:.3} s", start.elapsed().as_secs_f64());
    let columns: Vec<usize> = (0..=SIDE - SQUARE).step_by(STRIDE).collect();
    let used = ((columns.len() as f64 * share).ceil() as usize).clamp(1, columns.len());
    // Rows spread over the image, so that borders have their share.
    let rows: Vec<usize> = (0..used).map(|i| columns[i * columns.len() / used]).collect();
    let scale = columns.len() as f64 / used as f64;
    let picture = vec![0f32; 3 * SIDE * SIDE];
    let cover = Cover { size: [SQUARE; 2], rows: &rows, columns: &columns, picture: &picture };
    let measure = |what: &str, maps: &[(&Layer, usize)], output: bool| {
        let wanted = Wanted { maps, output };
        let mut seconds: Vec<f64> = vec![];
        for _ in 0..TIMES {
            let start = Instant::now();
            let found =
                activations.occlude(0, &cover, &wanted, |_, _| ControlFlow::Continue(()))?;
            std::hint::black_box(found);
            seconds.push(start.elapsed().as_secs_f64() * scale);
        }
        println!("{what:<34} {}", seconds.iter().map(|s| format!("{s:8.3}")).collect::<String>());
        Ok::<(), Box<dyn Error>>(())
    };
    println!("{} of {} places; seconds for all", used * columns.len(), columns.len().pow(2));
    let all: Vec<(&Layer, usize)> = graph.layers().iter().map(|layer| (layer, 0)).collect();
    measure("class scores", &[], true)?;
    measure("class scores and a map per layer", &all, true)?;
    for layer in graph.layers() {
        measure(layer.name(), &[(layer, 0)], false)?;
    }
    Ok(())
}
