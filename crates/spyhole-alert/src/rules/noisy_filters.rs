use spyhole_protocol::Severity;

use super::{dead_filters, not_finite, stuck_at_start};
use crate::{Hint, Rule, statistic};

pub(super) const ID: &str = "noisy-filters";

/// For first layers only: they see the pixels, so their filters must become smooth. In deeper layers the
/// remains of a random start do no harm (on the digits, half of the deeper filters of a network with 99 %
/// validation accuracy read so); those are judged as a whole by `noisy-layer`.
pub(super) fn rule() -> Rule {
    let rule = Rule::at_least(ID, statistic::NOISE_SHARE)
        .first_layers()
        .title("filters look like noise")
        .sentence("{value} of {layer}'s filters cannot be told from noise")
        .warning(0.50)
        .clear(0.35);
    why_noisy(rule)
        .meaning(
            "Neighbouring weights of these filters agree no more than chance makes them, as in a layer that was \
             never trained. Filters of a trained layer show edges, blobs or stripes.",
        )
}

/// What is the same whether single filters are judged or the layer as a whole.
pub(super) fn why_noisy(rule: Rule) -> Rule {
    rule.patience(3, 2)
        .after_early_epochs()
        .unless(not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .unless(stuck_at_start::ID)
        .cause("Too little training yet, or too low a learning rate: the random start is still in the filters.")
        .cause("Too little weight decay: nothing removes the random start.")
        .cause("The labels are wrong or shuffled, or the network learns the training images by heart.")
        .cause("Batches that are too small, or too high a learning rate: what is learned is gradient noise.")
        .advice("Watch the validation metric: while it improves, train on.")
        .advice("Raise the learning rate, or add weight decay (1e-4 to 5e-4 with SGD).")
        .advice("If the validation metric gets worse while the loss falls: more data or augmentation, or a smaller network; check the labels of a few images by eye.")
        .advice("If steps contradict each other (agreement of steps below 0): lower the learning rate or use larger batches.")
        .hint(
            Hint::new("The filters are still close to their random start, and what was learned is smooth, as in an undertrained layer. Train longer, raise the learning rate or the weight decay.")
                .when_at_least(statistic::START_ALIGNMENT, 0.5)
                .when_at_most(statistic::RESIDUAL_NOISE_SHARE, 0.5),
        )
        .hint(
            Hint::new("The filters are still close to their random start. Train longer, raise the learning rate or the weight decay.")
                .when_at_least(statistic::START_ALIGNMENT, 0.5)
                .when_at_least(statistic::RESIDUAL_NOISE_SHARE, 0.5),
        )
        .hint(
            Hint::new("Steps contradict each other from epoch to epoch, and what was learned looks like noise, as with gradient noise. Lower the learning rate or use larger batches (suggestive only).")
                .when_at_least(statistic::RESIDUAL_NOISE_SHARE, 0.5)
                .when_at_most(statistic::STEP_COSINE, -f64::MIN_POSITIVE),
        )
        .hint(
            Hint::new("The filters have left their random start, and what they learned looks like noise: memorised labels or gradient noise are likelier than too little training (suggestive only).")
                .when_at_least(statistic::RESIDUAL_NOISE_SHARE, 0.5)
                .when_at_most(statistic::START_ALIGNMENT, 0.2),
        )
}
