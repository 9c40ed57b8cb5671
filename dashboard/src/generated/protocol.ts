// Generated from crates/spyhole-protocol by `cargo test -p spyhole-protocol`. Do not edit.

export const VERSION = 3;
export const BULK_KINDS = ["layer_features", "layer_filters", "layer_health", "layer_distributions", "layer_evolution", "settling"] as const;

/** How a layer stands: its name for the screen, and what it means. */
export const LAYER_STATES: { [state in LayerState]: { name: string; meaning: string } } = {
  moving: { name: "moving", meaning: "It still changes." },
  settled: { name: "settled", meaning: "For three readings running it has changed by less than a tenth of the most that it ever has, and by less than 0.01 an epoch." },
  moved_again: { name: "moved again", meaning: "It had settled, and changes again." },
  frozen: { name: "frozen", meaning: "Its weights are frozen, and it has not changed since the start." },
  never_moved: { name: "has never moved", meaning: "Its weights are not frozen, but it has not changed at all since the start. Causes that fit: a learning rate of 0 or far too small, no gradient that reaches it, an optimizer that does not have it." },
  constant: { name: "constant", meaning: "It computes the same for all probe images, and that is not zero: there is nothing to compare." },
  dead: { name: "dead", meaning: "It is zero everywhere for all probe images: there is nothing to compare." },
  not_finite: { name: "not finite", meaning: "Some of its activations are NaN or infinite: there is nothing to compare." },
  images_alike: { name: "images alike", meaning: "The probe images are all the same, so that nothing can be told by them: neither that the layer is dead nor that it is not." },
  too_few_images: { name: "too few images", meaning: "Fewer than 16 different probe images are too few to judge a layer by." },
  not_known: { name: "not known", meaning: "It has changed by no more than these probe images can measure, or there was nothing to compare with." },
};

export type ServerMessage = { "type": "hello" } & Hello | { "type": "snapshot" } & Snapshot | { "type": "records", 
/**
 * In order of [`Record::seq`].
 */
records: Array<Record>, } | { "type": "status" } & Status | { "type": "answer" } & Answer;

export type Snapshot = { 
/**
 * The records of this part, in order of [`Record::seq`].
 */
records: Array<Record>, 
/**
 * Number of the last record that the snapshot stands for; the last part has it. The next message of records
 * goes on behind it.
 */
upto: number | null, };

export type ClientMessage = { "type": "ask", 
/**
 * The client's own number for the question; it comes back in the [`Answer`].
 */
number: number, 
/**
 * What to study.
 */
subject: StudySubject, } | { "type": "cancel", 
/**
 * Number of the study, as in [`StudyProgress::id`](crate::StudyProgress::id).
 */
id: number, } | { "type": "silence", 
/**
 * The client's own number for the question; it comes back in the [`Answer`].
 */
number: number, 
/**
 * What to silence.
 */
silence: Silence, } | { "type": "stop", 
/**
 * The client's own number for the question; it comes back in the [`Answer`].
 */
number: number, };

export type Answer = { 
/**
 * The number that the client gave the question.
 */
number: number, 
/**
 * Number of the study, if one was asked for and is not refused.
 */
id: number | null, 
/**
 * Why it is refused, in words for the user.
 */
refused: string | null, };

export type Hello = { 
/**
 * [`VERSION`](crate::VERSION) of the server. A dashboard of another version says so and stops.
 */
version: number, 
/**
 * Identifies the run. When it is not the run the client knows, the client forgets what it has and
 * connects again from the beginning.
 */
run_id: string, 
/**
 * The newest record there is: everything up to here is history.
 */
head: number, 
/**
 * Whether the server runs inside the training process; otherwise the run is read from disk.
 */
live: boolean, 
/**
 * How many parts of the run were left so far ([`Branch`](crate::Branch)). When there are more than the client
 * knows of, part of what it has no longer counts: it forgets that and connects again from the beginning.
 */
branches: number, };

export type RunList = { 
/**
 * [`VERSION`](crate::VERSION) of the server.
 */
version: number, 
/**
 * The newest start first; runs that cannot be read last.
 */
runs: Array<RunSummary>, };

