//! A user's model whose own code does not do what it should, but only away from the training.

use burn::module::{Devices, Module, ModuleMapper, ModuleVisitor};
use burn::tensor::Device;

use crate::tiny::Tiny;

/// What happens when spyhole's analysis reads the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// They are read.
    #[default]
    Works,
    /// The model's code panics.
    Panics,
    /// The model's code never comes back.
    Hangs,
}

/// A model with hand-written [`Module`] code.
#[derive(Clone, Debug)]
pub struct Stubborn {
    /// The network.
    pub net: Tiny,
    /// How it behaves on the analysis thread.
    pub manner: Manner,
}

impl Stubborn {
    fn map_net(self, change: impl FnOnce(Tiny) -> Tiny) -> Self {
        Self { net: change(self.net), ..self }
    }
}

impl Module for Stubborn {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.net.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        self.map_net(|net| net.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_net(|net| net.to_device(device))
    }

    fn train(self) -> Self {
        self.map_net(Module::train)
    }

    fn valid(&self) -> Self {
        Self { net: self.net.valid(), manner: self.manner }
    }

    fn materialize(self) -> Self {
        self.map_net(Module::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        if std::thread::current().name().is_some_and(|name| name.starts_with("spyhole-analysis")) {
            match self.manner {
                Manner::Works => {}
                Manner::Panics => panic!("these weights are not for your eyes"),
                Manner::Hangs => loop {
                    std::thread::park();
                },
            }
        }
        self.net.visit(visitor);
    }

    fn map<P: ModuleMapper>(self, mapper: &mut P) -> Self {
        self.map_net(|net| net.map(mapper))
    }
}
