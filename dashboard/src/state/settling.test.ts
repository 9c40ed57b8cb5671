import { expect, test } from "vitest";
import type { Event, LayerEvolution, LayerSettling } from "../generated/protocol.ts";
import { Model } from "./model.ts";

const evolution = (epoch: number, more: Partial<LayerEvolution> = {}): Event => ({
  kind: "layer_evolution",
  epoch,
  layer: "conv1",
  previous: epoch === 0 ? null : epoch - 1,
  change: epoch === 0 ? null : 0.5 / epoch,
  floor: 0.25,
  weight_change: null,
  top_overlap: 0.5,
  top_rank_overlap: null,
  jumps: 0,
  projection_similarity: null,
  to_earlier: [],
  close_since: null,
  top_close_since: null,
  ...more,
});

const settling = (epoch: number, state: LayerSettling["state"], since: number | null = null, moved_again = 0): Event => ({
  kind: "settling",
  epoch,
  layers: [{ layer: "conv1", state, since, moved_again }],
  order: null,
  statement: `after ${epoch}`,
});

function model(...events: Event[]): Model {
  const subject = new Model();
  events.forEach((event, index) => subject.apply({ seq: index + 1, time_ms: 0, event }));
  return subject;
}

test("keeps a layer's changes, and tells no reading from an epoch that was not read", () => {
  const changes = model(...Array.from({ length: 40 }, (_, epoch) => evolution(epoch))).changes.of("conv1")!;
  expect(changes.value("change", 0)).toBeNull();
  expect(changes.value("change", 2)).toBe(0.25);
  expect(changes.value("previous", 39)).toBe(38);
  expect(changes.value("jumps", 39)).toBe(0);
  expect(changes.value("change", 40)).toBeUndefined();
  expect(changes.epochs).toHaveLength(40);
});

test("why a change cannot be told is what the recorder says, and nothing where it says nothing", () => {
  const changes = model(
    evolution(0),
    evolution(1, { change: null, state: "constant" }),
    evolution(2, { change: null }),
    evolution(1, { change: null, state: "dead" }),
    evolution(3, { change: null, state: "not_finite" }),
    evolution(3),
  ).changes.of("conv1")!;
  expect([0, 1, 2, 3].map((epoch) => changes.state(epoch))).toEqual([undefined, "dead", undefined, undefined]);
});

test("only the newest likeness is kept", () => {
  const changes = model(
    evolution(1, { to_earlier: [{ epoch: 0, similarity: 0.5 }] }),
    evolution(2, { to_earlier: [{ epoch: 0, similarity: 0.25 }, { epoch: 1, similarity: 0.75 }] }),
  ).changes.of("conv1")!;
  expect(changes.likeness?.epoch).toBe(2);
  expect(changes.likeness?.byEpoch.values).toEqual([0.25, 0.75]);
});

test("an epoch that is read again replaces the reading; a dropped one takes it away", () => {
  const changes = model(
    evolution(1),
    evolution(2),
    evolution(1, { change: 0.125 }),
    { kind: "snapshot_dropped", epoch: 2, total: 1 },
    evolution(3),
  ).changes.of("conv1")!;
  expect(changes.epochs).toEqual([1, 3]);
  expect(changes.value("change", 1)).toBe(0.125);
  expect(changes.value("change", 3)).toBeCloseTo(0.5 / 3);
});

test("tells when a layer was settled and when it moved again", () => {
  const { settlings } = model(
    settling(1, "moving"),
    settling(7, "settled", 5),
    settling(8, "settled", 5),
    settling(12, "moved_again", null, 1),
    settling(20, "settled", 18, 1),
  );
  expect(settlings.stays("conv1")).toEqual([
    { state: "settled", from: 5, to: 12 },
    { state: "settled", from: 18, to: undefined },
  ]);
  expect(settlings.movedAgain("conv1")).toEqual([12]);
  expect(settlings.standing("conv1", 6)?.state).toBe("moving");
  expect(settlings.standing("conv1")).toEqual({ epoch: 20, state: "settled", since: 18, moved_again: 1 });
  expect(settlings.standing("conv2")).toBeUndefined();
  expect(settlings.newest?.statement).toBe("after 20");
});

test("a layer may be frozen from the start, or die", () => {
  const { settlings } = model(settling(1, "frozen"), settling(4, "moving"), settling(9, "dead"));
  expect(settlings.stays("conv1")).toEqual([
    { state: "frozen", from: 0, to: 4 },
  ]);
});

test("what was told of epochs that are trained again no longer holds", () => {
  const { settlings } = model(settling(5, "settled", 3), settling(9, "moved_again", null, 1), settling(7, "settled", 3));
  expect(settlings.stays("conv1")).toEqual([{ state: "settled", from: 3, to: undefined }]);
  expect(settlings.movedAgain("conv1")).toEqual([]);
});
