// Generated from crates/spyhole-protocol by `cargo test -p spyhole-protocol`. Do not edit.

export const VERSION = 1;

export type ServerMessage = { "type": "hello" } & Hello | { "type": "records", 
/**
 * In order of [`Record::seq`].
 */
records: Array<Record>, } | { "type": "status" } & Status;

export type Hello = { 
/**
 * [`VERSION`](crate::VERSION) of the server. A dashboard of another version says so and stops.
 */
version: number, 
/**
 * Identifies the run; empty until the run has started. When it is not the run the client knows,
 * the client forgets what it has and connects again from the beginning.
 */
run_id: string, 
/**
 * The newest record there is: everything up to here is history.
 */
head: number, 
/**
 * Whether the server runs inside the training process; otherwise the run is read from disk.
 */
live: boolean, };

export type Record = { 
/**
 * Position in the run's log: 1, 2, 3, … without gaps, continued when a run is resumed.
 */
seq: number, 
/**
 * When the record was made, in milliseconds since 1970-01-01 UTC.
 */
time_ms: number, 
/**
 * What happened.
 */
event: Event, };

export type Event = { "kind": "run_started" } & RunStarted | { "kind": "watchlist" } & Watchlist | { "kind": "metric" } & Metric | { "kind": "layer_features" } & LayerFeatures | { "kind": "layer_filters" } & LayerFilters | { "kind": "layer_health" } & LayerHealth | { "kind": "alert" } & Alert | { "kind": "layer_evolution" } & LayerEvolution | { "kind": "settling" } & Settling | { "kind": "epoch_analysed" } & EpochAnalysed | { "kind": "snapshot_dropped" } & SnapshotDropped | { "kind": "fault" } & Fault | { "kind": "run_ended" } & RunEnded;

export type RunStarted = { 
/**
 * Identifies the run; kept when the run is resumed.
 */
run_id: string, 
/**
 * The name that the user gave the run.
 */
name: string, 
/**
 * Version of spyhole that wrote this.
 */
spyhole_version: string, 
/**
 * First epoch that this start will train, counted from 1.
 */
first_epoch: number, 
/**
 * Last epoch planned, if it is known.
 */
last_epoch: number | null, 
/**
 * Shape of one input image, `[channels, height, width]`.
 */
input_shape: [number, number, number], 
/**
 * Number of trainable numbers in the model.
 */
parameters: number, 
/**
 * The watched layers, in the order in which the model computes them.
 */
layers: Array<Layer>, 
/**
 * The images that the layers are probed with.
 */
probe: Probe, };

export type Layer = { 
/**
 * Unique name: the parameter path of the layer's convolution, `blocks.0.conv1` for example.
 */
name: string, 
/**
 * What it computes, in words: `conv 3×3, 16 → 32, stride 2 + batch norm + relu`.
 */
description: string, 
/**
 * Shape of its activation for one image, `[channels, height, width]`.
 */
shape: [number, number, number], 
/**
 * What one unit sees of the input; `None` for a layer that is not supported.
 */
receptive_field: ReceptiveField | null, 
/**
 * Whether its units can be computed and projected back to pixels.
 */
status: LayerStatus, 
/**
 * An operation on the way to the pixels for which the deconvnet of Zeiler & Fergus (2013) has no
 * rule, so that it passes its derivative: `gelu`, a gate. `None`: the projections are the paper's.
 */
outside_definition: string | null, 
/**
 * The feature maps that are followed through all epochs.
 */
followed: Array<number>, 
/**
 * Whether this layer sees the input image itself: its filters can be shown as pictures.
 */
first: boolean, };

export type LayerStatus = { "status": "supported" } | { "status": "unsupported", 
/**
 * Name of the operation.
 */
operation: string, };

export type ReceptiveField = { 
/**
 * Height and width of the largest field of any unit of the layer, not clipped at the image's edge.
 */
size: [number, number], 
/**
 * How far that can be trusted.
 */
status: FieldStatus, };

export type FieldStatus = "exact" | "upper_bound" | "data_dependent";