export type RunSummary = { 
/**
 * What stands for the run in addresses: `/runs/KEY/socket`. It is the run's id, with an addition where a
 * copy of the run is shown as well.
 */
key: string, 
/**
 * The name that the user gave the run; its directory's if it has not started.
 */
name: string, 
/**
 * The run directory, as the user would write it.
 */
directory: string, 
/**
 * Why the run cannot be read, in words for the user; then the rest is empty.
 */
problem: string | null, 
/**
 * First start, in milliseconds since 1970-01-01 UTC.
 */
started_ms: number | null, 
/**
 * Where it is.
 */
status: Status | null, 
/**
 * The worst alert that is active and not silenced.
 */
worst_alert: Severity | null, 
/**
 * How many alerts are active and not silenced.
 */
active_alerts: number, 
/**
 * Whether the server runs inside the process that trains this run.
 */
live: boolean, 
/**
 * What the run has left when it was continued from earlier epochs; as runs they have keys of their own, `KEY~1`.
 */
branches?: Array<Branch>, 
/**
 * It is no run of its own but a part that a run has left: what is shown is the run as it was then. Left out of
 * runs.
 */
branch?: Branch, };

export type Branch = { 
/**
 * 1, 2, 3, … in the order in which they were left.
 */
number: number, 
/**
 * Its first epoch, counted from 1.
 */
first_epoch: number, 
/**
 * The newest epoch that was on record when it was left.
 */
last_epoch: number, 
/**
 * The record of the start that left it: before this number the run is as it was then.
 */
left_by: number, };

export type RecordPage = { 
/**
 * In order of [`Record::seq`].
 */
records: Array<Record>, 
/**
 * Ask again with `before` = this for what comes before; `None`: there is no more.
 */
before: number | null, };

export type Report = { 
/**
 * [`VERSION`](crate::VERSION) of the writer.
 */
version: number, 
/**
 * When it was made, in milliseconds since 1970-01-01 UTC.
 */
made_ms: number, 
/**
 * The run.
 */
run: RunSummary, 
/**
 * Its records, in order of [`Record::seq`]; not those that were left out.
 */
records: Array<Record>, 
/**
 * The PNG files of the pictures that the records point to, in base64.
 */
images: { [id: string]: string }, 
/**
 * The documents that the records point to.
 */
documents: { [id: string]: Document }, 
/**
 * What was left out to keep the file small, in words for the user; `None`: nothing.
 */
left_out: string | null, };

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

export type Event = { "kind": "run_started" } & RunStarted | { "kind": "watchlist" } & Watchlist | { "kind": "metric" } & Metric | { "kind": "layer_features" } & LayerFeatures | { "kind": "layer_filters" } & LayerFilters | { "kind": "layer_health" } & LayerHealth | { "kind": "network_health" } & NetworkHealth | { "kind": "layer_distributions" } & LayerDistributions | { "kind": "alert" } & Alert | { "kind": "silence" } & Silence | { "kind": "stop_asked" } & StopAsked | { "kind": "layer_evolution" } & LayerEvolution | { "kind": "settling" } & Settling | { "kind": "study" } & Study | { "kind": "epoch_analysed" } & EpochAnalysed | { "kind": "snapshot_dropped" } & SnapshotDropped | { "kind": "fault" } & Fault | { "kind": "run_ended" } & RunEnded;

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
 * Nothing is trained: models that were trained before are looked into, one per epoch. Left out of trainings.
 */
inspection?: boolean, 
/**
 * Why this is a run of its own beside an earlier one in the same directory, and where that is, in words for the
 * user. Left out where there is no earlier one, and where it is continued.
 */
beside?: string, 
/**
 * What is told anew from here on because the start continues a run that had other probe images, in words for the
 * user. Left out everywhere else.
 */
other_images?: string, 
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
probe: Probe, 
/**
 * What the model puts out for an image. `None`: written before this was recorded.
 */
output?: Output, };

export type Output = { 
/**
 * What its numbers are.
 */
meaning: OutputMeaning, 
/**
 * How many numbers; `None` if it is no row of numbers, or cannot be computed.
 */
count: number | null, 
/**
 * Names of the numbers, in order; may be empty. Those of classes are the [`Probe`]'s.
 */
names: Array<string>, 
/**
 * Why it is taken to be that, in a sentence.
 */
reason: string, };

export type OutputMeaning = "classes" | "binary" | "numbers";

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
first: boolean, 
/**
 * Whether its weights (of a sum of branches, all in them) were frozen when the watch began, so that training does
 * not change them. Left out where they are trained, and by writers that did not know.
 */
