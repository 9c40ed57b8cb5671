//! Where the backbone's weights come from.

use std::error::Error;
use std::path::Path;

use batches::Batch;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::prelude::*;
use datasets::shapes;

use crate::net::{Backbone, Net};

/// Trains a backbone to tell drawn shapes apart, and returns it.
pub fn pretrained(images: usize, epochs: u32, device: &Device) -> Result<Backbone, Box<dyn Error>> {
    let data = shapes::draw(images, 8, 1);
    let mut net = Net::new(Backbone::new(device), data.class_names.len(), device);
    let mut optimizer = AdamWConfig::new().init();
    let training = batches::training(&data, 32, 1).to_device(device);
    for _ in 0..epochs {
        for batch in training.iter() {
            let Batch { images, labels } = batch?;
            let loss = CrossEntropyLossConfig::new().init(device);
            let loss = loss.forward(net.forward(images), labels);
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(2e-3, net, gradients);
        }
    }
    Ok(net.backbone)
}

/// Reads a backbone from a file: Burn's own `.bpk`, or with the feature `store` PyTorch's `.pt` and `.pth`, and
/// `.safetensors` that were written by PyTorch.
pub fn load(file: &Path, device: &Device) -> Result<Backbone, Box<dyn Error>> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let backbone = Backbone::new(device);
    let loaded = match ending.as_deref() {
        Some("bpk") => backbone.try_load_file(file).map_err(|error| error.to_string()),
        Some(ending @ ("pt" | "pth" | "safetensors")) => from_pytorch(backbone, file, ending),
        _ => Err("its name ends with none of .bpk, .pt, .pth and .safetensors".into()),
    };
    loaded.map_err(|problem| {
        format!("'{}' gives no weights for this backbone: {problem}", file.display()).into()
    })
}

#[cfg(feature = "store")]
fn from_pytorch(mut backbone: Backbone, file: &Path, ending: &str) -> Result<Backbone, String> {
    use burn::store::{ModuleSnapshot, PyTorchToBurnAdapter, PytorchStore, SafetensorsStore};

    // A backbone within a larger model: its parameters are called `backbone.conv1.weight`.
    const NAMES: (&str, &str) = (r"^backbone\.", "");
    if ending == "safetensors" {
        let store = SafetensorsStore::from_file(file).with_key_remapping(NAMES.0, NAMES.1);
        let mut store = store.with_from_adapter(PyTorchToBurnAdapter);
        backbone.load_from(&mut store).map_err(|error| error.to_string())?;
    } else {
        let mut store = PytorchStore::from_file(file).with_key_remapping(NAMES.0, NAMES.1);
        backbone.load_from(&mut store).map_err(|error| error.to_string())?;
    }
    Ok(backbone)
}

#[cfg(not(feature = "store"))]
fn from_pytorch(_: Backbone, _: &Path, ending: &str) -> Result<Backbone, String> {
    Err(format!(".{ending} files need the feature `store`: cargo run -p transfer --features store"))
}

#[cfg(all(test, feature = "store"))]
mod tests {
    use burn::store::ModuleSnapshot;

    use super::*;

    /// The parameters that a file gives, by name: `fixtures/make.py` has filled each with its place among the names, and
    /// 256ths on top.
    fn check(file: &str) {
        const NAMES: [(&str, f32); 18] = [
            ("conv1.bias", 0.0),
            ("conv1.weight", 1.0),
            ("conv2.bias", 2.0),
            ("conv2.weight", 3.0),
            ("conv3.bias", 4.0),
            ("conv3.weight", 5.0),
            ("norm1.beta", 6.0),
            ("norm1.running_mean", 8.0),
            ("norm1.running_var", 9.0),
            ("norm1.gamma", 10.0),
            ("norm2.beta", 11.0),
            ("norm2.running_mean", 13.0),
            ("norm2.running_var", 14.0),
            ("norm2.gamma", 15.0),
            ("norm3.beta", 16.0),
            ("norm3.running_mean", 18.0),
            ("norm3.running_var", 19.0),
            ("norm3.gamma", 20.0),
        ];
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file);
        let backbone = load(&path, &Device::flex()).unwrap();
        let mut found = 0;
        for tensor in backbone.collect(None, None, false) {
            let name = &tensor.name;
            let Some((_, place)) = NAMES.iter().find(|(each, _)| each == name) else { continue };
            let bytes = tensor.to_bytes().unwrap();
            let numbers =
                bytes.chunks_exact(4).map(|each| f32::from_le_bytes(each.try_into().unwrap()));
            let expected = (0..bytes.len() / 4).map(|at| place + (at % 251) as f32 / 256.0);
            assert!(numbers.eq(expected), "{file}: {name}");
            found += 1;
        }
        assert_eq!(found, NAMES.len(), "{file}");
    }

    #[test]
    fn weights_that_pytorch_wrote_arrive() {
        check("backbone.pt");
        check("backbone.safetensors");
    }
}
