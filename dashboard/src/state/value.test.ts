import { expect, test } from "vitest";
import type { AlertRule } from "../generated/protocol.ts";
import { clearWords, levelWords, list, percent, reading } from "./value.ts";

test("readings are printed as their scale wants", () => {
  expect([0, 0.5, 1 / 3, 0.021, 0.0004, 1, 1e-9].map(percent)).toEqual(["0 %", "50 %", "33.3 %", "2.1 %", "0.04 %", "100 %", "< 0.001 %"]);
  expect(reading(null, "share")).toBe("not finite");
  expect(reading(undefined, "share")).toBe("–");
  expect(reading(-0.5, "signed")).toBe("−0.5");
  expect([0.01, 1.36149, 1.04e-56, 2e7].map((value) => reading(value, "linear"))).toEqual(["0.01", "1.361", "1.04e-56", "2e7"]);
});

test("thresholds are put into words", () => {
  const rule = (compare: AlertRule["compare"], threshold: number | null, clear: number | null) =>
    ({ compare, clear, levels: [{ severity: "warning", threshold }] }) as AlertRule;
  const words = (each: AlertRule) => [levelWords(each, each.levels[0]!, "share"), clearWords(each, "share")];
  expect(words(rule("at_least", 0.5, 0.35))).toEqual(["warning from 50 %", "ends below 35 %"]);
  expect(words(rule("at_most", 0.1, null))).toEqual(["warning at or below 10 %", "ends above 10 %"]);
  expect(words(rule("at_least", Number.MIN_VALUE, null))).toEqual(["warning above 0", "ends at 0"]);
  expect(words(rule("not_finite", null, null))).toEqual([
    "warning if not a finite number",
    "ends when it is a finite number again",
  ]);
  expect([list([]), list(["a"]), list(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
});
