import { expect, test } from "vitest";
import type { Record } from "../generated/protocol.ts";
import { Backlog } from "./backlog.ts";

function some(count: number): Record[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    time_ms: 0,
    event: { kind: "epoch_analysed", epoch: index, seconds: 0 },
  }));
}

test("hands on all records in order, in portions with pauses between", () => {
  const seen: number[] = [];
  const waiting: (() => void)[] = [];
  let clock = 0;
  const backlog = new Backlog(
    (records) => {
      clock += 3;
      seen.push(...records.map(({ seq }) => seq));
    },
    (work) => waiting.push(work),
    () => clock,
  );
  backlog.push(some(1000));
  let pauses = 0;
  while (waiting.length > 0) {
    const before = seen.length;
    waiting.shift()!();
    expect(seen.length - before).toBeLessThan(300);
    pauses += 1;
  }
  expect(pauses).toBeGreaterThan(3);
  expect(seen).toEqual(some(1000).map(({ seq }) => seq));
});

test("forgets what it has not handed on", () => {
  const seen: Record[] = [];
  const waiting: (() => void)[] = [];
  const backlog = new Backlog((records) => seen.push(...records), (work) => waiting.push(work));
  backlog.push(some(10));
  backlog.clear();
  backlog.push(some(2));
  while (waiting.length > 0) waiting.shift()!();
  expect(seen).toHaveLength(2);
});
