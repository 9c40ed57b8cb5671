//! The catalogue of statistics of layers and of the whole network: their names, and what each says. The values are
//! measured elsewhere and arrive as [`LayerHealth`](spyhole_protocol::LayerHealth) and
//! [`NetworkHealth`](spyhole_protocol::NetworkHealth), keyed by these names.

use spyhole_protocol::{Scale, Statistic, Subject};

macro_rules! catalogue {
    ($($name:ident = $key:literal, $label:literal, $subject:ident, $scale:ident,
       $meaning:literal, $formula:literal;)*) => {
        $(#[doc = $meaning] #[doc = concat!("\n\n```text\n", $formula, "\n```")] pub const $name: &str = $key;)*

        /// All of them, in the order in which they are shown: of the network, of filters, of maps.
        const CATALOGUE: &[Row] = &[$(Row {
            name: $name,
            label: $label,
            subject: Subject::$subject,
            scale: Scale::$scale,
            meaning: $meaning,
            formula: $formula,
        }),*];
    };
}

struct Row {
    name: &'static str,
    label: &'static str,
    subject: Subject,
    scale: Scale,
    meaning: &'static str,
    formula: &'static str,
}

catalogue! {
    NOT_FINITE_PLACES = "not_finite_places", "Places that are not finite", Network, Linear,
        "In how many places of the network numbers begin to be NaN or infinite: parameters and running statistics that hold one, and operations that make one of finite numbers on a probe image. What is computed from them is not counted. What is behind such a place is NaN or infinite, or zero where a rectifier or a maximum swallows a NaN; behind a parameter that the watched forward function does not use is nothing.",
        "#{parameters with a number that is NaN or ±∞} + #{operations with one in their result and none in what goes into them}";
    NOT_FINITE = "not_finite", "Not finite", Filters, Share,
        "Share of filters with a weight that is NaN or infinite. What such a filter computes is not finite, and no gradient repairs its weights.",
        "#{f : some weight of f is NaN or ±∞} / #filters";
    DEAD_FILTERS = "dead_filters", "Filters that stand still", Filters, Share,
        "Share of filters that stand still: their weights are all zero, or in two epochs running they have not changed at all, or only shrunk without turning, as weight decay alone makes them. Why is not measured: a learning rate of zero, a layer that the optimizer does not have, and a gradient that is zero for every image look alike.",
        "#{f : w_f = 0, or for 2 epochs ΔW_f = 0 or cos(ΔW_f, W_f before) < −0.99} / #filters";
    DISTANCE_FROM_START = "distance_from_start", "Distance from the start", Filters, Logarithmic,
        "How far the weights have moved from their initial values, relative to those. A value that stays near zero means that the filters have hardly moved so far; it is exactly zero in a frozen layer, in one that the optimizer does not have, and at a learning rate of zero.",
        "‖W_t − W_0‖ / ‖W_0‖";
    DOMINANCE = "dominance", "Dominance", Filters, Logarithmic,
        "How much larger the largest filter's weights are than those of the layer's median filter. A large value means that one filter drowns out the others.",
        "max_f RMS(w_f) / median_f RMS(w_f)";
    GROWTH = "growth", "Growth", Filters, Logarithmic,
        "How much larger the largest filter's weights are than the layer's initial ones. A value that keeps rising means that the weights are running away.",
        "max_f RMS(w_f) / RMS(W_0)";
    DUPLICATE_FILTERS = "duplicate_filters", "Duplicate filters", Filters, Share,
        "Share of filters that are nearly the same as another one, up to sign. Duplicates compute the same thing twice: many of them mean that the layer is wider than it needs to be, or that filters started alike.",
        "#{f : max_{g≠f} |cos(w_f, w_g)| > 0.95} / #live filters";
    MAX_COSINE = "max_cosine", "Largest likeness", Filters, Signed,
        "Likeness of the two most alike filters, up to sign. Random filters reach some likeness too, small kernels more than large ones; 1 means that two filters are the same.",
        "max_{f≠g} |cos(w_f, w_g)|";
    NOISE_SHARE = "noise_share", "Noise-like filters", Filters, Share,
        "Share of the live filters that cannot be told from independent random weights. Trained filters are structured; a share that stays high means that the layer has learned little, or learns noise. Left out for kernels with too few weights to judge a single filter, and for those of one row or column.",
        "φ = #{f : p(Q_f) > .05} / #live filters,  Q = N(N+2)/C · Σ_τ ρ_τ²/M_τ";
    STRUCTURE_P_VALUE = "structure_p_value", "Structure by chance", Filters, Logarithmic,
        "Probability that a layer of purely random filters looks at least as structured as this one. Close to zero in a trained layer; a value that stays above 0.01 means that the layer as a whole cannot be told from noise. Left out for kernels of one row or column, which the test says too little about.",
        "P(χ²_2F ≥ −2 Σ_f ln p_f)  (Fisher's combination of the filters' Q tests)";
    UPDATE_RATIO = "update_ratio", "Update ratio", Filters, Logarithmic,
        "How much the weights have changed in this epoch, relative to their size. Very large values mean steps that overshoot; very small ones mean that the layer stands still.",
        "‖W_t − W_{t−1}‖ / ‖W_{t−1}‖";
    STEP_COSINE = "step_cosine", "Agreement of steps", Filters, Signed,
        "Whether this epoch's change of the weights goes the same way as the one before. Near 1: steady progress; below 0: each epoch undoes part of the one before, as when steps are too large or gradients mostly noise.",
        "cos(ΔW_t, ΔW_{t−1})";
    START_ALIGNMENT = "start_alignment", "Likeness to the start", Filters, Share,
        "How much of the weights' direction is still that of their random start. Near 1 after many epochs means that the layer is undertrained: the initial noise is still in the filters.",
        "c² = mean_f cos²(w_f(t), w_f(0));  1/N for unrelated weights";
    RESIDUAL_NOISE_SHARE = "residual_noise_share", "Noise in what was learned", Filters, Share,
        "Share of filters in which even what was added to the random start cannot be told from noise. Low: what was learned is structured, only the start still covers it. High: what was learned looks like noise itself.",
        "φ of R = w_t − (its component along w_0)";
    RMS = "rms", "Size of the weights", Filters, Logarithmic,
        "Root mean square of the layer's weights. It should level off; a steady rise or fall over the whole training points to too little or too much weight decay.",
        "√(mean of w²)";
    SPARSITY = "sparsity", "Sparsity", Filters, Share,
        "Share of the two-dimensional kernels with almost no weight. High values mean connections between channels that the network does not use. Shown, never alarmed.",
        "#{kernels : all |w| < max|W|/100} / #kernels";
    VARIANCE_ENTROPY = "variance_entropy", "Variety of kernels", Filters, Linear,
        "How many different basic patterns the kernels are made of. Values near zero mean that they all vary along the same pattern; values as for random kernels mean that they have no common patterns. Shown, never alarmed.",
        "−Σ p log₁₀ p,  p = shares of the variance along the principal components of the centred kernels";
    ORTHOGONALITY = "orthogonality", "Orthogonality", Filters, Share,
        "How unlike the filters are on the whole: 1 if no two of them have anything in common. Low values mean that filters repeat each other. Shown, never alarmed.",
        "1 − Σ_{f≠g} |cos(w_f, w_g)| / (n(n−1))";
    DEAD_MAPS = "dead_maps", "Dead maps", Maps, Share,
        "Share of feature maps that are zero at every position of every probe image; of a layer whose weights are used several times, in every use. Behind a ReLU such a map passes nothing on for these images. With n images it may still answer up to 3/n of all images: with few probe images a rare feature looks dead. Left out with fewer than 16 different probe images, and in layers that are constant or not finite.",
        "#{maps : max over images and positions ≤ 10⁻⁶ · the layer's maximum} / #maps";
    SATURATED_MAPS = "saturated_maps", "Saturated maps", Maps, Share,
        "Share of feature maps that stand at the limit of what they can say on nearly all probe images. A saturated map hardly depends on the image, and little or no gradient passes through it. Left out for activation functions without bounds, such as ReLU.",
        "#{live maps : ≥ 95 % of all values are close to a bound of the activation function} / #maps";
    INPUT_COPIES = "input_copies", "Copies of the input", Maps, Share,
        "Share of feature maps that look like the grey input image. Such maps have learned little more than to pass the image on.",
        "#{maps : mean_i |corr(a(x_i), grey(x_i))| ≥ 0.8} / #live maps";
    INPUT_LIKENESS = "input_likeness", "Likeness to the input", Maps, Signed,
        "How much the maps look like the image that excites them, beyond what they have in common with any image. Falls with depth in a trained network; a high value in a deep layer means that it passes the image on.",
        "mean over maps of: mean_i |corr(a(x_i), g_i)| − mean_{i≠j} |corr(a(x_i), g_j)|";
    ZERO_SHARE = "zero_share", "Silent positions", Maps, Share,
        "Share of the live maps' values that are exactly zero. Half of them behind the ReLU of an untrained layer; it rises as maps come to answer few places only. Always near zero without a rectifier. Shown, never alarmed.",
        "mean over live maps of: #{(i, p) : a_p(x_i) = 0} / #(i, p)";
    LIFETIME_SPARSENESS = "lifetime_sparseness", "Choosiness among images", Maps, Share,
        "How few of the probe images a map answers strongly, map by map: 0 if it answers all alike, 1 if only a single one. Low in an untrained layer; it rises as maps come to look for particular things. Shown, never alarmed.",
        "mean over live maps of: (1 − (mean_i r_i)² / mean_i r_i²) / (1 − 1/n),  r_i = max_p |a_p(x_i)|, n images";
    POPULATION_SPARSENESS = "population_sparseness", "Share of work among maps", Maps, Share,
        "How few of the layer's maps answer an image strongly, image by image: 0 if all answer alike, 1 if a single map does. Not the same as the choosiness of a map among images. Shown, never alarmed.",
        "mean over images of: (1 − (mean_m r_m)² / mean_m r_m²) / (1 − 1/m),  r_m = max_p |a_m,p(x)|, m maps";
    LOCALISATION = "localisation", "Spread in the plane", Maps, Linear,
        "How far a map's activity is spread over its plane. Near 1 it is everywhere, as for noise; below .5 the maps point at single places; above 1 it is in places far apart. Shown, never alarmed.",
        "mean over live maps and images of: variance of the position about the centroid, weighted by |a|, / ((H² − 1)/12 + (W² − 1)/12)";
}

/// All statistics, in the order in which they are shown.
#[must_use]
pub fn all() -> Vec<Statistic> {
    CATALOGUE
        .iter()
        .map(|row| Statistic {
            name: row.name.into(),
            label: row.label.into(),
            meaning: row.meaning.into(),
            formula: row.formula.into(),
            subject: row.subject,
            scale: row.scale,
        })
        .collect()
}

/// All names, in the order in which they are shown.
pub(crate) fn names<'a>() -> impl Iterator<Item = &'a str> {
    CATALOGUE.iter().map(|row| row.name)
}

/// Label and scale of a statistic; `None` if there is no such.
pub(crate) fn shown_as(name: &str) -> Option<(&'static str, Scale)> {
    CATALOGUE.iter().find(|row| row.name == name).map(|row| (row.label, row.scale))
}

/// Whether a statistic of the catalogue is one of the whole network.
pub(crate) fn is_of_network(name: &str) -> bool {
    CATALOGUE.iter().any(|row| row.name == name && row.subject == Subject::Network)
}