frozen?: boolean, 
/**
 * Why its filters are not read, in words: `a sum of branches has no filters of its own`. Left out where they are, and
 * by writers that did not tell.
 */
no_filters?: string, 
/**
 * The earlier layer that computes with the same weights, if there is one: filters and alerts are that layer's.
 * Left out where there is none, and by writers that did not know.
 */
shares_weights_with?: string, };

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
class_names: Array<string>, 
/**
 * Why no layer can be judged by these images, in words: they are alike, or too few. Left out where they can, and by
 * writers that did not tell.
 */
caution?: string, 
/**
 * The studies that these images cannot be used for, and why. Left out where there are none, and by writers that did
 * not tell.
 */
not_studied?: Array<NotStudied>, };

export type NotStudied = { 
/**
 * The kind, as in the JSON of [`StudySubject`](crate::StudySubject): `embedding`.
 */
study: string, 
/**
 * Why, in words: `needs at least 8 probe images, there are 5`.
 */
reason: string, };

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
 * The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
 * continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
 * the epoch's end.
 */
step?: number, 
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
 * Tile with the image patch, or `None` if the activation is not finite.
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
projection_scale: number | null, 
/**
 * Why there is no projection, in words that stand for themselves. Left out where there is one, and by writers that
 * did not say.
 */
not_projected?: string, };

export type LayerFilters = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
 * continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
 * the epoch's end.
 */
step?: number, 
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

export type FilterState = "not_finite" | "dead" | "zero" | "still" | "stuck" | "exploding" | "duplicate" | "noise_like" | "oscillating" | "smooth" | "not_judged";

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
 * The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
 * continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
 * the epoch's end.
 */
step?: number, 
/**
 * The layer's name, as in [`Layer::name`](crate::Layer::name).
 */
layer: string, 
/**
 * What is to be said of the layer's activations as a whole: that they are not finite, that the probe images are
 * alike or too few to judge them, that they are dead, or constant. Left out where they vary from image to image,
 * where they were not read, and by writers that did not tell.
 */
state?: LayerState, 
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

export type NetworkHealth = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
 * continued. `None`: the epoch's end.
 */
step?: number, 
/**
 * Value by [`Statistic::name`](crate::Statistic::name); left out where it is not known.
 */
values: { [key: string]: number | null }, 
/**
 * By statistic, the places in the network that it found, in computing order. Left out where there are none.
 */
places: { [key: string]: Array<Place> }, };

export type Place = { 
/**
 * What is there.
 */
kind: PlaceKind, 
/**
 * Its name: a parameter's path, `c2.bias`; of a result the module that it comes from or after, `c2`.
 */
name: string, 
/**
 * The place and what was found there, in words that continue a sentence: `the parameter c2.bias, with 1 NaN
 * among 16 numbers`.
 */
words: string, };

export type PlaceKind = "parameter" | "result" | "output" | "constant";

export type LayerDistributions = { 
/**
 * The epoch, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * The snapshot was taken within the epoch, after so many updates of the weights since the run was started or
 * continued. It stands for its epoch until the next one does, and has no readings that compare epochs. `None`:
 * the epoch's end.
 */
step?: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * Number of live maps.
 */
live: number, 
/**
 * By reading, as in [`MapReadings`](crate::MapReadings): its 5th, 25th, 50th, 75th and 95th percentile over the
 * live maps. What no map has is left out.
 */
readings: { [key: string]: [number, number, number, number, number] }, };

export type Watchlist = { 
/**
 * The statistics of the network and of its layers, in the order in which they are shown.
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
 * Key in [`LayerHealth::values`](crate::LayerHealth::values), or of a statistic of the whole network in
 * [`NetworkHealth::values`](crate::NetworkHealth::values), and the metric's name in rules.
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

export type Subject = "filters" | "maps" | "network";

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
 * The layers it looks at, by name; empty for a metric of the training and for a statistic of the whole network.
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
 * Rules whose alert on the same layer, or on the whole network, keeps this one from being raised, for they explain
 * it.
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
 * The layer it is about; `None` if it is about the training or the network as a whole.
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
units: Array<number>, 
/**
 * Whether somebody has silenced it: it is shown, and no action carries it. Left out by writers before there
 * was a [`Silence`].
 */
silenced: boolean, };

export type AlertState = "raised" | "updated" | "resolved";

