import { expect, test } from "vitest";
import type { Event, Record } from "../generated/protocol.ts";
import { Pace } from "./pace.ts";

function pace(...events: [epoch: number, ms: number][]): Pace {
  const pace = new Pace();
  events.forEach(([epoch, time_ms], at) => pace.apply({ seq: at, time_ms, event: (epoch < 0 ? { kind: "run_started" } : { kind: "metric", epoch }) as Event } as Record));
  return pace;
}

test("an epoch's time is the middle one of the last", () => {
  expect(pace().each).toBeUndefined();
  expect(pace([1, 1000]).each).toBeUndefined();
  expect(pace([1, 1000], [2, 3000]).each).toBe(2000);
  expect(pace([1, 500], [1, 1000], [2, 2800], [2, 3000], [3, 99_000], [4, 101_000]).each).toBe(2000);
});

test("what is told at once, or lies before a new start, says nothing", () => {
  expect(pace([1, 1000], [2, 1000], [3, 1000]).each).toBeUndefined();
  expect(pace([1, 1000], [2, 3000], [-1, 9000], [3, 9500]).each).toBeUndefined();
  expect(pace([1, 1000], [5, 9000]).each).toBeUndefined();
});

test("what remains counts from the end of the last epoch, and is never negative", () => {
  const two = pace([1, 1000], [2, 3000]);
  expect(two.remaining(10, 3, 3000)).toBe(16_000);
  expect(two.remaining(10, 3, 4500)).toBe(14_500);
  expect(two.remaining(10, 3, 60_000)).toBe(14_000);
  expect(two.remaining(2, 3, 60_000)).toBe(0);
  expect(two.remaining(10, 6, 3000)).toBe(10_000);
  expect(two.remaining(10, 11, 3000)).toBe(0);
  expect(pace([1, 1000]).remaining(10, 3, 2000)).toBeUndefined();
});
