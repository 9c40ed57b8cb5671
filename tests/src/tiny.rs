//! The smallest network that has everything: two convolutions, batch norm, rectifiers, a head. It trains in
//! milliseconds.
//!
//! The stores in `tests/fixtures` were recorded with it: keep its default form.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;

/// Side of the square images.
pub const SIDE: usize = 8;

/// Two convolutions and a head that says whether the bars lie or stand.
#[derive(Module, Debug)]
pub struct Tiny {
    near: Conv2d,
    norm: BatchNorm,
    far: Conv2d,
    head: Linear,
}

impl Tiny {
    /// Random weights from the device's generator; four maps in each layer.
    pub fn new(device: &Device) -> Self {
        Self::with_maps([4, 4], 3, device)
    }

    /// So many maps in each layer, and the kernel of the second one.
    pub fn with_maps([near, far]: [usize; 2], kernel: usize, device: &Device) -> Self {
        let conv = |from, to, kernel| {
            Conv2dConfig::new([from, to], [kernel, kernel])
                .with_padding(PaddingConfig2d::Same)
                .init(device)
        };
        Self {
            near: conv(1, near, 3),
            norm: BatchNormConfig::new(near).init(device),
            far: conv(near, far, kernel),
            head: LinearConfig::new(far, 2).init(device),
        }
    }

    /// `[N, 1, H, W]` to `[N, 2]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.norm.forward(self.near.forward(images)));
        let x = relu(self.far.forward(x));
        let [count, maps, _, _] = x.dims();
        self.head.forward(x.mean_dim(3).mean_dim(2).reshape([count, maps]))
    }
}

/// Images of lying (0) and standing (1) bars with a little noise, and what they are.
pub fn bars(count: usize, side: usize, device: &Device) -> (Tensor<4>, Vec<usize>) {
    let pixels: Vec<f32> = (0..count * side * side)
        .map(|i| {
            let (image, row, column) = (i / side / side, i / side % side, i % side);
            let along = if image.is_multiple_of(2) { row } else { column };
            let hash = i.wrapping_mul(2_654_435_761) >> 7 & 0xff;
            let noise = (hash as f32 / 255.0 - 0.5) * 0.2;
            noise + if along % 4 < 2 { 1.0 } else { 0.0 }
        })
        .collect();
    let images = Tensor::from_data(TensorData::new(pixels, [count, 1, side, side]), device);
    (images, (0..count).map(|image| image % 2).collect())
}

/// Gradient descent on one batch.
pub struct Training {
    images: Tensor<4>,
    labels: Tensor<1, Int>,
    optimizer: ModuleOptimizer,
}

impl std::fmt::Debug for Training {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Training").finish_non_exhaustive()
    }
}

impl Training {
    /// On so many images of that side.
    pub fn new(count: usize, side: usize, device: &Device) -> Self {
        let (images, labels) = bars(count, side, device);
        let labels: Vec<i64> = labels.into_iter().map(|label| label as i64).collect();
        let labels = Tensor::from_data(TensorData::new(labels, [count]), device);
        Self { images, labels, optimizer: SgdConfig::new().init() }
    }

    /// One epoch: one step. Returns the network after it and the loss before it.
    pub fn epoch(&mut self, net: Tiny, rate: f64) -> (Tiny, f64) {
        let output = net.forward(self.images.clone());
        let loss = CrossEntropyLossConfig::new().init(&output.device());
        let loss = loss.forward(output, self.labels.clone());
        let value = loss.clone().into_data().try_to_vec::<f32>().unwrap_or_default();
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        let value = value.first().copied().map_or(f64::NAN, f64::from);
        (self.optimizer.step(rate, net, gradients), value)
    }
}