export type Silence = { 
/**
 * The rule, [`AlertRule::id`](crate::AlertRule::id).
 */
rule: string, 
/**
 * The layer; `None` for an alert about the training as a whole.
 */
layer: string | null, 
/**
 * Whether it is silenced, or heard again.
 */
silenced: boolean, };

export type StopAsked = { 
/**
 * Who asked, in words for the user: `the dashboard`.
 */
by: string, 
/**
 * The epoch that the training was in, counted from 1.
 */
epoch: number, };

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
 * How the layer stands after this epoch, as in [`Settling`], or why that cannot be told. Left out while there is
 * nothing to compare with, and by writers that did not tell.
 */
state?: LayerState, 
/**
 * The epoch of the snapshot before, which the changes are measured from; `None` in the first.
 */
previous: number | null, 
/**
 * v = 1 − CKA(this epoch, the one before), per epoch between the two: how much the layer's
 * representation of the probe images changes. 0: not at all, 1: nothing in common. `None` in the first
 * snapshot, and where there is nothing to compare: the state says why.
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
 * Of the layers with a verdict: those that are moving, have settled or have moved again; one that has not settled
 * counts as later than all that have. `None` with fewer than three of them, or when all are level.
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
 * How it stands, or why that cannot be told.
 */
state: LayerState, 
/**
 * The epoch in which it settled, for a layer that has.
 */
since: number | null, 
/**
 * How often it had settled and moved again.
 */
moved_again: number, };

export type LayerState = "moving" | "settled" | "moved_again" | "frozen" | "never_moved" | "constant" | "dead" | "not_finite" | "images_alike" | "too_few_images" | "not_known";

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

export type Study = { 
/**
 * The epoch whose weights were studied, counted from 1; 0 is the untrained model.
 */
epoch: number, 
/**
 * What was studied. A later study of the same subject and epoch replaces this one.
 */
subject: StudySubject, 
/**
 * Where the [`Document`] with its result is.
 */
document: DocumentId, 
/**
 * How long it took, in seconds of wall time, without its pauses. On a busy machine most of it may be waiting for a
 * core.
 */
seconds: number, 
/**
 * Why it was made.
 */
occasion: Occasion, };

export type StudySubject = { "study": "activations", 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The probe image.
 */
image: number, } | { "study": "units", 
/**
 * The layer's name.
 */
layer: string, } | { "study": "unit", 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The feature map.
 */
map: number, } | { "study": "directions", 
/**
 * The layer's name.
 */
layer: string, } | { "study": "synthesis", 
/**
 * The layer's name.
 */
layer: string, } | { "study": "synthesis_of_map", 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The feature map.
 */
map: number, } | { "study": "synthesis_of_classes" } | { "study": "embedding", 
/**
 * The layer's name.
 */
layer: string, } | { "study": "occlusion", 
/**
 * The probe image.
 */
image: number, 
/**
 * How.
 */
settings: OcclusionSettings, } | { "study": "occlusion_of_map", 
/**
 * The probe image.
 */
image: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The feature map.
 */
map: number, 
/**
 * How.
 */
settings: OcclusionSettings, };

export type Occasion = "scheduled" | "asked";

export type StudyProgress = { 
/**
 * Number of the study, to cancel it by.
 */
id: number, 
/**
 * What is studied.
 */
subject: StudySubject, 
/**
 * Why.
 */
occasion: Occasion, 
/**
 * The epoch whose weights are studied; `None` while it waits for its turn, because then it takes the
 * newest.
 */
epoch: number | null, 
/**
 * Parts done so far.
 */
done: number, 
/**
 * Parts in all; 0 while that is not known.
 */
total: number, };

export type DocumentId = string;

export type Document = { "document": "activations" } & ActivationSheet | { "document": "units" } & UnitSheet | { "document": "directions" } & DirectionSheet | { "document": "synthesis" } & SynthesisSheet | { "document": "embedding" } & EmbeddingSheet | { "document": "occlusion" } & OcclusionSheet;

export type ActivationSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The probe image.
 */
image: number, 
/**
 * Whether an activation can be negative. Then a tile's mid-grey (127.5 of 255) is zero, and black and white
 * are minus and plus the map's scale; otherwise black is zero and white is the scale.
 */
signed: boolean, 
/**
 * Tile `i` shows map `i`, grey. What is not finite is transparent.
 */
atlas: Atlas, 
/**
 * The maps, in order.
 */
maps: Array<MapView>, 
/**
 * Treves–Rolls sparseness over the maps for this image, of their largest activations: 0 if all maps
 * respond alike, near 1 if a few do. `None` if none responds.
 */