export type Probe = { 
/**
 * Tile `i` shows image `i`, without the normalisation.
 */
atlas: Atlas, 
/**
 * Class of each image, as an index into `class_names`; empty if no labels were given.
 */
labels: Array<number>, 
/**
 * Names of the classes; may be empty.
 */
class_names: Array<string>, };

export type Metric = { 
/**
 * The epoch, counted from 1.
 */
epoch: number, 
/**
 * The data it was measured on.
 */
split: Split, 
/**
 * The metric's name, as the training calls it.
 */
name: string, 
/**
 * Its value over the epoch: the mean over items unless the metric defines its own. Not finite
 * values (a diverged training) are `None`.
 */
value: number | null, 
/**
 * Unit, `%` for example.
 */
unit: string | null, 
/**
 * Whether larger values are better.
 */
higher_is_better: boolean, };

export type Split = "train" | "valid";

export type LayerFeatures = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The layer's name, as in [`Layer::name`](crate::Layer::name).
 */
layer: string, 
/**
 * The strongest feature maps of this epoch over all probe images, strongest first.
 */
strongest: Array<UnitView>, 
/**
 * The same feature maps in every epoch, in the order of
 * [`Layer::followed`](crate::Layer::followed) (Zeiler & Fergus 2013, figure 4).
 */
followed: Array<UnitView>, 
/**
 * The pictures that [`UnitView::patch`] and [`UnitView::projection`] point into.
 */
atlas: Atlas, };

export type UnitView = { 
/**
 * The feature map: a channel of the layer.
 */
map: number, 
/**
 * The probe image in which the map is strongest.
 */
image: number, 
/**
 * Row of the strongest unit in the map.
 */
row: number, 
/**
 * Column of the strongest unit in the map.
 */
column: number, 
/**
 * Its activation. Not finite values (a diverged model) are `None`.
 */
value: number | null, 
/**
 * The input pixels that the unit can see: its receptive field. Both tiles show this box, moved
 * so that it has the size that all of the layer's tiles have.
 */
field: Region, 
/**
 * Tile with the image patch, or `None` if the unit could not be projected.
 */
patch: number | null, 
/**
 * Tile with the projection, or `None` if the unit could not be projected. Mid-grey is zero.
 */
projection: number | null, 
/**
 * The projection's largest absolute value, in units of normalised input: white and black in the
 * projection's tile stand for plus and minus this. Zero: nothing reaches the pixels.
 */
projection_scale: number | null, };

export type LayerFilters = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The layer's name, as in [`Layer::name`](crate::Layer::name).
 */
layer: string, 
/**
 * The convolution's parameter path, `stem.conv.weight` for example.
 */
parameter: string, 
/**
 * What the tiles show.
 */
picture: FilterPicture, 
/**
 * Tile `i` shows filter `i`; mid-grey is zero.
 */
atlas: Atlas, 
/**
 * Every tile's white and black stand for plus and minus this weight (the largest absolute finite
 * value of any tile), so that filters can be compared with each other.
 */
scale: number, 
/**
 * The readings of the filters, in order.
 */
readings: FilterReadings, 
/**
 * What the smoothness readings are compared with, the same for all filters of the layer.
 */
test: SmoothnessTest, };

export type FilterPicture = "weights" | "dominant_pattern";

export type FilterReadings = { 
/**
 * The verdict in a word, the first that applies in the order of [`FilterState`].
 */
state: Array<FilterState>, 
/**
 * Q: the two-dimensional Ljung–Box statistic of the filter's weights. Independent weights read
 * about 4 (the number of lags); larger is more structured.
 */
q: Array<number | null>, 
/**
 * Probability that independent random weights reach this Q or more.
 */
p_value: Array<number | null>, 
/**
 * r1: correlation of neighbouring weights. 0 for noise, positive for smooth filters, negative for
 * filters that alternate from pixel to pixel.
 */
r1: Array<number | null>, 
/**
 * Root mean square of the weights. `None` if a weight is not finite.
 */
rms: Array<number | null>, 
/**
 * Relative change since the snapshot before, ‖ΔW‖/‖W‖. `None` in the first snapshot.
 */
change: Array<number | null>, 
/**
 * Distance from the initial weights, ‖W − W₀‖/‖W₀‖. `None` if those are not known.
 */
distance: Array<number | null>, 
/**
 * The other filter that this one is most like, up to sign, if |cos| is above .95.
 */
duplicate_of: Array<number | null>, };

