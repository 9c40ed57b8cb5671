use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;

/// A normalised picture and its class.
#[derive(Clone, Debug)]
pub struct Item {
    pub pixels: Vec<f32>,
    pub label: usize,
}

/// Pictures side by side.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[N, C, H, W]`
    pub images: Tensor<4>,
    /// `[N]`
    pub labels: Tensor<1, Int>,
}

/// Puts pictures of one shape side by side.
#[derive(Clone, Debug)]
pub struct Stack {
    /// `[C, H, W]`
    pub shape: [usize; 3],
}

impl Batcher<Item, Batch> for Stack {
    fn batch(&self, items: Vec<Item>, device: &Device) -> Batch {
        let [channels, height, width] = self.shape;
        let labels: Vec<i64> = items.iter().map(|item| item.label as i64).collect();
        let pixels: Vec<f32> = items.into_iter().flat_map(|item| item.pixels).collect();
        let count = labels.len();
        let images = TensorData::new(pixels, [count, channels, height, width]);
        Batch {
            images: Tensor::from_data(images, device),
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
        }
    }
}