population_sparseness: number | null, };

export type MapView = { 
/**
 * The largest |activation|: the scale of the map's tile.
 */
scale: number | null, 
/**
 * Whether no probe image excites the map.
 */
dead: boolean, 
/**
 * Share of the positions at which it is zero. Independent rectified noise reads .5.
 */
zero_share: number | null, 
/**
 * Hoyer's sparseness (√n − ℓ1/ℓ2)/(√n − 1): 0 if all n positions respond alike, 1 if one does. Noise:
 * about .5.
 */
hoyer: number | null, 
/**
 * Treves–Rolls sparseness over the positions, (1 − (E a)²/E a²)/(1 − 1/n). Noise: .68.
 */
treves_rolls: number | null, 
/**
 * Gini coefficient of the positions: 0 if all respond alike, near 1 if a few do. Noise: .71.
 */
gini: number | null, 
/**
 * Spread about the centre of mass, over that of an even plane: noise reads 1; below .5 the map is
 * localised.
 */
localisation: number | null, 
/**
 * Share of the mass in the largest connected patch.
 */
largest_component: number | null, 
/**
 * Correlation with the grey image, −1 to 1. From .8 on, either sign, the map is a near copy of it.
 */
input_correlation: number | null, };

export type UnitSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The images that were searched.
 */
searched: SearchedImages, 
/**
 * How far the boxes of the patches can be trusted.
 */
field_status: FieldStatus, 
/**
 * The maps, in order. All maps of the layer; in a study of one unit, that one.
 */
units: Array<UnitTops>, 
/**
 * The epoch that `churn` is measured from, if there is an earlier study of the layer.
 */
earlier: number | null, 
/**
 * The pictures that [`UnitHit::patch`] and [`UnitHit::projection`] point into.
 */
atlas: Atlas, 
/**
 * The readings of the maps over the probe images; the same order as `units`.
 */
readings: MapReadings, };

export type SearchedImages = { 
/**
 * Name of the images: `the probe images`, or as the user called them.
 */
name: string, 
/**
 * How many different ones there were.
 */
count: number, 
/**
 * How many came again and were left out.
 */
repeated: number, 
/**
 * Whether they are the probe images, so that [`UnitHit::image`] is the number of a probe image.
 */
probe: boolean, };

export type UnitTops = { 
/**
 * The feature map.
 */
map: number, 
/**
 * Its top images, strongest first; the same image once. Fewer than nine if fewer of the searched images
 * excite it; none if none does.
 */
hits: Array<UnitHit>, 
/**
 * How much of the top images is new since the earlier study: 1 − |A∩B|/|A∪B|. `None` without one.
 */
churn: number | null, };

export type UnitHit = { 
/**
 * Number of the image among those searched, in the order in which they came.
 */
image: number, 
/**
 * Its class, if it has a label.
 */
label: number | null, 
/**
 * Row of the unit in the map.
 */
row: number, 
/**
 * Column of the unit in the map.
 */
column: number, 
/**
 * Its activation.
 */
value: number, 
/**
 * The activation at a second look at the same image; `None` if the image did not come again (random
 * augmentation, for example).
 */
again: number | null, 
/**
 * Whether the second look found the same, to one part in 10,000. If not, the patch is not to be trusted.
 */
reproduced: boolean, 
/**
 * The input pixels that the unit can see.
 */
field: Region, 
/**
 * Tile with the image patch; `None` if no pictures were made of this map.
 */
patch: number | null, 
/**
 * Tile with the projection; mid-grey is zero.
 */
projection: number | null, 
/**
 * White and black in the projection's tile stand for plus and minus this, in units of normalised
 * input. 0: nothing reaches the pixels.
 */
projection_scale: number | null, 
/**
 * Why there is no projection, in words that stand for themselves. Left out where there is one, and by writers that
 * did not say.
 */
not_projected?: string, };

export type MapReadings = { 
/**
 * No probe image excites the map.
 */
dead: Array<boolean>, 
/**
 * The largest |activation| over images and positions.
 */
largest: Array<number | null>, 
/**
 * Share of zeros over images and positions. Noise: .5.
 */
zero_share: Array<number | null>, 
/**
 * Hoyer's sparseness over the positions, mean over the images. Noise: about .5.
 */
hoyer: Array<number | null>, 
/**
 * Treves–Rolls sparseness over the images: 0 if all images excite the map alike, near 1 if a few do.
 */
lifetime_sparseness: Array<number | null>, 
/**
 * Spread about the centre of mass, mean over the images; below .5 the map is localised. Noise: 1.
 */
localisation: Array<number | null>, 
/**
 * Mean |correlation| with the grey image; from .8 on the map is a near copy.
 */
input_likeness: Array<number | null>, };

