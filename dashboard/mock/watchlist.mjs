// What the synthetic run measures, and the rules that watch it.

const statistic = (subject, scale) => (name, label, meaning, formula) => ({ name, label, meaning, formula, subject, scale });
const share = statistic("filters", "share");

export const STATISTICS = [
  share(
    "noise_share",
    "Noise share φ",
    "The share of live filters that cannot be told from independent random weights. Near one before training; a layer that stays there has not learned.",
    "filters in state noise-like ÷ filters that are finite, do not stand still and can be judged",
  ),
  share(
    "not_finite_filters",
    "Filters not finite",
    "The share of filters with a weight that is NaN or infinite. One is enough to spoil every layer behind it.",
    "filters with a weight that is not finite ÷ all filters",
  ),
  share(
    "dead_filters",
    "Filters that stand still",
    "The share of filters that are all zeros, or whose weights have not changed for two epochs, or only shrunk as weight decay makes them.",
    "filters with ΔW = 0 or cos(ΔW, W) < −.99 for two epochs ÷ all filters",
  ),
  share(
    "stuck_filters",
    "Filters stuck at the start",
    "The share of filters that have hardly moved from their initial weights: they have learned nothing.",
    "filters with ‖W − W₀‖ / ‖W₀‖ < 0.001 ÷ all filters",
  ),
  share(
    "exploding_filters",
    "Exploding filters",
    "The share of filters whose weights are far larger than those of the other filters, or than at the start. They drown out the rest.",
    "filters with RMS > 5 × the layer's median or > 10 × its initial RMS ÷ all filters",
  ),
  share(
    "duplicate_filters",
    "Duplicate filters",
    "The share of filters that are, up to their sign, nearly the same as another: the layer is wider than it needs to be.",
    "filters with |cos| > .95 to another one ÷ all filters",
  ),
  statistic("filters", "logarithmic")(
    "update_ratio",
    "Change per epoch",
    "How much the weights changed in the epoch, of their size. Falls as training settles; a sudden fall means that the weights stand still.",
    "‖W(t) − W(t−1)‖ / ‖W(t−1)‖",
  ),
  statistic("filters", "logarithmic")(
    "structure_p_value",
    "Structure by chance",
    "How likely a layer of purely random filters looks at least as structured as this one.",
    "P(χ² ≥ −2 Σ ln p), Fisher's combination of the filters' tests",
  ),
  statistic("filters", "logarithmic")(
    "start_distance",
    "Distance from the start",
    "How far the weights are from their initial values, of their initial size.",
    "‖W − W₀‖ / ‖W₀‖",
  ),
  statistic("filters", "signed")(
    "step_agreement",
    "Agreement of steps",
    "Whether two epochs moved the weights in the same direction. Below zero, the training goes back and forth: noisy gradients, or too high a learning rate.",
    "cos(ΔW(t), ΔW(t−1))",
  ),
  share("sparsity", "Sparsity", "The share of small kernels in which no weight matters beside the layer's largest.", "kernels with all |w| < max|w| / 100 ÷ all kernels"),
  statistic("maps", "share")(
    "dead_maps",
    "Dead maps",
    "The share of feature maps that answer to none of the probe images. Zero hits in n images still allow a rate of up to 3/n.",
    "maps with maximum ≤ 10⁻⁶ × the layer's ÷ all maps",
  ),
  statistic("maps", "share")("zero_share", "Share of zeros", "The share of activations that are zero. Half at the start with ReLU.", "activations = 0 ÷ all activations"),
  statistic("maps", "linear")(
    "localisation",
    "Localisation",
    "How widely a map's activation is spread over the image: about 1 for random weights, below 0.5 for maps that point at a place.",
    "variance about the centroid, weighted by the activation, ÷ that of an even spread",
  ),
  statistic("maps", "signed")(
    "input_likeness",
    "Likeness to the input",
    "Whether maps look like the grey input image. Above 0.8 they are near copies: the layer has learned little.",
    "mean |corr(map, its grey input)| − the same with other images",
  ),
];

const rule = (id, title, metric, levels, more) => ({
  id,
  title,
  metric,
  layers: [],
  compare: "at_least",
  levels: levels.map(([severity, threshold]) => ({ severity, threshold })),
  clear: null,
  warm_up: 0,
  patience: 2,
  clear_patience: 2,
  unless: [],
  silenced: false,
  ...more,
});

