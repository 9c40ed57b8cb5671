import { expect, test } from "vitest";
import { lonely } from "./lonely.ts";

test.each<[string, (number | null | undefined)[], number[]]>([
  ["nothing", [], []],
  ["no value", [null, undefined, null], []],
  ["one epoch", [5], [0]],
  ["a line", [1, 2, 3], []],
  ["alone between gaps, and at both ends", [1, null, 2, null, 3, 4, null, 5], [0, 2, 7]],
  ["what another series adds is no gap", [undefined, 1, undefined, 2, undefined], []],
  ["nor is it a neighbour", [null, undefined, 1, undefined, null], [2]],
])("%s", (_, values, expected) => {
  expect(lonely({ data: [values.map((_, i) => i), values] }, 1)).toEqual(expected);
});