export type DirectionSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * How many probe images were ranked.
 */
images: number, 
/**
 * Purity that nine images picked at random have on average. `None` without labels, with
 * too few images, and where all are of one class.
 */
chance: number | null, 
/**
 * How far the boxes of the patches can be trusted.
 */
field_status: FieldStatus, 
/**
 * The comparison in three bases.
 */
bases: Array<BasisSheet>, 
/**
 * The pictures that [`DirectionHit::patch`] points into.
 */
atlas: Atlas, };

export type Basis = "raw" | "standardised" | "whitened";

export type BasisSheet = { 
/**
 * The basis.
 */
basis: Basis, 
/**
 * Mean purity of the unit directions: the share of the commonest class among a direction's nine top
 * images. `None` without labels, with too few images, and where all are of one class.
 */
units: number | null, 
/**
 * Mean purity of the random directions.
 */
random: number | null, 
/**
 * `units − random`.
 */
difference: number | null, 
/**
 * Lower end of the 95 % interval of the difference, by bootstrap over the directions.
 */
low: number | null, 
/**
 * Its upper end.
 */
high: number | null, 
/**
 * How many directions of each kind there were.
 */
directions: number, 
/**
 * What that says, in a sentence.
 */
statement: string, 
/**
 * Some unit directions with their top images.
 */
unit_views: Array<DirectionView>, 
/**
 * Some random directions with their top images.
 */
random_views: Array<DirectionView>, };

export type DirectionView = { 
/**
 * The feature map, for a unit direction.
 */
map: number | null, 
/**
 * Share of the commonest class among the hits; `None` where [`DirectionSheet::chance`] is: a share says nothing
 * without what chance would give.
 */
purity: number | null, 
/**
 * That class.
 */
class: number | null, 
/**
 * The top images, furthest first.
 */
hits: Array<DirectionHit>, };

export type DirectionHit = { 
/**
 * The probe image.
 */
image: number, 
/**
 * Row of the position that is furthest along the direction.
 */
row: number, 
/**
 * Its column.
 */
column: number, 
/**
 * How far: the centred activation times the direction.
 */
value: number, 
/**
 * The input pixels that the position can see.
 */
field: Region, 
/**
 * Tile with the image patch.
 */
patch: number, };

export type SynthesisSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The layer's name; `None` for classes.
 */
layer: string | null, 
/**
 * How they were made: `128 steps from noise (seed 1), shifted by up to 2 px, blurred, decayed`.
 */
recipe: string, 
/**
 * The images.
 */
views: Array<SyntheticView>, 
/**
 * Tile by [`SyntheticView::tile`], without the normalisation.
 */
atlas: Atlas, };

export type SyntheticView = { 
/**
 * The feature map, or the class where the sheet has no layer.
 */
target: number, 
/**
 * Its tile; `None` if it could not be made.
 */
tile: number | null, 
/**
 * The target's value (of a map: what was climbed, see the recipe; of a class: its logit) for the noise it
 * started from.
 */
start: number | null, 
/**
 * The value for the image made.
 */
end: number | null, 
/**
 * The largest value that a probe image reaches.
 */
natural: number | null, };

export type EmbeddingSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The layer's name.
 */
layer: string, 
/**
 * Position of each probe image, `[x, y]`, about 0 with a root mean square distance of 1.
 */
points: Array<[number, number]>, 
/**
 * Perplexity: roughly how many neighbours each image looks at.
 */
perplexity: number, 
/**
 * The epoch that the picture was started from, so that points can be followed; `None` for the first, and where a
 * fresh start made the better picture.
 */
aligned_to: number | null, 
/**
 * How well neighbours agree on the class, in the layer's own space (not in the picture). `None` without
 * labels, and where all images are of one class.
 */
neighbours: NeighbourAgreement | null, 
/**
 * Why that is not known, in a sentence; `None` where it is, or where nobody wrote why.
 */
no_neighbours?: string, };

