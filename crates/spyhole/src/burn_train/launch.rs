use burn::optim::ModuleOptimizer;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::tensor::Tensor;
use burn::train::renderer::{MetricsRenderer, default_renderer};
use burn::train::{Learner, LearnerModel, LearningResult, SupervisedTraining};
use spyhole_protocol::RunOutcome;

use super::tee::Tee;
use super::watched::Watched;
use crate::Spyhole;
use crate::error::SpyholeError;

/// Launches a training of burn-train with spyhole attached.
pub trait LaunchWatched<M: LearnerModel>: Sized {
    /// Like `training.launch(Learner::new(model, optimizer, rate))`, watched: at the end of every
    /// epoch, before it is validated, a snapshot of the model goes to the analysis thread. It makes no difference
    /// whether there is anything to validate with.
    ///
    /// `forward` runs the model on images. It is recorded, not computed; only where that fails is it run, to see why.
    /// Metrics, checkpoints, early stopping and the terminal renderer stay as they are, and the result is that of the
    /// bare model, with bit-identical weights.
    ///
    /// # Errors
    /// When the model cannot be watched, or the alert settings ask for a stop that the training does not
    /// listen to: before the first training step.
    fn launch_watched<const D: usize>(
        self,
        spyhole: &Spyhole,
        model: M,
        optimizer: ModuleOptimizer,
        rate: impl Into<ModuleLrScheduler>,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<LearningResult<M>, SpyholeError> {
        let renderer = None;
        self.launch_watched_with(renderer, spyhole, model, optimizer, rate, forward)
    }

    /// The same with a renderer of your own, because one that was set on the training before cannot be
    /// read back. `None`: the one that burn-train would choose.
    ///
    /// # Errors
    /// When the model cannot be watched: before the first training step.
    fn launch_watched_with<const D: usize>(
        self,
        renderer: Option<Box<dyn MetricsRenderer>>,
        spyhole: &Spyhole,
        model: M,
        optimizer: ModuleOptimizer,
        rate: impl Into<ModuleLrScheduler>,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<LearningResult<M>, SpyholeError>;
}

impl<M: LearnerModel> LaunchWatched<M> for SupervisedTraining<Watched<M>> {
    fn launch_watched_with<const D: usize>(
        self,
        renderer: Option<Box<dyn MetricsRenderer>>,
        spyhole: &Spyhole,
        model: M,
        optimizer: ModuleOptimizer,
        rate: impl Into<ModuleLrScheduler>,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<LearningResult<M>, SpyholeError> {
        spyhole.check_stop()?;
        let watch = spyhole.watch(&model, forward)?;
        let shared = watch.shared().clone();
        let renderer = renderer.unwrap_or_else(|| default_renderer(self.interrupter(), None));
        let tee = Tee::new(renderer, shared.clone());
        let learner = Learner::new(Watched::new(model, shared.clone()), optimizer, rate);
        let LearningResult { model, renderer, interrupted, error } =
            self.renderer(Box::new(tee)).launch(learner);
        let model = model.into_inner();

        let (outcome, reason) = match (&error, &interrupted) {
            (Some(error), _) => (RunOutcome::Failed, Some(error.to_string())),
            (None, Some(interruption)) => (RunOutcome::Interrupted, interruption.reason.clone()),
            (None, None) => shared.outcome(),
        };
        // The last epoch has a snapshot unless it was dropped.
        let last = shared.last_epoch().filter(|&epoch| epoch > shared.observed());
        watch.end(outcome, reason, last.map(|epoch| (epoch, model.valid())));
        Ok(LearningResult { model, renderer, interrupted, error })
    }
}
