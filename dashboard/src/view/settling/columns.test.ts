import { expect, test } from "vitest";
import type { LayerEvolution } from "../../generated/protocol.ts";
import { LayerChanges } from "../../state/changes.ts";
import { axisOf, columnAt, columnsOf } from "./columns.ts";
import { quantityOf, rampOf } from "./quantities.ts";

function changes(...records: Partial<LayerEvolution>[]): LayerChanges {
  const subject = new LayerChanges();
  for (const record of records) {
    const whole = { previous: 0, to_earlier: [], ...record } as LayerEvolution;
    subject.set(whole);
    subject.look(whole);
  }
  return subject;
}

const change = quantityOf("change");
const now = quantityOf("now");

test("a column is an epoch, as long as they can be told apart", () => {
  expect(axisOf(399)).toEqual({ span: { first: 0, last: 399 }, each: 1, count: 400 });
  expect(axisOf(1000)).toEqual({ span: { first: 0, last: 1001 }, each: 3, count: 334 });
  expect(columnAt(axisOf(1000), 1000)).toBe(333);
});

test("readings, gaps, what cannot be judged and nothing to compare with are told apart", () => {
  const subject = changes({ epoch: 0, previous: null, change: null }, { epoch: 1, change: 0.5 }, { epoch: 3, change: null, state: "constant" }, { epoch: 4, change: null, state: "not_known" }, { epoch: 5, change: null });
  expect(columnsOf(change, subject, axisOf(5), 5).map(({ kind }) => kind)).toEqual(["none", "value", "missing", "unjudged", "none", "none"]);
});

test("of several epochs the one with the most change is shown", () => {
  const records = Array.from({ length: 1001 }, (_, epoch) => ({ epoch, change: (epoch % 3) / 4, top_overlap: 0.25 + (epoch % 3) / 4 }));
  const subject = changes(...records);
  expect(columnsOf(change, subject, axisOf(1000), 1000)[2]).toEqual({ epoch: 8, value: 0.5, kind: "value" });
  expect(columnsOf(quantityOf("overlap"), subject, axisOf(1000), 1000)[2]).toEqual({ epoch: 6, value: 0.25, kind: "value" });
});

test("epochs that are not remembered are like the one before them", () => {
  const subject = changes(...[0, 1, 2, 3].map((epoch) => ({ epoch })), {
    epoch: 4,
    to_earlier: [{ epoch: 0, similarity: 0.25 }, { epoch: 2, similarity: 0.75 }],
  });
  const columns = columnsOf(now, subject, axisOf(4), 4);
  expect(columns.map(({ kind }) => kind)).toEqual(["value", "held", "value", "held", "none"]);
  expect(columns.map(({ value }) => value)).toEqual([0.25, 0.25, 0.75, 0.75, undefined]);
});

test("bright is change, whichever the quantity", () => {
  const subject = changes({ epoch: 1, change: 1e-8 }, { epoch: 2, change: 0.5 });
  const bright = rampOf(change, [subject]);
  expect(bright.colour(0.5)).toBe("rgb(254,232,56)");
  expect(bright.colour(0)).toBe("rgb(0,34,78)");
  expect([bright.low, bright.clamped]).toEqual([0.0005, true]);
  expect(rampOf(now, [subject]).colour(1)).toBe("rgb(0,34,78)");
  expect(rampOf(change, []).high).toBe(1);
});
