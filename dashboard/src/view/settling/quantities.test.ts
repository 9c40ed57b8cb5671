import { expect, test } from "vitest";
import type { LayerChanges } from "../../state/changes.ts";
import { quantityOf, rampOf } from "./quantities.ts";

function layer(...values: (number | null)[]): LayerChanges {
  return { epochs: values.map((_, epoch) => epoch), value: (_: string, epoch: number) => values[epoch] } as unknown as LayerChanges;
}

test.each<[string, LayerChanges[], number, number, boolean]>([
  ["the range of what there is", [layer(0.5, 0.02), layer(0.1)], 0.02, 0.5, false],
  ["three powers of ten at most", [layer(0.5, 1e-6)], 0.0005, 0.5, true],
  ["rounding alone is dark", [layer(1e-6, 3e-8)], 1e-7, 1e-4, true],
  ["nothing has changed", [layer(0, null)], 0.001, 1, false],
])("colours of changes: %s", (_, layers, low, high, clamped) => {
  const ramp = rampOf(quantityOf("change"), layers);
  expect([ramp.low, ramp.high]).toEqual([expect.closeTo(low, 10), expect.closeTo(high, 10)]);
  expect(ramp.clamped).toBe(clamped);
});
