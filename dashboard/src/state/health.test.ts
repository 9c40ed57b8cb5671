import { expect, test } from "vitest";
import type { Event } from "../generated/protocol.ts";
import { Model } from "./model.ts";

const health = (epoch: number, values: { [name: string]: number | null }): Event => ({
  kind: "layer_health",
  epoch,
  layer: "conv1",
  values,
  units: {},
});

function model(...events: Event[]): Model {
  const subject = new Model();
  events.forEach((event, index) => subject.apply({ seq: index + 1, time_ms: 0, event }));
  return subject;
}

test("tells readings that are not finite from those that are not there", () => {
  const subject = model(health(0, { a: 1 }), health(2, { a: null, b: 3 }), health(1, { a: 2, b: 0 }));
  expect(subject.health.history("conv1", "a", subject.epochs)).toEqual({ epochs: [0, 1, 2], values: [1, 2, null] });
  expect(subject.health.history("conv1", "b", subject.epochs).values).toEqual([undefined, 0, 3]);
  expect(subject.health.has("conv1", "b")).toBe(true);
  expect(subject.health.has("conv1", "c")).toBe(false);
  expect(subject.health.history("gone", "a", subject.epochs)).toEqual({ epochs: [], values: [] });
});

test("a dropped epoch is a gap, one that was not planned is none", () => {
  const subject = model(
    health(0, { a: 1 }),
    health(2, { a: 2 }),
    { kind: "snapshot_dropped", epoch: 3, total: 1 },
    health(4, { a: 3 }),
  );
  expect(subject.health.history("conv1", "a", subject.epochs)).toEqual({ epochs: [0, 2, 3, 4], values: [1, 2, undefined, 3] });
  const series = subject.health.of("conv1")!;
  expect(subject.epochs.gapBetween(0, 2, series)).toBe(false);
  expect(subject.epochs.gapBetween(2, 4, series)).toBe(true);
});

test("the newest watchlist counts", () => {
  const rule = (id: string, silenced: boolean) =>
    ({ id, metric: "a", layers: ["conv1"], silenced, levels: [], compare: "at_least", clear: null }) as never;
  const subject = model(
    { kind: "watchlist", statistics: [], rules: [rule("old", false)], nulls: [] },
    {
      kind: "watchlist",
      statistics: [{ name: "a", label: "A", meaning: "", formula: "", subject: "maps", scale: "share" }],
      rules: [rule("one", false), rule("two", true)],
      nulls: [{ layer: "conv1", statistic: "a", low: 0, high: 1 }],
    },
  );
  const watched = subject.watched!;
  expect(watched.rulesOn("a", "conv1").map(({ id }) => id)).toEqual(["one"]);
  expect(watched.rulesOn("a", "conv2")).toEqual([]);
  expect(watched.rule("old")).toBeUndefined();
  expect(watched.band("a", "conv1")?.high).toBe(1);
  expect([...watched.layers()]).toEqual(["conv1"]);
});
