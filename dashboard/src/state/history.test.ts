import { expect, test } from "vitest";
import { History } from "./history.ts";

test("a record counts unless a start behind it begins at its epoch or before", () => {
  let state = 7;
  const roll = (most: number): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % most;
  for (let round = 0; round < 200; round++) {
    const history = new History();
    const steps = Array.from({ length: 1 + roll(30) }, () => ({ start: roll(4) === 0, epoch: roll(9) }));
    steps.forEach(({ start, epoch }, at) => start && history.start(at + 1, Math.max(1, epoch)));
    steps.forEach(({ start, epoch }, at) => {
      if (start) return;
      const behind = steps.slice(at + 1).filter((step) => step.start);
      const left = behind.some((step) => step.epoch <= 1 || epoch >= step.epoch);
      expect(history.counts(at + 1, epoch), JSON.stringify({ at, steps })).toBe(!left);
    });
  }
});
