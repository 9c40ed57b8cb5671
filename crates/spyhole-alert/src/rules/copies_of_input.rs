use spyhole_protocol::Severity;

use super::{dead_filters, not_finite, stuck_at_start};
use crate::{Hint, Rule, statistic};

/// Worth knowing only: a layer may have good reasons to pass the image on.
pub(super) fn rule() -> Rule {
    Rule::at_least("copies-of-input", statistic::INPUT_COPIES)
        .title("feature maps copy the input")
        .sentence("{value} of {layer}'s feature maps look like the grey input image")
        .info(0.50)
        .clear(0.40)
        .patience(3, 2)
        .after_early_epochs()
        .unless(not_finite::ID)
        .unless_at(dead_filters::ID, Severity::Critical)
        .unless(stuck_at_start::ID)
        .meaning(
            "Most maps correlate with the image in shades of grey at 0.8 or more: the layer passes the image on \
             rather than finding edges, colours or textures in it, and leaves that to the layers behind.",
        )
        .cause("Too little training yet, or too low a learning rate in this layer.")
        .cause("Skip connections, or a stack of layers deeper than the task needs: the layer is not needed.")
        .cause("Images that are not normalised: their brightness outweighs everything else.")
        .advice("Train longer or raise the learning rate, and look whether edges and colours appear in the first layer's filters.")
        .advice("Subtract the mean of the images and divide by their deviation.")
        .advice("If accuracy is fine, try the network without this layer.")
        .hint(
            Hint::new("The filters are still close to their random start, as in an undertrained layer.")
                .when_at_least(statistic::START_ALIGNMENT, 0.5),
        )
}
