import { expect, test } from "vitest";
import type { Event, LayerFeatures, LayerFilters, Metric, RunStarted, UnitView } from "../generated/protocol.ts";
import { isResult } from "./metrics.ts";
import { Model } from "./model.ts";

const atlas = (image: string) => ({ image, tile_height: 5, tile_width: 5, columns: 2, count: 4 });

const unit = (map: number, image: number): UnitView => ({
  map,
  image,
  row: 2,
  column: 3,
  value: 1.5,
  field: { top: -1, left: 2, height: 5, width: 5 },
  patch: 0,
  projection: null,
  projection_scale: 0.25,
});

const features = (epoch: number, image = 1): LayerFeatures => ({
  epoch,
  layer: "conv1",
  strongest: [unit(4, 9)],
  followed: [unit(0, image), unit(3, image)],
  atlas: atlas(`e${epoch}`),
});

const filters = (epoch: number, q: (number | null)[]): LayerFilters => ({
  epoch,
  layer: "conv1",
  parameter: "conv1.weight",
  picture: "weights",
  atlas: atlas(`f${epoch}`),
  scale: 1,
  readings: {
    state: q.map((value) => (value === null ? "not_finite" : "smooth")),
    q,
    p_value: q.map(() => 0.1),
    r1: q.map(() => -0.25),
    rms: q.map(() => null),
    change: [],
    distance: q.map(() => 2),
    duplicate_of: q.map((_, filter) => filter + 1),
  },
  test: { degrees_of_freedom: 4, q_critical: 9.49, level: 0.05, r1_null_deviation: 0.1, caution: null },
});

const metric = (epoch: number, value: number | null, higher = false): Metric => ({
  epoch,
  split: "valid",
  name: higher ? "Accuracy" : "Loss",
  value,
  unit: null,
  higher_is_better: higher,
});

const started = (first_epoch: number, name = "run"): RunStarted => ({
  run_id: "a",
  name,
  spyhole_version: "0.1.0",
  first_epoch,
  last_epoch: 10,
  input_shape: [1, 8, 8],
  parameters: 100,
  layers: [],
  probe: { atlas: atlas("probe"), labels: [], class_names: [] },
});

function model(...events: Event[]): Model {
  const model = new Model();
  events.forEach((event, index) => model.apply({ seq: index + 1, time_ms: 0, event }));
  return model;
}

test("one model that is looked into stands alone", () => {
  const start = (inspection: boolean, last_epoch: number): Event => ({ kind: "run_started", ...started(1), inspection, last_epoch });
  const analysed = (epoch: number): Event => ({ kind: "epoch_analysed", epoch, seconds: 1, parts: [] });
  expect(model(start(true, 1), analysed(1)).single).toBe(true);
  expect(model(start(true, 1), analysed(0), analysed(1)).single).toBe(false);
  expect(model(start(true, 2), analysed(1)).single).toBe(false);
  expect(model(start(false, 1), analysed(1)).single).toBe(false);
});

test("keeps units as they were", () => {
  const { followed } = model({ kind: "layer_features", ...features(3) }).features.of("conv1")!.get(3)!;
  expect(followed.get(1)).toEqual(unit(3, 1));
  expect(followed.ofMap(3, 0)).toEqual(unit(3, 1));
  expect(followed.ofMap(7, 0)).toBeUndefined();
  expect(followed.get(2)).toBeUndefined();
});

test("a record applied twice counts once", () => {
  const subject = model({ kind: "fault", part: "store", message: "disk full", epoch: null });
  subject.apply({ seq: 1, time_ms: 0, event: { kind: "fault", part: "store", message: "again", epoch: null } });
  expect(subject.faults.total).toBe(1);
});

test("where there is validation, what only the training has is no result", () => {
  const rate = { kind: "metric", ...metric(1, 0.1), name: "Learning rate", split: "train" } as const;
  const isOne = (...events: Event[]) => {
    const { validated } = model(rate, ...events).metrics;
    return isResult("Learning rate", validated);
  };
  expect(isOne()).toBe(true);
  expect(isOne({ kind: "metric", ...metric(1, 0.9) })).toBe(false);
});

