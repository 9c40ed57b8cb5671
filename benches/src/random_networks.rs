//! Networks that are another one in every epoch: nothing in them settles, whatever chance makes of few images.

use std::error::Error;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::relu;
use spyhole::{ProbeSet, Spyhole, Studies};
use spyhole_protocol::{Event, LayerState};
use spyhole_sink::RunLog;

/// How many networks one run sees, one per epoch.
pub const EPOCHS: u64 = 11;

#[derive(Module, Debug)]
struct Net {
    c1: Conv2d,
    c2: Conv2d,
    c3: Conv2d,
}

impl Net {
    fn random(device: &Device) -> Self {
        let conv = |from, to| Conv2dConfig::new([from, to], [3, 3]).init(device);
        Self { c1: conv(1, 8), c2: conv(8, 12), c3: conv(12, 16) }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        relu(self.c3.forward(relu(self.c2.forward(relu(self.c1.forward(images))))))
    }
}

/// Smooth random images, `[count, 1, 16, 16]`.
fn images(count: usize, device: &Device) -> Tensor<4> {
    let coarse = Tensor::<4>::random([count, 1, 4, 4], Distribution::Normal(0.0, 1.0), device);
    let fine = coarse.repeat_dim(2, 4).repeat_dim(3, 4);
    let noise = Tensor::random(fine.shape(), Distribution::Normal(0.0, 0.3), device);
    fine + noise
}

/// How the three layers stand after [`EPOCHS`] epochs of new weights, judged by so many images.
///
/// # Errors
/// When the run cannot be recorded or read.
pub fn states(seed: u64, count: usize) -> Result<Vec<LayerState>, Box<dyn Error>> {
    let device = Device::flex();
    device.seed(seed);
    let dir = tempfile::tempdir()?;
    let spyhole = Spyhole::builder(dir.path(), ProbeSet::new(images(count, &device)))
        .studies(Studies::on_demand())
        .no_dashboard()
        .build()?;
    let nets = (0..EPOCHS).map(|epoch| (epoch as usize, Net::random(&device)));
    spyhole.inspect_epochs(nets, Net::forward)?;
    drop(spyhole);
    let mut states = vec![];
    RunLog::open(dir.path())?.each_of_kinds(&["settling"], |event| {
        if let Event::Settling(settling) = event {
            states = settling.layers.iter().map(|layer| layer.state).collect();
        }
    })?;
    Ok(states)
}