export type FilterState = "not_finite" | "dead" | "stuck" | "exploding" | "duplicate" | "noise_like" | "oscillating" | "smooth" | "not_judged";

export type SmoothnessTest = { 
/**
 * Degrees of freedom of Q's chi-squared distribution: the lags that fit into the kernel.
 */
degrees_of_freedom: number, 
/**
 * Q above this is significant structure.
 */
q_critical: number | null, 
/**
 * Significance level of one filter's test.
 */
level: number, 
/**
 * Standard deviation of r1 for independent random weights.
 */
r1_null_deviation: number | null, 
/**
 * What a kernel of this size, or the kind of input, cannot tell, in words; `None` if there is
 * nothing to warn about.
 */
caution: string | null, };

export type LayerHealth = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The layer's name, as in [`Layer::name`](crate::Layer::name).
 */
layer: string, 
/**
 * Value by [`Statistic::name`](crate::Statistic::name). `None`: not a finite number. A statistic
 * that does not apply to the layer, or is not known yet, is left out.
 */
values: { [key: string]: number | null }, 
/**
 * By statistic, the filters or feature maps that it found: the dead ones of `dead_maps`, for
 * example. Left out where there are none.
 */
units: { [key: string]: Array<number> }, };

export type Watchlist = { 
/**
 * The statistics of layers, in the order in which they are shown.
 */
statistics: Array<Statistic>, 
/**
 * The rules, in the order in which they are looked at.
 */
rules: Array<AlertRule>, 
/**
 * What layers of independent random weights would read, as far as that is known.
 */
nulls: Array<NullBand>, };

export type Statistic = { 
/**
 * Key in [`LayerHealth::values`](crate::LayerHealth::values), and the metric's name in rules.
 */
name: string, 
/**
 * Short name on the screen.
 */
label: string, 
/**
 * What it measures, in plain words, and what a bad reading means.
 */
meaning: string, 
/**
 * How it is computed.
 */
formula: string, 
/**
 * What is looked at.
 */
subject: Subject, 
/**
 * How it is printed and drawn.
 */
scale: Scale, };

export type Subject = "filters" | "maps";

export type Scale = "share" | "signed" | "linear" | "logarithmic";

export type NullBand = { 
/**
 * The layer.
 */
layer: string, 
/**
 * The statistic.
 */
statistic: string, 
/**
 * Lower end of the band: 2.5 % of such layers read less.
 */
low: number, 
/**
 * Upper end: 2.5 % read more.
 */
high: number, };

export type AlertRule = { 
/**
 * Unique name: `noisy-filters`.
 */
id: string, 
/**
 * What it finds, in a few words.
 */
title: string, 
/**
 * What it looks at: a [`Statistic::name`], or a metric of the training such as `train:Loss` or
 * `valid:*`.
 */
metric: string, 
/**
 * The layers it looks at, by name; empty for a metric of the training.
 */
layers: Array<string>, 
/**
 * How the value is compared with the thresholds.
 */
compare: Compare, 
/**
 * Thresholds by severity, mildest first.
 */
levels: Array<AlertLevel>, 
/**
 * An alert ends when the value is on the good side of this; a threshold of its own keeps alerts from
 * flickering. `None`: the mildest level's threshold.
 */
clear: number | null, 
/**
 * Epochs up to here are not looked at.
 */
warm_up: number, 
/**
 * So many readings running must be bad before an alert is raised.
 */
patience: number, 
/**
 * So many readings running must be good before it ends.
 */
clear_patience: number, 
/**
 * Rules whose alert on the same layer keeps this one from being raised, for they explain it.
 */
unless: Array<string>, 
/**
 * What an alert means, in plain words.
 */
meaning: string, 
/**
 * Usual causes.
 */
causes: Array<string>, 
/**
 * What to try.
 */
advice: Array<string>, 
/**
 * The user has switched it off.
 */
silenced: boolean, };

