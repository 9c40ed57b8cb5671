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

export type Event = { "kind": "run_started" } & RunStarted | { "kind": "metric" } & Metric | { "kind": "layer_features" } & LayerFeatures | { "kind": "layer_filters" } & LayerFilters | { "kind": "epoch_analysed" } & EpochAnalysed | { "kind": "snapshot_dropped" } & SnapshotDropped | { "kind": "fault" } & Fault | { "kind": "run_ended" } & RunEnded;

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
 * Tile `i` shows filter `i`; mid-grey is zero.
 */
atlas: Atlas, 
/**
 * Every tile's white and black stand for plus and minus this weight (the layer's largest
 * absolute finite weight), so that filters can be compared with each other.
 */
scale: number, 
/**
 * One reading per filter, in order.
 */
filters: Array<FilterReading>, 
/**
 * What the readings are compared with, the same for all filters of the layer.
 */
test: SmoothnessTest, 
/**
 * φ: share of the live filters that cannot be told from noise. `None` if the test does not
 * apply. Independent random weights read .95, a well-trained layer close to 0.
 */
noise_share: number | null, };

export type FilterReading = { 
/**
 * Q: the two-dimensional Ljung–Box statistic of the filter's weights. Independent weights read
 * about 4 (the number of lags); larger is more structured. `None` where it is undefined.
 */
q: number | null, 
/**
 * Probability that independent random weights reach this Q or more.
 */
p_value: number | null, 
/**
 * r1: correlation of neighbouring weights. 0 for noise, positive for smooth filters, negative for
 * filters that alternate from pixel to pixel.
 */
r1: number | null, 
/**
 * Root mean square of the weights. `None` if a weight is not finite.
 */
rms: number | null, 
/**
 * The verdict that Q and r1 give together.
 */
verdict: SmoothnessVerdict, };

export type SmoothnessVerdict = "smooth" | "oscillating" | "noise_like" | "dead" | "not_finite" | "not_applicable";

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
 * What a kernel of this size cannot tell, in words; `None` if there is nothing to warn about.
 */
caution: string | null, };

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