/** The rules for layers of these names; `warmUp`: epochs that most of them do not look at. */
export function rules(layers, warmUp) {
  return [
    rule("loss-not-finite", "loss is not finite", "train:Loss", [["critical", null]], {
      compare: "not_finite",
      patience: 1,
      clear_patience: 1,
      meaning: "The training loss is NaN or infinite. No weight update after this is worth anything.",
      causes: ["Too high a learning rate", "A logarithm or division of zero in the loss"],
      advice: ["Stop, and start again with a tenth of the learning rate", "Clip the gradients"],
    }),
    rule("not-finite", "weights are not finite", "not_finite_filters", [["critical", 0.0001]], {
      layers,
      patience: 1,
      clear_patience: 1,
      meaning: "Weights of this layer are NaN or infinite; everything behind it computes nonsense.",
      causes: ["The training diverged: the learning rate is too high", "Numbers overflowed in half precision"],
      advice: ["Stop the training and go back to the last good checkpoint", "Lower the learning rate, clip gradients, or scale the loss"],
    }),
    rule("dead-filters", "filters stand still", "dead_filters", [["warning", 0.1], ["critical", 0.5]], {
      layers,
      clear: 0.05,
      warm_up: 2,
      unless: ["not-finite"],
      meaning: "These filters do not learn at present: epoch after epoch their weights stay as they are.",
      causes: ["The learning rate is zero", "The optimizer does not have these parameters", "A step so large that ReLU is never positive", "Too high a learning rate at the beginning", "Strong weight decay on filters that are not used"],
      advice: ["Warm the learning rate up over the first epochs", "Use leaky ReLU or batch normalisation", "Lower the learning rate"],
    }),
    rule("stuck-filters", "filters do not move", "stuck_filters", [["warning", 0.25], ["critical", 0.75]], {
      layers,
      warm_up: warmUp,
      unless: ["not-finite", "dead-filters"],
      meaning: "These filters still have their initial weights.",
      causes: ["The layer is frozen", "Its parameters were not given to the optimiser", "Vanishing gradients"],
      advice: ["Check which parameters the optimiser trains", "If the layer is frozen on purpose, silence this rule for it"],
    }),
    rule("exploding-filters", "filters explode", "exploding_filters", [["warning", 0.02], ["critical", 0.2]], {
      layers,
      warm_up: 2,
      unless: ["not-finite"],
      meaning: "A few filters have become much larger than the others, and drown them out.",
      causes: ["Too high a learning rate", "No normalisation and no weight decay"],
      advice: ["Limit the norm of each filter", "Lower the learning rate, or add weight decay"],
    }),
    rule("duplicate-filters", "filters are duplicates", "duplicate_filters", [["info", 0.1], ["warning", 0.4]], {
      layers,
      clear: 0.05,
      warm_up: warmUp,
      meaning: "Several filters look for the same thing. The layer could be narrower.",
      causes: ["More filters than the data need", "Filters were initialised alike"],
      advice: ["Try fewer filters", "Check the initialisation"],
    }),
    rule("noisy-filters", "filters look like noise", "noise_share", [["warning", 0.5], ["critical", 0.8]], {
      layers,
      clear: 0.35,
      warm_up: warmUp,
      patience: 3,
      unless: ["not-finite", "dead-filters", "stuck-filters"],
      meaning: "After this many epochs most of the layer's filters still cannot be told from random weights. A healthy layer has smooth filters by now.",
      causes: ["The learning rate is too low, or the training too short", "Wrong or random labels", "Too little weight decay to remove the initial noise"],
      advice: ["Raise the learning rate or train longer", "Look at some training images with their labels", "Add weight decay"],
    }),
    rule("dead-maps", "maps answer to nothing", "dead_maps", [["warning", 0.1], ["critical", 0.5]], {
      layers,
      clear: 0.05,
      warm_up: 2,
      unless: ["not-finite", "dead-filters"],
      meaning: "These maps are zero for every probe image.",
      causes: ["ReLUs that are never positive", "Too few or too uniform probe images"],
      advice: ["Lower the learning rate, use leaky ReLU", "Give more probe images"],
    }),
    rule("no-change", "weights no longer change", "update_ratio", [["info", 1e-4]], {
      layers,
      compare: "at_most",
      warm_up: warmUp,
      unless: ["not-finite", "dead-filters", "stuck-filters"],
      silenced: true,
      meaning: "The layer has stopped learning.",
      causes: ["The learning rate's schedule has come to its end", "The layer has settled"],
      advice: ["Nothing, if the metrics are good"],
    }),
  ];
}