export type Compare = "at_least" | "at_most" | "not_finite";

export type AlertLevel = { 
/**
 * How bad it is to be beyond the threshold.
 */
severity: Severity, 
/**
 * The threshold; `None` where values are not compared with one.
 */
threshold: number | null, };

export type Alert = { 
/**
 * The rule that raised it, [`AlertRule::id`](crate::AlertRule::id).
 */
rule: string, 
/**
 * The layer it is about; `None` if it is about the training as a whole.
 */
layer: string | null, 
/**
 * The statistic, or the metric of the training (`train:Loss`).
 */
metric: string, 
/**
 * What has happened to it.
 */
state: AlertState, 
/**
 * How bad it is, now or, if it has ended, at its worst.
 */
severity: Severity, 
/**
 * The epoch of this reading.
 */
epoch: number, 
/**
 * The epoch in which it was raised.
 */
since: number, 
/**
 * The reading; `None` if it is not a finite number.
 */
value: number | null, 
/**
 * The threshold that decided: of the severity, or for the end of the alert. `None` where values are not
 * compared with one.
 */
threshold: number | null, 
/**
 * What is the matter, in a few words: `conv1: filters look like noise`.
 */
title: string, 
/**
 * What was read and what it was compared with, in a sentence.
 */
message: string, 
/**
 * What other statistics suggest about the cause, in sentences; may be empty.
 */
hints: Array<string>, 
/**
 * The filters or feature maps it is about; may be empty.
 */
units: Array<number>, };

export type AlertState = "raised" | "updated" | "resolved";

export type Severity = "info" | "warning" | "critical";

export type LayerEvolution = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The layer's name, as in [`Layer::name`](crate::Layer::name).
 */
layer: string, 
/**
 * The epoch of the snapshot before, which the changes are measured from; `None` in the first.
 */
previous: number | null, 
/**
 * v = 1 − CKA(this epoch, the one before), per epoch between the two: how much the layer's
 * representation of the probe images changes. 0: not at all, 1: nothing in common. `None` in the first
 * snapshot, and for a layer that is dead or not finite.
 */
change: number | null, 
/**
 * How exact `change` is: half the difference between the two halves of the probe images.
 */
floor: number | null, 
/**
 * ‖W_t − W_{t−1}‖/‖W_{t−1}‖ of the layer's weights. `None` in the first snapshot and for a layer
 * without filters.
 */
weight_change: number | null, 
/**
 * Mean over the live maps of the Jaccard index of a map's nine strongest images now and before: 1:
 * the same, 0: all others.
 */
top_overlap: number | null, 
/**
 * The same as rank-biased overlap (p = .8), which counts the first places most.
 */
top_rank_overlap: number | null, 
/**
 * Share of the live maps whose strongest image is another one than before.
 */
jumps: number | null, 
/**
 * Mean over the followed maps of the cosine between the projections of a fixed image now and before,
 * less the cosine for mismatched images. An unchanged map reads 1 less what any two of its pictures
 * have in common; 0: no more alike than any two.
 */
projection_similarity: number | null, 
/**
 * CKA of this epoch with earlier ones that are remembered, oldest first; at most 33. It says, looking
 * back, how far the layer was from what it is now.
 */
to_earlier: Array<EpochSimilarity>, 
/**
 * The earliest epoch from which on the layer has stayed close to what it is now: 1 − CKA ≤ .2 of
 * what it was at the start, looking back over the remembered epochs. `None` if not known.
 */
close_since: number | null, 
/**
 * The same by the maps' strongest images: the median, over the live maps, of the earliest remembered
 * epoch from which on at least half of a map's nine strongest images (by the Jaccard index) were what
 * they are now. `None` if that holds for less than half of the maps.
 */
