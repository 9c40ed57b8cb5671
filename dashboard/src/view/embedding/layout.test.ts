import { expect, test } from "vitest";
import { between, ease, nearestPoint, pictureSize, place, spaced, type Point } from "./layout.ts";

const POINTS: Point[] = [[-2, 0.5], [1, -1], [0, 0], [1.5, 1]];

test("points fit, have one scale on both axes, and up is up", () => {
  for (const [width, height] of [[800, 400], [300, 600], [500, 500]] as const) {
    const placed = place(POINTS, width, height, 22);
    for (const [x, y] of placed) {
      expect(Math.min(x, y, width - x, height - y)).toBeGreaterThan(15);
    }
    expect(placed[2]).toEqual([width / 2, height / 2]);
    const scale = (placed[3]![0] - width / 2) / 1.5;
    expect(scale).toBeGreaterThan(0);
    expect(height / 2 - placed[3]![1]).toBeCloseTo(scale);
    expect(placed[0]![0] - width / 2).toBeCloseTo(-2 * scale);
  }
});

test("one point, none, or no room does no harm", () => {
  expect(place([[0, 0]], 100, 100, 22)).toEqual([[50, 50]]);
  expect(place([], 100, 100, 22)).toEqual([]);
  expect(place(POINTS, 0, 0, 22).flat().every(Number.isFinite)).toBe(true);
});

test("the nearest point is hit, and only within reach", () => {
  const placed = place(POINTS, 400, 400, 22);
  expect(placed.map(([x, y]) => nearestPoint(placed, [x + 3, y - 3], 10))).toEqual([0, 1, 2, 3]);
  expect(nearestPoint(placed, [0, 0], 10)).toBeUndefined();
  expect(nearestPoint([[0, 0], [4, 0]], [3, 0], 10)).toBe(1);
});

test("points move from where they are to where they belong", () => {
  const to: Point[] = [...POINTS, [9, 9]];
  expect(between([[0, 0], [0, 0], [0, 0], [0, 0]], to, 0)).toEqual([[0, 0], [0, 0], [0, 0], [0, 0], [9, 9]]);
  expect(between(POINTS.map(() => [0, 0]), to, 1)).toEqual(to);
  expect([0, 0.5, 1].map(ease)).toEqual([0, 0.5, 1]);
});

test("epochs are spread evenly, the shown one among them", () => {
  const epochs = Array.from({ length: 41 }, (_, at) => 5 * at);
  expect(spaced([0, 5, 10], 8, 5)).toEqual([0, 5, 10]);
  expect(spaced(epochs, 5, undefined)).toEqual([0, 50, 100, 150, 200]);
  expect(spaced(epochs, 5, 95)).toEqual([0, 50, 95, 150, 200]);
  expect(spaced(epochs, 5, 195)).toEqual([0, 50, 100, 195, 200]);
  expect(spaced(epochs, 5, 5)).toEqual([0, 5, 100, 150, 200]);
  expect(spaced(epochs, 5, 7)).toEqual([0, 50, 100, 150, 200]);
});

test("pictures get smaller the more there are, not too small to see", () => {
  const sizes = [3, 96, 256, 1000, 100_000].map((count) => pictureSize(count, 800, 500));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect([sizes[0], sizes.at(-1)]).toEqual([36, 14]);
});
