//! Looking into models that were trained before, without training: [`Spyhole::inspect`] for one set of weights,
//! [`Spyhole::inspect_epochs`] for several, in order.
//!
//! An inspection is recorded like a training whose epochs are the models that were looked at, by the same analyses
//! and studies, so that the dashboard, `spyhole view` and the other commands show it like any other run.
//!
//! Nobody trains meanwhile: the [budget](crate::SpyholeBuilder::budget) leaves nothing out.
//!
//! What can be told from one set of weights is told: filters, what excites each layer's maps and its projections,
//! activity, all studies. What takes the random weights that a training began with (stuck filters, the distance from
//! the start, growth) or an earlier epoch (updates, settling) is not: those statistics, and the rules about them, are
//! left out of the run, instead of waiting for readings that never come. Whoever has the initial weights gives them
//! to [`inspect_epochs`](Spyhole::inspect_epochs) as epoch 0.
//!
//! ```no_run
//! # use burn::{nn::conv::Conv2d, prelude::*};
//! # use spyhole::{ProbeSet, Spyhole};
//! # fn example(net: Conv2d, images: Tensor<4>) -> Result<(), Box<dyn std::error::Error>> {
//! let net = net.try_load_file("checkpoint/model-30.bpk")?;
//! let spyhole = Spyhole::builder("runs/look", ProbeSet::new(images)).build()?;
//! println!("look at it at {}", spyhole.url().unwrap_or("nowhere"));
//! spyhole.inspect(&net, |net, images| net.forward(images))?;
//! # Ok(())
//! # }
//! ```

use burn::module::Module;
use burn::tensor::Tensor;
use spyhole_alert::statistic;
use spyhole_protocol::RunState;

use crate::Spyhole;
use crate::error::SpyholeError;
use crate::misuse::LAST_EPOCH;

/// What is measured from the weights that a training began with.
const FROM_START: [&str; 4] = [
    statistic::DISTANCE_FROM_START,
    statistic::GROWTH,
    statistic::START_ALIGNMENT,
    statistic::RESIDUAL_NOISE_SHARE,
];

/// What is measured from one epoch to the next.
const FROM_BEFORE: [&str; 2] = [statistic::UPDATE_RATIO, statistic::STEP_COSINE];

impl Spyhole {
    /// Looks into a trained model: records a run of one epoch, with a full round of studies, and returns when it is
    /// done, whatever time that takes; the dashboard shows what is there so far. Afterwards the dashboard can ask for
    /// more, for as long as this `Spyhole` lives.
    ///
    /// `forward` runs the model on images. It is recorded, not computed; only where that fails is it run, to see why. The
    /// model is not changed.
    ///
    /// # Errors
    /// As for [`watch`](Spyhole::watch).
    pub fn inspect<M, const D: usize>(
        &self,
        model: &M,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<(), SpyholeError>
    where
        M: Module + 'static,
    {
        self.inspect_epochs([(1, model.clone())], forward)
    }

    /// Looks into several models of one architecture, the checkpoints of a training, each with the number of its
    /// epoch. Every one of them is analysed; the last gets a full round of studies, the others those that
    /// [`Studies`](crate::Studies) make time for.
    ///
    /// Epoch 0 is the model before its training. With it, everything is told that is told of a training.
    ///
    /// # Errors
    /// As for [`inspect`](Spyhole::inspect), and when there is no model, the epochs do not rise, or one has no number.
    pub fn inspect_epochs<M, const D: usize>(
        &self,
        checkpoints: impl IntoIterator<Item = (usize, M)>,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<(), SpyholeError>
    where
        M: Module + 'static,
    {
        let checkpoints: Vec<(usize, M)> = checkpoints.into_iter().collect();
        let (Some((first, model)), Some((last, _))) = (checkpoints.first(), checkpoints.last())
        else {
            return Err(SpyholeError::NothingToInspect);
        };
        if let Some(pair) = checkpoints.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(SpyholeError::EpochOrder { before: pair[0].0, epoch: pair[1].0 });
        }
        if let Some(&(epoch, _)) =
            checkpoints.iter().find(|(epoch, _)| *epoch > LAST_EPOCH as usize)
        {
            return Err(SpyholeError::EpochRange { epoch, last: LAST_EPOCH });
        }
        let (first, last) = (*first, *last);
        let watch = self.watch_without_training(model, forward)?;
        let shared = watch.shared();
        shared.for_inspection(&unknown(first, checkpoints.len()));
        shared.begin(first.max(1), Some(last.max(1)));
        for (epoch, model) in checkpoints {
            if watch.should_stop().is_some() {
                break;
            }
            shared.hub.update_status(|status| {
                (status.epoch, status.state) = (epoch as u32, RunState::Inspecting);
            });
            shared.insist(epoch as u32, model.valid());
        }
        watch.finish_in_peace();
        Ok(())
    }
}

/// The statistics that cannot be known.
fn unknown(first: usize, models: usize) -> Vec<&'static str> {
    let start = FROM_START.into_iter().filter(|_| first > 0);
    start.chain(FROM_BEFORE.into_iter().filter(|_| models < 2)).collect()
}
