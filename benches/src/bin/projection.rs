//! Top-9 units of every map of a layer, projected with the deconvnet: seconds per layer, on the same nets,
//! images, units and machine as `benches/peers/captum_projection.py`.
//!
//! `cargo run --release -p benches --bin projection -- [residual|vgg] [LARGEST_SHARE]`
//!
//! `LARGEST_SHARE` (default 1) is the share of a layer's maps that is projected; times are scaled up to all
//! of them, as the peer's are, so that deep layers can be measured in minutes.

#![allow(clippy::print_stdout)] // a program for the terminal

use std::error::Error;
use std::time::Instant;

use benches::nets::{self, Residual, Vgg};
use burn::prelude::*;
use burn::tensor::Distribution;
use spyhole_graph::{Graph, LayerKind, Method, Seed, Weights};

const SIDE: usize = 224;
const IMAGES: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let (net, share) = nets::arguments()?;
    let device = Device::flex();
    match net.as_str() {
        "residual" => run(&Residual::new(&device), share, |net, x| net.forward(x)),
        "vgg" => run(&Vgg::new(&device), share, |net, x| net.forward(x)),
        other => Err(format!("no net is called {other}: residual or vgg").into()),
    }
}

fn run<M: Module>(
    net: &M,
    share: f64,
    forward: impl Fn(&M, Tensor<4>) -> Tensor<4>,
) -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let graph = Graph::capture(net, [3, SIDE, SIDE], forward)?;
    let images = Tensor::random([IMAGES, 3, SIDE, SIDE], Distribution::Normal(0.0, 1.0), &device);
    let start = Instant::now();
    let activations = graph.forward(&Weights::of(net, &device), images)?;
    println!("forward of {IMAGES} images: {:.3} s", start.elapsed().as_secs_f64());
    println!("{:<18} {:>6} {:>9} {:>10}", "layer", "units", "measured", "seconds");
    for layer in graph.layers().iter().filter(|layer| layer.kind() == LayerKind::Convolution) {
        let [maps, height, width] = layer.shape();
        let values: Vec<f32> = activations.layer(layer)?.into_data().try_to_vec()?;
        let used = ((maps as f64 * share).ceil() as usize).clamp(1, maps);
        let mut seeds = vec![];
        for map in 0..used {
            // The strongest unit of the map in each image: nine units, as nine images are given.
            for image in 0..IMAGES {
                let plane = &values[(image * maps + map) * height * width..][..height * width];
                let best =
                    (0..plane.len()).max_by(|&a, &b| plane[a].total_cmp(&plane[b])).unwrap_or(0);
                seeds.push(Seed::Unit { image, map, row: best / width, column: best % width });
            }
        }
        let start = Instant::now();
        // As a user does it: pictures are taken and used pass by pass, not all kept.
        for seeds in seeds.chunks(128) {
            let pictures = activations.project(layer, seeds, Method::Deconvnet)?;
            std::hint::black_box(pictures.into_data());
        }
        let seconds = start.elapsed().as_secs_f64() * maps as f64 / used as f64;
        println!("{:<18} {:>6} {:>9} {seconds:>10.3}", layer.name(), maps * IMAGES, used * IMAGES);
    }
    Ok(())
}
