import { expect, test } from "vitest";
import { classLook, corners } from "./looks.ts";

const key = (label: number): string => JSON.stringify(classLook(label));

test("eight classes differ in colour and in shape, 128 in something", () => {
  const first = Array.from({ length: 8 }, (_, label) => classLook(label));
  expect(new Set(first.map(({ colour }) => colour)).size).toBe(8);
  expect(new Set(first.map(({ shape }) => shape)).size).toBe(8);
  expect(new Set(Array.from({ length: 128 }, (_, label) => key(label))).size).toBe(128);
});

test("shapes are about as large as each other, and in the middle", () => {
  for (let label = 0; label < 8; label++) {
    const points = corners(classLook(label).shape);
    if (points.length === 0) continue;
    let [area, x, y] = [0, 0, 0];
    points.forEach(([ax, ay], at) => {
      const [bx, by] = points[(at + 1) % points.length]!;
      area += (ax * by - bx * ay) / 2;
      [x, y] = [x + ax / points.length, y + ay / points.length];
    });
    expect(Math.abs(area)).toBeGreaterThan(0.7 * Math.PI);
    expect(Math.abs(area)).toBeLessThan(1.2 * Math.PI);
    expect(Math.hypot(x, y)).toBeLessThan(1e-9);
  }
});
