import { expect, test } from "vitest";
import type { Event, RunStarted } from "../../generated/protocol.ts";
import { Model } from "../../state/model.ts";
import { differences, differs, layersOf, measured, settled } from "./differences.ts";

const started = (layers: string[], parameters = 10): Event => ({
  kind: "run_started",
  ...({ run_id: "r", name: "n", first_epoch: 1, last_epoch: 5, input_shape: [1, 8, 8], parameters } as RunStarted),
  layers: layers.map((name) => ({ name, description: `conv of ${name}`, shape: [1, 1, 1], receptive_field: null, status: { status: "supported" }, outside_definition: null, followed: [], first: false })),
});

const metric = (epoch: number, split: "train" | "valid", name: string, value: number | null, higher_is_better = false): Event => ({
  kind: "metric",
  epoch,
  split,
  name,
  value,
  unit: null,
  higher_is_better,
});

const settling = (state: "settled" | "moving", since: number | null): Event => ({
  kind: "settling",
  epoch: 4,
  layers: [{ layer: "a", state, since, moved_again: 0 }],
  order: null,
  statement: "",
});

function model(...events: Event[]): Model {
  const subject = new Model();
  events.forEach((event, index) => subject.apply({ seq: index + 1, time_ms: 0, event }));
  return subject;
}

const row = (models: Model[], what: string) => differences(models).find((each) => each.what === what);

test("says which run is better, in the metric's direction, and not where all are level or one is alone", () => {
  const one = model(started(["a"]), metric(1, "valid", "Loss", 0.5), metric(2, "valid", "Loss", 0.75), metric(2, "valid", "Accuracy", 90, true));
  const two = model(started(["a"]), metric(1, "valid", "Loss", 0.25), metric(2, "valid", "Loss", 0.75), metric(2, "valid", "Accuracy", 95, true));
  const none = model(started(["a"]), metric(1, "valid", "Loss", null));
  expect(row([one, two, none], "best Loss, validation")).toEqual({
    what: "best Loss, validation",
    values: ["0.5000 at epoch 1", "0.2500 at epoch 1", "–"],
    best: [false, true, false],
  });
  expect(row([one, two, none], "last Loss, validation")).toEqual({ what: "last Loss, validation", values: ["0.7500", "0.7500", "not finite"], best: [false, false, false] });
  expect(row([one, two], "last Accuracy, validation")?.best).toEqual([false, true]);
  expect(row([one, none], "best Accuracy, validation")?.best).toEqual([false, false]);
});

test("what only the training has is shown and not judged", () => {
  const subject = model(started(["a"]), metric(1, "valid", "Loss", 1), metric(1, "train", "Loss", 1), metric(1, "train", "Learning rate", 0.1));
  const other = model(started(["a"]), metric(1, "train", "Learning rate", 0.2));
  expect(measured([subject, other]).map(({ split, name }) => `${split} ${name}`)).toEqual(["valid Loss", "train Loss", "train Learning rate"]);
  expect(row([subject, other], "last Learning rate, training")?.best).toEqual([false, false]);
  expect(row([subject, other], "best Learning rate, training")).toBeUndefined();
  expect(row([subject, other], "last Loss, training")).toBeUndefined();
});

test("layers are aligned by name, and what one run lacks is said", () => {
  const one = model(started(["a", "b"]), settling("settled", 3));
  const two = model(started(["a", "c"], 20), settling("moving", null));
  expect(layersOf([one, two])).toEqual(["a", "b", "c"]);
  expect(row([one, two], "watched layers")?.values).toEqual(["2 layers; without c", "2 layers; without b"]);
  expect(differs(row([one, two], "parameters")!)).toBe(true);
  expect(differs(row([one, two], "input")!)).toBe(false);
  expect(settled([one, two]).map(({ values }) => values)).toEqual([
    ["epoch 3", "moving"],
    ["–", "no such layer"],
    ["no such layer", "–"],
  ]);
});