top_close_since: number | null, };

export type EpochSimilarity = { 
/**
 * The epoch.
 */
epoch: number, 
/**
 * Unbiased linear CKA: 1 for the same representation up to rotation and scale, about 0 for unrelated
 * ones (it may be slightly below).
 */
similarity: number, };

export type Settling = { 
/**
 * The epoch after which this holds.
 */
epoch: number, 
/**
 * The layers, in the order in which the model computes them.
 */
layers: Array<LayerSettling>, 
/**
 * Rank correlation (Kendall's τ-b) of settling epoch and depth; positive: lower layers settled first.
 * A layer that has not settled counts as later than all that have. `None` with fewer than three
 * layers, or when all are level.
 */
order: RankCorrelation | null, 
/**
 * All of it in a sentence: `lower layers settled first: conv1 at 4, conv2 at 9, conv3 not yet`.
 */
statement: string, };

export type LayerSettling = { 
/**
 * The layer's name.
 */
layer: string, 
/**
 * How it stands.
 */
state: SettlingState, 
/**
 * The epoch in which it settled, for a layer that has.
 */
since: number | null, 
/**
 * How often it had settled and moved again.
 */
moved_again: number, };

export type SettlingState = "frozen" | "settled" | "moved_again" | "not_yet" | "dead";

export type RankCorrelation = { 
/**
 * −1 to 1.
 */
value: number, 
/**
 * Lower end of the 95 % interval, by bootstrap over the feature maps.
 */
low: number, 
/**
 * Its upper end.
 */
high: number, };

export type EpochAnalysed = { 
/**
 * The epoch, counted from 1.
 */
epoch: number, 
/**
 * How long the analyses took, in seconds of wall time.
 */
seconds: number, };

export type SnapshotDropped = { 
/**
 * The epoch that has no pictures, counted from 1.
 */
epoch: number, 
/**
 * How many snapshots this run has dropped so far.
 */
total: number, };

export type Fault = { 
/**
 * Which part failed: the name of an analysis or of a sink.
 */
part: string, 
/**
 * What went wrong, in words for the user.
 */
message: string, 
/**
 * The epoch it concerns, if it concerns one.
 */
epoch: number | null, };

export type RunEnded = { 
/**
 * How it ended.
 */
outcome: RunOutcome, 
/**
 * Why it was interrupted or failed, in the training's own words.
 */
reason: string | null, };

export type RunOutcome = "finished" | "interrupted" | "failed";

export type Status = { 
/**
 * What the training is doing.
 */
state: RunState, 
/**
 * The epoch being trained, counted from 1; 0 before the first.
 */
epoch: number, 
/**
 * Last epoch planned, if it is known.
 */
last_epoch: number | null, 
/**
 * The data being gone through, while an epoch runs.
 */
split: Split | null, 
/**
 * Items of the split done so far.
 */
items_done: number, 
/**
 * Items in the split.
 */
items_total: number, 
/**
 * Snapshots dropped so far because the analysis was still busy.
 */
snapshots_dropped: number, 
/**
 * The epoch being analysed, if one is.
 */
analysing: number | null, 
/**
 * Last sign of life of the training process, in milliseconds since 1970-01-01 UTC. It is renewed
 * every second or so; a run that is `Training` with an old sign of life was killed.
 */
alive_ms: number, };

export type RunState = "starting" | "training" | "analysing" | "ended";

export type Atlas = { 
/**
 * The picture.
 */
image: ImageId, 
/**
 * Height of a tile in pixels of the picture.
 */
tile_height: number, 
/**
 * Width of a tile in pixels of the picture.
 */
tile_width: number, 
/**
 * Tiles side by side in a row.
 */
columns: number, 
/**
 * Number of tiles.
 */
count: number, };

export type ImageId = string;

export type Region = { 
/**
 * First row; negative above the image.
 */
top: number, 
/**
 * First column; negative left of the image.
 */
left: number, 
/**
 * Number of rows.
 */
height: number, 
/**
 * Number of columns.
 */
width: number, };