export type NeighbourAgreement = { 
/**
 * How many neighbours of each image are looked at.
 */
neighbours: number, 
/**
 * Mean share that is of the image's class, 0 to 1.
 */
value: number, 
/**
 * What it would be if the classes were dealt at random.
 */
chance: number, };

export type OcclusionSettings = { 
/**
 * The class whose probability is mapped; left out: the image's own, or the most probable one. Of an output that is
 * no classes, the number that is mapped; left out: the one of the largest magnitude.
 */
class: number | null, 
/**
 * Side of the square in pixels.
 */
square: number | null, 
/**
 * How far it moves each time, in pixels.
 */
stride: number | null, 
/**
 * What is put into it.
 */
fill: Fill, };

export type Fill = "grey" | "mean" | "blur";

export type OcclusionSheet = { 
/**
 * The epoch whose weights were used.
 */
epoch: number, 
/**
 * The probe image.
 */
image: number, 
/**
 * Side of the square, in pixels.
 */
square: number, 
/**
 * How far it moves each time, in pixels.
 */
stride: number, 
/**
 * What is put into it.
 */
fill: Fill, 
/**
 * Top rows of the squares, in pixels.
 */
rows: Array<number>, 
/**
 * Left columns of the squares. Positions are counted row by row: position `r · columns + c`.
 */
columns: Array<number>, 
/**
 * The prediction; `None` if it could not be read.
 */
prediction: OccludedPrediction | null, 
/**
 * Why there is no prediction, in a sentence; `None` where there is one, or where nobody wrote why.
 */
no_prediction?: string, 
/**
 * The layers: the one that was asked for, or all.
 */
layers: Array<OccludedLayer>, 
/**
 * The tiles that [`OccludedPrediction::pixels`], [`OccludedLayer::pixels`] and
 * [`OccludedLayer::projection`] point to, each as large as the image. Mid-grey is zero.
 */
atlas: Atlas, };

export type OccludedPrediction = { 
/**
 * What is read.
 */
quantity?: OccludedQuantity, 
/**
 * The class that is mapped, or the number of the output.
 */
class: number, 
/**
 * Its probability, or the number, for the whole image.
 */
clean: number | null, 
/**
 * The same at each position. `None`: not finite.
 */
probabilities: Array<number | null>, 
/**
 * The most probable class for the whole image; of numbers, the one of the largest magnitude.
 */
clean_top: number, 
/**
 * The most probable class at each position; empty for numbers.
 */
top: Array<number>, 
/**
 * Tile: for each pixel the mean drop of it over the squares that cover it (captum's
 * convention).
 */
pixels: number | null, 
/**
 * White and black in that tile stand for plus and minus this.
 */
pixels_scale: number, 
/**
 * Another filling, for comparison: how far the picture depends on what is put into the square.
 */
other_fill: FillAgreement | null, };

export type OccludedQuantity = "probability" | "number";

export type FillAgreement = { 
/**
 * The other filling.
 */
fill: Fill, 
/**
 * Spearman's rank correlation of the drops of the prediction, −1 to 1. `None` if one of them is the same
 * everywhere.
 */
correlation: number | null, };

export type OccludedLayer = { 
/**
 * The layer's name.
 */
layer: string, 
/**
 * The feature map: the one asked for, or the one that is strongest on the whole image.
 */
map: number, 
/**
 * Its activation summed over all positions of the map, for the whole image.
 */
clean: number | null, 
/**
 * The sum at each position of the square. `None`: not finite.
 */
sums: Array<number | null>, 
/**
 * Tile: for each pixel the mean drop of the sum over the squares that cover it.
 */
pixels: number | null, 
/**
 * White and black in that tile stand for plus and minus this.
 */
pixels_scale: number, 
/**
 * Tile with the deconvnet's projection of the map.
 */
projection: number | null, 
/**
 * White and black in that tile stand for plus and minus this, in units of normalised input.
 */
projection_scale: number, 
/**
 * How far the drop of the sum and the projection agree on where the map looks.
 */
agreement: OcclusionAgreement, };

export type OcclusionAgreement = { 
/**
 * Spearman's rank correlation, −1 to 1. `None` if one of the two is the same everywhere.
 */
correlation: number | null, 
/**
 * What the projections of other images reach on average: what comes from the map alone, or from
 * images being alike.
 */
correlation_of_others: number | null, 
/**
 * Overlap of the top 20 %: positions in both over positions in one of them, 0 to 1.
 */
overlap: number | null, 
/**
 * What the projections of other images reach on average.
 */
overlap_of_others: number | null, };