test("the best epoch follows the metric's direction and an epoch recorded again", () => {
  const subject = model(
    { kind: "metric", ...metric(1, 0.9) },
    { kind: "metric", ...metric(2, 0.4) },
    { kind: "metric", ...metric(3, null) },
    { kind: "metric", ...metric(4, 0.6) },
  );
  const series = subject.metrics.all.get("Loss")!.splits.valid!;
  expect(series.best).toEqual({ epoch: 2, value: 0.4 });
  subject.apply({ seq: 5, time_ms: 0, event: { kind: "metric", ...metric(2, 0.8) } });
  expect(series.best).toEqual({ epoch: 4, value: 0.6 });
  expect(series.byEpoch.epochs).toEqual([1, 2, 3, 4]);
  const up = model({ kind: "metric", ...metric(1, 10, true) }, { kind: "metric", ...metric(2, 20, true) });
  expect(up.metrics.all.get("Accuracy")!.splits.valid!.best).toEqual({ epoch: 2, value: 20 });
});

test("keeps the readings of filters as they were, and one test for all epochs", () => {
  const series = model(
    { kind: "layer_filters", ...filters(2, [5, null]) },
    { kind: "layer_filters", ...filters(0, [4]) },
    { kind: "layer_filters", ...filters(2, [50, null, 60]) },
  ).filters.of("conv1")!;
  expect(series.epochs).toEqual([0, 2]);
  const { readings } = series.get(2)!;
  expect(readings.count).toBe(3);
  expect([0, 1, 2, 3].map((filter) => readings.value("q", filter))).toEqual([50, null, 60, null]);
  expect(readings.value("r1", 2)).toBe(-0.25);
  expect(readings.value("rms", 0)).toBeNull();
  expect(readings.value("change", 0)).toBeNull();
  expect(readings.value("duplicate_of", 1)).toBe(2);
  expect(readings.state(1)).toBe("not_finite");
  expect([...readings.counts()]).toEqual([["smooth", 2], ["not_finite", 1]]);
  expect(series.get(0)!.test).toBe(series.get(2)!.test);
});

test("a dropped epoch has no pictures, and gets them when a resumed run records it", () => {
  const subject = model(
    { kind: "layer_features", ...features(1) },
    { kind: "epoch_analysed", epoch: 1, seconds: 2 },
    { kind: "snapshot_dropped", epoch: 2, total: 1 },
    { kind: "layer_features", ...features(3) },
  );
  expect(subject.epochs.states.get(2)).toEqual({ kind: "dropped" });
  expect(subject.dropped).toBe(1);
  expect(subject.features.of("conv1")!.epochs).toEqual([1, 3]);
  subject.apply({ seq: 5, time_ms: 0, event: { kind: "layer_features", ...features(2) } });
  expect(subject.epochs.states.get(2)).toEqual({ kind: "seen" });
  expect(subject.features.of("conv1")!.epochs).toEqual([1, 2, 3]);
});

test("a resumed run goes on: the later start counts, the end is forgotten, epochs are overwritten", () => {
  const subject = model(
    { kind: "run_started", ...started(1, "first") },
    { kind: "layer_features", ...features(4, 1) },
    { kind: "run_ended", outcome: "interrupted", reason: "stop" },
    { kind: "run_started", ...started(4, "second") },
    { kind: "layer_features", ...features(4, 2) },
  );
  expect(subject.run?.name).toBe("second");
  expect(subject.starts).toBe(2);
  expect(subject.ended).toBeUndefined();
  expect(subject.features.of("conv1")!.get(4)!.followed.get(0)!.image).toBe(2);
});

