import { expect, test } from "vitest";
import { differenceScale, placeOn, pointsWords } from "./scale.ts";

const basis = (difference: number | null, low: number | null, high: number | null) => ({ difference, low, high });

test("no difference is always on the axis, and so is every interval", () => {
  for (const bases of [[basis(0.27, 0.22, 0.32)], [basis(-0.04, -0.09, -0.01), basis(0.02, -0.03, 0.08)], [basis(0.9, 0.8, 1)], [basis(0, 0, 0)]]) {
    const scale = differenceScale(bases);
    expect(scale.low).toBeLessThan(0);
    expect(scale.high).toBeGreaterThan(0);
    expect(scale.ticks.some((tick) => Math.abs(tick) < 1e-9)).toBe(true);
    expect(scale.ticks.length).toBeGreaterThanOrEqual(3);
    expect(scale.ticks.length).toBeLessThanOrEqual(9);
    for (const { low, high } of bases) {
      expect(placeOn(scale, low!)).toBeGreaterThan(0);
      expect(placeOn(scale, high!)).toBeLessThan(100);
    }
  }
});

test("a basis without an interval, or without anything, does no harm", () => {
  expect(differenceScale([basis(0.1, null, null), basis(null, null, null)]).high).toBeGreaterThan(0.1);
  expect(placeOn(differenceScale([basis(null, null, null)]), 0)).toBeCloseTo(50);
});

test("points have a sign, and a real minus", () => {
  expect([0.034, -0.034, 0.001, -0.001].map(pointsWords)).toEqual(["+3", "−3", "0", "0"]);
});
