import { expect, test } from "vitest";
import type { Status } from "../generated/protocol.ts";
import { duration, fineDuration, number, runWords } from "./words.ts";

const status = (change: Partial<Status>): Status => ({
  state: "training",
  epoch: 3,
  last_epoch: 10,
  split: "train",
  items_done: 1,
  items_total: 2,
  snapshots_dropped: 0,
  stopping: null,
  analysing: null,
  studies: [],
  next_studies: null,
  alive_ms: 1_000_000,
  ...change,
});
const words = (change: Partial<Status>, now = 1_000_500, live = true) =>
  runWords(status(change), undefined, now, live).text;

test("says what the run is doing", () => {
  expect(words({ state: "starting", epoch: 0, split: null })).toBe("starting");
  expect(words({})).toBe("training epoch 3");
  expect(words({ split: "valid" })).toBe("validating epoch 3");
  expect(words({ analysing: 2 })).toBe("training epoch 3 · analysing epoch 2");
  expect(words({ analysing: 0 })).toBe("training epoch 3 · analysing the untrained model");
  expect(words({ state: "analysing", analysing: 10 })).toBe("training is over · analysing epoch 10");
  expect(words({ state: "inspecting", analysing: 3 })).toBe("looking into a trained model · analysing epoch 3");
  expect(runWords(undefined, undefined, 0, true).text).toBe("waiting for the run");
});

test("notices that a run was killed", () => {
  const lost = runWords(status({}), undefined, 1_000_000 + 125_000, false);
  expect(lost.text).toBe("no sign of life for 2 min");
  expect(lost.detail).toContain("killed or suspended");
  expect(lost.tone).toBe("bad");
  expect(words({ state: "ended" }, 9_000_000)).toBe("ended");
});

test("without a connection it claims nothing about now", () => {
  const lost = runWords(status({ alive_ms: 1000 }), undefined, 90_000, true, false);
  expect(lost).toMatchObject({ tone: "quiet", text: "was training epoch 3" });
  expect(lost.detail).toContain("when the connection was lost");
});

test("says that an epoch is the last, and why", () => {
  const words = runWords(status({ alive_ms: 1000, stopping: "asked for on the dashboard" }), undefined, 2000, true);
  expect(words).toMatchObject({ text: "training epoch 3", detail: "the last: asked for on the dashboard" });
});

test("says how the run ended", () => {
  const ended = { outcome: "interrupted", reason: "early stopping" } as const;
  expect(runWords(status({}), ended, 9_000_000, false)).toMatchObject({
    text: "interrupted",
    detail: "early stopping",
  });
});

test("numbers and spans are short", () => {
  expect([0, 0.5, -12.3456, 1234.5, 1e-7, 2e9, null].map(number)).toEqual(
    ["0", "0.5000", "−12.35", "1235", "1.00e-7", "2.00e9", "not finite"],
  );
  expect([900, 59_000, 180_000, 7_200_000, 3e8].map(duration)).toEqual(["1 s", "59 s", "3 min", "2 h", "3 days"]);
  expect([4, 440, 1_640, 9_940, 9_960, 180_000].map(fineDuration)).toEqual(["0.004 s", "0.44 s", "1.6 s", "9.9 s", "10 s", "3 min"]);
});
