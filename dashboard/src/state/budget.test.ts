import { expect, test } from "vitest";
import type { AnalysisPart, BudgetStatus, EpochAnalysed, Event } from "../generated/protocol.ts";
import { Costs, percent, short, spending } from "./budget.ts";
import { Model } from "./model.ts";

const ran = (analysis: AnalysisPart["analysis"], seconds: number, cpu?: number): AnalysisPart => ({
  analysis,
  seconds,
  ...(cpu === undefined ? {} : { cpu_seconds: cpu }),
  skipped: null,
});
const left = (analysis: AnalysisPart["analysis"], skipped: string): AnalysisPart => ({ analysis, seconds: null, skipped });
const analysed = (epoch: number, ...parts: AnalysisPart[]): EpochAnalysed => ({ epoch, seconds: 1, parts });

test("costs and gaps of the newest epochs", () => {
  const costs = new Costs();
  costs.apply(analysed(1, ran("weights", 0.1), ran("maps", 0.5, 0.04), ran("forward", 0.2)));
  costs.apply(analysed(2, ran("weights", 0.2), left("maps", "used up")));
  const [weights, maps, forward, ...others] = costs.analyses;
  expect(others).toEqual([]);
  expect(weights).toMatchObject({ epoch: 2, seconds: 0.2, cpu: undefined, missed: 0, reason: undefined });
  expect(maps).toMatchObject({ name: "feature maps", epoch: 1, seconds: 0.5, cpu: 0.04, missed: 1, without: 2, reason: "used up" });
  // Nothing is said of the way through the network where nothing goes through.
  expect(forward).toMatchObject({ epoch: 1, missed: 0, reason: undefined });
});

test("an epoch that is trained again takes the place of what was", () => {
  const costs = new Costs();
  for (const epoch of [1, 2, 3]) costs.apply(analysed(epoch, left("weights", "too dear")));
  costs.apply(analysed(2, ran("weights", 0.1)));
  expect(costs.count).toBe(2);
  expect(costs.analyses[0]).toMatchObject({ epoch: 2, missed: 1, without: 1, reason: "too dear" });
});

test("a run from before there was a budget has no costs, and breaks nothing", () => {
  const model = new Model();
  const event: Event = { kind: "epoch_analysed", epoch: 1, seconds: 0.5 };
  model.apply({ seq: 1, time_ms: 0, event });
  expect(model.costs.analyses).toEqual([]);
  expect(model.epochs.states.get(1)).toEqual({ kind: "analysed", seconds: 0.5 });
});

test("an epoch knows what was left out, and why", () => {
  const model = new Model();
  model.apply({ seq: 1, time_ms: 0, event: { kind: "epoch_analysed", ...analysed(4, ran("weights", 0.1), left("maps", "used up")) } });
  expect(model.epochs.states.get(4)).toEqual({ kind: "analysed", seconds: 1, skipped: new Map([["maps", "used up"]]) });
});

test("shares and times in words", () => {
  expect([0, 0.004, 0.07, 0.1, 1].map(percent)).toEqual(["0 %", "0.4 %", "7.0 %", "10 %", "100 %"]);
  expect([0.0042, 0.058, 1.24, 61].map(short)).toEqual(["4.2 ms", "58 ms", "1.2 s", "61 s"]);
  const budget = { share: 0.1, used: 0.06, studies_used: 0.02, clock: "wall", cores: 1 } as BudgetStatus;
  expect(spending(budget)).toBe("8.0 % of the time was used, 10 % may be");
  expect(spending({ ...budget, share: 1 })).toBe("8.0 % of the time was used; there is no limit");
  expect(spending({ ...budget, clock: "cpu" })).toBe("8.0 % of the CPU time of one core was used, 10 % may be");
  expect(spending({ ...budget, clock: "cpu", cores: 16 })).toContain("of the CPU time of 16 cores was used");
});