/** What a training of epochs records. */
function trained(first: number, last: number, image: number, best: number): Event[] {
  const epochs = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return [
    { kind: "run_started", ...started(first) },
    ...epochs.flatMap((epoch): Event[] => [
      { kind: "metric", ...metric(epoch, Math.abs(epoch - best) + image) },
      { kind: "layer_features", ...features(epoch, image) },
      { kind: "layer_filters", ...filters(epoch, [image]) },
      { kind: "layer_health", epoch, layer: "conv1", values: { s: image }, units: {} },
      { kind: "settling", epoch, layers: [], order: null, statement: `s${image}` },
      { kind: "study", epoch, subject: { study: "synthesis_of_classes" }, document: `d${epoch}`, seconds: 1, occasion: "asked" },
      { kind: "fault", part: "features of conv1", message: `m${image}`, epoch },
      { kind: "epoch_analysed", epoch, seconds: 1 },
    ]),
    { kind: "run_ended", outcome: "finished", reason: null },
  ];
}

test.each([
  { name: "from the checkpoint of epoch 3 after 8, to 5", first: 4, last: 5, images: [1, 1, 1, 2, 2], marked: 5 },
  { name: "where it ended", first: 9, last: 9, images: [1, 1, 1, 1, 1, 1, 1, 1, 2], marked: 0 },
  { name: "another training in the same store", first: 1, last: 3, images: [2, 2, 2], marked: 8 },
])("a run that is continued, $name, shows one history", ({ first, last, images, marked }) => {
  const subject = model(...trained(1, 8, 1, 6), ...trained(first, last, 2, first));
  const epochs = images.map((_, at) => at + 1);
  const of = (image: number) => images.flatMap((each, at) => (each === image ? [at + 1] : []));
  const series = subject.metrics.all.get("Loss")!.splits.valid!;
  expect(series.byEpoch.epochs).toEqual(epochs);
  const values = epochs.map((epoch, at) => (images[at] === 1 ? Math.abs(epoch - 6) + 1 : Math.abs(epoch - first) + 2));
  expect(series.byEpoch.values).toEqual(values);
  expect(series.best).toEqual({ epoch: values.indexOf(Math.min(...values)) + 1, value: Math.min(...values) });
  expect(subject.newestEpoch).toBe(last);
  expect(subject.epochs.states.epochs).toEqual(epochs);
  for (const image of [1, 2]) {
    const shown = subject.features.of("conv1")!;
    expect(shown.epochs.filter((epoch) => shown.get(epoch)!.followed.get(0)!.image === image)).toEqual(of(image));
  }
  expect(subject.filters.of("conv1")!.epochs).toEqual(epochs);
  expect(subject.health.of("conv1")!.values.map(({ values }) => values.s)).toEqual(images);
  expect(subject.settlings.newest?.statement).toBe("s2");
  expect(subject.studies.epochs({ study: "synthesis_of_classes" })).toEqual(epochs);
  expect(subject.faults.newest.filter(({ left }) => left)).toHaveLength(marked);
  // Before the first new epoch the newest is the one that it goes on from.
  const begun = model(...trained(1, 8, 1, 6), { kind: "run_started", ...started(first) });
  expect(begun.newestEpoch).toBe(first - 1);
  expect(begun.features.of("conv1")?.epochs.at(-1)).toBe(first > 1 ? first - 1 : undefined);
  expect(begun.settlings.newest?.epoch).toBe(first > 1 ? first - 1 : undefined);
});

test("a study that fails does not make its epoch one without pictures", () => {
  const fault = (part: string): Event => ({ kind: "fault", part, message: "m", epoch: 3 });
  const of = (part: string) => model({ kind: "epoch_analysed", epoch: 3, seconds: 1 }, fault(part)).epochs.states.get(3)?.kind;
  expect(["features of conv1", "activations of conv1, image 4", "synthetic image of conv1, map 2", "studies"].map(of)).toEqual([
    "failed",
    "analysed",
    "analysed",
    "analysed",
  ]);
});

test("keeps the newest faults and counts them all", () => {
  const subject = new Model();
  for (let seq = 1; seq <= 500; seq++) {
    subject.apply({ seq, time_ms: seq, event: { kind: "fault", part: "p", message: "m", epoch: null } });
  }
  expect(subject.faults.total).toBe(500);
  expect(subject.faults.newest).toHaveLength(200);
  expect(subject.faults.newest[0]!.seq).toBe(500);
});