export type EpochAnalysed = { 
/**
 * The epoch, counted from 1.
 */
epoch: number, 
/**
 * How long the analyses took, in seconds of wall time. On a busy machine most of it may be waiting for a core; what
 * they used is in `parts`.
 */
seconds: number, 
/**
 * What each analysis took and used, and which were skipped and why. Left out by writers before there was a
 * budget, which skipped nothing.
 */
parts?: Array<AnalysisPart>, };

export type Analysis = "weights" | "maps" | "activity" | "evolution" | "own" | "forward";

export type AnalysisPart = { 
/**
 * The analysis.
 */
analysis: Analysis, 
/**
 * How long it took, in seconds of wall time; `None` if it was skipped. On a busy machine most of it may be waiting
 * for a core.
 */
seconds: number | null, 
/**
 * The CPU time that it used, in seconds, which is what the budget is charged with; `None` if it was skipped, and
 * where costs are counted by the [clock](BudgetStatus::clock).
 */
cpu_seconds?: number, 
/**
 * Why it was skipped, in words for the user; `None` if it was not.
 */
skipped: string | null, };

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
reason: string | null, 
/**
 * How many scheduled studies there was no time left for. Left out by writers that told a fault instead.
 */
studies_left_out?: number, };

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
 * Studies that wait or run, in the order in which they will be made. Left out by writers before there were
 * studies.
 */
studies: Array<StudyProgress>, 
/**
 * The next epoch for which studies are scheduled, if there is one.
 */
next_studies: number | null, 
/**
 * Why the training will end after this epoch, if it was asked to.
 */
stopping: string | null, 
/**
 * What the monitoring may take, and what it takes. Left out by writers before there was a budget.
 */
budget?: BudgetStatus, 
/**
 * Last sign of life of the training process, in milliseconds since 1970-01-01 UTC. It is renewed
 * every second or so; a run that is `Training` with an old sign of life has stopped telling: its process was killed
 * or suspended, or its clock differs from the reader's.
 */
alive_ms: number, };

export type RunState = "starting" | "training" | "analysing" | "inspecting" | "ended";

export type BudgetStatus = { 
/**
 * The largest share of the time that analyses and studies together may take, 0 to 1: of CPU time, as a share of
 * `cores` times the wall time, or of the wall time, as [`clock`](Self::clock) says. From 1 on nothing is skipped.
 */
share: number, 
/**
 * The part of it that studies may take.
 */
studies_share: number, 
/**
 * The share that the analyses of epochs have taken since training began.
 */
used: number, 
/**
 * The share that scheduled studies have taken.
 */
studies_used: number, 
/**
 * Memory that the analyses may take, in bytes, if a ceiling was set.
 */
memory: number | null, 
/**
 * What was made smaller to stay below the ceiling, in words.
 */
smaller: Array<string>, 
/**
 * Where the analyses are computed, in words.
 */
device: string, 
/**
 * What costs are counted in.
 */
clock: Clock, 
/**
 * How many cores the process may use, whose time it is a share of; 1 by the wall clock.
 */
cores: number, 
/**
 * The analyses in order of importance, and how often each can be afforded.
 */
analyses: Array<PlannedAnalysis>, 
/**
 * Snapshots within epochs that were let go because something else was still being analysed.
 */
steps_skipped: number, };

export type Clock = "cpu" | "wall";

export type PlannedAnalysis = { 
/**
 * The analysis.
 */
analysis: Analysis, 
/**
 * What it costs each time, in seconds of what is [counted](BudgetStatus::clock), as measured lately; `None` if it
 * has not run yet.
 */
seconds: number | null, 
/**
 * The newest epoch that it was made for.
 */
epoch: number | null, 
/**
 * It can be afforded every so many epochs, roughly; `None` while that is not known.
 */
every: number | null, 
/**
 * How many epochs it was skipped for since then.
 */
skipped: number, };

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
count: number, 
/**
 * What a tile was before it was made smaller, or its channels laid side by side. `None`: it is as it was, pixel by
 * pixel, or was written before this was recorded.
 */
original?: Original, };

export type Original = { 
/**
 * Height of a plane, in pixels.
 */
height: number, 
/**
 * Width of a plane, in pixels.
 */
width: number, 
/**
 * Number of planes.
 */
planes: number, 
/**
 * Planes in a row.
 */
columns: number, };

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
