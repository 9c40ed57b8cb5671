use std::fmt;
use std::sync::Arc;

use burn::module::{Devices, Module, ModuleMapper, ModuleVisitor};
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use burn::optim::{GradientsParams, ModuleOptimizer, MultiGradientsParams};
use burn::tensor::Device;
use burn::train::{InferenceStep, LearnerModel, TrainOutput, TrainStep};

use crate::watch::Shared;

/// A model that hands out a snapshot of itself at the end of every epoch, and is the model in every other respect:
/// parameter paths, optimisation and checkpoints are those of the bare model.
///
/// burn-train shows its model to nobody once per epoch; but it calls [`Module::valid`] when it has trained an epoch, to
/// validate, whether there is anything to validate with or not.
pub struct Watched<M> {
    inner: M,
    shared: Arc<Shared<M>>,
    /// Whether this is the model that is trained, and not a copy for validation.
    in_training: bool,
    /// How many times the optimizer has changed the weights.
    updates: u64,
}

impl<M> Watched<M> {
    pub(crate) fn new(inner: M, shared: Arc<Shared<M>>) -> Self {
        Self { inner, shared, in_training: true, updates: 0 }
    }

    /// The model itself.
    pub fn into_inner(self) -> M {
        self.inner
    }

    fn map_inner(self, change: impl FnOnce(M) -> M) -> Self {
        Self { inner: change(self.inner), ..self }
    }

    /// The optimizer's way of changing the model; afterwards is when the model after so many updates can be seen.
    fn map_updated(self, change: impl FnOnce(M) -> M) -> Self
    where
        M: Module,
    {
        let updated = self.map_inner(change);
        let updated = Self { updates: updated.updates + 1, ..updated };
        updated.shared.updated(updated.updates, || updated.inner.valid());
        updated
    }
}

impl<M: Clone> Clone for Watched<M> {
    fn clone(&self) -> Self {
        let Self { inner, shared, in_training, updates } = self;
        let (inner, shared) = (inner.clone(), shared.clone());
        Self { inner, shared, in_training: *in_training, updates: *updates }
    }
}

impl<M: fmt::Debug> fmt::Debug for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<M: fmt::Display> fmt::Display for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<M: Module> Module for Watched<M> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.inner.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        self.map_inner(|model| model.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_inner(|model| model.to_device(device))
    }

    fn train(self) -> Self {
        Self { in_training: true, ..self.map_inner(Module::train) }
    }

    fn valid(&self) -> Self {
        let (inner, shared) = (self.inner.valid(), self.shared.clone());
        if self.in_training {
            // A validation copy shares nothing with the model in training, so its clone may go to
            // another thread.
            shared.trained(self.updates, || inner.clone());
        }
        Self { inner, shared, in_training: false, updates: self.updates }
    }

    fn materialize(self) -> Self {
        self.map_inner(Module::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        self.inner.visit(visitor);
    }

    fn map<P: ModuleMapper>(self, mapper: &mut P) -> Self {
        self.map_inner(|model| model.map(mapper))
    }
}

impl<M: LearnerModel> TrainStep for Watched<M> {
    type Input = <M as TrainStep>::Input;
    type Output = <M as TrainStep>::Output;

    fn step(&self, item: Self::Input) -> TrainOutput<Self::Output> {
        // burn-train loads a checkpoint after the launch: only here is the model that a run goes on from.
        self.shared.remind(|| self.inner.valid());
        TrainStep::step(&self.inner, item)
    }

    fn optimize(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: GradientsParams,
    ) -> Self {
        self.map_updated(|model| model.optimize(optimizer, rate, gradients))
    }

    fn optimize_multi(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: MultiGradientsParams,
    ) -> Self {
        self.map_updated(|model| model.optimize_multi(optimizer, rate, gradients))
    }
}

impl<M: LearnerModel> InferenceStep for Watched<M> {
    type Input = <M as InferenceStep>::Input;
    type Output = <M as InferenceStep>::Output;

    fn step(&self, item: Self::Input) -> Self::Output {
        InferenceStep::step(&self.inner, item)
    }
}
